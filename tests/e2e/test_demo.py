"""The main job without the internet: the sample's portals crawled, every figure as they print it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sample.city_portal import FORBIDDEN
from sample.server import SampleServer
from tests.e2e import program
from tests.e2e.conftest import FirstCrawl
from tests.e2e.expectations import assert_holds, report_ids


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("demo")
    return folder, program.run(folder, "demo", "--no-serve").stdout


def test_demo_says_what_it_found(demo: tuple[Path, str]) -> None:
    folder, output = demo
    told = {match[1]: match[2] for match in re.finditer(r"│ (\w+) +│ (\S+)", output)}
    for name, sql in {
        "reports": "SELECT count(*) FROM reports",
        "cells": "SELECT sum(cell_count) FROM evidence",
        "findings": "SELECT count(*) FROM findings",
    }.items():
        assert int(told[name]) == program.query(folder, sql)[0][0] > 0
    assert re.search(r"│ yunting +│ ok ", output)
    assert re.search(r"│ qingyan +│ ok ", output)


def test_demo_archives_every_report_as_printed(demo: tuple[Path, str]) -> None:
    with SampleServer() as server:
        truth = server.truth()
    assert len(truth.reports) == 72
    assert_holds(demo[0], truth)


def test_exactly_the_wrong_sum_is_an_error(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    with SampleServer() as server:
        wrong = [(report, one) for report in server.truth().reports for one in report.wrong_sums]
    ids = report_ids(folder)
    found = program.query(
        folder,
        "SELECT report_id, rule, cause, actual, expected FROM findings WHERE severity <> 'note' ORDER BY rule",
    )
    ((report, one),) = wrong
    # The total is wrong against its own row, and so is the column in which it stands.
    assert [row[:3] for row in found] == [
        (ids[report.organ, report.year], "requests.handled_sum", "source"),
        (ids[report.organ, report.year], "requests.row_total", "source"),
    ]
    assert found[1][3:] == (str(one.printed), str(one.expected))
    for (cells,) in program.query(folder, "SELECT cells FROM findings WHERE severity <> 'note'"):
        assert one.field in json.loads(cells)


def test_nothing_is_taken_that_robots_forbid(demo: tuple[Path, str], first_crawl: FirstCrawl) -> None:
    for folder in (demo[0], first_crawl.folder):
        urls = [row[0] for row in program.query(folder, "SELECT url FROM captures UNION SELECT url FROM refusals")]
        assert urls
        assert not [url for url in urls if FORBIDDEN in url]
    assert not [entry.path for entry in first_crawl.requests if entry.path.startswith((FORBIDDEN, "/user/", "/zxft/"))]
    reason = program.query(first_crawl.folder, "SELECT reason FROM portal_runs WHERE portal_id = 'yunting'")
    assert reason == [("robots",)]


def test_nothing_is_a_report_that_is_none(demo: tuple[Path, str]) -> None:
    with SampleServer() as server:
        others = {page.url for page in server.truth().non_reports}
    taken = {row[0] for row in program.query(demo[0], "SELECT url FROM _extractions WHERE report_id IS NOT NULL")}
    assert not taken & others


def test_another_demo_changes_nothing(demo: tuple[Path, str]) -> None:
    folder, _ = demo
    before = program.dump(folder)
    program.run(folder, "demo", "--no-serve")
    after = program.dump(folder)
    # A page whose visit counter moved is another document; what is said of it stays the same.
    for dump in (before, after):
        dump["refusals"] = sorted((url, reason) for _sha256, url, reason, _detail in dump["refusals"])
    assert program.differences(before, after) == {}
    ((count,),) = program.query(folder, "SELECT count(*) FROM changes")
    assert count == 0


def test_demo_refuses_to_mix_with_real_captures(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("青汀县水务局2023年政府信息公开工作年度报告\n一、总体情况\n", "utf-8")
    program.run(tmp_path, "import", ".")
    done = program.run(tmp_path, "demo", "--no-serve", status=1)
    assert "name another file for the demo" in program.one_line(done.stderr)
