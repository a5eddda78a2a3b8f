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
from parsers.readers import pdfium_calls as calls
from parsers.readers.pdf_view import Box, View

MAX_PATHS = 20_000
MAX_OBJECTS = 60_000
MAX_CROSSINGS = 5_000
_MAX_COUNTED = 200_000
SNAP = 3.0  # points: rules closer than this are one
_MAX_DEPTH = 12  # forms within forms
_THIN = 4.0  # points: a filled box no thicker than this is a rule, a bigger one a background
_HAIR = 1.5  # points: a rule as thin may be of any length
_LENGTHS = 4.0  # thicknesses, the least length of a thicker one
_REACH = 4.0
_STRAIGHT = 1.0
_FRAME_SEGMENTS = 8  # at least: two rectangles
_LINE_SEGMENTS = 2  # there, and along
_CORNERS = 4
_MOST_ROWS = 200
_ON_OUTLINE = 0.05  # points
_SHORTEST = 1.0
_LAYER = "OC\0".encode("utf-16-le")  # the mark of optional content

Point = tuple[float, float]
Edge = dict[str, Any]
"""An edge as pdfplumber's table finder takes it."""


@dataclass(slots=True)
class Drawing:
    """What a page draws besides text.

    ``edges`` are its rules. ``pictures`` and ``areas`` (anything painted that is wide and high) are
    upright boxes, the latter with their position in the order of painting. ``painted`` holds that of
    each text object by address, -1 for those within forms or layers.
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
    _Walker(number, view, drawing).page(calls.address_of(page.raw))
    drawing.edges = _merged(drawing.edges)
    if _crossings(drawing.edges) > MAX_CROSSINGS:
        raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_CROSSINGS} crossings of rules")
    drawing.edges = close_ends(drawing.edges)
    return drawing


def _crossings(edges: list[Edge]) -> int:
    """How many crossings of rules there are, or, where even counting would take long, might be."""
    vertical = [rule for rule in edges if rule["orientation"] == "v"]
    horizontal = [rule for rule in edges if rule["orientation"] == "h"]
    most = len(vertical) * len(horizontal)
    if not MAX_CROSSINGS < most <= _MAX_COUNTED:
        return most
    spans = [(rule["top"], rule["x0"] - SNAP, rule["x1"] + SNAP) for rule in horizontal]
    return sum(
        rule["top"] - SNAP <= y <= rule["bottom"] + SNAP and x0 <= rule["x0"] <= x1
        for rule in vertical
        for y, x0, x1 in spans
    )


class _Walker:
    """Walks the objects of one page, those of its forms included.

    Objects and forms are given by their addresses. ``outer`` is the matrix of the form that holds
    an object, None for the page itself: PDFium states places in the form's own space.
    """

    def __init__(self, number: int, view: View, drawing: Drawing) -> None:
        self._number = number
        self._view = view
        self._drawing = drawing
        self._sides = [ctypes.c_float() for _ in range(4)]
        self._sides_given = [ctypes.byref(side) for side in self._sides]
        self._modes = ctypes.c_int(), ctypes.c_int()
        self._modes_given = [ctypes.byref(mode) for mode in self._modes]
        self._name = ctypes.create_string_buffer(len(_LAYER))
        self._length = ctypes.c_ulong()
        self._length_given = ctypes.byref(self._length)
        self._raw_matrix = pdfium_c.FS_MATRIX()
        self._raw_matrix_given = ctypes.byref(self._raw_matrix)

    def page(self, page: int) -> None:
        """Walk the whole page."""
        for index in range(calls.count_of_page(page)):
            self._object(calls.object_of_page(page, index), None, 0)

    def _object(self, item: int, outer: pdfium.PdfMatrix | None, depth: int) -> None:
        drawing = self._drawing
        drawing.objects += 1
        if drawing.objects > MAX_OBJECTS:
            raise self._too_big(f"draws more than {MAX_OBJECTS} objects")
        kind = calls.kind_of(item)
        if kind == pdfium_c.FPDF_PAGEOBJ_TEXT:
            drawing.painted[item] = -1 if depth or self._in_layer(item) else drawing.objects
        elif kind == pdfium_c.FPDF_PAGEOBJ_PATH:
            drawing.paths += 1
            if drawing.paths > MAX_PATHS:
                raise self._too_big(f"has more than {MAX_PATHS} drawn paths")
            self._path(item, outer)
        elif kind == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            box = self._box(item, outer)
            drawing.pictures.append(box)
            drawing.areas.append((drawing.objects, box))
        elif kind == pdfium_c.FPDF_PAGEOBJ_FORM:
            if depth >= _MAX_DEPTH:
                raise self._too_big(f"nests more than {_MAX_DEPTH} drawings")
            inner = self._matrix(item, outer) or pdfium.PdfMatrix()
            for index in range(calls.count_of_form(item)):
                self._object(calls.object_of_form(item, index), inner, depth + 1)

    def _in_layer(self, item: int) -> bool:
        """Whether an object belongs to optional content, which viewers may be told not to show."""
        for index in range(calls.count_of_marks(item)):
            mark = calls.mark_of(item, index)
            calls.name_of_mark(mark, self._name, len(_LAYER), self._length_given)
            # A longer name is not written.
            if self._length.value == len(_LAYER) and self._name.raw == _LAYER:
                return True
        return False

    def _too_big(self, what: str) -> UnreadableDocumentError:
        return UnreadableDocumentError("too_big", f"page {self._number} {what}")

    def _matrix(self, item: int, outer: pdfium.PdfMatrix | None) -> pdfium.PdfMatrix | None:
        """Matrix from the object's own space to the page, None where they are the same."""
        if not calls.matrix_of(item, self._raw_matrix_given):
            return outer
        raw = self._raw_matrix
        if raw.a == raw.d == 1.0 and raw.b == raw.c == raw.e == raw.f == 0.0:
            return outer
        matrix = pdfium.PdfMatrix.from_raw(raw)
        return matrix.multiply(outer) if outer else matrix

    def _box(self, item: int, outer: pdfium.PdfMatrix | None) -> Box:
        """Upright box of an object."""
        if not calls.bounds_of(item, *self._sides_given):
            return self._view.box(0.0, 0.0, 0.0, 0.0)
        sides = self._sides
        left, bottom, right, top = sides[0].value, sides[1].value, sides[2].value, sides[3].value
        if outer is None:
            return self._view.box(left, bottom, right, top)
        corners = [outer.on_point(x, y) for x in (left, right) for y in (bottom, top)]
        xs, ys = [x for x, _y in corners], [y for _x, y in corners]
        return self._view.box(min(xs), min(ys), max(xs), max(ys))

    def _path(self, item: int, outer: pdfium.PdfMatrix | None) -> None:
        """Take a path's axis-parallel segments and thin boxes as rules.

        A filled shape that is both wide and high is a background, not a rule.
        """
        calls.draw_mode(item, *self._modes_given)
        filled, stroked = self._modes[0].value != 0, self._modes[1].value != 0
        drawing = self._drawing
        if filled:
            x0, top, x1, bottom = box = self._box(item, outer)
            if min(x1 - x0, bottom - top) > _THIN:
                drawing.areas.append((drawing.objects, box))
                if not stroked and self._is_frame(item, outer, box):
                    sides = ((x0, top, x1, top), (x0, bottom, x1, bottom), (x0, top, x0, bottom), (x1, top, x1, bottom))
                    drawing.edges += [edge(*side) for side in sides]
            elif not stroked and _is_rule(x1 - x0, bottom - top):
                drawing.edges.append(edge(x0, top, x1, bottom))
        elif stroked and calls.count_of_segments(item) == _LINE_SEGMENTS:
            # The bounds of a single line along an axis tell all of it but half its thickness at the ends.
            x0, top, x1, bottom = self._box(item, outer)
            if min(x1 - x0, bottom - top) <= _THIN:
                if max(x1 - x0, bottom - top) > _SHORTEST:
                    drawing.edges.append(edge(x0, top, x1, bottom))
                return
        if stroked and not (filled and _outlined_in_its_own_colour(item)):
            for start, end in self._segments(item, outer):
                (ax, ay), (bx, by) = self._view.upright(*start), self._view.upright(*end)
                if max(abs(bx - ax), abs(by - ay)) > _SHORTEST:
                    drawing.edges.append(edge(ax, ay, bx, by))

    def _points(self, item: int, outer: pdfium.PdfMatrix | None) -> Iterator[tuple[int, Point]]:
        """Segments of a path, each with its point in page space."""
        matrix = self._matrix(item, outer)
        x, y = self._sides[:2]
        given = self._sides_given[:2]
        for index in range(min(calls.count_of_segments(item), MAX_PATHS)):
            segment = calls.segment_of(item, index)
            calls.segment_point(segment, *given)
            yield segment, matrix.on_point(x.value, y.value) if matrix else (x.value, y.value)

    def _segments(self, item: int, outer: pdfium.PdfMatrix | None) -> Iterator[tuple[Point, Point]]:
        """Axis-parallel segments of a path in page space."""
        start: Point | None = None
        previous: Point | None = None
        for segment, point in self._points(item, outer):
            kind = calls.segment_kind(segment)
            if kind == pdfium_c.FPDF_SEGMENT_MOVETO:
                start = point
            elif previous is not None and kind == pdfium_c.FPDF_SEGMENT_LINETO and _straight(previous, point):
                yield previous, point
            previous = point
            if calls.segment_closes(segment) and start is not None and _straight(previous, start):
                yield previous, start

    def _is_frame(self, item: int, outer: pdfium.PdfMatrix | None, box: Box) -> bool:
        """Whether a filled shape is a box with all but a thin border left out: the border of a cell."""
        if not _FRAME_SEGMENTS <= calls.count_of_segments(item) <= 2 * _FRAME_SEGMENTS:
            return False
        inner = []
        for _segment, point in self._points(item, outer):
            px, py = self._view.upright(*point)
            if min(px - box[0], box[2] - px, py - box[1], box[3] - py) > _ON_OUTLINE:
                inner.append((px, py))
        if len({(round(px, 1), round(py, 1)) for px, py in inner}) != _CORNERS:
            return False
        xs, ys = [px for px, _py in inner], [py for _px, py in inner]
        margins = (min(xs) - box[0], box[2] - max(xs), min(ys) - box[1], box[3] - max(ys))
        return max(margins) <= _THIN


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


