"""What the parsers saw in a document, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import asdict, dataclass, field, replace
from multiprocessing import get_context
from typing import Any

from pebble import ProcessExpired, ProcessPool

from archive import scans
from archive.sandbox import MEMORY_BYTES, confine
from nianbao import console
from parsers import forms, media, recognise
from parsers.document import Place, UnreadableDocumentError
from parsers.extract import Explanation, Origin, Refusal, explain
from parsers.pictures import draw_pages
from parsers.readers import ocr, package
from parsers.readers.encoding import decode
from parsers.report import Reading, Report
from parsers.tables import RowMatch

_TIMEOUT_SECONDS = 60.0
_WIDTH = 100  # where the output is no terminal
_PRINTED = 200
_TABLES = {
    "disclosures": ("表二", forms.ITEMS, forms.MEASURES),
    "requests": ("表三", forms.REQUEST_ROWS, forms.APPLICANTS),
    "reviews": ("表四", forms.PROCEEDINGS, forms.OUTCOMES),
}
_LEGEND = (
    "Cells below: a number; · blank; “…” placeholder; ? unreadable, so null; ~ read by likeness or from flattened text"
)


@dataclass(frozen=True, slots=True)
class Account:
    """What reading a document gave, and what only its bytes tell; ``pages`` are PNG files of a PDF's pages."""

    explanation: Explanation
    media_type: str
    encoding: str | None = None
    testimony: Sequence[recognise.Testimony] = ()
    inside: Sequence[tuple[str, int]] = ()
    """Name and bytes of each file in an archive."""
    pages: Sequence[bytes] = field(default=(), repr=False)


def explain_safely(payload: bytes, origin: Origin, *, member: str | None = None, pictures: bool = False) -> Account:
    """Read a document in a process of its own, scans too with the extra ``ocr``; a crash becomes a refusal.

    ``member`` is the end of the name of a file in an archive, which is read in place of the
    archive. With ``pictures`` also a PNG of each page of a PDF with the found cells drawn in.
    """
    memory, seconds = (
        (scans.MEMORY_BYTES, scans.TIMEOUT_SECONDS) if ocr.available() else (MEMORY_BYTES, _TIMEOUT_SECONDS)
    )
    context = get_context("forkserver")
    with ProcessPool(max_workers=1, initializer=confine, initargs=(memory,), context=context) as pool:
        try:
            account: Account = pool.schedule(
                _explain, args=(payload, origin, member, pictures), timeout=seconds
            ).result()
            return account
        except FutureTimeoutError:
            refusal = Refusal("timeout", f"reading took longer than {seconds:g} seconds")
        except ProcessExpired as error:
            refusal = Refusal("crashed", f"the reading process ended with exit code {error.exitcode}")
        except MemoryError:
            refusal = Refusal("too_big", f"reading needs more than {memory:,} bytes of memory")
        except Exception as error:
            refusal = Refusal("crashed", f"{type(error).__name__}: {error}")
    return Account(Explanation(refusal), media.sniff(payload))


def _explain(payload: bytes, origin: Origin, member: str | None, pictures: bool) -> Account:
    inside: list[tuple[str, int]] = []
    try:
        files = package.members(payload)
        inside = [(file.name, len(file.payload)) for file in files]
        if member is not None:
            [payload] = [file.payload for file in files if file.name.endswith(member)]
            origin = replace(origin, file_name=member)
    except UnreadableDocumentError as error:
        return Account(Explanation(Refusal(error.reason, error.detail)), media.sniff(payload))
    except ValueError:
        refusal = Refusal("no_report_inside", f"not exactly one file inside is named “{member}”")
        return Account(Explanation(refusal), media.sniff(payload), inside=inside)
    return replace(_account(payload, origin, pictures), inside=inside)


