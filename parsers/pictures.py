"""Pages of a PDF as pictures with the found cells drawn in, so that a wrong cell can be understood."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pypdfium2 as pdfium
from PIL import ImageDraw

from parsers.document import Document
from parsers.readers.pdf_system_fonts import use_system_fonts
from parsers.report import Reading, Report

SCALE = 1.5
"""Pixels per point, about 108 dpi."""

_VALUE, _BLANK, _UNREADABLE, _OTHER = "#1a7f37", "#8c959f", "#cf222e", "#0969da"


def draw_pages(payload: bytes, document: Document, report: Report | None) -> Iterator[bytes]:
    """Yield a PNG of each page: green for numbers, grey for blanks, red for unreadable, blue for other cells."""
    readings = [reading for _name, reading in report.readings()] if report else []
    colours = {(reading.place.page, reading.place.box): _colour(reading) for reading in readings}
    use_system_fonts()
    pdf = pdfium.PdfDocument(payload)
    try:
        for number in range(1, len(pdf) + 1):
            page = pdf[number - 1]
            picture = page.render(scale=SCALE).to_pil().convert("RGB")
            page.close()
            draw = ImageDraw.Draw(picture)
            for table in document.tables:
                for cell in table.cells:
                    if cell.place.page == number and cell.place.box:
                        colour = colours.get((number, cell.place.box), _OTHER)
                        x0, top, x1, bottom = (value * SCALE for value in cell.place.box)
                        draw.rectangle((x0 + 1, top + 1, x1 - 1, bottom - 1), outline=colour, width=2)
            stream = io.BytesIO()
            picture.save(stream, "PNG")
            yield stream.getvalue()
    finally:
        pdf.close()


def _colour(reading: Reading) -> str:
    if reading.kind == "number":
        return _VALUE
    return _UNREADABLE if reading.kind == "unreadable" else _BLANK
