"""The whole of verification, in the order in which one part rests on another."""

from __future__ import annotations

from collections.abc import Callable

from archive.store import Archive
from archive.verification import captures, database, reports
from archive.verification.faults import Summary

Advance = Callable[[str], None]


def _silent(_note: str) -> None:
    return None


def verify(archive: Archive, *, repair: bool = False, quick: bool = False, advance: Advance = _silent) -> Summary:
    """Prove the archive whole; with ``repair`` mend what can be mended from captures.

    Looked at are the database's pages and references, every WARC record against the index of
    documents, every report against what was read of its documents, and the search index against
    the sections. ``quick`` leaves out what reads every capture and every report. The caller holds
    the write lock. ``advance`` is called for each WARC file and each report.
    """
    summary = Summary()
    if not database.check_pages(archive, summary):
        return summary
    database.check_references(archive, summary)
    if not quick:
        captures.check(archive, summary, advance, repair=repair)
        archive.db.conn.commit()
        reports.check(archive, summary, advance, repair=repair)
    database.check_search(archive, summary, repair=repair)
    return summary
