"""Whole crawls of a small portal on loopback."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.crawler import lanxi
from tests.crawler.crawl_process import ROOT, crawl, portal, start
from tests.crawler.portal_server import PortalServer

pytestmark = pytest.mark.e2e

COLUMN = "/xxgk/zfxxgk/nianbao/"
ATTACHMENT = f"{COLUMN}202101/P0202101.pdf"
LISTED_PDF = f"{COLUMN}P020240601.pdf"
DOCUMENTS = {*(lanxi.report_path(year) for year in lanxi.YEARS), ATTACHMENT, LISTED_PDF}


@pytest.fixture
def server() -> Iterator[PortalServer]:
    with PortalServer(lanxi.pages()) as running:
        yield running


def _query(archive: Path, sql: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(archive) as connection:
        return connection.execute(sql).fetchall()


def _captured(archive: Path, base: str) -> set[str]:
    rows = _query(archive, "SELECT DISTINCT url FROM captures WHERE sha256 IS NOT NULL")
    return {str(row[0]).removeprefix(base) for row in rows}


def test_finds_every_report_from_the_home_page(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("ok", None)
    assert result["listed"] == len(lanxi.YEARS) + 1
    assert result["found"] == result["new"] == len(DOCUMENTS)
    assert _captured(archive, server.url) >= DOCUMENTS | {"/", COLUMN, f"{COLUMN}index_1.html"}
    asked = server.asked()
    assert len(asked) == len(set(asked)) == result["requests"]
    for distractor in (
        "/login/",
        "/wzbb/",
        "/xxgk/juesuan/",
        "/xxgk/fzzf/ndbg/",
        "/news/t20240101_9.html",
        "/manual.pdf",
    ):
        assert distractor not in asked
    assert not any("_77." in path or "_78." in path or "_79." in path for path in asked)
    assert all(agent.startswith("Nianbao/") for agent in server.agents)


def test_a_database_that_turns_out_damaged_ends_the_crawl(server: PortalServer, tmp_path: Path) -> None:
    """It is asked for the last captures between the frontier and the portal."""
    archive, portals = tmp_path / "archive.db", [portal("lanxi", server.url + "/")]
    crawl(archive, portals)
    with closing(sqlite3.connect(archive)) as db:
        db.execute("PRAGMA journal_mode=DELETE")
        page, size = db.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'captures_url'"
        ).fetchone()
    with archive.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    process = start(archive, portals)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 1, output
    assert "database disk image is malformed; restore it from a copy" in errors
    assert "in an unusual way" not in errors


def test_keeps_what_pages_say_of_a_document(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    crawl(archive, [portal("lanxi", server.url + "/")])
    origins = {
        str(row[0]).removeprefix(server.url): row[1:]
        for row in _query(archive, "SELECT url, title, published_on, landing_url FROM _origins")
    }
    landing = server.url + lanxi.report_path(2020)
    assert origins[ATTACHMENT] == (lanxi.title(2020), "2021-01-20", landing)
    assert origins[lanxi.report_path(2023)] == (lanxi.title(2023), "2024-01-20", None)
    assert origins[LISTED_PDF][1] == "2014-02-01"


def test_second_crawl_asks_only_for_what_changed(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    crawl(archive, [portal("lanxi", server.url + "/")])
    server.log.clear()
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["found"]) == ("ok", len(DOCUMENTS))
    assert (result["new"], result["changed"], result["vanished"]) == (0, 0, 0)
    assert set(server.asked(304)) >= DOCUMENTS
    assert {COLUMN, f"{COLUMN}index_2.html"} <= set(server.asked(304))
    assert "/" not in server.asked()
    assert not DOCUMENTS & set(server.asked(200))


def test_a_visit_counter_is_no_change_but_a_number_is(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    counted, corrected = lanxi.report_path(2022), lanxi.report_path(2021)
    visits = itertools.count(100)
    original = server.pages[counted]
    assert isinstance(original, bytes)
    server.pages[counted] = lambda: original.replace(b"</h1>", f"</h1><i>浏览次数：{next(visits)}</i>".encode())
    server.without_validators.add(counted)
    crawl(archive, [portal("lanxi", server.url + "/")])
    before = server.pages[corrected]
    assert isinstance(before, bytes)
    server.pages[corrected] = before.replace("各项工作".encode(), "12项工作".encode())
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["new"], result["changed"]) == (0, 1)


def test_reports_that_are_gone_or_no_longer_listed_are_counted_once(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    crawl(archive, [portal("lanxi", server.url + "/")])
    server.statuses[lanxi.report_path(2024)] = 404
    for path, body in server.pages.items():
        if isinstance(body, bytes) and path.startswith(COLUMN):
            server.pages[path] = body.replace(b"t20150120_2014.html", b"")
    results = [crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"] for _ in range(2)]
    assert [result["vanished"] for result in results] == [2, 0]
    missing = _query(archive, "SELECT url, reason FROM _sightings WHERE missing_since IS NOT NULL ORDER BY url")
    assert missing == [
        (server.url + lanxi.report_path(2014), "unlisted"),
        (server.url + lanxi.report_path(2024), "gone"),
    ]
    assert lanxi.report_path(2024) in _captured(archive, server.url)


def test_robots_txt_that_forbids_all_is_obeyed(server: PortalServer, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = b"User-agent: *\nDisallow: /\n"
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"], result["found"]) == ("robots", "robots", 0)
    assert server.asked() == ["/robots.txt"]


def test_robots_txt_that_forbids_a_folder_is_said(server: PortalServer, tmp_path: Path) -> None:
    server.pages["/robots.txt"] = f"User-agent: *\nDisallow: {COLUMN}202501/\n".encode()
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("ok", "robots")
    assert result["found"] == len(DOCUMENTS) - 1
    assert lanxi.report_path(2024) not in server.asked()


def test_a_robots_txt_in_error_forbids_everything(server: PortalServer, tmp_path: Path) -> None:
    server.statuses["/robots.txt"] = 500
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert result["status"] == "robots"
    assert set(server.asked()) == {"/robots.txt"}


def test_out_of_its_hours_a_portal_is_not_asked(server: PortalServer, tmp_path: Path) -> None:
    archive, now = tmp_path / "archive.db", datetime.now(UTC) + timedelta(hours=8)
    hours = "-".join((now + timedelta(hours=later)).strftime("%H:%M") for later in (2, 3))
    result = crawl(archive, [portal("lanxi", server.url + "/", hours=hours)])["lanxi"]
    assert (result["status"], result["reason"], server.asked()) == ("partial", "partial:hours", [])
    assert crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]["found"] == len(DOCUMENTS)


def test_one_portal_that_cannot_be_reached_does_not_stop_the_others(server: PortalServer, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        results = crawl(
            tmp_path / "archive.db",
            [
                portal("closed", f"http://127.0.0.1:{port}/"),
                portal("nowhere", "http://www.nowhere.invalid/"),
                portal("lanxi", server.url + "/"),
            ],
        )
    assert (results["closed"]["status"], results["closed"]["reason"]) == ("failed", "failed:connection")
    assert (results["nowhere"]["status"], results["nowhere"]["reason"]) == ("failed", "failed:dns")
    assert (results["lanxi"]["status"], results["lanxi"]["found"]) == ("ok", len(DOCUMENTS))
    rows = _query(tmp_path / "archive.db", "SELECT portal_id, status FROM portal_runs ORDER BY portal_id")
    assert rows == [("closed", "failed"), ("lanxi", "ok"), ("nowhere", "failed")]


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (412, b"<html><script>var a</script></html>", "blocked:412"),
        (521, b"<html><script>document.cookie</script></html>", "blocked:521"),
        (200, b"<html><script r='m'>$_ts=window['$_ts'];</script></html>", "blocked:rs"),
        (403, b"<html>wzwschallenge</html>", "blocked:403"),
    ],
)
def test_challenges_are_reported_and_not_repeated(
    server: PortalServer, tmp_path: Path, status: int, body: bytes, reason: str
) -> None:
    server.pages["/"] = body
    server.statuses["/"] = status
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"], result["found"]) == ("blocked", reason, 0)
    assert server.asked() == ["/robots.txt", "/"]


def test_a_challenge_in_the_middle_stops_the_host(server: PortalServer, tmp_path: Path) -> None:
    server.statuses[f"{COLUMN}index_1.html"] = 412
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("partial", "blocked:412")
    assert 0 < result["found"] < len(DOCUMENTS)


def test_a_truncated_file_is_asked_for_again(server: PortalServer, tmp_path: Path) -> None:
    server.truncated[LISTED_PDF] = 1
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert result["found"] == len(DOCUMENTS)
    assert server.asked().count(LISTED_PDF) == 2


def test_a_file_that_stays_truncated_is_not_kept(server: PortalServer, tmp_path: Path) -> None:
    server.truncated[LISTED_PDF] = 99
    archive = tmp_path / "archive.db"
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("partial", "partial:truncated")
    assert LISTED_PDF not in _captured(archive, server.url)


def test_a_login_page_in_place_of_a_file_is_not_kept(server: PortalServer, tmp_path: Path) -> None:
    server.pages[LISTED_PDF] = lanxi.page("请登录")
    archive = tmp_path / "archive.db"
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert result["failed"] == 1
    assert LISTED_PDF not in _captured(archive, server.url)


def test_a_promised_list_page_that_fails_is_a_shortfall(server: PortalServer, tmp_path: Path) -> None:
    server.statuses[f"{COLUMN}index_2.html"] = 404
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("partial", "partial:declared_pages")


def test_rows_short_of_the_declared_total_are_a_shortfall(server: PortalServer, tmp_path: Path) -> None:
    first = server.pages[COLUMN]
    assert isinstance(first, bytes)
    server.pages[COLUMN] = first.replace(b"</table>", "</table>共 40 条记录".encode())
    result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("partial", "partial:declared_total")


def test_a_redirect_to_a_foreign_host_is_not_followed(server: PortalServer, tmp_path: Path) -> None:
    moved = lanxi.report_path(2019)
    server.statuses[moved] = 302
    server.headers[moved] = {"Location": f"http://localhost:{server.port}/inside"}
    archive = tmp_path / "archive.db"
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["found"], result["failed"]) == (len(DOCUMENTS) - 1, 1)
    assert "/inside" not in server.asked()
    assert _query(archive, "SELECT reason FROM _frontier WHERE reason = 'host'") == [("host",)]


def test_a_section_that_fails_is_a_shortfall_even_if_reports_were_found(tmp_path: Path) -> None:
    pages = lanxi.pages()
    home = pages["/"]
    assert isinstance(home, bytes)
    pages["/"] = home.replace(b"</body>", '<a href="/bm/">政府信息公开平台</a></body>'.encode())
    with PortalServer(pages) as server:
        server.statuses["/bm/"] = 500
        result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["reason"]) == ("partial", "partial:http:500")


def test_a_shell_that_leads_into_the_void_is_a_failure(tmp_path: Path) -> None:
    shell = b"<html><script>location.replace('./index.shtml')</script></html>"
    with PortalServer({"/": shell}) as server:
        result = crawl(tmp_path / "archive.db", [portal("shell", server.url + "/")])["shell"]
    assert (result["status"], result["reason"]) == ("failed", "failed:http:404")


def test_a_dead_report_that_answers_with_the_home_page_is_not_kept(server: PortalServer, tmp_path: Path) -> None:
    dead, soft = lanxi.report_path(2019), lanxi.report_path(2018)
    server.statuses[dead] = 302
    server.headers[dead] = {"Location": "/"}
    server.pages[soft] = lanxi.page("您访问的页面不存在或已被删除")
    archive = tmp_path / "archive.db"
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["found"], result["failed"]) == ("ok", len(DOCUMENTS) - 2, 2)
    assert soft not in _captured(archive, server.url)


def test_a_portal_without_a_column_is_no_success(tmp_path: Path) -> None:
    with PortalServer({"/": lanxi.page('<a href="/xxgk/">政务公开</a>'), "/xxgk/": lanxi.page("建设中")}) as server:
        result = crawl(tmp_path / "archive.db", [portal("empty", server.url + "/")])["empty"]
    assert (result["status"], result["reason"]) == ("partial", "partial:no_column")


def test_shells_frames_and_year_folders_are_followed(tmp_path: Path) -> None:
    def listed(year: int) -> bytes:
        return lanxi.page(lanxi.row(f"/zw/a/t{year + 1}0120_{year}.html", lanxi.title(year), f"{year + 1}-01-20"))

    pages = {
        "/": b"<html><script>location.replace('./index.shtml')</script></html>",
        "/index.shtml": lanxi.page("", '<meta http-equiv="refresh" content="0; url=/zw/">'),
        "/zw/": lanxi.page('<iframe src="/zw/menu.html"></iframe>' + "文" * 500),
        "/zw/menu.html": lanxi.page('<a href="/zw/nb/"><img src="a.png" alt="政府信息公开年报"></a>'),
        "/zw/nb/": lanxi.page(
            '<select onchange="location.href=this.value"><option value="/zw/nb/2023n/">2023年</option>'
            '<option value="/zw/nb/x78/">2024</option></select>'
        ),
        "/zw/nb/2023n/": lanxi.page('<a href="./bm/">县政府部门</a>'),
        "/zw/nb/2023n/bm/": listed(2023),
        "/zw/nb/x78/": listed(2024),
        "/zw/a/t20240120_2023.html": lanxi.article(lanxi.title(2023), "2024-01-20"),
        "/zw/a/t20250120_2024.html": lanxi.article(lanxi.title(2024), "2025-01-20"),
    }
    with PortalServer(dict(pages)) as server:
        result = crawl(tmp_path / "archive.db", [portal("shell", server.url + "/")])["shell"]
    assert (result["status"], result["found"]) == ("ok", 2)


def test_a_portal_in_gb18030_without_a_declaration_is_read(tmp_path: Path) -> None:
    pages = {
        path: body.decode().encode("gb18030") if isinstance(body, bytes) and body.startswith(b"<html") else body
        for path, body in lanxi.pages().items()
    }
    with PortalServer(pages) as server:
        result = crawl(tmp_path / "archive.db", [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["found"]) == ("ok", len(DOCUMENTS))


def test_a_killed_crawl_goes_on_where_it_was(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    server.pause = 0.05
    process = start(archive, [portal("lanxi", server.url + "/")])
    deadline = time.monotonic() + 60
    while len(set(server.asked()) & DOCUMENTS) < 4:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    server.pause = 0
    time.sleep(0.3)
    done = {
        str(row[0]).removeprefix(server.url)
        for row in _query(archive, "SELECT url FROM _frontier WHERE state = 'done'")
    }
    assert done & DOCUMENTS
    assert not done >= DOCUMENTS
    server.log.clear()
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["found"]) == ("ok", len(DOCUMENTS))
    assert not done & set(server.asked())
    assert _captured(archive, server.url) >= DOCUMENTS
    assert _query(archive, "SELECT count(*) FROM _crawls") == [(1,)]


def test_interrupting_leaves_the_crawl_to_be_resumed(server: PortalServer, tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    server.pause = 0.05
    process = start(archive, [portal("lanxi", server.url + "/")])
    deadline = time.monotonic() + 60
    while not set(server.asked()) & DOCUMENTS:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert '"interrupted"' in output, errors
    server.pause = 0
    result = crawl(archive, [portal("lanxi", server.url + "/")])["lanxi"]
    assert (result["status"], result["found"]) == ("ok", len(DOCUMENTS))


def test_scrapy_crawl_works_from_the_checkout(server: PortalServer, tmp_path: Path) -> None:
    portals = tmp_path / "portals.toml"
    portals.write_text(
        f'[[portal]]\nid = "lanxi"\nname = "岚溪县人民政府"\nstart = "{server.url}/"\ndelay = 0\n', "utf-8"
    )
    archive = tmp_path / "archive.db"
    arguments = ["-a", "portal=lanxi", "-a", f"portals={portals}", "-a", f"archive={archive}"]
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "portal", *arguments],
        cwd=ROOT,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _query(archive, "SELECT status, found FROM portal_runs") == [("ok", len(DOCUMENTS))]
    assert _query(archive, "SELECT finished_at IS NOT NULL FROM runs") == [(1,)]
