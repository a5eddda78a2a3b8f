from __future__ import annotations

import json
import re
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup

from sample.portals.s04_huaiyang import API, COLUMN, DISTRICT_LIST, DISTRICT_PAGE, LIST_TAGS, PAGE, WEB
from sample.portals.server import PortalServer
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

LIST_TAG = LIST_TAGS[0]


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    # Two hours pass in a second, so that only the test of the limit meets the limit.
    return serve("S4", speed=7200)


def ask(visitor: Visitor, tag: str = LIST_TAG, **options: str) -> httpx.Response:
    query = {"webId": WEB, "pageId": PAGE, "parseType": "buildstatic", "tagId": tag, **options}
    return visitor.get(visitor.url("www.huaiyang", API), params=query)


def page(number: int, size: int = 15) -> str:
    return json.dumps({"pageNo": number, "pageSize": size})


def links(response: httpx.Response) -> list[str]:
    assert response.json()["success"] is True
    return [str(link["href"]) for link in BeautifulSoup(response.json()["data"]["html"], "lxml").select("li a")]


def test_counts(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    assert (len(reports), sum("青埠区" in report.organ for report in reports)) == (47, 9)


def test_the_column_is_a_shell_of_three_units(visitor: Visitor) -> None:
    soup = visitor.soup(visitor.url("www.huaiyang", COLUMN))
    units = soup.select("script[queryData], script[querydata]")
    tags = [json.loads(str(unit["querydata"]).replace("'", '"'))["tagId"] for unit in units]
    assert tags == ["导航", LIST_TAG, "友情链接"]
    assert {str(unit["parsetype"]) for unit in units} == {"buildstatic", "bulidstatic"}
    assert not soup.select("a[href*='/art']")


def test_only_param_json_turns_the_page(visitor: Visitor) -> None:
    first = links(ask(visitor))
    assert len(first) == 15
    assert links(ask(visitor, pageNo="2", page="2", currentPage="2")) == first
    pages = [links(ask(visitor, paramJson=page(number))) for number in (1, 2, 3)]
    assert [len(part) for part in pages] == [15, 15, 8]
    assert pages[0] == first
    assert {url for part in pages for url in part} == {
        report.urls[0] for report in visitor.truth.reports if "青埠区" not in report.organ
    }
    assert 'count="38"' in ask(visitor).json()["data"]["html"]
    assert ask(visitor, paramJson=page(4)).json() == {
        "success": True,
        "code": "200",
        "message": None,
        "data": {"html": ""},
    }


def test_an_unknown_or_garbled_tag_fails(visitor: Visitor) -> None:
    failure = {"success": False, "data": {}}
    assert ask(visitor, "右侧内容").json() == failure
    garbled = f"{visitor.url('www.huaiyang', API)}?webId={WEB}&pageId={PAGE}&tagId={quote(LIST_TAG.encode('gbk'))}"
    assert visitor.get(garbled).json() == failure
    assert links(ask(visitor, "友情链接"))[0] == "http://www.haizhang-online.com/"


def test_details_stand_on_the_department_under_two_kinds_of_address(visitor: Visitor) -> None:
    urls = [report.urls[0] for report in visitor.truth.reports if "青埠区" not in report.organ]
    assert all(url.startswith(visitor.url("scj.huaiyang", "/")) for url in urls)
    assert sum("/art/20" in url for url in urls) == 19
    assert sum(bool(re.search(r"/col/4039_446643/art/\d{8}/\w+\.html$", url)) for url in urls) == 19


def test_five_details_show_a_pdf_in_place_of_a_text(visitor: Visitor) -> None:
    shown = [report for report in visitor.truth.reports if report.attachments]
    assert len(shown) == 5
    pages = [visitor.text(report.urls[0]) for report in shown]
    assert sum('<div id="pdfshow" data-value="/attach/0/' in text for text in pages) == 3
    assert sum('src="/pdfjs/web/viewer.html?file=%2Fattach%2F0%2F' in text for text in pages) == 2
    assert all("href" not in str(BeautifulSoup(text, "lxml").select_one("#zoom")) for text in pages)
    assert visitor.get(shown[0].attachments[0].url).content.startswith(b"%PDF")


def test_the_district_is_a_shell_around_a_frame(visitor: Visitor) -> None:
    shell = visitor.soup(visitor.url("www.huaiyang", DISTRICT_PAGE))
    assert not shell.select("li a")
    frame = shell.find("iframe")
    assert frame is not None
    assert len(visitor.soup(visitor.url("www.huaiyang", DISTRICT_LIST)).select("li a")) == 9


def test_the_61st_request_of_a_minute_is_refused() -> None:
    with PortalServer(["S4"], speed=20) as server, Visitor(server, "S4") as visitor:
        answers = [ask(visitor) for _ in range(61)]
        assert [answer.status_code for answer in answers] == [200] * 60 + [429]
        assert answers[0].headers["x-ratelimit-limit"] == "60"
        assert answers[-1].headers["retry-after"] == "5"
        assert visitor.get(visitor.url("scj.huaiyang")).status_code == 429
        server.clock.sleep(5)
        assert ask(visitor).status_code == 200


def test_links_frames_and_the_interface_lead_to_every_report(visitor: Visitor) -> None:
    def follow(url: str, text: str) -> list[str]:
        found = re.findall(r'id="pdfshow" data-value="([^"]+)"', text)
        found += [match.replace("%2F", "/") for match in re.findall(r"viewer\.html\?file=([^\"]+)", text)]
        if "clist_con" in text:
            found += [link for number in (1, 2, 3) for link in links(ask(visitor, paramJson=page(number)))]
        return found

    visitor.assert_reachable(visitor.walk(follow, hosts="huaiyang.gov.cn"))


def test_reports_read_exactly(visitor: Visitor) -> None:
    reports = visitor.truth.reports
    chosen = [report for report in reports if report.attachments][:2] + list(reports[::9])
    visitor.assert_read_exactly(chosen)
