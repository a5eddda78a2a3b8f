"""Paging through a table gives each row once, however it is sorted."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette
from datasette.database import Database

from publish.ordering import ordered
from publish.serve import build_app
from tests.publish.conftest import build_archive

pytestmark = pytest.mark.anyio

EXTRA = 130
"""Reports whose keys do not come in the order of their rows, all of one year and without a day."""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_archive(tmp_path_factory.mktemp("paging") / "archive.db", extra_reports=EXTRA)
    with sqlite3.connect(path) as db:
        db.execute("update reports set published_on = '2023-01-0' || (length(id) % 3) where rowid % 3 = 0")
        db.execute("update reports set scope = case rowid % 4 when 0 then 'area' when 1 then 'office' end")
    return path


@pytest.fixture(scope="module")
def crowded(path: Path) -> Datasette:
    return build_app(path)


async def _paged(site: Datasette, address: str | None) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    while address:
        data = (await site.client.get(address)).json()
        rows += data["rows"]
        address = data["next_url"] and data["next_url"].replace("http://localhost", "")
    return rows


@pytest.mark.parametrize(
    "sort", ["", "_sort=year", "_sort_desc=year", "_sort=published_on", "_sort_desc=published_on", "_sort_desc=scope"]
)
@pytest.mark.parametrize("table", ["reports", "organs"])
async def test_every_row_is_on_one_page(path: Path, crowded: Datasette, table: str, sort: str) -> None:
    if table == "organs":
        sort = {"": "", "_sort=year": "_sort=province", "_sort_desc=year": "_sort_desc=kind"}.get(sort, "_sort=city")
    rows = await _paged(crowded, f"/archive/{table}.json?_shape=objects&_size=7&{sort}")
    with sqlite3.connect(path) as db:
        known = [key for (key,) in db.execute(f"select id from {table} order by id")]
    assert len(known) > EXTRA
    assert sorted(str(row["id"]) for row in rows) == known
    if sort:
        column = sort.partition("=")[2]
        values = [str(row[column]) for row in rows if row[column] is not None]
        assert values == sorted(values, reverse="desc" in sort)


@pytest.mark.parametrize("arguments", ["_stream=on", "_stream=on&_sort=year&_size=max&_labels=on"])
async def test_the_stream_has_every_row(path: Path, crowded: Datasette, arguments: str) -> None:
    response = await crowded.client.get(f"/archive/reports.csv?{arguments}")
    assert response.status_code == 200
    rows = list(csv.DictReader(io.StringIO(response.text)))
    with sqlite3.connect(path) as db:
        known = [key for (key,) in db.execute("select id from reports order by id")]
        columns = [row[1] for row in db.execute("pragma table_info(reports)")]
    assert sorted(row["id"] for row in rows) == known
    assert list(rows[0]) == columns


async def test_only_pages_of_tables_are_ordered(crowded: Datasette) -> None:
    database = crowded.get_database("archive")
    for sql in (
        "select id from reports order by id limit 3",
        "select id from reports order by year, id limit 3",
        "select count(*) from reports",
        "select year, count(*) as n from reports group by 1 order by n desc, year limit 3",
    ):
        assert await ordered(database, sql) == sql
    page = "select id, year from reports where year = :p0 order by year desc limit 3"
    assert await ordered(database, page) == page.replace(" limit 3", ", id limit 3")
    assert (await ordered(database, "select rowid, field from changes order by [field]")).endswith("[field], rowid")


@pytest.mark.parametrize(
    ("asked", "walked"),
    [("_year=2022", True), ("_year=2022&rule=calendar.late", True), ("_year=2022&_sort=severity", False),
     ("_province=平和省&_year=2022", True), ("_year=2023", False), ("_level=township", True)],
)  # fmt: skip
async def test_what_many_reports_have_in_common_is_found_row_by_row(
    path: Path, monkeypatch: pytest.MonkeyPatch, asked: str, walked: bool, tmp_path: Path
) -> None:
    published = tmp_path / "published.db"
    with sqlite3.connect(path) as db, sqlite3.connect(published) as copy:
        db.backup(copy)
        [template] = copy.execute("select * from findings limit 1").fetchall()
        columns = [row[1] for row in copy.execute("pragma table_info(findings)")]
        rules = [code for (code,) in copy.execute("select code from rules order by code")]
        for number, (report,) in enumerate(copy.execute("select id from reports").fetchall() * 3):
            row = {
                **dict(zip(columns, template, strict=True)),
                "id": f"f{number * 7919 % 1000:04}",
                "report_id": report,
            }
            row |= {"rule": "calendar.late" if number % 3 else rules[0], "other_report_id": None}
            copy.execute(f"insert or ignore into findings values ({','.join('?' * len(row))})", list(row.values()))
        copy.execute("pragma journal_mode = delete")
    statements: list[str] = []

    async def noted(database: Database, sql: str) -> str:
        statements.append(made := await ordered(database, sql))
        return made

    address = f"/archive/findings.json?_shape=objects&_size=40&{asked}"
    expected = await _paged(build_app(published), address)
    monkeypatch.setattr("publish.ordering.ordered", noted)
    found = await _paged(
        build_app(published, immutable=True), f"/archive/findings.json?_shape=objects&_size=40&{asked}"
    )
    assert found == expected
    assert len(found) > (3 if asked == "_year=2023" else EXTRA)
    pages = [statement for statement in statements if " from findings " in statement]
    assert pages
    assert all(("exists (" in statement) is walked for statement in pages), pages
