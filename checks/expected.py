"""Which years an organ ought to have a report for, and what is to be said of each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from checks.due import due

State = Literal["complete", "partial", "text_only", "vanished", "unread", "missing", "crawl_short", "not_due_yet"]


@dataclass(frozen=True, slots=True)
class Present:
    """A report that the archive has: its status, when it was first captured, and since when it is gone (ISO days)."""

    status: str
    since: str
    vanished: str | None = None


@dataclass(frozen=True, slots=True)
class Body:
    """An organ: its kind, the scope of its reports, its reports by year, the years that a portal lists.

    ``last_crawl`` is the day of the last crawl, without fault, of a portal that shows its
    reports; None where there was none. ``until`` is the last year on which it reports, where it
    is known to go on as another organ.
    """

    kind: str | None
    scope: str | None
    reports: Mapping[int, Present] = field(default_factory=dict)
    last_crawl: str | None = None
    until: int | None = None
    listed: Collection[int] = ()


def expected(body: Body, today: date) -> list[tuple[int, State, str | None]]:
    """Return (year, state, since) for each year from the organ's first known report to the last year that has ended.

    'unread' is what a portal lists and the archive has not taken. 'missing' needs a crawl without
    fault after the day on which the report was due; where there was none, the gap may be ours:
    'crawl_short'.
    """
    if not body.reports:
        return []
    last = today.year - 1
    if body.until is not None:
        last = min(last, body.until)
    found: list[tuple[int, State, str | None]] = []
    named = {*body.reports, *body.listed}
    for year in range(min(named), max(last, *named) + 1):
        found.append((year, *_state(body, year, today)))
    return found


def _state(body: Body, year: int, today: date) -> tuple[State, str | None]:
    present = body.reports.get(year)
    if present and present.vanished:
        return "vanished", present.vanished
    if present:
        return _STATES.get(present.status, "partial"), present.since
    last = due(year, body.kind, body.scope).day
    if year in body.listed:
        return "unread", None
    if today <= last:
        return "not_due_yet", None
    crawled = body.last_crawl is not None and body.last_crawl > last.isoformat()
    return "missing" if crawled else "crawl_short", (last + timedelta(days=1)).isoformat()


_STATES: dict[str, State] = {"complete": "complete", "partial": "partial", "text_only": "text_only"}
