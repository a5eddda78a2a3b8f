"""Workbooks: the form on one sheet or several, merged cells, and hostile files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import openpyxl
import pytest
import xlwt
from hypothesis import given, settings

from parsers.document import UnreadableDocumentError
from parsers.extract import Origin, extract
from parsers.media import XLS, XLSX, sniff
from parsers.readers import read
from parsers.readers.grid import lay_out
from parsers.report import Report
from parsers.tables import read_tables
from tests.parsers.hostile_files import workbook
from tests.parsers.printed_forms import Rows, all_rows, cell, zero_figures
from tests.parsers.test_recognise import TITLE, parts
from tests.parsers.test_tables import PATIENT, assert_all_read, differences, distinct, figures


def value(text: str) -> object:
    return float(text) if "." in text and text.replace(".", "").isdigit() else int(text) if text.isdigit() else text


def laid(parts: Sequence[str | Rows]) -> list[tuple[int, int, int, int, str]]:
    """(row, column, rows, columns, text) of lines and tables below one another, from 0."""
    cells, top = [], 0
    for part in parts:
        if isinstance(part, str):
            cells.append((top, 0, 1, 10, part))
            top += 1
            continue
        table = lay_out(part, 1)
        cells += [(top + c.row, c.column, c.row_span, c.column_span, c.text) for c in table.cells]
        top += table.row_count
    return cells


def xlsx(*sheets: Sequence[str | Rows], offset: int = 0, hidden: Sequence[int] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, parts_of_sheet in enumerate(sheets):
        sheet = book.create_sheet(f"表{number}")
        if number in hidden:
            sheet.sheet_state = "hidden"
        for row, column, down, right, text in laid(parts_of_sheet):
            at = {"row": row + 1 + offset, "column": column + 1 + offset}
            sheet.cell(**at, value=value(text) if text else None)
            if down > 1 or right > 1:
                sheet.merge_cells(
                    start_row=at["row"],
                    start_column=at["column"],
                    end_row=at["row"] + down - 1,
                    end_column=at["column"] + right - 1,
                )
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def xls(parts_of_sheet: Sequence[str | Rows]) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("年报")
    for row, column, down, right, text in laid(parts_of_sheet):
        sheet.write_merge(row, row + down - 1, column, column + right - 1, value(text) if text else "")
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def assert_report(payload: bytes, truth: dict) -> None:  # type: ignore[type-arg]
    report = extract(payload, Origin())
    assert isinstance(report, Report), report
    assert (report.organ, report.year, report.status) == ("明川市林业局", 2024, "complete")
    assert report.problems == []
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]
    assert {field: reading.printed for field, reading in report.readings()} == {
        f"{table}.{row}.{column}": text
        for table, rows in truth.items()
        for row, cells in rows.items()
        for column, text in cells.items()
    }


@pytest.mark.parametrize("edition", ["2019", "2021"])
@pytest.mark.parametrize("offset", [0, 2])
def test_whole_report_on_a_sheet(edition: str, offset: int) -> None:
    truth = distinct(edition)
    payload = xlsx(parts(truth, edition), offset=offset)
    assert sniff(payload) == XLSX
    assert_report(payload, truth)


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_the_older_format(edition: str) -> None:
    truth = distinct(edition)
    payload = xls(parts(truth, edition))
    assert sniff(payload) == XLS
    assert_report(payload, truth)


def test_a_sheet_for_each_table() -> None:
    truth = distinct("2021")
    assert_all_read(read_tables(read(xlsx(*([rows] for rows in all_rows(truth, "2021", "2021"))))), truth)


def test_a_hidden_sheet_is_no_part_of_what_is_published() -> None:
    shown, hidden = distinct("2021"), zero_figures("2021", "5")
    tables = [all_rows(shown, "2021", "2021"), all_rows(hidden, "2021", "2021")]
    document = read(xlsx(*tables, hidden=[1]))
    assert_all_read(read_tables(document), shown)
    assert document.warnings == ["hidden sheet “表1” not read"]


@settings(max_examples=15, **PATIENT)  # type: ignore[arg-type]
@given(figures())
def test_forms_with_blanks_are_never_wrong(form: tuple) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    assert differences(read_tables(read(xlsx(all_rows(truth, two, three)))), truth) == []


def texts(payload: bytes) -> list[list[str]]:
    return [[c.text for c in row] for table in read(payload).tables for row in table.rows()]


def test_numbers_are_printed_as_the_sheet_shows_them() -> None:
    book = openpyxl.Workbook()
    for number in (12, 12.0, 0.1 + 0.2, 2601.953875, -3, True, "０", 123456789012):
        book.active.append(["数", number])
    book.save(buffer := io.BytesIO())
    shown = ["12", "12", "0.3", "2601.953875", "-3", "TRUE", "０", "123456789012"]
    assert [row[1] for row in texts(buffer.getvalue())] == shown


def test_formulas_without_results_are_no_blanks() -> None:
    book = openpyxl.Workbook()
    book.active.append(["规章", "=1+2"])
    book.save(buffer := io.BytesIO())
    with pytest.raises(UnreadableDocumentError) as caught:
        read(buffer.getvalue())
    assert caught.value.reason == "broken_workbook"
    assert "formulas" in caught.value.detail


def test_results_of_formulas_are_read() -> None:
    cells = (
        '<c r="A1"><f>1+2</f><v>3</v></c><c r="B1" t="str"><f>IF(A1,"","")</f><v></v></c>'
        '<c r="C1" t="str"><f>A1</f><v>无</v></c>'
    )
    [table] = read(workbook(f'<sheetData><row r="1">{cells}</row></sheetData>')).tables
    assert [cell.text for cell in table.cells] == ["3", "", "无"]


def test_merged_cells_keep_their_spans() -> None:
    [table] = read(xlsx([[[cell("甲", 2, 2), cell("乙")], [cell("丙")], [cell("丁"), cell("戊", 1, 2)]]])).tables
    assert [(c.text, c.row, c.column, c.row_span, c.column_span) for c in table.cells] == [
        ("甲", 0, 0, 2, 2),
        ("乙", 0, 2, 1, 1),
        ("丙", 1, 2, 1, 1),
        ("丁", 2, 0, 1, 1),
        ("戊", 2, 1, 1, 2),
    ]


def rewritten(payload: bytes, name: str, change: tuple[bytes, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(payload)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            content = old.read(entry)
            new.writestr(entry.filename, content.replace(*change) if name in entry.filename else content)
    return buffer.getvalue()


SIMPLE = xlsx([[[cell("甲"), cell("乙")], [cell("丙"), cell("1")]]])


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (rewritten(SIMPLE, "worksheets/", (b'r="B2"', b'r="XFD1048576"')), "too_big"),
        (rewritten(SIMPLE, "worksheets/", (b"<sheetData>", b"<sheetData>" + b" " * 61_000_000)), "too_big"),
        (rewritten(SIMPLE, "worksheets/", (b"</sheetData>", b"")), "broken_workbook"),
        (rewritten(SIMPLE, "workbook.xml", (b"sheets", b"leaves")), "broken_workbook"),
        (SIMPLE[:-60], "truncated"),
        (xls([[[cell("甲"), cell("乙")]]])[:3000], "truncated"),
    ],
    ids=["far cell", "bomb", "cut sheet", "no sheets", "cut", "cut xls"],
)
def test_hostile_workbooks(payload: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        read(payload)
    assert caught.value.reason == reason


def test_title_of_a_workbook() -> None:
    document = read(xlsx([TITLE, "一、总体情况", *all_rows(distinct("2021"), "2021", "2021")]))
    assert [paragraph.text for paragraph in document.paragraphs][:2] == [TITLE, "一、总体情况"]
