from __future__ import annotations

import random
import re

import pytest
from bs4 import BeautifulSoup

from sample.portals.s07_wanbei import GAPS, LABEL, ORGANS, RELATED, ROOT
from sample.portals.server import PortalServer
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "www.wanbei"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    # Ten minutes pass in a second, so that only the test of the firewall meets the firewall.
    return serve("S7", speed=600)


def label(visitor: Visitor, organ: int, page: int = 1, **options: object) -> BeautifulSoup:
    query = {
        "labelName": "publicInfoList",
        "siteId": "10914581",
        "pageSize": 15,
        "pageIndex": page,
        "action": "list",
        "organId": organ,
        "type": 3,
        "file": "/xxgk/publicInfoList_newest2022",
        "_": random.random(),
        **options,
    }
    return visitor.soup(visitor.url(HOST, LABEL), params=query)


def links(soup: BeautifulSoup) -> list[str]:
    return [str(link["href"]) for link in soup.select(".xxgk_navli a")]


def test_counts(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    assert (len(reports), len({report.organ for report in reports}), len(GAPS)) == (83, 14, 6)
    assert sum(len(years) for years in ORGANS.values()) == 83 + 6


def test_the_root_names_fourteen_organs(visitor: Visitor) -> None:
    organs = visitor.soup(visitor.url(HOST, RELATED)).select("ul.clearfix li a[title]")
    assert len(organs) == 14
    assert str(organs[0]["href"]) == f"/public/column/{ROOT}?type=3&action=list"


def test_a_column_has_years_and_no_rows(visitor: Visitor) -> None:
    page = visitor.soup(visitor.url(HOST, f"/public/column/{ROOT + 2}?type=3&action=list"))
    years = [link.get_text() for link in page.select("ul#timeFrame a")]
    assert years == [f"{year}年" for year in range(2026, 2019, -1)]
    assert not page.select(".xxgk_navli")
    assert 'organId: "7003"' in page.decode()


def test_the_label_gives_fifteen_rows_a_page(visitor: Visitor) -> None:
    first, second = label(visitor, ROOT), label(visitor, ROOT, 2)
    assert (len(links(first)), len(links(second))) == (15, 4)
    assert "pageCount:2,total:19" in first.decode()
    assert "暂无相关信息" in label(visitor, ROOT, 3).get_text()
    link = first.select_one(".xxgk_navli a")
    assert link is not None
    assert any(row.get_text().endswith("...") for row in first.select(".xxgk_navli a"))
    assert all(not str(row["title"]).endswith("...") for row in first.select(".xxgk_navli a"))
    assert len(links(label(visitor, ROOT + 2, timeFrame="2024"))) == 1


def test_towns_have_their_reports_in_a_category(visitor: Visitor) -> None:
    town = ROOT + list(ORGANS).index("高塘镇人民政府")
    assert "暂无相关信息" in label(visitor, town).get_text()
    page = visitor.soup(visitor.url(HOST, f"/public/column/{town}?type=3&action=list"))
    [link] = [link for link in page.select("ul.xxgk_menu a") if link.get_text() == "政府信息公开年报"]
    match = re.search(r"type=4&catId=(\d+)", str(link["href"]))
    assert match
    assert len(links(label(visitor, town, type=4, catId=match[1]))) == 5


def test_details_have_two_addresses_and_some_have_files(visitor: Visitor) -> None:
    report = visitor.truth.reports[0]
    assert [re.sub(r"\d+", "N", url.partition(".cn")[2]) for url in report.urls] == [
        "/public/content/N",
        "/public/N/N.html",
    ]
    assert visitor.get(report.urls[0]).content == visitor.get(report.urls[1]).content
    attached = [report for report in visitor.truth.reports if report.attachments]
    assert len(attached) == 13
    assert re.search(r"/group6/M00/\w\w/\w\w/wKg\w+\.docx$", attached[0].attachments[0].url)
    assert visitor.get(attached[0].attachments[0].url).content.startswith(b"PK")


def test_haste_is_shut_out_for_a_minute() -> None:
    with PortalServer(["S7"], speed=10) as server, Visitor(server, "S7") as visitor:
        server.clock.speed = 0.001
        answers = [visitor.get(visitor.url(HOST)) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [403]
        assert "wzwsconfirm" in answers[-1].text
        assert visitor.get(visitor.url(HOST)).status_code == 403
        # A minute later, whatever that was in seconds of the clock on the wall.
        server.clock.speed = 1e9
        assert visitor.get(visitor.url(HOST)).status_code == 200


def test_links_and_labels_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        found = []
        for organ, kind, rest in re.findall(r'organId: "(\d+)", type: "(\d)"(.*)', text):
            category = re.search(r'catId: "(\d+)"', rest)
            for page in (1, 2):
                options = {"catId": category[1]} if category else {}
                found += links(label(visitor, int(organ), page, type=kind, **options))
        return found

    visitor.assert_reachable(visitor.walk(follow))


def test_reports_read_exactly(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    visitor.assert_read_exactly([*reports[::19], next(report for report in reports if report.attachments)])
