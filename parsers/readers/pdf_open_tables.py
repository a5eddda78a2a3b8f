"""The form's tables where a PDF draws no rules between columns: read by where the words stand.

Only what is unambiguous is read. Every column must carry its head, and a figure belongs to a column
where it can stand in no other: what is printed in a cell stands between what is printed in the cells
beside it. A table that leaves a doubt is left to the prose, its cells absent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from parsers import forms
from parsers.document import Cell, Place, Table
from parsers.labels import Vocabulary
from parsers.normalise import fold, label_key, squeeze
from parsers.readers.paged import Columns
from parsers.readers.pdf_characters import UNKNOWN, Character, gap, join
from parsers.readers.pdf_rules import Edge
from parsers.readers.pdf_view import Box, View, rounded
from parsers.values import PLACEHOLDERS, UNITS, read_value

_APPLICANTS = Vocabulary(forms.APPLICANTS)
_OUTCOMES = Vocabulary(forms.OUTCOMES)
_PROCEEDINGS = Vocabulary(forms.PROCEEDINGS)
_MEASURES = Vocabulary(forms.MEASURES)
_ITEMS = Vocabulary(forms.ITEMS)
_ROWS = Vocabulary(forms.REQUEST_ROWS)
_GROUPS = Vocabulary(forms.REQUEST_GROUPS)
_OUTCOME_ORDER = [*forms.OUTCOMES] * len(forms.PROCEEDINGS)
_ENDS = frozenset("0123456789") | {word[-1] for word in (*PLACEHOLDERS, *UNITS)}
_APART = 0.7  # in type sizes: the least white between figures of two columns
_GUTTER = 2.0  # points of white between two columns
_FEWEST_ROWS = 2
_SAME_COLUMN = 6.0  # points by which a column's middle may move from page to page
_CENTRED = 0.4  # in type sizes
_LABEL_LINES = 8
_LABEL_WORDS = 6
_LABEL_GAP = 2.5  # in type sizes: wider white parts two labels on a line
_NEXT_LINE = 2.3  # in type sizes: from one line of a label to the next
_BESIDE = 1.2  # in type sizes: from figures to words that stand beside them
_OVERLAP = 0.5  # points
_EVEN = 0.75  # points by which columns of one width may differ
_FIRST_HEAD = "信息内容"
Extent = tuple[float, float]
"""Left and right end of what a column prints, in points."""


@dataclass(slots=True)
class _Word:
    """Characters without white between them."""

    characters: list[Character]
    text: str
    box: Box

    @property
    def x0(self) -> float:
        return self.box[0]

    @property
    def x1(self) -> float:
        return self.box[2]

    def at(self, share: float) -> float:
        """Place between its left end at 0 and its right end at 1."""
        return self.x0 + share * (self.x1 - self.x0)

    @property
    def height(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def size(self) -> float:
        return max(self.characters[0].size, 4.0)

    @property
    def is_value(self) -> bool:
        return _kind(self.text) in ("number", "placeholder")


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
        row[0].text == _FIRST_HEAD[0] and len(_words(row)) > 1 for row in printed
    ):
        return found
    lines = [_words(row) for row in printed]
    for rows in (
        _disclosures(lines, before.measures, found.columns),
        _requests(lines, edges, before, found.columns),
        _reviews(lines, before.outcomes, found.columns),
    ):
        if rows:
            number = tables_before + len(found.tables) + 1
            words = [word for row in rows for slot in row for word in slot.words]
            found.tables.append((min(word.box[1] for word in words), _table(rows, view, page, number)))
            found.used |= {id(character) for word in words for character in word.characters}
    return found


@dataclass(slots=True)
class _Slot:
    """A cell to be: its words, where it stands among the columns, its text if that is not the words'."""

    words: list[_Word]
    column: int
    span: int = 1
    text: str | None = None


_SlotRow = list[_Slot]


def _words(row: Sequence[Character]) -> list[_Word]:
    runs: list[list[Character]] = [[row[0]]]
    for left, right in pairwise(row):
        if gap(left, right):
            runs.append([right])
        else:
            runs[-1].append(right)
    return [_word(run) for run in runs]


@lru_cache(maxsize=4096)
def _may_end_a_value(character: str) -> bool:
    return fold(character) in _ENDS


def _ends_in_value(row: Sequence[Character]) -> bool:
    words = _words(row)
    return len(words) > 1 and words[-1].is_value


def _word(run: list[Character]) -> _Word:
    return _Word(run, join(run), _box(run))


