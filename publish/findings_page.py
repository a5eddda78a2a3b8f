"""How often each rule fires in each year, ``/-/findings``: of everything or of one place."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import BadRequest, Request, Response

from publish import figures, noted
from publish.dictionary import dictionary
from publish.figures import KEYS, Area
from publish.language import Said
from publish.memory import remembered
from publish.metadata import DATABASE

# From this share of a year's reports on, each step is a shade darker; the first is for any at all.
STEPS = (0.0, 0.01, 0.05, 0.1, 0.2)
KEPT = ("_city", "_county", "_text", "cause", "cause__not", "report_id")
"""Arguments of the table of findings that its form keeps."""
_GRAVE = ("error", "warning")
_YEAR = re.compile(r"[12]\d{3}")


@dataclass(frozen=True, slots=True)
class HeatCell:
    """How many ``reports`` of a year have such a finding, of how many the archive has (``of``)."""

    reports: int
    of: int

    @property
    def shade(self) -> int | None:
        """Step of the share in :data:`STEPS`; None where there is no such finding."""
        if not self.reports or not self.of:
            return None
        return max(step for step, share in enumerate(STEPS) if self.reports / self.of >= share)


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Rules by how many reports they fire in, with a cell for each year, the latest first; and the reports of each."""

    years: dict[int, int]
    lines: list[tuple[str, Said, list[HeatCell]]]


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which findings are looked at; an empty choice leaves out none but notes and what was dismissed.

    Findings that our own reading caused are never counted here.
    """

    severity: str = ""
    rule: str = ""
    year: str = ""
    noted: str = noted.OPEN

    def condition(self) -> str:
        """SQL condition on the findings ``f`` and their reports ``r``, with the parameters of :meth:`named`."""
        # The plus: never all findings for each report, whatever an archive without statistics lets SQLite think.
        clauses = [
            "f.cause <> 'extraction'",
            "+f.severity = :severity" if self.severity else f"+f.severity in {_GRAVE}",
            noted.condition("noted", "f"),
        ]
        if self.rule:
            clauses.append("f.rule = :rule")
        if self.year:
            clauses.append("r.year = cast(:year as integer)")
        return " and ".join(clauses)

    def named(self) -> dict[str, str]:
        """The parameters of :meth:`condition`."""
        return {"severity": self.severity, "rule": self.rule, "year": self.year, "noted": self.noted}

    def narrowed(self, rule: str, year: int) -> Chosen:
        """The same choice for one rule and year."""
        return replace(self, rule=rule, year=str(year))

    def listed(self, place: dict[str, str]) -> str:
        """The arguments of the table of findings that list exactly what is counted here."""
        arguments = {"cause__not": "extraction", "_noted": self.noted}
        arguments |= {"severity": self.severity} if self.severity else {"severity__in": ",".join(_GRAVE)}
        if self.rule:
            arguments["rule"] = self.rule
        if self.year:
            arguments["_year"] = self.year
        return urlencode(arguments | {f"_{key}": value for key, value in place.items()})


async def findings(datasette: Datasette, request: Request) -> Response:
    """Answer the page, narrowed by ``province``, ``city``, ``county``, ``severity``, ``rule``, ``year`` and ``noted``.

    Raises BadRequest for a severity or state that there is none of, and for a year that is none.
    """
    asked = {name: (request.args.get(name) or "").strip() for name in ("severity", "rule", "year", "noted")}
    for name in ("severity", "noted"):
        words = dictionary().choices(name)
        if asked[name] and asked[name] not in words:
            raise BadRequest(
                Said(f"没有这样的 {name}，可用：{', '.join(words)}", f"no such {name}: use {', '.join(words)}")
            )
    if asked["year"] and not _YEAR.fullmatch(asked["year"]):
        raise BadRequest(Said("year 应为四位年份", "year must be a year of four digits"))
    chosen = Chosen(**{**asked, "noted": asked["noted"] or noted.OPEN})
    place = {key: value for key in KEYS if (value := request.args.get(key))}
    area = Area(**place)
    page = await datasette.render_template(
        "findings.html",
        {
            "view": await remembered(datasette, ("findings", area, chosen), lambda: heat_map(datasette, area, chosen)),
            "place": place,
            # A city or county is kept while its province is looked at; the form offers provinces only.
            "below": {key: place[key] for key in KEYS[1:] if key in place},
            "chosen": chosen,
            "choices": await choices(datasette),
            "steps": STEPS,
        },
        request=request,
    )
    return Response.html(page)


@dataclass(frozen=True, slots=True)
class Choices:
    """What findings can be chosen by: rules with their labels, years and provinces."""

    rules: list[tuple[str, Said]]
    years: list[int]
    provinces: list[str]

    @property
    def labels(self) -> dict[str, Said]:
        """Labels of the rules by code."""
        return dict(self.rules)


async def choices(datasette: Datasette) -> Choices:
    """Return what findings can be chosen by; empty where asking takes too long."""
    return await remembered(datasette, "choices of findings", lambda: _choices(datasette))


async def _choices(datasette: Datasette) -> Choices:
    rules = await figures.rows(datasette, "select code, label, label_en from rules order by code")
    years = await figures.rows(datasette, "select distinct year from reports order by year desc")
    provinces = await figures.rows(datasette, "select distinct province from organs where province <> '' order by 1")
    return Choices(
        [(row["code"], Said(row["label"], row["label_en"] or row["label"])) for row in rules or ()],
        [row["year"] for row in years or ()],
        [row["province"] for row in provinces or ()],
    )


ROLLUP = "_place_findings"
"""How many reports of each place and year have findings that nobody dismissed, by rule and choice of severity."""


def _counted(chosen: Chosen, where: str) -> str:
    """SQL for the organs ``o``, reports ``r``, ``chosen`` findings ``f`` and rules ``u`` of the place ``where``."""
    return (
        "from organs as o cross join reports as r on r.organ_id = o.id cross join findings as f on f.report_id = r.id "
        f"left join rules as u on u.code = f.rule where {where} and {chosen.condition()}"
    )


def write_rollup(db: sqlite3.Connection) -> None:
    """Keep in a publication what the page counts of every place as long as no other notes are asked for."""
    db.execute(f"drop table if exists {ROLLUP}")
    db.execute(
        f"create table {ROLLUP} (province text not null, city text not null, county text not null, "
        "severity text not null, rule text not null, year integer not null, reports integer not null, "
        "primary key (province, city, county, severity, rule, year)) without rowid"
    )
    names = ", ".join(f"coalesce(o.{key}, '')" for key in KEYS)
    for severity in ("", *dictionary().values["severity"]):
        chosen = Chosen(severity=severity)
        db.execute(
            f"insert into {ROLLUP} select {names}, :severity, f.rule, r.year, count(distinct f.report_id) "
            f"{_counted(chosen, '1')} group by 1, 2, 3, 5, 6",
            chosen.named(),
        )


async def _of_rollup(datasette: Datasette, area: Area, chosen: Chosen) -> tuple[figures.Rows, figures.Rows]:
    place = " and ".join([f"{key} = :{key}" for key in area.named()] or ["1"])
    year = "and year = cast(:year as integer)" if chosen.year else ""
    rule = "and c.rule = :rule" if chosen.rule else ""
    parameters = area.named() | chosen.named()
    totals = await figures.rows(
        datasette,
        f"select year, sum(reports) as number from {figures.ROLLUP} where measure = '{figures.REPORTS}' "
        f"and {place} {year} group by 1 order by 1 desc",
        parameters,
    )
    found = await figures.rows(
        datasette,
        "select c.rule, coalesce(u.label, c.rule) as label, coalesce(u.label_en, c.rule) as label_en, c.year, "
        f"sum(c.reports) as reports from {ROLLUP} as c left join rules as u on u.code = c.rule "
        f"where c.severity = :severity and {place} {year} {rule} group by 1, 2, 3, 4",
        parameters,
    )
    return totals, found


async def heat_map(datasette: Datasette, area: Area, chosen: Chosen) -> HeatMap | None:
    """Count the reports of ``area`` that have the ``chosen`` findings; None where it takes too long."""
    if chosen.noted == noted.OPEN and await datasette.get_database(DATABASE).table_exists(ROLLUP):
        totals, found = await _of_rollup(datasette, area, chosen)
    else:
        totals, found = await _of_rows(datasette, area, chosen)
    if totals is None or found is None:
        return None
    years = {row["year"]: row["number"] for row in totals}
    rules: dict[tuple[str, str, str], dict[int, int]] = {}
    for row in found:
        rules.setdefault((row["rule"], row["label"], row["label_en"]), {})[row["year"]] = row["reports"]
    return HeatMap(
        years,
        [
            (code, Said(label, label_en), [HeatCell(counts.get(year, 0), number) for year, number in years.items()])
            for (code, label, label_en), counts in sorted(
                rules.items(), key=lambda item: (-sum(item[1].values()), item[0])
            )
        ],
    )


async def _of_rows(datasette: Datasette, area: Area, chosen: Chosen) -> tuple[figures.Rows, figures.Rows]:
    reports = f"organs as o cross join reports as r on r.organ_id = o.id where {area.condition()}"
    parameters = area.named() | chosen.named()
    of_year = "and r.year = cast(:year as integer)" if chosen.year else ""
    totals = await figures.rows(
        datasette, f"select r.year, count(*) as number from {reports} {of_year} group by 1 order by 1 desc", parameters
    )
    found = await figures.rows(
        datasette,
        "select f.rule, coalesce(u.label, f.rule) as label, coalesce(u.label_en, f.rule) as label_en, r.year, "
        f"count(distinct f.report_id) as reports {_counted(chosen, area.condition())} group by 1, 2, 3, 4",
        parameters,
    )
    return totals, found
