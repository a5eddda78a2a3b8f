"""Hanweb: a column of 62 records, 45 in the page, the others from a server that honours only some parameters."""

from __future__ import annotations

from html import escape
from pathlib import Path

import pytest

from crawler import cms
from crawler.page import Page
from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

COLUMN = "/col/col1229/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
YEARS = range(2024, 1962, -1)
ORGANS = [f"岚溪县第{number}局" for number in range(62)]


def _path(number: int) -> str:
    return f"/art/2024/1/9/art_1229_{number}.html"


def _record(number: int) -> str:
    item = "<li style=<br/>" if number == 7 else "<li>"
    title = name(ORGANS[number], 2023)
    quote = "'" if number > 40 else '"'
    return (
        f"<record><![CDATA[{item}<a href={quote}{_path(number)}{quote} title={quote}{title}{quote}>{title[:9]}...</a>"
        f"<span>2024-\n 01-\n 09</span></li>]]></record>"
    )


def _store(numbers: range, total: bool = True) -> str:
    group = f'<nextgroup><![CDATA[<a href="{PROXY}?page=1&appid=1&columnid=1229&unitid=77"></a>]]></nextgroup>'
    count = "<totalrecord>62</totalrecord><totalpage>5</totalpage>" if total else ""
    records = "".join(_record(number) for number in numbers if number < 62)
    return f"<datastore>{group}{count}<recordset>{records}</recordset></datastore>"


def _column(*, total: bool = True) -> bytes:
    ajax = "{col:1,webid:39,path:'/',columnid:1229,webname:'岚溪县'}"
    count = "totalRecord:62," if total else ""
    init = f"perPage:15,groupSize:3,{count}proxyUrl:'{PROXY}',ajaxParam:{ajax}"
    store = _store(range(45), total=False)
    return page(
        f'<ul class="main_list"></ul><div id="u77"><script type="text/xml">{store}</script></div>'
        f"<script>$('#u77').jpage({{dataStore:initData,{init}}})</script>"
    )


def _site(service: object, *, total: bool = True) -> Site:
    pages: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报")), COLUMN: _column(total=total)}
    pages |= {_path(number): report(organ, 2023) for number, organ in enumerate(ORGANS)}
    return Site(pages, service)  # type: ignore[arg-type]


def _by_form(request: Request) -> Answer | None:
    if request.path != PROXY:
        return None
    if request.method != "POST" or "Referer" not in request.headers:
        return "<datastore></datastore>"
    assert request.form == {
        "appid": "1",
        "columnid": "1229",
        "unitid": "77",
        "col": "1",
        "webid": "39",
        "path": "/",
        "webname": "岚溪县",
    }
    first, last = int(request.query["startrecord"]), int(request.query["endrecord"])
    return _store(range(first - 1, min(last, first + 99)))


def _by_group(request: Request) -> Answer | None:
    if request.path != PROXY:
        return None
    number = int(request.query.get("page", 1)) if request.method == "GET" else 1
    return _store(range((number - 1) * 20, number * 20))


def _from_0(request: Request) -> Answer | None:
    if request.path != PROXY:
        return None
    first, last = int(request.query.get("startrecord", 0)), int(request.query.get("endrecord", 0))
    return _store(range(first, last)) if request.method == "POST" else 404


def _dead(request: Request) -> Answer | None:
    return "<datastore></datastore>" if request.path == PROXY else None


@pytest.mark.parametrize(("service", "requests"), [(_by_form, 1), (_by_group, 5), (_from_0, 1)])
@pytest.mark.parametrize("total", [True, False])
def test_every_record_is_found_whatever_the_server_honours(
    tmp_path: Path, service: object, requests: int, total: bool
) -> None:
    site = _site(service, total=total)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 62)
    assert crawled.documents[_path(61)[1:]] == name(ORGANS[61], 2023)
    assert len(site.paths(PROXY)) <= requests


