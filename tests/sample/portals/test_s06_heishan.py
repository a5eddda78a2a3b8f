from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote, unquote

import pytest

from sample.portals.s06_heishan import NEW, OLD, TREE, TREE_PAGE
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "www.heishan"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S6")


def column(visitor: Visitor, name: str, page: str = "") -> str:
    return visitor.url(HOST, f"/heishan/{name}/common_list{page}.shtml")


def nodes(visitor: Visitor) -> list[dict[str, Any]]:
    text = visitor.text(visitor.url(HOST, f"{TREE}?callback=jQuery17_1"))
    match = re.fullmatch(r"jQuery17_1\((.*)\)", text)
    assert match
    found: list[dict[str, Any]] = json.loads(match[1])
    return found


def search(visitor: Visitor, name: str, page: int) -> dict[str, Any]:
    meta = visitor.soup(column(visitor, name)).find("meta", attrs={"name": "channelid"})
    assert meta is not None
    assert re.fullmatch(r"[0-9a-f]{32}", str(meta["content"]))
    url = visitor.url(HOST, f"/common/search/{meta['content']}?page={page}&_pageSize=15&_isAgg=true&_isJson=true")
    data: dict[str, Any] = visitor.get(url).json()["data"]
    return data


def rows(visitor: Visitor, url: str) -> list[str]:
    return [str(link["href"]) for link in visitor.soup(url).select("ul.infolist a")]


def test_counts(visitor: Visitor) -> None:
    urls = [url for report in visitor.truth.reports for url in report.urls]
    assert sum(f"/{OLD}/" in url for url in urls) == 57
    assert sum(f"/{NEW}/" in url for url in urls) == 8
    assert sum(len(report.urls) == 2 for report in visitor.truth.reports) == 3
    assert len(visitor.truth.reports) == 62


def test_the_entrance_is_an_empty_tree(visitor: Visitor) -> None:
    page = visitor.soup(visitor.url(HOST, TREE_PAGE))
    tree = page.select_one("ul.ztree")
    assert tree is not None
    assert not tree.find_all(True)
    assert not [link for link in page.find_all("a", href=True) if OLD in str(link["href"])]
    found = nodes(visitor)
    empty = [node for node in found if node["url"].endswith("/null.shtml")]
    assert (len(found), len(empty)) == (20, 12)
    assert visitor.get(visitor.url(HOST, empty[0]["url"])).status_code == 404
    assert [node["url"] for node in found if node["name"] == "政府信息公开年报"] == [
        f"/heishan/{OLD}/common_list.shtml"
    ]


def test_page_two_is_number_two(visitor: Visitor) -> None:
    assert "createPageHTML('page_div',4,1,'common_list','shtml',57)" in visitor.text(column(visitor, OLD))
    assert [len(rows(visitor, column(visitor, OLD, page))) for page in ("", "_2", "_3", "_4")] == [15, 15, 15, 12]
    assert visitor.get(column(visitor, OLD, "_1")).status_code == 404
    assert visitor.get(column(visitor, OLD, "_5")).status_code == 404


def test_the_interface_gives_the_same_rows_without_a_scheme(visitor: Visitor) -> None:
    results = [result for page in (1, 2, 3, 4) for result in search(visitor, OLD, page)["results"]]
    assert search(visitor, OLD, 1)["total"] == len(results) == 57
    assert all(result["url"].startswith("//www.heishan") for result in results)
    assert search(visitor, OLD, 5)["results"] == []
    assert {f"http:{result['url']}" for result in results} == {
        url for report in visitor.truth.reports for url in report.urls if f"/{OLD}/" in url
    }


def test_the_new_column_has_the_newest_year_only(visitor: Visitor) -> None:
    listed = rows(visitor, column(visitor, NEW))
    assert len(listed) == 8
    years = {
        report.year
        for report in visitor.truth.reports
        if any(url.endswith(link) for url in report.urls for link in listed)
    }
    assert years == {2025}


def test_attachments_have_raw_chinese_addresses(visitor: Visitor) -> None:
    attached = [report for report in visitor.truth.reports if report.attachments]
    assert len(attached) == 9
    page = visitor.soup(attached[0].urls[0])
    link = page.select_one("p.fj a")
    assert link is not None
    href = str(link["href"])
    assert "/files/附件：" in href
    assert attached[0].attachments[0].url.endswith(quote(href))
    assert href in unquote(attached[0].attachments[0].url)
    assert visitor.get(attached[0].attachments[0].url).content.startswith(b"%PDF")


def test_one_body_is_split_by_a_mark_and_template_tags_leak(visitor: Visitor) -> None:
    texts = [visitor.text(report.urls[0]) for report in visitor.truth.reports if "公安局" in report.organ]
    assert [text.count("#PAGE_BREAK#") for text in texts].count(1) == 1
    assert all("<UCAPCONTENT>" in text and "<CMSPRO_DOCUMENT" in text for text in texts)


def test_the_tree_and_the_pager_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        found = [node["url"] for node in nodes(visitor)] if url.endswith(TREE_PAGE) else []
        for pages, stem in re.findall(r"createPageHTML\('page_div',(\d+),1,'(\w+)'", text):
            found += [f"{stem}_{number}.shtml" for number in range(2, int(pages) + 1)]
        return found

    visitor.assert_reachable(visitor.walk(follow))


def test_reports_read_exactly(visitor: Visitor) -> None:
    by_key = {(report.printed_organ, report.year): report for report in visitor.truth.reports}
    keys = [("公安局", 2023), ("教育局", 2022), ("水利局", 2019), ("苇塘乡人民政府", 2021), ("人民政府", 2025)]
    visitor.assert_read_exactly(by_key[f"黑桦县{short}", year] for short, year in keys)
