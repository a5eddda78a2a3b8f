"""gkmlpt: the tree stands in the page, articles come as JSON; a twin column is a plain list."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crawler import attachments, cms
from crawler.page import Page
from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

PREFIX = "/lxbyj/gkmlpt"
NAMES = [f"岚溪县第{number}局" for number in range(112)]


def _path(number: int) -> str:
    return f"{PREFIX}/content/8/8766/post_{8766000 + number}.html"


def _article(number: int) -> dict[str, object]:
    title = name(NAMES[number], 2023)
    if number == 3:
        title = "".join(f"%u{ord(character):04X}" for character in title)
    return {
        "id": number,
        "title": title,
        "date": 1704067200,
        "created_at": "2024-01-18 16:25:04",
        "display_publish_time": 1705680000,
        "publisher": NAMES[number],
        "url": f"http://www.lanxi.gov.cn{_path(number)}",
    }


def _shell(*nodes: dict[str, object]) -> bytes:
    tree = json.dumps(list(nodes), ensure_ascii=False)
    return page(
        f"<script>window._CONFIG = {{ APP_URL:'x', SID: '755041', TREE: {tree}, SERVICE_AREA_ID: 755 , }}</script>"
    )


def _service(pages: int) -> object:
    def answer(request: Request) -> Answer | None:
        if request.path != f"{PREFIX}/api/all/20765":
            return None
        assert request.query["sid"] == "755041"
        number = max(1, int(request.query["page"]))
        if number > pages:
            return 404
        chosen = [_article(row) for row in range((number - 1) * 100, min(number * 100, 112))]
        return {"classify": {"id": 20765, "post_count": 112}, "articles": chosen, "total": 112}

    return answer


COLUMN = {"id": 20765, "name": "政府信息公开年报", "parent": 0, "post_count": 112, "jump_url": "", "children": []}
OTHER = {"id": 20770, "name": "政策解读", "jump_url": "", "post_count": 900, "children": []}


def _site(pages: int) -> Site:
    site: dict[str, Answer] = {
        "/": home((f"{PREFIX}/index", "政府信息公开")),
        f"{PREFIX}/index": _shell({**OTHER, "children": [COLUMN]}),
    }
    site |= {_path(number): report(organ, 2023) for number, organ in enumerate(NAMES)}
    return Site(site, _service(pages))  # type: ignore[arg-type]


def test_a_category_is_read_to_its_end(tmp_path: Path) -> None:
    site = _site(2)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 112)
    assert crawled.documents[_path(3)[1:]] == name(NAMES[3], 2023)
    assert len(site.paths(f"{PREFIX}/api")) == 2


def test_a_server_without_a_second_page_is_a_shortfall(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, _site(1))
    assert (crawled.result.reason, crawled.result.found) == ("partial:declared_total", 100)


def test_a_category_that_jumps_leads_to_the_twin_column(tmp_path: Path) -> None:
    pages: dict[str, Answer] = {
        "/": home((f"{PREFIX}/index", "政府信息公开")),
        f"{PREFIX}/index": _shell({**COLUMN, "jump_url": "http://www.lanxi.gov.cn/zfxxgknb/bm/"}),
        "/zfxxgknb/bm/": page('<a href="2023n/">2023年</a>'),
        "/zfxxgknb/bm/2023n/": page(
            f'<li><a href="content/post_1009.html">{name("岚溪县", 2023)}</a><span>2024-01-20</span></li>'
        ),
        "/zfxxgknb/bm/2023n/content/post_1009.html": report("岚溪县", 2023),
    }
    assert list(crawl(tmp_path, Site(pages)).documents) == ["zfxxgknb/bm/2023n/content/post_1009.html"]


def test_the_day_of_publication_is_that_in_china_and_the_row_names_its_organ() -> None:
    listed = Page("http://www.lanxi.gov.cn/lxbyj/gkmlpt/index", _shell(COLUMN))
    family = cms.family_for(listed)
    (branch,) = family.branches(listed)
    answer = cms.base.Answer(
        branch.ask.url, json.dumps({"articles": [_article(1)]}).encode(), listed.url, branch.ask.state or {}
    )
    (row,) = family.listing(answer).rows
    assert (row.date, row.publisher) == ("2024-01-20", NAMES[1])


@pytest.mark.parametrize("escape", [True, False])
def test_attachments_in_the_body_kept_as_data_are_found(escape: bool) -> None:
    content = '<p>见附件</p><a class="nfw-cms-attachment" href="http://file.other.gov.cn/attachment/0/9.pdf">x.pdf</a>'
    data = json.dumps({"content": content})
    data = data.replace("<", "\\u003C").replace(">", "\\u003E") if escape else data
    shown = Page(
        "http://www.lanxi.gov.cn/gkmlpt/content/1/post_1.html",
        page(f"<script>window._CONFIG = {{DETAIL: {data}}}</script>"),
    )
    body = cms.family_for(shown).embedded(shown)
    assert body is not None
    assert [one.url for one in attachments.find(body)] == ["http://file.other.gov.cn/attachment/0/9.pdf"]
