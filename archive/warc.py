"""WARC files (ISO 28500): captures written as they were received, single records read back."""

from __future__ import annotations

import hashlib
import io
import os
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import ChunkedDataException
from warcio.exceptions import ArchiveLoadFailed
from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParserException
from warcio.warcwriter import WARCWriter

from archive.closing import Closing
from archive.errors import ArchiveError, of_system

Headers = Iterable[tuple[str, str]]

_VERSION = "WARC/1.1"
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]+")
_ENCODINGS = {"content-encoding", "transfer-encoding"}
_SECRETS = {"authorization", "proxy-authorization"}
_POSTED = "__wb_method="
_MOST_HEADERS = 1024 * 1024
_URI_PUNCTUATION = "%/:=&?~#+!$,;'@()*[]"

RECORD_ERRORS = (
    *(ArchiveLoadFailed, StatusAndHeadersParserException, ChunkedDataException, zlib.error, EOFError, OSError),
    *(ValueError, AttributeError, TypeError, KeyError, IndexError),
)
"""What warcio raises for a damaged record; that for a header that is missing or in pieces, it does not document."""


@dataclass(frozen=True, slots=True)
class Location:
    """Where a record stands: file name in the captures folder, offset and length in bytes."""

    warc: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer. ``status`` is the HTTP status code, ``fetched_at`` UTC ISO 8601."""

    url: str
    fetched_at: str
    status: int
    request_headers: tuple[tuple[str, str], ...] = ()
    response_headers: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    request_body: bytes = b""


class WarcFile(Closing):
    """A WARC file open for appending; every record is a gzip member of its own.

    Records are on disk when :meth:`sync` returns.
    """

    def __init__(self, path: Path, info: Mapping[str, str]) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Without a buffer of its own, which would keep what the disk had no room for and write it later.
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            raise of_system(f"cannot write {path}", error) from error
        self._end = self._synced = self._file.tell()
        self._torn: ArchiveError | None = None
        if self._end == 0:
            self._append(information(path.name, info))
            self.sync()
            _sync_folder(path.parent)

    def write_response(self, exchange: Exchange, payload: bytes) -> Location:
        """Append response and request; return where the response stands.

        ``payload`` is the decoded body. Headers that no longer describe it are kept under
        ``X-Archive-Orig-`` names, so that the record replays.
        """
        buffer, writer = _buffered_writer()
        record = writer.create_warc_record(
            quoted(exchange.url),
            "response",
            payload=io.BytesIO(payload),
            length=len(payload),
            warc_headers_dict={"WARC-Date": exchange.fetched_at, "WARC-Payload-Digest": _digest(payload)},
            http_headers=_response_headers(exchange, len(payload)),
        )
        return self._write_with_request(buffer, writer, record, exchange)

    def write_revisit(self, exchange: Exchange, payload: bytes, first_url: str, first_date: str) -> Location:
        """Append a revisit record: the payload is that of ``first_url`` as captured at ``first_date``."""
        buffer, writer = _buffered_writer()
        record = writer.create_revisit_record(
            quoted(exchange.url),
            _digest(payload),
            quoted(first_url),
            first_date,
            http_headers=_response_headers(exchange, len(payload)),
            warc_headers_dict={"WARC-Date": exchange.fetched_at},
        )
        return self._write_with_request(buffer, writer, record, exchange)

    def write_resource(self, url: str, fetched_at: str, payload: bytes, media_type: str) -> Location:
        """Append a resource record: a file that came without an HTTP exchange."""
        buffer, writer = _buffered_writer()
        record = writer.create_warc_record(
            quoted(url),
            "resource",
            payload=io.BytesIO(payload),
            length=len(payload),
            warc_content_type=media_type,
            warc_headers_dict={"WARC-Date": fetched_at, "WARC-Payload-Digest": _digest(payload)},
        )
        writer.write_record(record)
        return self._append(buffer.getvalue())

    def sync(self) -> None:
        """Bring to disk what was written. Raises ArchiveError where that fails; then none of it stands."""
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            raise self._taken_back(self._synced, error) from error
        self._synced = self._end

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write_with_request(self, buffer: io.BytesIO, writer: Any, response: Any, exchange: Exchange) -> Location:
        writer.write_record(response)
        length = buffer.tell()
        writer.write_record(_request_record(writer, response, exchange))
        return replace(self._append(buffer.getvalue()), length=length)

    def _append(self, record: bytes) -> Location:
        if self._torn is not None:
            raise self._torn
        offset, rest = self._end, memoryview(record)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise self._taken_back(offset, error) from error
        self._end += len(record)
        return Location(self.path.name, offset, len(record))

    def _taken_back(self, offset: int, error: OSError) -> ArchiveError:
        """Cut the file off at ``offset``: a torn record would hide all that follow it."""
        found = of_system(f"cannot write {self.path}", error)
        try:
            os.ftruncate(self._file.fileno(), offset)
            self._end = offset
        except OSError:
            # Nothing may be written after what is torn.
            self._torn = found
        return found


def capture_url(url: str, method: str, body: bytes) -> str:
    """The address under which a capture is looked up: ``url`` with what was posted to it.

    Tools that replay WARC files tell posted requests apart in the same way.
    """
    if method == "GET":
        return url
    mark = "&" if "?" in url else "?"
    return f"{url}{mark}{_POSTED}{method}&{quote(body, safe='=&')}"


def target_url(url: str) -> str:
    """The address that was asked, of a :func:`capture_url`."""
    return re.split(rf"[?&]{_POSTED}", url, maxsplit=1)[0]


def read_payload(folder: Path, location: Location, sha256: str, size: int) -> bytes:
    """Return the payload of one record, which is ``size`` bytes long and hashes to ``sha256``.

    Reads this record only. Raises ArchiveError, naming file and offset, if it is missing,
    damaged or another one.
    """
    return _read(folder, location, sha256, size)[1]


def read_record(folder: Path, location: Location, sha256: str, size: int) -> bytes:
    """Return one record as it stands in its file, compressed, once its payload was found to be ``sha256``.

    Raises ArchiveError as :func:`read_payload` does.
    """
    return _read(folder, location, sha256, size)[0]


def information(name: str, info: Mapping[str, str]) -> bytes:
    """Return the record that a WARC file called ``name`` begins with, compressed."""
    buffer, writer = _buffered_writer()
    writer.write_record(writer.create_warcinfo_record(name, dict(info)))
    return buffer.getvalue()


def _read(folder: Path, location: Location, sha256: str, size: int) -> tuple[bytes, bytes]:
    """The record as it stands in the file, and its payload."""
    path = folder / Path(location.warc).name
    where = f"{path} at offset {location.offset}"
    try:
        with path.open("rb") as file:
            file.seek(location.offset)
            member = file.read(location.length)
    except OSError as error:
        raise ArchiveError(f"cannot read {where}: {error.strerror}; restore the captures folder") from error
    return member, payload_in(member, sha256, size, where)


def payload_in(member: bytes, sha256: str, size: int, where: str) -> bytes:
    """Return the payload of the record ``member``, as :func:`read_payload`; ``where`` it stands is for the message."""
    try:
        # Unpacked here, for warcio prints what it cannot unpack.
        unpacked = zlib.decompressobj(wbits=31).decompress(member, size + _MOST_HEADERS)
        record = next(iter(ArchiveIterator(io.BytesIO(unpacked))), None)
        payload = record.raw_stream.read(size + 1) if record is not None else b""
    except RECORD_ERRORS as error:
        raise ArchiveError(f"no WARC record in {where}: restore the file from a copy") from error
    if hashlib.sha256(payload).hexdigest() != sha256:
        raise ArchiveError(f"the record in {where} is not {sha256}: restore the file from a copy")
    return bytes(payload)


def _buffered_writer() -> tuple[io.BytesIO, Any]:
    buffer = io.BytesIO()
    return buffer, WARCWriter(buffer, gzip=True, warc_version=_VERSION)


def _digest(payload: bytes) -> str:
    return "sha256:" + hashlib.sha256(payload).hexdigest()


def _clean(headers: Headers) -> list[tuple[str, str]]:
    return [
        (name, _CONTROLS.sub(" ", value).strip())
        for name, value in headers
        if _HEADER_NAME.fullmatch(name) and name.lower() not in _SECRETS
    ]


def _response_headers(exchange: Exchange, length: int) -> StatusAndHeaders:
    headers = []
    for name, value in _clean(exchange.response_headers):
        lower = name.lower()
        if lower in _ENCODINGS or (lower == "content-length" and value != str(length)):
            name = f"X-Archive-Orig-{name}"
        headers.append((name, value))
    if not any(name.lower() == "content-length" for name, _ in headers):
        headers.append(("Content-Length", str(length)))
    status_line = f"{exchange.status} {_phrase(exchange.status)}".strip()
    return StatusAndHeaders(status_line, headers, protocol="HTTP/1.1")


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _request_record(writer: Any, response: Any, exchange: Exchange) -> Any:
    uri = quoted(exchange.url)
    try:
        parts = urlsplit(uri)
    except ValueError:
        parts = urlsplit("")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = _clean(exchange.request_headers)
    if not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", parts.netloc.rpartition("@")[2]))
    return writer.create_warc_record(
        uri,
        "request",
        payload=io.BytesIO(exchange.request_body),
        length=len(exchange.request_body),
        http_headers=StatusAndHeaders(f"{exchange.method} {target} HTTP/1.1", headers, is_http_request=True),
        warc_headers_dict={
            "WARC-Date": exchange.fetched_at,
            "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID"),
        },
    )


def quoted(url: str) -> str:
    """Return ``url`` as records name it: what is no ASCII is percent-encoded."""
    # Keeps valid URIs as they are; line breaks would end the record's header field.
    return quote(url, safe=_URI_PUNCTUATION)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
