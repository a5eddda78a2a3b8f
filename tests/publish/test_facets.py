"""Facets share the time of a page, and a publication counts once."""

import asyncio
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from datasette.app import Datasette
from datasette.database import Database

from publish import attributes, facets
from publish.dictionary import dictionary
from publish.findings_page import Chosen
from publish.metadata import DATABASE
from publish.publication import current, publish
from publish.serve import build_app, build_published
from tests.publish.conftest import build_archive

_CHOSEN = ("_year=2023", "_province=安宁省", "_province=安宁省&_sort=id&_size=1")

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_archive(tmp_path_factory.mktemp("facets") / "archive.db")


def _counted(site: Datasette) -> list[str]:
    """The facet queries that the site makes from now on."""
    made: list[str] = []
    database = site.get_database(DATABASE)
    execute = database.execute

    async def noted(sql: str, *arguments: Any, **options: Any) -> Any:
        if "as value, count(*) as count" in sql:
            made.append(sql)
        return await execute(sql, *arguments, **options)

    database.execute = noted
    return made


def _asked(site: Datasette) -> list[str]:
    """The queries that SQLite is asked from now on."""
    asked: list[str] = []
    database = site.get_database(DATABASE)
    execute_fn = database.execute_fn

    async def noted(function: Any) -> Any:
        sql = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=False)).get("sql")
        asked.append(sql.cell_contents if sql else "")
        return await execute_fn(function)

    database.execute_fn = noted
    return asked


async def _facets(site: Datasette, path: str) -> dict[str, Any]:
    data = (await site.client.get(path)).json()
    return {
        name: [(row["value"], row["count"]) for row in facet["results"]]
        for name, facet in data["facet_results"].items()
    }


async def test_a_publication_counts_once_for_each_selection(archive: Path) -> None:
    site = build_app(archive, immutable=True)
    made = _counted(site)
    first = await _facets(site, "/archive/reports.json")
    assert len(made) == len(first) == 6
    assert await _facets(site, "/archive/reports.json?_size=1") == first
    assert len(made) == 6
    narrowed = await _facets(site, "/archive/reports.json?_year=2023")
    assert len(made) == 12
    assert narrowed["year"] == [(2023, 1)] != first["year"]
    assert (await _facets(site, "/archive/reports.json?_year=2020"))["year"] == [(2020, 1)]


async def test_a_publication_has_counted_its_tables(archive: Path, tmp_path: Path) -> None:
    await asyncio.to_thread(publish, archive, tmp_path / "site", downloads=False)
    site = build_published(current(tmp_path / "site"))
    live = build_app(archive)
    made = _counted(site)
    tables = [name for name, table in dictionary().tables.items() if table.facets]
    asked = [f"/archive/{name}.json" for name in tables]
    asked += [f"/archive/{name}.json?{chosen}" for name in ("reports", "findings") for chosen in _CHOSEN]
    asked.append(f"/archive/findings.json?{Chosen().listed({})}")
    for path in asked:
        assert await _facets(site, path) == await _facets(live, path)
    assert not made
    assert (await _facets(site, asked[0]))["year"]
    await _facets(site, "/archive/reports.json?_year=2023&_province=安宁省")
    assert made


async def test_a_publication_has_counted_the_rows_of_its_tables(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(publish, archive, tmp_path / "site", downloads=False)
    site, live = build_published(current(tmp_path / "site")), build_app(archive)
    asked: list[str] = []
    execute = Database.execute

    async def noted(self: Database, sql: str, *arguments: Any, **options: Any) -> Any:
        asked.append(sql)
        return await execute(self, sql, *arguments, **options)

    async def counted(path: str) -> tuple[int, bool]:
        asked.clear()
        rows = (await site.client.get(path)).json()["filtered_table_rows_count"]
        again = any(sql.startswith("select count(*)") for sql in asked)
        assert rows == (await live.client.get(path)).json()["filtered_table_rows_count"]
        return rows, again

    monkeypatch.setattr(Database, "execute", noted)
    for chosen in _CHOSEN:
        rows, again = await counted(f"/archive/reports.json?{chosen}")
        assert rows > 0
        assert not again
    assert (await counted("/archive/reports.json?_year=2023&_province=安宁省"))[1]


async def test_an_archive_being_written_is_counted_anew(archive: Path) -> None:
    site = build_app(archive)
    made = _counted(site)
    assert await _facets(site, "/archive/reports.json") == await _facets(site, "/archive/reports.json")
    assert len(made) == 12


async def test_facets_of_a_page_end_with_its_time(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facets, "PAGE_MS", 0)
    site = build_app(archive, immutable=True)
    made = _counted(site)
    data = (await site.client.get("/archive/reports.json")).json()
    assert data["facet_results"] == {}
    assert not made
    page = await site.client.get("/archive/reports")
    assert page.status_code == 200
    assert "计数过久" in page.text
    monkeypatch.undo()
    assert await _facets(site, "/archive/reports.json")


async def test_facets_of_a_word_that_many_have_are_left_out(
    archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.to_thread(publish, archive, tmp_path / "site", downloads=False)
    site = build_published(current(tmp_path / "site"))
    made = _counted(site)
    asked = f"/archive/reports.json?_text={quote('政府')}"
    everything = (await site.client.get(asked)).json()
    assert everything["facet_results"]
    made.clear()
    monkeypatch.setattr(attributes, "MOST_PLACES_OF_FACETS", 0)
    asked_of_archive = _asked(site)
    left_out = (await site.client.get(asked)).json()
    assert any("select distinct" in sql for sql in asked_of_archive)
    assert any(" +reports.rowid in " in sql for sql in asked_of_archive)
    assert not left_out["facet_results"]
    assert not made
    assert left_out["rows"] == everything["rows"] != []
    assert left_out["filtered_table_rows_count"] == everything["filtered_table_rows_count"]
    assert "计数过久" in (await site.client.get(asked.replace(".json", ""))).text
    assert (await site.client.get(f"{asked}&_year=2023")).json()["facet_results"]
    monkeypatch.setattr(attributes, "MOST_PLACES_OF_FACETS", 100)
    assert (await site.client.get(asked)).json()["facet_results"] == everything["facet_results"]
