"""Every simulated portal from its home page alone: all reports, nothing else, within a budget of requests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crawler.portals.measured import measure, served

pytestmark = pytest.mark.e2e

USUAL_BUDGET = 2.0
SITES = ["S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S12"]
FAULTS = [
    "a",
    "b",
    "b2",
    "b3",
    "c",
    "d",
    "d2",
    "d3",
    "e",
    "g",
    "g2",
    "h",
    "h2",
    "i",
    "j",
    "j2",
    "j3",
    "k",
    "k2",
    "l",
    "m",
    "n",
]


@pytest.mark.parametrize("key", SITES)
def test_all_reports_are_found_and_nothing_else(key: str, tmp_path: Path) -> None:
    with served(key, speed=20.0) as server:
        found = measure(tmp_path, server, key)
        truth = server.truth(key)
    assert found.missed == []
    assert found.strange == []
    assert found.status == truth.status
    assert truth.reason in (None, found.reason)
    assert found.ratio <= USUAL_BUDGET
    assert found.offences == []


@pytest.mark.parametrize("letter", FAULTS)
def test_a_fault_is_borne_or_told(letter: str, tmp_path: Path) -> None:
    key = f"S11{letter}"
    with served(key, speed=20.0) as server:
        found = measure(tmp_path, server, key)
        truth = server.truth(key)
    assert found.missed == []
    assert found.status == truth.status
    assert found.offences == []
    if truth.reason is not None:
        assert found.reason == truth.reason
    if found.status == "partial":
        assert found.reason is not None
        assert found.reason.startswith("partial:")


def test_old_tls_is_spoken_only_where_the_portal_says_so(tmp_path: Path) -> None:
    for folder, option in (("plain", ""), ("named", 'tls = "legacy"\n')):
        (tmp_path / folder).mkdir()
        with served("S11k3", speed=20.0) as server:
            found = measure(tmp_path / folder, server, "S11k3", option)
        assert (found.status == "ok") is bool(option)


@pytest.mark.parametrize("key", ["S11o", "S11o2", "S3"])
def test_a_second_crawl_tells_what_changed(key: str, tmp_path: Path) -> None:
    with served(key, speed=20.0) as server:
        first = measure(tmp_path, server, key)
        again = measure(tmp_path, server, key)
        assert (again.row["new"], again.row["changed"], again.row["vanished"]) == (0, 0, 0)
        assert again.requests <= first.requests
        assert (again.status, again.missed) == (first.status, [])
        if not key.startswith("S11o"):
            return
        server.set_phase(2)
        changes = {kind: len(urls) for kind, urls in server.truth(key).changes.items()}
        third = measure(tmp_path, server, key)
    moved = changes["renamed"] if key == "S11o" else 0
    assert third.row["new"] == changes["added"] + moved
    assert third.row["vanished"] == changes["removed"] + moved
    assert third.row["changed"] == changes["changed"] + changes["renamed"] - moved
