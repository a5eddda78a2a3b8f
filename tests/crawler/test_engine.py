"""Decisions of the engine that need no network: schemes, forbidding hosts, barren lists, exploring in proportion."""

from __future__ import annotations

from pathlib import Path

from archive.frontier import COLUMN as COLUMN_KIND
from archive.frontier import Frontier
from archive.store import Archive
from crawler.discovery import Context, lead
from crawler.portal_crawl import BARREN_PAGES, FORBIDDEN_IN_A_ROW, UNANSWERED_IN_A_ROW, PortalCrawl
from crawler.portals import Portal
from tests.crawler.cms.site import HOME, Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

COLUMN = "/zfxxgk/nb/"


def _column(years: range) -> dict[str, Answer]:
    rows = "".join(
        f'<li><a href="{COLUMN}t{year + 1}0120_{year}.html">{name("岚溪县", year)}</a>'
        f"<span>{year + 1}-01-20</span></li>"
        for year in years
    )
    pages: dict[str, Answer] = {COLUMN: page(f"<ul>{rows}</ul>")}
    return pages | {f"{COLUMN}t{year + 1}0120_{year}.html": report("岚溪县", year) for year in years}


def test_a_host_that_forbids_one_page_after_another_is_left_alone(tmp_path: Path) -> None:
    pages = {"/": home((COLUMN, "政府信息公开年报"))} | _column(range(2000, 2025))
    pages |= dict.fromkeys([path for path in pages if path.endswith(".html")], 403)
    site = Site(pages)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.reason) == ("blocked", "blocked:403")
    assert len(site.paths(COLUMN)) == 1 + FORBIDDEN_IN_A_ROW


def test_single_forbidden_pages_block_nothing(tmp_path: Path) -> None:
    pages = {"/": home((COLUMN, "政府信息公开年报"))} | _column(range(2000, 2025))
    forbidden = [path for path in sorted(pages) if path.endswith(".html")][::4]
    crawled = crawl(tmp_path, Site(pages | dict.fromkeys(forbidden, 403)))
    assert (crawled.result.status, crawled.result.reason) == ("partial", "partial:http:403")
    assert crawled.result.found == 25 - len(forbidden)


def _broken_off(answered: int) -> tuple[dict[str, Answer], dict[str, Answer]]:
    """A portal of 25 reports, and the same when only the first ``answered`` of them still come."""
    pages: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报"))} | _column(range(2000, 2025))
    details = [path for path in pages if path.endswith(".html")]
    return pages, pages | dict.fromkeys(details[answered:], 502)


def test_a_host_that_no_longer_answers_is_left_to_the_next_crawl(tmp_path: Path) -> None:
    pages, broken = _broken_off(6)
    site = Site(broken)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.reason, crawled.result.found) == ("partial", "partial:http:502", 6)
    assert len(site.paths(COLUMN)) == 1 + 6 + UNANSWERED_IN_A_ROW
    again = Site(pages)
    crawled = crawl(tmp_path, again)
    assert (crawled.result.status, crawled.result.reason, crawled.result.found) == ("ok", None, 25)
    assert len(again.asked) == 25 - 6


def test_a_host_that_stays_silent_is_given_up_the_second_time(tmp_path: Path) -> None:
    _, broken = _broken_off(6)
    crawl(tmp_path, Site(broken))
    site = Site(broken)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.reason) == ("partial", "partial:http:502")
    assert len(site.asked) == UNANSWERED_IN_A_ROW
    # That crawl is over: the next begins anew.
    anew = Site(broken)
    assert crawl(tmp_path, anew).result.found == 6
    assert COLUMN in anew.paths()


def test_single_silent_pages_do_not_end_the_crawl(tmp_path: Path) -> None:
    pages, _ = _broken_off(25)
    silent = [path for path in pages if path.endswith(".html")][::4]
    crawled = crawl(tmp_path, Site(pages | dict.fromkeys(silent, 502)))
    assert (crawled.result.status, crawled.result.found) == ("partial", 25 - len(silent))


def test_a_crawl_that_was_killed_before_its_first_address_begins_at_the_start(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "archive.db") as archive, archive.write_lock():
        archive.sync_portals([{"id": "lanxi", "name": "岚溪县人民政府", "start": [HOME]}])
        Frontier.open(archive.db, "lanxi", archive.begin_run("killed"))
    crawled = crawl(tmp_path, Site({"/": home((COLUMN, "政府信息公开年报"))} | _column(range(2020, 2025))))
    assert (crawled.result.status, crawled.result.found) == ("ok", 5)


def test_an_answer_that_several_need_is_asked_for_once(tmp_path: Path) -> None:
    script = "http://www.lanxi.gov.cn/js/site.js"
    with Archive.open(tmp_path / "archive.db") as archive, archive.write_lock():
        archive.sync_portals([{"id": "lanxi", "name": "岚溪县人民政府", "start": [HOME]}])
        known = Portal(id="lanxi", name="岚溪县人民政府", start=(HOME,))
        engine = PortalCrawl(archive, known, archive.begin_run("test"))
        start = engine.claim(())
        assert start is not None
        leads = [lead(script, COLUMN_KIND, 2, 400, Context(column=HOME, shared=organ)) for organ in ("001", "002")]
        engine.frontier.done(start, {}, leads)
        first = engine.claim(())
        assert first is not None
        for _ in range(10):
            assert engine.claim({first.id}) is None
        # The wait was no attempt: the other is still to be had.
        engine.failed(first, "http:404")
        second = engine.claim(())
        assert second is not None
        assert (second.lead.url, second.attempts) == (script, 1)


