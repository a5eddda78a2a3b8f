"""Pages of a PDF as pictures with the found cells drawn in, so that a wrong cell can be understood.

Each figure's cell carries the number of its column, the margin beside it prints what was read of
its row, and the head explains numbers and colours.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
from PIL import Image, ImageDraw, ImageFont, ImageOps

from parsers import forms
from parsers.document import Document, Place, UnreadableDocumentError
from parsers.readers.pdf_system_fonts import use_system_fonts
from parsers.report import Reading, Report

SCALE = 2.0
"""Pixels per point, 144 dpi."""
HEAD = 100
"""Height in pixels of the strip above the page."""
MARGIN = 560
"""Width in pixels of the strip to the right of the page."""

WIDEST, TALLEST = 1_240, 1_754
"""Pixels of a picture of one cell's page: A4 at 150 dpi."""
MOST_PIXELS = 80_000_000
DAMAGE = (OSError, EOFError, SyntaxError, ValueError, IndexError, KeyError, TypeError, struct.error)
"""What Pillow raises for a damaged picture, while it opens it, decodes it, or looks which side is up."""

_VALUE, _BLANK, _UNREADABLE, _OTHER = "#1a7f37", "#8c959f", "#cf222e", "#0969da"
_LEGEND = ((_VALUE, "number"), (_BLANK, "blank or placeholder"), (_UNREADABLE, "unreadable"), (_OTHER, "other cell"))
_INK, _GROUND = "#1f2328", "#f6f8fa"
_LINE = 17  # pixels between lines of text
_SIZE = 14.0
_TAG_SIZE = 11.0
_NO_NUMBER = {"blank": "-", "placeholder": "/", "unreadable": "?"}


_Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class _Figure:
    """A cell of the form as read, and where it stands."""

    table: str
    row: str
    column: str
    reading: Reading
    box: tuple[float, float, float, float]


def draw_pages(payload: bytes, document: Document, report: Report | None) -> Iterator[bytes]:
    """Yield a PNG of each page: green for numbers, grey for blanks, red for unreadable, blue for other cells."""
    use_system_fonts()
    pdf = pdfium.PdfDocument(payload)
    try:
        for number in range(1, len(pdf) + 1):
            page = pdf[number - 1]
            painted = page.render(scale=SCALE).to_pil().convert("RGB")
            page.close()
            picture = Image.new("RGB", (painted.width + MARGIN, painted.height + HEAD), _GROUND)
            picture.paste(painted, (0, HEAD))
            places = [cell.place for table in document.tables for cell in table.cells if cell.place.page == number]
            _draw(picture, painted.width, number, places, _figures(report, number) if report else [])
            stream = io.BytesIO()
            picture.save(stream, "PNG")
            yield stream.getvalue()
    finally:
        pdf.close()


def draw_cell(payload: bytes, page: int, box: tuple[float, float, float, float]) -> bytes:
    """Return a PNG of one page (from 1) of a PDF with ``box``, in points, outlined.

    The picture is at most WIDEST by TALLEST pixels. Raises UnreadableDocumentError where the file
    has no such page.
    """
    use_system_fonts()
    try:
        pdf = pdfium.PdfDocument(payload)
    except pdfium.PdfiumError as error:
        raise UnreadableDocumentError("broken_pdf", str(error)) from error
    try:
        if not 1 <= page <= len(pdf):
            raise UnreadableDocumentError("broken_pdf", f"the file has no page {page}")
        drawn = pdf[page - 1]
        width, height = drawn.get_size()
        scale = min(WIDEST / max(width, 1), TALLEST / max(height, 1), SCALE)
        painted = drawn.render(scale=scale).to_pil().convert("RGB")
        drawn.close()
    finally:
        pdf.close()
    return _outlined(painted, tuple(value * scale for value in box))


def draw_cell_on_picture(payload: bytes, box: tuple[float, float, float, float]) -> bytes:
    """Return a picture file as PNG with ``box``, in its own pixels, outlined, made smaller as :func:`draw_cell` does.

    Raises UnreadableDocumentError where the file is no picture, or has too many pixels.
    """
    try:
        with Image.open(io.BytesIO(payload)) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise UnreadableDocumentError("too_big", f"{opened.width} by {opened.height} pixels")
            painted = ImageOps.exif_transpose(opened).convert("RGB")
    except (*DAMAGE, Image.DecompressionBombError) as error:
        raise UnreadableDocumentError("broken_picture", str(error)) from error
    scale = min(WIDEST / painted.width, TALLEST / painted.height, 1.0)
    painted = painted.resize((max(1, round(painted.width * scale)), max(1, round(painted.height * scale))))
    return _outlined(painted, tuple(value * scale for value in box))


