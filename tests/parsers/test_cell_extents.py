"""Binary workbooks that claim cells too far apart to be laid out are refused before anything lays them out."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
import xlwt
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from parsers import media
from parsers.document import UnreadableDocumentError
from parsers.readers import cell_extents
from parsers.readers.compound import CompoundFile
from parsers.readers.xlsx import MAX_DENSE, read_workbook

_END = 0xFFFFFFFE


def _stream(payload: bytes, *names: str) -> bytes:
    file = CompoundFile.of(payload)
    assert file
    return file.stream(*names)


def _xls(cells: dict[tuple[int, int], object], *, styled: tuple[int, int] | None = None) -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("空")
    sheet = book.add_sheet("表")
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    if styled:
        sheet.write(*styled, None, xlwt.easyxf("pattern: pattern solid, fore_colour yellow"))
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


@given(st.dictionaries(st.tuples(st.integers(0, 300), st.integers(0, 40)), st.just(7) | st.just("字"), max_size=8))
def test_extents_are_those_that_the_library_lays_out(cells: dict[tuple[int, int], object]) -> None:
    payload = _xls(cells)
    sheets = CalamineWorkbook.from_filelike(io.BytesIO(payload))
    ends = [sheets.get_sheet_by_index(index).end for index in range(2)]
    assert list(cell_extents.of_xls(_stream(payload, "workbook"))) == [
        (end[0] + 1, end[1] + 1) if end else (0, 0) for end in ends
    ]


def _moved(payload: bytes, row: int, column: int) -> bytes:
    """The workbook with its one number, 1234, at another place."""
    record = payload.index(struct.pack("<HH", 0x027E, 10))
    return payload[: record + 4] + struct.pack("<HH", row, column) + payload[record + 8 :]


def test_cells_far_apart_are_refused_before_they_are_laid_out() -> None:
    payload = _xls({(0, 0): "统计", (3, 3): 1234})
    assert read_workbook(_moved(payload, 500, 20), media.XLS).blocks
    with pytest.raises(UnreadableDocumentError, match="too_big"):
        read_workbook(_moved(payload, 0xFFFF, 0xFFFF), media.XLS)


def test_a_blank_cell_far_away_that_has_a_colour_only_does_no_harm() -> None:
    payload = _xls({(0, 0): "统计", (1, 0): 3}, styled=(65_000, 255))
    assert MAX_DENSE < 65_000 * 255
    assert read_workbook(payload, media.XLS).blocks


def _record(kind: int, content: bytes) -> bytes:
    assert kind < 0x80
    assert len(content) < 0x80
    return bytes([kind, len(content)]) + content


def _xlsb_part(*cells: tuple[int, int, int]) -> bytes:
    """Cells as (kind, row, column)."""
    made = b"\x81\x01\x00"
    for kind, row, column in cells:
        made += _record(0, struct.pack("<I", row) + bytes(13))
        made += _record(kind, struct.pack("<II", column, 0) + bytes(8))
    return made + b"\x82\x01\x00"


def test_cells_of_xlsb_parts() -> None:
    assert cell_extents.of_xlsb(_xlsb_part((5, 2, 1), (7, 9, 0))) == (10, 2)
    assert cell_extents.of_xlsb(_xlsb_part((5, 2, 1), (1, 900_000, 9_000))) == (3, 2)
    assert cell_extents.of_xlsb(b"") == (0, 0)


@pytest.mark.parametrize("cell", [(5, 1_000_000, 30), (5, 3, 4_000_000_000)])
def test_an_xlsb_whose_cells_are_far_apart_is_refused(cell: tuple[int, int, int]) -> None:
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as package:
        package.writestr("xl/workbook.bin", b"")
        package.writestr("xl/worksheets/sheet1.bin", _xlsb_part((5, 0, 0), cell))
    with pytest.raises(UnreadableDocumentError, match="too_big"):
        read_workbook(buffer.getvalue(), media.XLSB)


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_any_bytes_have_an_extent(content: bytes, sheet: bytes) -> None:
    start = struct.pack("<HHI", 0x0085, 4, len(content) + 8)
    assert all(rows >= 0 <= columns for rows, columns in cell_extents.of_xls(start + content + sheet))
    assert min(cell_extents.of_xlsb(content)) >= 0


def _entry(name: str, kind: int, first: int, length: int) -> bytes:
    encoded = name.encode("utf-16-le")
    head = encoded.ljust(64, b"\0") + struct.pack("<HB", len(encoded) + 2, kind)
    return head.ljust(116, b"\0") + struct.pack("<II", first, length) + bytes(4)


def test_a_short_stream_is_read_from_the_small_sectors() -> None:
    content = bytes(range(150))
    table = [0xFFFFFFFD, _END, _END, _END]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIIII", 1, 1, 0, 4096, 2, 1, _END, 0, 0)
    file = header + struct.pack("<108I", *[0xFFFFFFFF] * 108)
    file += struct.pack("<128I", *table, *[0xFFFFFFFF] * 124)
    file += (_entry("Root Entry", 5, 3, 192) + _entry("Workbook", 2, 0, 150)).ljust(512, b"\0")
    file += struct.pack("<128I", 1, 2, _END, *[0xFFFFFFFF] * 125)
    file += content.ljust(512, b"\0")
    assert _stream(file, "Book", "Workbook") == content
    assert _stream(file, "Contents") == b""
    assert CompoundFile.of(content) is None


def test_the_last_of_several_numbers_of_a_row_counts() -> None:
    numbers = struct.pack("<HH", 4, 7) + bytes(12) + struct.pack("<H", 8)
    sheet = struct.pack("<HH", 0x00BD, len(numbers)) + numbers + struct.pack("<HH", 0x000A, 0)
    assert list(cell_extents.of_xls(struct.pack("<HHI", 0x0085, 4, 8) + sheet)) == [(5, 9)]
