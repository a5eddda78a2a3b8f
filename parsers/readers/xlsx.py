"""XLSX, XLSB and XLS → document: sheets as tables, lines of prose as paragraphs."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetVisibleEnum

from parsers import media
from parsers.document import Block, Document, Paragraph, Place, Table, UnreadableDocumentError
from parsers.normalise import tidy
from parsers.readers import cell_extents, number_formats
from parsers.readers.compound import CompoundFile
from parsers.readers.grid import MAX_SLOTS, SpanningCell, lay_out
from parsers.readers.number_formats import formats_of_sheets
from parsers.readers.prose_rows import prose_rows
from parsers.readers.zip_errors import ZIP_ERRORS

MAX_SHEETS = 50
MAX_UNPACKED = 60_000_000
MAX_DENSE = 5_000_000
"""Grid positions of any sheet of a binary workbook, hidden ones too: the library lays out each, at 32 bytes."""
_REFERENCE = re.compile(rb'<(?:\w+:)?c\s[^>]{0,200}?\br="([A-Z]{1,3})([0-9]{1,7})"')
# A program that does not calculate writes formulas without what they come to; the library shows them as blank.
# Text that a formula gives may be empty; without a type the cell was never calculated.
_NO_RESULT = re.compile(
    rb'<(?:\w+:)?c\s(?![^>]{0,200}?\bt="str")[^>]{0,200}>\s*<(?:\w+:)?f(?:\s[^>]{0,400})?(?:/>|>[^<]{0,8200}</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*(?:/>|></(?:\w+:)?v>)\s*)?</(?:\w+:)?c>"
)
# Before a number of which it is not known how it is printed; no figure is read from it.
_NOT_KNOWN = "\ufffd"
_BROKEN = (CalamineError, etree.XMLSyntaxError, IndexError, *ZIP_ERRORS)
# A corner (row, column) and the corner opposite to it, both counted from 0.
Range = tuple[tuple[int, int], tuple[int, int]]


def read_workbook(payload: bytes, media_type: str) -> Document:
    """Read the visible sheets of a workbook in their order.

    Raises UnreadableDocumentError ``encrypted``, ``broken_workbook`` or ``too_big``.
    """
    if media_type in (media.XLSX, media.XLSB):
        _check_package(payload, cells_are_xml=media_type == media.XLSX)
    elif file := CompoundFile.of(payload):
        if file.has_endless_chain():
            raise UnreadableDocumentError("broken_workbook", "the file's sectors lead in a circle")
        for extent in cell_extents.of_xls(file.stream("Workbook", "Book")):
            _check_dense(extent, "a sheet")
    document = Document(media_type=media_type)
    try:
        formats = _formats(payload) if media_type == media.XLSX else []
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(payload))
        sheets = workbook.sheets_metadata
        if len(sheets) > MAX_SHEETS:
            raise UnreadableDocumentError("too_big", f"the workbook has more than {MAX_SHEETS} sheets")
        for index, sheet in enumerate(sheets):
            if sheet.visible is not SheetVisibleEnum.Visible:
                document.warnings.append(f"hidden sheet “{sheet.name[:40]}” not read")
                continue
            page = workbook.get_sheet_by_index(index)
            if page.total_height * page.total_width > MAX_SLOTS:
                raise UnreadableDocumentError(
                    "too_big", f"sheet {index + 1} spans more than {MAX_SLOTS} grid positions"
                )
            values = page.to_python(skip_empty_area=False)
            merged = [area for area in page.merged_cell_ranges or [] if area[0][0] < len(values)]
            own = formats[index] if index < len(formats) else {}
            document.blocks.extend(_blocks(values, merged, own, len(document.tables)))
    except PasswordError as error:
        raise UnreadableDocumentError("encrypted", "the workbook asks for a password") from error
    except _BROKEN as error:
        raise UnreadableDocumentError("broken_workbook", f"no readable workbook: {error}"[:200]) from error
    except BaseException as error:
        # What the library's native code raises when it gives up is no Exception, and cannot be imported.
        if type(error).__name__ != "PanicException":
            raise
        raise UnreadableDocumentError("broken_workbook", f"no readable workbook: {error}"[:200]) from error
    return document


def _check_package(payload: bytes, *, cells_are_xml: bool) -> None:
    """Refuse packages that would take too much memory; the library lays sheets out densely."""
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) > MAX_UNPACKED:
                raise UnreadableDocumentError("too_big", f"the workbook unpacks to more than {MAX_UNPACKED:,} bytes")
            for entry in entries:
                if "worksheets/" in entry.filename.lower():
                    with archive.open(entry) as part:
                        content = part.read(MAX_UNPACKED + 1)
                    if not cells_are_xml:
                        _check_dense(cell_extents.of_xlsb(content), entry.filename)
                        continue
                    _check_extent(content, entry.filename)
                    if _NO_RESULT.search(content):
                        raise UnreadableDocumentError(
                            "broken_workbook", "formulas without results; open and save it in a spreadsheet program"
                        )
    except ZIP_ERRORS as error:
        raise UnreadableDocumentError("broken_workbook", f"no readable workbook: {error}"[:200]) from error


def _check_extent(xml: bytes, name: str) -> None:
    rows = columns = 0
    for letters, digits in _REFERENCE.findall(xml):
        column = 0
        for letter in letters:
            column = column * 26 + letter - ord("A") + 1
        rows, columns = max(rows, int(digits)), max(columns, column)
    if len(xml) > MAX_UNPACKED or rows * columns > MAX_SLOTS:
        raise UnreadableDocumentError("too_big", f"{name[:60]} spans more than {MAX_SLOTS} grid positions")


def _check_dense(extent: cell_extents.Extent, name: str) -> None:
    if extent[0] * extent[1] > MAX_DENSE:
        raise UnreadableDocumentError("too_big", f"{name[:60]} spans more than {MAX_DENSE} grid positions")


def _formats(payload: bytes) -> list[dict[tuple[int, int], str | None]]:
    with zipfile.ZipFile(io.BytesIO(payload)) as package:
        return formats_of_sheets(package)


def _blocks(
    values: Sequence[Sequence[Any]],
    merged: Sequence[Range],
    formats: Mapping[tuple[int, int], str | None],
    tables_before: int,
) -> Iterator[Block]:
    """Split a sheet at its lines of prose: titles, headings and whatever is too long for a cell."""
    texts = [[_printed(value) for value in row] for row in values]
    for (row, column), code in formats.items():
        if 0 <= row < len(values) and column < len(values[row]) and type(values[row][column]) in (int, float):
            shown = number_formats.shown(values[row][column], code)
            texts[row][column] = f"{_NOT_KNOWN}{texts[row][column]}" if shown is None else shown
    covered = {
        (row, column)
        for (top, left), (bottom, right) in merged
        for row in range(top, min(bottom, len(texts) - 1) + 1)
        for column in range(left, min(right, len(texts[0]) - 1) + 1)
        if (row, column) != (top, left)
    }
    spans = {area[0]: area[1] for area in merged}
    run: list[int] = []
    number = tables_before
    printed = [[text for text in line if text] for line in texts]
    prose = prose_rows([line[0] if len(line) == 1 else None for line in printed])
    for row in range(len(texts) + 1):
        if row < len(texts) and not prose[row]:
            run.append(row)
            continue
        table = _table(texts, run, covered, spans, number + 1)
        if table:
            number += 1
            yield table
        run = []
        if row < len(texts):
            lines = (tidy(part) for part in printed[row][0].splitlines())
            yield from (Paragraph(part, place=Place(row=row + 1)) for part in lines if part)


def _table(
    texts: list[list[str]],
    run: list[int],
    covered: set[tuple[int, int]],
    spans: dict[tuple[int, int], tuple[int, int]],
    number: int,
) -> Table | None:
    """Rows of a sheet without the blank columns around them; None where nothing is printed."""
    rows = [row for row in run if any(texts[row])]
    if not rows:
        return None
    first, last = rows[0], rows[-1]
    used = {column for row in rows for column, text in enumerate(texts[row]) if text}
    left, right = min(used), max(used)
    laid: list[list[SpanningCell]] = []
    for row in range(first, last + 1):
        line: list[SpanningCell] = []
        for column in range(left, right + 1):
            if (row, column) in covered:
                # A merged area that began outside of these rows leaves a blank, as a page break does.
                if not _within(row, column, spans, first, left):
                    line.append(SpanningCell(""))
                continue
            bottom, end = spans.get((row, column), (row, column))
            down, wide = min(bottom, last) - row + 1, min(end, right) - column + 1
            line.append(SpanningCell(texts[row][column], down, wide))
        laid.append(line)
    return replace(lay_out(laid, number), addressed=True)


def _within(row: int, column: int, spans: dict[tuple[int, int], tuple[int, int]], first: int, left: int) -> bool:
    return any(
        top <= row <= bottom and start <= column <= end and top >= first and start >= left
        for (top, start), (bottom, end) in spans.items()
    )


def _printed(value: object) -> str:
    """A value as the sheet shows it in its general format."""
    if value is None or isinstance(value, bool):
        return "" if value is None else str(value).upper()
    if isinstance(value, float):
        return number_formats.general(value)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return value.isoformat() if not isinstance(value, datetime.timedelta) else str(value)
    return str(value).strip()
