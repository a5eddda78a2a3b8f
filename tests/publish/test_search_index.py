"""A publication's search index finds what the archive's own index finds, and says where it stops looking."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from datasette.app import Datasette
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from archive import schema
from archive.search import segment
from publish.attributes import count_of_text, text_condition
from publish.connection import prepare
from publish.dictionary import dictionary
from publish.metadata import build_metadata
from publish.search_index import SCALE, TEXTS, is_exact, write_search_index
from publish.serve import build_app

pytestmark = pytest.mark.anyio

SHA256 = "0" * 64
PLACES = {"o-1": ("河南省", "department"), "o-2": ("安宁 省", "government")}


def _insert_organs(conn: sqlite3.Connection) -> None:
    conn.execute("insert into documents values (?, 'text/html', 1, 'w', 0, 1, '2025-01-01')", (SHA256,))
    for organ, (province, kind) in PLACES.items():
        conn.execute(
            "insert into organs (id, name, province, kind) values (?, ?, ?, ?)",
            (organ, f"{province}信访局" if organ == "o-1" else "云溪县人民政府", province, kind),
        )


def _insert(conn: sqlite3.Connection, number: int, texts: list[str], title: str = "年度报告") -> None:
    organ, year = ("o-1", "o-2")[number % 2], 1900 + number
    conn.execute(
        "insert into reports (id, organ_id, year, edition, title, status, document_sha256, content_sha256, "
        "captured_at, parser_version, published_on) "
        "values (?, ?, ?, '2021', ?, 'complete', ?, ?, '2025-01-01', '1', ?)",
        (f"r-{number}", organ, year, title, SHA256, SHA256, None if number % 5 == 4 else f"{year + 1}-01-20"),
    )
    for position, text in enumerate(texts, start=1):
        cursor = conn.execute(
            "insert into sections (report_id, number, heading, text) values (?, ?, '标题', ?)",
            (f"r-{number}", position, text),
        )
        conn.execute("insert into sections_fts (rowid, text) values (?, ?)", (cursor.lastrowid, segment(text)))


@pytest.fixture(scope="module")
def empty() -> Iterator[sqlite3.Connection]:
    db = Database(memory=True)
    schema.migrations.apply(db)
    conn = db.conn
    assert conn is not None
    prepare(conn)
    conn.set_authorizer(None)  # this one is written to, too
    _insert_organs(conn)
    yield conn
    db.close()


def _filled(conn: sqlite3.Connection, reports: list[list[str]]) -> None:
    conn.execute("insert into sections_fts (sections_fts) values ('delete-all')")
    for table in ("sections", "reports"):
        conn.execute(f"delete from {table}")
    for number, texts in enumerate(reports):
        _insert(conn, number, texts)
    conn.commit()
    write_search_index(conn)


def _found(conn: sqlite3.Connection, sql: str, **asked: object) -> dict[str, int]:
    rows = conn.execute(
        sql, {"year": "", "province": "", "kind": "", "order": "", "page": "", "size": "", **asked}
    ).fetchall()
    return {row[0]: row[6] for row in rows}


# Within words of full width the archive itself does not look; the index does.
TEXT = st.text(alphabet="信访局，。 \n123aBé_%", max_size=12)
QUERY = st.text(alphabet='信访局 12aBé-"*，_Ｇ%', min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(TEXT, max_size=3), min_size=1, max_size=4), QUERY)
@example([["信。访局"], ["信访"], ["访信"]], "信访局")
@example([["信访", "信局"], ["信访局"]], "信访 -局")
@example([["访局信访"]], "信访局")
@example([["信访局访信"], ["信局"]], "信局 -访信局")
@example([["123a"], ["1 23a"]], "23a")
@example([["Bé"], ["be"]], "BÉ")
@example([["信访1"], ["信访12"]], "信访1*")
@example([["2"]], '2"-1')
def test_finds_what_the_archives_own_index_finds(
    empty: sqlite3.Connection, reports: list[list[str]], query: str
) -> None:
    _filled(empty, reports)
    words = dictionary()
    for order in ("", "date"):
        live = _found(empty, words.queries["search"].sql, q=query, order=order)
        assert _found(empty, words.indexed_sql["search"], q=query, order=order) == live
    for asked in ({}, {"year": "1901"}, {"province": "河南省"}, {"kind": "government", "province": "安宁 省"}):
        counts = {"q": query, "year": "", "province": "", "kind": "", **asked}
        live_counts = empty.execute(words.queries["search_counts"].sql, counts).fetchall()
        assert empty.execute(words.indexed_sql["search_counts"], counts).fetchall() == live_counts
    if is_exact(query):
        by_archive, by_index, of_frequent_words = (
            {row[0] for row in empty.execute(f"select id from reports where {condition}", {"q": query})}
            for condition in (
                text_condition("q", indexed=False),
                text_condition("q", indexed=True),
                text_condition("q", indexed=True, frequent=True),
            )
        )
        assert by_index == of_frequent_words == by_archive
        assert empty.execute(count_of_text("q"), {"q": query}).fetchone() == (len(by_index),)


def test_is_narrowed_before_it_is_cut(empty: sqlite3.Connection) -> None:
    _filled(empty, [["信访"] for _ in range(4)])
    search = dictionary().indexed_sql["search"]
    assert list(_found(empty, search, q="信访", order="date")) == ["r-3", "r-2", "r-1", "r-0"]
    assert set(_found(empty, search, q="信访", province="河南省")) == {"r-0", "r-2"}
    assert set(_found(empty, search, q="信访", province="安宁 省", year="1903")) == {"r-3"}
    assert _found(empty, search, q="信访", kind="township") == {}


def test_best_comes_first_and_then_the_newest(empty: sqlite3.Connection) -> None:
    _filled(empty, [["信访。" * 3], ["信访" + "局" * 900], ["信访。" * 3], ["无关"]])
    assert list(_found(empty, dictionary().indexed_sql["search"], q="信访")) == ["r-2", "r-0", "r-1"]


def _many(path: Path, places: int, text: str = "办理信访事项") -> None:
    db = Database(path)
    schema.migrations.apply(db)
    conn = db.conn
    assert conn is not None
    _insert_organs(conn)
    for number in range(places // 10):
        _insert(conn, number, [text] * 10)
    _insert(conn, 2001, ["罕见"], title="最新的报告")
    conn.commit()
    conn.isolation_level = None
    write_search_index(conn)
    db.close()


async def _page(site: Datasette, query: str) -> BeautifulSoup:
    response = await site.client.get(f"/archive/search?{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.text, "lxml")


async def test_the_page_says_that_it_looked_at_some_places_only(tmp_path: Path) -> None:
    _many(tmp_path / "many.db", 1010)
    site = build_app(tmp_path / "many.db", immutable=True)
    page = await _page(site, "q=信访&order=date")
    assert "超过 1,000 处" in page.select("main .note")[0].text
    assert not page.select("aside .facet small")
    assert {str(link["href"]) for link in page.select("aside .facet a") if "河南省" in link.text}
    further = await _page(site, "q=信访&order=date&page=2")
    titles = [str(link["href"]) for shown in (page, further) for link in shown.select(".hits h2 a")]
    assert titles == [f"/archive/reports/r-{number}" for number in range(100, -1, -1) if number % 5 != 4] + [
        f"/archive/reports/r-{number}" for number in range(99, 4, -5)
    ]
    narrowed = await _page(site, "q=信访&year=1907")
    assert not narrowed.select("main .note")
    assert [small.text for small in narrowed.select("aside .facet small")] == ["1", "1", "1"]
    assert len(narrowed.select(".places li")) == 10


@pytest.mark.parametrize(("query", "cut"), [("02", True), ("3", False), ("02 编号", True), ("不予公开", False)])
async def test_the_page_says_so_of_places_within_longer_words(tmp_path: Path, query: str, cut: bool) -> None:
    """Of 02 none stands by itself; of 3 ten do, so that those within longer words are no matter."""
    _many(tmp_path / "many.db", 1010, "编号2023")
    db = sqlite3.connect(tmp_path / "many.db", isolation_level=None)
    _insert(db, 2002, ["第 3 号"], title="另一份")
    write_search_index(db)
    db.close()
    page = await _page(build_app(tmp_path / "many.db", immutable=True), f"q={query}")
    assert ("超过 1,000 处" in page.select("main")[0].text) is cut
    assert len(page.select(".hits h2")) == {"3": 1, "不予公开": 0}.get(query, 50)


async def test_the_index_of_an_older_program_is_not_asked(tmp_path: Path) -> None:
    """Its rows are not those of the reports: they would be taken for others."""
    _many(tmp_path / "older.db", 20)
    with sqlite3.connect(tmp_path / "older.db") as db:
        db.execute("drop table _search_scale")
        db.execute("update reports set rowid = rowid + 1000")
    site = build_app(tmp_path / "older.db", immutable=True)
    page = await _page(site, "q=罕见")
    assert [str(link["href"]) for link in page.select(".hits h2 a")] == ["/archive/reports/r-2001"]
    found = await site.client.get("/archive/reports.json?_shape=array&_text=信访")
    assert sorted(row["id"] for row in found.json()) == ["r-0", "r-1"]


async def test_everything_is_counted_up_to_the_limit(tmp_path: Path) -> None:
    _many(tmp_path / "some.db", 1000)
    site = build_app(tmp_path / "some.db", immutable=True)
    page = await _page(site, "q=信访")
    assert not page.select("main .note")
    assert sum(int(small.text) for small in page.select("aside .facet")[1].select("small")) == 100


def test_only_a_publication_is_asked_by_its_index() -> None:
    def sql(*tables: str) -> str:
        return str(build_metadata(tables)["databases"]["archive"]["queries"]["search"]["sql"])

    assert sql("_origins") == dictionary().queries["search"].sql.strip()
    assert sql("_origins", TEXTS) == dictionary().queries["search"].sql.strip()
    assert sql("_origins", TEXTS, SCALE) == dictionary().indexed_sql["search"].strip()
