"""jpaas: a column of three parts, its list of 38 rows comes as JSON around markup."""

from __future__ import annotations

import html
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

COLUMN = "/col/18073_668815/index.html"
UNIT = "/api-gateway/jpaas-publish-server/front/page/build/unit"
TOTAL = 38


def _fields(tag: str) -> dict[str, str]:
    return {
        "parseType": "bulidstatic",
        "webId": "8d82",
        "tplSetId": "2097",
        "pageType": "column",
        "tagId": tag,
        "pageId": "ca51",
    }


def _script(tag: str) -> str:
    data = "{" + ",".join(f"'{key}':'{value}'" for key, value in _fields(tag).items()) + "}"
    return f'<script id="x" src="/cms/unitbuild.js?v=3" url="{UNIT}" queryData="{html.escape(data)}"></script>'


def _path(number: int) -> str:
    return f"/col/4039_446643/art/17356608/17364738729{number:03}ffO7DUB.html"


def _answer(markup: str) -> Answer:
    return {"success": True, "code": "200", "message": None, "data": {"html": markup}}


def _list(number: int, *, pager: bool = True) -> Answer:
    rows = range((number - 1) * 15, min(number * 15, TOTAL))
    if not rows:
        return _answer("")
    items = "".join(
        f'<li class="clearfix"><a href="{_path(row)}" title="{name(f"岚溪县第{row}局", 2023)}">岚溪县…</a>'
        "<span>2024-01-20</span></li>"
        for row in rows
    )
    turn = f'<div class="pagination" rows="15" count="{TOTAL}" data-page="2"></div>' if pager else ""
    return _answer(f"<ul>{items}</ul>{turn}")


def _service(parameter: str) -> object:
    def answer(request: Request) -> Answer | None:
        if request.path != UNIT:
            return None
        if request.query.get("tagId") != "当前栏目list":
            return (
                _answer('<a href="/">首页</a>')
                if request.query.get("tagId") == "导航"
                else {"success": False, "data": {}}
            )
        assert {key: request.query[key] for key in _fields("x") if key != "tagId"}.items() <= _fields("x").items()
        if parameter == "paramJson":
            return _list(json.loads(request.query.get("paramJson", '{"pageNo":1}'))["pageNo"])
        return _list(int(request.query.get(parameter, 1)))

    return answer


def _site(service: object) -> Site:
    column = page("".join(_script(tag) for tag in ("导航", "当前栏目list", "友情链接")) + "<p>政府信息公开年报</p>")
    pages: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报")), COLUMN: column}
    pages |= {_path(number): report(f"岚溪县第{number}局", 2023) for number in range(TOTAL)}
    return Site(pages, service)  # type: ignore[arg-type]


@pytest.mark.parametrize("parameter", ["paramJson", "pageNo"])
def test_every_page_of_the_part_is_read(tmp_path: Path, parameter: str) -> None:
    site = _site(_service(parameter))
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", TOTAL)
    assert not any(urlencode({"tagId": "友情链接"}) in path for path in site.asked)
    assert len(site.paths(UNIT)) <= 5


def test_a_list_without_a_pager_is_read_until_nothing_new_comes(tmp_path: Path) -> None:
    def service(request: Request) -> Answer | None:
        if request.path != UNIT or request.query.get("tagId") != "当前栏目list":
            return None
        return _list(json.loads(request.query.get("paramJson", '{"pageNo":1}'))["pageNo"], pager=False)

    assert crawl(tmp_path, _site(service)).result.found == TOTAL


def test_a_service_that_turns_no_pages_is_a_shortfall(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, _site(_service("nothing")))
    assert (crawled.result.reason, crawled.result.found) == ("partial:declared_total", 15)


def test_a_menu_that_is_a_part_leads_to_the_column(tmp_path: Path) -> None:
    def service(request: Request) -> Answer | None:
        if request.path != UNIT:
            return None
        return _answer('<ul><li><a href="/zfxxgk/nb/">政府信息公开年报</a></li></ul>')

    pages: dict[str, Answer] = {
        "/": page(_script("左侧导航") + _script("轮播图片") + "文" * 500),
        "/zfxxgk/nb/": page(
            f'<li><a href="/a/t20240120_1.html">{name("岚溪县", 2023)}</a><span>2024-01-20</span></li>'
        ),
        "/a/t20240120_1.html": report("岚溪县", 2023),
    }
    site = Site(pages, service)
    crawled = crawl(tmp_path, site)
    assert list(crawled.documents) == ["a/t20240120_1.html"]
    assert len(site.paths(UNIT)) == 1


def test_an_answer_without_success_is_a_failure(tmp_path: Path) -> None:
    def service(request: Request) -> Answer | None:
        return {"success": False, "data": {}} if request.path == UNIT else None

    crawled = crawl(tmp_path, _site(service))
    assert (crawled.result.status, crawled.result.reason) == ("partial", "partial:no_reports")
    assert "answer" in crawled.reasons.values()
