"""What the tables say of a quantity that prose may name: a number, or at least what is printed of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from parsers import forms
from parsers.organs import classify
from parsers.report import Readings, Report

_APPLICANTS = tuple(code for code in forms.APPLICANTS if code != "total")
_OUTCOMES = tuple(code for code in forms.OUTCOMES if code != "total")
_PRINTED_AS_MISSING = ("blank", "placeholder")


@dataclass(frozen=True, slots=True)
class Amount:
    """What a table prints for a quantity: ``number``, or, where ``exact`` is false, no less than that.

    A total that is printed blank leaves what its parts print; a blank part can only add to it.
    """

    number: int | float
    exact: bool
    sure: bool
    fields: tuple[str, ...]

    def differs(self, value: int | float) -> bool:
        """Whether no number in the blanks makes the quantity ``value``."""
        return value != self.number if self.exact else value < self.number

    @property
    def words(self) -> str:
        """The number as people read it."""
        return f"{plain(self.number)}件" if self.exact else f"至少{plain(self.number)}件（有空白格）"


def plain(number: int | float) -> str:
    """A number as people write it, of any size: 3, not 3.0."""
    return str(number) if isinstance(number, int) else f"{number:g}"


def request_row(report: Report, row: str) -> Amount | None:
    """The total of a row of table 三, None where it was not read."""
    return _line(report.requests, "requests", row, _APPLICANTS)


def review(report: Report, proceeding: str) -> Amount | None:
    """The total of a proceeding of table 四, None where it was not read."""
    return _line(report.reviews, "reviews", proceeding, _OUTCOMES)


def cell(report: Report, table: str, row: str, column: str) -> Amount | None:
    """One cell, None where it gives no number."""
    reading = getattr(report, table).get(row, {}).get(column)
    if reading is None or reading.kind != "number" or reading.number is None:
        return None
    return Amount(reading.number, True, reading.sure, (f"{table}.{row}.{column}",))


def together(amounts: Iterable[Amount | None]) -> Amount | None:
    """The sum of several quantities, None where one of them was not read."""
    number: int | float = 0
    exact = sure = True
    fields: list[str] = []
    for amount in amounts:
        if amount is None:
            return None
        number += amount.number
        exact, sure = exact and amount.exact, sure and amount.sure
        fields += amount.fields
    return Amount(number, exact, sure, tuple(fields))


def _line(readings: Readings, table: str, row: str, parts: tuple[str, ...]) -> Amount | None:
    cells = readings.get(row)
    total = cells.get("total") if cells else None
    if cells is None or total is None:
        return None
    if total.kind == "number" and total.number is not None:
        return Amount(total.number, True, total.sure, (f"{table}.{row}.total",))
    if total.kind not in _PRINTED_AS_MISSING:
        return None
    printed = [(part, reading) for part in parts if (reading := cells.get(part)) is not None]
    if any(reading.kind != "number" and reading.kind not in _PRINTED_AS_MISSING for _part, reading in printed):
        return None
    counted = [(part, reading) for part, reading in printed if reading.number is not None]
    return Amount(
        sum(reading.number or 0 for _part, reading in counted),
        False,
        all(reading.sure for _part, reading in counted),
        tuple(f"{table}.{row}.{part}" for part, _reading in counted) or (f"{table}.{row}.total",),
    )


_AREA_WORDS = re.compile("全([省市州县区旗])(?!政府)")


OFFICE_AGAINST_AREA = "；表格统计全行政区域，正文可能只统计本级机关，范围不同不等于矛盾"
"""What is said where a table covers an area and the sentence perhaps an office only."""


def covers_area(report: Report) -> bool:
    """Whether the report's tables cover a whole area: a government's do, and its office's where it says so."""
    return report.scope == "area" and (classify(report.organ)[1] == "government" or "政府办公" in report.organ)


def wider_area(text: str, organ: str) -> bool:
    """Whether a text speaks of an area above the organ's own, as a district's report does of 全市."""
    name = re.sub(r"(?:人民政府)?(?:办公[室厅])?$", "", organ)
    return any(area != name[-1:] for area in _AREA_WORDS.findall(text))
