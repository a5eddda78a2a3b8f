"""PDF → document: pdfplumber's table finder, fed with pypdfium2's characters and paths.

pypdfium2 reads these files several times faster than pdfminer; pdfplumber's finder stays
the table engine. PDFium may abort the whole process on a hostile file, so this reader is
run in a process of its own.
"""

from __future__ import annotations

import ctypes
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from types import SimpleNamespace
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pdfplumber.table import TableFinder, merge_edges

from parsers.document import Block, Cell, Document, Place, Table, UnreadableDocumentError
from parsers.readers.prose import Line, paragraphs

MAX_PAGES = 60
MAX_BYTES = 20 * 1024 * 1024
MAX_CHARACTERS = 20_000
MAX_PATHS = 20_000
MAX_CROSSINGS = 5_000
MAX_SIDE = 14_400  # points: the format's own limit for a page's side
_TAIL = 2048
_THIN = 4.0  # points: a filled box no thicker than this is a rule, a bigger one a background
_SNAP = 3.0
_REACH = 4.0
_LOOSEST = 2.5  # in type sizes: no loose box of a single character is wider or higher
_PAGE_NUMBER = re.compile(r"[-—–－―~·.\s]*(?:第\s*)?\d{1,3}(?:\s*页)?(?:[/共\s]*\d{1,3}\s*页?)?[-—–－―~·.\s]*")
_MARGIN = 0.12  # share of the page's height at top and bottom where a lone number is a page number


@dataclass(frozen=True, slots=True)
class Character:
    """One printed character with its box in points from the page's top left corner."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the box."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


def read_pdf(payload: bytes) -> Document:
    """Read a PDF that has text.

    Raises UnreadableDocumentError with reason ``truncated``, ``encrypted``, ``broken_pdf``,
    ``too_big`` or ``scanned``.
    """
    if len(payload) > MAX_BYTES:
        raise UnreadableDocumentError("too_big", f"PDF of {len(payload)} bytes; at most {MAX_BYTES} are read")
    if b"%%EOF" not in payload[-_TAIL:]:
        raise UnreadableDocumentError("truncated", "the PDF has no end mark; fetch it again")
    try:
        pdf = pdfium.PdfDocument(payload)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocumentError("encrypted", "the PDF asks for a password") from error
        raise UnreadableDocumentError("broken_pdf", f"PDFium cannot open it: {error}") from error
    try:
        return _read(pdf)
    except pdfium.PdfiumError as error:
        raise UnreadableDocumentError("broken_pdf", f"PDFium cannot read a page: {error}") from error
    finally:
        pdf.close()


def _read(pdf: pdfium.PdfDocument) -> Document:
    count = len(pdf)
    if count > MAX_PAGES:
        raise UnreadableDocumentError("too_big", f"{count} pages; at most {MAX_PAGES} are read")
    document = Document(media_type="application/pdf", pages=count)
    lines: list[Line | Table] = []
    characters = 0
    for number in range(1, count + 1):
        page = pdf[number - 1]
        try:
            found, page_lines = _read_page(page, number, len([item for item in lines if isinstance(item, Table)]))
        finally:
            page.close()
        characters += found
        lines += page_lines
    if not characters:
        raise UnreadableDocumentError("scanned", f"{count} pages without any text; install nianbao[ocr] to read scans")
    document.blocks = list(_blocks(lines))
    return document


def _read_page(page: pdfium.PdfPage, number: int, tables_before: int) -> tuple[int, list[Line | Table]]:
    """Characters counted, and the page's lines and tables from top to bottom."""
    width, height = page.get_size()
    if max(width, height) > MAX_SIDE:
        raise UnreadableDocumentError("too_big", f"page {number} measures {width:.0f} × {height:.0f} points")
    to_device = _device_transform(page, width, height)
    characters = _characters(page, number, to_device)
    edges = _close_ends(_merged(_edges(page, number, to_device)))
    if _crossings(edges) > MAX_CROSSINGS:
        raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_CROSSINGS} crossings of rules")
    finder = TableFinder(SimpleNamespace(edges=edges, bbox=(0, 0, width, height), chars=[]), {})
    items: list[tuple[float, Line | Table]] = []
    inside: set[int] = set()
    for found in sorted(finder.tables, key=lambda table: table.bbox[1]):
        grid = _grid(found.cells, characters, number, tables_before + 1)
        if grid is None:
            continue
        table, used = grid
        inside |= used
        tables_before += 1
        items.append((found.bbox[1], table))
    prose = [character for index, character in enumerate(characters) if index not in inside]
    for line in _lines(prose, number, width):
        at_edge = line.top < height * _MARGIN or line.bottom > height * (1 - _MARGIN)
        if not (at_edge and _PAGE_NUMBER.fullmatch(line.text)):
            items.append((line.top, line))
    items.sort(key=lambda item: item[0])
    return len(characters), [item for _top, item in items]


