"""Sums of what the reports print, by place, year and whether a report speaks for the whole area.

The measures are those of ``figures.toml``. Only printed numbers are added, and every sum comes with
the number of reports that gave it. A report of a whole area counts what the offices in it count
too, so the two kinds are never added together.

A publication carries the sums of every place (:func:`write_rollup`); an archive that is still being
written is asked for them, place by place.
"""

from __future__ import annotations

import sqlite3
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from datasette.app import Datasette
from datasette.database import QueryInterrupted

from parsers import forms
from publish.language import either
from publish.metadata import DATABASE
from publish.noted import not_dismissed

ROLLUP = "_place_figures"
KEYS = ("province", "city", "county")
REPORTS, CONTRADICTIONS, COVERAGE = "reports", "contradictions", "coverage:"

Kind = Literal["reports", "requests", "reviews", "coverage", "contradictions"]
COUNTED: tuple[Kind, ...] = ("reports", "coverage", "contradictions")
ALL: tuple[Kind, ...] = (*COUNTED, "requests", "reviews")
LIVE_REPORTS = 60_000
"""Reports whose figures are added up while a reader waits: about two seconds' work."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure: rows of the table of requests, or columns of that of reviews, whose totals are added."""

    code: str
    zh: str
    en: str
    items: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()
    share: bool = False

    @property
    def name(self) -> str:
        """Label in the page's language."""
        return either(self.zh, self.en)


@cache
def measures() -> tuple[Measure, ...]:
    """Every measure in the order in which it is shown. Raises KeyError where the form has no such code."""
    text = resources.files("publish").joinpath("figures.toml").read_text("utf-8")
    return tuple(_measure(entry) for entry in tomllib.loads(text)["measure"])


def _measure(entry: dict[str, Any]) -> Measure:
    groups = [forms.REQUEST_GROUPS[code].code for code in entry.get("groups", ())]
    items = [forms.REQUEST_ROWS[code].code for code in entry.get("items", ())]
    items += [row.code for row in forms.REQUEST_ROWS.values() if row.group in groups]
    outcomes = tuple(forms.OUTCOMES[code].code for code in entry.get("outcomes", ()))
    return Measure(entry["code"], entry["zh"], entry["en"], tuple(items), outcomes, entry.get("share", False))


@dataclass(frozen=True, slots=True)
class Sum:
    """What ``reports`` reports print together; for coverage and findings the number of them."""

    reports: int
    amount: float


def _of_reports(where: str) -> str:
    return (
        f"select {_names()}, r.year, r.scope is 'area' as area, '{REPORTS}' as measure, count(*) as reports, "
        f"count(*) as amount from organs as o cross join reports as r on r.organ_id = o.id where {where} "
        "group by 1, 2, 3, 4, 5"
    )


def _of_requests(where: str) -> str:
    return (
        f"select {_names()}, r.year, r.scope is 'area' as area, {_measure_of_item()} as measure, "
        "count(distinct q.report_id) as reports, sum(q.total) as amount from organs as o "
        "cross join reports as r on r.organ_id = o.id cross join requests as q on q.report_id = r.id "
        f"where {where} and q.total is not null and measure is not null group by 1, 2, 3, 4, 5, 6"
    )


def _of_reviews(where: str) -> str:
    return " union all ".join(
        f"select {_names()}, r.year, r.scope is 'area' as area, '{measure.code}' as measure, "
        f"count(distinct v.report_id) as reports, sum(v.{outcome}) as amount from organs as o "
        "cross join reports as r on r.organ_id = o.id cross join reviews as v on v.report_id = r.id "
        f"where {where} and v.{outcome} is not null group by 1, 2, 3, 4, 5"
        for measure in measures()
        for outcome in measure.outcomes
    )


def _of_coverage(where: str) -> str:
    return (
        f"select {_names()}, c.year, 0 as area, '{COVERAGE}' || c.state as measure, count(*) as reports, "
        f"count(*) as amount from organs as o cross join coverage as c on c.organ_id = o.id where {where} "
        "group by 1, 2, 3, 4, 6"
    )


def _of_contradictions(where: str) -> str:
    return (
        f"select {_names()}, r.year, 0 as area, '{CONTRADICTIONS}' as measure, "
        "count(distinct r.id) as reports, count(*) as amount from organs as o "
        "cross join reports as r on r.organ_id = o.id cross join findings as f on f.report_id = r.id "
        # The plus: never all errors for each report, whatever an archive without statistics lets SQLite think.
        f"where {where} and +f.severity = 'error' and f.cause <> 'extraction' "
        f"and {not_dismissed()} group by 1, 2, 3, 4"
    )


def _measure_of_item() -> str:
    cases = " ".join(f"when '{item}' then '{measure.code}'" for measure in measures() for item in measure.items)
    return f"case q.item {cases} end"


def _names() -> str:
    return ", ".join(f"coalesce(o.{key}, '') as {key}" for key in KEYS)


_STATEMENTS = {
    "reports": _of_reports,
    "requests": _of_requests,
    "reviews": _of_reviews,
    "coverage": _of_coverage,
    "contradictions": _of_contradictions,
}