def _box(run: Sequence[Character]) -> Box:
    return min(c.x0 for c in run), min(c.top for c in run), max(c.x1 for c in run), max(c.bottom for c in run)


def _kind(text: str) -> str:
    return read_value(Cell(text, 0, 0), change=True).kind


def _table(rows: Sequence[_SlotRow], view: View, page: int, number: int) -> Table:
    cells = []
    for index, row in enumerate(rows):
        for slot in row:
            text = slot.text if slot.text is not None else "\n".join(word.text for word in slot.words)
            box = _box([character for word in slot.words for character in word.characters]) if slot.words else None
            shown = rounded(view.as_shown(box)) if box else None
            place = Place(page=page, box=shown, table=number, row=index + 1, column=slot.column + 1)
            cells.append(Cell(text, index, slot.column, 1, slot.span, place))
    return Table(cells, aligned=True, place=Place(page=page, table=number))


# Labels ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Label:
    """A label of the form as printed, its words from top to bottom."""

    code: str
    words: list[_Word]
    text: str

    @property
    def x0(self) -> float:
        return min(word.x0 for word in self.words)

    @property
    def x1(self) -> float:
        return max(word.x1 for word in self.words)

    @property
    def top(self) -> float:
        return min(word.height for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.height for word in self.words)

    @property
    def size(self) -> float:
        return self.words[0].size

    def stands_at(self, y: float) -> bool:
        """Whether ``y`` is the height of its middle or of one of its lines: the label of a row has its figures there."""
        near = _CENTRED * self.size
        middle = (self.top + self.bottom) / 2
        return abs(middle - y) <= near or any(abs(word.height - y) <= near for word in self.words)


def _labels(lines: Sequence[Sequence[_Word]], vocabulary: Vocabulary) -> list[_Label]:
    """All labels of a vocabulary, whether in one line or broken over lines that stand right below each other.

    A word belongs to one label: where two claim it the longer one, if it holds all of the other, else none.
    """
    found: list[_Label] = []
    for at, line in enumerate(lines):
        for start in range(len(line)):
            run: list[_Word] = []
            for word in line[start : start + _LABEL_WORDS]:
                if word.is_value or (run and word.x0 - run[-1].x1 > _LABEL_GAP * word.size):
                    break
                run.append(word)
                found += _grown(run, lines, at, vocabulary)
    claims = [{id(word) for word in label.words} for label in found]
    return [
        label
        for label, own in zip(found, claims, strict=True)
        if not any(own is not other and own & other and not own > other for other in claims)
    ]


def _grown(run: Sequence[_Word], lines: Sequence[Sequence[_Word]], at: int, vocabulary: Vocabulary) -> Iterator[_Label]:
    """The labels that begin with a run of words on line ``at``."""
    words = list(run)
    for _line in range(_LABEL_LINES):
        text = "".join(word.text for word in words)
        if code := vocabulary.exact(text):
            yield _Label(code, list(words), text)
        x0, x1 = min(word.x0 for word in words), max(word.x1 for word in words)
        last = words[-1]
        below: list[_Word] = []
        while not below:
            at += 1
            if at >= len(lines) or lines[at][0].height - last.height > _NEXT_LINE * last.size + 4.0:
                return
            below = [word for word in lines[at] if word.x0 < x1 and word.x1 > x0]
        if any(word.is_value for word in below) or below[0].height - last.height > _NEXT_LINE * last.size:
            return
        words += below


# Columns ---------------------------------------------------------------------------------


def _assign(rows: Sequence[Sequence[_Word]], heads: Sequence[Extent]) -> tuple[list[dict[int, _Word] | None], list[Extent]]:
    """For each row its values by column, None where one of them may stand in two, and what the columns print.

    ``heads`` is what they print already. A row of as many values as columns gives each its own. Any
    other value belongs to the column in which something stands above or below it, or else to the
    only one that it reaches between what its neighbours print.
    """
    columns = list(heads)
    chosen: list[dict[int, _Word] | None] = [{} for _row in rows]
    waiting: list[tuple[int, _Word]] = []
    for at, row in enumerate(rows):
        if any(_close(before, after) for before, after in pairwise(row)) or len(row) > len(columns):
            chosen[at] = None
        elif len(row) == len(columns):
            chosen[at] = dict(enumerate(row))
        else:
            waiting += [(at, word) for word in row]
    for known in chosen:
        for column, word in (known or {}).items():
            columns[column] = _widened(columns[column], word)
    if not _apart(columns):
        return [None for _row in rows], columns
    going_on = True
    while going_on:
        going_on = False
        for entry in list(waiting):
            at, word = entry
            candidates = _candidates(word, columns)
            if len(candidates) == 1:
                _choose(chosen, at, candidates[0], word)
                columns[candidates[0]] = _widened(columns[candidates[0]], word)
                waiting.remove(entry)
                going_on = True
    if not _apart(columns):
        return [None for _row in rows], columns
    settled = [(column, word) for known in chosen for column, word in (known or {}).items()]
    for at, word in waiting:
        column = _by_distance(word, columns, heads, settled)
        if column is None:
            chosen[at] = None
        else:
            _choose(chosen, at, column, word)
    return chosen, columns


