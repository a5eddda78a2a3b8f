from __future__ import annotations

import io
import re
from urllib.parse import urljoin
from zipfile import ZipFile

import pytest

from parsers.extract import Origin, extract
from parsers.report import Report
from sample.portals.s02_yunxi import COLUMN, NAMELESS, SECTION
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor, cells_of

HOST = "www.yunxi"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S2")


def rows(visitor: Visitor, path: str) -> list[tuple[str, str]]:
    """Address and whole title of each row of a list."""
    url = visitor.url(HOST, path)
    links = visitor.soup(url).select(".overview_right a")
    return [(urljoin(url, str(link["href"])), str(link["title"])) for link in links]


def folders(visitor: Visitor, path: str) -> dict[str, str]:
    url = visitor.url(HOST, path)
    return {link.get_text(): urljoin(path, str(link["href"])) for link in visitor.soup(url).select(".overview_left a")}


def test_counts(visitor: Visitor) -> None:
    truth = visitor.truth
    assert (len(truth.reports), truth.addresses) == (73, 121)
    assert len({report.organ for report in truth.reports}) == 11


def test_the_root_is_160_bytes_of_script(visitor: Visitor) -> None:
    response = visitor.get(visitor.url(HOST))
    assert len(response.content) == 160
    assert '<script>location.replace("./index.shtml")</script>' in response.text


def test_folders_go_by_year_class_and_organ(visitor: Visitor) -> None:
    years = folders(visitor, COLUMN)
    assert years["2025年"] == f"{COLUMN}2024n78/"
    assert years["2024年"] == f"{COLUMN}2024n/"
    classes = folders(visitor, years["2023年"])
    assert list(classes) == ["区政府部门", "镇街"]
    organs = [folders(visitor, path) for path in classes.values()]
    assert [len(found) for found in organs] == [6, 5]
    assert all(1 <= len(rows(visitor, path)) <= 2 for found in organs for path in found.values())


def test_the_departments_page_has_three_pages_of_copies(visitor: Visitor) -> None:
    path = f"{COLUMN}qzfbm/"
    pages = [rows(visitor, path + name) for name in ("", "index_1.html", "index_2.html")]
    assert [len(page) for page in pages] == [10, 10, 5]
    text = visitor.text(visitor.url(HOST, path))
    assert 'createPageHTML(3, 0, "index", "html")' in text
    assert "index_3" not in text
    assert visitor.get(visitor.url(HOST, f"{path}index_3.html")).status_code == 404
    by_url = {url: report for report in visitor.truth.reports for url in report.urls}
    assert all(len(by_url[url].urls) == 2 for page in pages for url, _ in page)


def test_titles_in_lists_are_cut_and_whole_in_an_attribute(visitor: Visitor) -> None:
    links = visitor.soup(visitor.url(HOST, f"{COLUMN}qzfbm/")).select(".overview_right a")
    assert sum("..." in link.get_text() for link in links) >= 8
    assert not any("..." in str(link["title"]) for link in links)


def test_metas_are_complete_but_the_source_may_be_empty(visitor: Visitor) -> None:
    sources = []
    for report in visitor.truth.reports[::3]:
        if report.urls[0].endswith(".pdf"):
            continue
        soup = visitor.soup(report.urls[0])
        metas = {str(meta["name"]): str(meta["content"]) for meta in soup.find_all("meta", attrs={"name": True})}
        assert metas["ArticleTitle"] == report.title
        assert metas["PubDate"].startswith(report.published_on)
        crumbs = [link.get_text() for link in soup.select(".CurrChnlCls")]
        assert crumbs[-1] == report.printed_organ
        sources.append(metas["ContentSource"])
    assert "" in sources
    assert any(sources)


def test_files_of_many_kinds(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    with_pdf = [report for report in reports if any(file.file.extension == ".pdf" for file in report.attachments)]
    assert 0.28 < len(with_pdf) / len(reports) < 0.33
    straight = [report for report in reports if report.urls[0].endswith(".pdf")]
    assert len(straight) == 2
    listed = [url for url, _ in rows(visitor, re.sub(r"\d{6}/P0.*", "", straight[0].urls[0].partition(".cn")[2]))]
    assert straight[0].urls[0] in listed
    kinds = [file.file.extension for report in reports for file in report.attachments]
    assert (kinds.count(".wps") >= 1, kinds.count(".ofd") >= 1) == (True, True)
    [ofd] = {file.file.body for report in reports for file in report.attachments if file.file.extension == ".ofd"}
    assert "OFD.xml" in ZipFile(io.BytesIO(ofd)).namelist()
    page = visitor.soup(with_pdf[0].urls[0])
    link = page.select_one("a[appendix=true][needdownload=true][download]")
    assert link is not None
    assert str(link["href"]).startswith("./P020")


def test_neighbouring_columns_are_no_reports(visitor: Visitor) -> None:
    sizes = [len(rows(visitor, f"{SECTION}{name}/")) for name in ("zfwzgzndbb", "fzzfjsndbg", "bmjs")]
    assert sizes == [6, 6, 6]
    titles = [title for _, title in rows(visitor, f"{SECTION}zfxxgkzd/")]
    assert any("年度报告编制工作的通知" in title for title in titles)
    assert {page.reason for page in visitor.truth.non_reports} >= {"website_report", "rule_of_law", "final_accounts"}


def test_nothing_has_validators(visitor: Visitor) -> None:
    for url in (visitor.url(HOST, COLUMN), visitor.truth.reports[0].urls[0], visitor.truth.reports[0].sources[0]):
        headers = visitor.get(url).headers
        assert "etag" not in headers
        assert "last-modified" not in headers


def test_links_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        promised = re.findall(r"createPageHTML\((\d+), 0", text)
        return [f"index_{number}.html" for pages in promised for number in range(1, int(pages))]

    visitor.assert_reachable(visitor.walk(follow))


def test_reports_read_exactly(visitor: Visitor) -> None:
    named = [report for report in visitor.truth.reports if (report.organ[6:], report.year) not in NAMELESS]
    chosen = [report for report in named if any(file.file.extension == ".wps" for file in report.attachments)]
    visitor.assert_read_exactly([*named[::12], *chosen])


def test_a_title_without_an_organ_is_read_with_the_breadcrumbs_help(visitor: Visitor) -> None:
    nameless = [report for report in visitor.truth.reports if report.printed_organ not in report.title]
    assert len(nameless) == 2
    for report in nameless:
        page = visitor.soup(report.urls[0])
        origin = Origin(report.urls[0], report.title, publisher=page.select(".CurrChnlCls")[-1].get_text())
        read = extract(visitor.get(report.urls[0]).content, origin)
        assert isinstance(read, Report)
        assert cells_of(read) == cells_of(report.report)
