"""Archives, containers and pictures in any bytes, and the archive's own records when they are damaged.

Parts make a ZIP file of members (``zip NAME``), or a WARC record (``warc``); all else is a file as it is.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from archive import warc
from archive.errors import ArchiveError
from archive.verification import warcs
from fuzzing import invariants, mutations, parts, seeds
from fuzzing.target import Target
from fuzzing.targets import documents
from parsers import media, pictures
from parsers.document import UnreadableDocumentError
from parsers.readers import package

_MEMBER, _RECORD = "zip ", "warc"
_PICTURES = {media.PNG, media.JPEG, media.GIF, media.TIFF, media.BMP, media.WEBP}
_MOST_PIXELS = 1_000_000
TOKENS = (
    *(
        b"PK\x03\x04",
        b"PK\x01\x02",
        b"PK\x05\x06",
        b"word/document.xml",
        b"xl/workbook.xml",
        b"__MACOSX/",
        b"../",
        b".html",
    ),
    *(
        b"WARC/1.1\r\n",
        b"WARC-Type: response\r\n",
        b"Content-Length: 99999999\r\n",
        b"Content-Encoding: gzip\r\n",
        b"\r\n\r\n",
    ),
    *(
        b"WARC-Target-URI: ",
        b"Transfer-Encoding: chunked\r\n",
        b"HTTP/1.1 \xb2\xb2 OK\r\n",
        b"WARC-Payload-Digest: sha256:",
        b"ffffffff\r\n",
    ),
)


def _check(data: bytes) -> None:
    found = parts.split(data)
    if found is not None and _RECORD in found:
        _check_record(gzip.compress(found[_RECORD], 1))
        return
    payload = data if found is None else _packed(found)
    documents.check(payload)
    kind = media.sniff(payload)
    with documents.no_programs():
        try:
            inside = package.members(payload)
        except UnreadableDocumentError:
            inside = []
    invariants.promise(sum(len(one.payload) for one in inside) <= package.MAX_TOTAL, "more is unpacked than allowed")
    if kind in _PICTURES:
        _check_picture(payload)
    if data.startswith(b"\x1f\x8b"):
        _check_record(data)


def _packed(found: dict[str, bytes]) -> bytes:
    members = {name.removeprefix(_MEMBER): body for name, body in found.items() if name.startswith(_MEMBER)}
    return parts.zipped(members or {"a": b""})


def _check_picture(payload: bytes) -> None:
    """What the site draws a figure's place on, and what recognition decodes."""
    try:
        pictures.draw_cell_on_picture(payload, (1.0, 1.0, 5.0, 5.0))
    except UnreadableDocumentError:
        return
    try:
        from parsers.readers.ocr import raster
    except ImportError:
        return
    with Image.open(io.BytesIO(payload)) as opened:
        if opened.width * opened.height * getattr(opened, "n_frames", 1) > _MOST_PIXELS:
            return
    try:
        for page in raster.of_picture(payload):
            invariants.promise(page.height > 0, "a page without height")
    except UnreadableDocumentError:
        return


def _check_record(member: bytes) -> None:
    """A damaged record is told from a sound one, whatever stands in it."""
    with tempfile.TemporaryDirectory(prefix="fuzzing-") as name:
        folder = Path(name)
        (folder / "one.warc.gz").write_bytes(member)
        try:
            payload = warc.read_payload(folder, warc.Location("one.warc.gz", 0, len(member)), "0" * 64, len(member))
        except ArchiveError:
            payload = None
        invariants.promise(payload is None, "a record passes for another one")
        end = 0
        for one in warcs.read(folder / "one.warc.gz"):
            invariants.promise(
                one.offset == end and one.length > 0, f"what is read of the file has gaps at {one.offset}"
            )
            end = one.offset + one.length
        invariants.promise(end == len(member), "the end of the file was not looked at")


def _mutate(data: bytes, longest: int, chance: random.Random) -> bytes | None:
    return mutations.mutate(data, longest, chance, TOKENS) if parts.split(data) is not None else None


def _seeds() -> Iterator[bytes]:
    for _name, payload in seeds.documents("hand", ".zip", ".rar", ".docx", ".xlsx", ".xls"):
        if len(payload) <= TARGET.longest:
            yield payload
    pages = [payload for name, payload in seeds.documents("hand", ".html") if name.startswith("html-heading")]
    yield parts.join({"zip a/报告.html": pages[0][:8000], "zip b.txt": "第二份".encode(), "zip __MACOSX/c": b"x"})
    for kind in ("PNG", "JPEG", "GIF", "TIFF", "BMP", "WEBP"):
        picture = Image.new("L", (24, 16), 255)
        picture.putpixel((3, 3), 0)
        picture.save(buffer := io.BytesIO(), kind)
        yield buffer.getvalue()
    frames = [Image.new("1", (16, 16), value) for value in (0, 1)]
    frames[0].save(buffer := io.BytesIO(), "TIFF", save_all=True, append_images=frames[1:])
    yield buffer.getvalue()
    yield gzip.compress(b"abc")
    body = b"<html>a</html>"
    digest = hashlib.sha256(body).hexdigest().encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    for record in (b"response", b"request", b"resource", b"revisit"):
        head = (
            b"WARC/1.1\r\nWARC-Type: %s\r\nWARC-Target-URI: http://a.gov.cn/\r\nWARC-Date: 2025-01-20T00:00:00Z\r\nWARC-Record-ID: "
            b"<urn:uuid:12345678-feb0-11e6-8f83-68a86d1772ce>\r\nWARC-Payload-Digest: sha256:%s\r\nContent-Type: application/http; "
            b"msgtype=%s\r\nContent-Length: %d\r\n\r\n" % (record, digest, record, len(http))
        )
        yield parts.join({"warc": head + http + b"\r\n\r\n"})
        yield gzip.compress(head + http + b"\r\n\r\n")


TARGET = Target("packages", _check, _seeds, _mutate, longest=20_000)
