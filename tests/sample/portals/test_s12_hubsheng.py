from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest

from sample.portals.s12_hubsheng import COLUMN, FIRST_LINKED_VERSION, FOREIGN, MIRROR, YEARS
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "www.hubsheng"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S12")


def tab(visitor: Visitor, number: int, year: str = "") -> list[tuple[str, str]]:
    soup = visitor.soup(visitor.url(HOST, f"{COLUMN}{year}"))
    return [(link.get_text(), str(link["href"])) for link in soup.select(f"#tab{number} a")]


def test_counts(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    own = [report for report in reports if report.organ == "湖津省人民政府"]
    assert (len(own), len(reports)) == (11, 11 + 38)
    assert {report.year for report in reports if report not in own} == {2025}


def test_tabs_name_organs_without_dates(visitor: Visitor) -> None:
    departments, cities = tab(visitor, 2), tab(visitor, 3)
    assert (len(departments), len(cities)) == (31, 13)
    assert departments[0][0] == "省教育厅"
    page = visitor.soup(visitor.url(HOST, COLUMN))
    heading = page.find("h3")
    assert heading is not None
    assert "2025年" in heading.get_text()
    assert not any(char.isdigit() for name, _ in departments + cities for char in name)
    assert len({urlsplit(url).hostname for _, url in departments}) == 31


def test_some_rows_lead_where_no_crawl_should_go(visitor: Visitor) -> None:
    reasons = [page.reason for page in visitor.truth.non_reports]
    assert {reason: reasons.count(reason) for reason in set(reasons)} == {"foreign": 3, "mirror": 1, "missing": 2}
    hosts = {urlsplit(page.url).hostname for page in visitor.truth.non_reports if page.reason in ("foreign", "mirror")}
    assert hosts == {MIRROR, *FOREIGN.values()}
    [mirror] = [page for page in visitor.truth.non_reports if page.reason == "mirror"]
    own = visitor.truth.report("湖津省人民政府", 2025)
    copy = visitor.text(mirror.url)
    assert visitor.text(own.urls[0]).replace("www.hubsheng.gov.cn", MIRROR) == copy
    gone, silent = [page.url for page in visitor.truth.non_reports if page.reason == "missing"]
    assert visitor.get(gone).status_code == 404
    assert visitor.get(silent).status_code == 502


def test_years_are_chosen_by_a_script(visitor: Visitor) -> None:
    page = visitor.soup(visitor.url(HOST, COLUMN))
    options = page.select("select[onchange='location.href=this.value'] option")
    assert [option.get_text() for option in options] == [f"{year}年" for year in reversed(YEARS)]
    assert not page.select(f"a[href='{COLUMN}2024/']")
    assert tab(visitor, 2, "2024/") == []


def test_the_provinces_report_stands_there_twice(visitor: Visitor) -> None:
    rows = tab(visitor, 1)
    assert [name.endswith("（超链版）") for name, _ in rows] == [False, True]
    for report in visitor.truth.reports:
        if report.organ == "湖津省人民政府":
            assert len(report.urls) == (2 if report.year >= FIRST_LINKED_VERSION else 1)


def test_targets_answer_on_their_own_hosts(visitor: Visitor) -> None:
    linked = {url for number in (1, 2, 3) for _, url in tab(visitor, number)}
    own_domain = "hubsheng.gov.cn"
    elsewhere = [report for report in visitor.truth.reports if own_domain not in report.urls[0]]
    assert len(elsewhere) == 11
    assert len({urlsplit(report.urls[0]).hostname for report in elsewhere}) == 10
    for report in visitor.truth.reports:
        if report.year == 2025:
            assert linked & set(report.urls)
            assert visitor.get(report.urls[0]).status_code == 200


def test_options_and_links_lead_to_every_own_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        return [part.partition('"')[0] for part in text.split('<option value="')[1:]]

    found = visitor.walk(follow, hosts="hubsheng.gov.cn")
    own = {url for report in visitor.truth.reports if "hubsheng" in report.urls[0] for url in report.urls}
    assert own <= {str(httpx.URL(url)) for url in found}


def test_reports_read_exactly(visitor: Visitor) -> None:
    visitor.assert_read_exactly(visitor.truth.reports[::7])
