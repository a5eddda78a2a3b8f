"""What the checks across reports keep of each: its cells that others compare, and its passages.

``_facts`` and ``_passages`` follow from the public tables alone; whatever of a report alters them,
or alters what the checks say with them, names the reports whose checks are due again.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cached_property
from itertools import chain
from typing import Any

from archive.packing import unpack_evidence
from archive.store import Archive
from checks import years_restated
from checks.neighbours import CELLS, EarlierFigure, Neighbour, pack_cells, unpack_cells
from checks.passages import Passage, names_of, names_pattern, passages
from checks.reuse import COMMON_ORGANS
from parsers import forms
from parsers.report import Reading, ValueKind

BUILD, INDEX, COMPARE = 0, 1, 2
"""Stages of ``_unchecked``: to be built again, to be noted here, to be compared with others."""

CHINA = timezone(timedelta(hours=8))
"""Where days begin: the law's dates are those of China, which keeps one time."""
_PASSAGE = struct.Struct("<qHB")
_KEPT_PASSAGES = 300


@dataclass(frozen=True, slots=True)
class Known:
    """A report as the archive has it: public facts, and the hash, length and section of its passages in order."""

    report: Neighbour
    passages: tuple[tuple[int, int, int], ...]


class Neighbours:
    """The facts and passages of an archive, read and brought up to date; one for a run of the checks."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._execute = archive.db.conn.execute
        self._common: set[int] = set()
        self._organs: int | None = None
        self._passages: dict[str, list[Passage]] = {}

    # Reading ----------------------------------------------------------------------------

    def of_organ(self, organ_id: str) -> list[Known]:
        """The organ's reports as noted, in order of years."""
        found = []
        for row in self._execute(
            "SELECT r.id, r.organ_id, o.name, r.year, r.title, o.kind, o.level, r.scope, r.published_on, r.captured_at,"
            " f.data, f.passages FROM _facts f JOIN reports r ON r.id = f.report_id JOIN organs o ON o.id = r.organ_id"
            " WHERE f.organ_id = ? ORDER BY f.year",
            (organ_id,),
        ):
            captured_at, data, packed = row[-3:]
            facts = json.loads(data)
            report = replace(
                Neighbour(*row[:-3]),
                captured_on=day_in_china(captured_at),
                cells=unpack_cells(facts["cells"]),
                earlier=tuple(EarlierFigure(*figure) for figure in facts["earlier"]),
                corrections=tuple(facts["corrections"]),
            )
            found.append(Known(report, tuple(_PASSAGE.iter_unpack(packed))))
        return found

    def report(self, report_id: str) -> Neighbour | None:
        """A report without its cells; None where it is not noted."""
        row = self._execute(
            "SELECT r.id, r.organ_id, o.name, r.year, r.title, o.kind, o.level, r.scope, r.published_on"
            " FROM _facts f JOIN reports r ON r.id = f.report_id JOIN organs o ON o.id = r.organ_id"
            " WHERE f.report_id = ?",
            (report_id,),
        ).fetchone()
        return Neighbour(*row) if row else None

    def sections(self, report_id: str) -> dict[int, str]:
        """The report's prose by number of section."""
        return dict(
            self._execute("SELECT number, text FROM sections WHERE report_id = ? ORDER BY number", (report_id,))
        )

    def prose(self, report_id: str) -> list[Passage]:
        """The report's passages with their words; the latest asked for are kept."""
        if report_id not in self._passages:
            if len(self._passages) >= _KEPT_PASSAGES:
                self._passages.clear()
            self._passages[report_id] = passages(
                self.sections(report_id).items(), names_pattern(self._names(report_id))
            )
        return self._passages[report_id]

    def organs(self) -> int:
        """How many organs the archive has reports of; counted once, after all reports are noted."""
        if self._organs is None:
            self._organs = int(self._execute("SELECT count(DISTINCT organ_id) FROM _facts").fetchone()[0])
        return self._organs

    def is_common(self, passage: int) -> bool:
        """Whether so many organs use a passage that it is nobody's."""
        if passage in self._common:
            return True
        organs = self._execute(
            "SELECT DISTINCT organ FROM _passages WHERE hash = ? LIMIT ?", (passage, COMMON_ORGANS)
        ).fetchall()
        if len(organs) < COMMON_ORGANS:
            return False
        self._remember_common(passage)
        return True

    def holders(self, passage: int) -> list[tuple[str, int]]:
        """The organs and years whose reports have a passage; for passages that are not common."""
        return self._execute(
            "SELECT o.organ_id, p.year FROM _passages p JOIN _passage_organs o ON o.number = p.organ WHERE p.hash = ?",
            (passage,),
        ).fetchall()

    # Writing ----------------------------------------------------------------------------

    def note(self, report_id: str) -> None:
        """Bring what is kept of a report up to the public tables; say whose checks are due for it."""
        organ_id, _, year = report_id.rpartition("-")
        before = self._execute("SELECT digest, passages FROM _facts WHERE report_id = ?", (report_id,)).fetchone()
        facts = self._facts(report_id)
        if (before[0] if before else None) != (facts.digest if facts else None):
            old = {row[0] for row in _PASSAGE.iter_unpack(before[1])} if before else set()
            new = facts.hashes if facts else set()
            due = self._concerned(old | new, organ_id, int(year))
            self._write_passages(organ_id, int(year), old, new)
            if facts:
                self._execute(
                    "INSERT OR REPLACE INTO _facts VALUES (?, ?, ?, ?, ?, ?)",
                    (report_id, organ_id, int(year), facts.digest, facts.data, facts.packed),
                )
            else:
                self._execute("DELETE FROM _facts WHERE report_id = ?", (report_id,))
            due |= {row[0] for row in self._execute("SELECT report_id FROM _facts WHERE organ_id = ?", (organ_id,))}
            self._archive.db.conn.executemany(
                "INSERT OR IGNORE INTO _unchecked VALUES (?, ?)", [(one, COMPARE) for one in sorted(due)]
            )
            self._renamed(report_id, organ_id)
        self._execute("UPDATE _unchecked SET stage = ? WHERE report_id = ?", (COMPARE, report_id))

    def _concerned(self, hashes: Iterable[int], organ_id: str, year: int) -> set[str]:
        """The reports that share a passage which is, or without this report would be, nobody's common phrase."""
        found: set[str] = set()
        for passage in sorted(hashes):
            if passage in self._common:
                continue
            organs = self._execute(
                "SELECT DISTINCT organ FROM _passages WHERE hash = ? LIMIT ?", (passage, COMMON_ORGANS + 1)
            ).fetchall()
            if len(organs) > COMMON_ORGANS:
                self._remember_common(passage)
                continue
            found.update(
                f"{holder}-{held}" for holder, held in self.holders(passage) if (holder, held) != (organ_id, year)
            )
        return found

    def _remember_common(self, passage: int) -> None:
        if len(self._common) >= 200_000:
            self._common.clear()
        self._common.add(passage)

    def _write_passages(self, organ_id: str, year: int, old: set[int], new: set[int]) -> None:
        many = self._archive.db.conn.executemany
        self._execute("INSERT OR IGNORE INTO _passage_organs (organ_id) VALUES (?)", (organ_id,))
        ((number,),) = self._execute("SELECT number FROM _passage_organs WHERE organ_id = ?", (organ_id,)).fetchall()
        many(
            "DELETE FROM _passages WHERE hash = ? AND organ = ? AND year = ?",
            [(one, number, year) for one in sorted(old - new)],
        )
        many("INSERT INTO _passages VALUES (?, ?, ?)", [(one, number, year) for one in sorted(new - old)])
        self._common -= old - new

    def _renamed(self, report_id: str, organ_id: str) -> None:
        """An organ's names are masked in all of its reports: another name makes other passages."""
        names = "\x1f".join(self._names(report_id))
        for other, data in self._execute(
            "SELECT report_id, data FROM _facts WHERE organ_id = ? AND report_id <> ?", (organ_id, report_id)
        ).fetchall():
            if json.loads(data)["names"] != names:
                self._execute("UPDATE _unchecked SET stage = ? WHERE report_id = ?", (INDEX, other))

    def _names(self, report_id: str) -> tuple[str, ...]:
        row = self._execute(
            "SELECT o.name, o.province, o.city, o.county FROM reports r JOIN organs o ON o.id = r.organ_id"
            " WHERE r.id = ?",
            (report_id,),
        ).fetchone()
        return names_of(row[0], row[1:]) if row else ()

    def _facts(self, report_id: str) -> _Facts | None:
        row = self._execute(
            "SELECT r.year, r.title, r.scope, r.published_on, r.captured_at, o.name, o.kind, o.level, e.cells"
            " FROM reports r JOIN organs o ON o.id = r.organ_id LEFT JOIN evidence e ON e.report_id = r.id"
            " WHERE r.id = ?",
            (report_id,),
        ).fetchone()
        if row is None:
            return None
        *known, evidence = row
        texts = self.sections(report_id)
        names = self._names(report_id)
        found = passages(texts.items(), names_pattern(names))
        content = {
            "cells": pack_cells(self._cells(report_id, unpack_evidence(evidence))),
            "earlier": [
                (figure.field, figure.number, figure.sentence)
                for figure in years_restated.figures_in(texts.values(), row[0])
            ],
            "corrections": years_restated.corrections_in(texts.values(), row[0]),
            "names": "\x1f".join(names),
        }
        return _Facts(json.dumps(content, ensure_ascii=False, sort_keys=True), found, json.dumps([known, texts]))

    def _cells(self, report_id: str, evidence: dict[str, Any]) -> dict[str, Reading]:
        numbers: dict[str, float | int | None] = {}
        columns = ", ".join(forms.APPLICANTS)
        for item, *values in self._execute(
            f"SELECT item, {columns} FROM requests WHERE report_id = ?"
            " AND item IN ('new', 'carried_in', 'handled_total', 'carried_out')",
            (report_id,),
        ):
            numbers |= {
                f"requests.{item}.{name}": number for name, number in zip(forms.APPLICANTS, values, strict=True)
            }
        for item, measure, value in self._execute(
            "SELECT item, measure, value FROM disclosures WHERE report_id = ?", (report_id,)
        ):
            numbers[f"disclosures.{item}.{measure}"] = value if isinstance(value, int | float) else None
        return {
            name: _reading(numbers.get(name), seen)
            for name in CELLS
            if (seen := evidence.get(name)) is not None or numbers.get(name) is not None
        }


