"""What a list promises and does not give is said."""

from __future__ import annotations

from pathlib import Path

from tests.crawler.cms.site import Answer, Site, crawl, home, name, report
from tests.crawler.lanxi import page

COLUMN = "/zfxxgk/zfxxgknb/"
YEARS = range(2015, 2024)


def _site(pages: dict[str, str], column: str = "{rows}") -> Site:
    """A column whose pages, by name, have the rows given."""
    answers: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报"))}
    answers |= {COLUMN + path: page(column.format(rows=rows)) for path, rows in pages.items()}
    return Site(answers | {_path(year): report("岚溪县水务局", year) for year in YEARS})


def _path(year: int) -> str:
    return f"{COLUMN}t{year + 1}0120_{year}.html"


def _row(year: int, date: str = "") -> str:
    return f'<li><a href="{_path(year)}">{name("岚溪县水务局", year)}</a>{date}</li>'


def test_a_page_that_is_a_stub_was_not_given(tmp_path: Path) -> None:
    pager = '<ul>{rows}</ul><script>createPageHTML(3, 0, "index", "html")</script>'
    rows = [_row(year, "2024-01-20") for year in YEARS]
    whole = {"": "".join(rows[:4]), "index_1.html": "".join(rows[4:8]), "index_2.html": rows[8]}
    for folder in ("whole", "stub"):
        (tmp_path / folder).mkdir()
    assert crawl(tmp_path / "whole", _site(whole, pager)).result.status == "ok"
    stub = {**whole, "index_2.html": ""}
    assert crawl(tmp_path / "stub", _site(stub, pager)).result.reason == "partial:declared_pages"


def test_undated_rows_of_a_list_count_for_its_total(tmp_path: Path) -> None:
    news = "".join(f'<li><a href="/news/{number}.html">岚溪县召开政务公开工作会议</a></li>' for number in range(3))
    rows = "".join(map(_row, YEARS)) + news
    assert crawl(tmp_path, _site({"": rows}, "<ul>{rows}</ul>共12条 1/1")).result.status == "ok"
    (tmp_path / "short").mkdir()
    short = crawl(tmp_path / "short", _site({"": rows}, "<ul>{rows}</ul>共13条 1/1"))
    assert short.result.reason == "partial:declared_total"
