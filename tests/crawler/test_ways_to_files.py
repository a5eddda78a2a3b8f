"""Files that portals give only to those who ask as their pages do."""

from __future__ import annotations

from pathlib import Path

from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name
from tests.crawler.lanxi import PDF, page

COLUMN, DETAIL = "/zfxxgk/zfxxgknb/", "/zfxxgk/zfxxgknb/202401/t20240120_1.html"
TITLE = name("岚溪县水务局", 2023)


def _site(body: str, **files: Answer) -> Site:
    pages: dict[str, Answer] = {
        "/": home((COLUMN, "政府信息公开年报")),
        COLUMN: page(f'<ul><li><a href="{DETAIL}">{TITLE}</a> 2024-01-20</li></ul>'),
        DETAIL: page(f'<h1>{TITLE}</h1><div class="content">{body}</div>'),
    }

    def service(request: Request) -> Answer | None:
        return files.get(f"{request.method} {request.url.partition('lanxi.gov.cn')[2]} {request.body}".strip())

    return Site(pages, service)


def test_a_form_is_posted(tmp_path: Path) -> None:
    form = '<form method=post action="/get"><input type=hidden name=id value=7><input type=submit value=下载></form>'
    crawled = crawl(tmp_path, _site(form, **{"POST /get id=7": PDF}))
    assert (crawled.result.status, crawled.documents["get"]) == ("ok", TITLE)


def test_what_may_only_be_posted_is_posted_then(tmp_path: Path) -> None:
    site = _site(
        '<a href="/download.do?id=7">报告.pdf</a>', **{"GET /download.do?id=7": 405, "POST /download.do?id=7 id=7": PDF}
    )
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.documents["download.do?id=7"]) == ("ok", TITLE)
    assert [asked for asked in site.asked if "download" in asked] == ["GET /download.do?id=7", "POST /download.do?id=7"]


def test_a_file_that_is_not_found_by_its_name_in_utf8_is_asked_for_in_gbk(tmp_path: Path) -> None:
    site = _site('<a href="报告.pdf">报告</a>', **{"GET /zfxxgk/zfxxgknb/202401/%B1%A8%B8%E6.pdf": PDF})
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 2)


def test_what_is_only_called_a_file_may_be_none(tmp_path: Path) -> None:
    crawled = crawl(tmp_path, _site('<a href="/get?id=7">附件：报告</a>', **{"GET /get?id=7": page("<p>请登录</p>")}))
    assert (crawled.result.status, crawled.result.found) == ("ok", 1)


def test_a_report_of_pictures_is_taken_whatever_menus_surround_it(tmp_path: Path) -> None:
    menus = "".join(f'<a href="/m{number}/">栏目名称第{number}项</a>' for number in range(300))
    pictures = '<p><img src="W01.jpg"></p><p><img src="W02.jpg"></p>'
    site = _site(
        f"{pictures}</div><div>{menus}", **{f"GET /zfxxgk/zfxxgknb/202401/W0{n}.jpg": b"\xff\xd8\xff" for n in (1, 2)}
    )
    assert crawl(tmp_path, site).result.found == 3
