"""A new database from what can be read of a damaged one, and from the captures."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from archive import backup, reports
from archive.errors import DamagedArchiveError, of_database, of_system
from archive.lock import exclusive
from archive.packing import unpack
from archive.schema import migrations
from archive.store import Archive, web_host
from archive.verification import warcs
from archive.warc import capture_url, quoted

_INDEXES = {"captures_url": ("url", "fetched_at"), "captures_sha256": ("sha256",), "captures_run": ("run_id",)}
"""What the indexes hold of a capture beside its id."""
_DERIVED = ("sections_fts", "_facts", "_passages", "_passage_organs", "_checked", "_unchecked")
"""What is made anew: a part of what the checks compare with would look whole, and they would find other things."""
_UNKNOWN = "unknown"
_WITH_PAYLOAD = ("response", "resource")
# All else follows from what was read of the documents, which are read again where that was lost.
_TOLD_NOWHERE_ELSE = {
    "captures": "captures without a record, such as of pages that had not changed",
    "runs": "when commands ran",
    "portals": "the state of portals",
    "portal_runs": "how crawls of portals went",
    "_crawls": "crawls that were under way",
    "_frontier": "what crawls had still to fetch",
    "_sightings": "since when reports are listed or have vanished",
    "_origins": "titles that linking pages gave, which the next crawl finds again where they are still linked",
    "_columns": "where report columns begin",
    "_listed": "which reports lists name",
}


@dataclass(slots=True)
class Salvaged:
    """Where the damaged database is ``kept``, and of what (in words) some may be lost for good."""

    kept: Path
    lost: list[str] = field(default_factory=list)


def salvage(path: Path, advance: Callable[[str], None]) -> Salvaged:
    """Rebuild the database at ``path`` and return where the damaged one is kept, if there was any.

    Every table is read from both ends as far as its pages allow; captures and documents that
    are lost are told again by the WARC files, and all reports are built again, and due to be checked.
    What was read of a document may be lost or unreadable too: such documents are pending afterwards.
    ``advance`` is called for each table and WARC file. Raises ArchiveError if another command is
    writing, or for want of space or rights.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%d%H%M%S")
    rebuilt, damaged = path.with_name(f"{path.name}.rebuilt"), path.with_name(f"{path.name}.damaged-{stamp}")
    salvaged = Salvaged(damaged)
    with exclusive(path.with_name(path.name + ".lock"), path):
        try:
            backup.discard(rebuilt)
            with Archive.open(rebuilt) as archive:
                salvaged.lost = _refill(archive, path, advance)
                archive.db.conn.execute("PRAGMA journal_mode=DELETE")
            # The log of the damaged file must not be taken for one of its successor.
            for suffix in ("-wal", "-shm"):
                log = path.with_name(path.name + suffix)
                if log.exists():
                    log.rename(damaged.with_name(damaged.name + suffix))
            if path.exists():
                path.rename(damaged)
            rebuilt.rename(path)
            backup.discard(rebuilt)
        except sqlite3.DatabaseError as error:
            raise of_database(f"cannot rebuild {path} as {rebuilt}", error) from error
        except OSError as error:
            raise of_system(f"cannot rebuild {path}", error) from error
    return salvaged


def _refill(archive: Archive, damaged: Path, advance: Callable[[str], None]) -> list[str]:
    db = archive.db.conn
    lost: list[str] = []
    by_index: list[int] = []
    db.execute("PRAGMA foreign_keys=OFF")
    uri = f"{damaged.resolve().as_uri()}?mode=ro" if damaged.exists() else "file::memory:"
    with closing(sqlite3.connect(uri, uri=True)) as source:
        for table in _tables(archive):
            copied = _copy(source, archive, table)
            whole = copied and _is_sound(source, table)
            if not whole and table == "captures":
                by_index = _captures_by_index(source, archive)
                whole = (copied or bool(by_index)) and _has_no_gaps(archive)
            if not whole and table in _TOLD_NOWHERE_ELSE:
                lost.append(_TOLD_NOWHERE_ELSE[table])
            advance(table)
    for path in sorted(archive.captures_dir.glob("*.warc.gz")):
        with archive.db.atomic():
            _tell_again(archive, path)
        advance(path.name)
    with archive.db.atomic():
        _forget_unreadable(archive)
        # Of what a portal answered only "not modified" repeats a document without a record of its own.
        archive.db.conn.executemany(
            "UPDATE captures SET http_status = 304 WHERE id = ? AND http_status IS NULL AND sha256 IS NOT NULL"
            " AND portal_id IS NOT NULL",
            [(one,) for one in by_index],
        )
        _close_gaps(archive)
    db.execute("PRAGMA foreign_keys=ON")
    reports.index_sections(archive)
    reports.rebuild_all(archive)
    return lost


