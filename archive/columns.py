"""What was learned of a portal: at which addresses its report columns begin, and since when that is known."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlite_utils import Database

from archive import times
from archive.frontier import Lead


@dataclass(frozen=True, slots=True)
class LearnedColumn:
    """A column that gave reports: how to ask for it, and what it gave.

    ``family`` is that of its pages, ``reports`` how many documents the last crawl kept from it,
    ``newest_year`` the latest reporting year among their titles. ``discovered_at`` is when the
    portal was last searched from its start pages ``start``, UTC ISO 8601.
    """

    lead: Lead
    family: str | None
    reports: int
    newest_year: int | None
    start: tuple[str, ...]
    discovered_at: str

    def age(self) -> float:
        """Days since the portal was searched."""
        return (datetime.now(UTC) - datetime.fromisoformat(self.discovered_at)).total_seconds() / 86400


def load(db: Database, portal_id: str) -> list[LearnedColumn]:
    """The columns that the last crawls of the portal left, the richest first."""
    rows = db.conn.execute(
        "SELECT url, key, host, kind, depth, score, context, family, reports, newest_year, start, discovered_at"
        " FROM _columns WHERE portal_id = ? ORDER BY reports DESC, key",
        (portal_id,),
    )
    return [
        LearnedColumn(
            lead=Lead(row[0], row[1], row[2], row[3], row[4], row[5], json.loads(row[6])),
            family=row[7],
            reports=row[8],
            newest_year=row[9],
            start=tuple(json.loads(row[10])),
            discovered_at=row[11],
        )
        for row in rows
    ]


def save(db: Database, portal_id: str, columns: Iterable[LearnedColumn]) -> None:
    """Replace what is known of the portal by ``columns``; a portal whose system nobody named gets their family."""
    now, columns = times.now(), list(columns)
    family = max(columns, key=lambda column: column.reports).family if columns else None
    with db.atomic():
        db.conn.execute("UPDATE portals SET cms = coalesce(cms, ?) WHERE id = ?", (family, portal_id))
        db.conn.execute("DELETE FROM _columns WHERE portal_id = ?", (portal_id,))
        db.conn.executemany(
            "INSERT INTO _columns (portal_id, url, key, host, kind, depth, score, context, family, reports,"
            " newest_year, start, discovered_at, confirmed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    portal_id,
                    column.lead.url,
                    column.lead.key,
                    column.lead.host,
                    column.lead.kind,
                    column.lead.depth,
                    column.lead.score,
                    json.dumps(column.lead.context, ensure_ascii=False),
                    column.family,
                    column.reports,
                    column.newest_year,
                    json.dumps(column.start),
                    column.discovered_at,
                    now,
                )
                for column in columns
            ],
        )
