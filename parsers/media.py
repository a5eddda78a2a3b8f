"""Media types told from a file's content; what servers say of it is often wrong."""

from __future__ import annotations

import re

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XLSB = "application/vnd.ms-excel.sheet.binary.macroEnabled.12"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
ODT = "application/vnd.oasis.opendocument.text"
OFD = "application/ofd"
ZIP = "application/zip"
RAR = "application/vnd.rar"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
OLE = "application/x-ole-storage"
ENCRYPTED = "application/encrypted"
WORD_XML = "application/vnd.ms-word2006ml"
MHTML = "multipart/related"
SEVEN_ZIP = "application/x-7z-compressed"
GZIP = "application/gzip"
RTF = "application/rtf"
PNG = "image/png"
JPEG = "image/jpeg"
GIF = "image/gif"
TIFF = "image/tiff"
BMP = "image/bmp"
WEBP = "image/webp"
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
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"7z\xbc\xaf\x27\x1c", SEVEN_ZIP),
    (b"\x1f\x8b\x08", GZIP),
)
_IN_ZIP = (
    (b"word/document.xml", DOCX),
    (b"xl/workbook.xml", XLSX),
    (b"xl/workbook.bin", XLSB),
    (b"ppt/presentation.xml", PPTX),
    (b"OFD.xml", OFD),
)
_IN_OLE = (
    ("EncryptedPackage", ENCRYPTED),
    ("WordDocument", DOC),
    ("Workbook", XLS),
    ("Book\0", XLS),
    ("PowerPoint Document", PPT),
)
_WORD_XML_ROOT = re.compile(rb"<(?:w:wordDocument|pkg:package)\s")
_MHTML_HEADERS = re.compile(rb"\A(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}?content-type:\s*multipart/related", re.I)
_HEAD = 4096
_HTML = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|meta|table|div|p|br|span|script|style|link|h[1-6])\b[^<]{0,2000}>",
    re.IGNORECASE,
)
_BINARY_CONTROLS = bytes(set(range(32)) - {8, 9, 10, 11, 12, 13, 26, 27})
_DECODABLE_HEAD = 65536
_CHARACTERS_PER_BROKEN_ONE = 200


def sniff(payload: bytes) -> str:
    """Return the media type of ``payload``, ``application/octet-stream`` if nothing fits."""
    head = payload[:_HEAD]
    # The PDF specification's own readers accept the header anywhere in the first 1024 bytes.
    before, mark, _after = head[:1024].partition(b"%PDF-")
    if mark and not _HTML.search(before):
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip_type(payload)
    if head.startswith(_OLE_MAGIC):
        return _ole_type(payload)
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"BM") and int.from_bytes(head[2:6], "little") == len(payload):
        return BMP
    if _MHTML_HEADERS.match(head):
        return MHTML
    if _WORD_XML_ROOT.search(head):
        return WORD_XML
    return _text_type(payload)


def _zip_type(payload: bytes) -> str:
    # The names are looked up in the directory's bytes: unpacking it would let a crafted file
    # take memory, and a document packed inside has a directory of its own.
    end = payload.rfind(b"PK\x05\x06")
    if end < 0:
        return ZIP
    size, offset = (int.from_bytes(payload[end + at : end + at + 4], "little") for at in (12, 16))
    directory = payload[offset : offset + size]
    if b"mimetypeapplication/vnd.oasis.opendocument.text" in payload[:200]:
        return ODT
    return next((media_type for name, media_type in _IN_ZIP if name in directory), ZIP)


def _ole_type(payload: bytes) -> str:
    # Stream names stand in the directory as UTF-16LE.
    return next((media_type for name, media_type in _IN_OLE if name.encode("utf-16-le") in payload), OLE)


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
    # A few broken characters make no other format of a page.
    return any(
        head.decode(encoding, "replace").count("\ufffd") * _CHARACTERS_PER_BROKEN_ONE <= len(head)
        for encoding in ("utf-8", "gb18030")
    )
