"""What a crawl leaves to the next one: the columns that gave reports, and when to search anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from archive.columns import LearnedColumn
from archive.frontier import COLUMN, DONE, EXPLORE, GONE_REASONS, Lead, Outcome
from crawler import titles

DAYS_UNTIL_SEARCHED_ANEW = 92
DAYS_BETWEEN_SEARCHES_OUT_OF_SEASON = 30
_END_OF_SEASON = 4
"""Reports of a year appear from January to the end of March of the next; from April on one is overdue."""


def is_fresh(columns: Sequence[LearnedColumn], start: tuple[str, ...], today: date) -> bool:
    """Whether a crawl may begin at ``columns`` instead of searching the portal from ``start``.

    Not if the portal starts elsewhere now, if the last search is a quarter old, or if the season
    is over and no column has last year's reports: then they may be appearing in another one.
    """
    if not columns or any(column.start != start for column in columns):
        return False
    age = max(column.age() for column in columns)
    if age >= DAYS_UNTIL_SEARCHED_ANEW:
        return False
    newest = max((column.newest_year or 0 for column in columns), default=0)
    overdue = today.month >= _END_OF_SEASON and newest < today.year - 1
    return not (overdue and age >= DAYS_BETWEEN_SEARCHES_OUT_OF_SEASON)


def leads(columns: Sequence[LearnedColumn], *, optional: bool) -> list[Lead]:
    """The leads at which a crawl begins; ``optional`` where it also searches the portal."""
    return [
        replace(
            column.lead, context={**column.lead.context, "learned": True} | ({"optional": True} if optional else {})
        )
        for column in columns
    ]


def failed(outcomes: Sequence[Outcome]) -> bool:
    """Whether a column that was learned could not be read or gave no report."""
    given = {outcome.lead.context.get("column") for outcome in outcomes if outcome.result.get("document")}
    for outcome in outcomes:
        context = outcome.lead.context
        if context.get("learned") and not outcome.result.get("document") and context.get("column") not in given:
            return True
    return False


def still_known(
    before: Sequence[LearnedColumn], outcomes: Sequence[Outcome], learned: Sequence[LearnedColumn]
) -> list[LearnedColumn]:
    """Those of ``before`` that are not among ``learned`` because they could not be asked this time.

    A column that is gone, or was read and gave nothing, is forgotten.
    """
    found = {column.lead.key for column in learned}
    settled = {
        outcome.lead.key for outcome in outcomes if outcome.state == DONE or (outcome.reason or "") in GONE_REASONS
    }
    since = learned[0].discovered_at
    start = learned[0].start
    return [
        replace(column, discovered_at=since, start=start) for column in before if column.lead.key not in found | settled
    ]


def learn(outcomes: Sequence[Outcome], start: tuple[str, ...], discovered_at: str) -> list[LearnedColumn]:
    """The columns in ``outcomes`` that gave documents, and documents that stood in none."""
    years: dict[str, list[int]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.result.get("document"):
            column = outcome.lead.context.get("column") or outcome.lead.url
            years[column].append(titles.year(outcome.lead.context.get("title") or "") or 0)
    found: dict[str, LearnedColumn] = {}
    for outcome in outcomes:
        context = outcome.lead.context
        column = context.get("column") or outcome.result.get("column_url") or outcome.lead.url
        begins = context.get("column") in (None, outcome.lead.url) or context.get("learned")
        if not begins or column not in years or column in found:
            continue
        if not any(outcome.result.get(name) for name in ("column", "document", "onward")):
            continue
        kind = EXPLORE if outcome.result.get("document") and context.get("column") is None else COLUMN
        kept = {key: value for key, value in context.items() if key not in ("optional", "learned")}
        if kind == COLUMN:
            kept["column"] = column
        found[column] = LearnedColumn(
            lead=replace(outcome.lead, kind=kind, context=kept),
            family=outcome.result.get("family"),
            reports=len(years[column]),
            newest_year=max(years[column]) or None,
            start=start,
            discovered_at=discovered_at,
        )
    return list(found.values())