def test_a_server_that_gives_nothing_more_is_a_shortfall(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, _site(_dead))
    assert (crawled.result.status, crawled.result.reason) == ("partial", "partial:declared_total")
    assert crawled.result.found == 45


def test_rows_keep_whole_titles_and_dates_broken_over_lines() -> None:
    listed = Page(f"http://www.lanxi.gov.cn{COLUMN}", _column())
    family = cms.family_for(listed)
    rows = family.rows(listed)
    assert (family.name, len(rows)) == ("hanweb", 45)
    assert {row.date for row in rows} == {"2024-01-09"}
    assert [row.label for row in rows] == [name(organ, 2023) for organ in ORGANS[:45]]


def test_the_annual_report_module_is_read_by_organ_and_year(tmp_path: Path) -> None:
    def module(area: int, year: int) -> str:
        return f"/module/xxgk/xxgkAnnualReport.jsp?area={area}&fbtime={year}"

    tree = "".join(
        f"<li>岚溪县第{area}局<a href='{module(area, year)}'>{year}年</a></li>"
        for area in (1, 2)
        for year in (2020, 2021)
    )
    pages: dict[str, Answer] = {
        "/": home(("/xxgk/", "政府信息公开")),
        "/xxgk/": page('<iframe src="/module/xxgk/tree.jsp?area=1"></iframe>' + "文" * 500),
        "/module/xxgk/tree.jsp?area=1": page(f"<h3>政府信息公开年报</h3><ul>{tree}</ul>"),
        module(2, 2021): page("暂无数据"),
    }
    pages |= {module(area, year): report(f"岚溪县第{area}局", year) for area, year in ((1, 2020), (1, 2021), (2, 2020))}
    crawled = crawl(tmp_path, Site(pages))
    assert set(crawled.documents) == {module(area, year)[1:] for area, year in ((1, 2020), (1, 2021), (2, 2020))}
    assert crawled.result.status == "ok"


def test_records_may_be_escaped_instead_of_cdata() -> None:
    row = "<li><a href='/art/2024/1/9/art_1_2.html' title='岚溪县2023年政府信息公开工作年度报告'>岚</a>2024-01-09</li>"
    store = f"<datastore><recordset><record>{escape(row)}</record></recordset></datastore>"
    listed = Page("http://www.lanxi.gov.cn/col/col1/index.html", page(f'<script type="text/xml">{store}</script>'))
    (found,) = cms.family_for(listed).rows(listed)
    assert (found.url.rpartition("/")[2], found.date) == ("art_1_2.html", "2024-01-09")


def test_the_modules_search_is_read_page_by_page(tmp_path: Path) -> None:
    years, organ = range(2008, 2024), "岚溪县水务局"

    def service(request: Request) -> Answer | None:
        if request.path != "/module/xxgk/search.jsp":
            return None
        assert request.method == "POST"
        assert (request.query["area"], request.form["jdid"], request.form["divid"]) == ("1133", "149", "div1256283")
        number = int(request.form["currpage"])
        rows = "".join(
            f'<tr class="tr_main_value_odd"><td><a href="/art/{year + 1}/1/20/art_84242_{year}.html"'
            f' title="{name(organ, year)}">{organ}…</a></td><td>{year + 1}-01-20</td></tr>'
            for year in list(years)[(number - 1) * 10 : number * 10]
        )
        return f"<table>{rows}</table><div>共{len(years)}条 共2页</div>"

    script = "xxgkajax('/module/xxgk/search.jsp?texttype=0&area=1133&fbtime=-1', {jdid: 149, divid: 'div1256283'})"
    pages: dict[str, Answer] = {
        "/": home(("/col/col84242/index.html", "政府信息公开年报")),
        "/col/col84242/index.html": page(f'<div id="div1256283"></div><script>{script}</script>'),
    }
    pages |= {f"/art/{year + 1}/1/20/art_84242_{year}.html": report(organ, year) for year in years}
    crawled = crawl(tmp_path, Site(pages, service))
    assert (crawled.result.status, crawled.result.found) == ("ok", len(years))