def _choose(chosen: list[dict[int, _Word] | None], at: int, column: int, word: _Word) -> None:
    row = chosen[at]
    if row is not None and column in row:
        chosen[at] = None
    elif row is not None:
        row[column] = word


def _widened(column: Extent, word: _Word) -> Extent:
    return min(column[0], word.x0), max(column[1], word.x1)


def _apart(columns: Sequence[Extent]) -> bool:
    return all(left[1] + _OVERLAP < right[0] for left, right in pairwise(columns))


def _candidates(word: _Word, columns: Sequence[Extent]) -> list[int]:
    """The columns in which a value may stand: those that it overlaps, or else those between whose neighbours it fits."""
    over = [at for at, (x0, x1) in enumerate(columns) if word.x0 < x1 - _OVERLAP and word.x1 > x0 + _OVERLAP]
    return over or [
        at
        for at in range(len(columns))
        if (at == 0 or columns[at - 1][1] <= word.x0 + _OVERLAP)
        and (at + 1 == len(columns) or word.x1 - _OVERLAP <= columns[at + 1][0])
    ]


def _by_distance(
    word: _Word, columns: Sequence[Extent], heads: Sequence[Extent], settled: Sequence[tuple[int, _Word]]
) -> int | None:
    """The only column from whose head a value stands as far as the settled ones from theirs.

    Only in columns of one width, and where the middles of all values, or their right or left ends,
    stand as far from where their heads begin.
    """
    pitches = [right[0] - left[0] for left, right in pairwise(heads)]
    if not settled or not pitches or max(pitches) - min(pitches) > _EVEN:
        return None
    candidates = _candidates(word, columns)
    fitting: set[int] = set()
    for share in (0.5, 1.0, 0.0):
        offsets = [value.at(share) - heads[column][0] for column, value in settled]
        if max(offsets) - min(offsets) <= _EVEN:
            fitting |= {at for at in candidates if abs(word.at(share) - heads[at][0] - offsets[0]) <= _EVEN}
    return fitting.pop() if len(fitting) == 1 else None


def _slots(values: dict[int, _Word] | None, count: int, first: int) -> list[_Slot]:
    """A slot for each column, all unknown where the columns of a row are."""
    if values is None:
        return [_Slot([], first + at, text=UNKNOWN) for at in range(count)]
    return [_Slot([values[at]] if at in values else [], first + at) for at in range(count)]


def _close(before: _Word, after: _Word) -> bool:
    """Whether two values may be one number set with wide gaps, since no rule parts them."""
    return after.x0 - before.x1 < _APART * min(before.characters[-1].size, after.characters[0].size)


# Table 二 --------------------------------------------------------------------------------


def _disclosures(lines: Sequence[Sequence[_Word]], before: Sequence[Extent], found: Columns) -> list[_SlotRow]:
    """Rows of table 二: an item's figures by the heads above them, which may stand on the page before."""
    rows: list[_SlotRow] = []
    block: list[tuple[_Word, list[_Word]]] = []
    heads = list(before)
    seen = 0

    def close() -> None:
        nonlocal heads
        chosen, heads = _assign([values for _item, values in block], heads)
        for (item, _values), values in zip(block, chosen, strict=True):
            rows.append([_Slot([item], 0), *_slots(values, len(heads), 1)])
        block.clear()

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
        elif heads and rest and _ITEMS.exact(first.text) and all(word.is_value for word in rest):
            seen += 1
            block.append((first, rest))
    close()
    # The report has gone on to table 三 where that prints its own heads or rows.
    found.measures = heads if seen and not _labels(lines, _APPLICANTS) else []
    return rows if seen else []


def _bare(text: str) -> str:
    return squeeze(text).split("(单位")[0].split("(万元")[0]


