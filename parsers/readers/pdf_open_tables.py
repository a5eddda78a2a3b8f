"""The form's tables where a PDF draws no rules between columns: read by where the words stand.

Only what is unambiguous is read. Every column must carry its head, and a figure belongs to a column
where it can stand in no other: what is printed in a cell stands between what is printed in the cells
beside it. A table that leaves a doubt is left to the prose, its cells absent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from parsers import forms
from parsers.document import Cell, Place, Table
from parsers.labels import Vocabulary
from parsers.normalise import fold, label_key, squeeze
from parsers.readers.paged import Columns
from parsers.readers.pdf_characters import UNKNOWN, Character
from parsers.readers.pdf_columns import Extent, are_apart, are_close, assign
from parsers.readers.pdf_labels import CENTRED, NEXT_LINE, Label, find_labels
from parsers.readers.pdf_rules import Edge
from parsers.readers.pdf_view import View, rounded
from parsers.readers.pdf_words import Word, box_of, words_of
from parsers.values import PLACEHOLDERS, UNITS, read_value

_APPLICANTS = Vocabulary(forms.APPLICANTS)
_OUTCOMES = Vocabulary(forms.OUTCOMES)
_PROCEEDINGS = Vocabulary(forms.PROCEEDINGS)
_MEASURES = Vocabulary(forms.MEASURES)
_ITEMS = Vocabulary(forms.ITEMS)
_ROWS = Vocabulary(forms.REQUEST_ROWS)
_OUTCOME_ORDER = [*forms.OUTCOMES] * len(forms.PROCEEDINGS)
_ENDS = frozenset("0123456789") | {word[-1] for word in (*PLACEHOLDERS, *UNITS)}
_GUTTER = 2.0  # points of white between two columns
_FEWEST_ROWS = 2
_SAME_COLUMN = 6.0  # points by which a column's middle may move from page to page
_NEXT_FIGURES = 1.4  # in type sizes: between two lines of one cell
_NEXT_ROW = 4.0  # in type sizes: from a table's heads to its figures
_BESIDE = 1.2  # in type sizes: from figures to words that stand beside them
_CUT_ROW = 2.5  # in type sizes: how far the figures of a row cut by a page break stand below the last label
_HAN = re.compile(r"[\u3400-\u9fff]")
_FIRST_HEAD = "信息内容"


@dataclass(slots=True)
class OpenTables:
    """Tables found on a page with their tops, the characters they use, and the columns that may go on overleaf."""

    tables: list[tuple[float, Table]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    columns: Columns = field(default_factory=Columns)


def find_open_tables(
    printed: Sequence[Sequence[Character]],
    edges: Sequence[Edge],
    view: View,
    page: int,
    tables_before: int,
    before: Columns | None,
) -> OpenTables:
    """Read tables without vertical rules from the ``printed`` lines that stand in no ruled table.

    ``before`` are the columns of such tables on the page before: they may go on without heads.
    """
    found = OpenTables()
    before = before or Columns()
    # Only a line of several words that ends in a value can be a row.
    if not any(_may_end_a_value(row[-1].text) and _ends_in_value(row) for row in printed) and not any(
        row[0].text == _FIRST_HEAD[0] and len(words_of(row)) > 1 for row in printed
    ):
        return found
    lines = [words_of(row) for row in printed]
    for rows in (
        _disclosures(lines, before.measures, found.columns),
        _requests(lines, edges, before, found.columns),
        _reviews(lines, before.outcomes, found.columns),
    ):
        words = [word for row in rows for slot in row for word in slot.words]
        if words:
            number = tables_before + len(found.tables) + 1
            found.tables.append((min(word.box[1] for word in words), _table(rows, view, page, number)))
            found.used |= {id(character) for word in words for character in word.characters}
    return found


@dataclass(slots=True)
class _Slot:
    """A cell to be: its words, where it stands among the columns, its text if that is not the words'."""

    words: list[Word]
    column: int
    span: int = 1
    text: str | None = None


