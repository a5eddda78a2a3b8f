"""The rules that a PDF page draws, and what it paints over its text."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c
from pdfplumber.table import merge_edges

from parsers.document import UnreadableDocumentError
from parsers.readers.pdf_view import Box, View

MAX_PATHS = 20_000
MAX_OBJECTS = 60_000
MAX_CROSSINGS = 5_000
SNAP = 3.0  # points: rules closer than this are one
_MAX_DEPTH = 12  # forms within forms
_THIN = 4.0  # points: a filled box no thicker than this is a rule, a bigger one a background
_REACH = 4.0
_STRAIGHT = 1.0
_FRAME_SEGMENTS = 8  # at least: two rectangles
_CORNERS = 4
_ON_OUTLINE = 0.05  # points
_SHORTEST = 1.0

Point = tuple[float, float]
Edge = dict[str, Any]
"""An edge as pdfplumber's table finder takes it."""


@dataclass(slots=True)
class Drawing:
    """What a page draws besides text.

    ``edges`` are its rules. ``pictures`` and ``areas`` (anything painted that is wide and high) are
    upright boxes, the latter with their position in the order of painting. ``painted`` holds that of
    each text object by address, -1 for those within forms.
    """

    edges: list[Edge] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    areas: list[tuple[int, Box]] = field(default_factory=list)
    painted: dict[int, int] = field(default_factory=dict)
    paths: int = 0
    objects: int = 0


def read_drawing(page: pdfium.PdfPage, number: int, view: View) -> Drawing:
    """Read the rules of page ``number``; raises UnreadableDocumentError past the limits above."""
    drawing = Drawing()
    _walk(page.raw, None, pdfium.PdfMatrix(), 0, view, drawing, number)
    drawing.edges = _merged(drawing.edges)
    vertical = sum(rule["orientation"] == "v" for rule in drawing.edges)
    if vertical * (len(drawing.edges) - vertical) > MAX_CROSSINGS:
        raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_CROSSINGS} crossings of rules")
    drawing.edges = close_ends(drawing.edges)
    return drawing


def _walk(page: Any, form: Any, outer: pdfium.PdfMatrix, depth: int, view: View, drawing: Drawing, number: int) -> None:
    count = pdfium_c.FPDFFormObj_CountObjects(form) if form else pdfium_c.FPDFPage_CountObjects(page)
    get_type = pdfium_c.FPDFPageObj_GetType
    for index in range(count):
        item = pdfium_c.FPDFFormObj_GetObject(form, index) if form else pdfium_c.FPDFPage_GetObject(page, index)
        drawing.objects += 1
        if drawing.objects > MAX_OBJECTS:
            raise UnreadableDocumentError("too_big", f"page {number} draws more than {MAX_OBJECTS} objects")
        kind = get_type(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            drawing.painted[ctypes.addressof(item.contents)] = -1 if form else drawing.objects
            continue
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            drawing.paths += 1
            if drawing.paths > MAX_PATHS:
                raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_PATHS} drawn paths")
            _read_path(item, outer, view, drawing)
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            box = view.box(*_bounds(item, outer))
            drawing.pictures.append(box)
            drawing.areas.append((drawing.objects, box))
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            if depth >= _MAX_DEPTH:
                raise UnreadableDocumentError("too_big", f"page {number} nests more than {_MAX_DEPTH} drawings")
            _walk(page, item, _matrix(item).multiply(outer), depth + 1, view, drawing, number)


def _matrix(item: Any) -> pdfium.PdfMatrix:
    raw = pdfium_c.FS_MATRIX()
    return pdfium.PdfMatrix.from_raw(raw) if pdfium_c.FPDFPageObj_GetMatrix(item, raw) else pdfium.PdfMatrix()


def _read_path(item: Any, outer: pdfium.PdfMatrix, view: View, drawing: Drawing) -> None:
    """Take a path's axis-parallel segments and thin boxes as rules.

    A filled shape that is both wide and high is a background, not a rule.
    """
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(item, fill, stroke)
    if fill.value:
        x0, top, x1, bottom = box = view.box(*_bounds(item, outer))
        if min(x1 - x0, bottom - top) > _THIN:
            drawing.areas.append((drawing.objects, box))
            if not stroke.value and _is_frame(item, outer, view, box):
                sides = ((x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom))
                drawing.edges += [edge(*side) for side in sides]
        elif not stroke.value and max(x1 - x0, bottom - top) > _SHORTEST:
            drawing.edges.append(edge(x0, top, x1, bottom))
    if stroke.value and not (fill.value and _outlined_in_its_own_colour(item)):
        for start, end in _segments(item, _matrix(item).multiply(outer)):
            (ax, ay), (bx, by) = view.upright(*start), view.upright(*end)
            if max(abs(bx - ax), abs(by - ay)) > _SHORTEST:
                drawing.edges.append(edge(ax, ay, bx, by))


