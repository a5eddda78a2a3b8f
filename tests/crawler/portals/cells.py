"""The archive of a crawled site set against the site's truth, cell by cell."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path
from urllib.parse import urlsplit

from crawler import cms
from parsers import forms
from parsers.report import Reading, Report
from sample.portals.truth import ExpectedReport, Truth
from tests.e2e.program import query

_FACTS = ("title", "published_on", "scope", "edition", "disclosures_edition", "requests_edition", "status", "url")
_Cells = dict[str, int | float | None]


def differences(folder: Path, truth: Truth) -> list[str]:
    """What in the archive in ``folder`` is not as ``truth`` says; reports of organs above the site's are let be."""
    superior = {cms.key(page.url) for page in truth.non_reports if page.reason == "superior"}
    rows = query(folder, "SELECT o.name, r.year, r.id, r.url FROM reports r JOIN organs o ON o.id = r.organ_id")
    found = {(name, year): (report_id, url) for name, year, report_id, url in rows}
    wanted = {_key(truth, report, found): report for report in truth.reports}
    assert len(wanted) == len(truth.reports)
    told = [f"{key}: missing" for key in wanted.keys() - found.keys()]
    told += [
        f"{key}: {found[key][1]}"
        for key in found.keys() - wanted.keys()
        if cms.key(found[key][1] or "") not in superior
    ]
    for key in found.keys() & wanted.keys():
        told += [f"{key}: {difference}" for difference in _report(folder, found[key][0], wanted[key])]
    return sorted(told)


def _key(truth: Truth, report: ExpectedReport, found: Container[tuple[str, int]]) -> tuple[str, int]:
    """Organ and year; of an organ on another government's host the name as its own portal prints it will do.

    Nothing on the portal that links there tells in which city such an organ is.
    """
    places = {(urlsplit(url).hostname or "").removeprefix("www.") for url in truth.start}
    own = any((urlsplit(url).hostname or "").endswith(place) for url in report.urls for place in places)
    printed = report.printed_organ, report.year
    return report.key if own or printed not in found else printed


def _report(folder: Path, report_id: str, expected: ExpectedReport) -> list[str]:
    report = expected.report
    (row,) = query(folder, f"SELECT {', '.join(_FACTS)} FROM reports WHERE id = ?", report_id)
    got = dict(zip(_FACTS, row, strict=True))
    told = []
    if expected.reading != "pictures":
        wanted = {
            name: getattr(report, name) for name in ("scope", "edition", "disclosures_edition", "requests_edition")
        }
        wanted |= {"status": report.status, "published_on": expected.published_on}
        told = [f"{name}: {got[name]} for {value}" for name, value in wanted.items() if got[name] != value]
    if not _same_title(got["title"], expected):
        told.append(f"title: {got['title']} for {expected.title}")
    if cms.key(got["url"]) not in {cms.key(url) for url in (*expected.urls, *expected.sources)}:
        told.append(f"url: {got['url']}")
    cells, printed = _cells(folder, report_id), _expected_cells(report)
    if expected.reading == "pictures":
        # What is recognised in a picture is right or left out.
        wrong = [name for name, value in cells.items() if value not in (None, printed.get(name))]
        if not any(value is not None for value in cells.values()):
            wrong.append("nothing was recognised")
    else:
        wrong = [name for name in cells.keys() | printed.keys() if cells.get(name, "-") != printed.get(name, "-")]
    return [*told, *(f"cell {name}: {cells.get(name)} for {printed.get(name)}" for name in sorted(wrong))]


def _same_title(title: str, expected: ExpectedReport) -> bool:
    """Whether ``title`` is the report's, perhaps with the organ that a list leaves out before it."""
    bare, wanted = re.sub(r"\s", "", title), re.sub(r"\s", "", expected.title)
    return bare == wanted or bare == expected.printed_organ + wanted


def _cells(folder: Path, report_id: str) -> _Cells:
    rows = query(folder, "SELECT item, measure, value FROM disclosures WHERE report_id = ?", report_id)
    cells: _Cells = {f"disclosures.{item}.{measure}": value for item, measure, value in rows}
    for table, key, codes in (("requests", "item", forms.APPLICANTS), ("reviews", "proceeding", forms.OUTCOMES)):
        for row in query(folder, f"SELECT {key}, {', '.join(codes)} FROM {table} WHERE report_id = ?", report_id):
            cells |= {f"{table}.{row[0]}.{code}": value for code, value in zip(codes, row[1:], strict=True)}
    rows = query(folder, "SELECT position, label, value FROM indicators WHERE report_id = ?", report_id)
    return cells | {f"indicators.{position}.{label}": value for position, label, value in rows}


def _expected_cells(report: Report) -> _Cells:
    cells: _Cells = {}
    for table, readings in (
        ("disclosures", report.disclosures),
        ("requests", report.requests),
        ("reviews", report.reviews),
    ):
        for row, values in readings.items():
            cells |= {f"{table}.{row}.{column}": _value(reading) for column, reading in values.items()}
    return cells | {
        f"indicators.{position}.{label}": value for position, (label, _unit, value) in enumerate(report.indicators, 1)
    }


def _value(reading: Reading) -> int | float | None:
    return reading.number if reading.kind == "number" else None
