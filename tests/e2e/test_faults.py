"""What goes wrong around an archive: the next run completes, or one line says which file and what to do.

A small part of what ``python -m benchmarks.faults`` tries on every command.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from benchmarks.fault_rig import mounts
from tests.e2e import program
from tests.e2e.files import RENDERERS, reports

ROOM = 64 * 1024 * 1024


def _import(folder: Path, count: int) -> None:
    files = folder / "files"
    files.mkdir(exist_ok=True)
    for sample in reports()[:count]:
        (files / f"{sample.organ.key}-{sample.report.year}.html").write_bytes(RENDERERS[".html"](sample))


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of three imported reports, and a fourth file that is still to be imported."""
    folder = tmp_path_factory.mktemp("imported")
    _import(folder, 3)
    program.run(folder, "import", "files")
    _import(folder, 4)
    return folder


@pytest.fixture
def archive(imported: Path, tmp_path: Path) -> Path:
    return shutil.copytree(imported, tmp_path / "archive")


def _refused(folder: Path, *arguments: str) -> str:
    """The last line of a command that must end with exit status 1."""
    return program.run(folder, *arguments, status=1).stderr.strip().splitlines()[-1]


def test_captures_that_are_not_mounted(archive: Path) -> None:
    before = program.dump(archive)
    (archive / "captures").rename(archive / "elsewhere")
    told = _refused(archive, "import", "files")
    assert "captures is missing, with the originals of archive.db in it: mount it or restore it" in told
    assert program.differences(before, program.dump(archive)) == {}
    (archive / "elsewhere").rename(archive / "captures")
    program.run(archive, "import", "files")
    assert program.query(archive, "SELECT count(*) FROM reports") == [(4,)]


def test_captures_that_cannot_be_read_are_named_and_readings_stay(archive: Path) -> None:
    before = program.dump(archive)
    (warc,) = (archive / "captures").iterdir()
    warc.rename(archive / "aside")
    done = program.run(archive, "parse", status=1)
    assert done.stderr.count(f"not read: cannot read captures/{warc.name} at offset ") == 3
    assert program.differences(before, program.dump(archive)) == {}
    (archive / "aside").rename(warc)
    program.run(archive, "parse")
    assert program.differences(before, program.dump(archive)) == {}


def test_a_damaged_page_stops_a_command_and_is_rebuilt(archive: Path) -> None:
    before = program.dump(archive)
    with closing(sqlite3.connect(archive / "archive.db")) as db:
        db.execute("PRAGMA journal_mode=DELETE")
        page, size = db.execute(
            "SELECT rootpage, page_size FROM sqlite_master, pragma_page_size WHERE name = 'captures'"
        ).fetchone()
    with (archive / "archive.db").open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    told = _refused(archive, "import", "files")
    assert "archive.db: database disk image is malformed; restore it from a copy, or run 'nianbao verify --rep" in told
    repaired = program.run(archive, "verify", "--repair")
    assert "archive.db was damaged and is rebuilt" in repaired.stderr
    assert "may be lost" not in repaired.stderr
    assert program.differences(before, program.dump(archive)) == {}
    program.run(archive, "verify")


def test_a_database_that_is_gone_is_built_anew(archive: Path) -> None:
    before = program.dump(archive)
    for path in archive.glob("archive.db*"):
        path.unlink()
    assert "nianbao verify --repair" in _refused(archive, "verify")
    program.run(archive, "verify", "--repair")
    assert program.differences(before, program.dump(archive)) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_costs_no_more_than_the_time(archive: Path, imported: Path) -> None:
    disk = archive.with_name("disk")
    with mounts.disk(disk, ROOM):
        shutil.copytree(archive, disk, dirs_exist_ok=True)
        # Enough to open the database and begin, not enough to end.
        mounts.resize(disk, mounts.used(disk) + 100_000)
        told = _refused(disk, "import", "files")
        assert "free space on its disk, then run the same command again" in told
        mounts.resize(disk, ROOM)
        program.run(disk, "import", "files")
        assert program.query(disk, "SELECT count(*) FROM reports") == [(4,)]
        program.run(disk, "verify")
