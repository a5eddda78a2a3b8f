"""Workbooks: the form on a sheet or several, with merged cells, numbers as numbers or as text."""

from __future__ import annotations

import io
import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial

import openpyxl
import xlwt
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Side
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.reports import FilledReport, fill
from parsers.document import Cell
from parsers.readers.grid import lay_out
from tests.parsers.printed_forms import Rows

Line = str | Rows
_COLUMNS = 15
_EPOCH = (1980, 1, 1, 0, 0, 0)
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_CENTRED = Alignment(horizontal="center", vertical="center", wrap_text=True)
_WIDTHS = (16, 16, 30)
_ROW_HEIGHT = 48  # merged cells do not make their row higher
_RULES = Border(*(Side("thin"),) * 4)


def _lines(report: FilledReport) -> list[Line]:
    rows = report.rows()
    lines: list[Line] = [report.title, *report.text.preamble]
    for section, heading in report.headings().items():
        lines.append(heading)
        if section in rows:
            lines.append(rows[section])
        lines += report.paragraphs(section)
    return lines


def _value(text: str, as_text: bool) -> str | int | float | None:
    if not text:
        return None
    if as_text or not text.replace(".", "", 1).isdigit():
        return text
    return float(text) if "." in text else int(text)


def table_cells(sheet: Worksheet, row: int, column: int, cell: Cell) -> Iterator[SheetCell]:
    """The sheet's cells that a cell of the form covers."""
    for down in range(cell.row_span):
        for right in range(cell.column_span):
            yield sheet.cell(row + down, column + right)


def _fill_sheet(sheet: Worksheet, lines: list[Line], as_text: bool, merge: bool) -> None:
    top = 1
    for line in lines:
        if isinstance(line, str):
            sheet.cell(top, 1, line)
            if merge:
                sheet.merge_cells(start_row=top, start_column=1, end_row=top, end_column=_COLUMNS)
            top += 1
            continue
        table = lay_out(line, 1)
        for row in range(top, top + table.row_count):
            sheet.row_dimensions[row].height = _ROW_HEIGHT
        for cell in table.cells:
            row, column = top + cell.row, cell.column + 1
            written = sheet.cell(row, column, _value(cell.text, as_text))
            written.alignment = _CENTRED
            for line_of in table_cells(sheet, row, column, cell):
                line_of.border = _RULES
            if as_text:
                written.number_format = "@"
            if cell.row_span > 1 or cell.column_span > 1:
                sheet.merge_cells(
                    start_row=row,
                    start_column=column,
                    end_row=row + cell.row_span - 1,
                    end_column=column + cell.column_span - 1,
                )
        top += table.row_count + 1


def xlsx(
    report: FilledReport, *, as_text: bool = False, sheets: bool = False, merge: bool = True, fit: bool = True
) -> bytes:
    """A report as XLSX on one sheet, or with ``sheets`` each table on its own."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    if not sheets:
        _fill_sheet(sheet, _lines(report), as_text, merge)
    else:
        headings, rows = report.headings(), report.rows()
        _fill_sheet(sheet, [report.title, headings[1], *report.paragraphs(1)], as_text, merge)
        for section in (2, 3, 4):
            _fill_sheet(book.create_sheet(f"表{section}"), [headings[section], rows[section]], as_text, merge)
        end: list[Line] = [headings[5], *report.paragraphs(5), headings[6], *report.paragraphs(6)]
        _fill_sheet(book.create_sheet("其他"), end, as_text, merge)
    for page in book.worksheets:
        for letter, width in zip("ABC", _WIDTHS, strict=True):
            page.column_dimensions[letter].width = width
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=fit)
        page.page_setup.fitToHeight = 0
    book.save(buffer := io.BytesIO())
    return _with_fixed_times(buffer)


def workbook_of(reports: Sequence[FilledReport]) -> bytes:
    """Several reports, a sheet for each."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for report in reports:
        _fill_sheet(book.create_sheet(str(report.year), 0), _lines(report), as_text=False, merge=True)
    book.save(buffer := io.BytesIO())
    return _with_fixed_times(buffer)


def _with_fixed_times(packed: io.BytesIO) -> bytes:
    """Repack a workbook without the times of day of its members and of its last change."""
    repacked = io.BytesIO()
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(repacked, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = _TIME.sub(b"1980-01-01T00:00:00Z", source.read(name))
            target.writestr(zipfile.ZipInfo(name, _EPOCH), content, compress_type=zipfile.ZIP_DEFLATED)
    return repacked.getvalue()


def xls(report: FilledReport) -> bytes:
    """A report as XLS of the years up to 2003."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("年报")
    top = 0
    for line in _lines(report):
        if isinstance(line, str):
            sheet.write_merge(top, top, 0, _COLUMNS - 1, line)
            top += 1
            continue
        table = lay_out(line, 1)
        for cell in table.cells:
            end = (top + cell.row + cell.row_span - 1, cell.column, cell.column + cell.column_span - 1)
            sheet.write_merge(top + cell.row, *end, _value(cell.text, as_text=False))
        top += table.row_count + 1
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def _make(options: dict[str, bool], rng: random.Random) -> Source:
    report = fill(rng)
    return Source(xlsx(report, **options), report.truth())


def _make_cut(options: dict[str, bool], rng: random.Random) -> Source:
    """Sheets broader than the page: their columns go on, on other pages, without labels."""
    report = fill(rng)
    return Source(xlsx(report, **options), report.truth(expect="right_or_null"))


def _make_xls(rng: random.Random) -> Source:
    report = fill(rng)
    return Source(xls(report), report.truth())


add("hand", "xlsx-one-sheet", ".xlsx", partial(_make, {}))
add("hand", "xlsx-sheets", ".xlsx", partial(_make, {"sheets": True}))
add("hand", "xlsx-as-text", ".xlsx", partial(_make, {"as_text": True}))
add("hand", "xlsx-prose-unmerged", ".xlsx", partial(_make, {"merge": False}))
add("hand", "xls", ".xls", _make_xls)
add("libreoffice-calc", "xlsx", ".xlsx", partial(_make, {"as_text": True}))
add("libreoffice-calc", "xls", ".xls", partial(_make, {}))
add("libreoffice-calc", "pdf-sheet", ".pdf", partial(_make, {"merge": False}))
add("libreoffice-calc", "pdf-sheets", ".pdf", partial(_make, {"sheets": True, "merge": False}))
add("libreoffice-calc", "pdf-sheet-cut", ".pdf", partial(_make_cut, {"merge": False, "fit": False}))
add("libreoffice-calc", "html-sheet", ".html", partial(_make, {}))
