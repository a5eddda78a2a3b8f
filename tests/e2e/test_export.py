"""The tables as files, and the data package that describes them."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet

from publish.dictionary import dictionary
from tests.e2e import program
from tests.e2e.conftest import FirstCrawl


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _package(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "datapackage.json").read_text("utf-8"))


def test_every_public_table_is_written_whole(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    done = program.run(tmp_path, "export", "out", "--archive", archive)
    tables = dictionary().tables
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "datapackage.json",
        *(f"{name}.csv" for name in tables),
    }
    total = 0
    for name in tables:
        rows = _rows(tmp_path / "out" / f"{name}.csv")
        assert program.query(first_crawl.folder, f"SELECT count(*) FROM {name}") == [(len(rows),)]
        total += len(rows)
    assert done.stdout.strip() == f"{total} rows in out"


def test_hashes_sizes_and_fields_are_those_of_the_files(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    program.run(tmp_path, "export", "out", "--archive", first_crawl.folder / "archive.db")
    resources = _package(tmp_path / "out")["resources"]
    assert {resource["path"] for resource in resources} == {f"{name}.csv" for name in dictionary().tables}
    for resource in resources:
        path = tmp_path / "out" / resource["path"]
        content = path.read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert not content.startswith(b"\xef\xbb\xbf")
        header = content.decode().splitlines()[0].split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert all(field["description"] for field in resource["schema"]["fields"])
        assert set(resource["schema"].get("primaryKey", ())) <= set(header)
    paths = {resource["name"]: resource["path"] for resource in resources}
    for resource in resources:
        for link in resource["schema"].get("foreignKeys", ()):
            assert link["reference"]["resource"] in paths


def test_figures_stand_in_the_files_as_in_the_archive(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    program.run(tmp_path, "export", "out", "--archive", first_crawl.folder / "archive.db")
    stored = program.query(first_crawl.folder, "SELECT report_id, item, total FROM requests ORDER BY 1, 2")
    assert [(row["report_id"], row["item"], row["total"]) for row in _rows(tmp_path / "out" / "requests.csv")] == [
        (report_id, item, "" if total is None else str(total)) for report_id, item, total in stored
    ]
    assert any(total is None for *_, total in stored)


def test_where_chooses_reports_and_what_belongs_to_them(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    program.run(tmp_path, "export", "out", "--where", "year = 2024", "--archive", archive)
    reports = _rows(tmp_path / "out" / "reports.csv")
    assert len(reports) == 12
    assert {report["year"] for report in reports} == {"2024"}
    ids = {report["id"] for report in reports}
    for table in ("sections", "disclosures", "requests", "reviews", "versions"):
        assert {row["report_id"] for row in _rows(tmp_path / "out" / f"{table}.csv")} == ids
    organs = {row["id"] for row in _rows(tmp_path / "out" / "organs.csv")}
    assert organs == {report["organ_id"] for report in reports}


@pytest.mark.parametrize("where", ["colour = 1", "year = ", "year = 2024) OR (1", "1; DROP TABLE reports", "'", ""])
def test_a_bad_condition_is_one_line_and_leaves_no_files(where: str, first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    done = program.run(tmp_path, "export", "out", "--where", where, "--archive", archive, status=1)
    assert "--where" in program.one_line(done.stderr)
    assert not (tmp_path / "out").exists()
    assert program.query(first_crawl.folder, "SELECT count(*) FROM reports") == [(72,)]


def test_a_folder_that_cannot_be_written_is_one_line(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("in the way", "utf-8")
    arguments = ("export", "out", "--archive", first_crawl.folder / "archive.db")
    done = program.run(tmp_path, *arguments, status=1 if (tmp_path / "out").is_dir() else 2)
    assert "out" in done.stderr


def test_parquet_holds_the_same_cells(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    program.run(tmp_path, "export", "out", "--format", "parquet", "--archive", archive)
    for resource in _package(tmp_path / "out")["resources"]:
        table = parquet.read_table(tmp_path / "out" / resource["path"])
        fields = [field["name"] for field in resource["schema"]["fields"]]
        assert table.column_names == fields
        assert resource["mediatype"] == "application/vnd.apache.parquet"
        columns = [
            "evidence_json(cells)" if name == "cells" and resource["name"] == "evidence" else name for name in fields
        ]
        stored = program.query(first_crawl.folder, f"SELECT {', '.join(columns)} FROM {resource['name']}")
        read = [tuple(row.values()) for row in table.to_pylist()]
        assert sorted(read, key=repr) == sorted(_as_floats(stored, resource), key=repr)


def _as_floats(rows: list[tuple[Any, ...]], resource: dict[str, Any]) -> list[tuple[Any, ...]]:
    numbers = [field["type"] == "number" for field in resource["schema"]["fields"]]
    return [
        tuple(
            float(value) if number and value is not None else value for value, number in zip(row, numbers, strict=True)
        )
        for row in rows
    ]


def test_workbooks_hold_the_same_cells(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    program.run(tmp_path, "export", "out", "--format", "xlsx", "--headings", "zh", "--archive", archive)
    resources = {resource["name"]: resource for resource in _package(tmp_path / "out")["resources"]}
    assert set(dictionary().tables) - set(resources) == {"evidence"}
    assert all(
        link["reference"]["resource"] in resources
        for resource in resources.values()
        for link in resource["schema"].get("foreignKeys", ())
    )
    for name in ("reports", "requests", "disclosures", "sections"):
        columns = list(dictionary().tables[name].columns)
        head, *rows = openpyxl.load_workbook(tmp_path / "out" / f"{name}.xlsx").active.values
        assert head == tuple(dictionary().heading(name, column) for column in columns)
        stored = program.query(first_crawl.folder, f"SELECT {', '.join(columns)} FROM {name}")
        # Spreadsheets calculate with 15 digits: numbers longer than that, such as ids, stand there as text.
        shown = [
            tuple(str(cell) if isinstance(cell, int) and cell >= 10**15 else cell for cell in row) for row in stored
        ]
        assert sorted(rows, key=repr) == sorted(shown, key=repr)


def test_chinese_csv_is_for_spreadsheets(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    archive = first_crawl.folder / "archive.db"
    program.run(tmp_path, "export", "out", "--headings", "zh", "--archive", archive)
    content = (tmp_path / "out" / "requests.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").splitlines()[0].startswith("报告,事项,自然人（件）")
    fields = next(one for one in _package(tmp_path / "out")["resources"] if one["name"] == "requests")["schema"]
    assert fields["primaryKey"] == ["报告", "事项"]


def test_missing_extra_is_one_line(first_crawl: FirstCrawl, tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "pyarrow.py").write_text("raise ImportError('not here')")
    arguments = ("export", "out", "--format", "parquet", "--archive", first_crawl.folder / "archive.db")
    done = program.run(tmp_path, *arguments, before=tmp_path / "without", status=1)
    assert "pip install 'nianbao[parquet]'" in program.one_line(done.stderr.splitlines()[-1])
    assert not list((tmp_path / "out").iterdir())
