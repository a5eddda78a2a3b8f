"""One command writes at a time, however the one before ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from archive import schema
from archive.errors import ArchiveError
from archive.lock import exclusive, holder
from archive.store import Archive

ROOT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from archive.lock import exclusive
with exclusive(Path(sys.argv[1]), Path("archive.db")):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path):
    """Another process that holds the lock."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "a.lock")], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def test_the_second_is_told_who_and_since_when(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    told = rf"\(since 20\S+Z, pid {other.pid}\) is writing archive.db; wait"
    with pytest.raises(ArchiveError, match=told), exclusive(tmp_path / "a.lock", Path("archive.db")):
        pass
    assert (holder(tmp_path / "a.lock") or "").endswith(f"Z, pid {other.pid}")


def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    other.send_signal(signal.SIGKILL)
    other.wait()
    assert (tmp_path / "a.lock").read_text().startswith(f"{other.pid} ")
    assert holder(tmp_path / "a.lock") is None
    with exclusive(tmp_path / "a.lock", Path("archive.db")):
        assert (tmp_path / "a.lock").read_text().startswith(f"{os.getpid()} ")
        assert (holder(tmp_path / "a.lock") or "").endswith(f", pid {os.getpid()}")


def test_the_note_of_the_holder_before_does_not_show_through(tmp_path: Path) -> None:
    (tmp_path / "a.lock").write_text("4194304 and a longer note than ours will ever be, by far\n")
    with exclusive(tmp_path / "a.lock", Path("archive.db")):
        assert len((tmp_path / "a.lock").read_text().split()) == 2


def test_looking_takes_nothing(tmp_path: Path) -> None:
    assert holder(tmp_path / "a.lock") is None
    assert not (tmp_path / "a.lock").exists()
    with exclusive(tmp_path / "a.lock", Path("archive.db")):
        pass
    assert holder(tmp_path / "a.lock") is None
    with exclusive(tmp_path / "a.lock", Path("archive.db")):
        pass


def test_a_lock_file_of_somebody_else_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.lock").mkdir()
    told = "run nianbao as the user to whom the archive belongs"
    with pytest.raises(ArchiveError, match=told), exclusive(tmp_path / "a.lock", Path("archive.db")):
        pass


def test_an_older_archive_is_not_changed_under_a_command_at_work(tmp_path: Path) -> None:
    with Archive.open(tmp_path / "archive.db") as archive:
        last = max(m.name for m in schema.migrations.applied(archive.db))
        archive.db.conn.execute("DELETE FROM _sqlite_migrations WHERE name = ?", (last,))
        archive.db.conn.commit()
        with archive.write_lock(), pytest.raises(ArchiveError, match="is writing"):
            Archive.open(tmp_path / "archive.db")
