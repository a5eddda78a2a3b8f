"""The network goes away in the middle of a crawl: the crawl says so, and the next one completes it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sample.portals.server import PortalServer
from tests.crawler.portals.kills import CRAWL, SECONDS, Undisturbed, content, serve, undisturbed
from tests.e2e import program

pytestmark = pytest.mark.e2e

SITE = "S3"
AFTER, LATE = 25, 60


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(SITE, tmp_path_factory.mktemp("whole"))


def _wait_until_asked(server: PortalServer, count: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while len(server.log) < count:
        assert time.monotonic() < deadline, f"only {len(server.log)} requests"
        time.sleep(0.005)


@pytest.mark.parametrize("after", [AFTER, LATE])
def test_a_server_that_stops_is_told_and_the_next_crawl_completes(
    whole: Undisturbed, after: int, tmp_path: Path
) -> None:
    with serve(SITE, tmp_path) as server:
        port, proxy = server.port, server.proxy_url
        crawl = program.start(tmp_path, *CRAWL, proxy=proxy)
        _wait_until_asked(server, after)
    done = program.finish(crawl, SECONDS)
    assert done.returncode == 1
    ((status, reason),) = program.query(tmp_path, "SELECT status, status_reason FROM portals")
    assert status == "partial"
    assert reason in done.stdout
    if after == AFTER:
        assert reason == "partial:connection"
    before = set(program.query(tmp_path, "SELECT url FROM captures"))
    with serve(SITE, tmp_path, port=port) as server:
        done = program.finish(program.start(tmp_path, *CRAWL, proxy=proxy), SECONDS)
        asked = {entry.url for entry in server.log}
    assert done.returncode == whole.status
    assert program.differences(whole.dump, content(tmp_path)) == {}
    if after == LATE:
        # Too little was left to tell a cut from documents that are broken: that crawl is over.
        return
    # What was there already is not asked for again.
    assert not {url for (url,) in before} & asked


def test_without_a_proxy_nothing_begins(tmp_path: Path) -> None:
    with serve(SITE, tmp_path) as server:
        proxy = server.proxy_url
    done = program.finish(program.start(tmp_path, *CRAWL, proxy=proxy), SECONDS)
    assert done.returncode == 1
    assert program.query(tmp_path, "SELECT status, status_reason FROM portals") == [("failed", "failed:connection")]
    assert "failed:connection" in done.stdout


def test_a_name_that_does_not_resolve_is_told(tmp_path: Path) -> None:
    entry = '[[portal]]\nid = "nowhere"\nname = "某县人民政府"\nstart = ["http://www.nowhere.invalid/"]\ndelay = 0\n'
    (tmp_path / "portals.toml").write_text(entry, "utf-8")
    done = program.finish(program.start(tmp_path, *CRAWL), SECONDS)
    assert done.returncode == 1
    assert program.query(tmp_path, "SELECT status, status_reason FROM portals") == [("failed", "failed:dns")]


def test_every_third_connection_is_reset_and_all_is_found(tmp_path: Path) -> None:
    with serve("S11n", tmp_path) as server:
        done = program.finish(program.start(tmp_path, *CRAWL, proxy=server.proxy_url), SECONDS)
        wanted = {report.year for report in server.truth("S11n").reports}
        count = len(server.truth("S11n").reports)
    assert done.returncode == 0
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(count,)]
    assert {row[0] for row in program.query(tmp_path, "SELECT year FROM reports")} == wanted
