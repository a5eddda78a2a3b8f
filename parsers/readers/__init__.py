"""Readers: bytes of any supported format → one document model."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from parsers import media
from parsers.document import Document, UnreadableDocumentError
from parsers.media import sniff
from parsers.readers import ocr
from parsers.readers.docx import read_docx
from parsers.readers.html import read_html
from parsers.readers.office import read_office
from parsers.readers.package import read_mhtml, read_rar, read_zip
from parsers.readers.pdf import read_pdf
from parsers.readers.text import read_text
from parsers.readers.word_xml import read_word_xml
from parsers.readers.xlsx import read_workbook

MAX_BYTES = 20 * 1024 * 1024


def _read_part(payload: bytes) -> Document:
    """Read a file from which a Word document takes text; it may take none from others in turn."""
    readers = {media.HTML: read_html, media.TEXT: read_text, media.DOCX: read_docx}
    media_type = _checked_type(payload)
    if media_type == media.MHTML:
        return read_mhtml(payload, read_html)
    if media_type not in readers:
        raise UnreadableDocumentError("unsupported_format", f"the document takes its text from a file of {media_type}")
    return readers[media_type](payload)


READERS: dict[str, Callable[[bytes], Document]] = {
    media.PDF: read_pdf,
    media.DOCX: partial(read_docx, read_part=_read_part),
    media.HTML: read_html,
    media.TEXT: read_text,
    media.WORD_XML: read_word_xml,
    **{kind: partial(read_office, media_type=kind) for kind in (media.DOC, media.RTF, media.ODT)},
    **{kind: partial(read_workbook, media_type=kind) for kind in (media.XLSX, media.XLSB, media.XLS)},
}
_IMAGES = {media.PNG, media.JPEG, media.GIF, media.TIFF, media.BMP, media.WEBP}
_UNSUPPORTED = {
    media.OFD: "an OFD page file; save it as PDF and import that",
    media.PPT: "a PowerPoint presentation; save it as PDF and import that",
    media.PPTX: "a PowerPoint presentation; save it as PDF and import that",
    media.SEVEN_ZIP: "a 7z archive; unpack it and import the report inside",
    media.GZIP: "a gzip file; unpack it and import the report inside",
    media.OLE: "an office file that is neither Word nor Excel; save it as DOCX or PDF and import that",
    media.BINARY: "in no known format; open it, save it as PDF or DOCX and import that",
}


def read(payload: bytes, *, scans: bool = False) -> Document:
    """Read a file, its format told by its content; with ``scans`` pictures too, if the extra ``ocr`` is there.

    Raises UnreadableDocumentError: ``empty``, ``too_big``, ``scanned`` for pictures, ``encrypted``,
    ``unsupported_format`` naming the format and the way out, or what the format's reader raises.
    """
    media_type = _checked_type(payload)
    if media_type == media.ZIP:
        return read_zip(payload, partial(_read_member, scans=scans))
    if media_type == media.RAR:
        return read_rar(payload, partial(_read_member, scans=scans))
    return _read_as(payload, media_type, scans)


def _read_member(payload: bytes, scans: bool) -> Document:
    """Read a file from within an archive; archives inside archives are not opened."""
    return _read_as(payload, _checked_type(payload), scans)


def _checked_type(payload: bytes) -> str:
    if not payload.strip():
        raise UnreadableDocumentError("empty", "the file is empty")
    if len(payload) > MAX_BYTES:
        raise UnreadableDocumentError("too_big", f"{len(payload)} bytes; at most {MAX_BYTES} are read")
    return sniff(payload)


def _read_as(payload: bytes, media_type: str, scans: bool) -> Document:
    if scans and ocr.available():
        # Imported here because the extra is optional and takes a second to load.
        from parsers.readers.ocr.page import read_pdf_page
        from parsers.readers.ocr.picture import read_picture

        if media_type in _IMAGES:
            return read_picture(payload, media_type)
        if media_type == media.PDF:
            return read_pdf(payload, read_pdf_page)
    if media_type in _IMAGES:
        raise UnreadableDocumentError(
            "scanned", f"the file is a picture ({media_type}); install nianbao[ocr] to read scans"
        )
    if media_type == media.ENCRYPTED:
        raise UnreadableDocumentError("encrypted", "the office file asks for a password")
    if media_type == media.MHTML:
        return read_mhtml(payload, read_html)
    if media_type == media.OLE and _lacks_directory(payload):
        raise UnreadableDocumentError("truncated", "the office file breaks off before its directory; fetch it again")
    reader = READERS.get(media_type)
    if reader is None:
        what = _UNSUPPORTED.get(media_type, f"of the type {media_type}, which is not read")
        raise UnreadableDocumentError("unsupported_format", f"the file is {what}")
    return reader(payload)


def _lacks_directory(payload: bytes) -> bool:
    """Whether an OLE file ends before the sector that its header names as its directory."""
    size = 1 << int.from_bytes(payload[30:32], "little") if payload[30:32] in (b"\x09\x00", b"\x0c\x00") else 512
    return (int.from_bytes(payload[48:52], "little") + 1) * size >= len(payload)
