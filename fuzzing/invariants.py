"""What must hold of every document and report, whatever it was read from."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation

from archive import derived, packing, rows
from parsers.document import Document, Place
from parsers.extract import Refusal
from parsers.normalise import fold, tidy
from parsers.report import Reading, Report
from parsers.values import UNITS

_TABLES = ("disclosures", "requests", "reviews")
MOST_CELLS = 200_000


class BrokenPromiseError(AssertionError):
    """An outcome that must not be."""


def promise(holds: bool, what: str) -> None:
    """Raise BrokenPromiseError with ``what`` is wrong unless it ``holds``."""
    if not holds:
        raise BrokenPromiseError(what)


def check_document(document: Document) -> None:
    """Cells lie on the grid, those that print each at its own place; places and boxes are possible ones."""
    for table in document.tables:
        promise(len(table.cells) <= MOST_CELLS, f"a table of {len(table.cells)} cells")
        taken: set[tuple[int, int]] = set()
        for cell in table.cells:
            promise(cell.row >= 0 and cell.column >= 0, f"a cell outside of the grid: {cell}")
            promise(cell.row_span >= 1 and cell.column_span >= 1, f"a cell without extent: {cell}")
            _check_place(cell.place)
            # Where rows are damaged a cell may reach over others, as in a browser; and the rules of a page may frame a
            # blank within another cell's corner. But no two that print anything begin at one place.
            promise(cell.blank or (cell.row, cell.column) not in taken, f"two cells begin at one place: {cell}")
            if not cell.blank:
                taken.add((cell.row, cell.column))
    for paragraph in document.paragraphs:
        _check_place(paragraph.place)
    promise(all(number >= 1 for number in document.scanned), "a scanned page before the first")


def _check_place(place: Place) -> None:
    numbers = (place.page, place.table, place.row, place.column, place.line)
    promise(all(number is None or number >= 1 for number in numbers), f"a place before the first: {place}")
    if place.box is not None:
        x0, top, x1, bottom = place.box
        promise(all(map(math.isfinite, place.box)), f"a box without end: {place}")
        promise(x0 <= x1 and top <= bottom, f"a box turned inside out: {place}")


def check_outcome(outcome: Report | Refusal, document: Document | None) -> None:
    """A refusal says why; a report holds only what its document prints, and can be kept."""
    if isinstance(outcome, Refusal):
        promise(bool(outcome.reason) and bool(outcome.detail), f"a refusal without words: {outcome}")
        outcome.detail.encode()
        return
    promise(document is not None, "a report without a document")
    assert document is not None
    _check_figures(outcome, document)
    # What the reading process hands on to the one that stores.
    packed = packing.pack(outcome)
    promise(packing.unpack(packed).to_json() == outcome.to_json(), "a report changes when it is kept")
    findings = derived.derive(outcome).findings
    promise(all(finding.rule and finding.message for finding in findings), "a finding without words")
    for row in itertools.chain(
        rows.sections("r", outcome), rows.disclosures("r", outcome), rows.indicators("r", outcome)
    ):
        for value in row:
            promise(not isinstance(value, int) or -(2**63) <= value < 2**63, f"no database holds {value!r:.60}")


def _check_figures(report: Report, document: Document) -> None:
    printed = {tidy(cell.text) for table in document.tables for cell in table.cells}
    prose = tidy(document.text)
    for name, reading in report.readings():
        if reading.kind != "number":
            promise(reading.number is None, f"{name} is {reading.kind} and yet {reading.number!r}")
            continue
        promise(reading.number is not None, f"{name} is a number and has none")
        assert reading.number is not None
        promise(_is_printed(reading), f"{name} reads {reading.number!r} where {reading.printed!r:.80} is printed")
        promise(
            reading.printed in printed or reading.printed in prose,
            f"{name} is said to print {reading.printed!r:.80}, which the document does not",
        )
        # Nobody receives or decides less than nothing; a fee repaid may be negative.
        if name.startswith(("requests.", "reviews.")) and reading.number < 0:
            promise("-" in fold(reading.printed).replace("−", "-"), f"{name} is negative: {reading.printed!r:.80}")


def _is_printed(reading: Reading) -> bool:
    number = reading.number
    assert number is not None
    text = fold(reading.printed).replace(",", "").replace(" ", "").replace("−", "-")
    digits = "".join(_figures(text))
    if not digits:
        # 不增不减 and its like say nought in words.
        return number == 0 and "增" in text
    if text in ("0/0", "+0/-0", "增0减0", "增0/减0"):
        return number == 0
    try:
        return Decimal(digits) == abs(Decimal(repr(number)))
    except InvalidOperation:
        return False


def _figures(text: str) -> Iterator[str]:
    for unit in sorted(UNITS, key=len, reverse=True):
        text = text.removesuffix(unit)
    yield from (character for character in text if character.isdigit() or character == ".")
