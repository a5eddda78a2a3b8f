"""Which column a figure belongs to where no rules part the columns.

What is printed in a cell stands between what is printed in the cells beside it: that alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from parsers.readers.pdf_words import Word

_APART = 0.7  # in type sizes: the least white between figures of two columns
_BIG = 1.4  # times the type of the words: nothing of the table's own
_OVERLAP = 0.5  # points
_EVEN = 0.75  # points by which columns of one width may differ
Extent = tuple[float, float]
"""Left and right end of what a column prints, in points."""


def assign(
    rows: Sequence[Sequence[Word]], heads: Sequence[Extent], words: Sequence[Word]
) -> tuple[list[dict[int, Word] | None], list[Extent]]:
    """For each row its values by column, None where one of them may stand in two, and what the columns print.

    ``heads`` is what they print already. A row of as many values as columns gives each its own. Any
    other value belongs to the column in which something stands above or below it, or else to the
    only one that it reaches between what its neighbours print. A row with a value in a type much
    bigger than that of the table's ``words`` has something stamped over it.
    """
    columns = list(heads)
    biggest = _BIG * median([word.size for word in words] or [word.size for row in rows for word in row] or [0.0])
    chosen: list[dict[int, Word] | None] = [{} for _row in rows]
    waiting: list[tuple[int, Word]] = []
    for at, row in enumerate(rows):
        stamped = any(word.size > biggest for word in row)
        if stamped or len(row) > len(columns) or any(are_close(before, after) for before, after in pairwise(row)):
            chosen[at] = None
        elif len(row) == len(columns):
            chosen[at] = dict(enumerate(row))
        else:
            waiting += [(at, word) for word in row]
    for known in chosen:
        for column, word in (known or {}).items():
            columns[column] = _widened(columns[column], word)
    if not are_apart(columns):
        return [None for _row in rows], columns
    going_on = True
    while going_on:
        going_on = False
        for entry in list(waiting):
            index, word = entry
            candidates = _candidates(word, columns)
            if len(candidates) == 1:
                _choose(chosen, index, candidates[0], word)
                columns[candidates[0]] = _widened(columns[candidates[0]], word)
                waiting.remove(entry)
                going_on = True
    if not are_apart(columns):
        return [None for _row in rows], columns
    settled = [(column, word) for known in chosen for column, word in (known or {}).items()]
    for at, word in waiting:
        near = _by_distance(word, columns, heads, settled)
        if near is None:
            chosen[at] = None
        else:
            _choose(chosen, at, near, word)
    return chosen, columns


def _choose(chosen: list[dict[int, Word] | None], at: int, column: int, word: Word) -> None:
    row = chosen[at]
    if row is not None and column in row:
        chosen[at] = None
    elif row is not None:
        row[column] = word


def _widened(column: Extent, word: Word) -> Extent:
    return min(column[0], word.x0), max(column[1], word.x1)


def are_apart(columns: Sequence[Extent]) -> bool:
    """Whether columns stand side by side, left to right."""
    return all(left[1] + _OVERLAP < right[0] for left, right in pairwise(columns))


def _candidates(word: Word, columns: Sequence[Extent]) -> list[int]:
    """The columns in which a value may stand: those that it overlaps, else those between whose neighbours it fits."""
    over = [at for at, (x0, x1) in enumerate(columns) if word.x0 < x1 - _OVERLAP and word.x1 > x0 + _OVERLAP]
    return over or [
        at
        for at in range(len(columns))
        if (at == 0 or columns[at - 1][1] <= word.x0 + _OVERLAP)
        and (at + 1 == len(columns) or word.x1 - _OVERLAP <= columns[at + 1][0])
    ]


def _by_distance(
    word: Word, columns: Sequence[Extent], heads: Sequence[Extent], settled: Sequence[tuple[int, Word]]
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


def are_close(before: Word, after: Word) -> bool:
    """Whether two values may be one number set with wide gaps, since no rule parts them; one in words is by itself."""
    if "\u4e00" <= before.text[-1] <= "\u9fff" or "\u4e00" <= after.text[0] <= "\u9fff":
        return False
    return after.x0 - before.x1 < _APART * min(before.characters[-1].size, after.characters[0].size)
