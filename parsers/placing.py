"""Which cell of a printed row belongs to which column of the form.

The one place where positions are decided. A row gets its cells by the columns under the
heads where the grid can be trusted, by count where the row prints exactly as many cells
as there are heads, and otherwise only where a single placing is possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from parsers.document import Cell


@dataclass(frozen=True, slots=True)
class Head:
    """A column head: the form's code and the columns [start, stop) of the table that prints it.

    Columns of two tables do not compare, not even of two parts of one table cut by a page
    break; ``table`` is 0 where no columns are known.
    """

    code: str
    start: int = -1
    stop: int = -1
    table: int = 0


def place(
    cells: Sequence[Cell], heads: Sequence[Head], *, aligned: bool, full_width: bool, table: int = 0
) -> list[Cell] | None:
    """Return one cell per head, or None where the placing is undecidable.

    ``cells`` are the cells after the row's label, in printed order. ``aligned`` says that
    grid columns are trustworthy, ``full_width`` that the row has lost no cell, ``table`` is
    the table of the cells, whose columns only heads of that table share. A value that spans
    several printed rows belongs to none of them for certain.
    """
    placed = _place(cells, heads, aligned, full_width, same_grid=all(head.table == table for head in heads))
    return None if placed is None or any(cell.row_span > 1 for cell in placed) else placed


def _place(
    cells: Sequence[Cell], heads: Sequence[Head], aligned: bool, full_width: bool, *, same_grid: bool
) -> list[Cell] | None:
    count = len(heads)
    if len(cells) == count:
        shifted = not aligned and not full_width and (cells[0].blank or cells[-1].blank)
        return None if shifted and not all(cell.blank for cell in cells) else list(cells)
    if aligned and same_grid and (under := _under_heads(cells, heads)):
        return under
    if len(cells) < count:
        return None
    return _only_window(cells, count)


def _under_heads(cells: Sequence[Cell], heads: Sequence[Head]) -> list[Cell] | None:
    """One distinct cell under each head, everything else blank."""
    chosen: list[Cell] = []
    for head in heads:
        under = [cell for cell in cells if cell.column < head.stop and cell.column + cell.column_span > head.start]
        if len(under) != 1 or under[0] in chosen:
            return None
        chosen.append(under[0])
    if any(cell not in chosen and not cell.blank for cell in cells):
        return None
    return chosen


def _only_window(cells: Sequence[Cell], count: int) -> list[Cell] | None:
    """The run of ``count`` cells whose surroundings are blank, if all such runs read the same."""
    windows = [
        list(cells[start : start + count])
        for start in range(len(cells) - count + 1)
        if all(cell.blank for cell in (*cells[:start], *cells[start + count :]))
    ]
    texts = {tuple(cell.text.strip() for cell in window) for window in windows}
    return windows[0] if len(texts) == 1 else None
