"""Which cell of a printed row belongs to which column of the form.

The one place where positions are decided. A row gets its cells by the columns under the
heads where the grid can be trusted, by count where the row prints exactly as many cells
as there are heads, and otherwise only where a single placing is possible. Whether any of
this was needed, or the row stands plainly under its heads, is decided here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from parsers.document import Cell
from parsers.records import record

ELSEWHERE = -1


@record
class Head:
    """A column head: the form's code and the columns [start, stop) of the table that prints it.

    Columns of two tables do not compare, not even of two parts of one table cut by a page
    break; ``table`` is 0 where no columns are known, ELSEWHERE where parts of a table share the heads.
    ``row`` is the row of the table that it stands in.
    """

    code: str
    start: int = -1
    stop: int = -1
    table: int = 0
    row: int = -1


@record
class Surroundings:
    """What the rest of a trustworthy grid says of a row's surplus cells.

    ``protrudes``: the row reaches a column further than its neighbours. ``label_columns``: how
    many blank cells may follow the label, as far as it spans in the form. ``spare``: columns in
    which no row prints anything. ``fillers``: blank cells may fill the row up after its last head.
    ``addressed``: no cell can have been pushed aside by another.
    """

    protrudes: bool = False
    label_columns: int = 0
    spare: frozenset[int] = frozenset()
    fillers: bool = False
    addressed: bool = False


def place(
    cells: Sequence[Cell],
    heads: Sequence[Head],
    *,
    aligned: bool,
    table: int = 0,
    around: Surroundings | None = None,
) -> list[Cell] | None:
    """Return one cell per head, or None where the placing is undecidable.

    ``cells`` are the cells after the row's label, in printed order. ``aligned`` says that
    grid columns are trustworthy, ``table`` is the table of the cells, whose columns only heads
    of that table share. Where a row has more cells than there are heads and blank ones among
    its values, ``around`` must explain the surplus: any blank may be the one too many. A value
    that spans several printed rows belongs to none for certain.
    """
    same_grid = all(head.table == table for head in heads)
    printed = cells
    if aligned and around and not around.protrudes and len(cells) > len(heads):
        # A column that stays blank from head to foot holds no figures.
        printed = [cell for cell in cells if not (cell.blank and cell.column in around.spare and cell.column_span == 1)]
        printed = printed if len(printed) >= len(heads) else cells
    under = _under_heads(printed, heads) if aligned and same_grid and len(cells) > len(heads) else None
    placed = under or _place(cells, heads, aligned=aligned, same_grid=same_grid)
    if placed is None or any(cell.row_span > 1 for cell in placed):
        return None
    if around and around.addressed and same_grid and _fill_heads(placed, heads):
        return placed
    if not aligned or not around or len(cells) == len(placed):
        return placed
    mixed = len({cell.blank for cell in placed}) > 1
    return None if mixed and not _explained(cells, placed, around, under is not None) else placed


def is_plain(
    cells: Sequence[Cell],
    placed: Sequence[Cell],
    heads: Sequence[Head],
    *,
    aligned: bool,
    table: int,
    around: Surroundings,
) -> bool:
    """Whether a placing leaves no room for doubt; arguments are those of :func:`place` and its result.

    Cells with addresses of their own that fill their heads' columns are. On any other grid: the
    heads side by side, a cell for each and the row as long as they are or no cell blank; or each cell
    under its head and no other cell but in columns without any print. Blank cells that fill a row up
    behind figures in every column do not count. Heads of another table, as before a page break, only
    give the number. In a text no figure may be missing at either end, which :func:`place` sees to.
    """
    if not aligned:
        return True
    if len(cells) == len(heads) and _adjoin(heads, table) and not any(cell.blank for cell in cells):
        return True
    if around.addressed and all(head.table == table for head in heads) and _fill_heads(placed, heads):
        return True
    surplus = _others(cells, placed)
    if any(head.table == 0 for head in heads) or (surplus and around.protrudes):
        return False
    if any(head.table != table for head in heads):
        return not surplus
    ordered = sorted(heads, key=lambda head: head.start)
    gaps = {column for head, after in pairwise(ordered) for column in range(head.stop, after.start)}
    if not gaps <= around.spare or any(head.stop > after.start for head, after in pairwise(ordered)):
        return False
    if surplus and all(cell.column in around.spare and cell.column_span == 1 for cell in surplus):
        return all(
            head.start <= cell.column and cell.column + cell.column_span <= head.stop
            for cell, head in zip(placed, heads, strict=True)
        )
    if gaps or (surplus and any(cell.blank for cell in placed)):
        return False
    if not surplus and not any(cell.blank for cell in placed):
        # Columns of editors are often out of line; figures as many as heads are not.
        return True
    if any(cell.column < placed[-1].column or cell.column_span > 1 for cell in surplus):
        return False
    ends = [cell.column + cell.column_span for cell in (placed[-1], *surplus)]
    return placed[0].column == ordered[0].start and max(ends) == ordered[-1].stop


def _adjoin(heads: Sequence[Head], table: int) -> bool:
    """Whether the heads stand side by side, in their order, in the table of this number."""
    column = heads[0].start
    for head in heads:
        if head.table != table or head.start != column:
            return False
        column = head.stop
    return table > 0


def _fill_heads(placed: Sequence[Cell], heads: Sequence[Head]) -> bool:
    """Whether each cell takes up just the columns of its head."""
    return all(
        (cell.column, cell.column + cell.column_span) == (head.start, head.stop)
        for cell, head in zip(placed, heads, strict=True)
    )


def _others(cells: Sequence[Cell], placed: Sequence[Cell]) -> list[Cell]:
    """The cells of a row that are not among those placed."""
    if len(cells) == len(placed):
        return []
    chosen = {id(cell) for cell in placed}
    return [cell for cell in cells if id(cell) not in chosen]


def _explained(cells: Sequence[Cell], placed: Sequence[Cell], around: Surroundings, under_heads: bool) -> bool:
    """Whether all surplus cells of a row are known to be no values."""
    surplus = _others(cells, placed)
    if not around.protrudes:
        surplus = [cell for cell in surplus if cell.column not in around.spare]
    if not surplus:
        return True
    before = [cell for cell in surplus if cell.column < placed[0].column]
    # A cell that spans down from the row above, or into the one below, has pushed others aside.
    pushed = any(cell.row_span > 1 for cell in surplus)
    if pushed or around.protrudes or len(before) > around.label_columns:
        return False
    return len(before) == len(surplus) or (under_heads and around.fillers)


def _place(cells: Sequence[Cell], heads: Sequence[Head], *, aligned: bool, same_grid: bool) -> list[Cell] | None:
    count = len(heads)
    if aligned and len(cells) == count:
        return list(cells)
    if aligned and same_grid and (under := _under_heads(cells, heads)):
        return under
    if len(cells) < count:
        return None
    window = _only_window(cells, count)
    if window and not aligned and (window[0].blank or window[-1].blank) and not all(cell.blank for cell in window):
        # Text renderings drop blank cells and fill the line up again at its end: a row with
        # a blank at either end may be shifted, even where its number of cells is right.
        return None
    return window


def _under_heads(cells: Sequence[Cell], heads: Sequence[Head]) -> list[Cell] | None:
    """One distinct cell under each head, everything else blank."""
    chosen: list[Cell] = []
    for head in heads:
        under = [cell for cell in cells if cell.column < head.stop and cell.column + cell.column_span > head.start]
        if len(under) != 1 or any(cell is under[0] for cell in chosen):
            return None
        chosen.append(under[0])
    if any(not cell.blank for cell in _others(cells, chosen)):
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
