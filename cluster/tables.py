"""Rows of tables as Parquet files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from sqlite3 import Connection
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cluster.storage import Storage

_TYPES = {"INTEGER": pa.int64(), "TEXT": pa.string(), "BLOB": pa.binary()}


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of values in the order of ``columns``, which gives the SQL type of each: INTEGER, TEXT or BLOB."""

    columns: dict[str, str]
    rows: Sequence[Sequence[Any]]


def columns_of(connection: Connection, table: str) -> dict[str, str]:
    """The columns of a table of the archive, with their SQL types."""
    return {name: kind for _, name, kind, *_ in connection.execute(f"PRAGMA table_info({table})")}


def write(storage: Storage, name: str, rows: Rows) -> None:
    """Write ``rows`` as the Parquet file ``name``."""
    types: list[tuple[str, Any]] = [(column, _TYPES[kind]) for column, kind in rows.columns.items()]
    # An empty sequence has no columns to turn into.
    values = zip(*rows.rows, strict=True) if rows.rows else ([] for _ in types)
    arrays = [pa.array(column, type=kind) for column, (_name, kind) in zip(values, types, strict=True)]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(types)), buffer, compression="zstd")
    storage.write(name, buffer.getvalue())


def read(storage: Storage, name: str) -> Rows:
    """Read the rows of the Parquet file ``name``."""
    table = pq.read_table(io.BytesIO(storage.read(name)))
    kinds = {kind: sql for sql, kind in _TYPES.items()}
    columns = {field.name: kinds[field.type] for field in table.schema}
    return Rows(columns, list(zip(*(column.to_pylist() for column in table.columns), strict=True)))


def insert(connection: Connection, table: str, rows: Rows) -> None:
    """Insert ``rows`` into a table of the archive."""
    marks = ", ".join("?" * len(rows.columns))
    connection.executemany(f"INSERT INTO {table} ({', '.join(rows.columns)}) VALUES ({marks})", rows.rows)