def _tables(archive: Archive) -> list[str]:
    derived = tuple(f"{name}_" for name in _DERIVED)
    own = {*_DERIVED, migrations.migrations_table}
    return [name for name in archive.db.table_names() if name not in own and not name.startswith((*derived, "sqlite_"))]


def _copy(source: sqlite3.Connection, archive: Archive, table: str) -> bool:
    """Copy what can be read of ``table``; whether that was all."""
    try:
        known = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    except sqlite3.DatabaseError:
        return False
    columns = [column for column in archive.db[table].columns_dict if column in known]
    if not columns:
        return False
    (without_rowid,) = archive.db.conn.execute("SELECT wr FROM pragma_table_list(?)", (table,)).fetchone()
    keys = ", ".join(f'"{key}" DESC' for key in (archive.db[table].pks if without_rowid else ("rowid",)))
    insert = f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    # Not by an index, which may be damaged in another place.
    select = f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED"
    whole = True
    with archive.db.atomic():
        forward = _Reader(source, select)
        whole &= _insert(archive, insert, forward)
        if forward.broken:
            whole = False
            _insert(archive, insert, _Reader(source, f"{select} ORDER BY {keys}"))
    return whole


def _is_sound(source: sqlite3.Connection, table: str) -> bool:
    """Whether SQLite finds nothing wrong with a table: another page in the place of its own may be read as rows."""
    if table not in _TOLD_NOWHERE_ELSE:
        return True
    try:
        return source.execute(f"PRAGMA integrity_check({table})").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


def _insert(archive: Archive, insert: str, rows: Iterable[tuple[Any, ...]]) -> bool:
    """Insert ``rows``; whether all of them could be rows of their table."""
    whole = True
    for row in rows:
        try:
            archive.db.conn.execute(insert, row)
        except sqlite3.IntegrityError:
            whole = False
    return whole


def _captures_by_index(source: sqlite3.Connection, archive: Archive) -> list[int]:
    """Bring back captures whose own rows are lost from what the indexes hold of them; return their ids.

    Their status is told by their records, validators are lost.
    """
    known: dict[int, dict[str, Any]] = {}
    for index, columns in _INDEXES.items():
        names = ", ".join(columns)
        for direction in ("ASC", "DESC"):
            order = ", ".join(f"{column} {direction}" for column in columns)
            select = f"SELECT id, {names} FROM captures INDEXED BY {index} ORDER BY {order}"
            for capture_id, *read in _Reader(source, select):
                known.setdefault(capture_id, {}).update(zip(columns, read, strict=True))
    present = {one for (one,) in archive.db.conn.execute("SELECT id FROM captures")}
    found = []
    with archive.db.atomic():
        for capture_id, values in sorted(known.items()):
            if capture_id in present or not {"url", "run_id", "sha256"} <= values.keys():
                continue
            row = {"id": capture_id, "portal_id": _portal_of(archive, values["url"]), **values}
            insert = f"INSERT INTO captures ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
            if _insert(archive, insert, [tuple(row.values())]):
                found.append(capture_id)
    return found


def _has_no_gaps(archive: Archive) -> bool:
    """Whether every capture up to the last is there: none is ever removed."""
    last, count = archive.db.conn.execute("SELECT max(id), count(*) FROM captures").fetchone()
    return bool(last == count)


def _forget_unreadable(archive: Archive) -> None:
    """Have documents read again of which what was read is no longer what it was."""
    execute = archive.db.conn.execute
    for sha256, url, packed in execute("SELECT sha256, url, report FROM _extractions WHERE report IS NOT NULL"):
        try:
            unpack(packed)
        except DamagedArchiveError:
            execute("DELETE FROM _extractions WHERE sha256 = ? AND url = ?", (sha256, url))


class _Reader:
    """Rows of a query until the first that cannot be read."""

    def __init__(self, source: sqlite3.Connection, select: str) -> None:
        self._source, self._select = source, select
        self.broken = False

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._source.execute(self._select)
        except sqlite3.DatabaseError:
            self.broken = True