def statement(kinds: Iterable[Kind], where: str = "1") -> str:
    """SQL for rows of province, city, county, year, area, measure, reports, amount.

    ``where`` is a condition on the organs ``o``; nothing else is read than what belongs to them.
    """
    return " union all ".join(_STATEMENTS[kind](where) for kind in kinds)


def write_rollup(db: sqlite3.Connection) -> None:
    """Keep the sums of every place and year in the table :data:`ROLLUP` of a publication."""
    db.execute(f"drop table if exists {ROLLUP}")
    db.execute(
        f"create table {ROLLUP} (province text not null, city text not null, county text not null, "
        "year integer not null, area integer not null, measure text not null, reports integer not null, "
        "amount numeric not null, primary key (province, city, county, year, area, measure)) without rowid"
    )
    db.execute(f"insert into {ROLLUP} {statement(ALL)}")


@dataclass(frozen=True, slots=True)
class Area:
    """The organs of a place, by the names of province, city and county as the organs have them.

    None leaves a level open; an empty name means organs without one, such as the districts of a
    municipality, which lie in no city.
    """

    province: str | None = None
    city: str | None = None
    county: str | None = None

    def named(self) -> dict[str, str]:
        """The levels that are given."""
        values = {"province": self.province, "city": self.city, "county": self.county}
        return {key: value for key, value in values.items() if value is not None}

    def condition(self) -> str:
        """SQL on the organs ``o``; its parameters are those of :meth:`named`."""
        given = self.named()
        # A plain comparison can use the index; organs without a name have null.
        return " and ".join(f"o.{key} = :{key}" if value else f"o.{key} is null" for key, value in given.items()) or "1"

    def source(self, kinds: Iterable[Kind], *, rolled: bool) -> str:
        """SQL for the rows of this place, from the kept sums where there are some."""
        if not rolled:
            return f"({statement(kinds, self.condition())})"
        kept = " and ".join(f"{key} = :{key}" for key in self.named()) or "1"
        return f"(select * from {ROLLUP} where {kept})"


Rows = list[dict[str, Any]] | None


async def rows(datasette: Datasette, sql: str, parameters: dict[str, Any] | None = None) -> Rows:
    """Return the rows, or None where it takes too long: better no number than a wait."""
    try:
        return [dict(row) for row in await datasette.execute(DATABASE, sql, parameters or {}, truncate=False)]
    except QueryInterrupted:
        return None


async def is_rolled(datasette: Datasette) -> bool:
    """Whether the archive carries the sums of its places."""
    return await datasette.get_database(DATABASE).table_exists(ROLLUP)


Years = dict[int, dict[str, Sum]]


async def place_counts(datasette: Datasette, area: Area) -> tuple[Years, Years] | None:
    """Reports, coverage and contradictions of a place by year: of the offices' own reports, and of whole areas'.

    Coverage and contradictions stand with the former. None where counting takes too long.
    """
    return await _figures(datasette, area, COUNTED)


async def place_sums(datasette: Datasette, area: Area, reports: int) -> Years | None:
    """What the offices' own reports of a place print together, by year and measure.

    None where adding up takes too long; with more than :data:`LIVE_REPORTS` it is not tried unless
    the archive carries the sums.
    """
    if reports > LIVE_REPORTS and not await is_rolled(datasette):
        return None
    found = await _figures(datasette, area, ("requests", "reviews"))
    return None if found is None else found[0]


async def _figures(datasette: Datasette, area: Area, kinds: Iterable[Kind]) -> tuple[Years, Years] | None:
    found = await rows(
        datasette,
        "select year, area, measure, sum(reports) as reports, sum(amount) as amount "
        f"from {area.source(kinds, rolled=await is_rolled(datasette))} group by 1, 2, 3 order by 1 desc",
        area.named(),
    )
    return None if found is None else _by_year(found)


Printed = dict[str, dict[str, float]]
"""What each report prints, by report and measure."""


async def printed_figures(datasette: Datasette, reports: str, parameters: dict[str, Any]) -> Printed:
    """What each of the ``reports`` (SQL for their ids) prints; a measure with a cell that has no number is left out."""
    of_reviews = "".join(
        f" union all select v.report_id, '{measure.code}', sum(v.{outcome}) from reviews as v "
        f"where v.report_id in ({reports}) group by 1 having count(*) = count(v.{outcome})"
        for measure in measures()
        for outcome in measure.outcomes
    )
    found = await rows(
        datasette,
        f"select q.report_id, {_measure_of_item()} as measure, sum(q.total) as amount from requests as q "
        f"where q.report_id in ({reports}) and measure is not null group by 1, 2 having count(*) = count(q.total)"
        f"{of_reviews}",
        parameters,
    )
    made: Printed = {}
    for row in found or ():
        made.setdefault(row["report_id"], {})[row["measure"]] = row["amount"]
    return made


def _by_year(found: list[dict[str, Any]]) -> tuple[Years, Years]:
    years: tuple[Years, Years] = ({}, {})
    for row in found:
        years[bool(row["area"])].setdefault(row["year"], {})[row["measure"]] = Sum(row["reports"], row["amount"])
    return years
