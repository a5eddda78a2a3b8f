"""The command that proves an archive whole, as its user meets it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from tests.e2e import program
from tests.e2e.files import RENDERERS, reports


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """An archive of two imported reports."""
    folder = tmp_path / "files"
    folder.mkdir()
    for sample in reports()[:2]:
        (folder / f"{sample.organ.key}-{sample.report.year}.html").write_bytes(RENDERERS[".html"](sample))
    program.run(tmp_path, "import", "files")
    return tmp_path / "archive.db"


def test_whole_archive(archive: Path) -> None:
    done = program.run(archive.parent, "verify")
    assert "faults" in done.stdout
    assert "fault:" not in done.stderr


def test_altered_figure_is_told_then_mended(archive: Path) -> None:
    with sqlite3.connect(archive) as db:
        db.execute("UPDATE requests SET total = total + 1 WHERE item = 'new'")
    told = program.run(archive.parent, "verify", status=1)
    assert told.stderr.count("fault: reports: ") == 2
    assert "nianbao verify --repair" in told.stderr
    assert program.run(archive.parent, "verify", "--repair").stderr.count("mended: reports: ") == 2
    assert "fault:" not in program.run(archive.parent, "verify").stderr


def test_damaged_database_is_rebuilt_beside_the_damaged_one(archive: Path) -> None:
    content = bytearray(archive.read_bytes())
    content[:4096] = b"\xff" * 4096
    archive.write_bytes(content)
    refused = program.run(archive.parent, "verify", status=1)
    assert refused.stderr.count("\n") == 1
    assert "--repair" in refused.stderr
    mended = program.run(archive.parent, "verify", "--repair")
    assert "the damaged file is kept as archive.db.damaged-" in mended.stderr
    program.run(archive.parent, "parse")
    with sqlite3.connect(archive) as db:
        assert db.execute("SELECT count(*) FROM reports").fetchone() == (2,)
    assert "fault:" not in program.run(archive.parent, "verify").stderr
