"""Captures in WARC files (ISO 28500), one file per run and process.

Every record is a gzip member of its own, so a file that a killed process left unfinished
loses at most its last record, and a record is read by offset and length alone.
"""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from pathlib import Path

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from archive.errors import ArchiveError

Headers = list[tuple[str, str]]

_REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
# The body is kept decoded, so what described its encoding on the wire is set aside under
# the prefix that replay tools know.
_WIRE_HEADERS = ("content-encoding", "transfer-encoding", "content-length")
_SET_ASIDE = "X-Archive-Orig-"


@dataclass(frozen=True, slots=True)
class Position:
    """Where a record stands: file name, byte offset, byte length of its gzip member."""

    warc: str
    offset: int
    length: int


class WarcFile:
    """The WARC file that one run of one process appends to."""

    def __init__(self, folder: Path, run_id: str, software: str) -> None:
        self.name = f"{run_id}-{os.getpid()}.warc.gz"
        folder.mkdir(parents=True, exist_ok=True)
        self._stream = (folder / self.name).open("ab")
        self._writer = WARCWriter(self._stream, gzip=True, warc_version="WARC/1.1")
        if self._stream.tell() == 0:
            info = {"software": software, "format": "WARC File Format 1.1"}
            self._writer.write_record(self._writer.create_warcinfo_record(self.name, info))

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    def write_request(self, url: str, method: str, target: str, headers: Headers, date: str) -> None:
        """Append a request record."""
        line = StatusAndHeaders(f"{method} {target} HTTP/1.1", headers, is_http_request=True)
        self._append(
            self._writer.create_warc_record(
                url, "request", payload=io.BytesIO(b""), http_headers=line, warc_headers_dict={"WARC-Date": date}
            )
        )

    def write_response(self, url: str, payload: bytes, status: int, headers: Headers, date: str) -> Position:
        """Append a response with its whole decoded payload."""
        return self._append(
            self._writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(payload),
                length=len(payload),
                http_headers=_status(status, headers, len(payload)),
                warc_headers_dict={"WARC-Date": date},
            )
        )

    def write_resource(self, url: str, payload: bytes, media_type: str, date: str) -> Position:
        """Append a file that did not come over HTTP."""
        return self._append(
            self._writer.create_warc_record(
                url,
                "resource",
                payload=io.BytesIO(payload),
                length=len(payload),
                warc_content_type=media_type,
                warc_headers_dict={"WARC-Date": date},
            )
        )

    def write_revisit(
        self, url: str, digest: str, original: tuple[str, str], status: int, headers: Headers, date: str
    ) -> None:
        """Append a revisit: the payload is that of ``original`` (address, date)."""
        record = self._writer.create_revisit_record(
            url,
            digest=digest,
            refers_to_uri=original[0],
            refers_to_date=original[1],
            http_headers=_status(status, headers, 0),
            warc_headers_dict={"WARC-Date": date},
        )
        record.rec_headers.replace_header("WARC-Profile", _REVISIT_PROFILE)
        self._append(record)

    def _append(self, record: ArcWarcRecord) -> Position:
        offset = self._stream.tell()
        self._writer.write_record(record)
        self._stream.flush()
        os.fsync(self._stream.fileno())
        return Position(self.name, offset, self._stream.tell() - offset)


def _status(status: int, headers: Headers, length: int) -> StatusAndHeaders:
    kept = [(f"{_SET_ASIDE}{name}" if name.lower() in _WIRE_HEADERS else name, value) for name, value in headers]
    return StatusAndHeaders(f"{status} ", [*kept, ("Content-Length", str(length))], protocol="HTTP/1.1")


def read_payload(folder: Path, position: Position) -> bytes:
    """Return the payload of the record at ``position``.

    Raises ArchiveError where the file is missing or the record cannot be read.
    """
    path = folder / position.warc
    try:
        with path.open("rb") as stream:
            stream.seek(position.offset)
            member = io.BytesIO(stream.read(position.length))
        record = next(iter(ArchiveIterator(member)))
        return bytes(record.raw_stream.read())
    except FileNotFoundError as error:
        raise ArchiveError(f"{path} is missing; put the WARC file back into {folder}") from error
    except (StopIteration, ArchiveLoadFailed, OSError, EOFError) as error:
        raise ArchiveError(f"{path}: no readable record at offset {position.offset} ({error})") from error
