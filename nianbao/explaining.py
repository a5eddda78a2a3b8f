"""What the parsers saw in a document, for people."""

from __future__ import annotations

from concurrent.futures import TimeoutError as FutureTimeoutError
from multiprocessing import get_context
from typing import Any

from pebble import ProcessExpired, ProcessPool

from archive import scans
from archive.sandbox import MEMORY_BYTES, confine
from nianbao import console
from parsers import forms
from parsers.document import Place
from parsers.extract import Explanation, Origin, Refusal, explain
from parsers.pictures import draw_pages
from parsers.readers import ocr
from parsers.report import Report

_TIMEOUT_SECONDS = 60.0


def explain_safely(payload: bytes, origin: Origin, *, pictures: bool = False) -> tuple[Explanation, list[bytes]]:
    """Read a document in a process of its own, scans too with the extra ``ocr``; a crash becomes a refusal.

    With ``pictures`` also a PNG of each page of a PDF with the found cells drawn in.
    """
    memory, seconds = (
        (scans.MEMORY_BYTES, scans.TIMEOUT_SECONDS) if ocr.available() else (MEMORY_BYTES, _TIMEOUT_SECONDS)
    )
    context = get_context("forkserver")
    with ProcessPool(max_workers=1, initializer=confine, initargs=(memory,), context=context) as pool:
        try:
            return pool.schedule(_explain, args=(payload, origin, pictures), timeout=seconds).result()
        except FutureTimeoutError:
            return Explanation(Refusal("timeout", f"reading took longer than {seconds:g} seconds")), []
        except (ProcessExpired, MemoryError) as error:
            return Explanation(Refusal("crashed", f"the reading process ended: {error}")), []


def _explain(payload: bytes, origin: Origin, pictures: bool) -> tuple[Explanation, list[bytes]]:
    explanation = explain(payload, origin, scans=True)
    document, outcome = explanation.document, explanation.outcome
    if not pictures or document is None or document.media_type != "application/pdf":
        return explanation, []
    report = outcome if isinstance(outcome, Report) else None
    return explanation, list(draw_pages(payload, document, report))


def show(explanation: Explanation) -> None:
    """Print document, matched rows, values and sections, and why cells are null."""
    document, outcome = explanation.document, explanation.outcome
    if document is not None:
        console.pairs(
            "Document",
            {
                "media type": document.media_type,
                "pages": document.pages or "",
                "tables": len(document.tables),
                "paragraphs": len(document.paragraphs),
                "titles": " | ".join(document.title_candidates[:3]),
                "warnings": "; ".join(document.warnings),
                "stated": ", ".join(f"{key}={value}" for key, value in document.metadata.items()),
            },
        )
    if explanation.tables.trace:
        rows = [
            (
                _where(row.place, row.table, row.row),
                row.kind,
                row.code or "",
                _score(row.score),
                row.printed[:70],
                row.note,
            )
            for row in explanation.tables.trace
        ]
        console.table("Rows of tables, as matched", ("place", "kind", "code", "score", "printed", "note"), rows)
    if isinstance(outcome, Refusal):
        console.out.print(f"Refused: {outcome.reason} — {outcome.detail}", markup=False)
        for problem in explanation.tables.problems:
            console.out.print(f"  {problem.rule}: {problem.message}", markup=False)
        return
    _show_report(outcome)


def _show_report(report: Report) -> None:
    console.pairs(
        "Report",
        {
            "organ": report.organ,
            "year": report.year,
            "title": report.title,
            "published on": report.published_on or "not stated",
            "scope": report.scope or "not stated",
            "edition": f"{report.edition} (二: {report.disclosures_edition}, 三: {report.requests_edition})",
            "status": report.status,
        },
    )
    labels = {"disclosures": forms.ITEMS, "requests": forms.REQUEST_ROWS, "reviews": forms.PROCEEDINGS}
    for name, rows in labels.items():
        readings = getattr(report, name)
        if readings:
            console.table(
                f"Values: {name} (number, blank ·, placeholder in quotes, ? unreadable)",
                ("row", *dict.fromkeys(column for cells in readings.values() for column in cells)),
                [
                    (
                        rows[row].zh[:20],
                        *(
                            _value(cells.get(column))
                            for column in dict.fromkeys(c for r in readings.values() for c in r)
                        ),
                    )
                    for row, cells in readings.items()
                ],
            )
    console.table(
        "Sections",
        ("number", "heading", "characters", "begins"),
        [(section.number, section.heading, len(section.text), section.text[:40]) for section in report.sections],
    )
    if report.problems:
        console.table(
            "Why cells are null", ("rule", "message"), [(item.rule, item.message) for item in report.problems]
        )


def _value(reading: Any) -> str:
    if reading is None:
        return ""
    return {
        "number": f"{reading.number}{'' if reading.sure else ' (unsure)'}{' (ocr)' if reading.recognition else ''}",
        "blank": "·",
        "placeholder": f"“{reading.printed}”",
        "unreadable": f"? {reading.printed[:20]}",
    }[reading.kind]


def _where(place: Place, table: int, row: int) -> str:
    page = f"p{place.page} " if place.page else f"l{place.line} " if place.line else ""
    return f"{page}t{table} r{row}"


def _score(score: float | None) -> str:
    return "" if score is None else f"{score:.0f}"
