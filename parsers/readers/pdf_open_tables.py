"""The form's tables where a PDF draws no rules between columns: read by where the words stand.

Only what is unambiguous is read. Every column must carry its head, every figure must stand
under exactly one head, and a table that leaves a doubt is left to the prose, its cells absent.
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
_HEAD_LINES = 12
_FEWEST_ROWS = 2
_SAME_COLUMN = 6.0  # points by which a column's middle may move from page to page
_SAME_LINE = 1.0
_CENTRED = 0.4  # in type sizes
_LABEL_LINES = 8
_LONGEST_ROW = 4.0  # in line heights: how far a line of a label may stand from its figures


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

    @property
    def middle(self) -> float:
        return (self.box[0] + self.box[2]) / 2

    @property
    def height(self) -> float:
        return (self.box[1] + self.box[3]) / 2

    @property
    def is_value(self) -> bool:
        return _kind(self.text) in ("number", "placeholder")


@dataclass(slots=True)
class OpenTables:
    """Tables found on a page with their tops, the characters they use, and the columns that may go on overleaf."""

    tables: list[tuple[float, Table]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    columns: list[tuple[float, float]] = field(default_factory=list)


def find_open_tables(
    printed: Sequence[Sequence[Character]],
    edges: Sequence[Edge],
    view: View,
    page: int,
    tables_before: int,
    columns_before: Sequence[tuple[float, float]],
) -> OpenTables:
    """Read tables without vertical rules from the ``printed`` lines that stand in no ruled table.

    ``columns_before`` are the columns of such a table on the page before: it may go on without heads.
    """
    found = OpenTables()
    # Only a line of several words that ends in a value can be a row.
    if not any(_may_end_a_value(row[-1].text) and _ends_in_value(row) for row in printed):
        return found
    lines = [_words(row) for row in printed]
    for rows in (_disclosures(lines), _requests(lines, edges, columns_before, found), _reviews(lines)):
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


# Table 二 --------------------------------------------------------------------------------


def _disclosures(lines: Sequence[Sequence[_Word]]) -> list[_SlotRow]:
    """Rows of table 二: an item's figures by the heads above them, one to one.

    Heads need not be aligned as the figures are: where one is blank, the columns are those of a
    complete row under the same heads.
    """
    rows: list[_SlotRow] = []
    block: list[tuple[_Word, list[_Word]]] = []
    heads = 0
    items = 0

    def close() -> None:
        nonlocal items
        full = [values for _item, values in block if len(values) == heads]
        columns = _columns(full) if full else []
        for item, values in block:
            unknown = [_Slot([], at, text=UNKNOWN) for at in range(1, heads + 1)]
            slots = list(_under(values, columns, 1)) if columns else unknown
            rows.append([_Slot([item], 0), *slots])
        items += len(block)
        block.clear()

    for line in lines:
        first, rest = line[0], list(line[1:])
        whole = squeeze("".join(word.text for word in line))
        if "第二十条第" in whole and len(whole) < 40:
            close()
            heads = 0
            rows.append([_Slot(list(line), 0, 4)])
        elif label_key(first.text) == "信息内容" and rest and all(_MEASURES.exact(_bare(word.text)) for word in rest):
            close()
            heads = len(rest)
            rows.append([_Slot([first], 0), *(_Slot([word], at) for at, word in enumerate(rest, start=1))])
        elif heads and rest and _ITEMS.exact(first.text) and all(word.is_value for word in rest):
            block.append((first, rest))
    close()
    return rows if items >= _FEWEST_ROWS else []


def _bare(text: str) -> str:
    return squeeze(text).split("(单位")[0].split("(万元")[0]


def _under(values: Sequence[_Word], columns: Sequence[tuple[float, float]], first: int) -> Iterator[_Slot]:
    """A slot for each column: the value that stands in it; all unknown where one stands in none or in two."""
    if any(_close(before, after) for before, after in pairwise(values)):
        yield from (_Slot([], first + at, text=UNKNOWN) for at in range(len(columns)))
        return
    if len(values) == len(columns):
        yield from (_Slot([value], first + at) for at, value in enumerate(values))
        return
    chosen: dict[int, _Word] = {}
    for value in values:
        near = [at for at, (x0, x1) in enumerate(columns) if value.x0 < x1 and value.x1 > x0]
        if len(near) != 1 or near[0] in chosen:
            yield from (_Slot([], first + at, text=UNKNOWN) for at in range(len(columns)))
            return
        chosen[near[0]] = value
    yield from (_Slot([chosen[at]] if at in chosen else [], first + at) for at in range(len(columns)))


def _close(before: _Word, after: _Word) -> bool:
    """Whether two values may be one number set with wide gaps, since no rule parts them."""
    return after.x0 - before.x1 < _APART * min(before.characters[-1].size, after.characters[0].size)


# Table 三 --------------------------------------------------------------------------------


def _requests(
    lines: Sequence[Sequence[_Word]],
    edges: Sequence[Edge],
    columns_before: Sequence[tuple[float, float]],
    found: OpenTables,
) -> list[_SlotRow]:
    """Rows of table 三: seven columns of figures under the seven applicants."""
    count = len(forms.APPLICANTS)
    tails = [_tail(line) for line in lines]
    full = [tail for tail in tails if len(tail) == count]
    columns = _columns(full) if len(full) >= _FEWEST_ROWS else []
    if not columns:
        return []
    first = next(index for index, tail in enumerate(tails) if len(tail) == count)
    heads = _heads(lines[max(first - _HEAD_LINES, 0) : first], columns, _APPLICANTS)
    rows: list[_SlotRow] = []
    if heads and {code for code, _words in heads} == set(forms.APPLICANTS):
        rows.append([_Slot(words, 3 + at) for at, (_code, words) in enumerate(heads)])
    elif heads or not (_same(columns, columns_before) or _adds_up(full)):
        return []
    left = columns[0][0] - _GUTTER
    right = columns[-1][1] + _GUTTER
    anchors = [tail for tail in tails[first:] if tail and tail[0].x0 >= left and tail[-1].x1 <= right]
    labels = _labels_by_anchor(lines, anchors, columns, edges)
    for tail, label in zip(anchors, labels, strict=True):
        slots = list(_under(tail, columns, 3))
        if label is None:
            slots = [_Slot(slot.words, slot.column, text=UNKNOWN) for slot in slots]
        rows.append([*(label or []), *slots])
    found.columns = columns
    return rows


def _tail(line: Sequence[_Word]) -> list[_Word]:
    """The values at the end of a line."""
    tail: list[_Word] = []
    for word in reversed(line):
        if not word.is_value:
            break
        tail.append(word)
    return tail[::-1]


def _columns(rows: Sequence[Sequence[_Word]]) -> list[tuple[float, float]]:
    """Extents of the columns that full rows make, none if two of them touch."""
    if any(_close(before, after) for row in rows for before, after in pairwise(row)):
        return []
    columns = [(min(w.x0 for w in column), max(w.x1 for w in column)) for column in zip(*rows, strict=True)]
    return columns if all(left[1] + _GUTTER < right[0] for left, right in pairwise(columns)) else []


def _same(columns: Sequence[tuple[float, float]], before: Sequence[tuple[float, float]]) -> bool:
    return len(columns) == len(before) and all(
        abs(sum(one) - sum(other)) / 2 <= _SAME_COLUMN for one, other in zip(columns, before, strict=True)
    )


def _adds_up(rows: Sequence[Sequence[_Word]]) -> bool:
    """Whether the last figure of every row is the sum of the others, as in the form, whose heads may stand overleaf."""
    numbers = [[read_value(Cell(word.text, 0, 0)).number for word in row] for row in rows]
    sums = [row for row in numbers if None not in row and any(row)]
    return len(sums) >= _FEWEST_ROWS and all(sum(row[:-1]) == row[-1] for row in sums)  # type: ignore[arg-type]


def _heads(
    lines: Sequence[Sequence[_Word]], columns: Sequence[tuple[float, float]], vocabulary: Vocabulary
) -> list[tuple[str, list[_Word]]]:
    """The head of each column with its words; empty where a column has none.

    A head may be broken over lines, and one that spans several columns may stand above it.
    """
    middles = [(x0 + x1) / 2 for x0, x1 in columns]
    reach = min(right - left for left, right in pairwise(middles)) / 2
    stacks: list[list[_Word]] = [[] for _ in columns]
    for line in lines:
        for word in line:
            at = min(range(len(columns)), key=lambda index: abs(middles[index] - word.middle))
            if abs(middles[at] - word.middle) < reach:
                stacks[at].append(word)
    heads = []
    for stack in stacks:
        for start in range(len(stack)):
            code = vocabulary.exact("".join(word.text for word in stack[start:]))
            if code:
                heads.append((code, stack[start:]))
                break
        else:
            return []
    return heads


def _labels_by_anchor(
    lines: Sequence[Sequence[_Word]],
    anchors: Sequence[Sequence[_Word]],
    columns: Sequence[tuple[float, float]],
    edges: Sequence[Edge],
) -> list[list[_Slot] | None]:
    """For each row of figures the words of its label, left to right; None where these are no label.

    Rules across the figures part the rows; where there are none, words go to the nearest figures.
    """
    if not anchors:
        return []
    heights = [sum(word.height for word in anchor) / len(anchor) for anchor in anchors]
    rules = sorted(
        edge["top"]
        for edge in edges
        if edge["orientation"] == "h" and edge["x0"] <= columns[0][1] and edge["x1"] >= columns[-1][0]
    )

    def band(y: float) -> int:
        return sum(rule < y for rule in rules)

    ruled = len({band(y) for y in heights}) == len(heights) and len(rules) > len(heights)
    words: list[list[_Word]] = [[] for _ in anchors]
    size = min(anchor[0].box[3] - anchor[0].box[1] for anchor in anchors)
    for line in lines:
        for word in line:
            if word.x1 > columns[0][0] - _GUTTER / 2:
                continue
            at = min(range(len(heights)), key=lambda index: abs(heights[index] - word.height))
            if ruled:
                at = next((index for index, y in enumerate(heights) if band(y) == band(word.height)), -1)
            if at >= 0 and abs(heights[at] - word.height) <= _LONGEST_ROW * size:
                words[at].append(word)
    return [_label_at(found, y) for found, y in zip(words, heights, strict=True)]


def _label_at(words: list[_Word], y: float) -> list[_Slot] | None:
    """The label of the figures at height ``y`` among the words near them, of which some may belong to other rows.

    It must be the only one made of whole lines next to each other that has the figures in its
    middle or beside one of its lines: the label of a row without figures has none there.
    """
    lines: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: word.height):
        if lines and word.height - lines[-1][0].height < _SAME_LINE:
            lines[-1].append(word)
        else:
            lines.append([word])
    found: dict[str, list[_Slot]] = {}
    for start in range(len(lines)):
        for stop in range(start + 1, min(start + _LABEL_LINES, len(lines)) + 1):
            slots = _label([word for line in lines[start:stop] for word in line])
            if slots and _stands_at(slots[-1], y):
                found[slots[-1].text or ""] = slots
    return next(iter(found.values())) if len(found) == 1 else None


def _stands_at(label: _Slot, y: float) -> bool:
    near = _CENTRED * max(label.words[0].characters[0].size, 1.0)
    heights = [word.height for word in label.words]
    middle = (min(heights) + max(heights)) / 2
    return abs(middle - y) <= near or any(abs(height - y) <= near for height in heights)


def _label(words: list[_Word]) -> list[_Slot] | None:
    """Slots for group and label: words that stand above each other make one."""
    stacks: list[list[_Word]] = []
    for word in sorted(words, key=lambda word: word.x0):
        for stack in stacks:
            same_line = any(abs(word.height - other.height) < 1.0 for other in stack)
            if not same_line and any(word.x0 < other.x1 and word.x1 > other.x0 for other in stack):
                stack.append(word)
                break
        else:
            stacks.append([word])
    for stack in stacks:
        stack.sort(key=lambda word: word.height)
    texts = ["".join(word.text for word in stack) for stack in stacks]
    # The label is what stands next to the figures; all of it must be read, or else it is none.
    for start in range(len(stacks)):
        label = "".join(texts[start:])
        if _ROWS.exact(label):
            slots = [_Slot(stack, at) for at, stack in enumerate(stacks[:start]) if _GROUPS.exact(texts[at])][:2]
            return [*slots, _Slot([word for stack in stacks[start:] for word in stack], 2, text=label)]
    return None


# Table 四 --------------------------------------------------------------------------------


def _reviews(lines: Sequence[Sequence[_Word]]) -> list[_SlotRow]:
    """Rows of table 四: one row of fifteen figures, each under its outcome, in groups under the proceedings."""
    count = len(_OUTCOME_ORDER)
    for index, line in enumerate(lines):
        if len(line) != count or not all(word.is_value for word in line):
            continue
        columns = _columns([line])
        above = [word for words in lines[max(index - _HEAD_LINES, 0) : index] for word in words]
        heads = _heads(lines[max(index - _HEAD_LINES, 0) : index], columns, _OUTCOMES) if columns else []
        if [code for code, _words in heads] != _OUTCOME_ORDER:
            continue
        proceedings = {code: word for word in above if (code := _PROCEEDINGS.exact(word.text))}
        width = len(forms.OUTCOMES)
        top: _SlotRow = []
        for at, code in enumerate(forms.PROCEEDINGS):
            word = proceedings.get(code)
            if word and columns[at * width][0] < word.middle < columns[at * width + width - 1][1]:
                top.append(_Slot([word], at * width, width))
        if len(top) == len(forms.PROCEEDINGS):
            outcomes = [_Slot(words, at) for at, (_code, words) in enumerate(heads)]
            return [top, outcomes, [_Slot([word], at) for at, word in enumerate(line)]]
    return []
