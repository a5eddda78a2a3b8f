"""UCAP: a tree by JSONP, a static list counted from 1, a search beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

LIST = "/lanxi/c111239/common_list.shtml"
CHANNEL = "db96f4a0c1d24e5fa6b7c8d9e0f1a2b3"
TOTAL = 57


def _path(number: int) -> str:
    return f"/lanxi/c111239/202401/c01_{868000 + number}.shtml"


def _rows(number: int) -> str:
    return "".join(
        f'<li><a href="{_path(row)}" title="{name(f"岚溪县第{row}局", 2023)}">岚溪县...</a><span>2024-01-20</span></li>'
        for row in range((number - 1) * 15, min(number * 15, TOTAL))
    )


def _reports() -> dict[str, Answer]:
    return {_path(number): report(f"岚溪县第{number}局", 2023) for number in range(TOTAL)}


def test_the_tree_leads_to_the_list_and_its_pages_are_counted_from_1(tmp_path: Path) -> None:
    nodes = [
        {"id": 1, "pId": 0, "name": "政府信息公开指南", "url": "/lanxi/c1/list.shtml"},
        {"id": 2, "pId": 0, "name": "机构职能", "url": "/lanxi/c2/null.shtml"},
        {"id": 3, "pId": 0, "name": "政府信息公开年报", "url": "//www.lanxi.gov.cn" + LIST},
    ]
    pages: dict[str, Answer] = {
        "/": home(("/lanxi/zfxxgk/xxzwgkList.shtml", "政府信息公开")),
        "/lanxi/zfxxgk/xxzwgkList.shtml": page('<ul id="tree"></ul><script>var t="/u/channel/treeNew/lanxi"</script>'),
        "/u/channel/treeNew/lanxi?callback=tree": f"tree({json.dumps(nodes, ensure_ascii=False)});",
        LIST: page(
            f"<meta name='channelid' content='{CHANNEL}'><ul class='infolist'>{_rows(1)}</ul>"
            f"<script>createPageHTML('page_div',4,1,'common_list','shtml',{TOTAL});</script>"
        ),
    }
    pages |= {LIST.replace(".shtml", f"_{number}.shtml"): page(_rows(number)) for number in (2, 3, 4)} | _reports()
    site = Site(pages)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", TOTAL)
    assert not any("null.shtml" in path or "/common/search" in path for path in site.paths())


def test_the_trees_address_may_end_in_a_variable_and_nodes_may_call_things_otherwise(tmp_path: Path) -> None:
    node = {"channelId": "1", "channelName": "政府信息公开年报", "visit": f"http://www.lanxi.gov.cn{LIST}"}
    pages: dict[str, Answer] = {
        "/": page('<script>var site = "lanxi"; load("/u/channel/treeNew/" + site)</script>' + "文" * 500),
        "/u/channel/treeNew/lanxi?callback=tree": f"tree({json.dumps([node], ensure_ascii=False)})",
        LIST: page(_rows(4)),
    }
    assert crawl(tmp_path, Site(pages | _reports())).result.found == TOTAL - 45


def test_a_node_without_an_address_is_looked_for_under_the_usual_names(tmp_path: Path) -> None:
    node = {"name": "政府信息公开年报", "url": "/lanxi/c111239/null.shtml", "children": []}
    pages: dict[str, Answer] = {
        "/": page('<script>load("/u/channel/treeNew/lanxi?callback=?")</script><a href="/x/">公开</a>' + "文" * 500),
        "/u/channel/treeNew/lanxi?callback=tree": f"tree({json.dumps({'data': [node]}, ensure_ascii=False)})",
        "/lanxi/c111239/xxgkList.shtml": page(_rows(4)),
    }
    crawled = crawl(tmp_path, Site(pages | _reports()))
    assert (crawled.result.status, crawled.result.found) == ("ok", TOTAL - 45)


@pytest.mark.parametrize(
    "shown", ["<UCAPTITLE></UCAPTITLE>", f"<ul>{_rows(1)}</ul><script>load('/searchList/' + channel)</script>"]
)
def test_a_page_without_rows_or_without_a_pager_is_filled_from_the_search(tmp_path: Path, shown: str) -> None:
    def service(request: Request) -> Answer | None:
        if request.path != f"/searchList/{CHANNEL}":
            return None
        number = int(request.query["page"])
        rows = range((number - 1) * 15, min(number * 15, TOTAL))
        results = [
            {
                "title": name(f"岚溪县第{row}局", 2023),
                "url": f"//www.lanxi.gov.cn{_path(row)}",
                "publishedTimeStr": "2024-01-20 17:18:49",
            }
            for row in rows
        ]
        return {"data": {"channelId": CHANNEL, "total": TOTAL, "page": number, "rows": 15, "results": results}}

    pages: dict[str, Answer] = {
        "/": home(("/lanxi/c111239/list.shtml", "政府信息公开年报")),
        "/lanxi/c111239/list.shtml": page(shown, f"<meta name='channelid' content='{CHANNEL}'>"),
        f"/common/search/{CHANNEL}": 404,
    }
    site = Site(pages | _reports(), service)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", TOTAL)
    assert len(site.paths("/searchList/")) == 4


def test_the_tree_may_be_loaded_by_a_script_of_another_file_and_hold_years_below_the_column(tmp_path: Path) -> None:
    organ = "岚溪县水务局"
    nodes = [
        {"id": "1", "pId": "0", "channelName": "政府信息公开年报", "channelUrl": "/lanxi/c1/list.shtml"},
        {"id": "2", "pId": "1", "channelName": "2023年", "channelUrl": "/lanxi/c2/list.shtml"},
        {"id": "3", "pId": "0", "channelName": "2023年", "channelUrl": "/lanxi/c3/list.shtml"},
    ]
    listed = {
        number: page(
            f'<ul><li><a href="/lanxi/c{number}/202401/c01_{year}.shtml">{name(organ, year)}</a> 2024-01-20</li></ul>'
        )
        for number, year in ((1, 2022), (2, 2023), (3, 2021))
    }
    pages: dict[str, Answer] = {
        "/": home(("/lanxi/zfxxgk/xxzwgkList.shtml", "政府信息公开")),
        "/lanxi/zfxxgk/xxzwgkList.shtml": page('<ul id="tree"></ul><script src="/js/tree.js"></script>'),
        "/js/tree.js": "$.getJSON('/u/channel/treeNew/lanxi?callback=?', show)",
        "/u/channel/treeNew/lanxi?callback=tree": f"tree({json.dumps(nodes, ensure_ascii=False)})",
    }
    pages |= {f"/lanxi/c{number}/list.shtml": markup for number, markup in listed.items()}
    pages |= {
        f"/lanxi/c{number}/202401/c01_{year}.shtml": report(organ, year) for number, year in ((1, 2022), (2, 2023))
    }
    crawled = crawl(tmp_path, Site(pages))
    assert (crawled.result.status, set(crawled.documents.values())) == ("ok", {name(organ, 2022), name(organ, 2023)})
