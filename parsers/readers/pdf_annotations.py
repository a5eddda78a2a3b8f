"""What a page prints by annotations: fields filled in, text typed over the page, stamps, boxes that cover.

Viewers show these with the page, but they are no part of its own content.
"""

from __future__ import annotations

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from parsers.document import UnreadableDocumentError

MAX_ANNOTATIONS = 2_000
_SILENT = frozenset({pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP, pdfium_c.FPDF_ANNOT_TEXT})
"""Kinds that print nothing of their own, a note's mark apart."""


def with_annotations(pdf: pdfium.PdfDocument, number: int) -> tuple[pdfium.PdfPage, bool]:
    """Page ``number`` with its visible annotations made part of what it prints, and whether that worked.

    Raises UnreadableDocumentError (``too_big``) past MAX_ANNOTATIONS.
    """
    page = pdf[number - 1]
    count = pdfium_c.FPDFPage_GetAnnotCount(page)
    if count > MAX_ANNOTATIONS:
        page.close()
        raise UnreadableDocumentError("too_big", f"page {number} has {count} annotations")
    if not any(_kind(page, index) not in _SILENT for index in range(count)):
        return page, True
    flattened = pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
    # What was added shows once the page is loaded again.
    page.close()
    return pdf[number - 1], flattened != pdfium_c.FLATTEN_FAIL


def _kind(page: pdfium.PdfPage, index: int) -> int:
    annotation = pdfium_c.FPDFPage_GetAnnot(page, index)
    if not annotation:
        return pdfium_c.FPDF_ANNOT_POPUP
    try:
        return int(pdfium_c.FPDFAnnot_GetSubtype(annotation))
    finally:
        pdfium_c.FPDFPage_CloseAnnot(annotation)