def _is_rule(width: float, height: float) -> bool:
    """Whether a filled box no thicker than a rule is one: the ground behind a single figure is as narrow, and short."""
    long, thick = max(width, height), min(width, height)
    return long > _SHORTEST and (thick <= _HAIR or long >= _LENGTHS * thick)


def _outlined_in_its_own_colour(item: int) -> bool:
    """Whether the outline of a filled shape shows no more than its fill: a background again."""
    fill, stroke = ([ctypes.c_uint() for _ in range(4)] for _ in range(2))
    if not calls.fill_colour(item, *map(ctypes.byref, fill)) or not calls.stroke_colour(
        item, *map(ctypes.byref, stroke)
    ):
        return False
    same = all(one.value == other.value for one, other in zip(fill, stroke, strict=True))
    return same and min(colour.value for colour in fill[:3]) > 0


def _straight(a: Point, b: Point) -> bool:
    return min(abs(a[0] - b[0]), abs(a[1] - b[1])) < _STRAIGHT


def _merged(edges: list[Edge]) -> list[Edge]:
    """Edges that are one rule as one.

    Each stretch of the page with rules by itself: the columns of two tables, one above the other,
    may be a few points apart and are not the same.
    """
    merged: list[Edge] = []
    stretch: list[Edge] = []
    end = 0.0
    for rule in sorted(edges, key=lambda rule: rule["top"]):
        if stretch and rule["top"] > end + SNAP:
            merged += merge_edges(stretch, SNAP, SNAP, SNAP, SNAP)
            stretch = []
        end = max(end, rule["bottom"]) if stretch else rule["bottom"]
        stretch.append(rule)
    return merged + merge_edges(stretch, SNAP, SNAP, SNAP, SNAP) if stretch else merged


