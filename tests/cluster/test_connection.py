"""What the coordinating machine makes of what workers say of themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archive.attempts import Key
from archive.derived import derive
from archive.errors import ArchiveError
from archive.packing import pack
from cluster import connection, readings, tables, tasks, versions
from cluster.errors import ClusterError
from cluster.storage import Storage
from parsers.extract import Refusal
from tests.archive.factory import reading, sound_report

_NOW = 1_800_000_000.0


def _answer(**changes: Any) -> dict[str, Any]:
    return {"versions": versions.present(), "time": _NOW, "error": None, **changes}


def _of(**changes: str) -> dict[str, str]:
    return {**versions.present(), **changes}


def test_a_worker_like_this_machine_is_taken() -> None:
    connection._judge("w1", _answer(), _NOW)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (
            _answer(versions=_of(parsers="3")),
            f"the worker w1 has parsers 3 instead of {versions.PARSER_VERSION}: install the same version on every",
        ),
        (_answer(versions=_of(code="0")), "w1 has code 0 instead of"),
        (_answer(versions=_of(lxml="1.0")), "w1 has lxml 1.0 instead of"),
        (_answer(time=_NOW - 90), "the clock of worker w1 is -90 s off"),
        (_answer(error="cannot write x to /srv: Read-only file system"), "the worker w1: cannot write x to /srv: Read"),
        (
            ModuleNotFoundError("no", name="cluster"),
            r"the worker w1 lacks cluster: pip install 'nianbao\[distributed\]'",
        ),
        (OSError("disk"), "the worker w1 cannot work: OSError: disk"),
    ],
)
def test_a_worker_that_would_do_otherwise_is_refused_by_name(answer: Any, told: str) -> None:
    with pytest.raises(ClusterError, match=told):
        connection._judge("w1", answer, _NOW)


def test_what_was_installed_anew_beside_a_running_worker_is_noticed() -> None:
    versions.require(versions.present())
    with pytest.raises(ClusterError, match=r"has code .* instead of 0: install the same version on every machine"):
        versions.require(_of(code="0"))


def test_the_code_of_every_package_that_results_depend_on_counts() -> None:
    assert {"nianbao", "parsers", "code", "Python", "recogniser", "lxml", "scrapy", "pdfplumber"} <= set(
        versions.present()
    )


def test_storage_that_is_not_shared_is_told_apart(tmp_path: Path) -> None:
    here, there = Storage(str(tmp_path / "here")), tmp_path / "there"
    here.write("cluster/probes/one", b"written")
    assert tasks.introduce(here.url, "cluster/probes/one")["error"] is None
    told = tasks.introduce(str(there), "cluster/probes/one")["error"]
    assert told == (f"does not see cluster/probes/one in {there}: give --storage a place that every machine shares")
    assert len(here.names("cluster/probes")) == 2


def test_readings_come_back_as_they_were_made(tmp_path: Path) -> None:
    report = sound_report()
    report.requests["new"]["total"] = reading(9)
    assert any(finding.cells for finding in derive(report).findings)
    kept = (pack(report), derive(report))
    key: Key = ("a" * 64, "https://www.lanxi.gov.cn/a")
    rows = [
        readings.row(*key, (report, kept)),
        readings.row(*key, (Refusal("blank_form", "nothing is filled in"), None)),
        readings.row(*key, "the record is damaged"),
    ]
    storage = Storage(str(tmp_path))
    tables.write(storage, "one.parquet", readings.table(rows))
    first, second, third = readings.read(tables.read(storage, "one.parquet"))
    assert first == (key, report, kept)
    assert second == (key, Refusal("blank_form", "nothing is filled in"), None)
    assert isinstance(third[1], ArchiveError)
    assert str(third[1]) == "the record is damaged"


def test_an_empty_table_keeps_its_columns(tmp_path: Path) -> None:
    storage = Storage(str(tmp_path))
    tables.write(storage, "none.parquet", readings.table([]))
    found = tables.read(storage, "none.parquet")
    assert (list(found.rows), list(found.columns)) == ([], list(readings.table([]).columns))
