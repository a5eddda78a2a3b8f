"""Readers: bytes of any supported format → one document model."""

from __future__ import annotations

from collections.abc import Callable

from parsers.document import Document, UnreadableDocumentError
from parsers.media import sniff
from parsers.readers.docx import read_docx
from parsers.readers.html import read_html
from parsers.readers.pdf import read_pdf
from parsers.readers.text import read_text

MAX_BYTES = 20 * 1024 * 1024
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

READERS: dict[str, Callable[[bytes], Document]] = {
    "application/pdf": read_pdf,
    _WORD: read_docx,
    "text/html": read_html,
    "text/plain": read_text,
}


def read(payload: bytes) -> Document:
    """Read a file, its format told by its content.

    Raises UnreadableDocumentError: ``empty``, ``too_big``, ``unsupported_format`` or what
    the format's reader raises.
    """
    if not payload.strip():
        raise UnreadableDocumentError("empty", "the file is empty")
    if len(payload) > MAX_BYTES:
        raise UnreadableDocumentError("too_big", f"{len(payload)} bytes; at most {MAX_BYTES} are read")
    media_type = sniff(payload)
    reader = READERS.get(media_type)
    if reader is None:
        raise UnreadableDocumentError("unsupported_format", f"no reader for {media_type}")
    return reader(payload)