def _blocks(items: Sequence[Line | Table]) -> Iterator[Block]:
    """Join lines to paragraphs; a paragraph may run on over a page break, not over a table."""
    run: list[Line] = []
    for item in items:
        if isinstance(item, Table):
            yield from paragraphs(run)
            run = []
            yield item
        else:
            run.append(item)
    yield from paragraphs(run)


# Characters -----------------------------------------------------------------------------


def _device_transform(page: pdfium.PdfPage, width: float, height: float):  # type: ignore[no-untyped-def]
    """Map page space (origin bottom left, unrotated) to points from the shown page's top left."""
    left, bottom, right, top = page.get_bbox()
    rotation = page.get_rotation()

    def convert(x: float, y: float) -> tuple[float, float]:
        if rotation == 90:
            return y - bottom, x - left
        if rotation == 180:
            return right - x, y - bottom
        if rotation == 270:
            return top - y, right - x
        return x - left, top - y

    return convert


def _characters(page: pdfium.PdfPage, number: int, to_device: Any) -> list[Character]:
    text_page = page.get_textpage()
    try:
        count = pdfium_c.FPDFText_CountChars(text_page)
        if count > MAX_CHARACTERS:
            raise UnreadableDocumentError("too_big", f"page {number} has {count} characters")
        box, matrix = pdfium_c.FS_RECTF(), pdfium_c.FS_MATRIX()
        ink = [ctypes.c_double() for _ in range(4)]
        characters = []
        for index in range(count):
            code = pdfium_c.FPDFText_GetUnicode(text_page, index)
            if code <= 32 or code in (0xA0, 0x3000, 0xFFFE) or pdfium_c.FPDFText_IsGenerated(text_page, index) == 1:
                continue
            # The loose box is the type's own (advance by line height): it tells gaps and
            # lines alike for a full stop and for a Han character, which ink boxes do not.
            if not pdfium_c.FPDFText_GetLooseCharBox(text_page, index, box):
                continue
            scale = math.hypot(matrix.a, matrix.b) if pdfium_c.FPDFText_GetMatrix(text_page, index, matrix) else 1.0
            size = abs(scale * pdfium_c.FPDFText_GetFontSize(text_page, index))
            left, top, right, bottom = box.left, box.top, box.right, box.bottom
            if size and max(right - left, top - bottom) > _LOOSEST * size:
                # In vertical writing PDFium leaves the loose box unscaled; ink will do there.
                pdfium_c.FPDFText_GetCharBox(text_page, index, *(ctypes.byref(side) for side in ink))
                left, right, bottom, top = (side.value for side in ink)
            x0, top0 = to_device(left, top)
            x1, top1 = to_device(right, bottom)
            characters.append(Character(_text(code), min(x0, x1), min(top0, top1), max(x0, x1), max(top0, top1), size))
        return characters
    finally:
        text_page.close()


def _text(code: int) -> str:
    """The character, U+FFFD where the font tells no Unicode for its glyph."""
    private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
    return "\ufffd" if private or 0xD800 <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


def _gap(left: Character, right: Character) -> bool:
    """Whether there is visible white between two neighbours on a line."""
    return right.x0 - left.x1 > 0.28 * max(min(left.size, right.size), right.x1 - right.x0, 4.0)


