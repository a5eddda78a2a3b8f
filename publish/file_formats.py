"""The file formats of an export: each writes the rows of one table to one file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from publish.csv_columns import FIRST_ROWS, GUARDED, RAW, Edition, fitting, written
from publish.spreadsheet import write_workbook

Kind = Literal["string", "integer", "number"]
Row = tuple[Any, ...]

_RAW, _GUARDED = replace(RAW, line_break="\n"), replace(GUARDED, line_break="\n")
_BOM = b"\xef\xbb\xbf"
_CSV_ROWS, _CSV_BYTES = 2_000, 1 << 19
_GROUP_ROWS, _GROUP_BYTES = 20_000, 1 << 26
"""A row group of a Parquet file, which whoever writes or reads the file holds as a whole."""
_PART_ROWS, _PART_BYTES = 5_000, 1 << 22
"""Rows of a group that Python holds at a time."""
_EXACT = 2**53


class FormatError(Exception):
    """What a format cannot hold; the message says what, and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its name in the header, and what its cells are. Any cell may be empty."""

    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Format:
    """A file format. ``write`` takes path, table's name, columns and rows, and returns the number of rows."""

    suffix: str
    media_type: str
    write: Callable[[Path, str, list[Column], Iterable[Row]], int]
    encoding: str | None = None
    leaves_out: frozenset[str] = frozenset()


def write_csv(path: Path, _table: str, columns: list[Column], rows: Iterable[Row]) -> int:
    """Write UTF-8 CSV for programs: nothing added, nothing altered."""
    return _write_csv(path, b"", _RAW, columns, rows)


def write_spreadsheet_csv(path: Path, _table: str, columns: list[Column], rows: Iterable[Row]) -> int:
    """Write CSV as spreadsheets open it: with a byte order mark, and text that looks like a formula disarmed."""
    return _write_csv(path, _BOM, _GUARDED, columns, rows)


def write_xlsx(path: Path, table: str, columns: list[Column], rows: Iterable[Row]) -> int:
    """Write a workbook of one sheet. Raises FormatError where a sheet cannot hold the rows."""
    try:
        return write_workbook(path, [column.name for column in columns], rows)
    except ValueError as error:
        raise FormatError(f"{table}: {error}; narrow it with --where, or take csv or parquet") from error


def write_parquet(path: Path, table: str, columns: list[Column], rows: Iterable[Row]) -> int:
    """Write Parquet, compressed with zstd. Raises FormatError without the extra, or for a figure it cannot hold."""
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise FormatError("Parquet needs: pip install 'nianbao[parquet]'") from error
    types = {"string": arrow.string(), "integer": arrow.int64(), "number": arrow.float64()}
    schema = arrow.schema([arrow.field(column.name, types[column.kind]) for column in columns])
    count = 0
    with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
        group: list[Any] = []
        size = held = 0
        at_once, iterator = FIRST_ROWS, iter(rows)
        while part := list(islice(iterator, min(at_once, _GROUP_ROWS - held))):
            arrays = [
                arrow.array(_cells(table, column, values), type=types[column.kind])
                for column, values in zip(columns, zip(*part, strict=True), strict=True)
            ]
            group.append(arrow.Table.from_arrays(arrays, schema=schema))
            at_once = fitting(at_once, len(part), group[-1].nbytes, most=_PART_ROWS, wanted=_PART_BYTES)
            size += group[-1].nbytes
            held += len(part)
            count += len(part)
            if held == _GROUP_ROWS or size >= _GROUP_BYTES:
                writer.write_table(arrow.concat_tables(group).combine_chunks())
                group, size, held = [], 0, 0
        if group:
            writer.write_table(arrow.concat_tables(group).combine_chunks())
    return count


def _cells(table: str, column: Column, values: Sequence[Any]) -> Sequence[Any]:
    if column.kind != "number":
        return values
    for value in values:
        if isinstance(value, int) and abs(value) > _EXACT:
            raise FormatError(f"{table}.{column.name}: {value} is more than Parquet's numbers hold exactly; take csv")
    return [None if value is None else float(value) for value in values]


def _write_csv(path: Path, opening: bytes, edition: Edition, columns: list[Column], rows: Iterable[Row]) -> int:
    count = 0
    at_once, iterator = FIRST_ROWS, iter(rows)
    with path.open("wb") as stream:
        stream.write(opening + written([[column.name for column in columns]], edition.line_break).encode())
        while batch := list(islice(iterator, at_once)):
            lines = edition.lines(batch, {}).encode()
            stream.write(lines)
            count += len(batch)
            at_once = fitting(at_once, len(batch), len(lines), most=_CSV_ROWS, wanted=_CSV_BYTES)
    return count


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell of a sheet holds 32,767 characters; the evidence of a report takes more.
FORMATS: dict[str, Format] = {
    "csv": Format("csv", "text/csv", write_csv, "utf-8"),
    "parquet": Format("parquet", "application/vnd.apache.parquet", write_parquet),
    "xlsx": Format("xlsx", _XLSX, write_xlsx, leaves_out=frozenset({"evidence"})),
}
SPREADSHEET_CSV = Format("csv", "text/csv", write_spreadsheet_csv, "utf-8")
