"""Many portals in one run: how many at a time, which ones side by side, in which order."""

from __future__ import annotations

import signal
import time
from contextlib import ExitStack
from dataclasses import asdict
from itertools import accumulate, pairwise
from pathlib import Path

from archive.store import Archive
from crawler import settings
from crawler.portals import Portal
from crawler.turns import Turns, in_order
from tests.crawler import crawl_process
from tests.crawler.portal_server import PortalServer


def _portal(portal_id: str, *start: str) -> Portal:
    return Portal(portal_id, "岚溪县人民政府", start or (f"http://www.{portal_id}.gov.cn/",))


def _taken(turns: Turns) -> list[Portal]:
    return list(iter(turns.take, None))


def test_a_bounded_number_of_portals_is_crawled_at_a_time() -> None:
    turns = Turns([_portal(f"p{number}") for number in range(500)], at_once=8)
    begun = _taken(turns)
    assert [portal.id for portal in begun] == [f"p{number}" for number in range(8)]
    turns.give_back(begun[3])
    assert [portal.id for portal in _taken(turns)] == ["p8"]


def test_portals_of_one_domain_take_turns_and_hold_no_others_up() -> None:
    city, bureau = _portal("city", "http://www.lan.gov.cn/"), _portal("bureau", "https://zjj.lan.gov.cn/")
    one, other = _portal("one", "http://8.8.8.8:81/"), _portal("other", "http://8.8.8.8:82/")
    turns = Turns([city, bureau, _portal("elsewhere"), one, other], at_once=8)
    assert [portal.id for portal in _taken(turns)] == ["city", "elsewhere", "one", "other"]
    assert not turns.are_over
    turns.give_back(city)
    assert _taken(turns) == [bureau]
    for portal in (bureau, _portal("elsewhere"), one, other):
        turns.give_back(portal)
    assert turns.are_over


def test_what_was_stopped_comes_first_and_what_was_done_last_comes_last(tmp_path: Path) -> None:
    portals = [_portal(name) for name in ("newest", "oldest", "never", "stopped", "neither")]
    with Archive.open(tmp_path / "archive.db") as archive:
        archive.sync_portals(asdict(portal) for portal in portals)
        run_id = archive.begin_run("test")
        for name, moment in (("newest", "2026-03-02"), ("oldest", "2026-03-01"), ("stopped", "2026-03-03")):
            archive.db["portals"].update(name, {"last_run_at": moment})
        archive.db["_crawls"].insert({"portal_id": "stopped", "run_id": run_id, "started_at": "2026-03-03"})
        order = [portal.id for portal in in_order(archive, portals)]
    assert order == ["stopped", "never", "neither", "oldest", "newest"]


PAGE = b"<html><body><p>" + "岚溪县人民政府".encode() * 40 + b'<a href="/zwgk/">x</a></body></html>'


def test_many_portals_are_crawled_a_few_at_a_time_and_all_of_them(tmp_path: Path) -> None:
    spans: dict[str, list[float]] = {}
    with ExitStack() as stack:
        portals = []
        for number in range(settings.NIANBAO_PORTALS_AT_ONCE * 3):
            portal_id = f"p{number}"

            def page(portal_id: str = portal_id) -> bytes:
                spans.setdefault(portal_id, []).append(time.monotonic())
                return PAGE

            server = stack.enter_context(PortalServer({"/": page, "/robots.txt": page}))
            server.pause = 0.05
            portals.append(crawl_process.portal(portal_id, f"{server.url}/"))
        results = crawl_process.crawl(tmp_path / "archive.db", portals)
    assert {result["reason"] for result in results.values()} == {"partial:no_column"}
    assert list(results) == [portal["id"] for portal in portals]
    ends = [((min(span), 1), (max(span), -1)) for span in spans.values()]
    moments = sorted(end for both in ends for end in both)
    most = max(accumulate(change for _moment, change in moments))
    assert 1 < most <= settings.NIANBAO_PORTALS_AT_ONCE


def test_an_interrupt_begins_no_further_portal_and_the_next_run_does_the_rest(tmp_path: Path) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(PortalServer({"/": PAGE, "/zwgk/": PAGE})) for _ in range(20)]
        for server in servers:
            server.pause = 1.0
        portals = [crawl_process.portal(f"p{number}", f"{server.url}/") for number, server in enumerate(servers)]
        process = crawl_process.start(tmp_path / "archive.db", portals)
        for _ in range(600):
            if any(server.log for server in servers):
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        with Archive.open(tmp_path / "archive.db") as archive:
            begun = archive.db.conn.execute("SELECT count(*) FROM _crawls").fetchone()[0]
        assert 0 < begun <= settings.NIANBAO_PORTALS_AT_ONCE
        for server in servers:
            server.pause = 0
        results = crawl_process.crawl(tmp_path / "archive.db", portals)
        assert {result["reason"] for result in results.values()} == {"partial:no_column"}
        assert all(server.log for server in servers)


def test_portals_of_one_domain_are_never_asked_at_the_same_time(tmp_path: Path) -> None:
    """Two entries for one server: the second is begun when the first is done."""
    order: list[str] = []
    with PortalServer({}) as server:
        for folder in ("one", "other"):

            def page(folder: str = folder) -> bytes:
                order.append(folder)
                return PAGE.replace(b"/zwgk/", f"/{folder}/zwgk/".encode())

            server.pages |= {f"/{folder}/": page, f"/{folder}/zwgk/": page, f"/{folder}/zfxxgk/": page}
        server.pause = 0.1
        portals = [crawl_process.portal(folder, f"{server.url}/{folder}/") for folder in ("one", "other")]
        crawl_process.crawl(tmp_path / "archive.db", portals)
    assert set(order) == {"one", "other"}
    assert sum(before != after for before, after in pairwise(order)) == 1
