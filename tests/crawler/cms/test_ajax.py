"""Lists that only a script asks for, of systems without a family of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import cms
from crawler.page import Page
from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

ORGAN = "岚溪县水务局"
YEARS = range(2011, 2024)
COLUMN = "/zwgk/zfxxgknb/index.jhtml"
SIZE = 5
CALLS = {
    "hairong": (
        "var tenantId = '33'; axios.post('/irs/front/list', {tenantId: tenantId, tableName: \"t_18\", pageNo: 1,"
        " pageSize: 5, granularity: ['all']}).then(show)"
    ),
    "form": (
        "$.ajax({type:'post', url:'/irs/front/list',"
        " data:{tenantId:'33', tableName:$('#table').val(), pageNo:1, pageSize:5}})"
    ),
    "query": "$.getJSON('/irs/front/list?tenantId=33&tableName=t_18', {pageNo: page, pageSize: 5}, show)",
    "zero": (
        "fetch('/irs/front/list', {method:'POST',"
        " body: JSON.stringify({tenantId:'33',tableName:'t_18',pageNo:0,pageSize:5})})"
    ),
}


def _site(call: str, *, inline: bool = True) -> Site:
    first = 0 if call == "zero" else 1

    def service(request: Request) -> Answer | None:
        if request.path != "/irs/front/list":
            return None
        asked = {**request.query, **request.form, **(request.json if request.body.startswith("{") else {})}
        if (asked["tenantId"], asked["tableName"]) != ("33", "t_18"):
            return {"code": 500}
        number = int(asked["pageNo"]) - first
        years = list(YEARS)[number * SIZE : (number + 1) * SIZE]
        entries = [
            {
                "DOCTITLE": name(ORGAN, year),
                "docpuburl": f"/zwgk/{year}/t{year + 1}0120_1.html",
                "PUBDATE": f"{year + 1}-01-20",
            }
            for year in years
        ]
        return {
            "code": 200,
            "data": {"middle": {"list": entries, "total": len(YEARS)}, "menu": [{"title": "首页", "id": 1}]},
        }

    script = (
        f"<script>{CALLS[call]}</script>"
        if inline
        else '<script src="/js/jquery.min.js"></script><script src="/js/list.js"></script>'
    )
    pages: dict[str, Answer] = {
        "/": home((COLUMN, "政府信息公开年报")),
        COLUMN: page(f'<div id="list"></div><input type="hidden" id="table" value="t_18">{script}'),
        "/js/list.js": CALLS[call],
    }
    pages |= {f"/zwgk/{year}/t{year + 1}0120_1.html": report(ORGAN, year) for year in YEARS}
    return Site(pages, service)


@pytest.mark.parametrize("call", CALLS)
def test_the_list_is_asked_for_as_the_script_does_and_read_to_its_end(tmp_path: Path, call: str) -> None:
    site = _site(call)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", len(YEARS))
    assert len(site.paths("/irs/front/list")) == 3


def test_the_script_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    site = _site("hairong", inline=False)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", len(YEARS))
    assert site.paths("/js/") == ["/js/list.js"]


def test_a_list_that_cannot_be_had_is_said(tmp_path: Path) -> None:
    site = _site("hairong")
    site.pages["/"] = home((COLUMN, "政府信息公开年报"), ("/b/zfxxgknb/", "岚溪县财政局政府信息公开年报"))
    site.pages["/b/zfxxgknb/"] = page(
        "<script>$.ajax({url: base + path, success: show})</script><script src='/js/a.js'></script>"
    )
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.reason) == ("partial", "partial:unread_list")


def test_a_page_with_rows_of_its_own_is_left_to_the_other_families() -> None:
    listed = page(
        '<a href="/a.html">岚溪县2023年政府信息公开工作年度报告</a><script>$.get("/search/list", {pageNo: 1})</script>'
    )
    assert cms.family_for(Page("http://www.lanxi.gov.cn/x/", listed)).name == "static"
