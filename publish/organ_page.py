"""What the page of an organ draws and lists of its figures over the years."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from datasette.app import Datasette
from markupsafe import Markup

from publish import figures
from publish.charts import Series, line_chart, share_chart
from publish.dictionary import dictionary
from publish.language import either
from publish.noted import not_dismissed

_LINES = ("new", "handled_total")
_HELD = ("complete", "partial", "text_only")


@dataclass(slots=True)
class OrganYear:
    """A year: the report's id and printed figures, findings by severity, or the word for why there is no report."""

    year: int
    report_id: str | None = None
    scope: str | None = None
    gap: str | None = None
    figures: dict[str, float] = field(default_factory=dict)
    findings: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OrganFigures:
    """The years of an organ, the latest first, and charts of them where there are two years or more."""

    years: list[OrganYear]
    measures: tuple[figures.Measure, ...]
    charts: list[tuple[str, Markup]]
    scopes_differ: bool


async def organ_figures(datasette: Datasette, organ_id: str) -> OrganFigures:
    """Gather figures, gaps and findings of an organ."""
    organ = {"organ": organ_id}
    reports = await figures.rows(datasette, "select id, year, scope from reports where organ_id = :organ", organ)
    printed = await figures.printed_figures(datasette, "select id from reports where organ_id = :organ", organ)
    years = {
        row["year"]: OrganYear(row["year"], row["id"], row["scope"], figures=printed.get(row["id"], {}))
        for row in reports or ()
    }
    for row in (
        await figures.rows(
            datasette, "select year, state from coverage where organ_id = :organ and state <> 'not_due_yet'", organ
        )
        or ()
    ):
        if row["state"] not in _HELD and row["year"] not in years:
            years[row["year"]] = OrganYear(row["year"], gap=dictionary().word("state", row["state"]))
    for row in (
        await figures.rows(
            datasette,
            "select r.year, f.severity, count(*) as number from reports as r "
            "cross join findings as f on f.report_id = r.id "
            f"where r.organ_id = :organ and {not_dismissed()} group by 1, 2",
            organ,
        )
        or ()
    ):
        years[row["year"]].findings[row["severity"]] = row["number"]
    return OrganFigures(
        years=[years[year] for year in sorted(years, reverse=True)],
        measures=figures.measures(),
        charts=_charts(years),
        scopes_differ=len({year.scope for year in years.values() if year.report_id}) > 1,
    )


def _charts(years: dict[int, OrganYear]) -> list[tuple[str, Markup]]:
    if sum(1 for year in years.values() if year.figures) < 2:
        return []
    span = list(range(min(years), max(years) + 1))
    # A year between two others of which nothing is known is a gap too, without a word for it.
    gaps = {
        year: years[year].gap or "" if year in years else either("无", "none")
        for year in span
        if _lacks(years.get(year))
    }

    def values(code: str) -> list[float | None]:
        return [years[year].figures.get(code) if year in years else None for year in span]

    names = {measure.code: measure.name for measure in figures.measures()}
    lines = [Series(names[code], values(code)) for code in _LINES]
    parts = [measure for measure in figures.measures() if measure.share]
    whole = [_shares(years[year].figures, parts) if year in years else None for year in span]
    shares = [
        Series(part.name, [entry[number] if entry else None for entry in whole]) for number, part in enumerate(parts)
    ]
    title = either("申请与办理（件）", "Requests and how many were handled")
    made = [(title, line_chart("figures-requests", title, span, lines, gaps))]
    if any(whole):
        title = either("办理结果的比例", "Outcomes as shares")
        made.append((title, share_chart("figures-outcomes", title, span, shares, gaps)))
    return made


def _lacks(year: OrganYear | None) -> bool:
    return year is None or year.report_id is None


def _shares(printed: dict[str, float], parts: list[figures.Measure]) -> list[float] | None:
    """The outcomes of a year, if they are what was handled: parts that miss the printed total have no shares."""
    values = [printed.get(part.code) for part in parts]
    known = [value for value in values if value is not None]
    if not known or "handled_total" not in printed or sum(known) != printed["handled_total"] or not sum(known):
        return None
    # An outcome that this edition of the form does not print is no part of what adds up.
    return [value or 0 for value in values]


def findings_words(findings: dict[str, int]) -> list[tuple[str, str, int]]:
    """Severity, its word and the number of findings, the gravest first."""
    order: list[Any] = ["error", "warning", "note"]
    return [(code, dictionary().word("severity", code), findings[code]) for code in order if findings.get(code)]