def edge(x0: float, top: float, x1: float, bottom: float) -> Edge:
    """A horizontal or vertical edge, set straight."""
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


def _is_frame(item: Any, outer: pdfium.PdfMatrix, view: View, box: Box) -> bool:
    """Whether a filled shape is a box with all but a thin border left out: the border of a cell."""
    count = pdfium_c.FPDFPath_CountSegments(item)
    if not _FRAME_SEGMENTS <= count <= 2 * _FRAME_SEGMENTS:
        return False
    matrix = _matrix(item).multiply(outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    inner = []
    for index in range(count):
        pdfium_c.FPDFPathSegment_GetPoint(pdfium_c.FPDFPath_GetPathSegment(item, index), x, y)
        px, py = view.upright(*matrix.on_point(x.value, y.value))
        if min(px - box[0], box[2] - px, py - box[1], box[3] - py) > _ON_OUTLINE:
            inner.append((px, py))
    if len({(round(px, 1), round(py, 1)) for px, py in inner}) != _CORNERS:
        return False
    xs, ys = [px for px, _py in inner], [py for _px, py in inner]
    margins = (min(xs) - box[0], box[2] - max(xs), min(ys) - box[1], box[3] - max(ys))
    return max(margins) <= _THIN


def _segments(item: Any, matrix: pdfium.PdfMatrix) -> Iterator[tuple[Point, Point]]:
    """Axis-parallel segments of a path in page space."""
    start: Point | None = None
    previous: Point | None = None
    x, y = ctypes.c_float(), ctypes.c_float()
    for index in range(min(pdfium_c.FPDFPath_CountSegments(item), MAX_PATHS)):
        segment = pdfium_c.FPDFPath_GetPathSegment(item, index)
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = matrix.on_point(x.value, y.value)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
            start = point
        elif previous is not None and kind == pdfium_c.FPDF_SEGMENT_LINETO and _straight(previous, point):
            yield previous, point
        previous = point
        if pdfium_c.FPDFPathSegment_GetClose(segment) and start is not None and _straight(previous, start):
            yield previous, start


def _outlined_in_its_own_colour(item: Any) -> bool:
    """Whether the outline of a filled shape shows no more than its fill: a background again."""
    fill, stroke = ([ctypes.c_uint() for _ in range(4)] for _ in range(2))
    if not pdfium_c.FPDFPageObj_GetFillColor(item, *fill) or not pdfium_c.FPDFPageObj_GetStrokeColor(item, *stroke):
        return False
    same = all(one.value == other.value for one, other in zip(fill, stroke, strict=True))
    return same and min(colour.value for colour in fill[:3]) > 0


def _bounds(item: Any, outer: pdfium.PdfMatrix) -> tuple[float, float, float, float]:
    """Bounds in page space; PDFium states them in the space of the form that holds the object."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    if not pdfium_c.FPDFPageObj_GetBounds(item, left, bottom, right, top):
        return 0.0, 0.0, 0.0, 0.0
    corners = [outer.on_point(x.value, y.value) for x in (left, right) for y in (bottom, top)]
    xs, ys = [x for x, _y in corners], [y for _x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _straight(a: Point, b: Point) -> bool:
    return min(abs(a[0] - b[0]), abs(a[1] - b[1])) < _STRAIGHT


def _merged(edges: list[Edge]) -> list[Edge]:
    return merge_edges(edges, SNAP, SNAP, SNAP, SNAP) if edges else []


def close_ends(edges: list[Edge]) -> list[Edge]:
    """Add the rule that is missing where vertical rules end in the open.

    At a page break many editors draw no bottom rule under the last row and no top rule above
    the first; without it the finder loses that row.
    """
    vertical = [rule for rule in edges if rule["orientation"] == "v"]
    horizontal = [rule for rule in edges if rule["orientation"] == "h"]
    added: list[Edge] = []
    for side in ("bottom", "top"):
        loose = sorted((rule for rule in vertical if _open(rule, side, horizontal)), key=lambda rule: rule[side])
        while loose:
            y = loose[0][side]
            band = [rule for rule in loose if rule[side] - y <= SNAP]
            loose = loose[len(band) :]
            x0, x1 = min(rule["x0"] for rule in band), max(rule["x1"] for rule in band)
            if len(band) > 1 and x1 - x0 >= _REACH:
                added.append(edge(x0, y, x1, y))
    return _merged([*edges, *added]) if added else edges


def _open(rule: Edge, side: str, horizontal: list[Edge]) -> bool:
    return not any(
        abs(other["top"] - rule[side]) <= SNAP and other["x0"] - _REACH <= rule["x0"] <= other["x1"] + _REACH
        for other in horizontal
    )