# Table 三 --------------------------------------------------------------------------------


def _requests(
    lines: Sequence[Sequence[_Word]], edges: Sequence[Edge], before: Columns, found: Columns
) -> list[_SlotRow]:
    """Rows of table 三: seven columns of figures under the seven applicants."""
    count = len(forms.APPLICANTS)
    tails = [tail for line in lines if (tail := _tail(line))]
    full = [tail for tail in tails if len(tail) == count]
    printed = _columns(full)
    heads = _applicants(lines)
    columns = [(head.x0, head.x1) for head in heads]
    if not heads:
        if printed and (_same(printed, before.applicants) or _adds_up(full)):
            columns = printed
        elif before.applicants and not full:
            columns = list(before.applicants)
        else:
            return []
    left, right = _sides(columns, printed, tails)
    labels = [label for label in _labels(lines, _ROWS) if label.x1 <= left]
    if not labels:
        return []
    top = min(label.top - label.size for label in labels)
    bottom = max(label.bottom + label.size for label in labels)
    if heads:
        top = max(top, max(head.bottom for head in heads))
    anchors = [
        tail for tail in tails if left <= tail[0].x0 and tail[-1].x1 <= right and top <= tail[0].height <= bottom
    ]
    beside = _labels_by_anchor(lines, labels, anchors, left, edges)
    chosen, columns = _assign(anchors, columns)
    rows: list[_SlotRow] = []
    if heads:
        rows.append([_Slot(head.words, 3 + at) for at, head in enumerate(heads)])
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
    found.applicants = columns
    return rows


def _part(
    lines: Sequence[Sequence[_Word]], labels: Sequence[_Label], left: float, anchor: Sequence[_Word]
) -> list[_Word]:
    """The words beside the last figures of a page that make no label by themselves: it may go on overleaf."""
    y = anchor[0].height
    words = _unclaimed(lines, labels, left)
    beside = [word for word in words if abs(word.height - y) <= _CENTRED * word.size]
    if not beside:
        return []
    part = [max(beside, key=lambda word: word.x1)]
    for word in sorted(words, key=lambda word: abs(word.height - y)):
        near = min(abs(word.height - other.height) for other in part)
        if word is not part[0] and 0 < near <= _NEXT_LINE * word.size and _above(word, part):
            part.append(word)
    return sorted(part, key=lambda word: word.height)


def _rest(lines: Sequence[Sequence[_Word]], labels: Sequence[_Label], left: float, cut: str) -> list[_Word]:
    """The words above the first label of a page that make up the rest of one cut by the page break."""
    top = min(label.top for label in labels)
    rest: list[_Word] = []
    for word in _unclaimed(lines, labels, left):
        if word.height < top and (not rest or _above(word, rest)):
            rest.append(word)
            if _ROWS.exact(cut + "".join(other.text for other in rest)):
                return rest
    return []


def _unclaimed(lines: Sequence[Sequence[_Word]], labels: Sequence[_Label], left: float) -> list[_Word]:
    """The words before the figures that are part of no label."""
    claimed = {id(word) for label in labels for word in label.words}
    return [word for line in lines for word in line if word.x1 <= left and id(word) not in claimed]


def _above(word: _Word, others: Sequence[_Word]) -> bool:
    """Whether a word stands above or below others."""
    return any(word.x0 < other.x1 and word.x1 > other.x0 for other in others)


def _tail(line: Sequence[_Word]) -> list[_Word]:
    """The values at the end of a line."""
    tail: list[_Word] = []
    for word in reversed(line):
        if not word.is_value:
            break
        tail.append(word)
    return tail[::-1]


def _columns(rows: Sequence[Sequence[_Word]]) -> list[Extent]:
    """Extents of the columns that full rows make, none if two of them touch."""
    if any(_close(before, after) for row in rows for before, after in pairwise(row)):
        return []
    columns = [(min(w.x0 for w in column), max(w.x1 for w in column)) for column in zip(*rows, strict=True)]
    return columns if all(left[1] + _GUTTER < right[0] for left, right in pairwise(columns)) else []


def _same(columns: Sequence[Extent], before: Sequence[Extent]) -> bool:
    return len(columns) == len(before) and all(
        one[0] < other[1] + _SAME_COLUMN and one[1] > other[0] - _SAME_COLUMN
        for one, other in zip(columns, before, strict=True)
    )


