"""Rows of the public tables for one report."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from archive.packing import Evidence, pack_evidence
from archive.schema import APPLICANT_COLUMNS, OUTCOME_COLUMNS
from parsers.document import Place
from parsers.report import Finding, Reading, Readings, Report

Row = tuple[Any, ...]
_INTEGERS = range(-(2**63), 2**63)


def section_id(report_id: str, number: int) -> int:
    """Return the row id of a section: 52 bits, so that JavaScript reads it exactly."""
    return int(hashlib.sha256(f"{report_id}/{number}".encode()).hexdigest()[:13], 16)


def sections(report_id: str, report: Report) -> list[Row]:
    """Return (id, report_id, number, heading, text); sections of one number become one."""
    merged: dict[int, tuple[str, list[str]]] = {}
    for section in report.sections:
        merged.setdefault(section.number, (section.heading, []))[1].append(section.text)
    return [
        (section_id(report_id, number), report_id, number, heading, "\n".join(texts))
        for number, (heading, texts) in sorted(merged.items())
    ]


def disclosures(report_id: str, report: Report) -> list[Row]:
    """Return (report_id, item, measure, value, unit, printed) for each printed cell."""
    return [
        (report_id, item, measure, value(reading), reading.unit, reading.printed)
        for item, measures in report.disclosures.items()
        for measure, reading in measures.items()
    ]


def requests(report_id: str, report: Report) -> list[Row]:
    """Return (report_id, item, one column for each applicant) for each printed row."""
    return _wide(report_id, report.requests, APPLICANT_COLUMNS)


def reviews(report_id: str, report: Report) -> list[Row]:
    """Return (report_id, proceeding, one column for each outcome) for each proceeding printed."""
    return _wide(report_id, report.reviews, OUTCOME_COLUMNS)


def indicators(report_id: str, report: Report) -> list[Row]:
    """Return (report_id, position, label, unit, value)."""
    return [
        (report_id, position, label, unit, _storable(number))
        for position, (label, unit, number) in enumerate(report.indicators, start=1)
    ]


def findings(report_id: str, found: Iterable[Finding]) -> list[Row]:
    """Return the rows of ``findings``; what has the same rule and cells is told apart by its message."""
    rows: dict[str, Row] = {}
    distinct = {
        (finding.rule, finding.cells, finding.key, finding.other_report_id or "", finding.message): finding
        for finding in found
    }
    for _, finding in sorted(distinct.items()):
        identity = finding.fingerprint(report_id)
        if identity in rows:
            identity = hashlib.sha256(f"{identity}\x1f{finding.message}".encode()).hexdigest()[:16]
        rows[identity] = (
            identity,
            report_id,
            finding.rule,
            finding.severity,
            finding.cause,
            finding.message,
            json.dumps(finding.cells, ensure_ascii=False),
            finding.expected,
            finding.actual,
            finding.evidence,
            finding.other_report_id,
            json.dumps(finding.other_cells, ensure_ascii=False) if finding.other_report_id else None,
        )
    return list(rows.values())


def evidence(report: Report) -> Evidence:
    """Return for every cell read what is printed and where."""
    cells = {
        name: {
            "printed": reading.printed,
            "kind": reading.kind,
            "unit": reading.unit,
            "sure": reading.sure,
            "place": _place(reading.place),
            **_recognition(reading),
        }
        for name, reading in report.readings()
    }
    return pack_evidence(cells)


def _recognition(reading: Reading) -> dict[str, Any]:
    """Of a cell recognised in a picture, the score and whether two looks agreed."""
    seen = reading.recognition
    return {"ocr": {"score": seen.score, "agreed": seen.agreed}} if seen else {}


def out_of_range(report: Report) -> Iterator[Finding]:
    """Yield a finding for each figure that the database cannot hold; such cells stay null."""
    for name, reading in report.readings():
        if reading.kind == "number" and reading.number is not None and value(reading) is None:
            yield Finding(
                rule="extraction.unreadable_cell",
                severity="warning",
                cause="unknown",
                message=f"数值超出可存储的范围：{reading.printed[:80]}",
                cells=(name,),
                evidence=reading.printed[:200],
            )


def value(reading: Reading | None) -> int | float | None:
    """Return the figure to store; None unless a number is printed."""
    return _storable(reading.number) if reading is not None and reading.kind == "number" else None


def _storable(number: int | float | None) -> int | float | None:
    if isinstance(number, float):
        return number if math.isfinite(number) else None
    return number if number is None or number in _INTEGERS else None


def _wide(report_id: str, table: Readings, columns: tuple[str, ...]) -> list[Row]:
    return [(report_id, code, *(value(cells.get(column)) for column in columns)) for code, cells in table.items()]


_PLACE = tuple(one.name for one in fields(Place))


def _place(place: Place) -> dict[str, Any]:
    known = {name: getattr(place, name) for name in _PLACE}
    return {name: part for name, part in known.items() if part is not None}
