"""Reading the kept captures again gives the very same archive, whatever is left of the rows."""

from __future__ import annotations

import csv
import sqlite3
from pathlib import Path

import pytest

from archive.compare import public_dump
from archive.store import Archive
from tests.e2e import program
from tests.e2e.conftest import FirstCrawl

# In this order no row is deleted that another still refers to.
BUILT = (
    "sections", "disclosures", "requests", "reviews", "indicators", "evidence", "findings", "versions", "changes",
    "reports", "organs", "refusals", "_extractions",
)  # fmt: skip


def _ids(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    return {
        table: program.query(folder, f"SELECT id FROM {table} ORDER BY id")
        for table in ("organs", "reports", "sections", "findings")
    }


def _found(folder: Path, words: str) -> list[tuple[object, ...]]:
    return program.query(folder, "SELECT rowid FROM sections_fts WHERE sections_fts MATCH ? ORDER BY rowid", words)


def test_parse_gives_the_same_rows(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    folder = first_crawl.copy(tmp_path)
    program.run(folder, "parse")
    assert program.differences(program.dump(first_crawl.folder), program.dump(folder)) == {}
    assert _ids(folder) == _ids(first_crawl.folder)


def test_parse_builds_everything_from_captures_alone(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    folder = first_crawl.copy(tmp_path)
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        for table in BUILT:
            connection.execute(f"DELETE FROM {table}")
        connection.execute("INSERT INTO sections_fts (sections_fts) VALUES ('delete-all')")
    connection.close()
    with Archive.read_only(folder / "archive.db") as archive:
        assert not any(public_dump(archive).values())
    program.run(folder, "parse")
    assert program.differences(program.dump(first_crawl.folder), program.dump(folder)) == {}
    assert _ids(folder) == _ids(first_crawl.folder)
    hits = _found(folder, '"信 访"')
    assert hits == _found(first_crawl.folder, '"信 访"')
    assert len(hits) > 5
    moments = "SELECT report_id, first_captured_at, last_captured_at FROM versions ORDER BY 1, 2"
    assert program.query(folder, moments) == program.query(first_crawl.folder, moments)


@pytest.mark.parametrize("options", [(), ("--all",)])
def test_check_changes_nothing(options: tuple[str, ...], first_crawl: FirstCrawl, tmp_path: Path) -> None:
    folder = first_crawl.copy(tmp_path)
    program.run(folder, "check", *options)
    assert program.differences(program.dump(first_crawl.folder), program.dump(folder)) == {}
    assert _ids(folder) == _ids(first_crawl.folder)


def test_check_finds_again_what_was_found(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    folder = first_crawl.copy(tmp_path)
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        connection.execute("DELETE FROM findings")
        connection.execute("UPDATE requests SET total = total + 1 WHERE item = 'new'")
    connection.close()
    program.run(folder, "check", "--all")
    assert program.differences(program.dump(first_crawl.folder), program.dump(folder)) == {}


def test_preview_tells_what_would_change_and_changes_nothing(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    folder = first_crawl.copy(tmp_path)
    quiet = program.run(folder, "parse", "--preview").stdout
    assert "would change nothing" in quiet
    connection = sqlite3.connect(folder / "archive.db")
    with connection:
        report_id, total = connection.execute(
            "SELECT report_id, total FROM requests WHERE item = 'new' AND total > 0 ORDER BY 1 LIMIT 1"
        ).fetchone()
        connection.execute("UPDATE requests SET total = total + 7 WHERE item = 'new' AND report_id = ?", (report_id,))
        absent = connection.execute("SELECT report_id FROM sections WHERE number = 5 ORDER BY 1 LIMIT 1").fetchone()[0]
        connection.execute("DELETE FROM sections WHERE number = 5 AND report_id = ?", (absent,))
    connection.close()
    before = program.dump(folder)
    program.run(folder, "parse", "--preview", "--listing", "changes.csv")
    with (folder / "changes.csv").open(encoding="utf-8-sig", newline="") as file:
        told = list(csv.reader(file))
    assert told[0] == ["report_id", "field", "now", "then"]
    assert [report_id, "requests.new.total", str(total + 7), str(total)] in told
    assert [(row[0], row[1], row[2]) for row in told[1:] if row[1].startswith("sections")] == [
        (absent, "sections.5", "")
    ]
    assert len(told) == 3
    assert program.differences(before, program.dump(folder)) == {}
    assert not list(folder.glob("*preview*"))
