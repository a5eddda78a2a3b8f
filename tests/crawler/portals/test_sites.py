"""Every simulated portal from its home page alone: all reports, nothing else, within a budget of requests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from sample.portals.truth import Truth
from tests.crawler.portals.cells import differences
from tests.crawler.portals.measured import Measured, measure, served

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
    "d4",
    "e",
    "f",
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
    "k3",
    "k4",
    "l",
    "m",
    "n",
    "p",
    "p2",
    "p3",
    "q",
    "r",
    "s",
]
# What never ends is given up sooner than usual.
OPTIONS = dict.fromkeys(("d4", "f", "q"), "timeout = 2\n")


@dataclass(frozen=True)
class Crawled:
    """A site as ``nianbao crawl`` left it in the archive in ``folder``."""

    key: str
    folder: Path
    found: Measured
    truth: Truth


@pytest.fixture(scope="module", params=SITES)
def crawled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    folder = tmp_path_factory.mktemp(request.param)
    with served(request.param, speed=20.0) as server:
        found = measure(folder, server, request.param, extract=True)
        return Crawled(request.param, folder, found, server.truth(request.param))


def test_all_reports_are_found_and_nothing_else(crawled: Crawled) -> None:
    found, truth = crawled.found, crawled.truth
    assert found.missed == []
    assert found.strange == []
    assert found.status == truth.status
    assert truth.reason in (None, found.reason)
    assert found.ratio <= USUAL_BUDGET
    assert found.offences == []


def test_every_cell_is_as_the_portal_prints_it(crawled: Crawled) -> None:
    assert differences(crawled.folder, crawled.truth) == []


@pytest.mark.parametrize("letter", FAULTS)
def test_a_fault_is_borne_or_told(letter: str, tmp_path: Path) -> None:
    key = f"S11{letter}"
    with served(key, speed=20.0) as server:
        found = measure(tmp_path, server, key, OPTIONS.get(letter, ""))
        truth = server.truth(key)
    assert found.missed == []
    assert found.status == truth.status
    assert found.offences == []
    if truth.reason is not None:
        assert found.reason == truth.reason
    if found.status == "partial":
        assert found.reason is not None
        assert found.reason.startswith("partial:")


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
