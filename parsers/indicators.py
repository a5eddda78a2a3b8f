"""The statistics appendix of older reports → (label, unit, value) as printed.

The tables carry their own units and differ from place to place, so rows are not forced into
codes: a row is what it prints. The one decision is which column holds this year's figures;
where the heads do not tell, no figure is taken.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from parsers.document import Cell, Document, Table
from parsers.normalise import label_key, squeeze, tidy
from parsers.report import Finding
from parsers.values import kind_of, read_value

Indicator = tuple[str, str | None, float | int | None]

_YEAR = re.compile(r"20[0-4]\d")
_BRACKETS = re.compile(r"[(（\[【].*?[)）\]】]")
_OF_EDITION = 4
_LONGEST_LABEL = 120
_FIRST_ROWS = 12
_NOT_THIS_YEAR = re.compile(r"累计|上年|去年|历年|同比|增减|增长|上期|同期")


@dataclass(slots=True)
class Statistics:
    """Rows of the appendix in printed order, what went wrong, and the tables that they fill.

    ``edition`` is '2014' where the form of that year is recognised, else None. ``tables``
    numbers tables from 1 in document order. A head of a section has neither unit nor value.
    """

    indicators: list[Indicator] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    tables: set[int] = field(default_factory=set)
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class _Columns:
    """The heads of a table in printed order, and which of them are which.

    ``value`` is None where no column is this year's for certain.
    """

    heads: tuple[Cell, ...]
    label: int
    unit: int | None
    value: int | None
    table: int

    @property
    def printed(self) -> str:
        return " | ".join(tidy(head.text) for head in self.heads)[:200]


def read_statistics(document: Document, year: int | None) -> Statistics:
    """Read every statistics table of a document; ``year`` is the report's, where known."""
    found = Statistics()
    columns: _Columns | None = None
    for number, table in enumerate(document.tables, start=1):
        rows: list[list[Cell]] = []
        head = None
        if _may_have_heads(table):
            rows = list(table.rows())
            head = next((i for i, row in enumerate(rows[:_FIRST_ROWS]) if _columns(row, i, number, year)), None)
        if head is None:
            # Behind a page break the heads are not printed again.
            if columns and found.tables and max(found.tables) == number - 1 and _continues(table, columns):
                _read_rows(rows or list(table.rows()), 0, columns, table, number, found)
            else:
                columns = None
            continue
        columns = _columns(rows[head], head, number, year)
        assert columns is not None
        _read_rows(rows, head + 1, columns, table, number, found)
        if columns.value is None:
            found.problems.append(
                _problem("ambiguous_position", f"统计表各列无法确定哪一列是本年度数，数字未采用：{columns.printed}")
            )
    keys = {label_key(_BRACKETS.sub("", label)) for label, _unit, _value in found.indicators}
    if sum(label_key(label) in keys for label in _words()["edition_labels"]) >= _OF_EDITION:
        found.edition = _words()["edition"]
    return found


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(resources.files("parsers.forms").joinpath("statistics.toml").read_text("utf-8"))


def _head_key(text: str) -> str:
    return _short_head_key(text) if len(text) <= _LONGEST_LABEL else _read_head_key(text)


def _read_head_key(text: str) -> str:
    return label_key(_BRACKETS.sub("", squeeze(text)))


# The same heads and labels come in every report.
_short_head_key = lru_cache(maxsize=2048)(_read_head_key)


def _may_have_heads(table: Table) -> bool:
    """Whether the word over its labels stands in one of its first rows."""
    words = _words()["label_heads"]
    return any(cell.row < _FIRST_ROWS and _head_key(cell.text) in words for cell in table.cells)


def _columns(cells: Sequence[Cell], row: int, table: int, year: int | None) -> _Columns | None:
    """Read a row as the heads of a statistics table, None where it is none."""
    printed = [cell for cell in cells if not cell.blank and cell.row == row]
    keys = [_head_key(cell.text) for cell in printed]
    labels = [cell for cell, key in zip(printed, keys, strict=True) if key in _words()["label_heads"]]
    units = [cell for cell, key in zip(printed, keys, strict=True) if key in _words()["unit_heads"]]
    if len(labels) != 1 or len(units) > 1:
        return None
    heads = [
        (cell, key)
        for cell, key in zip(printed, keys, strict=True)
        if cell not in (*labels, *units) and key not in _words()["other_heads"]
    ]
    if not heads or (not units and keys[0] == "项目") or any(len(key) > 20 for _cell, key in heads):
        return None
    if not units and not any(_this_year(cell.text, key, year) for cell, key in heads):
        return None
    value = _value_head(heads, year)
    return _Columns(
        tuple(printed),
        printed.index(labels[0]),
        printed.index(units[0]) if units else None,
        printed.index(value) if value is not None else None,
        table,
    )


def _value_head(heads: Sequence[tuple[Cell, str]], year: int | None) -> Cell | None:
    """The only column that is this year's; a plain head gives way to one that names the year."""
    fitting = [(cell, key) for cell, key in heads if _this_year(cell.text, key, year)]
    named = [cell for cell, key in fitting if key not in _words()["plain_heads"]]
    if len(named) == 1:
        return named[0]
    return fitting[0][0] if len(fitting) == 1 else None


def _this_year(text: str, key: str, year: int | None) -> bool:
    if _NOT_THIS_YEAR.search(key):
        return False
    years = _YEAR.findall(squeeze(text))
    if years:
        return len(years) == 1 and years[0] == str(year) and _YEAR.sub("", key) in ("", *_words()["year_heads"])
    return key in _words()["year_heads"]


