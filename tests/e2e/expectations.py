"""Compares an archive with the sample's truth, cell by cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from archive.packing import unpack_evidence
from parsers import forms
from parsers.report import Reading, Report
from sample.truth import ExpectedReport, Truth
from tests.e2e.program import query


def report_ids(folder: Path) -> dict[tuple[str, int], str]:
    """Ids of the archive's reports by full name of the organ and year."""
    rows = query(folder, "SELECT o.name, r.year, r.id FROM reports r JOIN organs o ON o.id = r.organ_id")
    return {(name, year): report_id for name, year, report_id in rows}


def assert_holds(folder: Path, truth: Truth) -> None:
    """Fail unless the archive in ``folder`` holds the reports of ``truth``, all of them and no others."""
    ids = report_ids(folder)
    wanted = {(report.organ, report.year): report for report in truth.reports}
    assert len(wanted) == len(truth.reports)
    assert ids.keys() == wanted.keys()
    for key, report_id in ids.items():
        assert_report(folder, report_id, wanted[key])


def assert_report(folder: Path, report_id: str, expected: ExpectedReport) -> None:
    """Fail unless every fact, section and cell of one report is as the portal prints it."""
    report = expected.report
    columns = "title, published_on, scope, edition, disclosures_edition, requests_edition, status"
    (facts,) = query(folder, f"SELECT {columns} FROM reports WHERE id = ?", report_id)
    assert facts == (
        expected.title,
        expected.published_on,
        report.scope,
        report.edition,
        report.disclosures_edition,
        report.requests_edition,
        report.status,
    )
    (url,) = query(folder, "SELECT url FROM reports WHERE id = ?", report_id)[0]
    assert url in expected.urls
    sections = query(folder, "SELECT number, heading, text FROM sections WHERE report_id = ? ORDER BY 1", report_id)
    assert [(number, _bare(heading), _bare(text)) for number, heading, text in sections] == [
        (section.number, _bare(section.heading), _bare(section.text)) for section in report.sections
    ]
    assert_tables(folder, report_id, report)


def assert_tables(folder: Path, report_id: str, report: Report) -> None:
    """Fail unless tables 二, 三 and 四 of one report hold exactly the cells of ``report``."""
    columns = "item, measure, value, unit, printed"
    assert query(folder, f"SELECT {columns} FROM disclosures WHERE report_id = ? ORDER BY 1, 2", report_id) == sorted(
        (item, measure, _value(reading), reading.unit, reading.printed)
        for item, cells in report.disclosures.items()
        for measure, reading in cells.items()
    )
    for table, key, codes, readings in (
        ("requests", "item", forms.APPLICANTS, report.requests),
        ("reviews", "proceeding", forms.OUTCOMES, report.reviews),
    ):
        rows = query(folder, f"SELECT {key}, {', '.join(codes)} FROM {table} WHERE report_id = ?", report_id)
        assert sorted(rows) == sorted(
            (row, *(_value(cells[code]) for code in codes)) for row, cells in readings.items()
        )
    ((stored,),) = query(folder, "SELECT cells FROM evidence WHERE report_id = ?", report_id)
    evidence: dict[str, dict[str, Any]] = unpack_evidence(stored)
    assert {name: (cell["kind"], cell["printed"]) for name, cell in evidence.items()} == {
        name: (reading.kind, reading.printed) for name, reading in report.readings()
    }


def _value(reading: Reading) -> int | float | None:
    return reading.number if reading.kind == "number" else None


def _bare(text: str) -> str:
    return "".join(text.split())
