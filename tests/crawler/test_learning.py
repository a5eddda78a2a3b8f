"""What a crawl learns, and when the next one searches the portal again."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from archive.columns import LearnedColumn
from archive.frontier import COLUMN, Lead
from crawler import learning
from tests.crawler.cms.site import Answer, Site, crawl, home, name, report
from tests.crawler.lanxi import page

START = ("http://www.lanxi.gov.cn/",)


def _pages(column: str, years: range) -> dict[str, Answer]:
    rows = "".join(
        f'<li><a href="{column}t{year + 1}0120_{year}.html">{name("岚溪县", year)}</a>'
        f"<span>{year + 1}-01-20</span></li>"
        for year in years
    )
    pages: dict[str, Answer] = {
        "/": home(("/zwgk/", "政务公开"), ("/bm/", "政府信息公开")),
        "/zwgk/": page(f'<a href="{column}">政府信息公开年报</a>'),
        "/bm/": page("建设中"),
        column: page(f"<ul>{rows}</ul>"),
    }
    return pages | {f"{column}t{year + 1}0120_{year}.html": report("岚溪县", year) for year in years}


def test_the_next_crawl_begins_at_the_column(tmp_path: Path) -> None:
    site = Site(_pages("/zwgk/nb/", range(2020, 2025)))
    assert crawl(tmp_path, site).result.found == 5
    site.asked.clear()
    site.pages |= {"/zwgk/nb/t20260120_2025.html": report("岚溪县", 2025)}
    listed = site.pages["/zwgk/nb/"]
    assert isinstance(listed, bytes)
    row = f'<li><a href="t20260120_2025.html">{name("岚溪县", 2025)}</a><span>2026-01-20</span></li></ul>'
    site.pages["/zwgk/nb/"] = listed.replace(b"</ul>", row.encode())
    again = crawl(tmp_path, site)
    assert (again.result.status, again.result.found, again.result.new, again.result.vanished) == ("ok", 6, 1, 0)
    assert all(path.startswith("/zwgk/nb/") for path in site.paths())
    with sqlite3.connect(tmp_path / "archive.db") as archive:
        assert archive.execute("SELECT cms FROM portals").fetchall() == [("trs",)]
        assert archive.execute("SELECT url, reports, newest_year FROM _columns").fetchall() == [
            ("http://www.lanxi.gov.cn/zwgk/nb/", 6, 2025)
        ]


def test_a_column_that_moved_is_searched_for_in_the_same_crawl(tmp_path: Path) -> None:
    crawl(tmp_path, Site(_pages("/zwgk/nb/", range(2020, 2025))))
    moved = Site(_pages("/zfxxgk/c112289c/", range(2020, 2026)))
    again = crawl(tmp_path, moved)
    assert (again.result.status, again.result.found) == ("ok", 6)
    assert moved.paths()[:2] == ["/zwgk/nb/", "/"]
    third = Site(moved.pages)
    assert crawl(tmp_path, third).result.found == 6
    assert "/" not in third.paths()


def test_a_crawl_that_brings_nothing_unlearns_nothing(tmp_path: Path) -> None:
    site = Site(_pages("/zwgk/nb/", range(2020, 2025)))
    crawl(tmp_path, site)
    crawl(tmp_path, Site({}))
    site.asked.clear()
    assert crawl(tmp_path, site).result.found == 5
    assert "/" not in site.paths()


def test_a_column_behind_a_block_is_neither_searched_for_nor_forgotten(tmp_path: Path) -> None:
    pages = _pages("/zwgk/nb/", range(2020, 2025))
    other = _pages("http://xxgk.lanxi.gov.cn/nb/", range(2020, 2023))
    pages |= {path: body for path, body in other.items() if path.startswith("http")}
    pages["/bm/"] = page('<a href="http://xxgk.lanxi.gov.cn/nb/">政府信息公开年报</a>')
    assert crawl(tmp_path, Site(pages)).result.found == 8
    blocked = Site(pages | {"http://xxgk.lanxi.gov.cn/nb/": 412})
    again = crawl(tmp_path, blocked)
    assert (again.result.status, again.result.reason, again.result.found) == ("partial", "blocked:412", 5)
    assert "/" not in blocked.paths()
    third = Site(pages)
    assert crawl(tmp_path, third).result.found == 8
    assert "/" not in third.paths()


def test_a_quarter_later_the_portal_is_searched_again_and_nothing_is_lost(tmp_path: Path) -> None:
    site = Site(_pages("/zwgk/nb/", range(2020, 2025)))
    crawl(tmp_path, site)
    with sqlite3.connect(tmp_path / "archive.db") as archive:
        archive.execute("UPDATE _columns SET discovered_at = '2020-01-01T00:00:00Z'")
    site.asked.clear()
    site.pages |= {"/": home(("/bm/", "政府信息公开"))}
    again = crawl(tmp_path, site)
    assert "/" in site.paths()
    assert (again.result.status, again.result.found, again.result.vanished) == ("ok", 5, 0)


def _column(days: float, newest: int | None) -> LearnedColumn:
    lead = Lead("http://www.lanxi.gov.cn/nb/", "k", "www.lanxi.gov.cn", COLUMN, 2, 0)
    since = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return LearnedColumn(lead, "trs", 5, newest, START, since)


@pytest.mark.parametrize(
    ("days", "newest", "today", "fresh"),
    [
        (10, 2024, date(2026, 2, 1), True),
        (91, 2024, date(2026, 3, 31), True),
        (93, 2025, date(2026, 3, 31), False),
        (31, 2024, date(2026, 4, 1), False),
        (29, 2024, date(2026, 4, 1), True),
        (31, 2025, date(2026, 4, 1), True),
        (31, None, date(2026, 4, 1), False),
    ],
)
def test_search_is_due_each_quarter_and_when_a_report_is_overdue(
    days: float, newest: int | None, today: date, fresh: bool
) -> None:
    assert learning.is_fresh([_column(days, newest)], START, today) is fresh


def test_a_portal_that_starts_elsewhere_is_searched() -> None:
    columns = [_column(1, 2025)]
    assert not learning.is_fresh(columns, ("http://other.gov.cn/",), date(2026, 2, 1))
    assert not learning.is_fresh([], START, date(2026, 2, 1))
