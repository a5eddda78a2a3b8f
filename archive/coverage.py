"""The table ``coverage``: of each organ and year that ought to have a report, whether it has one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from archive.neighbours import day_in_china
from archive.store import Archive
from checks.due import passed
from checks.expected import Body, Present, expected

Vanished = Mapping[str, tuple[str, str]]
"""The days on which a vanished report was last seen and first missed, by its id."""


class Coverage:
    """Writes the table for some organs at a time; ``today`` decides what is due."""

    def __init__(self, archive: Archive, today: date, vanished: Vanished) -> None:
        self._execute = archive.db.conn.execute
        self._many = archive.db.conn.executemany
        self._today = today
        self._vanished = vanished
        self._crawls = {
            portal: day_in_china(moment)
            for portal, moment in self._execute(
                "SELECT p.portal_id, max(r.started_at) FROM portal_runs p JOIN runs r ON r.id = p.run_id"
                " WHERE p.status = 'ok' GROUP BY p.portal_id"
            )
        }

    def enqueue(self) -> None:
        """Note the organs whose rows are due though none of their reports was altered; the caller holds a transaction.

        Days and crawls tell only by the days on which reports are due that lie before them.
        """
        known = dict(self._execute("SELECT substr(key, 9), value FROM _checked WHERE key GLOB 'covered *'").fetchall())
        now = {portal: passed(date.fromisoformat(day)).isoformat() for portal, day in self._crawls.items()}
        now[""] = passed(self._today).isoformat()
        changed = {portal for portal, day in now.items() if known.get(portal) != day}
        if "" in changed:
            self._execute("INSERT OR IGNORE INTO _uncovered SELECT id FROM organs UNION SELECT organ_id FROM coverage")
        else:
            for portal in sorted(changed):
                self._execute(
                    "INSERT OR IGNORE INTO _uncovered SELECT id FROM organs WHERE portal_id = ?1"
                    " UNION SELECT organ_id FROM _extractions WHERE portal_id = ?1 AND organ_id IS NOT NULL",
                    (portal,),
                )
        self._many(
            "INSERT OR REPLACE INTO _checked VALUES (?, ?)", [(f"covered {one}", now[one]) for one in sorted(changed)]
        )

    def rebuild(self, organ_ids: Collection[str]) -> None:
        """Bring the rows of these organs up to date; the caller holds the transaction."""
        for organ_id in organ_ids:
            old = {
                row[0]: (row[1], row[2])
                for row in self._execute("SELECT year, state, since FROM coverage WHERE organ_id = ?", (organ_id,))
            }
            new = {year: (state, since) for year, state, since in expected(self._body(organ_id), self._today)}
            if old != new:
                self._execute("DELETE FROM coverage WHERE organ_id = ?", (organ_id,))
                self._many(
                    "INSERT INTO coverage (organ_id, year, state, since) VALUES (?, ?, ?, ?)",
                    [(organ_id, year, *new[year]) for year in sorted(new)],
                )

    def _body(self, organ_id: str) -> Body:
        organ = self._execute("SELECT kind, portal_id FROM organs WHERE id = ?", (organ_id,)).fetchone()
        if organ is None:
            return Body(None, None)
        reports: dict[int, Present] = {}
        scope = None
        for report_id, year, status, of, since in self._execute(
            "SELECT r.id, r.year, r.status, r.scope, min(v.first_captured_at) FROM reports r"
            " JOIN versions v ON v.report_id = r.id WHERE r.organ_id = ? GROUP BY r.id ORDER BY r.year",
            (organ_id,),
        ):
            gone = self._vanished.get(report_id)
            reports[year] = Present(status, day_in_china(since), gone[1] if gone else None)
            scope = of or scope
        portals = {
            row[0]
            for row in self._execute("SELECT DISTINCT portal_id FROM _extractions WHERE organ_id = ?", (organ_id,))
        } | {organ[1]}
        crawls = [self._crawls[portal] for portal in portals if portal in self._crawls]
        (until,) = self._execute(
            "SELECT min(year) - 1 FROM organ_successions WHERE predecessor_id = ?", (organ_id,)
        ).fetchone()
        listed = {row[0] for row in self._execute("SELECT year FROM _listed WHERE organ_id = ?", (organ_id,))}
        return Body(organ[0], scope, reports, max(crawls, default=None), until, listed)


def vanished(archive: Archive) -> dict[str, tuple[str, str]]:
    """The reports that are at none of the addresses at which their portals listed them (days in China)."""
    execute = archive.db.conn.execute
    gone = {row[0] for row in execute("SELECT url FROM _sightings WHERE missing_since IS NOT NULL")}
    if not gone:
        return {}
    found: dict[str, tuple[str, str]] = {}
    candidates: set[str] = set()
    for url in sorted(gone):
        landed = execute("SELECT url FROM _origins WHERE landing_url = ? ORDER BY url", (url,)).fetchall()
        for one in (url, *(row[0] for row in landed)):
            candidates.update(
                row[0]
                for row in execute(
                    "SELECT DISTINCT e.report_id FROM captures c JOIN _extractions e"
                    " ON e.sha256 = c.sha256 AND e.url = c.url WHERE c.url = ? AND e.report_id IS NOT NULL",
                    (one,),
                )
            )
    for report_id in sorted(candidates):
        seen = execute(
            "SELECT s.last_seen_at, s.missing_since FROM _sightings s WHERE s.url IN ("
            "SELECT e.url FROM _extractions e WHERE e.report_id = ?1 UNION SELECT o.landing_url FROM _extractions e"
            " JOIN _origins o ON o.url = e.url WHERE e.report_id = ?1 AND o.landing_url IS NOT NULL)",
            (report_id,),
        ).fetchall()
        if seen and all(missing for _, missing in seen):
            found[report_id] = (
                day_in_china(max(last for last, _ in seen)),
                day_in_china(max(missing for _, missing in seen)),
            )
    return found
