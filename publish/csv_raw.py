"""CSV for programs, which SQLite writes for the most part: a row is a JSON array, and many at once become CSV.

Reading values one by one takes Python longer than the ``sqlite3`` shell takes to write them. Of an array all but its
commas is left out; where counting shows that text holds any of the marks in question, the arrays are read instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NoReturn

from datasette.utils import escape_sqlite

from publish.csv_columns import RAW

NOT_IN_JSON = "JSON cannot hold BLOB values"
"""How SQLite's message begins where a value is bytes."""
_BREAK = RAW.line_break.encode()
_REAL = "\x7f"
_MOST_MARKED = 2
"""Looking at the type of more columns in each row would take longer than writing them."""


class UnfitError(Exception):
    """These rows are better read as values: some fraction has more digits than JSON shows, or text needs quotes."""


class RawLines:
    """Makes lines of the rows of a statement whose ``columns`` are of these types, as they were declared.

    SQLite keeps no number in columns that are declared as TEXT. In others a fraction is told apart: JSON shows
    fifteen of its digits, CSV all.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._width = len(columns)
        numbers = [at for at, declared in enumerate(columns.values()) if declared != "TEXT"]
        self._marked = numbers if len(numbers) <= _MOST_MARKED else []
        self._unmarked = len(numbers) > _MOST_MARKED
        self._fit = self._unfit = 0
        names = [escape_sqlite(name) for name in columns]
        fractions = [f"iif(typeof({names[at]}) = 'real', {names[at]}, null)" for at in self._marked]
        for at in self._marked:
            names[at] = f"iif(typeof({names[at]}) = 'real', char({ord(_REAL)}), {names[at]})"
        # So that no array begins with null; CSV writes both the same.
        names[0] = f"ifnull({names[0]}, '')"
        self._selection = ", ".join([f"json_array({', '.join(names)})", *fractions])
        self._plain = f"select {', '.join(map(escape_sqlite, columns))} from "

    def sql(self, statement: str) -> str:
        """Return the statement for :meth:`lines`; its text is to be read as bytes."""
        if statement.startswith(self._plain):
            return f"select {self._selection} from {statement.removeprefix(self._plain)}"
        return f"select {self._selection} from ({statement})"

    def lines(self, rows: Sequence[tuple[Any, ...]]) -> bytes:
        """Return ``rows`` as CSV. Raises UnfitError where the values themselves have to be read, or had better be."""
        if not rows:
            return b""
        columns: list[tuple[Any, ...]] = []
        fractions: list[float] = []
        if self._marked:
            arrays, *columns = zip(*rows, strict=True)
            if any(column.count(None) < len(rows) for column in columns):
                fractions = [value for row in zip(*columns, strict=True) for value in row if value is not None]
            text = _BREAK.join(arrays)
        else:
            text = _BREAK.join(chain.from_iterable(rows))
        if not text.isascii():
            text = _valid(text)
        if self._unmarked and (b"." in text or (b"I" in text and b"Inf" in text)):
            # Most often some address; if not, reading it shows.
            return self._read(text, columns)
        if (
            b"\\" in text
            or text.count(b",") != len(rows) * (self._width - 1)
            or text.count(b"[") != len(rows)
            or text.count(b"]") != len(rows)
            or (fractions and text.count(_REAL.encode()) != len(fractions))
        ):
            return self._read(text, columns)
        text = text.replace(b",null", b",").translate(None, b'"[]') + _BREAK
        self._fit += 1
        if fractions:
            shown = [*(str(value).encode() for value in fractions), b""]
            pairs = zip(text.split(_REAL.encode()), shown, strict=True)
            text = b"".join(chain.from_iterable(pairs))
        return text

    def _read(self, text: bytes, columns: Sequence[tuple[Any, ...]]) -> bytes:
        self._unfit += 1
        if self._unfit > self._fit:
            raise UnfitError
        try:
            rows = [json.loads(array, parse_float=_refuse) for array in text.split(_BREAK)]
        except ValueError as error:
            # Infinity is written as no JSON has it.
            raise UnfitError from error
        for at, column in zip(self._marked, columns, strict=True):
            for row, value in zip(rows, column, strict=True):
                if value is not None:
                    row[at] = value
        return RAW.lines(rows, {}).encode()


def _refuse(_number: str) -> NoReturn:
    raise UnfitError


def _valid(text: bytes) -> bytes:
    """``text``, what is no UTF-8 replaced."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("utf-8", "replace").encode()
    return text
