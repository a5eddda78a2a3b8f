from __future__ import annotations

import codecs
import re
import ssl
from urllib.robotparser import RobotFileParser

import httpx
import pypdfium2
import pytest
from bs4 import BeautifulSoup

from sample.portals.s10_bailu import COLUMN, PICTURED
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "www.bailu"
SESSION = re.compile(r";jsessionid=\w*|(?<=[?&])sid=\w*&?|[?&]sid=\w*$")


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S10")


def url(visitor: Visitor, path: str = "/") -> str:
    return visitor.url(HOST, path, "https")


def plain(link: str) -> str:
    return SESSION.sub("", link).rstrip("?&")


def test_counts(visitor: Visitor) -> None:
    assert len(visitor.truth.reports) == 21


def test_http_leads_to_https_under_a_certificate_of_its_own(visitor: Visitor) -> None:
    for label in (HOST, "bailu"):
        response = visitor.get(visitor.url(label, "/Item/1.aspx?x=1"))
        assert response.status_code == 301
        assert response.headers["location"] == visitor.url(label, "/Item/1.aspx?x=1", "https")
    with (
        httpx.Client(proxy=visitor.server.proxy_url, trust_env=False, verify=ssl.create_default_context()) as strict,
        pytest.raises(httpx.ConnectError, match=r"self.signed"),
    ):
        strict.get(url(visitor))


def test_the_list_is_gbk_under_a_header_that_says_utf_8_and_others_begin_with_a_mark(visitor: Visitor) -> None:
    for page in ("Index.aspx", "Index_2.aspx"):
        response = visitor.get(url(visitor, COLUMN + page))
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "政府信息公开年报" in response.content.decode("gb18030")
        with pytest.raises(UnicodeDecodeError):
            response.content.decode()
    assert visitor.get(url(visitor)).content.startswith(codecs.BOM_UTF8)


def test_links_carry_sessions_that_change_and_mix_hosts(visitor: Visitor) -> None:
    pages = [visitor.soup(url(visitor, f"{COLUMN}Index.aspx"), "gb18030") for _ in range(2)]
    links = [[str(link["href"]) for link in page.select("a[href]")] for page in pages]
    own = [link for link in links[0] if not link.startswith("javascript:")]
    assert all("jsessionid=" in link or "sid=" in link for link in own)
    assert links[0] != links[1]
    assert [plain(link) for link in links[0]] == [plain(link) for link in links[1]]
    rows = [str(link["href"]) for link in pages[0].select(".article_list a")]
    starts = {re.sub(r"/Item.*", "", link) for link in rows}
    assert starts == {"", "https://bailu.gov.cn", "http://www.bailu.gov.cn"}
    assert len(rows) == 15
    session = next(link for link in own if "jsessionid=" in link and link.startswith("/"))
    assert visitor.get(url(visitor, session)).status_code == 200


def test_the_pager_stands_there_twice(visitor: Visitor) -> None:
    soup = visitor.soup(url(visitor, f"{COLUMN}Index.aspx"), "gb18030")
    assert soup.find(id="pe100_page_通用信息列表_普通式")
    assert [link.get_text() for link in soup.select("a[href*=__doPostBack]")] == ["下一页"]
    assert [plain(str(link["href"])) for link in soup.select(".pagecss b a")] == ["Index.aspx"]


def test_what_does_not_exist_is_answered_with_200(visitor: Visitor) -> None:
    response = visitor.get(url(visitor, "/Item/1777.aspx"))
    assert response.status_code == 200
    assert "您访问的页面不存在" in response.text
    assert 1100 < len(response.content) < 1300
    assert "Item/1777.aspx" in visitor.text(url(visitor, f"{COLUMN}Index_2.aspx"), "gb18030")
    dead = visitor.get(url(visitor, "/nianbao/2015.aspx"))
    assert (dead.status_code, dead.headers["location"]) == (302, "/")


def test_the_calendar_never_ends(visitor: Visitor) -> None:
    soup = BeautifulSoup(visitor.get(url(visitor, "/Calendar.aspx?d=2031-12-31")).content, "lxml")
    assert "/Calendar.aspx?d=2032-01-01" in [plain(str(link["href"])) for link in soup.select(".calendar a")]


def test_robots(visitor: Visitor) -> None:
    robots = RobotFileParser()
    robots.parse(visitor.text(url(visitor, "/robots.txt")).splitlines())
    assert robots.crawl_delay("*") == 2
    [forbidden] = [page for page in visitor.truth.non_reports if page.reason == "robots"]
    assert not robots.can_fetch("*", forbidden.url)
    assert all(robots.can_fetch("*", address) for report in visitor.truth.reports for address in report.sources)


def test_files_of_many_kinds(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    kinds = [report.reading for report in reports]
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "exact": 14,
        "converted": 3,
        "unpacked": 2,
        "pictures": 2,
    }
    scan, pictures = [report for report in reports if report.reading == "pictures"]
    with pypdfium2.PdfDocument(visitor.get(scan.sources[0]).content) as document:
        assert not "".join(page.get_textpage().get_text_range() for page in document).strip()
    assert (pictures.organ, pictures.year) == (f"白鹭县{PICTURED[0]}", PICTURED[1])
    assert len(pictures.sources) == 3
    assert all(visitor.get(address).content.startswith(b"\xff\xd8\xff") for address in pictures.sources)
    assert len(visitor.soup(pictures.urls[0]).select(".content img")) == 3
    archives = [report for report in reports if report.reading == "unpacked"]
    assert visitor.get(archives[0].sources[0]).content.startswith(b"Rar!\x1a\x07\x00")


def test_links_lead_to_every_report(visitor: Visitor) -> None:
    found: set[str] = set()
    seen: set[str] = set()
    waiting = list(visitor.truth.start)
    while waiting:
        address = waiting.pop()
        known = re.sub(r"https?://(www\.)?", "https://www.", plain(address))
        if known in seen or "Calendar" in address or "/Admin/" in address:
            continue
        seen.add(known)
        response = visitor.client.get(address, follow_redirects=True)
        found.add(known)
        if "html" in response.headers["content-type"]:
            soup = BeautifulSoup(response.content, "lxml")
            links = [str(link["href"]) for link in soup.select("a[href]")]
            links += [str(image["src"]) for image in soup.select("img[src]")]
            waiting += [str(response.url.join(link)) for link in links if not link.startswith("javascript:")]
    visitor.assert_reachable(found)


def test_reports_read_exactly(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    archives = [report for report in reports if report.reading == "unpacked"]
    visitor.assert_read_exactly([*[report for report in reports if report.reading == "exact"][::5], archives[0]])
