"""TrueCMS: 60 rows hidden in the page, the others as JSONP around XML, never without Referer."""

from __future__ import annotations

import json
from pathlib import Path

from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

COLUMN = "/lxrmzf/zfxxgknb/zfxxgknb.html"
SERVICE = "/TrueCMS/messageController/getMessage.do"
ID = "4028a9e0-55d2-4e1c-9d0c-1f7a5a5d2f01"


def _path(number: int) -> str:
    return f"/lxrmzf/zfxxgknb/content/4f0c2b1e-0000-4000-8000-{number:012}.html"


def _item(number: int) -> str:
    title = name(f"岚溪县第{number}局", 2023)
    return f'<li><a href="{_path(number)}" title="{title}">岚溪县..</a><span>2024-01-20</span></li>'


def _service(total: int, status: int = 200) -> object:
    def answer(request: Request) -> Answer | None:
        if request.path != SERVICE:
            return None
        if status != 200 or "Referer" not in request.headers or request.query["columnId"] != ID:
            return 404
        rows = range(int(request.query["startrecord"]) - 1, min(int(request.query["endrecord"]), total))
        records = "".join(f"<record><![CDATA[{_item(row)}]]></record>" for row in rows)
        store = f"<datastore><totalrecord>{total}</totalrecord><recordset>{records}</recordset></datastore>"
        return f"{request.query['callback']}({json.dumps({'result': store})})"

    return answer


def _site(total: int, status: int = 200) -> Site:
    items = "".join(_item(number) for number in range(min(total, 60)))
    script = f"var columnId='{ID}';perPage:20,totalRecord:{total},dataUrl:'{SERVICE}?callback=?'"
    column = page(f'<div id="initData" style="display:none"><ul>{items}</ul></div><script>{script}</script>')
    pages: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报")), COLUMN: column}
    pages |= {_path(number): report(f"岚溪县第{number}局", 2023) for number in range(total)}
    return Site(pages, _service(total, status))  # type: ignore[arg-type]


def test_records_after_the_hidden_rows_are_asked_for(tmp_path: Path) -> None:
    site = _site(85)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 85)
    assert len(site.paths(SERVICE)) == 2


def test_a_list_that_the_page_holds_whole_asks_nothing(tmp_path: Path) -> None:
    site = _site(41)
    assert crawl(tmp_path, site).result.found == 41
    assert site.paths(SERVICE) == []


def test_a_service_that_is_gone_is_a_shortfall(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, _site(85, 404))
    assert (crawled.result.reason, crawled.result.found) == ("partial:declared_total", 60)
