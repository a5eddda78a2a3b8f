"""Commands killed at any moment: run again they end with the archive of an undisturbed run."""

from __future__ import annotations

import itertools
import random
import subprocess
import time
from pathlib import Path

import pytest

from archive.store import Archive
from sample.server import SampleServer
from tests.e2e import program
from tests.e2e.conftest import VISITS, FirstCrawl
from tests.e2e.files import write_reports

SEED = 20240501
MOMENTS = 5
CRAWL = ("crawl", "--portals", "portals.toml")
IMPORT = ("import", "files")


def _delay(number: int, seconds: float) -> float:
    """A seeded moment within part ``number`` of MOMENTS equal parts of ``seconds``."""
    return seconds * (number + random.Random(f"{SEED}/{number}").random()) / MOMENTS


def _killed(folder: Path, number: int, seconds: float, *command: str, proxy: str | None = None) -> None:
    """Kill ``command`` in its part ``number``; on a machine that has become faster, start afresh and kill sooner."""
    delay = _delay(number, seconds)
    while True:
        process = program.start(folder, *command, proxy=proxy)
        try:
            process.wait(timeout=delay)
        except subprocess.TimeoutExpired:
            program.kill(process)
            program.wait_until_gone(process.pid)
            return
        assert program.finish(process).returncode == 0
        delay *= 0.7
        for path in (*folder.glob("archive.db*"), *folder.glob("captures/*")):
            path.unlink()


def _assert_sound(folder: Path) -> None:
    """The database is whole, every document can be read back, the search index agrees with the sections."""
    assert program.query(folder, "PRAGMA integrity_check") == [("ok",)]
    assert program.query(folder, "PRAGMA foreign_key_check") == []
    with Archive.read_only(folder / "archive.db") as archive:
        documents = program.query(folder, "SELECT sha256 FROM documents")
        assert documents
        for (sha256,) in documents:
            archive.payload(sha256)
    ((sections,),) = program.query(folder, "SELECT count(*) FROM sections")
    assert program.query(folder, "SELECT count(*) FROM sections_fts") == [(sections,)]
    assert program.query(folder, "SELECT count(*) FROM sections WHERE id NOT IN (SELECT rowid FROM sections_fts)") == [
        (0,)
    ]


def _assert_checked_alike(undisturbed: Path, folder: Path) -> None:
    """No check is due, and the same years of the same organs are covered."""
    assert program.query(folder, "SELECT count(*) FROM _unchecked") == [(0,)]
    covered = "SELECT organ_id, year, state FROM coverage ORDER BY 1, 2"
    assert program.query(folder, covered) == program.query(undisturbed, covered) != []


@pytest.mark.parametrize("number", range(MOMENTS))
def test_killed_crawl_goes_on_to_the_same_archive(
    number: int, first_crawl: FirstCrawl, portals: SampleServer, tmp_path: Path
) -> None:
    portals.visits = itertools.repeat(VISITS)
    _killed(tmp_path, number, first_crawl.seconds, *CRAWL, proxy=portals.proxy_url)
    program.run(tmp_path, *CRAWL, proxy=portals.proxy_url)
    assert program.differences(program.dump(first_crawl.folder), program.dump(tmp_path)) == {}
    _assert_checked_alike(first_crawl.folder, tmp_path)
    _assert_sound(tmp_path)


class FirstImport:
    """An undisturbed import of a folder, and how long it took."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = write_reports(folder / "files", 40)
        began = time.monotonic()
        program.run(folder, *IMPORT)
        self.seconds = time.monotonic() - began


@pytest.fixture(scope="module")
def first_import(tmp_path_factory: pytest.TempPathFactory) -> FirstImport:
    return FirstImport(tmp_path_factory.mktemp("first_import"))


@pytest.mark.parametrize("number", range(MOMENTS))
def test_killed_import_goes_on_to_the_same_archive(number: int, first_import: FirstImport, tmp_path: Path) -> None:
    (tmp_path / "files").symlink_to(first_import.folder / "files")
    _killed(tmp_path, number, first_import.seconds, *IMPORT)
    program.run(tmp_path, *IMPORT)
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(40,)]
    assert program.differences(program.dump(first_import.folder), program.dump(tmp_path)) == {}
    _assert_checked_alike(first_import.folder, tmp_path)
    _assert_sound(tmp_path)


def test_killed_at_work_and_not_beside_it(first_import: FirstImport, tmp_path: Path) -> None:
    """A kill in mid-import leaves some of the work done, and the next command need not wait."""
    (tmp_path / "files").symlink_to(first_import.folder / "files")
    process = program.start(tmp_path, *IMPORT)
    _wait_for(tmp_path, "SELECT count(*) FROM captures", 10)
    program.kill(process)
    ((kept,),) = program.query(tmp_path, "SELECT count(*) FROM captures")
    assert 10 <= kept <= 40
    program.run(tmp_path, "check")
    program.wait_until_gone(process.pid)


def _wait_for(folder: Path, count: str, wanted: int, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not (folder / "captures").exists() or program.query(folder, count)[0][0] < wanted:
        assert time.monotonic() < deadline, f"{count} did not reach {wanted}"
        time.sleep(0.01)


def test_a_second_command_ends_with_one_line(first_import: FirstImport, portals: SampleServer, tmp_path: Path) -> None:
    (tmp_path / "files").symlink_to(first_import.folder / "files")
    first = program.start(tmp_path, *CRAWL, proxy=portals.proxy_url)
    _wait_for(tmp_path, "SELECT count(*) FROM captures", 1)
    second = program.finish(program.start(tmp_path, *IMPORT))
    assert first.poll() is None, "the first command ended too early to tell"
    assert (second.returncode, second.stdout) == (1, "")
    message = program.one_line(second.stderr)
    assert f"pid {first.pid}" in message
    assert "archive.db" in message
    assert program.finish(first).returncode == 0
    assert program.query(tmp_path, "SELECT command FROM runs") == [("crawl",)]
    assert program.query(tmp_path, "SELECT count(*) FROM reports") == [(72,)]
