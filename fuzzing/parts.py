"""Inputs made of named parts, so that mutations get past a container's own checks.

An input is either a file as it is, or parts, each after a line ``--- name``. The target builds the container
(ZIP, PDF) soundly around the parts; what it reads inside of it is hostile all the same.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

_HEAD = re.compile(rb"^--- ([^\n]{1,80})\n", re.MULTILINE)


def split(data: bytes) -> dict[str, bytes] | None:
    """The parts of an input by name, None where it is a file as it is."""
    if not _HEAD.match(data):
        return None
    pieces = _HEAD.split(data)
    names = (name.decode("utf-8", "replace") for name in pieces[1::2])
    return {name: body.removesuffix(b"\n") for name, body in zip(names, pieces[2::2], strict=True)}


def join(parts: Mapping[str, bytes]) -> bytes:
    """The input that :func:`split` takes apart into ``parts``."""
    return b"".join(b"--- %s\n%s\n" % (name.encode(), body) for name, body in parts.items())


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP file of ``parts``, stored as they are."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, body in parts.items():
            archive.writestr(zipfile.ZipInfo(name.replace("\0", "") or "part"), body)
    return buffer.getvalue()


def unzipped(payload: bytes, names: tuple[str, ...]) -> dict[str, bytes]:
    """Those of the files called ``names`` that the ZIP file ``payload`` has; none of any other file."""
    if not zipfile.is_zipfile(io.BytesIO(payload)):
        return {}
    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return {name: archive.read(name) for name in names if name in archive.namelist()}
