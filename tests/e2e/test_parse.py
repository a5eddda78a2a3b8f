"""Reading the kept captures again gives the very same archive, whatever is left of the rows."""

from __future__ import annotations

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