@dataclass(frozen=True)
class _Facts:
    data: str
    found: Sequence[Passage]
    beside: str

    @cached_property
    def hashes(self) -> set[int]:
        return {one.hash for one in self.found}

    @cached_property
    def packed(self) -> bytes:
        return pack_passages(self.found)

    @cached_property
    def digest(self) -> str:
        parts = chain((self.data.encode(), self.beside.encode()))
        return hashlib.sha256(b"\0".join(parts) + self.packed).hexdigest()


def pack_passages(found: Iterable[Passage]) -> bytes:
    """Hash, length and section of each passage, as ``_facts`` keeps them in order."""
    # A section's number beyond a byte, or a clause beyond a short one, is no report's.
    return b"".join(_PASSAGE.pack(one.hash, min(len(one.masked), 0xFFFF), one.section % 256) for one in found)


def _reading(number: float | int | None, seen: dict[str, Any] | None) -> Reading:
    seen = seen or {}
    kind: ValueKind = "number" if number is not None else seen.get("kind", "blank")
    if kind == "number" and number is None:
        # A figure that the database could not hold is none here either.
        kind = "unreadable"
    # What was recognised in a picture holds within its own table; against another year it is in doubt.
    return Reading(kind, number=number, sure=bool(seen.get("sure", True)) and "ocr" not in seen)


def day_in_china(moment: str) -> str:
    """The day (ISO) in China of a UTC time of the archive."""
    return datetime.fromisoformat(moment).astimezone(CHINA).date().isoformat()
