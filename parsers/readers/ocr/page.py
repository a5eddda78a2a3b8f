"""A picture of a page → its lines of prose and its ruled tables, as any other page has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from parsers.document import Cell, Place, Recognition, Table
from parsers.readers.ocr import engine
from parsers.readers.ocr.cells import read_cells
from parsers.readers.ocr.raster import Pixels, Raster, of_page, straightened, without_specks
from parsers.readers.ocr.rules import ink, is_specked, read_rules
from parsers.readers.paged import Item
from parsers.readers.pdf_tables import distinct, find_cells, nearest
from parsers.readers.pdf_view import Box, View
from parsers.readers.prose import Line

_NARROWEST_TABLE = 90.0  # points: strokes of big letters may cross, but within less
_SMALLEST_CELL = 5.0  # points
_LEAST_INK = 0.0002  # of a page; less is dust
_LOOK_AGAIN = 0.7
_SAME_LINE = 0.5  # of the lower line's height
_TITLE_LINES = 6

PixelBox = tuple[int, int, int, int]


def read_pdf_page(page: Any, number: int, tables_before: int) -> list[Item]:
    """Do what :func:`read_page` does for a page of an open PDF."""
    return read_page(of_page(page), number, tables_before)


def read_page(raster: Raster, number: int, tables_before: int) -> list[Item]:
    """Read page ``number``: its lines and tables with their tops, in points of the straightened page.

    ``tables_before`` counts the tables of the pages before. Raises UnreadableDocumentError
    (``too_big``) where rules cross too often.
    """
    raster = straightened(raster)
    scale = raster.scale
    printed = ink(raster.grey, scale)
    if is_specked(printed, scale):
        raster = without_specks(raster)
        printed = ink(raster.grey, scale)
    if np.count_nonzero(printed) < _LEAST_INK * printed.size:
        return []
    inks = (printed, ink(raster.dark, scale) if raster.dark is not raster.grey else printed)
    width, height = (side / scale for side in raster.grey.shape[::-1])
    view = View(0, 0, width, height, 0, width, height)
    items: list[Item] = []
    prose = raster.grey.copy()
    for boxes in find_cells(read_rules(raster.dark, inks[1], scale, number), view):
        table = _table(boxes, raster, inks, number, tables_before + 1)
        if table is None:
            continue
        tables_before += 1
        x0, top, x1, bottom = _outline(boxes)
        items.append((top, table))
        prose[_pixels(top, scale) : _pixels(bottom, scale), _pixels(x0, scale) : _pixels(x1, scale)] = 255
    items += [(line.top, line) for line in _lines(prose, raster, number)]
    return sorted(items, key=lambda item: item[0])


def _pixels(value: float, scale: float) -> int:
    return max(round(value * scale), 0)


def _outline(boxes: Sequence[Box]) -> Box:
    return (
        min(box[0] for box in boxes),
        min(box[1] for box in boxes),
        max(box[2] for box in boxes),
        max(box[3] for box in boxes),
    )


def _table(boxes: Sequence[Box], raster: Raster, inks: tuple[Pixels, Pixels], page: int, number: int) -> Table | None:
    """The table that these cells make; None for a frame around prose, or strokes of big letters."""
    boxes = [box for box in boxes if min(box[2] - box[0], box[3] - box[1]) >= _SMALLEST_CELL]
    if not boxes or _outline(boxes)[2] - _outline(boxes)[0] < _NARROWEST_TABLE:
        return None
    xs = distinct([x for box in boxes for x in (box[0], box[2])])
    ys = distinct([y for box in boxes for y in (box[1], box[3])])
    if len(xs) < 3 or len(ys) < 2:
        return None
    cells = []
    for box, read in zip(boxes, read_cells(boxes, raster.dark, inks, raster.scale), strict=True):
        column, row = nearest(xs, box[0]), nearest(ys, box[1])
        cells.append(
            Cell(
                read.text,
                row,
                column,
                max(nearest(ys, box[3]) - row, 1),
                max(nearest(xs, box[2]) - column, 1),
                Place(page=page, box=raster.shown(box), table=number, row=row + 1, column=column + 1),
                read.recognition,
            )
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Table(cells, aligned=True, place=Place(page=page, table=number))


def _lines(prose: Pixels, raster: Raster, page: int) -> list[Line]:
    """The lines of text outside the tables; those that may be a title are looked at again, in another size."""
    scale = raster.scale
    rows = _rows(engine.detect(prose, scale))
    boxes = [box for row in rows for box in row]
    read = dict(zip(boxes, engine.recognise([_cut(prose, box) for box in boxes]), strict=True))
    top = [box for row in rows[:_TITLE_LINES] for box in row] if page == 1 else []
    again = dict(zip(top, engine.recognise([_smaller(_cut(prose, box)) for box in top]), strict=True))
    lines = []
    for row in rows:
        row = [box for box in row if read[box].text]
        if not row:
            continue
        text = "".join(read[box].text for box in row)
        agreed = all(box in again and again[box].text == read[box].text for box in row)
        score = min(read[box].score for box in row)
        x0, y0, x1, y1 = (
            min(box[0] for box in row),
            min(box[1] for box in row),
            max(box[2] for box in row),
            max(box[3] for box in row),
        )
        box = (x0 / scale, y0 / scale, x1 / scale, y1 / scale)
        lines.append(
            Line(
                text,
                page,
                *box,
                size=(y1 - y0) / scale,
                page_width=prose.shape[1] / scale,
                shown=raster.shown(box),
                recognition=Recognition(round(score, 3), agreed),
            )
        )
    return lines


def _cut(page: Pixels, box: PixelBox) -> Pixels:
    x0, y0, x1, y1 = box
    return page[y0:y1, x0:x1]


def _smaller(crop: Pixels) -> Pixels:
    size = max(round(crop.shape[1] * _LOOK_AGAIN), 1), max(round(crop.shape[0] * _LOOK_AGAIN), 1)
    return cv2.resize(crop, size, interpolation=cv2.INTER_AREA)


def _rows(boxes: Sequence[PixelBox]) -> list[list[PixelBox]]:
    """Boxes that stand on one line, left to right; lines top to bottom."""
    rows: list[list[PixelBox]] = []
    for box in sorted(boxes, key=lambda box: (box[1] + box[3]) / 2):
        if rows:
            last = rows[-1][-1]
            shared = min(box[3], last[3]) - max(box[1], last[1])
            if shared > _SAME_LINE * min(box[3] - box[1], last[3] - last[1]):
                rows[-1].append(box)
                continue
        rows.append([box])
    return [sorted(row) for row in rows]