def _tell_again(archive: Archive, path: Path) -> None:
    held: warcs.Record | None = None
    for part in warcs.read(path):
        if not isinstance(part, warcs.Record):
            continue
        if part.kind == "request":
            if held is not None:
                _note_capture(archive, path, held, part)
                held = None
            continue
        if held is not None:
            _note_capture(archive, path, held, None)
        held = part if part.kind in (*_WITH_PAYLOAD, "revisit") else None
    if held is not None:
        _note_capture(archive, path, held, None)


def _note_capture(archive: Archive, path: Path, record: warcs.Record, request: warcs.Record | None) -> None:
    execute = archive.db.conn.execute
    sha256 = record.sha256 or record.stated
    if record.url is None or record.date is None or sha256 is None:
        return
    if record.sha256 is not None and record.stated in (None, record.sha256):
        execute(
            "INSERT OR IGNORE INTO documents (sha256, media_type, bytes, warc, offset, length, first_captured_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (sha256, record.media_type, record.size, path.name, record.offset, record.length, record.date),
        )
    if record.status is not None and not 200 <= record.status < 300:
        return
    method, body = (request.method or "GET", request.body) if request else ("GET", b"")
    url = capture_url(record.url, method, body)
    known = execute(
        "SELECT id, url FROM captures WHERE sha256 = ? AND fetched_at = ?", (sha256, record.date)
    ).fetchall()
    same = [capture_id for capture_id, other in known if url in (other, quoted(other))]
    if same:
        execute("UPDATE captures SET http_status = coalesce(http_status, ?) WHERE id = ?", (record.status, same[0]))
        return
    run_id = path.name.removesuffix(".warc.gz").rpartition("-")[0]
    execute(
        "INSERT INTO captures (run_id, portal_id, url, http_status, sha256, fetched_at) VALUES (?, ?, ?, ?, ?, ?)",
        (run_id, _portal_of(archive, url), url, record.status, sha256, record.date),
    )
    page = "SELECT 1 FROM captures c JOIN _page_captures p ON p.capture_id = c.id WHERE c.url = ? LIMIT 1"
    if execute(page, (url,)).fetchone():
        execute("INSERT OR IGNORE INTO _page_captures VALUES (last_insert_rowid())")


def _portal_of(archive: Archive, url: str) -> str | None:
    row = archive.db.conn.execute(
        "SELECT portal_id FROM captures WHERE url = ? AND portal_id IS NOT NULL LIMIT 1", (url,)
    ).fetchone()
    if row:
        return str(row[0])
    host = web_host(url)
    for portal_id, start_url in archive.db.conn.execute("SELECT id, start_url FROM portals ORDER BY id"):
        if host is not None and start_url and web_host(start_url) == host:
            return str(portal_id)
    return None


def _close_gaps(archive: Archive) -> None:
    """Give rows that others refer to back their place; remove what can be derived again."""
    execute = archive.db.conn.execute
    execute(
        "INSERT OR IGNORE INTO runs (id, command, started_at) SELECT DISTINCT run_id, ?, "
        "min(fetched_at) FROM captures WHERE run_id NOT IN (SELECT id FROM runs) GROUP BY run_id",
        (_UNKNOWN,),
    )
    execute(
        "INSERT OR IGNORE INTO portals (id, name) SELECT DISTINCT portal_id, portal_id FROM captures "
        "WHERE portal_id IS NOT NULL AND portal_id NOT IN (SELECT id FROM portals)"
    )
    # Of captures whose payload no file holds any more nothing can be read again.
    execute("UPDATE captures SET sha256 = NULL WHERE sha256 NOT IN (SELECT sha256 FROM documents)")
    while broken := execute("PRAGMA foreign_key_check").fetchall():
        for table, row_id, _parent, key in broken:
            if row_id is not None:
                execute(f"DELETE FROM {table} WHERE rowid = ?", (row_id,))
            else:
                _delete_orphans(archive, table, key)


def _delete_orphans(archive: Archive, table: str, key: int) -> None:
    # Rows of tables without row ids are named by the reference that leads nowhere.
    for reference in archive.db.conn.execute(f"PRAGMA foreign_key_list({table})").fetchall():
        if reference[0] == key:
            parent, column, target = reference[2], reference[3], reference[4]
            archive.db.conn.execute(
                f"DELETE FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT {target} FROM {parent})"
            )
