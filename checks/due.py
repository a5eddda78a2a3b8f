"""When a report is due: Regulations on Open Government Information, article 49, and article 31 before 2019."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

_LAST_YEAR_OF_OLD_LAW = 2018
"""The revised Regulations are in force since May 15, 2019, after the reports on 2018 were due."""


class Due(NamedTuple):
    """The last day for publication, and whether the law names organs of this kind."""

    day: date
    statutory: bool


def passed(day: date) -> date:
    """The first day after which ``day`` stands to every day on which a report is due, or a year ends, as it does."""
    begun = (date(day.year, 4, 1), date(day.year, 2, 1), date(day.year, 1, 1))
    return next(first for first in begun if first <= day)


def due(year: int, kind: str | None, scope: str | None = None) -> Due:
    """When the report on ``year`` of an organ of ``kind`` is due.

    An office that reports for its whole area does so in the government's place.
    """
    march = date(year + 1, 3, 31)
    if year <= _LAST_YEAR_OF_OLD_LAW:
        return Due(march, True)
    if kind == "government" or (kind == "department" and scope == "area"):
        return Due(march, True)
    if kind == "department":
        return Due(date(year + 1, 1, 31), True)
    return Due(march, False)
