"""What the archive knows of one portal, on its way to the worker that crawls it and back.

To the worker go what was learned of the portal, the frontier of an unfinished crawl, the
addresses that were ever seen, and the captures that conditional requests and comparisons need.
Back come the same tables, as the crawl left them.
"""

from __future__ import annotations

import hashlib
import json
from sqlite3 import Connection
from typing import Any

from cluster import tables
from cluster.storage import Storage
from cluster.tables import Rows

_OF_THE_PORTAL = ("_columns", "_sightings")
_OF_THE_CRAWL = "_frontier"
_CAPTURE = {
    "url": "TEXT",
    "http_status": "INTEGER",
    "sha256": "TEXT",
    "fetched_at": "TEXT",
    "etag": "TEXT",
    "last_modified": "TEXT",
    "is_own": "INTEGER",
}
_RESULT = ("status", "reason", "listed", "found", "new", "changed", "vanished", "failed", "requests", "bytes")


def digest(connection: Connection, portal_id: str) -> str:
    """A hash of how far the crawls of a portal have come."""
    rows = connection.execute("SELECT * FROM _crawls WHERE portal_id = ? ORDER BY id", (portal_id,)).fetchall()
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def send(connection: Connection, portal_id: str, storage: Storage, folder: str) -> set[str]:
    """Write what the archive knows of the portal to ``folder``; return the WARC files that its captures need."""
    rows = _state(connection, portal_id, "finished_at IS NULL")
    captures, documents = _captures(connection, portal_id)
    rows |= {"captures": captures, "documents": documents}
    for name, one in rows.items():
        tables.write(storage, f"{folder}/{name}.parquet", one)
    warc = list(documents.columns).index("warc")
    return {str(row[warc]) for row in documents.rows}


def receive(connection: Connection, portal_id: str, run_id: str, storage: Storage, folder: str) -> None:
    """Put what :func:`send` wrote into the empty archive of a worker, in which portal and run stand already."""
    read = {
        name: tables.read(storage, f"{folder}/{name}.parquet")
        for name in ("documents", "captures", "_crawls", _OF_THE_CRAWL, *_OF_THE_PORTAL)
    }
    for name in ("documents", *_OF_THE_PORTAL):
        tables.insert(connection, name, read[name])
    for name in ("_crawls", _OF_THE_CRAWL):
        tables.insert(connection, name, _with(read[name], run_id=run_id))
    connection.executemany(
        "INSERT INTO captures (run_id, portal_id, url, http_status, sha256, fetched_at, etag, last_modified)"
        " VALUES (?, iif(?, ?, NULL), ?, ?, ?, ?, ?, ?)",
        [(run_id, row[-1], portal_id, *row[:-1]) for row in read["captures"].rows],
    )


def give_back(connection: Connection, portal_id: str, run_id: str, storage: Storage, folder: str) -> None:
    """Write to ``folder`` how the crawl of a worker left the portal."""
    rows = _state(connection, portal_id, "id = (SELECT max(id) FROM _crawls)")
    columns = ("cms", "status", "status_reason", "last_run_at")
    rows["portals"] = _select(
        connection, "portals", f"SELECT {', '.join(columns)} FROM portals WHERE id = ?", portal_id
    )
    query = f"SELECT {', '.join(_RESULT)} FROM portal_runs WHERE portal_id = ? AND run_id = ?"
    rows["portal_runs"] = _select(connection, "portal_runs", query, portal_id, run_id)
    for name, one in rows.items():
        tables.write(storage, f"{folder}/{name}.parquet", one)