def _outlined(painted: Image.Image, box: tuple[float, ...]) -> bytes:
    x0, top, x1, bottom = box
    draw = ImageDraw.Draw(painted)
    for grow, colour, width in ((5, _GROUND, 7), (4, _UNREADABLE, 4)):
        draw.rectangle(
            (x0 - grow, top - grow, max(x1, x0) + grow, max(bottom, top) + grow), outline=colour, width=width
        )
    stream = io.BytesIO()
    painted.save(stream, "PNG")
    return stream.getvalue()


def _figures(report: Report, page: int) -> list[_Figure]:
    figures = []
    for name, reading in report.readings():
        if reading.place.page == page and reading.place.box:
            table, row, column = name.split(".")
            figures.append(_Figure(table, row, column, reading, reading.place.box))
    return figures


def _draw(picture: Image.Image, right: int, page: int, places: Sequence[Place], figures: Sequence[_Figure]) -> None:
    draw = ImageDraw.Draw(picture)
    font, small = ImageFont.load_default(_SIZE), ImageFont.load_default(_TAG_SIZE)
    colours = {figure.box: _colour(figure.reading) for figure in figures}
    for place in places:
        if place.box and place.box not in colours:
            draw.rectangle(_pixels(place.box), outline=_OTHER, width=2)
    columns = _columns(figures)
    for figure in figures:
        x0, top, x1, bottom = _pixels(figure.box)
        colour = colours[figure.box]
        draw.rectangle((x0, top, x1, bottom), outline=colour, width=2)
        tag = str(columns[figure.table].index(figure.column) + 1)
        corner = (x0 + 2, top + 2)
        draw.rectangle(draw.textbbox(corner, tag, small), fill="white")
        draw.text(corner, tag, colour, small)
    _draw_rows(draw, right, figures, font)
    x, y = 10.0, 6.0
    draw.text((x, y), f"page {page}", _INK, font)
    x += 90
    for colour, words in _LEGEND:
        draw.rectangle((x, y + 2, x + 12, y + 14), outline=colour, width=3)
        draw.text((x + 18, y), words, _INK, font)
        x += 40 + draw.textlength(words, font)
    for table, names in columns.items():
        y += _LINE
        numbered = "  ".join(f"{at} {name}" for at, name in enumerate(names, start=1))
        draw.text((10, y), f"{table}:  {numbered}", _INK, font)


def _draw_rows(draw: ImageDraw.ImageDraw, right: int, figures: Sequence[_Figure], font: _Font) -> None:
    """Print beside the page what was read of each row, at the row's height where there is room."""
    rows: dict[tuple[str, str], list[_Figure]] = {}
    for figure in figures:
        rows.setdefault((figure.table, figure.row), []).append(figure)
    free = float(HEAD)
    for (_table, row), cells in sorted(rows.items(), key=lambda item: item[1][0].box[1]):
        _x0, top, _x1, bottom = _pixels(cells[0].box)
        y = max((top + bottom - _LINE) / 2, free)
        free = y + _LINE
        words = f"{row}:"
        draw.text((right + 10, y), words, _INK, font)
        x = right + 20 + draw.textlength(words, font)
        for cell in cells:
            read = _NO_NUMBER.get(cell.reading.kind) or f"{cell.reading.number}"
            draw.text((x, y), read, _colour(cell.reading), font)
            x += 12 + draw.textlength(read, font)


def _columns(figures: Sequence[_Figure]) -> dict[str, list[str]]:
    """Codes of each table's columns on a page, in the form's order."""
    orders = {"disclosures": forms.MEASURES, "requests": forms.APPLICANTS, "reviews": forms.OUTCOMES}
    return {
        table: [code for code in orders[table] if code in used]
        for table in orders
        if (used := {figure.column for figure in figures if figure.table == table})
    }


def _pixels(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Rectangle just within a box, on the picture."""
    x0, top, x1, bottom = (value * SCALE for value in box)
    left, up = x0 + 1, top + 1 + HEAD
    return left, up, max(x1 - 1, left), max(bottom - 1 + HEAD, up)


def _colour(reading: Reading) -> str:
    if reading.kind == "number":
        return _VALUE
    return _UNREADABLE if reading.kind == "unreadable" else _BLANK
