from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest
from bs4 import BeautifulSoup

from sample.portals.s05_nanyue import DEPARTMENTS, REPORTS, SIDS, TWIN, A, B, C
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "www.nanyue-sim"
DETAIL = re.compile(r"DETAIL: (\{.*\}), SERVICE_AREA_ID")


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S5")


def ask(visitor: Visitor, prefix: str, category: int = REPORTS, page: int = 1) -> httpx.Response:
    return visitor.get(visitor.url(HOST, f"{prefix}/gkmlpt/api/all/{category}?page={page}&sid={SIDS[prefix]}"))


def tree(visitor: Visitor, prefix: str) -> list[dict[str, Any]]:
    text = visitor.text(visitor.url(HOST, f"{prefix}/gkmlpt/index"))
    [sid] = re.findall(r"SID:\s*'(\d+)'", text)
    assert sid == SIDS[prefix]
    [nodes] = re.findall(r"TREE:\s*(\[.*?\])\s*,\s*SERVICE_AREA_ID", text, re.S)
    found: list[dict[str, Any]] = json.loads(nodes)
    return found


def column(visitor: Visitor, prefix: str) -> dict[str, Any]:
    [node] = [node for node in tree(visitor, prefix) if node["name"] == "政府信息公开年报"]
    return node


def test_counts(visitor: Visitor) -> None:
    truth = visitor.truth
    in_a = [report for report in truth.reports if f"{A}/gkmlpt" in report.urls[0]]
    in_b = [report for report in truth.reports if f"{B}/gkmlpt" in report.urls[0]]
    assert (len(in_a), len(in_b), len(truth.reports)) == (96, 100, 196)
    assert len({report.organ for report in in_a}) == 12
    assert (truth.status, truth.reason, list(truth.shortfalls.values())) == (
        "partial",
        "partial:declared_total",
        [12],
    )


def test_nothing_answers_on_port_443(visitor: Visitor) -> None:
    with pytest.raises(httpx.ProxyError):
        visitor.get(visitor.url(HOST, scheme="https"))


def test_the_page_carries_a_tree_and_no_links(visitor: Visitor) -> None:
    assert not visitor.soup(visitor.url(HOST, f"{A}/gkmlpt/index")).find_all("a")
    assert len(tree(visitor, A)) == 6
    assert (column(visitor, A)["id"], column(visitor, A)["post_count"]) == (20765, 96)
    assert (column(visitor, B)["id"], column(visitor, B)["post_count"]) == (20765, 112)
    assert column(visitor, C)["jump_url"] == visitor.url(HOST, TWIN)


def test_page_0_is_page_1_and_pages_hold_100(visitor: Visitor) -> None:
    first = ask(visitor, A).json()
    assert ask(visitor, A, page=0).json() == first
    assert (len(first["articles"]), first["total"]) == (96, 96)
    assert ask(visitor, A, page=2).json()["articles"] == []
    assert {article["url"] for article in first["articles"]} == {
        report.urls[0] for report in visitor.truth.reports if f"{A}/gkmlpt" in report.urls[0]
    }
    assert len(ask(visitor, A, category=0).json()["articles"]) == 99
    assert ask(visitor, A, category=20767).json()["articles"] == []
    assert ask(visitor, A, category=1).status_code == 404
    wrong_site = visitor.url(HOST, f"{A}/gkmlpt/api/all/{REPORTS}?page=1&sid={SIDS[B]}")
    assert visitor.get(wrong_site).status_code == 404


def test_b_declares_112_and_delivers_100(visitor: Visitor) -> None:
    first = ask(visitor, B).json()
    assert (len(first["articles"]), first["classify"]["post_count"]) == (100, 112)
    assert ask(visitor, B, page=2).status_code == 404


def test_two_titles_are_escaped(visitor: Visitor) -> None:
    articles = ask(visitor, A).json()["articles"]
    escaped = [article["title"] for article in articles if "%u" in article["title"]]
    assert len(escaped) == 2
    read = {re.sub(r"%u([0-9A-F]{4})", lambda code: chr(int(code[1], 16)), title) for title in escaped}
    assert read <= {report.title for report in visitor.truth.reports}


def test_bodies_stand_in_scripts_and_half_of_them_in_the_page_too(visitor: Visitor) -> None:
    shown = 0
    urls = [article["url"] for article in ask(visitor, A).json()["articles"][:6]]
    for url in urls:
        text = visitor.text(url)
        [carried] = DETAIL.findall(text)
        assert "<p" not in carried
        assert "收到和处理政府信息公开申请情况" in json.loads(carried)["content"]
        article = BeautifulSoup(text, "lxml").select_one("div.article-content")
        assert article is not None
        shown += bool(article.get_text())
    assert shown == 3


def test_attachments_stand_on_another_host(visitor: Visitor) -> None:
    with_files = [report for report in visitor.truth.reports if report.attachments]
    assert len(with_files) == 12
    [attachment] = with_files[0].attachments
    assert attachment.url.startswith(visitor.url("file.nanyue-sim"))
    assert "nfw-cms-attachment" in DETAIL.findall(visitor.text(with_files[0].urls[0]))[0]
    assert visitor.get(attachment.url).content.startswith(b"%PDF")


def test_the_other_column_shows_the_same_reports_under_other_dates(visitor: Visitor) -> None:
    twice = [report for report in visitor.truth.reports if len(report.urls) == 2]
    assert len(twice) == 96
    folders = visitor.soup(visitor.url(HOST, TWIN)).select(".left a")
    assert len(folders) == 8
    rows = visitor.soup(visitor.url(HOST, f"{TWIN}2024n/")).select(".news_list li")
    assert len(rows) == len(DEPARTMENTS)
    dates = {str(row.a["href"]): row.span.get_text() for row in rows if row.a and row.span}
    differing = [report for report in twice if report.year == 2024 and dates[report.urls[1]] != report.published_on]
    assert len(differing) == 9


def test_the_tree_and_the_interface_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        prefix = next((prefix for prefix in SIDS if f"{prefix}/gkmlpt/index" in url), None)
        if prefix is None:
            return re.findall(r'href=\\"(http[^"]+\.pdf)\\"', text)
        jump = column(visitor, prefix)["jump_url"]
        return [jump] if jump else [article["url"] for article in ask(visitor, prefix).json()["articles"]]

    visitor.assert_reachable(visitor.walk(follow, hosts="nanyue-sim.gov.cn"))


def test_reports_read_exactly(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    visitor.assert_read_exactly([*reports[:96:19], *reports[100::30]])
