"""What the first page shows: how much there is, and where to start."""

from __future__ import annotations

from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted

from publish.metadata import DATABASE

_COUNTS = {
    "reports": "select count(*) from reports",
    "organs": "select count(*) from organs",
    "documents": "select count(*) from documents",
    "portals": "select count(*) from portals",
    "errors": "select count(*) from findings where severity = 'error' and cause <> 'extraction' and id not in "
    "(select finding_id from finding_notes where state = 'dismissed')",
    "missing": "select count(*) from coverage where state = 'missing'",
    "changed": "select count(distinct report_id) from changes",
}


async def _rows(datasette: Datasette, sql: str) -> list[tuple[Any, ...]] | None:
    """Return the rows, or None where counting takes too long: better no number than a wait."""
    try:
        return [tuple(row) for row in await datasette.execute(DATABASE, sql)]
    except QueryInterrupted:
        return None


async def home_view(datasette: Datasette) -> dict[str, Any]:
    """Return the counts, years and provinces of the first page."""
    counts: dict[str, int | None] = {}
    for name, sql in _COUNTS.items():
        rows = await _rows(datasette, sql)
        counts[name] = rows[0][0] if rows else None
    return {
        "counts": counts,
        "years": await _rows(datasette, "select year, count(*) from reports group by year order by year desc"),
        "provinces": await _rows(
            datasette,
            "select province, count(*) from organs where province is not null group by province order by 2 desc, 1",
        ),
        "latest": await _rows(datasette, "select max(captured_at) from reports"),
    }
