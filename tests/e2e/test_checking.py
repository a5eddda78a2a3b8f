"""Checking what is due, and everything, with the editors' notes beside the archive."""

from __future__ import annotations

from pathlib import Path

from tests.e2e import program
from tests.e2e.files import write_reports


def test_checks_end_every_command_and_run_again_on_demand(tmp_path: Path) -> None:
    write_reports(tmp_path / "files", 6)
    program.run(tmp_path, "import", "files")
    assert program.query(tmp_path, "SELECT count(*) FROM _unchecked") == [(0,)]
    assert program.query(tmp_path, "SELECT count(*) FROM coverage WHERE state = 'complete'") == [(6,)]
    assert "0 reports built again, 0 compared" in program.run(tmp_path, "check").stdout
    done = program.run(tmp_path, "check", "--all")
    assert "6 reports built again, 6 compared" in done.stdout
    assert "checking: " in done.stderr
    assert "crawl short" in program.run(tmp_path, "status").stdout


def test_a_fault_in_the_notes_is_one_line_and_costs_no_note(tmp_path: Path) -> None:
    write_reports(tmp_path / "files", 3)
    good, bad = "0123456789abcdef,confirmed,属实,2026-01-31", "fedcba9876543210,maybe,,"
    (tmp_path / "archive-notes.csv").write_bytes(f"finding_id,state,note,date\r\n{bad}\r\n{good}\r\n".encode("gbk"))
    done = program.run(tmp_path, "import", "files")
    assert "line 2" in done.stderr
    done = program.run(tmp_path, "check", status=1)
    assert "1 editors' notes" in done.stdout
    assert "1 of findings that no longer exist" in done.stdout
    assert program.query(tmp_path, "SELECT * FROM finding_notes") == [
        ("0123456789abcdef", "confirmed", "属实", "2026-01-31")
    ]
    (tmp_path / "archive-notes.csv").unlink()
    program.run(tmp_path, "check", "--all")
    assert program.query(tmp_path, "SELECT count(*) FROM finding_notes") == [(1,)]
