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


def test_a_page_under_another_number_than_promised_is_none_short(tmp_path: Path) -> None:
    pager = '<ul>{rows}</ul><script>createPageHTML(parseInt(2), 0, "index", "shtml")</script>'
    rows = [_row(year, "2024-01-20") for year in YEARS]
    site = _site({"": "".join(rows[:5]), "index_2.shtml": "".join(rows[5:])}, pager)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", len(YEARS))


def test_undated_rows_of_a_list_count_for_its_total(tmp_path: Path) -> None:
    news = "".join(f'<li><a href="/news/{number}.html">岚溪县召开政务公开工作会议</a></li>' for number in range(3))
    rows = "".join(map(_row, YEARS)) + news
    assert crawl(tmp_path, _site({"": rows}, "<ul>{rows}</ul>共12条 1/1")).result.status == "ok"
    (tmp_path / "short").mkdir()
    short = crawl(tmp_path / "short", _site({"": rows}, "<ul>{rows}</ul>共13条 1/1"))
    assert short.result.reason == "partial:declared_total"


def test_a_next_page_that_only_an_unknown_script_can_turn_is_said(tmp_path: Path) -> None:
    rows = "".join(map(_row, YEARS))
    for folder, pager, status in (
        ("turns", '<a href="javascript:turn(2)">下一页</a>', "partial"),
        ("last", '<a href="javascript:;">下一页</a><a href="javascript:turn(1)">上一页</a>', "ok"),
    ):
        (tmp_path / folder).mkdir()
        crawled = crawl(tmp_path / folder, _site({"": rows}, f"<ul>{{rows}}</ul>{pager}"))
        assert (crawled.result.status, crawled.result.found) == (status, len(YEARS))


def test_a_form_that_turns_pages_is_posted_where_the_addresses_look_like_another_system(tmp_path: Path) -> None:
    form = '<form method="post"><input type="hidden" name="__VIEWSTATE" value="{state}"><ul>{rows}</ul>{pager}</form>'
    pager = "<a href=\"javascript:__doPostBack('pager','2')\">下一页</a>"
    site = _site({"": ""})
    first, second = (
        form.format(state=number, rows="".join(map(_row, part)), pager=pager if number == 1 else "")
        for number, part in ((1, YEARS[:5]), (2, YEARS[5:]))
    )
    site.pages[COLUMN] = page(first)
    site.service = lambda request: page(second) if request.method == "POST" else None
    assert crawl(tmp_path, site).result.found == len(YEARS)


def test_an_article_on_several_pages_is_not_whole(tmp_path: Path) -> None:
    site = _site({"": "".join(map(_row, YEARS))})
    path = _path(2020)
    script = f'<script>createPageHTML(3,0,"{path.rpartition("/")[2].removesuffix(".html")}","html")</script>'
    site.pages[path] = report("岚溪县水务局", 2020, script)
    assert crawl(tmp_path, site).result.reason == "partial:article_pages"
