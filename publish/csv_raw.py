"""CSV for programs, which SQLite writes for the most part: a row is a JSON array, and many at once become CSV.

Reading values one by one takes Python longer than the ``sqlite3`` shell takes to write them. Of an array all but its
commas is left out; where counting shows that text holds any of the marks in question, the arrays are read instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn

from datasette.utils import escape_sqlite

from publish.csv_columns import RAW

NOT_IN_JSON = "JSON cannot hold BLOB values"
"""How SQLite's message begins where a value is bytes."""
_BREAK = RAW.line_break.encode()
_MOST_CHECKED = 2
"""Looking at the numbers of more columns in each row would take longer than writing them."""
_IS_OTHER_IN_JSON = (
    "typeof({0}) = 'real' and (abs({0}) not between 1e-4 and 1e14 or cast(cast({0} as text) as real) <> {0})"
)
"""Of a fraction, that Python writes it differently: with an exponent, or with more than fifteen digits."""


class UnfitError(Exception):
    """These rows are better read as values: some fraction has more digits than JSON shows, or text needs quotes."""


class RawLines:
    """Makes lines of the rows of a statement whose ``columns`` are of these types, as they were declared.

    SQLite keeps no number in columns that are declared as TEXT. In others a fraction may read differently: JSON shows
    fifteen of its digits, CSV all.
    """

    def __init__(self, columns: Mapping[str, str]) -> None:
        self._width = len(columns)
        numbers = [at for at, declared in enumerate(columns.values()) if declared != "TEXT"]
        self._checked = len(numbers) <= _MOST_CHECKED
        self._fit = self._unfit = 0
        names = [escape_sqlite(name) for name in columns]
        for at in numbers if self._checked else ():
            # An array within the row's stands out.
            names[at] = f"iif({_IS_OTHER_IN_JSON.format(names[at])}, json_array(), {names[at]})"
        # So that no array begins with null; CSV writes both the same.
        names[0] = f"ifnull({names[0]}, '')"
        self._selection = f"json_array({', '.join(names)})"
        self._plain = f"select {', '.join(map(escape_sqlite, columns))} from "

    def sql(self, statement: str) -> str:
        """Return the statement for :meth:`lines`; its text is to be read as bytes."""
        if statement.startswith(self._plain):
            return f"select {self._selection} from {statement.removeprefix(self._plain)}"
        return f"select {self._selection} from ({statement})"

    def lines(self, rows: Sequence[tuple[bytes]]) -> bytes:
        """Return ``rows`` as CSV. Raises UnfitError where the values themselves have to be read, or had better be."""
        if not rows:
            return b""
        text = _BREAK.join([array[1:-1] for (array,) in rows])
        if not text.isascii():
            text = _valid(text)
        if (
            # Most often some address; if not, reading it shows.
            (not self._checked and (b"." in text or (b"I" in text and b"Inf" in text)))
            or b"\\" in text
            or b"[" in text
            or b"]" in text
            or text.count(b",") != len(rows) * (self._width - 1)
        ):
            return self._read(text)
        self._fit += 1
        return text.replace(b",null", b",").translate(None, b'"') + _BREAK

    def _read(self, text: bytes) -> bytes:
        self._unfit += 1
        if self._unfit > self._fit:
            raise UnfitError
        parse = float if self._checked else _refuse
        try:
            rows = [
                json.loads(b"[%b]" % cells, parse_float=parse, parse_constant=_refuse) for cells in text.split(_BREAK)
            ]
        except ValueError as error:
            # Infinity is written as no JSON has it.
            raise UnfitError from error
        if any([] in row for row in rows):
            raise UnfitError
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
