"""Rows as CSV, made column by column: the result of ``csv.writer`` several times as fast.

Columns of an archive repeat themselves: codes, years, small numbers, a report in each of its rows. What stands more
than once is written once and looked up; what does not is looked at as one text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import NoneType
from typing import Any

from publish.snippets import END, START
from publish.spreadsheet import ALTERED, guarded

_SAMPLE = 16
"""Where so many values differ, the rest of the column is taken to do so too."""


@dataclass(frozen=True, slots=True)
class Edition:
    """How cells are written.

    ``shown`` is what a cell becomes; ``keeps`` says of texts, and of the same joined, that it leaves all as they are.
    """

    shown: Callable[[object], object]
    keeps: Callable[[Sequence[str], str], bool]
    line_break: str = "\r\n"
    _special: str = field(init=False)
    _is_special: Callable[[str], Any] = field(init=False)

    def __post_init__(self) -> None:
        """Ask ``csv`` what has to stand in quotes: versions of Python differ in it."""
        special = "".join(mark for mark in '",\r\n' if written([[mark, ""]], self.line_break).startswith('"'))
        object.__setattr__(self, "_special", special)
        object.__setattr__(self, "_is_special", re.compile(f"[{special}]").search)

    def lines(self, rows: Sequence[Sequence[object]], labels: Mapping[int, Mapping[object, object]]) -> str:
        """Return ``rows`` as lines; beside the columns that ``labels`` are of stands what these call their codes."""
        columns: list[Iterable[str]] = [
            self._with_labels(column, labels[at]) if at in labels else self._cells(column)
            for at, column in enumerate(zip(*rows, strict=True))
        ]
        if len(columns) == 1:
            # A line with nothing in it would be no row.
            columns = [[cell or '""' for cell in columns[0]]]
        return self.line_break.join(map(",".join, zip(*columns, strict=True))) + self.line_break if rows else ""

    def _cell(self, value: object) -> str:
        """``value`` as it stands between commas."""
        shown = self.shown(value)
        if shown is None:
            return ""
        text = str(shown)
        return '"{}"'.format(text.replace('"', '""')) if self._is_special(text) else text

    def _cells(self, column: Sequence[Any]) -> Iterable[str]:
        sample = column[:_SAMPLE]
        if len(set(sample)) == _SAMPLE and set(map(type, column)) == {str} and self._is_plain(column):
            return column
        distinct = set(column)
        kinds = set(map(type, distinct)) - {NoneType}
        if kinds <= {str, bytes}:
            return map({value: self._cell(value) for value in distinct}.__getitem__, column)
        # Equal numbers of two kinds are one key, but 1 and 1.0, 0.0 and -0.0 do not read the same.
        kinds = set(map(type, column)) - {NoneType}
        if kinds == {int}:
            return map({value: "" if value is None else str(value) for value in distinct}.__getitem__, column)
        if kinds <= {int, float}:
            return ["" if value is None else str(value) for value in column]
        return map(self._cell, column)

    def _with_labels(self, codes: Sequence[object], labels: Mapping[object, object]) -> Iterable[str]:
        """Two cells for each of ``codes``, which are text or null."""
        pairs = {code: f"{self._cell(code)},{self._cell(labels.get(code))}" for code in set(codes)}
        return map(pairs.__getitem__, codes)

    def _is_plain(self, texts: Sequence[str]) -> bool:
        """Whether all of ``texts`` stands between commas as it is."""
        joined = "\0".join(texts)
        return not any(mark in joined for mark in self._special) and self.keeps(texts, joined)


def fitting(at_once: int, rows: int, size: int, *, most: int, wanted: int) -> int:
    """Return how many rows to take next, up to ``most``, for about ``wanted`` bytes where ``rows`` came to ``size``."""
    return min(max(1, rows * wanted // max(1, size)), 8 * at_once, most)


def written(rows: Iterable[Iterable[object]], line_break: str) -> str:
    """Return ``rows`` as ``csv.writer`` writes them."""
    text = io.StringIO()
    csv.writer(text, lineterminator=line_break).writerows(rows)
    return text.getvalue()


def _as_it_is(value: object) -> object:
    return value


def _keeps_all(_texts: Sequence[str], _joined: str) -> bool:
    return True


def _guards_none(texts: Sequence[str], joined: str) -> bool:
    return START not in joined and END not in joined and not any(map(ALTERED.match, texts))


RAW = Edition(_as_it_is, _keeps_all)
"""For programs: nothing is altered."""
GUARDED = Edition(guarded, _guards_none)
"""For spreadsheets: no cell passes for a formula, and no code for a number."""
FIRST_ROWS = 200
"""Rows to begin with where nothing is known of how long they are."""