_SlotRow = list[_Slot]


@lru_cache(maxsize=4096)
def _may_end_a_value(character: str) -> bool:
    return fold(character) in _ENDS


def _ends_in_value(row: Sequence[Character]) -> bool:
    words = words_of(row)
    return len(words) > 1 and words[-1].is_value


def _table(rows: Sequence[_SlotRow], view: View, page: int, number: int) -> Table:
    cells = []
    for index, row in enumerate(rows):
        for slot in row:
            text = slot.text if slot.text is not None else "\n".join(word.text for word in slot.words)
            box = box_of([character for word in slot.words for character in word.characters]) if slot.words else None
            shown = rounded(view.as_shown(box)) if box else None
            place = Place(page=page, box=shown, table=number, row=index + 1, column=slot.column + 1)
            cells.append(Cell(text, index, slot.column, 1, slot.span, place))
    return Table(cells, aligned=True, place=Place(page=page, table=number))


def _slots(values: dict[int, Word] | None, count: int, first: int) -> list[_Slot]:
    """A slot for each column, all unknown where the columns of a row are."""
    if values is None:
        return [_Slot([], first + at, text=UNKNOWN) for at in range(count)]
    return [_Slot([values[at]] if at in values else [], first + at) for at in range(count)]


# Table 二 --------------------------------------------------------------------------------


def _disclosures(lines: Sequence[Sequence[Word]], before: Sequence[Extent], found: Columns) -> list[_SlotRow]:
    """Rows of table 二: an item's figures by the heads above them, which may stand on the page before."""
    rows: list[_SlotRow] = []
    block: list[tuple[Word, list[Word]]] = []
    loose: list[Word] = []
    heads = list(before)
    seen = 0

    def close() -> None:
        nonlocal heads
        chosen, heads = assign([values for _item, values in block], heads, [item for item, _values in block])
        for (item, own), values in zip(block, chosen, strict=True):
            reach = _NEXT_FIGURES * item.size if own else _to_the_next(item, [other for other, _values in block])
            # Figures right above or below an item, without one of their own, may be the rest of its figures.
            doubted = any(abs(word.height - item.height) <= reach for word in loose)
            rows.append([_Slot([item], 0), *_slots(None if doubted else values, len(heads), 1)])
        block.clear()
        loose.clear()

    for line in lines:
        first, rest = line[0], list(line[1:])
        whole = squeeze("".join(word.text for word in line))
        if "第二十条第" in whole and len(whole) < 40:
            close()
            heads = []
            rows.append([_Slot(list(line), 0, 4)])
        elif label_key(first.text) == _FIRST_HEAD and rest and all(_MEASURES.exact(_bare(word.text)) for word in rest):
            close()
            heads = [(word.x0, word.x1) for word in rest]
            seen += 1
            rows.append([_Slot([first], 0), *(_Slot([word], at) for at, word in enumerate(rest, start=1))])
        elif heads and _ITEMS.exact(first.text) and all(word.is_value for word in rest):
            seen += bool(rest)
            block.append((first, rest))
        elif heads and _is_figures(line):
            if before and not seen and not rows and not block and all(word.is_value for word in line):
                # The last row of the page before goes on here.
                [values], _extents = assign([line], heads, [])
                rows.append([_Slot([], 0), *_slots(values, len(heads), 1)])
            loose += line
    close()
    # The report has gone on to table 三 where that prints its own heads or rows.
    found.measures = heads if seen and not find_labels(lines, _APPLICANTS) else []
    return rows if seen else []


def _to_the_next(item: Word, items: Sequence[Word]) -> float:
    """How far from an item the next one stands: so far figures without an item may be its own, if it has none."""
    return min((abs(other.height - item.height) for other in items if other is not item), default=_NEXT_ROW * item.size)


def _is_figures(line: Sequence[Word]) -> bool:
    """Whether a line prints nothing but values and what may be part of one."""
    return all(word.is_value or not _HAN.search(word.text) for word in line)