def _adds_up(rows: Sequence[Sequence[_Word]]) -> bool:
    """Whether the last figure of every row is the sum of the others, as in the form, whose heads may stand overleaf."""
    numbers = [[read_value(Cell(word.text, 0, 0)).number for word in row] for row in rows]
    sums = [row for row in numbers if None not in row and any(row)]
    return len(sums) >= _FEWEST_ROWS and all(sum(row[:-1]) == row[-1] for row in sums)  # type: ignore[arg-type]


def _applicants(lines: Sequence[Sequence[_Word]]) -> list[_Label]:
    """The seven heads left to right, none where one is missing or printed twice.

    The words 其他 and 总计 stand elsewhere too: heads are those next to the first one.
    """
    found = _labels(lines, _APPLICANTS)
    first_code = next(iter(forms.APPLICANTS))
    for first in found:
        if first.code != first_code:
            continue
        reach = _NEXT_LINE * first.size
        beside = [
            label
            for label in found
            if label.x0 > first.x1 and label.bottom >= first.top - reach and label.top <= first.bottom + reach
        ]
        heads = sorted([first, *beside], key=lambda label: label.x0)
        if sorted(head.code for head in heads) == sorted(forms.APPLICANTS) and _apart([(h.x0, h.x1) for h in heads]):
            return heads
    return []


def _sides(columns: Sequence[Extent], printed: Sequence[Extent], tails: Sequence[Sequence[_Word]]) -> Extent:
    """Where the figures of a table begin and end.

    On the left with the first column's print; on the right at most as far beyond the last head as columns stand apart.
    """
    if printed:
        return min(printed[0][0], columns[0][0]) - _GUTTER, max(printed[-1][1], columns[-1][1]) + _GUTTER
    (x0, x1), (_before, last) = columns[0], columns[-1]
    left = min([x0, *(tail[0].x0 for tail in tails if tail[0].x0 < x1 and tail[0].x1 > x0)])
    return left - _GUTTER, last + columns[-1][0] - columns[-2][0]


def _labels_by_anchor(
    lines: Sequence[Sequence[_Word]],
    labels: Sequence[_Label],
    anchors: Sequence[Sequence[_Word]],
    left: float,
    edges: Sequence[Edge],
) -> list[_Label | None]:
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
    found: list[_Label | None] = []
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
            word.x0 >= label.x1 and abs(word.height - y) <= _BESIDE * word.size and (not ruled or band(word.height) == band(y))
            for word in words
        ):
            label = None
        found.append(label)
    return [label if label and sum(label is other for other in found) == 1 else None for label in found]


# Table 四 --------------------------------------------------------------------------------


def _reviews(lines: Sequence[Sequence[_Word]], before: Sequence[Extent], found: Columns) -> list[_SlotRow]:
    """Rows of table 四: one row of figures, each under its outcome, in groups under the proceedings."""
    count = len(_OUTCOME_ORDER)
    heads = sorted(_labels(lines, _OUTCOMES), key=lambda label: label.x0)
    # 总计 heads a column of table 三 too, and names a row.
    bottom = max((head.bottom for head in heads if head.code != "total"), default=0.0)
    heads = [head for head in heads if abs(head.bottom - bottom) <= 2 * _NEXT_LINE * head.size]
    rows: list[_SlotRow] = []
    if heads:
        if [head.code for head in heads] != _OUTCOME_ORDER or not _apart([(h.x0, h.x1) for h in heads]):
            return []
        extents = [(head.x0, head.x1) for head in heads]
        top = _proceedings(lines, extents)
        if not top:
            return []
        rows = [top, [_Slot(head.words, at) for at, head in enumerate(heads)]]
        lowest = max(head.bottom for head in heads)
        below = [line for line in lines if line[0].height > lowest]
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
    (values,), _columns_printed = _assign([line], extents)
    return [*rows, _slots(values, count, 0)]


def _proceedings(lines: Sequence[Sequence[_Word]], outcomes: Sequence[Extent]) -> _SlotRow:
    """The heads above the outcomes, each over its own; empty where one is missing."""
    width = len(forms.OUTCOMES)
    printed = {label.code: label for label in _labels(lines, _PROCEEDINGS)}
    top: _SlotRow = []
    for at, code in enumerate(forms.PROCEEDINGS):
        label = printed.get(code)
        first, last = outcomes[at * width], outcomes[at * width + width - 1]
        if label and first[0] - _GUTTER < (label.x0 + label.x1) / 2 < last[1] + _GUTTER:
            top.append(_Slot(label.words, at * width, width))
    return top if len(top) == len(forms.PROCEEDINGS) else []
