"""Numbers of a workbook as its formats print them."""

from __future__ import annotations

import io

import openpyxl
import pytest

from parsers.document import Cell
from parsers.readers import read
from parsers.readers.number_formats import shown
from parsers.values import read_value


@pytest.mark.parametrize(
    ("number", "code", "printed"),
    [
        (12, "General", "12"),
        (2601.953875, "General", "2601.953875"),
        (0.125, "0.00%", "12.50%"),
        (0.125, "0%", "13%"),
        (12.6, "0", "13"),
        (0.5, "0", "1"),
        (1234567.891, "#,##0.00", "1,234,567.89"),
        (26, '0"万元"', "26万元"),
        (26, "0万元", "26万元"),
        (0, "#", ""),
        (0, "#,##0.##", "0."),
        (3, "000", "003"),
        (7, ";;;", ""),
        (-7, "0_ ", "-7"),
        (-0.2, "0", "0"),
        (-7, "0_);(0)", "(7)"),
        (-7, "0_ ;[Red]\\-0\\ ", "-7"),
        (0, '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
        (5, "0;-0;;@", "5"),
        (0, "0;-0;;@", ""),
        (12, "@", "12"),
        (25000000, "0.00,,", "25.00"),
        (12, "[$¥-804]0.0", "¥12.0"),
        (12, '"约"General"件"', "约12件"),
        (12, "[>10]0;0.0", None),
        (12, "[DBNum1]0", None),
        (12, "# ?/?", None),
        (12, "0.00E+00", None),
        (12, "yyyy", None),
        (12, "000-0000", None),
        (12, "0;0;0;@;0", None),
        (12, None, None),
    ],
)
def test_a_number_is_printed_as_its_format_says(number: float, code: str | None, printed: str | None) -> None:
    assert shown(number, code) == printed


def test_cells_print_what_their_formats_show() -> None:
    book = openpyxl.Workbook()
    given = [
        (12.6, "0"),
        (0.125, "0.00%"),
        (26, '0"万元"'),
        (8, "General"),
        (12, "[DBNum1]0"),
        (0, "0;-0;;@"),
        ("7", "0"),
    ]
    for number, code in given:
        book.active.append(["数", number])
        book.active.cell(book.active.max_row, 2).number_format = code
    book.create_sheet("表").append(["数", 0.5])
    book.worksheets[1]["B1"].number_format = "0%"
    book.save(buffer := io.BytesIO())
    first, second = read(buffer.getvalue()).tables
    texts = [cell.text for cell in first.cells if cell.column == 1]
    assert texts == ["13", "12.50%", "26万元", "8", "\ufffd12", "", "7"]
    assert [cell.text for cell in second.cells] == ["数", "50%"]
    assert [read_value(Cell(text, 0, 0)).number for text in texts] == [13, None, 26, 8, None, None, 7]