def close_ends(edges: list[Edge]) -> list[Edge]:
    """Add the rules that are missing around a table.

    At a page break many editors draw no bottom rule under the last row and no top rule above
    the first, and some tables have no rules at their sides; without them the finder loses these
    rows and columns.
    """
    vertical = [rule for rule in edges if rule["orientation"] == "v"]
    horizontal = [rule for rule in edges if rule["orientation"] == "h"]
    added: list[Edge] = []
    for side in ("bottom", "top"):
        loose = sorted((rule for rule in vertical if _open(rule, side, horizontal)), key=lambda rule: rule[side])
        while loose:
            y = loose[0][side]
            band = [rule["x0"] for rule in loose if rule[side] - y <= SNAP]
            loose = loose[len(band) :]
            # The cell beside is open too, where a closed one follows it.
            ends = sorted(rule["x0"] for rule in vertical if abs(rule[side] - y) <= SNAP)
            x0 = max((x for x in ends if x < min(band) - SNAP), default=min(band))
            x1 = min((x for x in ends if x > max(band) + SNAP), default=max(band))
            if x1 - x0 >= _REACH:
                added.append(edge(x0, y, x1, y))
    sides = list(_sides(horizontal, vertical)) if len(horizontal) <= _MOST_ROWS else []
    return _merged([*edges, *added, *sides]) if added or sides else edges


def _sides(horizontal: list[Edge], vertical: list[Edge]) -> Iterator[Edge]:
    """Rules at the sides of rows whose rules end in the open and that a rule within parts into cells."""
    for side, beyond in (("x0", -1.0), ("x1", 1.0)):
        loose = [
            rule
            for rule in horizontal
            if not any(_meets(other, rule["top"]) and abs(other["x0"] - rule[side]) <= _REACH for other in vertical)
        ]
        loose.sort(key=lambda rule: rule["top"])
        for at, upper in enumerate(loose):
            lower = next((rule for rule in loose[at + 1 :] if abs(rule[side] - upper[side]) <= SNAP), None)
            if lower is None:
                continue
            parted = any(
                rule["top"] <= upper["top"] + SNAP
                and rule["bottom"] >= lower["top"] - SNAP
                and max(upper["x0"], lower["x0"]) <= rule["x0"] <= min(upper["x1"], lower["x1"])
                and beyond * (upper[side] - rule["x0"]) > _REACH
                for rule in vertical
            )
            if parted:
                yield edge(upper[side], upper["top"], upper[side], lower["top"])


def _meets(rule: Edge, y: float) -> bool:
    return bool(rule["top"] - SNAP <= y <= rule["bottom"] + SNAP)


def _open(rule: Edge, side: str, horizontal: list[Edge]) -> bool:
    return not any(
        abs(other["top"] - rule[side]) <= SNAP and other["x0"] - _REACH <= rule["x0"] <= other["x1"] + _REACH
        for other in horizontal
    )
