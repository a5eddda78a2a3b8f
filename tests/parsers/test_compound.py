"""Compound files whose chains of sectors have no end."""

from __future__ import annotations

import io
import struct

import pytest
import xlwt

from parsers.document import UnreadableDocumentError
from parsers.readers import read
from parsers.readers.compound import CompoundFile

_SECTOR = 512
_END = 0xFFFFFFFE


def _has_endless_chain(payload: bytes) -> bool:
    file = CompoundFile.of(payload)
    return file is not None and file.has_endless_chain()


def _workbook(rows: int = 3) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    for row in range(rows):
        sheet.write(row, 0, f"行{row}")
        sheet.write(row, 1, row)
    book.save(buffer := io.BytesIO())
    return buffer.getvalue()


def _number(payload: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", payload, at)[0])


def _with(payload: bytes, at: int, number: int) -> bytes:
    return payload[:at] + struct.pack("<I", number) + payload[at + 4 :]


def _in_table(payload: bytes, sector: int) -> int:
    """Where the table says what follows ``sector``."""
    table = _number(payload, 76)
    return (table + 1) * _SECTOR + 4 * sector


@pytest.mark.parametrize("rows", [3, 2000])
def test_sound_workbooks_end(rows: int) -> None:
    payload = _workbook(rows)
    assert not _has_endless_chain(payload)
    assert read(payload).tables


def _stream_in_a_circle(payload: bytes) -> bytes:
    entry = (_number(payload, 48) + 1) * _SECTOR + 128
    first = _number(payload, entry + 116)
    return _with(payload, _in_table(payload, first + 1), first)


def _directory_in_a_circle(payload: bytes) -> bytes:
    first = _number(payload, 48)
    return _with(payload, _in_table(payload, first), first)


def _small_streams_in_a_circle(payload: bytes) -> bytes:
    """The stream is said to be small, and its only small sector names itself."""
    entry = (_number(payload, 48) + 1) * _SECTOR + 128
    sector = _number(payload, entry + 116)
    # A sector of the stream serves as table of the small sectors.
    payload = _with(_with(payload, 60, sector), _in_table(payload, sector), _END)
    payload = _with(_with(payload, entry + 116, 0), entry + 120, 100)
    return _with(payload, (sector + 1) * _SECTOR, 0)


def _table_in_a_circle(payload: bytes) -> bytes:
    last = _number(payload, 76)
    return _with(_with(payload, 68, last), (last + 2) * _SECTOR - 4, last)


@pytest.mark.parametrize(
    "circle", [_stream_in_a_circle, _directory_in_a_circle, _small_streams_in_a_circle, _table_in_a_circle]
)
def test_a_chain_that_leads_back_is_refused_before_it_is_followed(circle) -> None:
    payload = circle(_workbook(40))
    assert _has_endless_chain(payload)
    with pytest.raises(UnreadableDocumentError, match="circle") as raised:
        read(payload)
    assert raised.value.reason == "broken_workbook"


@pytest.mark.parametrize("size", [8, 100, 511, 512, 600, 1024, 3000])
def test_what_is_cut_off_is_left_to_the_reader(size: int) -> None:
    assert not _has_endless_chain(_workbook()[:size])


def test_a_workbook_that_breaks_off_is_refused() -> None:
    payload = _workbook(500)
    # The header says more than the file has, which the library's native code does not expect.
    with pytest.raises(UnreadableDocumentError) as raised:
        read(payload[: len(payload) - 700])
    assert raised.value.reason in ("broken_workbook", "truncated")


def test_many_chains_through_the_same_sectors_are_no_circle() -> None:
    """A directory of entries that all lead through one long chain, and a table that names one sector over and over."""
    sectors = 50
    places = [1] * 109
    header = bytearray(_SECTOR)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<HH", header, 30, 9, 6)
    struct.pack_into("<II", header, 48, 2, 0)
    struct.pack_into("<IIIII", header, 56, 4096, _END, 0, _END, 0)
    struct.pack_into("<109I", header, 76, *places)
    entry = bytearray(128)
    entry[66] = 2
    struct.pack_into("<II", entry, 116, 2, 9999)
    table = struct.pack("<128I", *range(1, 128), _END)
    payload = bytes(header) + bytes(_SECTOR) + table + bytes(entry) * 4 * sectors
    assert not _has_endless_chain(payload)
