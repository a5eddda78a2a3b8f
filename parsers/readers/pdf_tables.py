"""Ruled tables of a PDF page: cells between rules, and the characters within them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from types import SimpleNamespace

from pdfplumber.table import TableFinder

from parsers.document import Cell, Place, Table
from parsers.readers.pdf_characters import UNKNOWN, Character, gap, rows_of, text_of
from parsers.readers.pdf_rules import SNAP, Edge
from parsers.readers.pdf_view import Box, View, rounded

_FIGURE = frozenset("0123456789")


def find_cells(edges: list[Edge], view: View) -> list[list[Box]]:
    """Boxes of the cells between rules, a list for each table, top to bottom."""
    width, height = view.size
    finder = TableFinder(SimpleNamespace(edges=edges, bbox=(0, 0, width, height), chars=[]), {})
    return [table.cells for table in sorted(finder.tables, key=lambda table: table.bbox[1])]


def fill(
    boxes: Sequence[Box], characters: Sequence[Character], view: View, page: int, number: int
) -> tuple[Table, set[int]] | None:
    """Cells on a grid of the distinct rules, and the indexes of the characters within.

    None for a frame around prose: fewer than two columns.
    """
    xs = distinct([x for box in boxes for x in (box[0], box[2])])
    ys = distinct([y for box in boxes for y in (box[1], box[3])])
    if len(xs) < 3 or len(ys) < 2:
        return None
    owners = _owners(boxes, ys, characters)
    holders: list[list[Character]] = [[] for _ in boxes]
    for index, box_index in owners.items():
        holders[box_index].append(characters[index])
    torn = _torn([characters[index] for index in owners], list(owners.values()))
    cells = []
    for box_index, (box, inside) in enumerate(zip(boxes, holders, strict=True)):
        column, row = nearest(xs, box[0]), nearest(ys, box[1])
        text = text_of(inside) if inside else ""
        cells.append(
            Cell(
                text + UNKNOWN if box_index in torn else text,
                row,
                column,
                max(nearest(ys, box[3]) - row, 1),
                max(nearest(xs, box[2]) - column, 1),
                Place(page=page, box=rounded(view.as_shown(box)), table=number, row=row + 1, column=column + 1),
            )
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Table(cells, aligned=True, place=Place(page=page, table=number)), set(owners)


def _owners(boxes: Sequence[Box], ys: list[float], characters: Sequence[Character]) -> dict[int, int]:
    """Index of the box that holds the middle of each character, by the character's index."""
    bands: list[list[int]] = [[] for _ in ys]
    for index, box in enumerate(boxes):
        for band in range(nearest(ys, box[1]), nearest(ys, box[3])):
            bands[band].append(index)
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    owners: dict[int, int] = {}
    for index, character in enumerate(characters):
        x, y = (character.x0 + character.x1) / 2, (character.top + character.bottom) / 2
        if not (left <= x < right and ys[0] - SNAP <= y <= ys[-1] + SNAP):
            continue
        at = bisect_right(ys, y) - 1
        # A rule's place is known to a few points only, so the bands beside may hold the box too.
        near = {box for band in (at, at - 1, at + 1) if 0 <= band < len(bands) for box in bands[band]}
        for box_index in near:
            x0, top, x1, bottom = boxes[box_index]
            if x0 <= x < x1 and top <= y < bottom:
                owners[index] = box_index
                break
    return owners


def _torn(characters: list[Character], owners: list[int]) -> set[int]:
    """Boxes that share a number: its digits run on over the rule between them."""
    digits = [
        (character, owner)
        for character, owner in zip(characters, owners, strict=True)
        if character.text in _FIGURE and character.turn == 0
    ]
    by_character = {id(character): owner for character, owner in digits}
    torn: set[int] = set()
    for row in rows_of([character for character, _owner in digits]) if digits else ():
        for left, right in pairwise(row):
            # Overprint is merged away in the row, so some characters stand for another one.
            a, b = by_character.get(id(left)), by_character.get(id(right))
            if a is not None and b is not None and a != b and not gap(left, right):
                torn |= {a, b}
    return torn


def distinct(values: Sequence[float]) -> list[float]:
    """The values in order, those that rules cannot tell apart once."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > SNAP / 2:
            kept.append(value)
    return kept


def nearest(values: Sequence[float], value: float) -> int:
    """Index of the value next to ``value``; ``values`` in order."""
    at = bisect_right(values, value)
    if at == 0:
        return 0
    if at == len(values) or value - values[at - 1] <= values[at] - value:
        return at - 1
    return at
