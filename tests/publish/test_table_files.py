"""Tables as files: by columns and in parts, with the bytes of the plain way."""

from __future__ import annotations

import csv
import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from archive.errors import DamagedArchiveError
from archive.packing import pack_evidence
from archive.store import Archive
from publish import csv_columns, file_formats
from publish.file_formats import Column
from publish.spreadsheet import guarded
from publish.table_files import export
from tests.publish.conftest import PLAIN, build_archive

ODD: list[tuple[Any, ...]] = [
    ("平安", 1, 12.5),
    ("=1+1", None, 3),
    ("3268e1", -1, None),
    ('他说"好",\r\n走了', 2, 0.1),
    (None, 10**12, 1),
    ("", 0, -0.0),
    ("\r", 0, 1.0),
]
COLUMNS = [Column("名称", "string"), Column("n", "integer"), Column("x", "number")]


@pytest.fixture(autouse=True)
def _several_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_formats, "FIRST_ROWS", 2)
    monkeypatch.setattr(file_formats, "_CSV_ROWS", 3)
    monkeypatch.setattr(file_formats, "_PART_ROWS", 3)
    monkeypatch.setattr(csv_columns, "_SAMPLE", 2)


@pytest.mark.parametrize("spreadsheet", [False, True])
def test_csv_has_the_bytes_of_the_csv_module(spreadsheet: bool, tmp_path: Path) -> None:
    rows = ODD * 5
    write = file_formats.write_spreadsheet_csv if spreadsheet else file_formats.write_csv
    assert write(tmp_path / "rows.csv", "rows", COLUMNS, iter(rows)) == len(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([column.name for column in COLUMNS])
    writer.writerows([guarded(cell) if spreadsheet else cell for cell in row] for row in rows)
    expected = text.getvalue().encode("utf-8-sig" if spreadsheet else "utf-8")
    assert (tmp_path / "rows.csv").read_bytes() == expected


def test_parquet_holds_all_rows_in_groups_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_formats, "_GROUP_ROWS", 20)
    monkeypatch.setattr(file_formats, "_GROUP_BYTES", 50_000)
    rows = [*ODD * 7, *(("长" * 5_000, number, 0.5) for number in range(8))]
    assert file_formats.write_parquet(tmp_path / "rows.parquet", "rows", COLUMNS, iter(rows)) == len(rows)
    read = [tuple(row.values()) for row in parquet.read_table(tmp_path / "rows.parquet").to_pylist()]
    assert read == rows
    file = parquet.ParquetFile(tmp_path / "rows.parquet")
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.num_row_groups)]
    assert sizes[:2] == [20, 20]
    assert max(sizes[2:-1]) < 20
    assert sum(sizes) == len(rows)


def test_row_groups_do_not_depend_on_the_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Pages of a megabyte, several of them.
    rows = [(f"{number}{'长' * 700}", number, number / 7) for number in range(3_000)]
    written = []
    for part in (3, 1_000):
        monkeypatch.setattr(file_formats, "_PART_ROWS", part)
        file_formats.write_parquet(tmp_path / "rows.parquet", "rows", COLUMNS, iter(rows))
        written.append((tmp_path / "rows.parquet").read_bytes())
    assert written[0] == written[1]


@pytest.mark.parametrize("format_", ["csv", "parquet"])
def test_evidence_that_cannot_be_unpacked_is_an_error_that_names_the_report(format_: str, tmp_path: Path) -> None:
    path = build_archive(tmp_path / "archive.db")
    with sqlite3.connect(path) as conn:
        packed = pack_evidence({"a": 1}).cells
        conn.execute("update evidence set cells = ? where report_id = ?", (packed[:-3], PLAIN))
    with Archive.read_only(path) as archive, pytest.raises(DamagedArchiveError, match=PLAIN):
        export(archive, tmp_path / "out", None, lambda _table: None, format_=format_)
    assert not list((tmp_path / "out").glob("evidence*"))