def test_a_site_that_lives_on_the_other_scheme_is_found_there(tmp_path: Path) -> None:
    pages = {"/": home((COLUMN, "政府信息公开年报"))} | _column(range(2020, 2025))
    secure = Site({f"https://www.lanxi.gov.cn{path}": body for path, body in pages.items()})
    crawled = crawl(tmp_path, secure)
    assert (crawled.result.status, crawled.result.found) == ("ok", 5)
    assert secure.paths()[:2] == ["/", "/"]


def test_a_list_of_something_else_under_a_columns_name_is_left(tmp_path: Path) -> None:
    def service(request: Request) -> Answer | None:
        if request.path != "/news/gknb/":
            return None
        number = int(request.query.get("page", 1))
        row = f'<li><a href="/news/{number}.html">岚溪县召开第{number}次会议</a><span>2024-01-20</span></li>'
        return page(f'<ul>{row}</ul><a href="/news/gknb/?page={number + 1}">下一页</a>共 900 条')

    pages = {"/": home((COLUMN, "政府信息公开年报"), ("/news/gknb/", "公开动态"))} | _column(range(2020, 2025))
    site = Site(pages, service)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 5)
    assert len(site.paths("/news/gknb/")) == BARREN_PAGES


def test_exploring_beyond_the_columns_stays_in_proportion(tmp_path: Path) -> None:
    sections = {f"/xxgk/{number}/": page("部门介绍" + "文" * 500) for number in range(50)}
    menu = [(path, "政府信息公开目录") for path in sections]
    pages: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报"), *menu), **sections}
    site = Site(pages | _column(range(2020, 2025)))
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 5)
    assert len(site.paths("/xxgk/")) <= 10


def test_nothing_found_yet_is_worth_every_section(tmp_path: Path) -> None:
    sections: dict[str, Answer] = {f"/xxgk/{number}/": page("部门介绍" + "文" * 500) for number in range(30)}
    last = page(f'<a href="{COLUMN}">政府信息公开年报</a>')
    pages: dict[str, Answer] = {
        "/": home(*((path, "政府信息公开目录") for path in (*sections, "/xxgk/last/"))),
        "/xxgk/last/": last,
        **sections,
    }
    assert crawl(tmp_path, Site(pages | _column(range(2020, 2025)))).result.found == 5


def _paged(tmp_path: Path, further: dict[str, Answer]) -> tuple[str | None, int]:
    years = range(2015, 2025)
    pages = _column(years)
    newer, older = _column(range(2020, 2025))[COLUMN], _column(range(2015, 2020))[COLUMN]
    assert isinstance(newer, bytes)
    pages |= {"/": home((COLUMN, "政府信息公开年报")), COLUMN: newer.replace(b"</ul>", "</ul>第1/2页".encode())}
    crawled = crawl(tmp_path, Site(pages | dict.fromkeys(further, older)))
    return crawled.result.reason, crawled.result.found


def test_pages_that_are_promised_but_not_linked_are_tried_under_their_usual_names(tmp_path: Path) -> None:
    for number, name_of_second in enumerate(("index_1.html", "index_2.html")):
        (tmp_path / str(number)).mkdir()
        assert _paged(tmp_path / str(number), {f"{COLUMN}{name_of_second}": ""}) == (None, 10)


def test_pages_that_are_promised_and_not_found_are_a_shortfall(tmp_path: Path) -> None:
    assert _paged(tmp_path, {}) == ("partial:declared_pages", 5)


def test_every_department_of_a_section_may_have_its_own_column(tmp_path: Path) -> None:
    organs = [f"岚溪县第{number}局" for number in range(30)]
    pages: dict[str, Answer] = {"/": home((COLUMN, "政府信息公开年报"), ("/xxgk/", "政府信息公开"))}
    pages |= _column(range(2020, 2025))
    pages["/xxgk/"] = page('<a href="/bm/">部门信息公开</a>' + "文" * 500)
    pages["/bm/"] = page("".join(f'<a href="/d{number}/">{organ}</a>' for number, organ in enumerate(organs)))
    for number, organ in enumerate(organs):
        rows = "".join(
            f'<li><a href="t{year + 1}0120_{year}.html">{name(organ, year)}</a><span>{year + 1}-01-20</span></li>'
            for year in range(2021, 2025)
        )
        pages[f"/d{number}/"] = page(f'<a href="nb/">政府信息公开年报</a>{"文" * 500}')
        pages[f"/d{number}/nb/"] = page(f"<ul>{rows}</ul>")
        pages |= {f"/d{number}/nb/t{year + 1}0120_{year}.html": report(organ, year) for year in range(2021, 2025)}
    site = Site(pages)
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", 5 + 30 * 4)
    assert len(site.asked) == len(pages)


def test_a_report_without_a_title_is_known_by_its_headings(tmp_path: Path) -> None:
    untitled = report("岚溪县", 2023).replace(name("岚溪县", 2023).encode(), "岚溪县教育局".encode())
    pages: dict[str, Answer] = {
        "/": home((COLUMN, "政府信息公开年报")),
        COLUMN: page(
            '<h3>2023年政府信息公开年报</h3><a href="t20240120_1.html">县教育局</a><a href="2022n/">2022年</a>'
        ),
        f"{COLUMN}t20240120_1.html": untitled,
        f"{COLUMN}2022n/": untitled.replace("岚溪县教育局".encode(), "岚溪县水务局".encode()),
    }
    assert set(crawl(tmp_path, Site(pages)).documents) == {f"{COLUMN}t20240120_1.html"[1:], f"{COLUMN}2022n/"[1:]}
