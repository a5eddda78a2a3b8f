"""The frontier of a crawl: which addresses are done, which are left, and why some failed.

It stands in the archive's database and is the only thing that resuming a crawl relies on.
Every change of an entry, together with the entries that its page led to, is one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from archive import times
from archive.transactions import transaction

EXPLORE, COLUMN, REPORT, FILE = "explore", "column", "report", "file"
PENDING, DONE, FAILED, SKIPPED, LEFT = "pending", "done", "failed", "skipped", "left"
GONE_REASONS = ("http:404", "http:410", "soft404")
MAX_ATTEMPTS = 6


@dataclass(frozen=True, slots=True)
class Lead:
    """An address worth fetching.

    ``key`` is one for all spellings of the address, ``host`` its host and port, ``score`` its
    place in the order (higher first), ``context`` what the pages that led here say of it; it
    must be expressible as JSON.
    """

    url: str
    key: str
    host: str
    kind: str
    depth: int
    score: int
    context: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """A lead that stands in the frontier as ``id``; ``attempts`` counts the times it was begun."""

    id: int
    lead: Lead
    attempts: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An entry that was dealt with: its lead, its state, the reason of a failure, what came of it."""

    lead: Lead
    state: str
    reason: str | None
    result: dict[str, Any]


class Frontier:
    """The frontier of one crawl of one portal."""

    def __init__(self, db: Database, crawl_id: int, portal_id: str, run_id: str) -> None:
        self.db = db
        self.crawl_id = crawl_id
        self.portal_id = portal_id
        self.run_id = run_id

    @classmethod
    def open(cls, db: Database, portal_id: str, run_id: str) -> tuple[Frontier, bool]:
        """The portal's unfinished crawl, or else a new one; and whether it is resumed.

        The portal and the run must stand in the archive already.
        """
        with transaction(db):
            row = db.conn.execute(
                "SELECT id FROM _crawls WHERE portal_id = ? AND finished_at IS NULL ORDER BY id DESC LIMIT 1",
                (portal_id,),
            ).fetchone()
            if row:
                db.conn.execute("UPDATE _crawls SET run_id = ? WHERE id = ?", (run_id, row[0]))
                db.conn.execute(
                    "UPDATE _frontier SET state = 'pending', reason = NULL, attempts = 0"
                    " WHERE crawl_id = ? AND state = 'left'",
                    (row[0],),
                )
                # A command that was killed before it put anything in leaves a crawl that has not begun.
                begun = db.conn.execute("SELECT 1 FROM _frontier WHERE crawl_id = ? LIMIT 1", (row[0],)).fetchone()
                return cls(db, row[0], portal_id, run_id), begun is not None
            cursor = db.conn.execute(
                "INSERT INTO _crawls (portal_id, run_id, started_at) VALUES (?, ?, ?)",
                (portal_id, run_id, times.now()),
            )
        return cls(db, int(cursor.lastrowid or 0), portal_id, run_id), False

    def add(self, leads: Iterable[Lead]) -> None:
        """Put ``leads`` in; an address that is there already stays as it is.

        Only one that was taken for a mere page on the way is raised to a column or report,
        and is then fetched again with that in mind.
        """
        with transaction(self.db):
            self._add(leads)

    def claim(self, in_flight: Collection[int]) -> Entry | None:
        """The best pending entry that is not in ``in_flight``, counted as begun; None if none is left."""
        marks = ", ".join("?" * len(in_flight))
        while True:
            row = self.db.conn.execute(
                "SELECT id, url, key, host, kind, depth, score, context, attempts FROM _frontier"
                f" WHERE crawl_id = ? AND state = 'pending' AND id NOT IN ({marks})"
                " ORDER BY score DESC, id LIMIT 1",
                (self.crawl_id, *in_flight),
            ).fetchone()
            if row is None:
                return None
            with transaction(self.db):
                if row[8] >= MAX_ATTEMPTS:
                    # Whatever ended the process each time may be this very page.
                    self._settle(row[0], FAILED, "attempts", {})
                    continue
                self.db.conn.execute(
                    "UPDATE _frontier SET attempts = attempts + 1, tried_at = ? WHERE id = ?",
                    (times.now(), row[0]),
                )
            return Entry(row[0], _lead(row[1:8]), row[8] + 1)

    def put_back(self, entry: Entry) -> None:
        """Take back that ``entry`` was begun."""
        with transaction(self.db):
            self.db.conn.execute("UPDATE _frontier SET attempts = attempts - 1 WHERE id = ?", (entry.id,))

    def pending(self) -> int:
        """How many entries are left to fetch."""
        return self._count("state = 'pending'")

    def has_more_than(self, count: int) -> bool:
        """Whether more than ``count`` entries are left to fetch."""
        row = self.db.conn.execute(
            "SELECT 1 FROM _frontier WHERE crawl_id = ? AND state = 'pending' LIMIT 1 OFFSET ?",
            (self.crawl_id, count),
        ).fetchone()
        return row is not None

    def tried(self, kind: str, host: str | None = None) -> int:
        """How many entries of ``kind`` (on ``host``) were done or failed in this crawl."""
        if host is None:
            return self._count("kind = ? AND state IN ('done', 'failed')", kind)
        return self._count("kind = ? AND host = ? AND state IN ('done', 'failed')", kind, host)

    def documents(self) -> int:
        """How many documents this crawl has kept."""
        return self._count("state = 'done' AND json_extract(outcome, '$.document')")

    def skip(self, reason: str, *, kind: str | None = None, host: str | None = None) -> int:
        """Give up every pending entry (of ``kind``, on ``host``) for ``reason``; return how many."""
        with transaction(self.db):
            cursor = self.db.conn.execute(
                "UPDATE _frontier SET state = 'skipped', reason = ? WHERE crawl_id = ? AND state = 'pending'"
                " AND kind = coalesce(?, kind) AND host = coalesce(?, host)",
                (reason, self.crawl_id, kind, host),
            )
        return cursor.rowcount

    def leave(self, host: str, lost: Collection[int], reason: str) -> int:
        """Leave what is pending on ``host``, and the entries ``lost`` on it, to the next run; return how many."""
        marks = ", ".join("?" * len(lost))
        with transaction(self.db):
            cursor = self.db.conn.execute(
                "UPDATE _frontier SET state = 'left', reason = ? WHERE crawl_id = ?"
                f" AND (state = 'pending' AND host = ? OR id IN ({marks}))",
                (reason, self.crawl_id, host, *lost),
            )
        return cursor.rowcount

    def left(self) -> str | None:
        """Why entries were left to the next run, None if none were."""
        row = self.db.conn.execute(
            "SELECT reason FROM _frontier WHERE crawl_id = ? AND state = 'left' LIMIT 1", (self.crawl_id,)
        ).fetchone()
        return str(row[0]) if row else None

    def done(
        self, entry: Entry, result: dict[str, Any], leads: Iterable[Lead], *, requests: int = 0, size: int = 0
    ) -> None:
        """Record that ``entry`` was fetched with ``result`` and led to ``leads``, in one transaction.

        ``requests`` and ``size`` (bytes received) are added to what the crawl has cost so far.
        """
        with transaction(self.db):
            self._settle(entry.id, DONE, None, result)
            self._add(leads)
            self._spend(requests, size)

    def failed(self, entry: Entry, reason: str, *, requests: int = 0, size: int = 0) -> None:
        """Record that ``entry`` could not be fetched or used, with a machine-readable ``reason``."""
        with transaction(self.db):
            self._settle(entry.id, FAILED, reason, {})
            self._spend(requests, size)

    def again(self, entry: Entry, *, url: str | None = None, requests: int = 0, size: int = 0) -> None:
        """Leave ``entry`` to be fetched once more: at ``url`` if given, else after all others of its kind."""
        with transaction(self.db):
            self.db.conn.execute(
                "UPDATE _frontier SET url = ?, score = score - ? WHERE id = ?",
                (url or entry.lead.url, 0 if url else 1, entry.id),
            )
            self._spend(requests, size)

    def outcomes(self) -> list[Outcome]:
        """Every entry of this crawl with its state."""
        rows = self.db.conn.execute(
            "SELECT url, key, host, kind, depth, score, context, state, reason, outcome FROM _frontier"
            " WHERE crawl_id = ? ORDER BY id",
            (self.crawl_id,),
        )
        return [Outcome(_lead(row[:7]), row[7], row[8], json.loads(row[9] or "{}")) for row in rows]

    def cost(self) -> tuple[int, int]:
        """Requests made and bytes received in this crawl, over all the runs that worked on it."""
        row = self.db.conn.execute("SELECT requests, bytes FROM _crawls WHERE id = ?", (self.crawl_id,)).fetchone()
        return int(row[0]), int(row[1])

    def started_at(self) -> str:
        """When this crawl began, UTC ISO 8601."""
        row = self.db.conn.execute("SELECT started_at FROM _crawls WHERE id = ?", (self.crawl_id,)).fetchone()
        return str(row[0])

    def rows_seen(self, first: str) -> set[str]:
        """Keys of the rows that the pages of the list beginning at ``first`` have shown so far."""
        rows = self.db.conn.execute(
            "SELECT value FROM _frontier, json_each(outcome, '$.rows')"
            " WHERE crawl_id = ? AND state = 'done' AND json_extract(outcome, '$.first') = ?",
            (self.crawl_id, first),
        )
        return {row[0] for row in rows}

    def reports_named(self, first: str) -> int:
        """How many reports the pages of the list beginning at ``first`` have named so far."""
        row = self.db.conn.execute(
            "SELECT sum(json_extract(outcome, '$.reports')) FROM _frontier"
            " WHERE crawl_id = ? AND state = 'done' AND json_extract(outcome, '$.first') = ?",
            (self.crawl_id, first),
        ).fetchone()
        return int(row[0] or 0)

    def finish(self, portal_run: dict[str, Any], *, complete: bool) -> int:
        """End the crawl: write its ``portal_runs`` row and the portal's state.

        ``complete`` says that every list was read to its end, so that an address that was not
        met is truly no longer listed. Returns the number of listed reports that vanished;
        the row's ``vanished`` is set to it.
        """
        now = times.now()
        with transaction(self.db):
            vanished = self._sight(now, complete=complete)
            self._write_run({**portal_run, "vanished": vanished}, now)
            self.db.conn.execute("UPDATE _crawls SET finished_at = ? WHERE id = ?", (now, self.crawl_id))
            old = "SELECT id FROM _crawls WHERE portal_id = ? AND id < ? AND finished_at IS NOT NULL"
            self.db.conn.execute(f"DELETE FROM _frontier WHERE crawl_id IN ({old})", (self.portal_id, self.crawl_id))
        return vanished

    def interrupt(self, portal_run: dict[str, Any]) -> None:
        """Write the ``portal_runs`` row of a crawl that was stopped and is to be resumed."""
        with transaction(self.db):
            self._write_run(portal_run, times.now())

    def _add(self, leads: Iterable[Lead]) -> None:
        self.db.conn.executemany(
            "INSERT INTO _frontier (crawl_id, portal_id, run_id, url, key, host, kind, depth, score, context)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (crawl_id, key) DO UPDATE SET"
            " kind = excluded.kind, depth = excluded.depth, score = excluded.score,"
            " context = excluded.context, state = 'pending', attempts = 0"
            " WHERE kind = 'explore' AND excluded.kind != 'explore'",
            [
                (
                    self.crawl_id,
                    self.portal_id,
                    self.run_id,
                    lead.url,
                    lead.key,
                    lead.host,
                    lead.kind,
                    lead.depth,
                    lead.score,
                    json.dumps(lead.context, ensure_ascii=False),
                )
                for lead in leads
            ],
        )

    def _settle(self, entry_id: int, state: str, reason: str | None, result: dict[str, Any]) -> None:
        self.db.conn.execute(
            "UPDATE _frontier SET state = ?, reason = ?, outcome = ?, run_id = ?, tried_at = ? WHERE id = ?",
            (state, reason, json.dumps(result, ensure_ascii=False), self.run_id, times.now(), entry_id),
        )

    def _spend(self, requests: int, size: int) -> None:
        self.db.conn.execute(
            "UPDATE _crawls SET requests = requests + ?, bytes = bytes + ? WHERE id = ?",
            (requests, size, self.crawl_id),
        )

    def _count(self, condition: str, *values: object) -> int:
        query = f"SELECT count(*) FROM _frontier WHERE crawl_id = ? AND {condition}"
        return int(self.db.conn.execute(query, (self.crawl_id, *values)).fetchone()[0])

    def _sight(self, now: str, *, complete: bool) -> int:
        connection = self.db.conn
        connection.execute(
            "INSERT INTO _sightings (portal_id, key, url, listed, first_seen_at, last_seen_at)"
            " SELECT portal_id, key, url, coalesce(json_extract(context, '$.listed'), 0), ?, ? FROM _frontier"
            " WHERE crawl_id = ? AND state = 'done' AND json_extract(outcome, '$.document')"
            " ON CONFLICT (portal_id, key) DO UPDATE SET last_seen_at = excluded.last_seen_at,"
            " listed = max(listed, excluded.listed), missing_since = NULL, reason = NULL",
            (now, now, self.crawl_id),
        )
        marks = ", ".join("?" * len(GONE_REASONS))
        vanished = connection.execute(
            "UPDATE _sightings SET missing_since = ?, reason = 'gone' WHERE portal_id = ?"
            " AND missing_since IS NULL AND key IN (SELECT key FROM _frontier WHERE crawl_id = ?"
            f" AND state = 'failed' AND reason IN ({marks})) RETURNING listed",
            (now, self.portal_id, self.crawl_id, *GONE_REASONS),
        ).fetchall()
        if complete:
            vanished += connection.execute(
                "UPDATE _sightings SET missing_since = ?, reason = 'unlisted' WHERE portal_id = ?"
                " AND missing_since IS NULL AND key NOT IN (SELECT key FROM _frontier WHERE crawl_id = ?)"
                " RETURNING listed",
                (now, self.portal_id, self.crawl_id),
            ).fetchall()
        return sum(row[0] for row in vanished)

    def _write_run(self, portal_run: dict[str, Any], now: str) -> None:
        columns = (
            "status",
            "reason",
            "listed",
            "found",
            "new",
            "changed",
            "vanished",
            "failed",
            "requests",
            "bytes",
        )
        values = [portal_run.get(column) for column in columns]
        self.db.conn.execute(
            f"INSERT OR REPLACE INTO portal_runs (run_id, portal_id, {', '.join(columns)})"
            f" VALUES (?, ?, {', '.join('?' * len(columns))})",
            (self.run_id, self.portal_id, *values),
        )
        self.db.conn.execute(
            "UPDATE portals SET status = ?, status_reason = ?, last_run_at = ? WHERE id = ?",
            (portal_run.get("status"), portal_run.get("reason"), now, self.portal_id),
        )


def _lead(row: Sequence[Any]) -> Lead:
    url, key, host, kind, depth, score, context = row
    return Lead(url, key, host, kind, depth, score, json.loads(context))