def _bare(text: str) -> str:
    return squeeze(text).split("(单位")[0].split("(万元")[0]


# Table 三 --------------------------------------------------------------------------------


def _requests(
    lines: Sequence[Sequence[Word]], edges: Sequence[Edge], before: Columns, found: Columns
) -> list[_SlotRow]:
    """Rows of table 三: seven columns of figures under the seven applicants."""
    count = len(forms.APPLICANTS)
    tails = [tail for line in lines if (tail := _tail(line))]
    labels = find_labels(lines, _ROWS)
    full = [
        tail
        for tail in tails
        if len(tail) == count and any(label.x1 <= tail[0].x0 and label.stands_at(tail[0].height) for label in labels)
    ]
    full = [row for row in full if not any(are_close(before, after) for before, after in pairwise(row))]
    printed = _columns(full) if full else []
    heads = _applicants(lines)
    columns = [(head.x0, head.x1) for head in heads]
    if not heads:
        if printed and _same(printed, before.applicants):
            columns = _united(printed, before.applicants)
        elif printed and _adds_up(full):
            columns = printed
        elif before.applicants and not printed:
            columns = list(before.applicants)
        else:
            return []
    left, right = _sides(columns, printed, tails)
    labels = [label for label in labels if label.x1 <= left]
    if heads and not any(label.top > heads[0].bottom for label in labels):
        # The rows are overleaf.
        found.applicants = columns
        return [[_Slot(head.words, 3 + at) for at, head in enumerate(heads)]]
    if not labels:
        return []
    top = min(label.top - label.size for label in labels)
    bottom = max(label.bottom + label.size for label in labels)
    if heads:
        top = max(top, max(head.bottom for head in heads))
    anchors = [
        tail for tail in tails if left <= tail[0].x0 and tail[-1].x1 <= right and top <= tail[0].height <= bottom
    ]
    below = next((tail for tail in tails if tail[0].height > bottom), None)
    if (
        below
        and left <= below[0].x0
        and below[-1].x1 <= right
        and below[0].height <= bottom + _CUT_ROW * below[0].size
        and _part(lines, labels, left, below)
    ):
        anchors.append(below)
    if not heads:
        # The last row of the page before may go on here.
        above = [tail for tail in tails if left <= tail[0].x0 and tail[-1].x1 <= right and tail[0].height < top]
        goes_on = assign(above[-1:], columns, [])[0]
    else:
        goes_on = []
    beside = _labels_by_anchor(lines, labels, anchors, left, edges)
    chosen, columns = assign(anchors, columns, [word for label in labels for word in label.words])
    # What else stands among the figures of a row, such as one that cannot be read, may be one of them.
    among = {id(line[-1]) for line in lines if any(word.x1 > left for word in line[: len(line) - len(_tail(line))])}
    chosen = [None if id(row[-1]) in among else values for row, values in zip(anchors, chosen, strict=True)]
    # What stands right above or below figures, without a label of its own or not to be read, may be the rest of these.
    loose = [
        row[0]
        for row, label in zip(anchors, beside, strict=True)
        if label is None and not (row is below and row is anchors[-1])
    ]
    anchored = {id(word) for row in anchors for word in row} | {id(word) for head in heads for word in head.words}
    loose += [
        word
        for line in lines
        for word in line
        if left <= word.x0 and word.x1 <= right and top <= word.height <= bottom and id(word) not in anchored
    ]
    for at, row in enumerate(anchors):
        if any(word is not row[0] and abs(word.height - row[0].height) <= _NEXT_FIGURES * word.size for word in loose):
            chosen[at] = None
    rows: list[_SlotRow] = []
    if heads:
        rows.append([_Slot(head.words, 3 + at) for at, head in enumerate(heads)])
    rows += [[_Slot([], 2), *_slots(values, count, 3)] for values in goes_on]
    if before.cut and anchors and not heads:
        rest = _rest(lines, labels, left, before.cut)
        if rest:
            rows.append([_Slot(rest, 2), *_slots({}, count, 3)])
    for values, label in zip(chosen, beside, strict=True):
        slots = _slots(values if label else None, count, 3)
        rows.append([_Slot(label.words, 2, text=label.text), *slots] if label else slots)
    if anchors and not beside[-1]:
        part = _part(lines, labels, left, anchors[-1])
        if part:
            rows[-1] = [_Slot(part, 2), *_slots(chosen[-1], count, 3)]
            found.cut = "".join(word.text for word in part)
    rows += [[slot, *_slots({}, count, 3)] for slot in _figureless_at_the_end(lines, labels, anchors, left)]
    found.applicants = columns
    return rows


