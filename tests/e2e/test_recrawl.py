"""Crawling again: what has not changed is not fetched, what was altered after publication is recorded."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sample.generator import LATER_REPORT, REVISED_REPORT
from sample.organs import BY_KEY
from sample.server import SampleServer
from tests.e2e import program
from tests.e2e.conftest import FirstCrawl
from tests.e2e.expectations import assert_holds, report_ids

CRAWL = ("crawl", "--portals", "portals.toml")


@pytest.fixture(scope="module")
def crawled_again(first_crawl: FirstCrawl, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleServer]:
    """The first crawl, crawled once more with the portals as they were but for their visit counters."""
    folder = first_crawl.copy(tmp_path_factory.mktemp("again"))
    with SampleServer() as server:
        program.run(folder, *CRAWL, proxy=server.proxy_url)
        return folder, server


@pytest.fixture(scope="module")
def crawled_later(
    crawled_again: tuple[Path, SampleServer], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, SampleServer]:
    """The same, crawled a third time after the portals have altered one report and added one."""
    folder = shutil.copytree(crawled_again[0], tmp_path_factory.mktemp("later"), dirs_exist_ok=True)
    with SampleServer() as server:
        server.set_phase(2)
        program.run(folder, *CRAWL, proxy=server.proxy_url)
        return folder, server


def _last_run(folder: Path) -> dict[str, tuple[int, int, int, int]]:
    rows = program.query(
        folder,
        "SELECT portal_id, found, new, changed, vanished FROM portal_runs"
        " WHERE run_id = (SELECT id FROM runs ORDER BY started_at DESC LIMIT 1)",
    )
    return {row[0]: row[1:] for row in rows}


def test_what_has_validators_is_not_sent_again(crawled_again: tuple[Path, SampleServer]) -> None:
    _, server = crawled_again
    validated = [
        entry
        for entry in server.log
        if (resource := server.site.find(entry.host, *_split(entry.path))) and resource.last_modified
    ]
    assert {Path(entry.path).suffix for entry in validated} >= {".pdf", ".docx", ".html"}
    assert [entry for entry in validated if (entry.status, entry.sent) != (304, 0)] == []


def _split(path: str) -> tuple[str, str]:
    path, _, query = path.partition("?")
    return path, query


def test_counters_are_no_change(first_crawl: FirstCrawl, crawled_again: tuple[Path, SampleServer]) -> None:
    folder, server = crawled_again
    before, after = program.dump(first_crawl.folder), program.dump(folder)
    for dump in (before, after):
        dump["refusals"] = sorted((url, reason) for _sha256, url, reason, _detail in dump["refusals"])
    assert program.differences(before, after) == {}
    found = {portal_id: counts[0] for portal_id, counts in _last_run(first_crawl.folder).items()}
    assert _last_run(folder) == {portal_id: (count, 0, 0, 0) for portal_id, count in found.items()}
    # The pages did differ, byte by byte.
    ((pages,),) = program.query(
        folder, "SELECT count(*) FROM (SELECT url FROM captures GROUP BY url HAVING count(DISTINCT sha256) > 1)"
    )
    assert pages >= 40
    assert server.log


def test_an_altered_report_shows_what_was_altered(
    first_crawl: FirstCrawl, crawled_later: tuple[Path, SampleServer]
) -> None:
    folder, server = crawled_later
    organ, year = BY_KEY[REVISED_REPORT[0]].name, REVISED_REPORT[1]
    old = first_crawl.truth.report(organ, year).report.fields()
    new = server.truth().report(organ, year).report.fields()
    expected = {
        (name, _text(old.get(name)), _text(new.get(name)))
        for name in old.keys() | new.keys()
        if old.get(name) != new.get(name)
    }
    # Three rows in two columns each, and the sections that tell of them.
    assert len(expected) == 8
    report_id = report_ids(folder)[organ, year]
    rows = program.query(folder, "SELECT report_id, field, old, new FROM changes")
    assert {row[0] for row in rows} == {report_id}
    assert len(rows) == len(expected)
    assert {row[1:] for row in rows} == expected


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def test_one_more_version_and_one_new_report(
    crawled_again: tuple[Path, SampleServer], crawled_later: tuple[Path, SampleServer]
) -> None:
    folder, server = crawled_later
    assert_holds(folder, server.truth())
    versions = "SELECT report_id, count(*) FROM versions GROUP BY report_id"
    before = dict(program.query(crawled_again[0], versions))
    after = dict(program.query(folder, versions))
    ids = report_ids(folder)
    revised = ids[BY_KEY[REVISED_REPORT[0]].name, REVISED_REPORT[1]]
    later = ids[BY_KEY[LATER_REPORT[0]].name, LATER_REPORT[1]]
    assert after == before | {revised: before[revised] + 1, later: 1}
    counts = _last_run(folder)
    found = {portal_id: count[0] for portal_id, count in _last_run(crawled_again[0]).items()}
    assert counts == {"yunting": (found["yunting"] + 1, 1, 0, 0), "qingyan": (found["qingyan"], 0, 1, 0)}


def test_the_former_version_can_still_be_read(crawled_later: tuple[Path, SampleServer], tmp_path: Path) -> None:
    folder, _ = crawled_later
    revised = report_ids(folder)[BY_KEY[REVISED_REPORT[0]].name, REVISED_REPORT[1]]
    versions = program.query(
        folder, "SELECT document_sha256 FROM versions WHERE report_id = ? ORDER BY is_current", revised
    )
    added = "；".join(
        row[0] for row in program.query(folder, "SELECT new FROM changes WHERE field = 'sections.5'")
    ).removeprefix(program.query(folder, "SELECT old FROM changes WHERE field = 'sections.5'")[0][0])
    assert added
    texts = []
    for (sha256,) in versions:
        path = tmp_path / sha256
        program.run(folder, "document", sha256, "-o", path)
        texts.append("".join(path.read_bytes().decode("gb18030").split()))
    assert [_figures_of(added) in text for text in texts] == [False, True]


def _figures_of(sentence: str) -> str:
    # Word processors wrap digits in elements of their own; the words between them stay whole.
    return max((part for part in "".join(" " if c.isdigit() else c for c in sentence).split()), key=len)
