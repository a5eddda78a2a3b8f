"""How far the cells of a binary workbook stand apart: [MS-XLS] and [MS-XLSB], as far as it takes to know that.

A library that lays a sheet out densely takes memory for every position between its first and last cell, and a few
damaged bytes claim billions of positions.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_RECORD = struct.Struct("<HH")
_SHEET, _END = 0x0085, 0x000A
# Records of cells, which begin with row and column, and of several numbers of a row, which end with the last column;
# blank cells, which may fill a sheet for their colour's sake, are laid out by nobody.
_CELLS = frozenset({0x0006, 0x0203, 0x0204, 0x0205, 0x00D6, 0x00FD, 0x027E, 0x0406})
_CELLS_OF_ROW = 0x00BD
_ROW = 0
_CELLS_OF_PART = range(2, 12)

Extent = tuple[int, int]
"""Rows and columns from the first to the last cell, counted from the sheet's corner."""


def of_xls(stream: bytes) -> Iterator[Extent]:
    """Yield the extent of each sheet of a workbook's ``stream``."""
    for kind, content in _records(stream, 0):
        if kind == _SHEET and len(content) >= 4:
            yield _of_sheet(stream, int.from_bytes(content[:4], "little"))


def _of_sheet(stream: bytes, start: int) -> Extent:
    rows = columns = 0
    for kind, content in _records(stream, start):
        if kind == _END:
            break
        if len(content) < 4 or (kind != _CELLS_OF_ROW and kind not in _CELLS):
            continue
        row, column = _RECORD.unpack_from(content)
        if kind == _CELLS_OF_ROW:
            column = max(column, int.from_bytes(content[-2:], "little"))
        rows, columns = max(rows, row + 1), max(columns, column + 1)
    return rows, columns


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    while start + _RECORD.size <= len(stream):
        kind, length = _RECORD.unpack_from(stream, start)
        start += _RECORD.size
        yield kind, stream[start : start + length]
        start += length


def of_xlsb(part: bytes) -> Extent:
    """Return the extent of a worksheet's ``part``."""
    rows = columns = row = at = 0
    while at < len(part):
        kind, at = _number(part, at, 2)
        length, at = _number(part, at, 4)
        if length >= 4 and (kind == _ROW or kind in _CELLS_OF_PART):
            number = int.from_bytes(part[at : at + 4], "little") + 1
            if kind == _ROW:
                row = number
            else:
                rows, columns = max(rows, row), max(columns, number)
        at += length
    return rows, columns


def _number(part: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits in each byte, the least first, and where it ends."""
    value = 0
    for place in range(most):
        byte = part[at] if at < len(part) else 0
        at += 1
        value |= (byte & 0x7F) << 7 * place
        if not byte & 0x80:
            break
    return value, at
