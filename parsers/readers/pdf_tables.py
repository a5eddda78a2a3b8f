"""Ruled tables of a PDF page: cells between rules, and the characters within them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from parsers.document import Cell, Place, Table
from parsers.readers.pdf_cells import Finder
from parsers.readers.pdf_characters import UNKNOWN, Character, gap, rows_of, text_of
from parsers.readers.pdf_rules import SNAP, Edge
from parsers.readers.pdf_view import Box, View, rounded
from parsers.values import read_value

_FIGURE = frozenset("0123456789")
_AS_WIDE = 1.5
_FEWEST_PAIRS = 8
_NO_SPACE = 0.02  # in type sizes
_SPACED = 0.35  # in type sizes: wider white parts digits however even it is
_ALIKE = 0.06
_ROUNDED = 0.16  # in type sizes: how far rounded places make the white between Han characters differ
_FIRST_HAN, _LAST_HAN = "\u4e00", "\u9fff"
_SLIVER = 10.0  # points
_FEWEST_FIGURES = 4  # side by side in one cell: a row of figures
_BIG = 1.6  # times the usual size of a table's type
# The edges are snapped and joined already.
_SETTINGS = {"snap_tolerance": 0, "join_tolerance": 0}


def find_cells(edges: list[Edge], view: View) -> list[list[Box]]:
    """Boxes of the cells between rules, a list for each table, top to bottom."""
    finder = Finder(edges, view.size, _SETTINGS)
    return [table.cells for table in sorted(finder.tables, key=lambda table: table.bbox[1])]


def fill(
    boxes: Sequence[Box], characters: Sequence[Character], view: View, page: int, number: int
) -> tuple[Table, set[int]] | None:
    """Cells on a grid of the distinct rules, and the indexes of the characters within.

    None for a frame around prose, with fewer than two columns, and where whole rows of figures stand in
    one cell: then rules run between rows only, and those around a cell are not its own.
    """
    xs = distinct([x for box in boxes for x in (box[0], box[2])])
    ys = distinct([y for box in boxes for y in (box[1], box[3])])
    if len(xs) < 3 or len(ys) < 2:
        return None
    owners = _owners(boxes, ys, characters)
    holders: list[list[Character]] = [[] for _ in boxes]
    for index, box_index in owners.items():
        holders[box_index].append(characters[index])
    _take_up_spacing(holders)
    torn = _torn(characters, owners, ys) | _stamped(holders)
    slivers = _slivers(boxes, holders, ys)
    tops, bottoms = _rows([box for index, box in enumerate(boxes) if index not in slivers], ys)
    columns = {x: nearest(xs, x) for box in boxes for x in (box[0], box[2])}
    lines = {y: nearest(ys, y) for box in boxes for y in (box[1], box[3])}
    cells: list[Cell] = []
    for box_index, (box, inside) in enumerate(zip(boxes, holders, strict=True)):
        if box_index in slivers:
            continue
        column, row = columns[box[0]], tops[lines[box[1]]]
        text = text_of(inside) if inside else ""
        if " " in text and any(_is_row(line) for line in text.splitlines()):
            return None
        cells.append(
            Cell(
                text + UNKNOWN if box_index in torn else text,
                row,
                column,
                max(bottoms[lines[box[3]]] - row, 1),
                max(columns[box[2]] - column, 1),
                Place(page=page, box=rounded(view.as_shown(box)), table=number, row=row + 1, column=column + 1),
            )
        )
    cells.sort(key=lambda cell: (cell.row, cell.column))
    return Table(cells, aligned=True, place=Place(page=page, table=number)), set(owners)


def _slivers(boxes: Sequence[Box], holders: Sequence[Sequence[Character]], ys: list[float]) -> set[int]:
    """Boxes left over between the rules of other cells: low, blank, and beginning or ending where no cell does."""
    low = {
        index
        for index, (box, inside) in enumerate(zip(boxes, holders, strict=True))
        if not inside and box[3] - box[1] < _SLIVER
    }
    if not low:
        return low
    begins = {nearest(ys, box[1]) for index, box in enumerate(boxes) if index not in low}
    ends = {nearest(ys, box[3]) for index, box in enumerate(boxes) if index not in low}
    return {
        index for index in low if nearest(ys, boxes[index][1]) not in begins or nearest(ys, boxes[index][3]) not in ends
    }


def _rows(boxes: Sequence[Box], ys: list[float]) -> tuple[list[int], list[int]]:
    """For each rule across the table the row of a cell that begins there, and the row before which one that ends ends.

    A rule at which cells only begin, or only end, while others go on past it parts no rows: it is
    the ragged end of a cell that goes on overleaf. Two of them side by side may part rows after all.
    """
    spans = [(nearest(ys, box[1]), nearest(ys, box[3])) for box in boxes]
    begins, ends = {top for top, _bottom in spans}, {bottom for _top, bottom in spans}
    ragged = {
        at
        for at in range(1, len(ys) - 1)
        if (at in begins) != (at in ends) and any(top < at < bottom for top, bottom in spans)
    }
    ragged -= {at for at in ragged if at - 1 in ragged or at + 1 in ragged}
    tops, bottoms = [], []
    row = -1
    for at in range(len(ys)):
        row += at not in ragged
        tops.append(row)
        bottoms.append(row + (at in ragged))
    return tops, bottoms


def _is_row(line: str) -> bool:
    """Whether a line prints several figures side by side."""
    words = line.split()
    return len(words) >= _FEWEST_FIGURES and all(
        read_value(Cell(word, 0, 0)).kind in ("number", "placeholder") for word in words[-_FEWEST_FIGURES:]
    )


def _owners(boxes: Sequence[Box], ys: list[float], characters: Sequence[Character]) -> dict[int, int]:
    """Index of the box that holds the middle of each character, by the character's index."""
    bands: list[list[tuple[Box, int]]] = [[] for _ in ys]
    for index, box in enumerate(boxes):
        # A rule's place is known to a few points only, so the box may reach into the bands beside.
        for band in range(max(nearest(ys, box[1]) - 1, 0), min(nearest(ys, box[3]) + 1, len(ys))):
            bands[band].append((box, index))
    for near in bands:
        near.sort()
    lefts = [[box[0] for box, _index in near] for near in bands]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    highest, lowest = ys[0] - SNAP, ys[-1] + SNAP
    owners: dict[int, int] = {}
    # Characters come in runs that stand in one box; boxes do not overlap.
    x0 = top = x1 = bottom = 0.0
    box_index = -1
    for index, character in enumerate(characters):
        x, y = (character.x0 + character.x1) / 2, (character.top + character.bottom) / 2
        if x0 <= x < x1 and top <= y < bottom:
            owners[index] = box_index
            continue
        if not (left <= x < right and highest <= y <= lowest):
            continue
        at = max(bisect_right(ys, y) - 1, 0)
        near = bands[at]
        for position in range(bisect_right(lefts[at], x) - 1, -1, -1):
            (left_side, upper, right_side, lower), found = near[position]
            if x < right_side and upper <= y < lower:
                x0, top, x1, bottom, box_index = left_side, upper, right_side, lower, found
                owners[index] = found
                break
    return owners


