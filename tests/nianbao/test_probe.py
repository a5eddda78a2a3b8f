"""``nianbao portals probe`` against simulated portals."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from crawler import portals
from crawler.portals import Portal
from crawler.probe import Probe, Visit
from sample.portals.server import PortalServer
from sample.proxy import ProxyServer
from sample.web import Host, Request, Response, content, redirect
from tests.crawler.crawl_process import ROOT

SECONDS = 300
PAGE = "<html><head><title>岚溪县人民政府</title></head><body>{}<p>" + "岚溪县政务动态。" * 60 + "</p></body></html>"


def probe(folder: Path, proxy: str, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the command in ``folder`` as users do."""
    process = start(folder, proxy, *arguments)
    output, errors = process.communicate(timeout=SECONDS)
    assert "Traceback" not in errors, errors
    assert process.returncode == status, f"{output}\n{errors}"
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def start(folder: Path, proxy: str, *arguments: str) -> subprocess.Popen[str]:
    """Start the command in ``folder``."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"http_proxy": proxy, "https_proxy": proxy, "no_proxy": "", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-m", "nianbao", "portals", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class Hosts(ProxyServer):
    """Hosts by name; ``answers`` gives what each says to whatever it is asked."""

    def __init__(self, answers: Mapping[str, Callable[[Request], Response]]) -> None:
        super().__init__()
        self._hosts = {name: Host(prefixes={"/": answer}) for name, answer in answers.items()}

    def host(self, name: str, port: int) -> Host | None:
        return self._hosts.get(name) if port == 80 else None

    def known(self) -> list[str]:
        return sorted(self._hosts)

    def ready(self) -> None:
        """Nothing to do."""


def page(links: str = "", encoding: str = "utf-8") -> Callable[[Request], Response]:
    """A home page, and nothing else."""

    def answer(request: Request) -> Response:
        if request.path != "/":
            return content("404", "text/plain", 404)
        return content(PAGE.format(links).encode(encoding), "text/html; charset=utf-8")

    return answer


# Simulated sites --------------------------------------------------------------------------

SITES = ("S1", "S3", "S5", "S9", "S10", "S8", "S11a", "S11b", "S11b2", "S11d", "S11d3", "S11j3", "S11k3")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, dict[str, Any]]]:
    """What one probe says of many sites, by their keys."""
    folder = tmp_path_factory.mktemp("probe")
    with PortalServer(SITES, speed=20) as server:
        file = server.portal_file(folder / "portals.toml")
        before = file.read_bytes()
        ids = {key: server.site(key).id for key in SITES}
        arguments = ("probe", *ids.values(), "--portals", "portals.toml", "--json")
        done = probe(folder, server.proxy_url, *arguments, status=1)
        assert file.read_bytes() == before
        assert sorted(path.name for path in folder.iterdir()) == ["portals.toml"]
        # Robots.txt, the page, its robots.txt elsewhere and the alternatives of a dead address.
        assert len(server.log) < 12 * len(SITES)
        found = {row["id"]: row for row in json.loads(done.stdout)}
        yield {key: found[ids[key]] for key in SITES}


@pytest.mark.parametrize(
    ("key", "family", "encoding", "robots"),
    [
        ("S1", "trs", "gb18030", "none"),
        ("S3", "hanweb", "utf-8", "none"),
        ("S5", "gkmlpt", "utf-8", "none"),
        ("S9", "epoint", "utf-8", "none"),
        ("S10", "aspnet", "utf-8", "allowed"),
        ("S8", "vsb", "utf-8", "none"),
    ],
)
def test_a_portal_that_works_is_described(
    key: str, family: str, encoding: str, robots: str, told: dict[str, dict[str, Any]]
) -> None:
    portal = told[key]
    (visit,) = portal["visits"]
    assert portal["works"]
    assert visit["reached"]
    assert (visit["status"], visit["family"], visit["encoding"], visit["robots"]) == (200, family, encoding, robots)
    assert visit["title"]
    assert any("年报" in candidate["label"] for candidate in visit["candidates"])


def test_the_best_candidate_is_looked_at(told: dict[str, dict[str, Any]]) -> None:
    best = told["S3"]["visits"][0]["candidates"][0]
    assert best["url"].endswith("/col/col1229385402/index.html")
    assert (best["reports"], best["years"][-1]) == (30, 2025)


@pytest.mark.parametrize(
    ("key", "reason", "status", "robots", "said"),
    [
        ("S11a", "blocked:jsl", None, None, "are not solved"),
        ("S11b", "blocked:rs", 412, None, "are not solved"),
        ("S11b2", "blocked:rs", 200, None, "are not solved"),
        ("S11d", "robots", None, "forbidden", "robots.txt forbids"),
        ("S11d3", "robots", None, "unreadable", "answers with an error"),
        ("S11j3", "http:503", 503, None, "in trouble"),
    ],
)
def test_what_cannot_be_crawled_is_told_with_its_reason(
    key: str, reason: str, status: int | None, robots: str | None, said: str, told: dict[str, dict[str, Any]]
) -> None:
    portal = told[key]
    (visit,) = portal["visits"]
    assert not portal["works"]
    assert (visit["reason"], visit["status"]) == (reason, status)
    assert robots is None or visit["robots"] == robots
    assert said in " ".join(portal["advice"])
    assert portal["changes"] == {}


def test_old_tls_is_found_out(told: dict[str, dict[str, Any]]) -> None:
    portal = told["S11k3"]
    assert not portal["works"]
    assert portal["visits"][0]["reason"] == "failed:tls"
    assert portal["changes"] == {"start": ["https://www.fault-k3.gov.cn/"], "tls": "legacy"}
    assert any('tls = "legacy"' in line for line in portal["advice"])


def test_a_new_scheme_of_a_portal_that_works_is_told(told: dict[str, dict[str, Any]]) -> None:
    assert told["S10"]["works"]
    assert told["S10"]["changes"] == {"start": ["https://www.bailu.gov.cn/"]}


# Portals that moved -----------------------------------------------------------------------


def by_script(request: Request) -> Response:
    """A root that only leads on to the home page."""
    if request.path == "/":
        return content('<html><script>location.replace("./index.shtml")</script></html>', "text/html")
    return content(PAGE.format(""), "text/html")


def to(address: str) -> Callable[[Request], Response]:
    """A host that sends all visitors to ``address``."""
    return lambda request: redirect(address, 301)


HOSTS: dict[str, Callable[[Request], Response]] = {
    "www.old.gov.cn": to("http://www.new.gov.cn/"),
    "www.new.gov.cn": page(),
    "www.script.gov.cn": by_script,
    "www.away.gov.cn": to("http://www.away-news.com/"),
    "www.away-news.com": page(),
    "www.loopback.gov.cn": to("http://127.0.0.1:1/"),
    "www.metadata.gov.cn": to("http://169.254.169.254/latest/"),
    "www.inside.gov.cn": to("http://10.0.0.8/"),
    "www.circle.gov.cn": to("/?again=1"),
    "bare.gov.cn": page(),
    "www.gbk.gov.cn": page(encoding="gb18030"),
}
TRIED = ("old", "script", "away", "loopback", "metadata", "inside", "circle", "bare", "gbk", "gone")
ENTRY = (
    '# {0}\n[[portal]]\nid = "{0}"  # aligned\nname = "岚溪县人民政府"\nstart = ["http://www.{0}.gov.cn/"]\ndelay = 0\n'
)


@dataclass
class Tried:
    """What a probe of :data:`TRIED` said, what was asked, and the file after a probe that writes."""

    told: dict[str, dict[str, Any]]
    asked: list[str]
    written: str
    shown: str


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Tried:
    folder = tmp_path_factory.mktemp("moved")
    file = folder / "portals.toml"
    text = "".join(ENTRY.format(name) for name in TRIED)
    file.write_text(text, "utf-8")
    with Hosts(HOSTS) as server:
        arguments = ("probe", *TRIED, "--portals", "portals.toml")
        done = probe(folder, server.proxy_url, *arguments, "--json", status=1)
        assert file.read_text("utf-8") == text
        asked = [entry.url for entry in server.log if not entry.path.endswith("robots.txt")]
        shown = probe(folder, server.proxy_url, *arguments, "--write", status=1).stdout
    return Tried({row["id"]: row for row in json.loads(done.stdout)}, asked, file.read_text("utf-8"), shown)


@pytest.mark.parametrize(
    ("name", "works", "changes"),
    [
        ("old", False, {"start": ["http://www.new.gov.cn/"]}),
        # The same host: the entry stays as it is.
        ("script", True, {}),
        ("away", False, {}),
        ("loopback", False, {}),
        ("circle", False, {}),
        ("bare", False, {"start": ["http://bare.gov.cn/"]}),
        ("gbk", True, {}),
        ("gone", False, {}),
    ],
)
def test_what_to_change_is_told_and_written(name: str, works: bool, changes: dict[str, Any], tried: Tried) -> None:
    told = tried.told[name]
    assert (told["works"], told["changes"]) == (works, changes)
    (written,) = [one for one in portals.parse(tried.written, "portals.toml") if one.id == name]
    assert list(written.start) == changes.get("start", [f"http://www.{name}.gov.cn/"])
    assert written.last_verified == (date.today().isoformat() if works or changes else None)
    assert f'# {name}\n[[portal]]\nid = "{name}"  # aligned\n' in tried.written
    assert f" http://www.{name}.gov.cn/ " in tried.shown
    if not works and not changes:
        assert f"- http://www.{name}.gov.cn/: {told['visits'][0]['reason']}" in tried.shown


def test_redirects_are_followed_to_tell_where_they_lead(tried: Tried) -> None:
    hops = {name: tried.told[name]["visits"][0]["hops"] for name in ("old", "script", "away")}
    assert hops["old"] == ["http://www.new.gov.cn/"]
    assert hops["script"] == ["http://www.script.gov.cn/index.shtml"]
    assert hops["away"] == ["http://www.away-news.com/"]


@pytest.mark.parametrize("name", ["away", "loopback", "metadata", "inside"])
def test_only_governments_hosts_are_asked(name: str, tried: Tried) -> None:
    (visit,) = tried.told[name]["visits"]
    assert visit["reason"] == "host"
    assert all(urlsplit(url).hostname.endswith(".gov.cn") for url in tried.asked)  # type: ignore[union-attr]


def test_what_was_not_seen_to_work_does_not() -> None:
    portal = Portal("lanxi", "岚溪县人民政府", ("http://www.lanxi.gov.cn/",))
    assert not Visit("http://www.lanxi.gov.cn/").reached
    assert not Probe(portal).works
    assert not Probe(portal, [Visit("http://www.lanxi.gov.cn/")]).would_work


def test_a_circle_of_redirects_ends(tried: Tried) -> None:
    assert tried.told["circle"]["visits"][0]["reason"] == "redirects"
    assert 2 <= sum("circle" in url for url in tried.asked) < 40


def test_a_page_of_another_encoding_than_declared_is_told(tried: Tried) -> None:
    (visit,) = tried.told["gbk"]["visits"]
    assert (visit["declared"], visit["encoding"], visit["title"]) == ("utf-8", "gb18030", "岚溪县人民政府")
    assert any("no column" in line for line in tried.told["gbk"]["advice"])


def test_a_portal_is_not_asked_out_of_its_hours(tmp_path: Path) -> None:
    now = datetime.now(timezone(timedelta(hours=8)))
    hours = f"{(now + timedelta(hours=2)).strftime('%H:%M')}-{(now + timedelta(hours=3)).strftime('%H:%M')}"
    (tmp_path / "portals.toml").write_text(ENTRY.format("lanxi") + f'hours = "{hours}"\n', "utf-8")
    with Hosts({"www.lanxi.gov.cn": page()}) as server:
        done = probe(tmp_path, server.proxy_url, "probe", "lanxi", "--portals", "portals.toml", "--json", status=1)
        assert server.log == []
    assert json.loads(done.stdout)[0]["visits"][0]["reason"] == "hours"


def test_an_interrupt_ends_a_probe(tmp_path: Path) -> None:
    """The second portal is not begun; what was seen of the first is told."""
    (tmp_path / "portals.toml").write_text(ENTRY.format("slow") + ENTRY.format("next"), "utf-8")
    answers = {"www.slow.gov.cn": lambda request: replace(page()(request), delay=60), "www.next.gov.cn": page()}
    with Hosts(answers) as server:
        process = start(tmp_path, server.proxy_url, "probe", "slow", "next", "--portals", "portals.toml")
        for _ in range(600):
            if server.log:
                break
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=60)
        assert process.returncode == 1
        assert "Traceback" not in errors
        assert "stopped after" in errors
        assert not any("next" in entry.host for entry in server.log)


def test_the_requests_are_those_of_a_crawl(tmp_path: Path) -> None:
    """Its name and contact, robots.txt first and kept to, and few pages."""
    links = "".join(f'<a href="/zwgk/{number}/">政府信息公开</a>' for number in range(40))

    def answer(request: Request) -> Response:
        if request.path == "/robots.txt":
            return content("User-agent: *\nDisallow: /zwgk/3", "text/plain")
        return content(PAGE.format(links), "text/html")

    entry = ENTRY.format("lanxi") + 'contact = "mailto:a@example.org"\n'
    (tmp_path / "portals.toml").write_text(entry, "utf-8")
    with Hosts({"www.lanxi.gov.cn": answer}) as server:
        probe(tmp_path, server.proxy_url, "--probe", "lanxi", "--portals", "portals.toml")
        asked = [entry.path for entry in server.log]
        agents = {entry.user_agent for entry in server.log}
    assert asked[0] == "/robots.txt"
    (agent,) = agents
    assert agent.startswith("Nianbao/")
    assert "a@example.org" in agent
    assert 3 <= len(asked) <= 7
    assert not any(path.startswith("/zwgk/3") for path in asked)
