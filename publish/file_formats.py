"""The file formats of an export: each writes the rows of one table to one file."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from publish.spreadsheet import guarded, write_workbook

Kind = Literal["string", "integer", "number"]
Row = tuple[Any, ...]

_ROWS_AT_A_TIME = 20_000
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
    return _write_csv(path, "utf-8", columns, rows)


def write_spreadsheet_csv(path: Path, _table: str, columns: list[Column], rows: Iterable[Row]) -> int:
    """Write CSV as spreadsheets open it: with a byte order mark, and text that looks like a formula disarmed."""
    return _write_csv(path, "utf-8-sig", columns, ([guarded(value) for value in row] for row in rows))


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
        for batch in _batches(rows):
            arrays = [
                arrow.array(_cells(table, column, [row[at] for row in batch]), type=types[column.kind])
                for at, column in enumerate(columns)
            ]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            count += len(batch)
    return count


def _cells(table: str, column: Column, values: list[Any]) -> list[Any]:
    if column.kind != "number":
        return values
    for value in values:
        if isinstance(value, int) and abs(value) > _EXACT:
            raise FormatError(f"{table}.{column.name}: {value} is more than Parquet's numbers hold exactly; take csv")
    return [None if value is None else float(value) for value in values]


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, _ROWS_AT_A_TIME)):
        yield batch


def _write_csv(path: Path, encoding: str, columns: list[Column], rows: Iterable[Iterable[Any]]) -> int:
    count = 0
    with path.open("w", newline="", encoding=encoding) as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow([column.name for column in columns])
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# A cell of a sheet holds 32,767 characters; the evidence of a report takes more.
FORMATS: dict[str, Format] = {
    "csv": Format("csv", "text/csv", write_csv, "utf-8"),
    "parquet": Format("parquet", "application/vnd.apache.parquet", write_parquet),
    "xlsx": Format("xlsx", _XLSX, write_xlsx, leaves_out=frozenset({"evidence"})),
}
SPREADSHEET_CSV = Format("csv", "text/csv", write_spreadsheet_csv, "utf-8")
