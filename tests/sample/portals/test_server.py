from __future__ import annotations

import socket
import tomllib
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from sample.portals import catalogue, files
from sample.portals.__main__ import main
from sample.portals.server import PortalServer
from sample.portals.site import TRUTH_PATH
from tests.sample.portals.visitor import Visitor

SITES = [f"S{number}" for number in range(1, 11)]


def test_all_twelve_are_there() -> None:
    keys = {key.removesuffix(key[3:]) if key.startswith("S11") else key for key in catalogue.SITES}
    assert keys == {f"S{number}" for number in range(1, 13)}


def test_the_log_tells_who_asked_what_on_which_port() -> None:
    with PortalServer(["S9", "S10"]) as server, Visitor(server, "S9") as visitor:
        visitor.get("http://zwgk.xuyang.gov.cn:9091/?a=1", headers={"Referer": "http://x/", "If-None-Match": '"1"'})
        visitor.get("https://www.bailu.gov.cn/robots.txt")
        visitor.client.post("http://zwgk.xuyang.gov.cn:9091/none", content=b"{}")
        visitor.get("http://127.0.0.1:1/secret")
        entries = [
            (one.method, one.url, one.status, one.conditional, one.user_agent, one.referer, one.body)
            for one in server.log
        ]
    assert entries == [
        ("GET", "http://zwgk.xuyang.gov.cn:9091/?a=1", 200, True, "visitor", "http://x/", b""),
        ("GET", "https://www.bailu.gov.cn/robots.txt", 200, False, "visitor", "", b""),
        ("POST", "http://zwgk.xuyang.gov.cn:9091/none", 405, False, "visitor", "", b"{}"),
        ("GET", "http://127.0.0.1:1/secret", 502, False, "visitor", "", b""),
    ]
    times = [entry.time for entry in server.log]
    assert times == sorted(times)


def test_connections_that_are_refused_are_logged() -> None:
    with PortalServer(["S5"]) as server, Visitor(server, "S5") as visitor:
        with pytest.raises(httpx.ProxyError):
            visitor.get("https://www.nanyue-sim.gov.cn/")
        assert [(one.method, one.host, one.port, one.status) for one in server.log] == [
            ("CONNECT", "www.nanyue-sim.gov.cn", 443, 502)
        ]


def test_the_same_seed_gives_the_same_truth_and_another_seed_another() -> None:
    one, same, other = (PortalServer(["S8"], seed=seed).truth("S8") for seed in (2019, 2019, 7))
    assert one == same
    figures = [truth.report("顾弦县人民政府", 2023).cells() for truth in (one, other)]
    assert figures[0] != figures[1]


def test_files_and_pages_are_the_same_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = []
    for _ in range(2):
        monkeypatch.setattr(files, "_MADE", {})
        with PortalServer(["S4"], speed=1e6) as server, Visitor(server, "S4") as visitor:
            attached = next(report for report in visitor.truth.reports if report.attachments)
            chosen = (attached, visitor.truth.reports[0])
            bodies.append([visitor.get(url).content for report in chosen for url in (*report.urls, *report.sources)])
    assert bodies[0] == bodies[1]


def test_names_may_end_otherwise() -> None:
    with PortalServer(["S1"], suffix="gov.cn.sim") as server, Visitor(server, "S1") as visitor:
        assert visitor.truth.start == ("http://www.shaling.gov.cn.sim/",)
        assert visitor.get(visitor.truth.reports[0].urls[0]).status_code == 200


def test_the_truth_of_every_site_can_be_served() -> None:
    with PortalServer(["S7"]) as server, Visitor(server, "S7") as visitor:
        served = visitor.get(visitor.url("www.wanbei", TRUTH_PATH)).json()
        truth = visitor.truth
    assert served["minimum"] == truth.minimum == len(set(truth.needed))
    assert [report["detail_url"] for report in served["reports"]] == [list(report.urls) for report in truth.reports]


def test_the_portal_file_names_the_sites_and_their_pace(tmp_path: Path) -> None:
    server = PortalServer(["S1", "S7", "S10"])
    portals = tomllib.loads(server.portal_file(tmp_path / "portals.toml").read_text("utf-8"))["portal"]
    assert [(portal["id"], portal["delay"]) for portal in portals] == [("s1", 0), ("s7", 0.5), ("s10", 2)]
    assert portals[0]["start"] == ["http://www.shaling.gov.cn/"]
    assert (portals[0]["province"], portals[0]["city"], portals[0]["county"]) == ("朔原自治区", "塔林市", "沙岭县")


def test_a_taken_port_is_told_in_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = CliRunner().invoke(main, ["--port", str(port), "--site", "S1"])
    assert result.exit_code == 1
    assert result.output == f"Error: cannot serve on port {port}: Address already in use; try --port 0\n"


@pytest.mark.parametrize("key", SITES)
def test_nothing_links_to_the_truth(key: str) -> None:
    with PortalServer([key], speed=1e6) as server, Visitor(server, key) as visitor:
        for url in visitor.truth.start:
            assert "__truth" not in visitor.client.get(url, follow_redirects=True).text
