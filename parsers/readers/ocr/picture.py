"""Picture files → document."""

from __future__ import annotations

from parsers.document import Document, Table, UnreadableDocumentError
from parsers.readers.ocr import raster
from parsers.readers.ocr.page import read_page
from parsers.readers.paged import Page, blocks


def read_picture(payload: bytes, media_type: str) -> Document:
    """Read a scanned page, or several in one TIFF.

    Boxes of places are in pixels of the picture. Raises UnreadableDocumentError: ``scanned``
    where nothing can be recognised, and what :func:`raster.of_picture` raises.
    """
    pages: list[Page] = []
    tables = 0
    for number, picture in enumerate(raster.of_picture(payload), start=1):
        pages.append(Page(scanned=True))
        pages[-1].arrange(read_page(picture, number, tables), picture.height)
        tables += sum(isinstance(item, Table) for item in pages[-1].items)
    document = Document(media_type=media_type, pages=len(pages))
    document.blocks = list(blocks(pages))
    if not document.blocks:
        raise UnreadableDocumentError("scanned", "a picture in which no text could be recognised")
    return document