def take_back(connection: Connection, portal_id: str, run_id: str, storage: Storage, folder: str) -> None:
    """Let what :func:`give_back` wrote take the place of what the archive knew, in the caller's transaction."""
    names = ("portals", "portal_runs", "_crawls", _OF_THE_CRAWL, *_OF_THE_PORTAL)
    read = {name: tables.read(storage, f"{folder}/{name}.parquet") for name in names}
    for name in _OF_THE_PORTAL:
        connection.execute(f"DELETE FROM {name} WHERE portal_id = ?", (portal_id,))
        tables.insert(connection, name, read[name])
    crawl = dict(zip(read["_crawls"].columns, read["_crawls"].rows[0], strict=True)) | {"run_id": run_id}
    unfinished = connection.execute(
        "SELECT id FROM _crawls WHERE portal_id = ? AND finished_at IS NULL ORDER BY id DESC LIMIT 1", (portal_id,)
    ).fetchone()
    # The worker resumed the unfinished crawl if there was one, and began another only if there was none.
    crawl["id"] = unfinished[0] if unfinished else None
    marks = ", ".join("?" * len(crawl))
    crawl_id = connection.execute(
        f"INSERT INTO _crawls ({', '.join(crawl)}) VALUES ({marks}) ON CONFLICT (id) DO UPDATE SET"
        " run_id = excluded.run_id, finished_at = excluded.finished_at, requests = excluded.requests,"
        " bytes = excluded.bytes RETURNING id",
        tuple(crawl.values()),
    ).fetchone()[0]
    connection.execute("DELETE FROM _frontier WHERE crawl_id = ?", (crawl_id,))
    # In the order in which the worker's ids stand.
    tables.insert(connection, _OF_THE_CRAWL, _with(read[_OF_THE_CRAWL], id=None, crawl_id=crawl_id, run_id=run_id))
    if crawl["finished_at"] is not None:
        connection.execute(
            "DELETE FROM _frontier WHERE crawl_id IN"
            " (SELECT id FROM _crawls WHERE portal_id = ? AND id < ? AND finished_at IS NOT NULL)",
            (portal_id, crawl_id),
        )
    connection.execute(
        "UPDATE portals SET cms = ?, status = ?, status_reason = ?, last_run_at = ? WHERE id = ?",
        (*read["portals"].rows[0], portal_id),
    )
    marks = ", ".join("?" * len(_RESULT))
    connection.execute(
        f"INSERT OR REPLACE INTO portal_runs (run_id, portal_id, {', '.join(_RESULT)}) VALUES (?, ?, {marks})",
        (run_id, portal_id, *read["portal_runs"].rows[0]),
    )


def _state(connection: Connection, portal_id: str, which_crawl: str) -> dict[str, Rows]:
    """The tables that go both ways; of the crawls of the portal the latest for which ``which_crawl`` holds."""
    rows = {
        name: _select(connection, name, f"SELECT * FROM {name} WHERE portal_id = ?", portal_id)
        for name in _OF_THE_PORTAL
    }
    crawls = f"SELECT * FROM _crawls WHERE portal_id = ? AND {which_crawl} ORDER BY id DESC LIMIT 1"
    rows["_crawls"] = _select(connection, "_crawls", crawls, portal_id)
    crawl_id = rows["_crawls"].rows[0][0] if rows["_crawls"].rows else None
    entries = "SELECT * FROM _frontier WHERE crawl_id = ? ORDER BY id"
    rows[_OF_THE_CRAWL] = _select(connection, _OF_THE_CRAWL, entries, crawl_id)
    return rows


def _captures(connection: Connection, portal_id: str) -> tuple[Rows, Rows]:
    """Captures, as they are to be put in, and their documents.

    Of each address the latest that still has its document; before them, of each of these
    documents the first of all, which revisit records name.
    """
    ours = (
        "WITH ours AS (SELECT * FROM (SELECT *, row_number() OVER"
        " (PARTITION BY url ORDER BY fetched_at DESC, id DESC) AS place FROM captures WHERE portal_id = ?"
        " AND sha256 IS NOT NULL AND sha256 NOT IN (SELECT sha256 FROM _lost_documents)) WHERE place = 1) "
    )
    columns = [name for name in _CAPTURE if name != "is_own"]
    first = (
        f"SELECT {', '.join(columns)}, 0 FROM captures WHERE id IN"
        " (SELECT min(id) FROM captures WHERE sha256 IN (SELECT sha256 FROM ours) GROUP BY sha256)"
    )
    latest = f"SELECT {', '.join(columns)}, 1 FROM ours"
    captures = [connection.execute(f"{ours}{one} ORDER BY 1", (portal_id,)).fetchall() for one in (first, latest)]
    query = f"{ours}SELECT * FROM documents WHERE sha256 IN (SELECT sha256 FROM ours)"
    return Rows(_CAPTURE, [*captures[0], *captures[1]]), _select(connection, "documents", query, portal_id)


def _select(connection: Connection, table: str, query: str, *values: object) -> Rows:
    """The rows that ``query`` gives, whose columns are columns of ``table``."""
    cursor = connection.execute(query, values)
    kinds = tables.columns_of(connection, table)
    return Rows({name: kinds[name] for name, *_ in cursor.description}, cursor.fetchall())


def _with(rows: Rows, **values: Any) -> Rows:
    """``rows`` with one value each in the columns named."""
    columns = list(rows.columns)
    return Rows(
        rows.columns,
        [[values.get(name, value) for name, value in zip(columns, row, strict=True)] for row in rows.rows],
    )