def _figureless_at_the_end(
    lines: Sequence[Sequence[Word]], labels: Sequence[Label], anchors: Sequence[Sequence[Word]], left: float
) -> list[_Slot]:
    """The last label of a page where all figures stand above it, and what stands for words below it.

    Figures overleaf that have no label are that one's, not those of the last row with figures.
    """
    last = max(labels, key=lambda label: label.bottom)
    near = _NEXT_FIGURES * last.size
    lowest = max((anchor[0].height for anchor in anchors), default=0.0)
    figureless = last.top > lowest and not any(
        word.x1 > left and last.top - near <= word.height <= last.bottom + near for line in lines for word in line
    )
    slots = [_Slot(last.words, 2, text=last.text)] if figureless else []
    end = max(last.bottom, lowest)
    if any(
        last.size / 2 < word.height - end <= _NEXT_ROW * last.size and _above(word, last.words)
        for word in _unclaimed(lines, labels, left)
    ):
        # They may be part of a label that the page's end cuts, or of the prose.
        slots.append(_Slot([], 2, text=UNKNOWN))
    return slots


def _part(lines: Sequence[Sequence[Word]], labels: Sequence[Label], left: float, anchor: Sequence[Word]) -> list[Word]:
    """The words beside the last figures of a page that make no label by themselves: it may go on overleaf."""
    y = anchor[0].height
    words = _unclaimed(lines, labels, left)
    beside = [word for word in words if abs(word.height - y) <= CENTRED * word.size]
    if not beside:
        return []
    part = [max(beside, key=lambda word: word.x1)]
    for word in sorted(words, key=lambda word: abs(word.height - y)):
        near = min(abs(word.height - other.height) for other in part)
        if word is not part[0] and 0 < near <= NEXT_LINE * word.size and _above(word, part):
            part.append(word)
    return sorted(part, key=lambda word: word.height)


def _rest(lines: Sequence[Sequence[Word]], labels: Sequence[Label], left: float, cut: str) -> list[Word]:
    """The words above the first label of a page that make up the rest of one cut by the page break."""
    top = min(label.top for label in labels)
    rest: list[Word] = []
    for word in _unclaimed(lines, labels, left):
        if word.height < top and (not rest or _above(word, rest)):
            rest.append(word)
            if _ROWS.exact(cut + "".join(other.text for other in rest)):
                return rest
    return []


def _unclaimed(lines: Sequence[Sequence[Word]], labels: Sequence[Label], left: float) -> list[Word]:
    """The words before the figures that are part of no label."""
    claimed = {id(word) for label in labels for word in label.words}
    return [word for line in lines for word in line if word.x1 <= left and id(word) not in claimed]


def _above(word: Word, others: Sequence[Word]) -> bool:
    """Whether a word stands above or below others."""
    return any(word.x0 < other.x1 and word.x1 > other.x0 for other in others)


def _tail(line: Sequence[Word]) -> list[Word]:
    """The values at the end of a line."""
    tail: list[Word] = []
    for word in reversed(line):
        if not word.is_value:
            break
        tail.append(word)
    return tail[::-1]


