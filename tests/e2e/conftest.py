"""What the end-to-end tests share: the sample portals and one undisturbed crawl of them."""

from __future__ import annotations

import itertools
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sample.server import LoggedRequest, SampleServer
from sample.truth import Truth
from tests.e2e import program, reading
from tests.e2e.reading import KnownArchive

VISITS = 1000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker("e2e")


@dataclass(frozen=True)
class FirstCrawl:
    """An undisturbed first crawl: its archive, how long it took, and what the portals saw of it."""

    folder: Path
    seconds: float
    output: str
    requests: tuple[LoggedRequest, ...]
    truth: Truth

    def copy(self, folder: Path) -> Path:
        """Copy the archive with its captures and portals file into ``folder``; return it."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return folder


@pytest.fixture(scope="session")
def first_crawl(tmp_path_factory: pytest.TempPathFactory) -> FirstCrawl:
    """A crawl of both portals in phase 1, with visit counters that stand still."""
    folder = tmp_path_factory.mktemp("first_crawl")
    with SampleServer() as server:
        server.visits = itertools.repeat(VISITS)
        server.portal_file(folder / "portals.toml")
        began = time.monotonic()
        done = program.run(folder, "crawl", "--portals", "portals.toml", proxy=server.proxy_url)
        seconds = time.monotonic() - began
        return FirstCrawl(folder, seconds, done.stdout, tuple(server.log), server.truth())


@pytest.fixture
def portals(tmp_path: Path) -> Iterator[SampleServer]:
    """The sample portals in phase 1, with ``portals.toml`` in the test's folder."""
    with SampleServer() as server:
        server.portal_file(tmp_path / "portals.toml")
        yield server


@pytest.fixture(scope="session")
def known(tmp_path_factory: pytest.TempPathFactory) -> KnownArchive:
    """Reports of one organ in four formats, two of which contradict themselves."""
    return reading.build_known_archive(tmp_path_factory.mktemp("known"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium, which ends with the module: Playwright occupies the thread's event loop."""
    with reading.chromium() as opened:
        yield opened
