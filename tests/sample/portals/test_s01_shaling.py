from __future__ import annotations

from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup

from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

COLUMN = "/xxgk/xxgknb/"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S1")


def rows(visitor: Visitor, page: str) -> list[tuple[str, str, str]]:
    """Title, address and date of each row of a list page."""
    url = visitor.url("www.shaling", COLUMN + page)
    cells = [row.find_all("td") for row in visitor.soup(url, "gb18030").select("table.gl_list tr")]
    return [(cell[1].get_text(), urljoin(url, str(cell[1].a["href"])), cell[2].get_text()) for cell in cells]


def test_bytes_are_gb18030_under_a_gb2312_label(visitor: Visitor) -> None:
    response = visitor.get(visitor.url("www.shaling"))
    assert response.headers["content-type"] == "text/html"
    assert b"charset=gb2312" in response.content
    assert {"镕", "喆", "€", "𠮷"} <= set(response.content.decode("gb18030"))
    for encoding in ("gb2312", "gbk", "utf-8"):
        with pytest.raises(UnicodeDecodeError):
            response.content.decode(encoding)


def test_seven_of_seventeen_rows_are_reports(visitor: Visitor) -> None:
    listed = [*rows(visitor, ""), *rows(visitor, "index_1.html")]
    own = {report.urls[0] for report in visitor.truth.reports}
    assert len(rows(visitor, "index.html")) == 10
    assert len(listed) == 17
    assert len(own & {url for _, url, _ in listed}) == len(visitor.truth.reports) == 7
    assert [page.reason for page in visitor.truth.non_reports].count("superior") == 2
    assert {page.url for page in visitor.truth.non_reports} == {url for _, url, _ in listed} - own


def test_page_two_is_named_by_a_script_only(visitor: Visitor) -> None:
    text = visitor.text(visitor.url("www.shaling", COLUMN), "gb18030")
    assert "countPage = 2" in text
    links = BeautifulSoup(text, "lxml").find_all("a", href=True)
    assert not [link for link in links if "index_" in str(link["href"])]
    assert visitor.get(visitor.url("www.shaling", f"{COLUMN}index_2.html")).status_code == 404


def test_details_have_no_metas_and_two_have_another_date_in_their_address(visitor: Visitor) -> None:
    moved = 0
    for report in visitor.truth.reports:
        soup = visitor.soup(report.urls[0], "gb18030")
        assert not soup.find_all("meta", attrs={"name": True})
        title = soup.select_one("td.title")
        assert title is not None
        assert title.get_text() == report.title
        assert f"发布时间：{report.published_on}" in soup.get_text()
        moved += report.published_on.replace("-", "") not in report.urls[0]
        assert soup.select_one("div.TRS_Editor")
        assert soup.find("embed")
    assert moved == 2


def test_the_oldest_reports_are_word_files(visitor: Visitor) -> None:
    attached = {report.year: report.attachments for report in visitor.truth.reports if report.attachments}
    assert sorted(attached) == [2013, 2014, 2015]
    for (attachment,) in attached.values():
        assert "/P0201" in attachment.url
        response = visitor.get(attachment.url)
        assert response.headers["content-type"] == "application/msword"
        assert response.content.startswith((b"{\\rtf", b"<html"))


def test_links_and_the_script_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        return ["index_1.html"] if "countPage = 2" in text else []

    visitor.assert_reachable(visitor.walk(follow, encoding="gb18030"))


def test_reports_read_exactly(visitor: Visitor) -> None:
    # One of each kind: Word's web page, RTF, and pages before and under the form.
    chosen = [report for report in visitor.truth.reports if report.year in (2014, 2015, 2017, 2019)]
    visitor.assert_read_exactly(chosen)


def test_the_truth_is_served_and_not_linked(visitor: Visitor) -> None:
    served = visitor.get(visitor.url("www.shaling", "/__truth.json")).json()
    assert [report["year"] for report in served["reports"]] == list(range(2013, 2020))
    assert (
        served["reports"][6]["figures"]["requests.new.total"]
        == visitor.truth.reports[6].report.requests["new"]["total"].number
    )
    assert served["reports"][0]["attachments"][0]["sha256"] == visitor.truth.reports[0].attachments[0].sha256
    assert served["minimum"] == len(served["needed"]) == 15
