"""What the first page shows: how much there is, of what, what is new, and where to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils.asgi import Request, Response

from publish import figures
from publish.memory import remembered
from publish.metadata import DATABASE
from publish.noted import not_dismissed
from publish.place_page import Coverage, coverage_of, place_path

_GRID_YEARS = 10
_NEWEST = 8

_COUNTS = {
    "reports": "select count(*) from reports",
    "organs": "select count(*) from organs",
    "documents": "select count(*) from documents",
    "portals": "select count(*) from portals",
    "errors": "select count(*) from findings as f where severity = 'error' and cause <> 'extraction' "
    f"and {not_dismissed()}",
    "missing": "select count(*) from coverage where state = 'missing'",
    "changed": "select count(distinct report_id) from changes",
}


async def _rows(datasette: Datasette, sql: str) -> list[tuple[Any, ...]] | None:
    """Return the rows, or None where counting takes too long: better no number than a wait."""
    try:
        return [tuple(row) for row in await datasette.execute(DATABASE, sql)]
    except QueryInterrupted:
        return None


@dataclass(frozen=True, slots=True)
class GridCell:
    """A province in a year: the reports held, and the coverage of those that were due."""

    reports: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class Grid:
    """Coverage by province and year, the latest years first; each line has name, path and a cell for each year."""

    years: list[int]
    lines: list[tuple[str, str, list[GridCell | None]]]


async def home(datasette: Datasette, request: Request) -> Response:
    """Answer the first page.

    Datasette's own gathers, for every reader anew, columns and keys of all tables, which is not shown here.
    """
    json = datasette.absolute_url(request, datasette.urls.path("/.json"))
    page = await datasette.render_template("index.html", {"alternate_url_json": json}, request=request)
    return Response.html(page, headers={"Link": f'{json}; rel="alternate"; type="application/json+datasette"'})


async def home_view(datasette: Datasette) -> dict[str, Any]:
    """Return what the first page shows, gathered once for all readers until the archive changes."""
    return await remembered(datasette, "home", lambda: _view(datasette))


async def _view(datasette: Datasette) -> dict[str, Any]:
    counts: dict[str, int | None] = {}
    for name, sql in _COUNTS.items():
        rows = await _rows(datasette, sql)
        counts[name] = rows[0][0] if rows else None
    return {
        "counts": counts,
        "grid": await _grid(datasette),
        "years": await _rows(datasette, "select year, count(*) from reports group by year order by year desc"),
        "provinces": await _rows(
            datasette,
            "select province, count(*) from organs where province is not null group by province order by 2 desc, 1",
        ),
        "latest": await _rows(datasette, "select max(captured_at) from reports"),
        "newest": await figures.rows(
            datasette,
            "select r.id, r.title, r.year, r.captured_at, o.name as organ, o.province from reports as r "
            f"join organs as o on o.id = r.organ_id order by r.captured_at desc, r.id limit {_NEWEST}",
        ),
        "contradictions": await figures.rows(
            datasette,
            "select f.id, f.message, f.report_id, r.title, r.year, u.label, u.label_en, f.rule from findings as f "
            "join reports as r on r.id = f.report_id left join rules as u on u.code = f.rule "
            "where f.severity = 'error' and f.cause = 'source' "
            f"and {not_dismissed()} order by r.captured_at desc, f.id limit {_NEWEST}",
        ),
    }


async def _grid(datasette: Datasette) -> Grid | None:
    source = figures.Area().source(("reports", "coverage"), rolled=await figures.is_rolled(datasette))
    found = await figures.rows(
        datasette,
        f"select province, year, measure, sum(amount) as amount from {source} "
        f"where measure = '{figures.REPORTS}' or measure like '{figures.COVERAGE}%' group by 1, 2, 3",
    )
    if found is None:
        return None
    numbers: dict[str, dict[int, dict[str, int]]] = {}
    for row in found:
        numbers.setdefault(row["province"], {}).setdefault(row["year"], {})[row["measure"]] = row["amount"]
    years = sorted({year for line in numbers.values() for year in line}, reverse=True)[:_GRID_YEARS]
    return Grid(
        years,
        [
            (name, place_path(name), [_cell(line.get(year)) for year in years])
            for name, line in sorted(numbers.items(), key=lambda item: (_size(item[1]), item[0]))
            if name
        ],
    )


def _size(line: dict[int, dict[str, int]]) -> int:
    """For sorting, those with the most reports first."""
    return -sum(numbers.get(figures.REPORTS, 0) for numbers in line.values())


def _cell(numbers: dict[str, int] | None) -> GridCell | None:
    if numbers is None:
        return None
    states = {measure.removeprefix(figures.COVERAGE): number for measure, number in numbers.items()}
    return GridCell(numbers.get(figures.REPORTS, 0), coverage_of(states))
