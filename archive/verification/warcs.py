"""Reading WARC files from end to end, past whatever in them is damaged."""

from __future__ import annotations

import hashlib
import io
import mmap
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator

from archive.warc import RECORD_ERRORS
from parsers.media import sniff
from parsers.normalise import whole_number

MAX_RECORD_BYTES = 512 * 1024 * 1024
"""What one record may unpack to; captures are bounded far below."""

_MEMBER = b"\x1f\x8b\x08"
_CHUNK = 1 << 20
_WITH_PAYLOAD = ("response", "resource")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: where it stands, and what it holds.

    ``sha256`` is that of the payload as it was read, None for records without one; ``stated``
    is what the record says it is. ``method`` and ``body`` are of requests, ``media_type`` is told
    from the payload.
    """

    offset: int
    length: int
    kind: str
    url: str | None = None
    date: str | None = None
    status: int | None = None
    sha256: str | None = None
    stated: str | None = None
    size: int = 0
    media_type: str | None = None
    method: str | None = None
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that holds no whole record. ``torn`` where the file ends within it."""

    offset: int
    length: int
    torn: bool


def read(path: Path) -> Iterator[Record | Damage]:
    """Yield every record of the file, and every stretch between records that is none.

    Raises OSError if the file cannot be read.
    """
    size = path.stat().st_size
    if not size:
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        offset = 0
        while offset < size:
            record = _record(content, offset, size)
            if record is None:
                following = _next_record(content, offset + 1, size)
                yield Damage(offset, following - offset, torn=following == size)
                offset = following
            else:
                yield record
                offset += record.length


def _next_record(content: mmap.mmap, start: int, size: int) -> int:
    while (found := content.find(_MEMBER, start)) != -1:
        if _record(content, found, size) is not None:
            return found
        start = found + 1
    return size


def _record(content: mmap.mmap, offset: int, size: int) -> Record | None:
    unpacked, end = _member(content, offset, size)
    if unpacked is None:
        return None
    try:
        record = next(iter(ArchiveIterator(io.BytesIO(unpacked))), None)
        if record is None:
            return None
        content_of = record.raw_stream.read() if record.rec_type in (*_WITH_PAYLOAD, "request") else b""
    except RECORD_ERRORS:
        return None
    header = record.rec_headers.get_header
    digest = header("WARC-Payload-Digest") or ""
    request = record.rec_type == "request"
    payload = content_of if record.rec_type in _WITH_PAYLOAD else None
    line = record.http_headers
    code = line.get_statuscode() if line and not request else None
    return Record(
        offset=offset,
        length=end - offset,
        kind=record.rec_type,
        url=header("WARC-Target-URI"),
        date=header("WARC-Date"),
        status=whole_number(code) if code else None,
        sha256=hashlib.sha256(payload).hexdigest() if payload is not None else None,
        stated=digest.removeprefix("sha256:") or None,
        size=len(payload or b""),
        media_type=sniff(payload) if payload is not None else None,
        method=line.protocol if line and request else None,
        body=content_of if request else b"",
    )


def _member(content: mmap.mmap, offset: int, size: int) -> tuple[bytes | None, int]:
    """The unpacked gzip member at ``offset`` and where it ends; None where there is no whole one."""
    if content[offset : offset + len(_MEMBER)] != _MEMBER:
        return None, offset
    unpacker = zlib.decompressobj(wbits=31)
    parts: list[bytes] = []
    total = 0
    position = offset
    try:
        while not unpacker.eof and position < size:
            chunk = content[position : position + _CHUNK]
            part = unpacker.decompress(chunk, MAX_RECORD_BYTES - total + 1)
            total += len(part)
            if total > MAX_RECORD_BYTES:
                return None, offset
            parts.append(part)
            position += len(chunk)
    except zlib.error:
        return None, offset
    if not unpacker.eof:
        return None, offset
    return b"".join(parts), position - len(unpacker.unused_data)