def _continues(table: Table, columns: _Columns) -> bool:
    """Whether a table without heads goes on with the one before: as many columns, known units."""
    if columns.unit is None:
        return False
    rows = [[cell for cell in row if not cell.blank] for row in table.rows()]
    with_unit = [row for row in rows if any(_is_unit(cell.text) for cell in row[1:])]
    return bool(rows) and len(with_unit) * 2 > len(rows) and max(len(row) for row in rows) <= len(columns.heads)


def _is_unit(text: str) -> bool:
    return squeeze(text) in _words()["units"] or _is_dash(text)


def _read_rows(
    rows: Sequence[Sequence[Cell]], start: int, columns: _Columns, table: Table, number: int, found: Statistics
) -> None:
    found.tables.add(number)
    for index in range(start, len(rows)):
        cells = [cell for cell in rows[index] if cell.row == index]
        if all(cell.blank for cell in cells):
            continue
        same_grid = table.aligned and columns.table == number
        placed = _under_heads(cells, columns) if same_grid else _by_order(cells, columns, aligned=table.aligned)
        if placed is None:
            text = " | ".join(tidy(cell.text) for cell in cells if not cell.blank)
            if any(kind_of(cell) == "number" for cell in cells):
                found.problems.append(
                    _problem("unmatched_row", f"统计表第{index + 1}行无法确定各格位置，数字未采用：{text[:100]}", text)
                )
                label = next((tidy(cell.text) for cell in cells if not cell.blank), "")
                found.indicators.append((label[:_LONGEST_LABEL], None, None))
            continue
        label, unit, value = placed
        if label:
            found.indicators.append(_indicator(label, unit, value, found))


def _indicator(label: str, unit: Cell | None, value: Cell | None, found: Statistics) -> Indicator:
    stated = None if unit is None or unit.blank or _is_dash(unit.text) else tidy(unit.text)
    if value is None or _is_dash(value.text):
        return label, stated, None
    reading = read_value(value, unit=stated)
    if reading.kind == "unreadable":
        found.problems.append(
            _problem(
                "unreadable_cell",
                f"统计表“{label[:40]}”一格无法读作数字：“{reading.printed[:60]}”",
                reading.printed,
                (f"indicators.{len(found.indicators) + 1}.{label}",),
            )
        )
    return label, reading.unit if reading.kind == "number" else stated, reading.number


def _is_dash(text: str) -> bool:
    return bool(squeeze(text)) and set(squeeze(text)) <= set("—-–―_/")


Placed = tuple[str, Cell | None, Cell | None]


def _under_heads(cells: Sequence[Cell], columns: _Columns) -> Placed | None:
    """Label, unit and value by the columns of the heads; None where that is not certain."""
    filled = [cell for cell in cells if not cell.blank]
    if len(filled) == 1 and not _is_value(filled[0]):
        # The head of a section or a note, often over the whole width.
        return _label(filled), None, None
    label_head = columns.heads[columns.label]
    stop = min((head.column for head in columns.heads if head.column > label_head.column), default=0)
    start = label_head.column if columns.label else 0
    labels = [cell for cell in filled if start <= cell.column and cell.column + cell.column_span <= stop]
    if not labels or any(cell.column < stop < cell.column + cell.column_span for cell in filled):
        return None
    found: list[Cell | None] = []
    for index in (columns.unit, columns.value):
        if index is None:
            found.append(None)
            continue
        head = columns.heads[index]
        end = head.column + head.column_span
        under = [cell for cell in filled if cell.column < end and cell.column + cell.column_span > head.column]
        if len(under) > 1 or any(
            cell.column < head.column or cell.column + cell.column_span > end or cell.row_span > 1 for cell in under
        ):
            return None
        found.append(under[0] if under else None)
    unit, value = found
    if unit is not None and kind_of(unit) == "number":
        return None
    return _label(labels), unit, value


def _by_order(cells: Sequence[Cell], columns: _Columns, *, aligned: bool) -> Placed | None:
    """Label, unit and value in a row whose columns share no grid with the heads.

    By order where the row has as many cells as there are heads, none of them lost; else only in
    tables of one figure a row, where the unit stands between label and figure.
    """
    filled = [cell for cell in cells if not cell.blank]
    if len(filled) == 1 and not _is_value(filled[0]):
        return _label(filled), None, None
    units = [index for index, cell in enumerate(filled) if index and _is_unit(cell.text)]
    if columns.unit is None or not units:
        return None
    row = list(cells) if aligned else filled
    if len(row) == len(columns.heads) and row[columns.unit] is filled[units[0]] and not row[columns.label].blank:
        value = row[columns.value] if columns.value is not None else None
        return _label([row[columns.label]]), row[columns.unit], value
    before, after = filled[: units[0]], filled[units[0] + 1 :]
    if len(columns.heads) == 3 and columns.unit == 1 and len(after) <= 1 and not any(map(_is_value, before)):
        return _label(before), filled[units[0]], after[0] if after and columns.value is not None else None
    return None


def _label(cells: Sequence[Cell]) -> str:
    return " ".join(tidy(cell.text) for cell in cells)[:_LONGEST_LABEL]


def _is_value(cell: Cell) -> bool:
    return kind_of(cell) == "number"


def _problem(rule: str, message: str, evidence: str | None = None, cells: tuple[str, ...] = ()) -> Finding:
    return Finding(f"extraction.{rule}", "warning", "extraction", message, cells, evidence=evidence and evidence[:300])
