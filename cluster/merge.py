"""The one merge: what a worker's crawl of a portal gave becomes part of the archive, once."""

from __future__ import annotations

import logging

from archive import times
from archive.store import Archive
from cluster import journal, portal_state, tables, units
from cluster.storage import CAPTURES, Storage
from cluster.units import Unit
from crawler.result import PortalResult

logger = logging.getLogger(__name__)

JOURNAL = "journal.parquet"


def merge(archive: Archive, storage: Storage, unit: Unit, run_id: str) -> PortalResult | None:
    """Take the finished attempt at ``unit`` into the archive, as part of run ``run_id``; remove the unit.

    Returns what it came to, None if there was nothing to take. A merge that is killed is made up
    for by the next one. Where the portal has been crawled otherwise since the unit began, its
    captures are kept, and the state of the portal stays as it is.
    """
    portal_id = unit.portal_id
    query = archive.db.conn.execute
    known = query("SELECT 1 FROM _units WHERE portal_id = ? AND serial = ?", (portal_id, unit.serial)).fetchone()
    done = None if known else units.finished(storage, unit)
    if known:
        storage.remove(unit.folder)
    if done is None or not query("SELECT 1 FROM portals WHERE id = ?", (portal_id,)).fetchone():
        return None
    for name in done.warcs:
        _take_warc(archive, storage, f"{done.folder}/{name}", name)
    notes = tables.read(storage, f"{done.folder}/{JOURNAL}")
    with archive.db.atomic():
        for kept in journal.replay(notes, portal_id, run_id):
            archive.note(kept)
        if portal_state.digest(archive.db.conn, portal_id) == done.state:
            portal_state.take_back(archive.db.conn, portal_id, run_id, storage, done.folder)
        else:
            logger.warning("%s: was crawled otherwise since; only the captures of %s are kept", portal_id, done.folder)
        query("INSERT INTO _units VALUES (?, ?, ?, ?)", (portal_id, unit.serial, done.attempt, times.now()))
    storage.remove(unit.folder)
    return done.result


def merge_left_over(archive: Archive, storage: Storage, run_id: str) -> list[str]:
    """Take in what workers finished for a command that did not live to merge it; return the portals' ids."""
    return [unit.portal_id for unit in units.all_units(storage, archive) if merge(archive, storage, unit, run_id)]


def _take_warc(archive: Archive, storage: Storage, source: str, name: str) -> None:
    """Put a WARC file beside the others, here and where workers look for it."""
    target = archive.captures_dir / name
    archive.captures_dir.mkdir(parents=True, exist_ok=True)
    if not target.exists() or target.stat().st_size != storage.size(source):
        storage.get(source, target)
    if not storage.holds(archive.captures_dir):
        storage.copy(source, f"{CAPTURES}/{name}")
