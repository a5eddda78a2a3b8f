"""Media types told from a file's content; what servers say of it is often wrong."""

from __future__ import annotations

import re

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP = "application/zip"
RAR = "application/vnd.rar"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
OLE = "application/x-ole-storage"
RTF = "application/rtf"
PNG = "image/png"
JPEG = "image/jpeg"
GIF = "image/gif"
HTML = "text/html"
TEXT = "text/plain"
BINARY = "application/octet-stream"

_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MAGIC = (
    (b"Rar!\x1a\x07", RAR),
    (b"{\\rtf", RTF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF8", GIF),
)
_HEAD = 4096
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|table|div|p|br|span|script|style|link|h[1-6])\b[^<]{0,2000}>",
    re.IGNORECASE,
)
_BINARY_CONTROLS = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 26, 27})
_DECODABLE_HEAD = 65536


def sniff(payload: bytes) -> str:
    """Return the media type of ``payload``, ``application/octet-stream`` if nothing fits."""
    head = payload[:_HEAD]
    # The PDF specification's own readers accept the header anywhere in the first 1024 bytes.
    before, mark, _after = head[:1024].partition(b"%PDF-")
    if mark and not _HTML.search(before):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _zip_type(payload)
    if head.startswith(_OLE_MAGIC):
        return _ole_type(payload)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    return _text_type(payload)


def _zip_type(payload: bytes) -> str:
    # The names are looked up in the directory's bytes: unpacking it would let a crafted file
    # take memory, and a document packed inside has a directory of its own.
    end = payload.rfind(b"PK\x05\x06")
    if end < 0:
        return ZIP
    size, offset = (int.from_bytes(payload[end + at : end + at + 4], "little") for at in (12, 16))
    directory = payload[offset : offset + size]
    if b"word/document.xml" in directory:
        return DOCX
    if b"xl/workbook.xml" in directory:
        return XLSX
    return ZIP


def _ole_type(payload: bytes) -> str:
    # Stream names stand in the directory as UTF-16LE.
    if "WordDocument".encode("utf-16-le") in payload:
        return DOC
    if "Workbook".encode("utf-16-le") in payload or "Book\0".encode("utf-16-le") in payload:
        return XLS
    return OLE


def _text_type(payload: bytes) -> str:
    if payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            text = payload[: _DECODABLE_HEAD & ~1].decode("utf-16")
        except UnicodeDecodeError:
            return BINARY
        return HTML if _HTML.search(text.encode()) else TEXT
    head = payload[:_DECODABLE_HEAD]
    if head.translate(None, _BINARY_CONTROLS) != head or not _decodable(head, len(payload) > len(head)):
        return BINARY
    return HTML if _HTML.search(payload[: 4 * _DECODABLE_HEAD]) else TEXT


def _decodable(head: bytes, cut: bool) -> bool:
    for encoding in ("utf-8", "gb18030"):
        try:
            head.decode(encoding)
        except UnicodeDecodeError as error:
            # The cut may go through a character; everything before it must decode.
            if cut and error.start >= len(head) - 4:
                return True
        else:
            return True
    return False