def _columns(rows: Sequence[Sequence[Word]]) -> list[Extent]:
    """Extents of the columns that full rows make, none if two of them touch."""
    columns = [(min(w.x0 for w in column), max(w.x1 for w in column)) for column in zip(*rows, strict=True)]
    return columns if all(left[1] + _GUTTER < right[0] for left, right in pairwise(columns)) else []


def _same(columns: Sequence[Extent], before: Sequence[Extent]) -> bool:
    return len(columns) == len(before) and all(
        one[0] < other[1] + _SAME_COLUMN and one[1] > other[0] - _SAME_COLUMN
        for one, other in zip(columns, before, strict=True)
    )


def _united(columns: Sequence[Extent], before: Sequence[Extent]) -> list[Extent]:
    """Extents of the columns of two pages together, those of the one alone where they would touch."""
    both = [(min(one[0], other[0]), max(one[1], other[1])) for one, other in zip(columns, before, strict=True)]
    return both if are_apart(both) else list(columns)


def _adds_up(rows: Sequence[Sequence[Word]]) -> bool:
    """Whether the last figure of every row is the sum of the others, as in the form, whose heads may stand overleaf."""
    numbers = [[read_value(Cell(word.text, 0, 0)).number for word in row] for row in rows]
    sums = [row for row in numbers if None not in row and any(row)]
    return len(sums) >= _FEWEST_ROWS and all(sum(row[:-1]) == row[-1] for row in sums)  # type: ignore[arg-type]


def _applicants(lines: Sequence[Sequence[Word]]) -> list[Label]:
    """The seven heads left to right, none where one is missing or printed twice.

    The words 其他 and 总计 stand elsewhere too: heads are those next to the first one.
    """
    found = find_labels(lines, _APPLICANTS)
    first_code = next(iter(forms.APPLICANTS))
    for first in found:
        if first.code != first_code:
            continue
        reach = NEXT_LINE * first.size
        beside = [
            label
            for label in found
            if label.x0 > first.x1 and label.bottom >= first.top - reach and label.top <= first.bottom + reach
        ]
        heads = sorted([first, *beside], key=lambda label: label.x0)
        if sorted(head.code for head in heads) == sorted(forms.APPLICANTS) and are_apart([(h.x0, h.x1) for h in heads]):
            return heads
    return []


def _sides(columns: Sequence[Extent], printed: Sequence[Extent], tails: Sequence[Sequence[Word]]) -> Extent:
    """Where the figures of a table begin and end.

    On the left with the first column's print; on the right at most as far beyond the last head as columns stand apart.
    """
    if printed:
        return min(printed[0][0], columns[0][0]) - _GUTTER, max(printed[-1][1], columns[-1][1]) + _GUTTER
    (x0, x1), (_before, last) = columns[0], columns[-1]
    left = min([x0, *(tail[0].x0 for tail in tails if tail[0].x0 < x1 and tail[0].x1 > x0)])
    return left - _GUTTER, last + columns[-1][0] - columns[-2][0]


def _labels_by_anchor(
    lines: Sequence[Sequence[Word]],
    labels: Sequence[Label],
    anchors: Sequence[Sequence[Word]],
    left: float,
    edges: Sequence[Edge],
) -> list[Label | None]:
    """For each row of figures its label, None where there is none, or more than one.

    The label is what stands next to the figures, at their height. Rules across the figures part the rows.
    """
    heights = [sum(word.height for word in anchor) / len(anchor) for anchor in anchors]
    rules = sorted(
        edge["top"] for edge in edges if edge["orientation"] == "h" and edge["x0"] <= left and edge["x1"] >= left
    )

    def band(y: float) -> int:
        return sum(rule < y for rule in rules)

    ruled = len({band(y) for y in heights}) == len(heights) and len(rules) > len(heights)
    words = [word for line in lines for word in line if word.x1 <= left]
    found: list[Label | None] = []
    for y in heights:
        here = [
            label
            for label in labels
            if label.stands_at(y) and not (ruled and any(band(word.height) != band(y) for word in label.words))
        ]
        last = [label for label in here if not any(other.x0 >= label.x1 for other in here)]
        # Words between a label and the figures make it a group's.
        label = last[0] if len(last) == 1 else None
        if label and any(
            word.x0 >= label.x1
            and abs(word.height - y) <= _BESIDE * word.size
            and (not ruled or band(word.height) == band(y))
            for word in words
        ):
            label = None
        found.append(label)
    return [label if label and sum(label is other for other in found) == 1 else None for label in found]