def _rows(characters: Sequence[Character]) -> list[list[Character]]:
    """Group characters into printed lines, top to bottom, each left to right.

    A character joins the nearest line whose middle lies within half a line's height.
    """
    rows: list[list[Character]] = []
    middles: list[float] = []
    for character in sorted(characters, key=lambda item: item.middle[1]):
        _x, y = character.middle
        near = max(character.size, 4.0) * 0.5
        best = min(range(max(len(rows) - 3, 0), len(rows)), key=lambda row: abs(middles[row] - y), default=None)
        if best is None or abs(middles[best] - y) > near:
            rows.append([character])
            middles.append(y)
        else:
            rows[best].append(character)
    return [sorted(row, key=lambda item: item.x0) for row in rows]


def _join(row: Sequence[Character]) -> str:
    parts = [row[0].text]
    for left, right in pairwise(row):
        if _gap(left, right):
            parts.append(" ")
        parts.append(right.text)
    return "".join(parts)


def _lines(characters: Sequence[Character], page: int, width: float) -> list[Line]:
    lines = []
    for row in _rows(characters):
        boxes = (
            min(item.x0 for item in row),
            min(item.top for item in row),
            max(item.x1 for item in row),
            max(item.bottom for item in row),
        )
        size = median(item.size for item in row) or median(item.bottom - item.top for item in row)
        lines.append(Line(_join(row), page, *boxes, size=size, page_width=width))
    return lines


# Rules ----------------------------------------------------------------------------------


def _edge(x0: float, top: float, x1: float, bottom: float) -> dict[str, Any]:
    horizontal = abs(bottom - top) <= abs(x1 - x0)
    if horizontal:
        top = bottom = (top + bottom) / 2
    else:
        x0 = x1 = (x0 + x1) / 2
    return {
        "object_type": "line",
        "orientation": "h" if horizontal else "v",
        "x0": min(x0, x1),
        "x1": max(x0, x1),
        "top": min(top, bottom),
        "bottom": max(top, bottom),
        "width": abs(x1 - x0),
        "height": abs(bottom - top),
    }


def _edges(page: pdfium.PdfPage, number: int, to_device: Any) -> list[dict[str, Any]]:
    edges: list[dict[str, Any]] = []
    for paths, item in enumerate(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_PATH], max_depth=4), start=1):
        if paths > MAX_PATHS:
            raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_PATHS} drawn paths")
        for x0, y0, x1, y1, is_box in _strokes(item):
            ax, ay = to_device(x0, y0)
            bx, by = to_device(x1, y1)
            wide, high = abs(bx - ax), abs(by - ay)
            if (not is_box or min(wide, high) <= _THIN) and max(wide, high) > 1.0:
                edges.append(_edge(ax, ay, bx, by))
    return edges