def _account(payload: bytes, origin: Origin, pictures: bool) -> Account:
    explanation = explain(payload, origin, scans=True)
    document, outcome = explanation.document, explanation.outcome
    media_type = media.sniff(payload)
    encoding = decode(payload)[1] if media_type in (media.HTML, media.TEXT) else None
    if document is None:
        return Account(explanation, media_type, encoding)
    publisher = document.metadata.get("publisher") or origin.publisher
    told = recognise.testimony(document, [origin.title, origin.file_name], publisher)
    pages: list[bytes] = []
    if pictures and document.media_type == media.PDF:
        pages = list(draw_pages(payload, document, outcome if isinstance(outcome, Report) else None))
    return Account(explanation, media_type, encoding, told, pages=pages)


# For programs -----------------------------------------------------------------------------


def as_json(account: Account) -> str:
    """Return everything as one JSON object: document, tables as printed, matched rows, report or refusal."""
    explanation = account.explanation
    document, outcome = explanation.document, explanation.outcome
    told: dict[str, Any] = {"media_type": account.media_type, "encoding": account.encoding}
    if isinstance(outcome, Refusal):
        told["refused"] = asdict(outcome)
    else:
        told["report"] = json.loads(outcome.to_json())
        told["not_found"] = _not_found(outcome)
    if document is not None:
        told["document"] = {
            "pages": document.pages,
            "titles": document.title_candidates,
            "stated": document.metadata,
            "warnings": document.warnings,
            "paragraphs": [{"text": part.text, "place": _place(part.place)} for part in document.paragraphs],
            "tables": [
                [{**_cell_spans(cell), "text": cell.text, "place": _place(cell.place)} for cell in table.cells]
                for table in document.tables
            ],
        }
    told["inside"] = [{"name": name, "bytes": size} for name, size in account.inside]
    told["testimony"] = [asdict(place) for place in account.testimony]
    told["rows"] = [_row(row) for row in explanation.tables.trace]
    told["problems"] = [asdict(problem) for problem in _problems(explanation)]
    return json.dumps(told, ensure_ascii=False, indent=1)


def _cell_spans(cell: Any) -> dict[str, int]:
    return {name: getattr(cell, name) for name in ("row", "column", "row_span", "column_span")}


def _row(match: RowMatch) -> dict[str, Any]:
    told = {name: getattr(match, name) for name in ("table", "row", "kind", "code", "printed", "score", "note")}
    return {**told, "place": _place(match.place)}


def _place(place: Place) -> dict[str, Any]:
    return {name: value for name, value in asdict(place).items() if value is not None}


# For people -------------------------------------------------------------------------------


def show(account: Account, names: dict[str, object]) -> None:
    """Print ``names`` of the document, its parts, matched rows, values and sections, and why cells are null."""
    if not console.out.is_terminal:
        console.out.width = _WIDTH
    explanation = account.explanation
    document, outcome = explanation.document, explanation.outcome
    facts = {**names, "media type": account.media_type, "encoding": account.encoding}
    facts["files inside"] = "\n".join(f"{name} ({size:,} bytes)" for name, size in account.inside)
    if document is not None:
        by_page = [f"{n} (page {t.place.page})" if t.place.page else str(n) for n, t in enumerate(document.tables, 1)]
        facts |= {
            "pages": document.pages,
            "tables": ", ".join(by_page) or "none",
            "paragraphs": len(document.paragraphs),
            "stated by the page": ", ".join(f"{key} {value}" for key, value in document.metadata.items()),
            "warnings": "; ".join(document.warnings),
        }
    _pairs("Document", facts)
    if account.testimony:
        _show_testimony(account.testimony)
    if explanation.tables.trace:
        rows = [
            (
                _where(row.place, row.table, row.row),
                row.kind if not row.code else f"{row.kind}.{row.code}".replace(",", ", "),
                "" if row.score is None else f"{row.score:.0f}",
                row.printed[:_PRINTED] + (f"  ← {row.note}" if row.note else ""),
            )
            for row in explanation.tables.trace
        ]
        console.table(
            "Rows of tables, and the label that each was matched with", ("place", "is", "score", "printed"), rows
        )
    if isinstance(outcome, Refusal):
        console.out.print(f"Refused: {outcome.reason} — {outcome.detail}", markup=False)
    else:
        _show_report(outcome)
    problems = _problems(explanation)
    if problems:
        console.table("Why cells are null", ("rule", "message"), [(item.rule, item.message) for item in problems])
    elif isinstance(outcome, Report):
        console.out.print("Nothing stood in the way of reading it.")


