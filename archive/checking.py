"""Runs the checks that need more than one report, for the reports that anything new bears on.

``_unchecked`` says which those are and how far each has come, so that a run that is stopped goes on
where it was. What comes out depends on what the archive holds, not on the order in which it came.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources
from itertools import groupby

from archive import listed, reuse, rows, successions
from archive.coverage import Coverage, vanished
from archive.neighbours import BUILD, CHINA, COMPARE, INDEX, Known, Neighbours, day_in_china
from archive.reports import ARCHIVE_RULES, FINDING_COLUMNS, rebuild_reports
from archive.store import Archive
from checks import calendar, years_carried_over, years_jump, years_restated, years_sums
from checks.calendar import Alteration
from checks.reuse import LEAST_ORGANS, OTHER_ORGAN
from parsers.report import Finding

_BATCH_REPORTS = 100

Progress = Callable[[str, int], None]
"""Told the stage ('building', 'noting', 'comparing', 'coverage') and how many more are done."""
_STAGES = {BUILD: "building", INDEX: "noting", COMPARE: "comparing"}


@dataclass(slots=True)
class Summary:
    """What a run did: reports built again and compared; findings by rule that are new, and that are gone."""

    built: int = 0
    compared: int = 0
    new: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)


def rules_version() -> str:
    """A hash of the rules' words and programs: where it differs, everything is checked again."""
    digest = hashlib.sha256()
    for entry in sorted(resources.files("checks").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith((".py", ".toml")):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return digest.hexdigest()


def due(archive: Archive) -> int:
    """How many reports are to be checked, as far as that is known before a run."""
    return int(archive.db.conn.execute("SELECT count(*) FROM _unchecked").fetchone()[0])


def check(
    archive: Archive, *, everything: bool = False, today: date | None = None, progress: Progress | None = None
) -> Summary:
    """Check what is due, ``everything`` from the kept captures on; each batch is one transaction.

    ``today`` (in China) decides which reports are due. Everything is checked once where the
    rules are not those of the last run.
    """
    return _Check(archive, today or datetime.now(CHINA).date(), progress or (lambda _stage, _count: None)).run(
        everything
    )


class _Check:
    def __init__(self, archive: Archive, today: date, progress: Progress) -> None:
        self._archive = archive
        self._execute = archive.db.conn.execute
        self._progress = progress
        self._today = today
        self._vanished = vanished(archive)
        self._summary = Summary()

    def run(self, everything: bool) -> Summary:
        with self._archive.db.atomic():
            self._enqueue(everything)
        self._each(BUILD, self._build)
        if self._summary.built:
            successions.rebuild(self._archive)
        with self._archive.db.atomic():
            self._enqueue_relations()
            self._enqueue_vanished()
        self._neighbours = Neighbours(self._archive)
        self._each(INDEX, self._note)
        with self._archive.db.atomic():
            self._enqueue_judged()
        self._related = self._relations()
        listed.refresh(self._archive)
        self._coverage = Coverage(self._archive, self._today, self._vanished)
        self._each(COMPARE, self._compare)
        self._cover_all()
        return self._summary

    # What is due ------------------------------------------------------------------------

    def _enqueue(self, everything: bool) -> None:
        known = self._known("rules")
        version = rules_version()
        if everything or known != version:
            # An archive that was never checked has in the queue what this program has built.
            again = "DO NOTHING" if known is None and not everything else f"DO UPDATE SET stage = {BUILD}"
            self._execute(
                f"INSERT INTO _unchecked SELECT report_id, {BUILD} FROM (SELECT id AS report_id FROM reports UNION"
                f" SELECT report_id FROM _extractions WHERE report_id IS NOT NULL) WHERE true ON CONFLICT {again}"
            )
            self._know("rules", version)

    def _enqueue_relations(self) -> None:
        now = sorted(f"{one}\t{other}" for one, others in self._relations().items() for other in others)
        before = json.loads(self._known("relations") or "[]")
        if now != before:
            for pair in set(now) ^ set(before):
                for organ_id in pair.split("\t"):
                    self._enqueue_compare(
                        row[0] for row in self._execute("SELECT id FROM reports WHERE organ_id = ?", (organ_id,))
                    )
            self._know("relations", json.dumps(now))

    def _enqueue_judged(self) -> None:
        """What many or few organs share is said in other words; few reports are concerned, as the organs are few."""
        many = str(int(self._neighbours.organs() >= LEAST_ORGANS))
        if self._known("many organs") != many:
            self._enqueue_compare(
                row[0]
                for row in self._execute(
                    "SELECT report_id FROM findings WHERE rule = ?", (OTHER_ORGAN.code,)
                ).fetchall()
            )
            self._know("many organs", many)

    def _enqueue_vanished(self) -> None:
        told = {
            row[0]: (row[1], row[2])
            for row in self._execute(
                "SELECT report_id, expected, actual FROM findings WHERE rule = ?", (calendar.VANISHED.code,)
            )
        }
        self._enqueue_compare(
            one for one in told.keys() | self._vanished.keys() if told.get(one) != self._vanished.get(one)
        )

    def _enqueue_compare(self, report_ids: Iterable[str]) -> None:
        self._archive.db.conn.executemany(
            "INSERT OR IGNORE INTO _unchecked VALUES (?, ?)", [(one, COMPARE) for one in sorted(report_ids)]
        )

    def _relations(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for one, other in self._execute("SELECT predecessor_id, successor_id FROM organ_successions"):
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return found

    def _known(self, key: str) -> str | None:
        row = self._execute("SELECT value FROM _checked WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def _know(self, key: str, value: str) -> None:
        self._execute("INSERT OR REPLACE INTO _checked VALUES (?, ?)", (key, value))

    # Stages -----------------------------------------------------------------------------

    def _each(self, stage: int, step: Callable[[Sequence[str]], None]) -> None:
        while True:
            batch = [
                row[0]
                for row in self._execute(
                    "SELECT report_id FROM _unchecked WHERE stage = ? ORDER BY report_id LIMIT ?",
                    (stage, _BATCH_REPORTS),
                )
            ]
            if not batch:
                return
            with self._archive.db.atomic():
                step(batch)
            self._progress(_STAGES[stage], len(batch))

    def _build(self, report_ids: Sequence[str]) -> None:
        before = self._own_findings(report_ids)
        rebuild_reports(self._archive, report_ids)
        after = self._own_findings(report_ids)
        self._count(before, after)
        self._summary.built += len(report_ids)

    def _note(self, report_ids: Sequence[str]) -> None:
        for report_id in report_ids:
            self._neighbours.note(report_id)

    def _compare(self, report_ids: Sequence[str]) -> None:
        for organ_id, of_organ in groupby(report_ids, key=lambda report_id: report_id.rpartition("-")[0]):
            history = self._neighbours.of_organ(organ_id)
            known = {one.report.report_id: one for one in history}
            for report_id in of_organ:
                if report_id in known:
                    self._write(report_id, self._findings(known[report_id], history))
                self._execute("DELETE FROM _unchecked WHERE report_id = ?", (report_id,))
                self._summary.compared += 1
            self._coverage.rebuild([organ_id])

    def _cover_all(self) -> None:
        """Days pass and portals are crawled without any report being altered."""
        with self._archive.db.atomic():
            self._coverage.enqueue()
        while batch := self._execute(
            "SELECT organ_id FROM _uncovered ORDER BY organ_id LIMIT ?", (_BATCH_REPORTS,)
        ).fetchall():
            with self._archive.db.atomic():
                self._coverage.rebuild([organ_id for (organ_id,) in batch])
                self._archive.db.conn.executemany("DELETE FROM _uncovered WHERE organ_id = ?", batch)
            self._progress("coverage", len(batch))

    # One report -------------------------------------------------------------------------

    def _findings(self, known: Known, history: Sequence[Known]) -> list[Finding]:
        report = known.report
        found: list[Finding] = []
        before = next((one.report for one in history if one.report.year == report.year - 1), None)
        if before:
            found += years_carried_over.check_year(report, before)
            found += years_sums.check_year(report, before)
            found += years_restated.check_year(report, before)
        found += years_jump.check_history(report, [one.report for one in history if one is not known])
        found += calendar.check_late(report)
        found += calendar.check_future(report)
        found += calendar.check_changed(self._alterations(report.report_id))
        if report.report_id in self._vanished:
            found += calendar.check_vanished(report, *self._vanished[report.report_id])
        found += reuse.check(self._neighbours, known, history, self._related.get(report.organ_id, ()))
        return found

    def _alterations(self, report_id: str) -> list[Alteration]:
        return [
            Alteration(day_in_china(moment), name, old, new)
            for name, old, new, moment in self._execute(
                "SELECT field, old, new, detected_at FROM changes WHERE report_id = ? ORDER BY detected_at, field",
                (report_id,),
            )
        ]

    def _write(self, report_id: str, found: Sequence[Finding]) -> None:
        columns = ", ".join(FINDING_COLUMNS)
        old = {
            row[0]: tuple(row)
            for row in self._execute(
                f"SELECT {columns} FROM findings WHERE report_id = ? AND rule IN ({ARCHIVE_RULES})", (report_id,)
            )
        }
        new = {row[0]: row for row in rows.findings(report_id, found)}
        stale = [identity for identity, row in old.items() if new.get(identity) != row]
        if stale:
            self._archive.db.conn.executemany("DELETE FROM findings WHERE id = ?", [(one,) for one in stale])
        self._archive.db.conn.executemany(
            f"INSERT INTO findings ({columns}) VALUES ({', '.join('?' * len(FINDING_COLUMNS))})",
            [row for identity, row in new.items() if old.get(identity) != row],
        )
        self._count({one: row[2] for one, row in old.items()}, {one: row[2] for one, row in new.items()})

    def _own_findings(self, report_ids: Sequence[str]) -> dict[str, str]:
        marks = ", ".join("?" * len(report_ids))
        return dict(
            self._execute(
                f"SELECT id, rule FROM findings WHERE report_id IN ({marks}) AND rule NOT IN ({ARCHIVE_RULES})",
                report_ids,
            ).fetchall()
        )

    def _count(self, before: dict[str, str], after: dict[str, str]) -> None:
        self._summary.new.update(rule for one, rule in after.items() if one not in before)
        self._summary.gone.update(rule for one, rule in before.items() if one not in after)
