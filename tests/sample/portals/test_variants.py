"""The same sites worded otherwise: what differs is said here, and what must not differ is compared."""

from __future__ import annotations

import json
import re
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from sample.portals.catalogue import RETELLING
from sample.portals.server import PortalServer
from sample.portals.truth import Truth
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

SITES = [f"S{number}" for number in (*range(1, 11), 12)]


def gist(truth: Truth) -> list[tuple[object, ...]]:
    return [(one.key, one.title, one.published_on, len(one.urls), one.reading) for one in truth.reports]


@pytest.mark.parametrize("key", SITES)
def test_a_variant_has_the_same_truth(key: str) -> None:
    plain, other = (PortalServer([key], variant=variant).truth(key) for variant in (0, 1))
    assert gist(plain) == gist(other)
    assert (plain.status, plain.reason, plain.minimum) == (other.status, other.reason, other.minimum)


@pytest.mark.parametrize("key", SITES)
@pytest.mark.parametrize("variant", [1, 2])
def test_a_variants_reports_are_there(key: str, variant: int) -> None:
    with PortalServer([key], variant=variant, speed=1e6) as server, Visitor(server, key) as visitor:
        for report in visitor.truth.reports[::5]:
            for url in (*report.urls, report.list_page):
                assert visitor.client.get(url, follow_redirects=True).status_code == 200, url
        visitor.assert_read_exactly(
            report
            for report in visitor.truth.reports[::17]
            if report.reading == "exact" and report.printed_organ in report.title
        )


@pytest.mark.parametrize("key", SITES)
def test_a_site_told_anew_knows_the_shortest_way_to_every_report(key: str) -> None:
    truth = PortalServer([key], variant=RETELLING).truth(key)
    assert truth.reports
    assert gist(truth) != gist(PortalServer([key]).truth(key))
    needed = {need.split(" ")[1] for need in truth.needed}
    for report in truth.reports:
        assert needed & set(report.sources), report.key
    assert len(truth.needed) >= len(truth.reports)


def other(serve: Serve, key: str) -> Visitor:
    return serve(key, variant=1, speed=7200)


def test_s1_writes_its_pager_with_single_quotes_and_cuts_titles(serve: Serve) -> None:
    visitor = other(serve, "S1")
    text = visitor.text(visitor.url("www.shaling", "/xxgk/xxgknb/"), "gb18030")
    assert "document.write('<a href=\"index_'+nextPage+'.html\">" in text
    links = BeautifulSoup(text, "lxml").select("table.gl_list a")
    assert len(links) == 10
    assert any(link.get_text().endswith("...") and "..." not in str(link["title"]) for link in links)


def test_s2_forwards_by_meta_and_pages_by_another_function(serve: Serve) -> None:
    visitor = other(serve, "S2")
    home = visitor.text(visitor.url("www.yunxi"))
    assert len(home.encode()) == 160
    assert 'http-equiv="refresh" content="0; url=index.shtml"' in home
    assert "createPage(3,0,'index','html');" in visitor.text(visitor.url("www.yunxi", "/zwgk_171/zfxxgknb/qzfbm/"))


def test_s3_has_no_next_group_and_other_quotes(serve: Serve) -> None:
    visitor = other(serve, "S3")
    text = visitor.text(visitor.url("www.linhai-sim", "/col/col1229385402/index.html"))
    assert "nextgroup" not in text
    assert "totalRecord : 62" in text
    assert len(re.findall(r"<record><!\[CDATA\[\s*<li class=\"(?:odd|even)\"><b>\d{4}-", text)) == 45


def test_s4_escapes_its_query_and_lists_in_a_table(serve: Serve) -> None:
    visitor = other(serve, "S4")
    soup = visitor.soup(visitor.url("www.huaiyang", "/col/18073_668815/index.html"))
    query = json.loads(str(soup.select_one(".clist_con script")["querydata"]))  # type: ignore[index]
    assert query["tagId"] == "右侧信息列表"
    api = visitor.url("www.huaiyang", "/api-gateway/jpaas-publish-server/front/page/build/unit")
    reply = visitor.get(api, params=query).json()["data"]["html"]
    assert len(BeautifulSoup(reply, "lxml").select("table tr td a")) == 15
    assert "count='38'" in reply


