"""The public rows of each report against what was read of its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archive import reports
from archive.errors import DamagedArchiveError
from archive.organs import Portals
from archive.store import Archive
from archive.verification.faults import Fault, Summary

# Findings follow from the checks, which may have been improved since; they are not compared.
_COMPARED = (
    "sections", "disclosures", "requests", "reviews", "indicators", "evidence", "versions", "changes",
)  # fmt: skip
_REPAIR = "run 'nianbao verify --repair'"


def check(archive: Archive, summary: Summary, advance: Callable[[str], None], *, repair: bool) -> None:
    """Build every report again and compare; with ``repair`` keep what was built.

    Reports that have captures not yet followed up are left to the command that follows them up.
    """
    portals = Portals(archive)
    db = archive.db
    for report_id in list(_ids(archive)):
        summary.reports += 1
        before = _rows(archive, report_id)
        db.conn.execute("SAVEPOINT verification")
        try:
            reports.rebuild_within(archive, portals, report_id)
        except DamagedArchiveError as error:
            db.conn.execute("ROLLBACK TO verification")
            _tell_damaged(archive, summary, report_id, error, repair=repair)
            db.conn.execute("RELEASE verification")
            advance(report_id)
            continue
        differing = [name for name, rows in _rows(archive, report_id).items() if rows != before[name]]
        if not (repair and differing):
            db.conn.execute("ROLLBACK TO verification")
        db.conn.execute("RELEASE verification")
        if differing:
            what = f"rows of {', '.join(differing)} are not what was read of its documents"
            summary.faults.append(Fault("reports", report_id, what, _REPAIR, mended=repair))
        advance(report_id)
    db.conn.commit()
    waiting = db.conn.execute("SELECT count(*) FROM _outdated_reports").fetchone()[0]
    if waiting:
        summary.notes.append(f"{waiting} reports have captures not yet followed up: the next crawl or import does")


def _tell_damaged(
    archive: Archive, summary: Summary, report_id: str, error: DamagedArchiveError, *, repair: bool
) -> None:
    """What was read of a document can no longer be restored; with ``repair`` the document is to be read again."""
    if repair:
        execute = archive.db.conn.execute
        # Its rows stay as they are until then.
        execute("INSERT OR IGNORE INTO _outdated_reports VALUES (?)", (report_id,))
        execute("DELETE FROM _extractions WHERE report_id = ?", (report_id,))
    what = str(error).partition(";")[0]
    summary.faults.append(Fault("reports", report_id, what, _REPAIR, mended=repair))


def _ids(archive: Archive) -> Iterator[str]:
    yield from (
        row[0]
        for row in archive.db.conn.execute(
            "SELECT report_id FROM _extractions WHERE report_id IS NOT NULL UNION SELECT id FROM reports "
            "EXCEPT SELECT report_id FROM _outdated_reports ORDER BY 1"
        )
    )


def _rows(archive: Archive, report_id: str) -> dict[str, list[tuple[Any, ...]]]:
    select = archive.db.conn.execute
    found = {"reports": select("SELECT * FROM reports WHERE id = ?", (report_id,)).fetchall()}
    for table in _COMPARED:
        # Another zlib packs the same evidence into other bytes.
        columns = "cell_count, evidence_json(cells)" if table == "evidence" else "*"
        rows = select(f"SELECT {columns} FROM {table} WHERE report_id = ?", (report_id,)).fetchall()
        found[table] = sorted(rows, key=repr)
    return found
