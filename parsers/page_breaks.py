"""Rows that a page break cuts in two, as paged formats print them.

Rules do not tell whether the last row of a page goes on overleaf, its words do: two parts
belong together where only both together read as a label of the form, or where one part
is a labelled row without figures and the other has figures and no label.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from parsers import forms
from parsers.document import Cell, Document, Paragraph, Table, weakest
from parsers.labels import Vocabulary
from parsers.normalise import label_key, squeeze
from parsers.sections import match_heading
from parsers.values import read_value

_GROUPS = Vocabulary(forms.REQUEST_GROUPS)
_ITEMS = Vocabulary(forms.ITEMS)
_LABELS = (
    Vocabulary(forms.REQUEST_ROWS),
    _ITEMS,
    Vocabulary(forms.MEASURES),
    Vocabulary(forms.APPLICANTS),
    Vocabulary(forms.PROCEEDINGS),
    Vocabulary(forms.OUTCOMES),
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_UNKNOWN = "\ufffd"
_OUTCOMES = Vocabulary(forms.OUTCOMES)
_SAME_PLACE = 3.0  # points by which a column may move over a page break
_FEWEST_FIGURES = 3  # side by side: a row's, not a page's number
_BETWEEN = 60  # characters: a running head or foot may stand between two parts of a table


def tables_joined(document: Document) -> list[Table]:
    """The document's tables, their rows cut by page breaks put together on the first page.

    What was cut and cannot be put together for certain is made unreadable, not blank.
    """
    tables: list[Table] = []
    between: list[Paragraph] | None = None
    begun: Table | None = None
    for block in document.blocks:
        if not isinstance(block, Table):
            if between is not None:
                between.append(block)
            continue
        if tables and between is not None and _overleaf(tables[-1], block):
            if _continues(between) and begun:
                block = _without_heads_again(begun, block)
            else:
                begun = block
            if any(map(_is_figures, between)):
                tables[-1] = _without_last_row(tables[-1])
            elif _continues(between):
                tables[-1], block = _joined(tables[-1], block)
            else:
                tables[-1] = _without_cut_row(tables[-1], block)
        else:
            begun = block
        tables.append(block)
        between = []
    return tables


def _overleaf(before: Table, after: Table) -> bool:
    return before.place.page is not None and after.place.page == before.place.page + 1


def _continues(between: Sequence[Paragraph]) -> bool:
    """Whether what stands between two tables parts them: no more than a running head or foot does not."""
    return sum(len(paragraph.text) for paragraph in between) <= _BETWEEN and not any(
        match_heading(paragraph.text) for paragraph in between
    )


def _without_heads_again(begun: Table, after: Table) -> Table:
    """``after`` without the rows with which the table begun on an earlier page begins, printed again above its own.

    Only rows of table 二 from an article on, and only above an item of another article: above one of
    theirs they may be the heads of a table of its own.
    """
    count = 0
    rows = list(after.rows())
    for first, again in zip(begun.rows(), rows, strict=False):
        if not first or [_as_head(cell) for cell in first] != [_as_head(cell) for cell in again]:
            break
        if any(read_value(cell).kind == "number" for cell in again):
            break
        count += 1
    if count == 0 or count == len(rows) or any(c.row < count < c.row + c.row_span for c in after.cells):
        return after
    items = _items_under(label_key("".join(cell.text for cell in rows[0])))
    item = next((_ITEMS.exact(cell.text) for cell in rows[count] if not cell.blank), None)
    if item is None or not items or item in items:
        return after
    return replace(after, cells=[replace(cell, row=cell.row - count) for cell in after.cells if cell.row >= count])


@cache
def _items_under(article: str) -> frozenset[str]:
    """The items that any edition prints under an article, by its key; none for other words."""
    return frozenset(
        item
        for edition in forms.editions().values()
        for group in edition.disclosures
        if label_key(group.article) == article
        for item in group.items
    )


def _as_head(cell: Cell) -> tuple[str, int, int]:
    return squeeze(cell.text), cell.row_span, cell.column_span


def _is_figures(paragraph: Paragraph) -> bool:
    """Whether what is left over between tables begins with figures side by side, as a row without its label."""
    words = paragraph.text.split()[:_FEWEST_FIGURES]
    return len(words) == _FEWEST_FIGURES and all(read_value(Cell(word, 0, 0)).kind == "number" for word in words)


@dataclass(frozen=True, slots=True)
class _Row:
    """One printed row: its cells, the words before its figures, whether these are a label."""

    cells: list[Cell]
    label: int | None
    named: bool

    @property
    def values(self) -> list[Cell]:
        return self.cells[(self.label + 1 if self.label is not None else 0) :]

    @property
    def figured(self) -> bool:
        return any(not cell.blank and not _is_words(cell) for cell in self.values)


def _row(cells: list[Cell], number: int) -> _Row:
    """Row ``number`` of a table; words that stand beside several rows do not name this one."""
    own = [
        index
        for index, cell in enumerate(cells)
        if cell.row == number and _is_words(cell) and not (cell.row_span > 1 and _GROUPS.exact(cell.text))
    ]
    label = own[-1] if own else None
    return _Row(cells, label, label is not None and _is_label(cells[label].text))


def _is_words(cell: Cell) -> bool:
    return read_value(cell, change=True).kind == "unreadable" and bool(_HAN.search(cell.text))


def _is_label(text: str) -> bool:
    return any(vocabulary.exact(text) for vocabulary in _LABELS)


def _joined(before: Table, after: Table) -> tuple[Table, Table]:
    rows_before, rows_after = list(before.rows()), list(after.rows())
    if not rows_before or not rows_after:
        return before, after
    last, first = _row(rows_before[-1], len(rows_before) - 1), _row(rows_after[0], 0)
    if heads := _cut_heads(last, first):
        return _with(before, {id(upper): replace(upper, text="") for upper, _lower in heads}), _with(
            after, {id(lower): replace(lower, text=f"{upper.text}\n{lower.text}") for upper, lower in heads}
        )
    if first.named and not _belong_together(last, first):
        if last.named or not last.figured or first.figured:
            return before, after
        # Figures without a label right above a label without figures: they may be its own.
        return before, _with(after, {id(cell): replace(cell, text=_UNKNOWN) for cell in first.values})
    if first.label is None and last.figured and first.figured:
        # Figures of no row below figures of one: whether they are its own nothing tells.
        return _with(before, {id(cell): replace(cell, text=_UNKNOWN) for cell in last.values}), after
    if _belong_together(last, first):
        pairs = list(zip(last.cells, first.cells, strict=True))
        return _with(before, {id(a): _put_together(a, b) for a, b in pairs}), _with(
            after, {id(b): replace(b, text="") for _a, b in pairs}
        )
    if not last.figured and last.label is not None and (first.figured or not last.named):
        # Its figures are overleaf, or its label goes on there: blank cells would claim that it has none.
        return _with(before, {id(cell): replace(cell, text=_UNKNOWN) for cell in last.values}), after
    return before, after


def _without_last_row(before: Table) -> Table:
    """``before`` without the cells of its last row, whose figures may be among those left over behind it."""
    rows = list(before.rows())
    if not rows:
        return before
    last = _row(rows[-1], len(rows) - 1)
    return _with(before, {id(cell): replace(cell, text=_UNKNOWN) for cell in last.values if not _is_words(cell)})


def _without_cut_row(before: Table, after: Table) -> Table:
    """``before`` without the figures of its last row where ``after`` begins with figures of no row.

    Where lines of a table without rules are left over as prose, the table still goes on.
    """
    rows_before, rows_after = list(before.rows()), list(after.rows())
    if not rows_before or not rows_after:
        return before
    last, first = _row(rows_before[-1], len(rows_before) - 1), _row(rows_after[0], 0)
    if last.label is None or not last.figured or first.label is not None or not first.figured:
        return before
    return _with(before, {id(cell): replace(cell, text=_UNKNOWN) for cell in last.values})


def _cut_heads(last: _Row, first: _Row) -> list[tuple[Cell, Cell]]:
    """Heads of table 四 of which each page prints a part, upper and lower, known by their place across the page.

    Other heads stand beside them on either page, so the parts of the table have not the same columns.
    """
    pairs = [
        (upper, lower)
        for upper in last.cells
        if _is_words(upper)
        for lower in first.cells
        if (_is_words(lower) or lower.blank) and _same_extent(upper, lower)
    ]
    cut = any(not _OUTCOMES.exact(upper.text) for upper, _lower in pairs)
    whole = all(_OUTCOMES.exact(upper.text + lower.text) for upper, lower in pairs)
    return pairs if cut and whole and not any(read_value(cell).number is not None for cell in first.cells) else []


def _same_extent(upper: Cell, lower: Cell) -> bool:
    above, below = upper.place and upper.place.box, lower.place and lower.place.box
    if not above or not below:
        return False
    return abs(above[0] - below[0]) <= _SAME_PLACE and abs(above[2] - below[2]) <= _SAME_PLACE


def _with(table: Table, cells: dict[int, Cell]) -> Table:
    return replace(table, cells=[cells.get(id(cell), cell) for cell in table.cells])


def _put_together(upper: Cell, lower: Cell) -> Cell:
    if lower.blank:
        return upper
    if upper.blank:
        return replace(upper, text=lower.text, place=lower.place, recognition=lower.recognition)
    return replace(upper, text=f"{upper.text}\n{lower.text}", recognition=weakest(upper.recognition, lower.recognition))


def _belong_together(last: _Row, first: _Row) -> bool:
    if len(last.cells) != len(first.cells) or (last.named and first.named):
        return False
    pairs = list(zip(last.cells, first.cells, strict=True))
    if first.label is None:
        return last.named and first.figured and not any(_is_words(upper) and not lower.blank for upper, lower in pairs)
    if last.label is None and first.named and not first.figured:
        # The label of figures set at the top of a tall row may stand overleaf as a whole.
        above = last.cells[: first.label]
        spanning = all(cell.blank or cell.row_span > 1 or _is_words(cell) for cell in above)
        return spanning and last.cells[first.label].blank
    return _make_labels(last, first)


def _make_labels(last: _Row, first: _Row) -> bool:
    """Whether the words that stand above each other all make labels."""
    if len(last.cells) != len(first.cells):
        return False
    pairs = [
        (upper, lower)
        for upper, lower in zip(last.cells, first.cells, strict=True)
        if _is_words(upper) and _is_words(lower)
    ]
    # A cell that spans from above, such as a group's, is cut anywhere; the row's own cells decide.
    own = [(upper, lower) for upper, lower in pairs if upper.row_span == 1] or pairs
    texts = [upper.text + lower.text for upper, lower in own]
    return bool(texts) and all(_is_label(text) or _GROUPS.exact(text) for text in texts)