def _strokes(item: pdfium.PdfObject) -> Iterator[tuple[float, float, float, float, bool]]:
    """Axis-parallel segments and thin filled boxes of a path in page space.

    A filled shape that is both wide and high is a background, not a rule.
    """
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(item, ctypes.byref(fill), ctypes.byref(stroke))
    if not stroke.value:
        if fill.value:
            x0, y0, x1, y1 = _bounds(item)
            yield x0, y0, x1, y1, True
        return
    matrix = item.get_matrix()
    container = getattr(item, "container", None)
    while container is not None:
        matrix = matrix.multiply(container.get_matrix())
        container = getattr(container, "container", None)
    start = previous = None
    for index in range(min(pdfium_c.FPDFPath_CountSegments(item), MAX_PATHS)):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, index)
        x, y = ctypes.c_float(), ctypes.c_float()
        pdfium_c.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = matrix.on_point(x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            start = point
        elif previous is not None and kind == pdfium_c.FPDF_SEGMENT_LINETO and _straight(previous, point):
            yield *previous, *point, False
        previous = point
        if pdfium_c.FPDFPathSegment_GetClose(segment) and start is not None and _straight(previous, start):
            yield *previous, *start, False


def _bounds(item: pdfium.PdfObject) -> tuple[float, float, float, float]:
    box = item.get_bounds()
    container = getattr(item, "container", None)
    if container is None:
        return box
    corners = [(box[0], box[1]), (box[2], box[3])]
    while container is not None:
        matrix = container.get_matrix()
        corners = [matrix.on_point(*corner) for corner in corners]
        container = getattr(container, "container", None)
    return (*corners[0], *corners[1])


def _straight(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return min(abs(a[0] - b[0]), abs(a[1] - b[1])) < 1.0


def _merged(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return merge_edges(edges, _SNAP, _SNAP, _SNAP, _SNAP) if edges else []


def _close_ends(edges: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add the rule that is missing where a band of vertical rules ends.

    At a page break many editors draw no bottom rule under the last row and no top rule above
    the first; without it the finder loses that row.
    """
    vertical = [edge for edge in edges if edge["orientation"] == "v"]
    horizontal = [edge for edge in edges if edge["orientation"] == "h"]
    added: list[dict[str, Any]] = []
    for side in ("bottom", "top"):
        for y in {round(edge[side], 1) for edge in vertical}:
            band = [edge for edge in vertical if abs(edge[side] - y) <= _SNAP]
            x0, x1 = min(edge["x0"] for edge in band), max(edge["x1"] for edge in band)
            if len(band) < 2 or x1 - x0 < _REACH:
                continue
            covered = any(
                abs(edge["top"] - y) <= _SNAP and edge["x0"] <= x0 + _REACH and edge["x1"] >= x1 - _REACH
                for edge in [*horizontal, *added]
            )
            if not covered:
                added.append(_edge(x0, y, x1, y))
    return _merged([*edges, *added]) if added else edges


def _crossings(edges: list[dict[str, Any]]) -> int:
    vertical = sum(edge["orientation"] == "v" for edge in edges)
    return vertical * (len(edges) - vertical)


# Tables ---------------------------------------------------------------------------------


def _grid(
    boxes: Sequence[tuple[float, float, float, float]], characters: Sequence[Character], page: int, number: int
) -> tuple[Table, set[int]] | None:
    """Cells on a grid of the distinct rules, and the indexes of the characters within.

    None for a frame around prose: fewer than two columns, or a lone row of one cell.
    """
    xs = _distinct([x for box in boxes for x in (box[0], box[2])])
    ys = _distinct([y for box in boxes for y in (box[1], box[3])])
    if len(xs) < 3 or len(ys) < 2:
        return None
    holders: list[list[Character]] = [[] for _ in boxes]
    used: set[int] = set()
    ordered = sorted(range(len(boxes)), key=lambda index: boxes[index][1])
    for index, character in enumerate(characters):
        x, y = character.middle
        for box_index in ordered:
            x0, top, x1, bottom = boxes[box_index]
            if x0 <= x < x1 and top <= y < bottom:
                holders[box_index].append(character)
                used.add(index)
                break
    cells = []
    for box, inside in zip(boxes, holders, strict=True):
        column, row = _nearest(xs, box[0]), _nearest(ys, box[1])
        text = "\n".join(_join(line) for line in _rows(inside)) if inside else ""
        cells.append(
            Cell(
                text,
                row,
                column,
                max(_nearest(ys, box[3]) - row, 1),
                max(_nearest(xs, box[2]) - column, 1),
                Place(page=page, box=_rounded(box), table=number, row=row + 1, column=column + 1),
            )
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Table(cells, aligned=True, place=Place(page=page, table=number)), used


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x0, top, x1, bottom = (round(value, 1) for value in box)
    return x0, top, x1, bottom


def _distinct(values: Sequence[float]) -> list[float]:
    distinct: list[float] = []
    for value in sorted(values):
        if not distinct or value - distinct[-1] > _SNAP / 2:
            distinct.append(value)
    return distinct


def _nearest(values: Sequence[float], value: float) -> int:
    return min(range(len(values)), key=lambda index: abs(values[index] - value))
