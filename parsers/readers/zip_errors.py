"""What Python's zipfile raises for a damaged or hostile archive; no documentation names all of it."""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib

ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,  # a member's deflated data
    lzma.LZMAError,
    struct.error,
    NotImplementedError,  # another way of packing, or an archive in several files
    RuntimeError,  # a password
    EOFError,
    OSError,
    ValueError,  # names that cannot be decoded, offsets before the beginning
    OverflowError,
    KeyError,  # a member that the directory does not name
)
