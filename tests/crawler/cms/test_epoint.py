"""Epoint: two departments, one of which wants its parameters wrapped; the site's number is in a script."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import cms
from crawler.page import Page
from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

SERVICE = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
ORGANS = {"001001": "岚溪县教育局", "001002": "岚溪县水务局"}
TOTAL = 45


def _path(department: str, number: int) -> str:
    return f"/zwgk/{department}/20240122/{number:08}-1111-4111-8111-111111111111.html"


def _service(origin: int) -> object:
    def answer(request: Request) -> Answer | None:
        if request.path != SERVICE:
            return None
        fields = request.json.get("params") if "params" in request.json else request.json
        wrapped = "params" in request.json
        assert (request.method, fields["siteGuid"], fields["categorynum"]) == ("POST", GUID, "003017002")
        department, number = fields["deptcode"], max(0, fields["pageIndex"] - origin)
        if wrapped != (department == "001002"):
            return {"custom": {"total": 0, "data": []}}
        size = fields["pageSize"]
        rows = [
            {
                "title": "岚溪县...",
                "realtitle": name(ORGANS[department], 2024 - row),
                "infourl": _path(department, row),
                "infodate": "2024-01-22 10:12:33.0",
            }
            for row in range(number * size, min((number + 1) * size, TOTAL))
            if 2024 - row > 1999
        ]
        return {"custom": {"total": 25, "data": rows}}

    return answer


@pytest.mark.parametrize("origin", [0, 1])
def test_both_departments_are_read_whatever_their_interface_wants(tmp_path: Path, origin: int) -> None:
    shell = page('<script src="/js/webBuilderCommon.js"></script><div class="ewb-list"></div>')
    script = f'var siteInfo = {{"projectName":"/EWB-FRONT","siteGuid":"{GUID}"}};'
    columns = {
        department: f"/dynamic/zwgk/govInfoPub.html?categorynum=003017002&deptcode={department}"
        for department in ORGANS
    }
    pages: dict[str, Answer] = {
        "/": home(*((url, "政府信息公开年报") for url in columns.values())),
        "/js/webBuilderCommon.js": script,
    }
    pages |= dict.fromkeys(columns.values(), shell)
    pages |= {_path(d, row): report(organ, 2024 - row) for d, organ in ORGANS.items() for row in range(25)}
    site = Site(pages, _service(origin))  # type: ignore[arg-type]
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 50)
    assert len(site.paths("/js/")) == 1


def test_a_menu_may_give_its_categories_to_a_script() -> None:
    url = "http://www.lanxi.gov.cn/dynamic/zwgk/govInfoPub.html?deptcode=001001"
    menu = (
        "<a onclick=\"loadList('003017002')\">政府信息公开年报</a>"
        "<li data-categorynum='003017001'>政府信息公开指南</li>"
        "<a href=\"javascript:show('12')\">更多</a>"
    )
    shown = Page(url, page(f'{menu}<script src="/js/webBuilderCommon.js"></script>'))
    found = {link.text: link.url for link in cms.family_for(shown).links(shown)}
    assert found == {
        "政府信息公开年报": f"{url}&categorynum=003017002",
        "政府信息公开指南": f"{url}&categorynum=003017001",
    }
