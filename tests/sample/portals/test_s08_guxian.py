from __future__ import annotations

import re
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from sample.portals.s08_guxian import COLUMN
from sample.portals.server import PortalServer
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "www.guxian"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S8")


def next_page(soup: BeautifulSoup, url: str) -> str | None:
    link = soup.select_one("span.p_next a")
    return urljoin(url, str(link["href"])) if link else None


def test_counts(visitor: Visitor) -> None:
    assert len(visitor.truth.reports) == 43


def test_pages_count_down(visitor: Visitor) -> None:
    url: str | None = visitor.url(HOST, COLUMN)
    paths, sizes = [], []
    while url:
        soup = visitor.soup(url)
        paths.append(url.partition(".cn")[2])
        sizes.append(len(soup.select("li[id^=line_]")))
        url = next_page(soup, url)
    assert paths == [COLUMN, *(f"/zwgk/zfxxgknb/{number}.htm" for number in (3, 2, 1))]
    assert sizes == [12, 12, 12, 7]
    assert visitor.get(visitor.url(HOST, "/zwgk/zfxxgknb/4.htm")).status_code == 404


def test_articles_have_two_addresses(visitor: Visitor) -> None:
    for report in visitor.truth.reports[::9]:
        static, dynamic = report.urls
        assert re.search(r"/info/1648/\d+\.htm$", static)
        assert "content.jsp?urltype=news.NewsContentUrl&wbtreeid=1648&wbnewsid=" in dynamic
        assert visitor.get(static).content == visitor.get(dynamic).content
    second = visitor.soup(visitor.url(HOST, "/zwgk/zfxxgknb/3.htm"))
    assert all("content.jsp?" in str(link["href"]) for link in second.select("li[id^=line_] a"))


def test_downloads_are_called_html_and_every_fourth_wants_a_captcha_first() -> None:
    with PortalServer(["S8"]) as server, Visitor(server, "S8") as visitor:
        files = [attachment for report in visitor.truth.reports for attachment in report.attachments]
        assert len(files) == 18
        answers = []
        for file in files:
            visitor.client.cookies.clear()
            answers.append(visitor.get(file.url))
        assert {answer.headers["content-type"] for answer in answers} == {"text/html;charset=UTF-8"}
        assert {answer.status_code for answer in answers} == {200}
        asking = [number for number, answer in enumerate(answers) if not answer.content.startswith(b"%PDF")]
        assert asking == [3, 7, 11, 15]
        assert "验证码" in answers[3].text
        session = answers[3].headers["set-cookie"].partition(";")[0]
        assert visitor.get(files[3].url, headers={"Cookie": session}).content == files[3].file.body


def test_details_name_the_year_in_the_breadcrumb_and_scripts_in_the_text(visitor: Visitor) -> None:
    report = next(report for report in visitor.truth.reports if report.year == 2020)
    page = visitor.soup(report.urls[0])
    assert " > 政府信息公开年报 > 2020年 > 正文" in page.get_text()
    assert "_showDynClicks" in page.decode()
    assert page.select_one("#vsb_content_501 .v_news_content")


def test_links_lead_to_every_report(visitor: Visitor) -> None:
    visitor.assert_reachable(visitor.walk())


def test_reports_read_exactly(visitor: Visitor) -> None:
    def fetch(url: str) -> bytes:
        first = visitor.get(url).content
        return (
            first
            if first.startswith(b"%PDF") or b'_content/download.jsp" method' not in first
            else visitor.get(url).content
        )

    visitor.assert_read_exactly(visitor.truth.reports[::8], fetch)
