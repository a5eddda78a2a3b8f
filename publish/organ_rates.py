"""The rates of one organ over the years, for its page."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from publish.rates import RateView, compute_all, rates
from publish.reading import Reader

_SOURCES = {
    "requests": "select x.report_id, x.item as part, x.* from requests as x",
    "reviews": "select x.report_id, x.proceeding as part, x.* from reviews as x",
}


@dataclass(frozen=True, slots=True)
class YearOfRates:
    """A report and its rates in the order of :func:`~publish.rates.rates`."""

    report_id: str
    year: int
    rates: list[RateView]


def organ_rates(read: Reader, organ_id: str) -> list[YearOfRates]:
    """Return the rates of each report of an organ, the newest first.

    Reports without any of the cells are left out.
    """
    cells: dict[str, dict[str, float | None]] = defaultdict(dict)
    needed = {field for rate in rates().values() for field in rate.fields}
    for table, source in _SOURCES.items():
        sql = f"{source} join reports as r on r.id = x.report_id where r.organ_id = ?"
        for row in read.rows(sql, organ_id):
            cells[row["report_id"]] |= _needed(table, row, needed)
    reports = read.rows("select id, year from reports where organ_id = ? order by year desc", organ_id)
    return [
        YearOfRates(report["id"], report["year"], compute_all(cells[report["id"]].get))
        for report in reports
        if report["id"] in cells
    ]


def _needed(table: str, row: dict[str, Any], needed: set[str]) -> dict[str, float | None]:
    named = ((f"{table}.{row['part']}.{column}", value) for column, value in row.items())
    return {field: value for field, value in named if field in needed}