def test_s5_nests_the_column_and_writes_its_script_over_lines(serve: Serve) -> None:
    visitor = other(serve, "S5")
    text = visitor.text(visitor.url("www.nanyue-sim", "/nyqbyj/gkmlpt/index"))
    [tree] = re.findall(r"TREE:\s*(\[.*\])\s*,\s*SERVICE_AREA_ID", text)
    [parent] = [node for node in json.loads(tree) if node["name"] == "政府信息公开"]
    assert [child["id"] for child in parent["children"]] == [20765]


def test_s6_has_a_root_node_and_double_quotes(serve: Serve) -> None:
    visitor = other(serve, "S6")
    nodes = json.loads(visitor.text(visitor.url("www.heishan", "/u/channel/treeNew/heishan")))
    assert (len(nodes), nodes[0]["pId"], nodes[1]["pId"]) == (21, "0", "1")
    text = visitor.text(visitor.url("www.heishan", "/heishan/c111239/common_list.shtml"))
    assert 'createPageHTML("page_div",4, 1,"common_list","shtml",57)' in text
    assert 'href="//www.heishan.gov.cn/heishan/' in text


def test_s7_leads_over_the_organs_first_page_and_asks_by_address(serve: Serve) -> None:
    visitor = other(serve, "S7")
    organs = visitor.soup(visitor.url("www.wanbei", "/public/column/7001?type=4&action=rel")).select("ul.clearfix a")
    assert str(organs[1]["href"]) == "/public/column/7002?type=2"
    first = visitor.soup(visitor.url("www.wanbei", "/public/column/7002?type=2"))
    [column] = [link for link in first.select("ul.xxgk_menu a") if link.get_text() == "政府信息公开年报"]
    url = urljoin(visitor.url("www.wanbei"), str(column["href"]))
    [label] = re.findall(r'url: "(/site/label/8888\?[^"]+)"', visitor.text(url))
    rows = visitor.soup(urljoin(url, label))
    assert len(rows.select(".xxgk_navli a")) == 15
    assert [str(link["paged"]) for link in rows.select("#page_public_info a")] == ["1", "2"]


def test_s8_numbers_no_pages(serve: Serve) -> None:
    visitor = other(serve, "S8")
    url: str | None = visitor.url("www.guxian", "/zwgk/zfxxgknb.htm")
    paths = []
    while url:
        paths.append(url.rpartition("/zwgk/")[2])
        links = visitor.soup(url).select("a.Next")
        following = [urljoin(url, str(link["href"])) for link in links if link.get_text() == "下页"]
        url = following[0] if following else None
    assert paths == ["zfxxgknb.htm", "zfxxgknb/3.htm", "zfxxgknb/2.htm", "zfxxgknb/1.htm"]


def test_s9_keeps_its_site_id_elsewhere(serve: Serve) -> None:
    visitor = other(serve, "S9")
    home = visitor.url("zwgk.xuyang", ":9091/")
    assert '<script src="/js/ajaxReq.js">' in visitor.text(home)
    assert re.search(r"siteGuid = '[\w-]{36}'", visitor.text(home + "js/ajaxReq.js"))
    assert visitor.get(home + "js/webBuilderCommon.js").status_code == 404


def test_s12_names_the_year_outside_a_heading(serve: Serve) -> None:
    visitor = other(serve, "S12")
    soup = visitor.soup(visitor.url("www.hubsheng", "/zfxxgk/zfxxgknb/"))
    assert not soup.find("h3")
    assert "2025年度" in soup.get_text()
    assert soup.select_one("select[onchange^='window.open']")
