"""What the page of one rule shows: how often it fires, for which years, and its newest findings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted

from publish import counts
from publish.metadata import DATABASE
from publish.noted import DISMISSED, not_dismissed

_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class RuleView:
    """Counts of a rule's findings by severity and cause, and by year; None where counting takes too long.

    What editors dismissed is counted apart, in ``dismissed``.
    """

    severities: list[dict[str, Any]] | None
    years: list[dict[str, Any]] | None
    examples: list[dict[str, Any]] | None
    dismissed: int


async def rule_view(datasette: Datasette, code: str) -> RuleView:
    """Gather the page of the rule ``code``."""
    dismissed = await _rows(
        datasette,
        f"select count(*) as number from {DISMISSED} cross join findings on id = finding_id where rule = ?",
        code,
    )
    return RuleView(
        severities=await _rows(
            datasette,
            "select severity, cause, count(*) as count from findings as f where rule = ? "
            f"and {not_dismissed()} group by 1, 2 "
            "order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, count(*) desc",
            code,
        ),
        years=await _rows(
            datasette,
            "select r.year, count(*) as count, count(distinct f.report_id) as reports from findings as f "
            "join reports as r on r.id = f.report_id where f.rule = ? "
            f"and {not_dismissed()} group by 1 order by 1 desc",
            code,
        ),
        examples=await _rows(
            datasette,
            "select f.id, f.message, f.severity, f.cause, f.report_id, r.title from findings as f "
            "join reports as r on r.id = f.report_id where f.rule = ? "
            f"and {not_dismissed()} order by r.year desc, r.captured_at desc, f.id limit {_EXAMPLES}",
            code,
        ),
        dismissed=dismissed[0]["number"] if dismissed else 0,
    )


async def _rows(datasette: Datasette, sql: str, code: str) -> list[dict[str, Any]] | None:
    """Rows that a publication carries, or asks for in order to carry them; else as asked for now."""
    archive, key = datasette.get_database(DATABASE), counts.key(sql, (code,))
    if archive.gathered is None and (known := await archive.known_counts(key)) is not None:
        return known
    try:
        found = [dict(row) for row in await datasette.execute(DATABASE, sql, (code,))]
    except QueryInterrupted:
        return None
    if archive.gathered is not None:
        archive.gathered[key] = found
    return found
