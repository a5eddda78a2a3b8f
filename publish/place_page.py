"""The page of a place, ``/-/place/…``: its sums, coverage, organs and what to follow or take away.

A place is the whole country, a province, a city or a county, by its division code or by the path of its
names: ``/-/place/410500``, ``/-/place/河南省/安阳市``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from parsers import divisions
from publish import figures
from publish.figures import CONTRADICTIONS, COVERAGE, REPORTS, Area, Years
from publish.language import either
from publish.memory import remembered
from publish.metadata import DATABASE

COUNTRY = "全国"
RANKED = 50
LISTED = 300
AREA_REPORTS = 40
# States of coverage in which a report was due; what is not due yet says nothing.
HELD = ("complete", "partial", "text_only")
LACKING = ("missing", "vanished", "unread", "crawl_short")
_CODE = re.compile(r"\d{6}(\d{6})?")


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many reports of a year are held (``vanished`` ones too), of how many that were due."""

    held: int
    due: int
    states: dict[str, int]

    @property
    def share(self) -> float | None:
        """Share of the due reports that are held; None where none was due."""
        return self.held / self.due if self.due else None

    @property
    def shade(self) -> int | None:
        """The share in five steps, 0 to 4; None where none was due."""
        return None if not self.due else min(4, self.held * 5 // self.due)


def coverage_of(states: dict[str, int]) -> Coverage:
    """Coverage by the numbers of organs in each state."""
    held = sum(states.get(state, 0) for state in HELD)
    # A report that vanished from its portal is still in the archive.
    held += states.get("vanished", 0)
    due = sum(states.get(state, 0) for state in (*HELD, *LACKING))
    return Coverage(held, due, {state: states[state] for state in (*HELD, *LACKING) if states.get(state)})


@dataclass(frozen=True, slots=True)
class PlaceYear:
    """A year of a place: all its reports, those that speak for their own organ only, and what they lack."""

    year: int
    reports: int
    office_reports: int
    coverage: Coverage
    contradictions: int


@dataclass(frozen=True, slots=True)
class Child:
    """A place within the place, with its reports and coverage in the chosen year."""

    name: str
    path: str
    reports: int
    coverage: Coverage


@dataclass(frozen=True, slots=True)
class PlaceView:
    """Everything on the page of a place; None where counting takes too long."""

    name: str
    crumbs: list[tuple[str, str]]
    area: Area
    years: list[PlaceYear] | None
    sums: Years | None
    year: int | None
    ranking: list[dict[str, Any]] | None
    children: list[Child] | None
    area_reports: list[dict[str, Any]] | None
    organs: list[dict[str, Any]] | None
    organ_count: int | None
    slice: str
    organ_filter: str
    feed: str


def place_title(name: str) -> str:
    """Name of a place as the page shows it: the country in the page's language, all others as the source has them."""
    return either(COUNTRY, "China") if name == COUNTRY else name


def place_path(*names: str | None) -> str:
    """Path of the page of a place below the site's root, by its names from the province down."""
    return "/-/place" + "".join(f"/{quote(name, safe='')}" for name in names if name)


async def place(datasette: Datasette, request: Request) -> Response:
    """Answer the page; raises NotFound where the archive knows no organ of such a place."""
    # Split before it is decoded: a name may hold a slash.
    names = [unquote(name) for name in (request.url_vars.get("path") or "").split("/") if name]
    if len(names) == 1 and _CODE.fullmatch(names[0]):
        area = await _by_code(datasette, names[0])
        target = place_path(*area.named().values())
        query = f"?{request.query_string}" if request.query_string else ""
        return Response.redirect(datasette.urls.path(target) + query)
    area = await _by_names(datasette, names)
    wanted = request.args.get("year") or ""
    year = int(wanted) if re.fullmatch(r"[12]\d{3}", wanted) else None
    view = await remembered(datasette, ("place", area, year), lambda: place_view(datasette, area, year))
    page = await datasette.render_template(
        "place.html",
        {"view": view, "measures": figures.measures(), "lacking": LACKING, "ranked": RANKED, "listed": LISTED},
        request=request,
    )
    return Response.html(page)


async def _by_code(datasette: Datasette, code: str) -> Area:
    """The place that bears the code: as the archive's organs name it, else as the official list does."""
    code = code[:6]
    level = divisions.level_of(code)
    depth = {"province": 1, "city": 2, "county": 3}[level or "county"]
    db = datasette.get_database(DATABASE)
    found = await db.execute(
        "select province, city, county from organs where division_code >= :low and division_code < :high "
        "and province is not null order by division_code limit 1",
        {"low": code[: 2 * depth], "high": code[: 2 * depth] + "\uffff"},
    )
    if row := found.first():
        return Area(*[row[key] or "" for key in figures.KEYS[:depth]])
    division = divisions.by_code(code)
    if division is None:
        raise NotFound(f"no place has the code {code}")
    city = division.city.name if division.city else ""
    return Area(*(division.province.name, city, division.name)[:depth])


async def _by_names(datasette: Datasette, names: list[str]) -> Area:
    if not names:
        return Area()
    for area in _readings(names):
        found = await datasette.get_database(DATABASE).execute(
            f"select 1 from organs as o where {area.condition()} limit 1", area.named()
        )
        if found.first():
            return area
    raise NotFound("the archive has no organ of this place")


def _readings(names: list[str]) -> list[Area]:
    """What a path may mean: after a province a city, or a county that lies in none."""
    match names:
        case [province]:
            return [Area(province)]
        case [province, name]:
            return [Area(province, name), Area(province, "", name)]
        case [province, city, county]:
            return [Area(province, city, county)]
    return []


async def place_view(datasette: Datasette, area: Area, year: int | None) -> PlaceView:
    """Gather the page of ``area`` with ranking and places within for ``year``, the latest with reports if None."""
    found = await figures.place_counts(datasette, area)
    years = None if found is None else _years(*found)
    number = sum(entry.reports for entry in years or ())
    sums = None if years is None else await figures.place_sums(datasette, area, number)
    if year is None:
        year = next((entry.year for entry in years if entry.reports), None) if years else await _latest(datasette)
    named = {key: value for key, value in area.named().items() if value}
    filters = {f"_{key}": value for key, value in named.items()}
    names = list(named.values())
    return PlaceView(
        name=names[-1] if names else COUNTRY,
        crumbs=[(COUNTRY, place_path())]
        + [(name, place_path(*names[: depth + 1])) for depth, name in enumerate(names[:-1])]
        if names
        else [],
        area=area,
        years=years,
        sums=sums,
        year=year,
        ranking=await _ranking(datasette, area, year),
        children=await _children(datasette, area, year),
        area_reports=await _area_reports(datasette, area) if names else None,
        organs=await _organs(datasette, area) if names else None,
        organ_count=await _count(datasette, area),
        slice=urlencode(filters),
        organ_filter=urlencode(named),
        feed=urlencode(named),
    )


async def _latest(datasette: Datasette) -> int | None:
    found = await figures.rows(datasette, "select max(year) as year from reports")
    return found[0]["year"] if found else None


def _years(office: Years, area: Years) -> list[PlaceYear]:
    none: dict[str, figures.Sum] = {}
    made = []
    for year in sorted({*office, *area}, reverse=True):
        own, whole = office.get(year, none), area.get(year, none)
        states = {
            measure.removeprefix(COVERAGE): entry.reports
            for measure, entry in own.items()
            if measure.startswith(COVERAGE)
        }
        made.append(
            PlaceYear(
                year=year,
                reports=sum(entry[REPORTS].reports for entry in (own, whole) if REPORTS in entry),
                office_reports=own[REPORTS].reports if REPORTS in own else 0,
                coverage=coverage_of(states),
                contradictions=own[CONTRADICTIONS].reports if CONTRADICTIONS in own else 0,
            )
        )
    return made


async def _ranking(datasette: Datasette, area: Area, year: int | None) -> list[dict[str, Any]] | None:
    return await figures.rows(
        datasette,
        "select o.id, o.name, o.city, o.county, r.id as report_id, r.scope, q.total from organs as o "
        "cross join reports as r on r.organ_id = o.id and r.year = :year "
        "cross join requests as q on q.report_id = r.id and q.item = 'new' "
        f"where {area.condition()} and q.total is not null order by q.total desc, o.name, o.id limit {RANKED}",
        area.named() | {"year": year},
    )


async def _children(datasette: Datasette, area: Area, year: int | None) -> list[Child] | None:
    """The places within, those directly below: a province's cities and the counties that lie in none."""
    if area.county is not None:
        return []
    key = {
        0: "province",
        1: "case when city <> '' then city else county end",
        2: "county",
    }[len(area.named())]
    source = area.source(("reports", "coverage"), rolled=await figures.is_rolled(datasette))
    found = await figures.rows(
        datasette,
        f"select {key} as name, measure, sum(case when year = :year then amount else 0 end) as amount from {source} "
        f"where measure = '{REPORTS}' or measure like '{COVERAGE}%' group by 1, 2 having name <> '' order by 1",
        area.named() | {"year": year},
    )
    if found is None:
        return None
    counts: dict[str, dict[str, int]] = {}
    for row in found:
        counts.setdefault(row["name"], {})[row["measure"]] = row["amount"]
    above = [value for value in area.named().values() if value]
    return [
        Child(
            name,
            place_path(*above, name),
            entry.get(REPORTS, 0),
            coverage_of({measure.removeprefix(COVERAGE): number for measure, number in entry.items()}),
        )
        for name, entry in counts.items()
    ]


async def _organs(datasette: Datasette, area: Area) -> list[dict[str, Any]] | None:
    """The organs of the place itself, not those of the places within it."""
    own = _own(area)
    return await figures.rows(
        datasette,
        "select o.id, o.name, o.kind, (select count(*) from reports as r where r.organ_id = o.id) as reports "
        f"from organs as o where {own.condition()} order by o.kind <> 'government', o.name, o.id limit {LISTED + 1}",
        own.named(),
    )


async def _area_reports(datasette: Datasette, area: Area) -> list[dict[str, Any]] | None:
    """The reports that speak for the whole place: each by itself, since several may count the same requests."""
    own = _own(area)
    level = "county" if area.county else "city" if area.city else "province"
    parameters = own.named() | {"level": level}
    chosen = (
        "select r.id, r.year, o.name from organs as o cross join reports as r on r.organ_id = o.id "
        f"where {own.condition()} and o.level = :level and r.scope = 'area' order by r.year desc, o.name, r.id "
        f"limit {AREA_REPORTS}"
    )
    found = await figures.rows(datasette, chosen, parameters)
    if found:
        printed = await figures.printed_figures(datasette, f"select id from ({chosen})", parameters)
        for row in found:
            row["figures"] = printed.get(row["id"], {})
    return found


def _own(area: Area) -> Area:
    """The organs of the place itself, without those of the places within it."""
    named = area.named()
    return Area(named.get("province"), named.get("city", ""), named.get("county", ""))


async def _count(datasette: Datasette, area: Area) -> int | None:
    found = await figures.rows(
        datasette, f"select count(*) as number from organs as o where {area.condition()}", area.named()
    )
    return found[0]["number"] if found else None
