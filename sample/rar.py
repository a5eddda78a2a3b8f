"""Packs files into a RAR archive without compressing them, as old portals attach them."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping

_MARKER = bytes.fromhex("526172211a0700")
_END = bytes.fromhex("c43d7b00400700")
_ARCHIVE, _FILE = 0x73, 0x74
_LONG_BLOCK = 0x8000
_WINDOWS, _VERSION, _STORED, _NORMAL_FILE = 2, 20, 0x30, 0x20
_MIDDAY_2021 = (41 << 25) | (1 << 21) | (15 << 16) | (12 << 11)  # in MS-DOS's form


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return an archive of the RAR 2.0 format; names must be ASCII."""
    blocks = [_header(_ARCHIVE, 0, bytes(6))]
    for name, content in files.items():
        encoded = name.encode("ascii")
        facts = struct.pack(
            "<IIBIIBBHI",
            len(content),
            len(content),
            _WINDOWS,
            zlib.crc32(content),
            _MIDDAY_2021,
            _VERSION,
            _STORED,
            len(encoded),
            _NORMAL_FILE,
        )
        blocks += [_header(_FILE, _LONG_BLOCK, facts + encoded), content]
    return _MARKER + b"".join(blocks) + _END


def _header(kind: int, flags: int, rest: bytes) -> bytes:
    body = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
    return struct.pack("<H", zlib.crc32(body) & 0xFFFF) + body
