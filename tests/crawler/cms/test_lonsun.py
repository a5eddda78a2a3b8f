"""Lonsun: organs, each with a list that a label service fills; a town that keeps its reports in a category."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from crawler import cms
from crawler.page import Page
from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

ORGANS = {7002: "岚溪县教育局", 7003: "岚溪县水务局", 7004: "岚溪县河包镇"}
YEARS = range(2005, 2024)


def _path(organ: int, year: int) -> str:
    return f"/public/content/{organ}{year}"


def _column(organ: int, *, as_call: bool) -> bytes:
    fields = {
        "labelName": "publicInfoList",
        "siteId": "10914581",
        "pageSize": "15",
        "pageIndex": "1",
        "organId": str(organ),
        "type": "3",
        "_": "0.5169706870968473",
        "result": "暂无相关信息",
    }
    if as_call:
        data = ",".join(f"{key}:'{value}'" for key, value in fields.items())
        script = f"Ls.ajax({{url:'/site/label/8888?IsAjax=1&_=' + Math.random(),data:{{{data}}}}})"
    else:
        query = "&".join(f"{key}={value}" for key, value in fields.items())
        script = f"Ls.ajax({{url:'/site/label/8888?{query}'}});Ls.pagination({{pageIndex:1,pageCount:2,total:19}})"
    years = "".join(f'<a href="/public/column/{organ}?type=3&action=list&timeFrame={y}">{y}年</a>' for y in YEARS)
    menu = f'<a href="/public/column/{organ}?type=4&catId=99&action=list">政府信息公开年报</a>' if organ == 7004 else ""
    return page(f'<ul id="timeFrame">{years}</ul>{menu}<div id="list"></div><script>{script}</script>')


def _service(request: Request) -> Answer | None:
    if request.path != "/site/label/8888":
        return None
    organ, number = int(request.query["organId"]), int(request.query["pageIndex"])
    assert "_" not in request.query
    if organ == 7004 and request.query["type"] == "3":
        return "<div>暂无相关信息</div>"
    years = list(YEARS)[(number - 1) * 15 : number * 15]
    rows = "".join(
        f'<ul class="clearfix"><li class="rq">1</li><li><div><a href="{_path(organ, year)}"'
        f' title="{name(ORGANS[organ], year)}">岚溪县…</a></div></li><li>{year + 1}-01-25</li></ul>'
        for year in years
    )
    return f'<div class="xxgk_navli">{rows}</div>'


@pytest.mark.parametrize("as_call", [True, False])
def test_every_organ_has_its_list_read_once(tmp_path: Path, as_call: bool) -> None:
    links = "".join(
        '<ul class="clearfix"><li>'
        f'<a title="{organ}" href="/public/column/{number}?type=4&action=list">{organ}</a></li></ul>'
        for number, organ in ORGANS.items()
    )
    pages: dict[str, Answer] = {
        "/": home(("/public/column/7001?type=4&action=rel", "政府信息公开")),
        "/public/column/7001?type=4&action=rel": page(links),
        "/public/column/7004?type=4&catId=99&action=list": _column(7004, as_call=as_call)
        .replace(b"3'", b"4'")
        .replace(b"type=3&_", b"type=4&_"),
    }
    pages |= {f"/public/column/{number}?type=3&action=list": _column(number, as_call=as_call) for number in ORGANS}
    pages |= {_path(number, year): report(organ, year) for number, organ in ORGANS.items() for year in YEARS}
    site = Site(pages, _service)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", len(ORGANS) * len(YEARS))
    assert not any("timeFrame" in path for path in site.paths())
    assert len(site.paths("/site/label")) == 3 * 2 + 1


def test_what_a_script_joins_to_the_services_address_is_read_from_the_pages_own() -> None:
    script = "$('#l').load('/site/label/8888?labelName=publicInfoList&pageSize=15&organId=' + organ + '&type=' + t)"
    shown = Page(
        "http://www.lanxi.gov.cn/public/column/7002?type=4&catId=99&action=list", page(f"<script>{script}</script>")
    )
    (branch,) = cms.family_for(shown).branches(shown)
    asked = dict(parse_qsl(urlsplit(branch.ask.url).query))
    assert (asked["organId"], asked["type"], asked["catId"], asked["pageIndex"]) == ("7002", "4", "99", "1")


def test_both_addresses_of_an_article_are_one() -> None:
    one, other = "http://www.lanxi.gov.cn/public/7002/37034572.html", "http://www.lanxi.gov.cn/public/content/37034572"
    assert cms.key(one) == cms.key(other) != cms.key("http://www.lanxi.gov.cn/public/column/7002")


def test_pages_are_counted_by_the_whole_pager_or_by_the_total(tmp_path: Path) -> None:
    for pager in (
        '<a paged="1">1</a><a paged="2">2</a>',
        "<script>var info = {pageIndex: 1, pageCount: 1, total: 19}</script>",
    ):
        folder = tmp_path / str(len(pager))
        folder.mkdir()
        pages: dict[str, Answer] = {
            "/": home(("/public/column/7002?type=3&action=list", "政府信息公开年报")),
            "/public/column/7002?type=3&action=list": _column(7002, as_call=True),
        }
        pages |= {_path(7002, year): report(ORGANS[7002], year) for year in YEARS}
        site = Site(pages, lambda request, pager=pager: (found := _service(request)) and f"{found}{pager}")  # type: ignore[misc]
        assert crawl(folder, site).result.found == len(YEARS)


def test_an_address_joined_from_pieces_keeps_all_that_is_known() -> None:
    script = (
        "var url = '/site/label/8888?labelName=publicInfoList&pageSize=15&pageIndex=' + p"
        " + '&siteId=10914581&organId=7002&type=3&_=' + Math.random(); $('#l').load(url)"
    )
    shown = Page("http://www.lanxi.gov.cn/public/column/7002?type=3", page(f"<script>{script}</script>"))
    (branch,) = cms.family_for(shown).branches(shown)
    asked = dict(parse_qsl(urlsplit(branch.ask.url).query))
    assert (asked["siteId"], asked["organId"], asked["pageIndex"]) == ("10914581", "7002", "1")


@pytest.mark.parametrize("size", ["size", "9.5", "15px"])
def test_a_page_size_that_is_no_number_leaves_no_page_unread(tmp_path: Path, size: str) -> None:
    pages: dict[str, Answer] = {
        "/": home(("/public/column/7002?type=3&action=list", "政府信息公开年报")),
        "/public/column/7002?type=3&action=list": _column(7002, as_call=True).replace(
            b"pageSize:'15'", f"pageSize:{size}".encode()
        ),
    }
    pages |= {_path(7002, year): report(ORGANS[7002], year) for year in YEARS}
    assert crawl(tmp_path, Site(pages, _service)).result.found == len(YEARS)
