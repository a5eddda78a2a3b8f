from __future__ import annotations

import re
from urllib.parse import quote, urljoin

import httpx
import pytest
from bs4 import BeautifulSoup

from sample.portals.s03_linhai import AREA, COLUMN, COLUMN_ID, IN_MODULE, LISTED, MODULE, PROXY, TREE, UNIT
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

WEB_NAME = "临澥市人民政府"
RECORD = re.compile(r"<record><!\[CDATA\[(.*?)\]\]></record>", re.S)


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S3")


def form(web_name: str = quote(WEB_NAME)) -> str:
    return (
        f"col=1&appid=1&webid=39&path=%2F&columnid={COLUMN_ID}&sourceContentType=1&unitid={UNIT}"
        f"&webname={web_name}&permissiontype=0"
    )


def ask(visitor: Visitor, method: str, query: str, *, referer: bool = True, body: str | None = None) -> httpx.Response:
    column = visitor.url("www.linhai-sim", COLUMN)
    headers = {"Referer": column} if referer else {}
    data: dict[str, object] = {}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        data = {"content": body or form()}
    return visitor.client.request(
        method,
        f"{visitor.url('www.linhai-sim', PROXY)}?{query}",
        headers=headers,
        **data,  # type: ignore[arg-type]
    )


def links(records: list[str]) -> list[str]:
    return [str(BeautifulSoup(record, "lxml").a["href"]) for record in records]  # type: ignore[index]


def embedded(visitor: Visitor) -> list[str]:
    return RECORD.findall(visitor.text(visitor.url("www.linhai-sim", COLUMN)))


def test_counts(visitor: Visitor) -> None:
    truth = visitor.truth
    listed = [report for report in truth.reports if any("/art/" in url for url in report.urls)]
    module = [report for report in truth.reports if any(MODULE in url for url in report.urls)]
    assert (len(listed), len(module), len(truth.reports)) == (41, 19, 54)
    assert sum(len(report.urls) == 2 for report in truth.reports) == 6
    assert sum(len(years) for years in LISTED.values()) == 41


def test_the_page_holds_45_of_62_rows_in_a_script(visitor: Visitor) -> None:
    text = visitor.text(visitor.url("www.linhai-sim", COLUMN))
    soup = BeautifulSoup(text, "lxml")
    container = soup.select_one("ul.main_list")
    assert container is not None
    assert not container.find_all(True)
    assert not soup.select("a[href*='/art/']")
    assert len(embedded(visitor)) == 45
    assert "totalRecord:62" in text
    assert "perPage:15" in text
    same = visitor.text(visitor.url("www.linhai-sim", f"{COLUMN}?uid={UNIT}&pageNum=2"))
    assert same == text


def test_records_are_as_untidy_as_editors_leave_them(visitor: Visitor) -> None:
    records = embedded(visitor)
    assert sum("<li style=<br/>" in record for record in records) == 1
    assert any(re.search(r"\d{4}-\n \d\d-\n \d\d", record) for record in records)
    assert all("href='" in record for record in records[30:45])
    assert not any("href='" in record for record in records[:30])
    assert len({urljoin("http://x/", link) for link in links(records)}) == 45


def test_numbers_of_records_count_only_when_posted(visitor: Visitor) -> None:
    first = links(embedded(visitor))
    posted = ask(visitor, "POST", "startrecord=46&endrecord=90&perpage=15").text
    assert "<totalrecord>62</totalrecord>" in posted
    rest = links(RECORD.findall(posted))
    assert len(rest) == 17
    assert not set(rest) & set(first)
    got = links(RECORD.findall(ask(visitor, "GET", f"startrecord=46&endrecord=90&perpage=15&{form()}").text))
    assert got == first[:15]
    pages = [links(RECORD.findall(ask(visitor, "GET", f"page={page}&{form()}").text)) for page in (2, 4, 5, 6)]
    assert pages[0] == first[15:30]
    assert pages[1] + pages[2] == rest
    assert pages[3] == []


def test_large_pages_are_cut_to_100(visitor: Visitor) -> None:
    reply = ask(visitor, "POST", "startrecord=1&endrecord=900&perpage=300").text
    assert "<totalpage>1</totalpage>" in reply
    assert len(RECORD.findall(reply)) == 62


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_a_referer_the_datastore_is_empty(visitor: Visitor, method: str) -> None:
    response = ask(visitor, method, f"page=1&startrecord=46&endrecord=90&{form()}", referer=False)
    assert response.status_code == 200
    assert len(response.content) == 54
    assert response.text.endswith("<datastore></datastore>")


def test_a_name_in_gbk_is_not_understood(visitor: Visitor) -> None:
    reply = ask(visitor, "POST", "startrecord=46&endrecord=90&perpage=15", body=form(quote(WEB_NAME.encode("gbk"))))
    assert not RECORD.findall(reply.text)


def test_addresses_have_no_leading_zeros_and_lead_to_another_host_too(visitor: Visitor) -> None:
    urls = [url for report in visitor.truth.reports for url in report.urls if "/art/" in url]
    assert all(re.search(r"/art/20\d\d/[1-9]\d?/[1-9]\d?/art_1229385402_\d+\.html$", url) for url in urls)
    assert sum("//gj." in url for url in urls) == 7


def test_files_are_named_in_gbk_and_called_octets(visitor: Visitor) -> None:
    attachments = [attachment for report in visitor.truth.reports for attachment in report.attachments]
    assert len(attachments) == 7
    assert 0 < sum("showname=" in attachment.url for attachment in attachments) < 7
    response = visitor.get(attachments[0].url)
    assert response.headers["content-type"] == "application/octet-stream"
    [disposition] = [value for name, value in response.headers.raw if name.lower() == b"content-disposition"]
    assert attachments[0].name in disposition.decode("gbk")
    assert response.content.startswith(b"%PDF")
    assert attachments[0].sha256


def test_the_module_says_when_a_year_is_missing(visitor: Visitor) -> None:
    [gap] = [page for page in visitor.truth.non_reports if page.reason == "missing"]
    assert "暂无数据" in visitor.text(gap.url)
    tree = visitor.soup(visitor.url("www.linhai-sim", f"{TREE}?area={AREA}"))
    assert len(tree.select("a")) == 5 * len(IN_MODULE) == 20


def test_links_frames_and_the_proxy_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        if not url.endswith(COLUMN):
            return []
        reply = ask(visitor, "POST", "startrecord=46&endrecord=90&perpage=15")
        return links(RECORD.findall(text) + RECORD.findall(reply.text))

    visitor.assert_reachable(visitor.walk(follow))


def test_reports_read_exactly(visitor: Visitor) -> None:
    by_key = {(report.printed_organ, report.year): report for report in visitor.truth.reports}
    keys = [("教育局", 2019), ("财政局", 2022), ("交通运输局", 2024), ("柳浦镇人民政府", 2020)]
    visitor.assert_read_exactly(by_key[f"临澥市{short}", year] for short, year in keys)