# Table 四 --------------------------------------------------------------------------------


def _reviews(lines: Sequence[Sequence[Word]], before: Sequence[Extent], found: Columns) -> list[_SlotRow]:
    """Rows of table 四: one row of figures, each under its outcome, in groups under the proceedings."""
    count = len(_OUTCOME_ORDER)
    heads = sorted(find_labels(lines, _OUTCOMES), key=lambda label: label.x0)
    # 总计 heads a column of table 三 too, and names a row.
    bottom = max((head.bottom for head in heads if head.code != "total"), default=0.0)
    heads = [head for head in heads if abs(head.bottom - bottom) <= 2 * NEXT_LINE * head.size]
    rows: list[_SlotRow] = []
    if heads:
        if [head.code for head in heads] != _OUTCOME_ORDER or not are_apart([(h.x0, h.x1) for h in heads]):
            return []
        extents = [(head.x0, head.x1) for head in heads]
        top = _proceedings(lines, extents)
        if not top:
            return []
        rows = [top, [_Slot(head.words, at) for at, head in enumerate(heads)]]
        lowest = max(head.bottom for head in heads)
        reach = lowest + _NEXT_ROW * heads[0].size
        below = [line for line in lines if lowest < line[0].height <= reach]
    elif before:
        extents, below = list(before), list(lines)
    else:
        return []
    line = next(iter(below), None)
    if line is None:
        found.outcomes = extents
        return rows
    if not all(word.is_value for word in line):
        return []
    (values,), _columns_printed = assign([line], extents, [word for head in heads for word in head.words])
    # A few figures may be a page's number and no row, unless they add up.
    if values is not None and len(values) < count and not _sums_hold(values):
        values = None
    # Those of the next line may be the rest of the row's.
    if any(_may_go_on(line[0], other) for other in lines if other is not line):
        values = None
    return [*rows, _slots(values, count, 0)]


def _may_go_on(word: Word, line: Sequence[Word]) -> bool:
    """Whether a line of nothing but figures stands right above or below a value."""
    return abs(line[0].height - word.height) <= _NEXT_FIGURES * word.size and _is_figures(line)


def _sums_hold(values: dict[int, Word]) -> bool:
    """Whether each proceeding with figures in it prints their sum."""
    width = len(forms.OUTCOMES)
    for first in range(0, width * len(forms.PROCEEDINGS), width):
        printed = [read_value(Cell(values[at].text, 0, 0)) for at in range(first, first + width) if at in values]
        numbers = [reading.number for reading in printed if reading.number is not None]
        if numbers and (first + width - 1 not in values or sum(numbers[:-1]) != numbers[-1]):
            return False
    return True


def _proceedings(lines: Sequence[Sequence[Word]], outcomes: Sequence[Extent]) -> _SlotRow:
    """The heads above the outcomes, each over its own; empty where one is missing."""
    width = len(forms.OUTCOMES)
    printed = {label.code: label for label in find_labels(lines, _PROCEEDINGS)}
    top: _SlotRow = []
    for at, code in enumerate(forms.PROCEEDINGS):
        label = printed.get(code)
        first, last = outcomes[at * width], outcomes[at * width + width - 1]
        if label and first[0] - _GUTTER < (label.x0 + label.x1) / 2 < last[1] + _GUTTER:
            top.append(_Slot(label.words, at * width, width))
    return top if len(top) == len(forms.PROCEEDINGS) else []