def _problems(explanation: Explanation) -> list[Any]:
    outcome = explanation.outcome
    return outcome.problems if isinstance(outcome, Report) else explanation.tables.problems


def _show_testimony(told: Sequence[recognise.Testimony]) -> None:
    organ = next((place for place in told if place.organ), None)
    year = next((place for place in told if place.year), None)
    rows = [
        (
            place.place,
            _taken(place.organ, place is organ),
            _taken(place.year, place is year),
            place.text[:_PRINTED],
        )
        for place in told
        if place.text or place.organ or place.year
    ]
    console.table("Whose report, and of which year (* first to tell)", ("says", "organ", "year", "text"), rows)


def _taken(value: object, first: bool) -> str:
    return "" if value is None else f"{value}{' *' if first else ''}"


def _show_report(report: Report) -> None:
    _pairs(
        "Report",
        {
            "organ": report.organ,
            "year": report.year,
            "title": report.title,
            "published on": report.published_on or "not stated",
            "scope": report.scope or "not stated",
            "edition": _edition(report),
            "status": report.status,
        },
    )
    console.out.print(_LEGEND, markup=False)
    for name, (title, rows, columns) in _TABLES.items():
        readings: dict[str, dict[str, Reading]] = getattr(report, name)
        if not readings:
            continue
        used = list(dict.fromkeys(column for cells in readings.values() for column in cells))
        console.table(
            f"{title} ({name})",
            ("row", *(columns[column].zh for column in used)),
            [(_short(rows[row]), *(_value(cells.get(column)) for column in used)) for row, cells in readings.items()],
        )
    if report.indicators:
        console.table("Statistics of the older form", ("label", "unit", "value"), report.indicators)
    missing = _not_found(report)
    if missing:
        console.out.print(f"Not found: {', '.join(missing)}", markup=False)
    console.table(
        "Sections",
        ("number", "heading", "characters", "begins"),
        [(section.number, section.heading, len(section.text), section.text[:40]) for section in report.sections],
    )


def _edition(report: Report) -> str:
    return f"{report.edition} (表二 {report.disclosures_edition or '–'}, 表三 {report.requests_edition or '–'})"


def _short(label: forms.Label) -> str:
    words = label.zh.split("（")[0].split("、")[0]
    return f"{label.enumerator}{words}" if label.group else words


def _not_found(report: Report) -> list[str]:
    """The form's rows of which nothing was read, by field; of a table without an edition just its name."""
    missing = []
    if report.disclosures_edition in forms.editions():
        groups = forms.editions()[report.disclosures_edition].disclosures
        missing += [f"disclosures.{item}" for group in groups for item in group.items if item not in report.disclosures]
    else:
        missing.append("disclosures")
    if report.requests_edition in forms.editions():
        rows = forms.editions()[report.requests_edition].request_rows()
        missing += [f"requests.{row}" for row in rows if row not in report.requests]
    else:
        missing.append("requests")
    missing += [f"reviews.{proceeding}" for proceeding in forms.PROCEEDINGS if proceeding not in report.reviews]
    return missing


def _value(reading: Reading | None) -> str:
    if reading is None:
        return ""
    doubt = "" if reading.sure else "~"
    unit = reading.unit if reading.unit and reading.printed.endswith(reading.unit) else ""
    return {
        "number": f"{doubt}{reading.number}{unit}{' (ocr)' if reading.recognition else ''}",
        "blank": "·",
        "placeholder": f"“{reading.printed}”",
        "unreadable": f"? {reading.printed[:20]}".rstrip(),
    }[reading.kind]


def _where(place: Place, table: int, row: int) -> str:
    page = f"p{place.page} " if place.page else f"l{place.line} " if place.line else ""
    return f"{page}t{table} r{row}"


def _pairs(title: str, values: dict[str, object]) -> None:
    console.pairs(title, {name: value for name, value in values.items() if value not in (None, "")})
