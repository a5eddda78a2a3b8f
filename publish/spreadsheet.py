"""Cells for spreadsheets: text that looks like a formula disarmed, and XLSX workbooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

import xlsxwriter  # type: ignore[import-untyped]

from publish.snippets import unmarked

MAX_ROWS = 1_048_575
"""Rows of a sheet below its head (ECMA-376, the limits of spreadsheet programs)."""
MAX_CHARACTERS = 32_767
"""Characters of a cell (ECMA-376)."""

# What Excel and its kin take for a formula, full-width forms included.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
# Codes and hashes that spreadsheets turn into another number: zeros in front, powers of ten, more than 15 digits.
_MISREAD = re.compile(r"0[0-9]+|[0-9]{16,}|[0-9]+[eE][0-9]+")
ALTERED = re.compile(rf"(?={_FORMULA.pattern})(?!{_NUMBER.pattern}\Z)|(?:{_MISREAD.pattern})\Z")
"""Matches text that a spreadsheet would run as a formula, or show another number for."""
# Spreadsheets calculate with 15 significant digits and round the rest away.
_EXACT = 10**15
_CUT = "……（全文共{}字，单元格容不下，请看 CSV 版）"


def guarded(value: object) -> object:
    """Return ``value`` with a leading apostrophe where a spreadsheet would run it as a formula or alter it.

    Only text is touched: numbers, and text that is a plain number, stay as they are. What is altered are
    codes that pass for numbers of another look, such as ``3268e1``.
    """
    value = plain(value)
    return f"'{value}" if isinstance(value, str) and ALTERED.match(value) else value


def plain(value: object) -> object:
    """Return ``value`` as a cell shows it: text without marks of search hits, bytes in hexadecimal."""
    if isinstance(value, str):
        return unmarked(value)
    return value.hex() if isinstance(value, bytes) else value


def write_workbook(target: Path | IO[bytes], headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write a workbook of one sheet with a head that stays in sight; return the number of rows.

    Numbers are numbers, text is text whatever it looks like, an empty cell is empty. Text longer
    than a cell holds ends in words that say so. Memory does not grow with the rows. Raises
    ValueError, naming the limit, if there are more rows than a sheet holds; what was written until
    then is no workbook.
    """
    book = xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "nan_inf_to_errors": False,
        },
    )
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
    sheet.freeze_panes(1, 0)
    count = 0
    for row in rows:
        count += 1
        if count > MAX_ROWS:
            raise ValueError(f"more than {MAX_ROWS:,} rows, which is all that a sheet holds")
        for column, value in enumerate(row):
            _write(sheet, count, column, value)
    book.close()
    return count


def _write(sheet: Any, row: int, column: int, value: object) -> None:
    if value is None:
        return
    if isinstance(value, int | float) and abs(value) < _EXACT:
        sheet.write_number(row, column, value)
        return
    text = str(plain(value))
    if len(text) > MAX_CHARACTERS:
        mark = _CUT.format(len(text))
        text = text[: MAX_CHARACTERS - len(mark)] + mark
    sheet.write_string(row, column, text)
