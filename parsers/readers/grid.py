"""Laying out rows of spanning cells on a grid, as HTML and DOCX tables need it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from parsers.document import Cell, Place, Table, UnreadableDocumentError
from parsers.records import record

MAX_SPAN = 1000
MAX_SLOTS = 200_000


@record
class SpanningCell:
    """A cell as the markup gives it: text and spans; ``row_span`` 0 means to the last row."""

    text: str
    row_span: int = 1
    column_span: int = 1


def lay_out(rows: Iterable[Sequence[SpanningCell]], table_number: int) -> Table:
    """Place cells as the HTML table model does; raises UnreadableDocumentError past MAX_SLOTS.

    Rows that start no cell of their own still count, and a row span never reaches beyond
    the last row.
    """
    all_rows = [list(row) for row in rows]
    height = len(all_rows)
    slots = 0
    from_above: dict[int, set[int]] = {}
    cells: list[Cell] = []
    for row, spanning_cells in enumerate(all_rows):
        column = 0
        taken = from_above.pop(row, ())
        for spanning in spanning_cells:
            while column in taken:
                column += 1
            wide, high = spanning.column_span, spanning.row_span
            if wide != 1 or high != 1:
                wide = min(max(wide, 1), MAX_SPAN)
                high = height - row if high == 0 else min(max(high, 1), height - row)
            slots += wide * high
            if slots > MAX_SLOTS:
                raise UnreadableDocumentError(
                    "too_big", f"table {table_number} spans more than {MAX_SLOTS} grid positions"
                )
            if high > 1:
                for below in range(row + 1, row + high):
                    from_above.setdefault(below, set()).update(range(column, column + wide))
            place = Place(None, None, table_number, row + 1, column + 1)
            cells.append(Cell(spanning.text, row, column, high, wide, place))
            column += wide
    return Table(cells, aligned=True, place=Place(table=table_number))
