from __future__ import annotations

import json
import re
from typing import Any

import pytest

from sample.portals.s09_xuyang import API, CATEGORY, SHELL
from tests.sample.portals.conftest import Serve
from tests.sample.portals.visitor import Visitor

HOST = "zwgk.xuyang"
COUNTY, SCHOOLS = "001001", "001002"


@pytest.fixture(scope="module")
def visitor(serve: Serve) -> Visitor:
    return serve("S9")


def url(visitor: Visitor, path: str) -> str:
    return visitor.url(HOST, f":9091{path}")


def guid(visitor: Visitor) -> str:
    [found] = re.findall(r'"siteGuid":"([\w-]+)"', visitor.text(url(visitor, "/js/webBuilderCommon.js")))
    return str(found)


def ask(
    visitor: Visitor, department: str, index: int = 0, category: str = CATEGORY, size: int = 20, wrap: bool = False
) -> dict[str, Any]:
    query: dict[str, Any] = {
        "deptcode": department,
        "categorynum": category,
        "pageIndex": index,
        "pageSize": size,
        "siteGuid": guid(visitor),
    }
    body = json.dumps({"params": query} if wrap else query)
    answer = visitor.client.post(
        url(visitor, API), content=body, headers={"Content-Type": "application/json;charset=utf-8"}
    )
    custom: dict[str, Any] = answer.json()["custom"]
    return custom


def test_counts(visitor: Visitor) -> None:
    assert len(visitor.truth.reports) == 29
    assert all(":9091" in start for start in visitor.truth.start)


def test_the_column_is_an_empty_page(visitor: Visitor) -> None:
    page = visitor.soup(url(visitor, f"{SHELL}?categorynum={CATEGORY}&deptcode={COUNTY}"))
    items = page.select_one("#infolist")
    assert items is not None
    assert not items.find_all(True)
    assert not page.find_all("a")


def test_pages_count_from_nought(visitor: Visitor) -> None:
    pages = [ask(visitor, COUNTY, index) for index in (0, 1, 2)]
    assert [len(page["data"]) for page in pages] == [20, 2, 0]
    assert {page["total"] for page in pages} == {22}
    first = pages[0]["data"][0]
    assert re.fullmatch(r"20\d\d-\d\d-\d\d 10:12:33\.0", first["infodate"])
    assert not first["realtitle"].endswith("...")
    assert len(ask(visitor, COUNTY, size=100)["data"]) == 20


def test_one_department_wants_its_question_wrapped(visitor: Visitor) -> None:
    assert ask(visitor, SCHOOLS)["total"] == 0
    assert ask(visitor, SCHOOLS, wrap=True)["total"] == 7
    assert ask(visitor, COUNTY, wrap=True)["total"] == 0
    scripts = [
        visitor.text(url(visitor, f"/js/govInfoPub{name}.js")).count('JSON.stringify({"params": query})')
        for name in ("", "_mid")
    ]
    assert scripts == [0, 1]
    page = visitor.text(url(visitor, f"{SHELL}?categorynum={CATEGORY}&deptcode={SCHOOLS}"))
    assert "/js/govInfoPub_mid.js" in page


def test_a_category_cut_short_mixes_categories(visitor: Visitor) -> None:
    mixed = ask(visitor, COUNTY, category="003017")
    assert mixed["total"] > 22
    assert len({row["categorynum"] for row in mixed["data"]}) > 1
    assert ask(visitor, COUNTY, category="")["total"] > mixed["total"]


def test_articles_stand_on_port_80(visitor: Visitor) -> None:
    assert {report.urls[0].split("/")[2] for report in visitor.truth.reports} == {
        "zwgk.xuyang.gov.cn",
        "www.xuyang.gov.cn",
    }
    path = visitor.truth.reports[0].urls[0].partition(".cn")[2]
    assert visitor.get(url(visitor, path)).status_code == 404


def test_the_interface_leads_to_every_report(visitor: Visitor) -> None:
    def follow(address: str, text: str) -> list[str]:
        match = re.search(r"categorynum=(\d+)&deptcode=(\d+)", address)
        if not match:
            return []
        wrap = "govInfoPub_mid" in text
        pages = [ask(visitor, match[2], index, match[1], wrap=wrap) for index in (0, 1)]
        return [row["infourl"] for page in pages for row in page["data"]]

    visitor.assert_reachable(visitor.walk(follow))


def test_reports_read_exactly(visitor: Visitor) -> None:
    visitor.assert_read_exactly(visitor.truth.reports[::6])