def _torn(characters: Sequence[Character], owners: dict[int, int], ys: list[float]) -> set[int]:
    """Boxes whose number is not all theirs: its digits run on over a rule, into another box or out of the table."""
    boxes: dict[int, int | None] = {}
    digits = []
    for index, item in enumerate(characters):
        if item.text in _FIGURE and item.turn == 0 and ys[0] <= item.middle[1] <= ys[-1]:
            digits.append(item)
            boxes[id(item)] = owners.get(index)
    torn: set[int] = set()
    for row in rows_of(digits) if digits else ():
        # Digits that stand in each other are no longer among these, and unknown anyway.
        row = [item for item in row if id(item) in boxes]
        holders = [boxes[id(item)] for item in row]
        white = [right.x0 - left.x1 for left, right in pairwise(row)]
        for at, (left, right) in enumerate(pairwise(row)):
            if holders[at] == holders[at + 1]:
                continue
            # A number set with wide gaps goes on over the rule with gaps as wide.
            near = [other for other in (at - 1, at + 1) if 0 <= other < len(white)]
            beside = [white[other] for other in near if holders[other] == holders[other + 1]]
            if not gap(left, right) or any(white[at] <= _AS_WIDE * other for other in beside):
                torn |= {box for box in (holders[at], holders[at + 1]) if box is not None}
    return torn


def _take_up_spacing(holders: Sequence[Sequence[Character]]) -> None:
    """Count the white between digits to their advance where all numbers of the table are spaced alike.

    Type set with letter spacing has white between any two of its characters, so none of it parts numbers.
    Where there are few numbers, the words of the table tell.
    """
    figured = [inside for inside in holders if sum(item.text in _FIGURE for item in inside) > 1]
    first = next((pair for inside in figured for pair in pairwise(inside) if _are_digits(*pair)), None)
    if first is None or abs(first[1].x0 - first[0].x1) < _NO_SPACE * first[0].size:
        return
    pairs = [pair for inside in figured for row in rows_of(inside) for pair in pairwise(row) if _are_digits(*pair)]
    spaces = [(right.x0 - left.x1) / max(left.size, 1.0) for left, right in pairs]
    if not spaces or max(spaces) > _SPACED or max(spaces) - min(spaces) > _ALIKE:
        return
    if len(spaces) < _FEWEST_PAIRS and not _words_spaced(holders, median(spaces)):
        return
    if min(spaces) > 0:
        for left, right in pairs:
            left.x1 = right.x0


def _are_digits(left: Character, right: Character) -> bool:
    return left.text in _FIGURE and right.text in _FIGURE and left.turn == right.turn == 0


def _words_spaced(holders: Sequence[Sequence[Character]], space: float) -> bool:
    """Whether all Han characters of a table have about this much white between them."""
    rows = (row for inside in holders if inside for row in rows_of(inside))
    pairs = [pair for row in rows for pair in pairwise(row) if all(_is_han(item) for item in pair)]
    spaces = [(right.x0 - left.x1) / max(left.size, 1.0) for left, right in pairs]
    return (
        len(spaces) >= _FEWEST_PAIRS and abs(median(spaces) - space) <= _ALIKE and max(spaces) - min(spaces) <= _ROUNDED
    )


def _is_han(item: Character) -> bool:
    return _FIRST_HAN <= item.text <= _LAST_HAN and item.turn == 0


def _stamped(holders: Sequence[Sequence[Character]]) -> set[int]:
    """Boxes with figures in a type much bigger than the table's: something printed over it."""
    sizes = [item.size for inside in holders for item in inside]
    if not sizes or max(sizes) <= (biggest := _BIG * median(sizes)):
        return set()
    return {
        index
        for index, inside in enumerate(holders)
        if any(item.size > biggest and item.text in _FIGURE for item in inside)
    }


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
