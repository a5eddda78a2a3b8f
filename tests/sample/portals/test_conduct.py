from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from sample.portals.conduct import offences
from sample.portals.server import PortalServer
from tests.sample.portals.visitor import Visitor


@contextmanager
def judged(key: str) -> Iterator[tuple[Visitor, list[str]]]:
    """A visitor, and the rules that it broke, known when it has gone."""
    broken: list[str] = []
    with PortalServer([key]) as server, Visitor(server, key) as visitor:
        yield visitor, broken
        broken += [offence.rule for offence in offences(server.site(key), server.log, "visitor")]


def test_good_conduct_breaks_no_rule() -> None:
    with judged("S6") as (visitor, broken):
        visitor.get(visitor.url("www.heishan", "/robots.txt"))
        visitor.walk()
    assert broken == []


@pytest.mark.parametrize(
    ("rule", "url"),
    [
        ("private", "http://127.0.0.1:8080/zfxxgk/"),
        ("private", "http://10.20.30.40/"),
        ("private", "http://localhost/"),
        ("unknown", "http://www.brianwinch.com/"),
        ("truth", "http://www.fault-o.gov.cn/__truth.json"),
    ],
)
def test_where_nobody_should_go(rule: str, url: str) -> None:
    with judged("S11o") as (visitor, broken):
        visitor.get(visitor.url("www.fault-o", "/robots.txt"))
        visitor.get(url)
    assert broken == [rule]


def test_foreign_hosts() -> None:
    with judged("S12") as (visitor, broken):
        [mirror] = [page.url for page in visitor.truth.non_reports if page.reason == "mirror"]
        missing = [page.url for page in visitor.truth.non_reports if page.reason == "missing"]
        for url in ("http://www.hubsheng-gov.com/robots.txt", mirror, "http://www.heishan.gov.cn/robots.txt", *missing):
            visitor.get(url)
    assert broken == ["foreign", "foreign"]


def test_robots_are_to_be_asked_and_obeyed_in_time() -> None:
    with judged("S10") as (visitor, broken):
        base = visitor.url("www.bailu", "", "https")
        for path in ("/", "/robots.txt", "/Admin/Login.aspx", "/Item/2300.aspx"):
            visitor.get(base + path)
        visitor.get(visitor.url("www.bailu", "/robots.txt"))
        visitor.get(visitor.url("www.bailu", "/Admin/"))
    assert broken == ["unasked", "robots", "delay", "delay", "robots"]


@pytest.mark.parametrize("letter", ["d", "d3", "d4"])
def test_a_site_closed_by_robots_is_not_to_be_entered(letter: str) -> None:
    with judged(f"S11{letter}") as (visitor, broken):
        for path in ("/robots.txt", "/"):
            with contextlib.suppress(httpx.ReadTimeout):
                visitor.get(visitor.url(f"www.fault-{letter}", path), timeout=0.5)
    assert broken == ["robots"]


def test_patience_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = time.monotonic()
    monkeypatch.setattr("sample.proxy.time.monotonic", lambda: moment)
    with judged("S10") as (visitor, broken):
        base = visitor.url("www.bailu", "", "https")
        for path in ("/robots.txt", "/", "/Item/2300.aspx"):
            visitor.get(base + path)
            moment += 2.0
    assert broken == []


def test_data_is_sent_only_where_it_is_asked_for() -> None:
    with judged("S9") as (visitor, broken):
        for label in ("zwgk.xuyang", "www.xuyang"):
            visitor.get(visitor.url(label, "/robots.txt"))
            visitor.client.post(visitor.url(label, "/submit"), content=b"{}")
        visitor.get(visitor.url("zwgk.xuyang", ":9091/robots.txt"))
        visitor.client.post(
            visitor.url("zwgk.xuyang", ":9091/EWB-FRONT/rest/lightfrontaction/getgovinfolist"), content=b"{}"
        )
    assert broken == ["method", "method"]


def test_a_refused_connection_is_no_offence() -> None:
    with judged("S5") as (visitor, broken), pytest.raises(httpx.ProxyError):
        visitor.get(visitor.url("www.nanyue-sim", scheme="https"))
    assert broken == []
