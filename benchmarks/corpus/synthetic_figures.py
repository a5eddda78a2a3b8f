"""Figures of fictional reports, worked out once: histories of some organs, which many organs then print as theirs."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import checks
from archive import rows
from archive.packing import Evidence
from benchmarks.corpus.reports import WRONG_SUM_SHARE, leave_blanks, misprint
from checks.neighbours import CELLS, pack_cells
from parsers.document import Place
from parsers.report import Finding, Reading, Readings, Report
from sample.figures import Ledger
from sample.organs import Organ, Scale

SCALES: tuple[Scale, ...] = ("small", "busy", "office", "district", "city")
_PER_SCALE = 24
_BLANKS_SHARE = 0.3
_WITHOUT_TEXT = ("organ", "year", "title", "published_on", "scope", "named", "preamble", "sections", "problems")
_HOST = "example.invalid"


@dataclass(frozen=True)
class Year:
    """The figures of one year as they go into the database; what differs between organs is left out.

    ``findings`` are those of the rules that need figures only. ``disclosures``, ``requests`` and
    ``reviews`` are rows without the report's id.
    """

    report: Report
    findings: tuple[Finding, ...]

    @cached_property
    def totals(self) -> dict[str, int | None]:
        """The total of each row of table 三, None where it is blank."""
        return {row: rows.value(cells["total"]) for row, cells in self.report.requests.items()}  # type: ignore[misc]

    @cached_property
    def figure_count(self) -> int:
        """How many cells print a number."""
        return self.report.figure_count

    @cached_property
    def compared(self) -> list[Any]:
        """The cells that other years are compared with, as the archive keeps them."""
        readings = dict(self.report.readings())
        return pack_cells({name: readings[name] for name in CELLS if name in readings})

    @cached_property
    def disclosures(self) -> list[rows.Row]:
        """Rows of table 二."""
        return [row[1:] for row in rows.disclosures("", self.report)]

    @cached_property
    def requests(self) -> list[rows.Row]:
        """Rows of table 三."""
        return [row[1:] for row in rows.requests("", self.report)]

    @cached_property
    def reviews(self) -> list[rows.Row]:
        """Rows of table 四."""
        return [row[1:] for row in rows.reviews("", self.report)]

    @cached_property
    def evidence(self) -> Evidence:
        """What its cells print and where, as the table of evidence keeps it."""
        return rows.evidence(self.report)

    @cached_property
    def _packed(self) -> tuple[bytes, int]:
        data = json.loads(self.report.to_json())
        begun = json.dumps({name: data[name] for name in data if name not in _WITHOUT_TEXT}, ensure_ascii=False)
        plain = begun[:-1].encode()
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        # What comes after a full flush refers to nothing before it, so that anything may be put there.
        return deflate.compress(plain) + deflate.flush(zlib.Z_FULL_FLUSH), zlib.adler32(plain)

    def packed(self, text: Mapping[str, object]) -> bytes:
        """The report with ``text`` (its remaining fields), as ``archive.packing`` keeps one."""
        begun, checksum = self._packed
        ended = ("," + json.dumps(text, ensure_ascii=False)[1:]).encode()
        deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        body = begun + deflate.compress(ended) + deflate.flush()
        return b"\x78\x9c" + body + zlib.adler32(ended, checksum).to_bytes(4, "big")


def histories(seed: int, years: Sequence[int]) -> dict[Scale, list[list[Year]]]:
    """For each scale some histories: the figures of ``years``, each following from the year before."""
    return {
        scale: [
            _history(random.Random(f"{seed}/{scale}/{number}"), scale, years, number) for number in range(_PER_SCALE)
        ]
        for scale in SCALES
    }


def _history(rng: random.Random, scale: Scale, years: Sequence[int], number: int) -> list[Year]:
    ledger = Ledger(Organ("", "", "", _HOST, "department", scale, "", ()), rng)
    return [_year(rng, ledger, year, pages=number % 3 == 0) for year in years]


def _year(rng: random.Random, ledger: Ledger, year: int, *, pages: bool) -> Year:
    edition = "2019" if year < 2021 else "2021"
    readings = {
        "disclosures": ledger.disclosures(edition),
        "requests": ledger.requests(edition),
        "reviews": ledger.reviews(),
    }
    if rng.random() < WRONG_SUM_SHARE:
        misprint(readings, rng)
    if rng.random() < _BLANKS_SHARE:
        leave_blanks(readings, rng)
    for number, table in enumerate(readings.values(), start=1):
        _place(table, number, pages=pages)
    report = Report(
        organ="", year=year, title="", edition=edition, disclosures_edition=edition, requests_edition=edition,
        status="complete", **readings,
    )  # fmt: skip
    found = [finding for finding in checks.run(report) if not any("sections" in cell for cell in finding.cells)]
    return Year(report, tuple(finding for finding in found if finding.cells))


def _place(table: Readings, number: int, *, pages: bool) -> None:
    """Say of each cell where it stands: in a table of a page, or of an HTML document."""
    for row, cells in enumerate(table.values(), start=3):
        for column, (name, reading) in enumerate(cells.items(), start=2):
            box = (80.0 + 60.4 * column, 90.0 + 21.6 * row, 140.4 + 60.4 * column, 111.6 + 21.6 * row)
            place = Place(page=number + 1 if pages else None, box=box if pages else None,
                          table=number, row=row, column=column)  # fmt: skip
            cells[name] = Reading(reading.kind, reading.printed, reading.number, reading.unit, reading.sure, place)
