"""The database against itself: pages, references, and the index of searches."""

from __future__ import annotations

import sqlite3

from archive import reports
from archive.store import Archive
from archive.verification.faults import Fault, Summary

_LISTED = 20


def check_pages(archive: Archive, summary: Summary) -> bool:
    """Ask SQLite whether the file is sound; whether it is worth looking any further."""
    where = str(archive.path)
    try:
        faults = [row[0] for row in archive.db.conn.execute(f"PRAGMA integrity_check({_LISTED})")]
    except sqlite3.DatabaseError as error:
        faults = [str(error)]
    if faults == ["ok"]:
        return True
    remedy = "restore it from a copy, or run 'nianbao verify --repair' to rebuild it from what can be read"
    summary.faults += [Fault("database", where, fault.splitlines()[-1], remedy) for fault in faults]
    return False


def check_references(archive: Archive, summary: Summary) -> None:
    """Look for rows that refer to rows that are not there."""
    broken = archive.db.conn.execute("PRAGMA foreign_key_check").fetchall()
    for table, row_id, parent, _key in broken[:_LISTED]:
        where = f"{archive.path}, {table} row {row_id}"
        summary.faults.append(
            Fault(
                "database", where, f"refers to no row of {parent}", "run 'nianbao parse'; if it stays, restore a copy"
            )
        )
    if len(broken) > _LISTED:
        summary.notes.append(f"{len(broken) - _LISTED} more rows refer to rows that are not there")


def check_search(archive: Archive, summary: Summary, *, repair: bool) -> None:
    """Index the sections anew, aside, and compare: the same documents, sizes and terms; or rebuild."""
    db = archive.db.conn
    summary.sections = db.execute("SELECT count(*) FROM sections").fetchone()[0]
    db.executescript("""
        DROP TABLE IF EXISTS temp.fresh_fts;
        CREATE VIRTUAL TABLE temp.fresh_fts USING fts5(text, content='', tokenize='unicode61 remove_diacritics 2');
        DROP TABLE IF EXISTS temp.fresh_terms;
        CREATE VIRTUAL TABLE temp.fresh_terms USING fts5vocab('temp', 'fresh_fts', 'row');
        DROP TABLE IF EXISTS temp.stored_terms;
        CREATE VIRTUAL TABLE temp.stored_terms USING fts5vocab('main', 'sections_fts', 'row');
    """)
    try:
        reports.index_sections_into(archive, "temp.fresh_fts")
        differing = _differing(archive)
    finally:
        db.executescript("""
            DROP TABLE IF EXISTS temp.stored_terms;
            DROP TABLE IF EXISTS temp.fresh_terms;
            DROP TABLE IF EXISTS temp.fresh_fts;
        """)
    if not differing:
        return
    if repair:
        reports.index_sections(archive)
    what = f"the search index is out of step ({differing})"
    summary.faults.append(
        Fault("search", f"{archive.path}, sections_fts", what, "run 'nianbao verify --repair'", mended=repair)
    )


def _differing(archive: Archive) -> str | None:
    compared: tuple[tuple[str, str, str], ...] = (
        ("sections", "SELECT id, sz FROM temp.fresh_fts_docsize", "SELECT id, sz FROM main.sections_fts_docsize"),
        ("terms", "SELECT term, doc, cnt FROM temp.fresh_terms", "SELECT term, doc, cnt FROM temp.stored_terms"),
    )
    try:
        for what, fresh, stored in compared:
            missing = _count(archive, f"{fresh} EXCEPT {stored}")
            superfluous = _count(archive, f"{stored} EXCEPT {fresh}")
            if missing or superfluous:
                return f"{missing} {what} missing, {superfluous} superfluous"
    except sqlite3.DatabaseError as error:
        return str(error)
    return None


def _count(archive: Archive, select: str) -> int:
    return int(archive.db.conn.execute(f"SELECT count(*) FROM ({select})").fetchone()[0])
