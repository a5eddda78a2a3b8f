"""The checks across reports: what they say follows from what the archive holds, however it came there."""

from __future__ import annotations

import contextlib
import random
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import checking
from archive.frontier import Frontier, Lead
from archive.reports import rebuild_outdated, store_extraction
from archive.store import Archive
from checks.reuse import COMMON_ORGANS
from parsers.document import Recognition
from parsers.extract import Refusal
from parsers.report import Section
from tests.archive.conftest import PORTAL
from tests.archive.factory import payload_of, reading, sound_report

TODAY = date(2026, 2, 15)
OFFICES = ("民政局", "林业局", "财政局", "教育局", "信访局", "水务局", "审计局", "统计局", "司法局", "商务局")
OUT = ("carried_out", "natural_person"), ("carried_out", "total")


def findings(archive, rule="%"):
    return archive.db.conn.execute(
        "SELECT * FROM findings WHERE rule LIKE ? ORDER BY report_id, rule, id", (rule,)
    ).fetchall()


def state(archive):
    """All that the checks wrote, and nothing left to do."""
    execute = archive.db.conn.execute
    assert execute("SELECT count(*) FROM _unchecked").fetchone() == (0,)
    return findings(archive), execute("SELECT * FROM coverage ORDER BY 1, 2").fetchall()


def prose(seed, length=9):
    rng = random.Random(seed)
    words = "更新栏目维护渠道受理登记答复审核保密清单解读热线窗口培训督查台账归档评议"
    return "，".join("".join(rng.choices(words, k=14)) for _ in range(length)) + "。"


def a_report(office=OFFICES[0], year=2024, carried_in=1, carried_out=2, text=None, problems=None, **changes):
    report = sound_report(f"云溪县{office}", year)
    for row, value in (("carried_in", carried_in), ("carried_out", carried_out)):
        for column in ("natural_person", "total"):
            report.requests[row][column] = reading(value)
    report.scope, report.disclosures = "office", {}
    report.sections = [
        Section(1, "一、总体情况", text or prose(f"{office}{year}/1")),
        Section(5, "五、存在的主要问题及改进情况", problems or prose(f"{office}{year}/5")),
    ]
    for name, value in changes.items():
        setattr(report, name, value)
    return report


@pytest.fixture
def publish(archive, capture):
    def at(report, day="2025-03-01T00:00:00Z", url=None):
        address = url or f"http://www.yunxi.example/nb/{report.organ}-{report.year}.html"
        sha256 = capture(address, payload_of(report), day)
        return store_extraction(archive, sha256, address, report, "1")

    return at


def check(archive, **more):
    return checking.check(archive, today=TODAY, **more)


def test_two_years_are_compared_and_the_difference_goes_when_it_is_mended(archive, publish):
    publish(a_report(year=2023, carried_out=3))
    publish(a_report(year=2024, carried_in=1))
    summary = check(archive)
    assert summary.new["years.carried_over"] == 2
    ((_, report_id, *_rest, other, cells),) = [row for row in findings(archive, "years.%") if "total" in row[6]]
    assert (report_id[-4:], other[-4:], cells) == ("2024", "2023", '["requests.carried_out.total"]')
    publish(a_report(year=2023, carried_out=1), day="2025-04-01T00:00:00Z")
    assert check(archive).gone["years.carried_over"] == 2
    assert findings(archive, "years.%") == []


def test_the_year_before_the_last_is_no_neighbour(archive, publish):
    publish(a_report(year=2022, carried_out=3))
    publish(a_report(year=2024, carried_in=1))
    check(archive)
    assert findings(archive, "years.%") == []


def test_a_removed_neighbour_takes_its_findings_along(archive, publish, capture):
    report = a_report(year=2023, carried_out=3)
    publish(report)
    publish(a_report(year=2024, carried_in=1))
    check(archive)
    assert findings(archive, "years.%")
    url = f"http://www.yunxi.example/nb/{report.organ}-2023.html"
    ((sha256,),) = archive.db.conn.execute("SELECT sha256 FROM captures WHERE url = ?", (url,)).fetchall()
    store_extraction(archive, sha256, url, Refusal("not_a_report", ""), "2")
    check(archive)
    assert findings(archive, "years.%") == []
    assert state(archive)


def test_building_a_report_again_leaves_what_others_bear_on(archive, publish):
    publish(a_report(year=2023, carried_out=3))
    publish(a_report(year=2024, carried_in=1))
    check(archive)
    before = state(archive)
    archive.db.conn.execute("INSERT INTO _outdated_reports SELECT id FROM reports")
    archive.db.conn.commit()
    rebuild_outdated(archive)
    assert findings(archive) == before[0]
    summary = check(archive)
    assert (summary.new.total(), summary.gone.total()) == (0, 0)
    assert state(archive) == before


def test_nothing_new_is_no_work(archive, publish):
    publish(a_report())
    check(archive)
    assert check(archive).compared == 0


def test_other_rules_check_everything_once(archive, publish, monkeypatch):
    publish(a_report(year=2023))
    publish(a_report(year=2024))
    assert (check(archive).built, check(archive).built) == (0, 0)
    monkeypatch.setattr(checking, "rules_version", lambda: "another")
    assert (check(archive).built, check(archive).built) == (2, 0)


def test_an_archive_of_an_earlier_program_is_checked_once(archive, publish):
    publish(a_report(year=2023, carried_out=3))
    publish(a_report(year=2024, carried_in=1))
    with archive.db.atomic():
        archive.db.conn.execute("DELETE FROM _unchecked")
    assert check(archive).built == 2
    assert findings(archive, "years.carried_over")


def test_recognised_figures_leave_the_cause_open(archive, publish):
    report = a_report(year=2024, carried_in=1)
    cell = report.requests["carried_in"]["total"]
    report.requests["carried_in"]["total"] = replace(cell, recognition=Recognition(0.99, True))
    publish(a_report(year=2023, carried_out=3))
    publish(report)
    check(archive)
    causes = {row[6]: row[4] for row in findings(archive, "years.%")}
    assert causes == {'["requests.carried_in.total"]': "unknown", '["requests.carried_in.natural_person"]': "source"}


def test_text_of_another_organ_is_shown_with_its_share(archive, publish):
    taken = prose("taken")
    publish(a_report(OFFICES[0], problems=taken, published_on="2025-01-10"))
    publish(a_report(OFFICES[1], problems=taken.replace("更新", "维护", 1), published_on="2025-01-20"))
    check(archive)
    assert {row[3] for row in findings(archive, "reuse.%")} == {"note"}
    for office in OFFICES[2:]:
        publish(a_report(office))
    check(archive)
    found = {(row[2], row[3], row[6]) for row in findings(archive, "reuse.%")}
    assert found == {
        ("reuse.other_organ", "warning", '["sections.5"]'),
        ("reuse.other_organ", "note", '["sections.5"]'),
    }
    (copy,) = (row for row in findings(archive) if row[3] == "warning")
    assert copy[9].split("，")[1] in taken
    assert "云溪县民政局2024年报告" in copy[5]


def test_a_government_and_its_office_share_what_they_publish(archive, publish):
    text = prose("one house")
    for office in ("人民政府", "人民政府办公室"):
        publish(a_report(office, problems=text))
    check(archive)
    assert findings(archive, "reuse.%") == []
    publish(a_report(OFFICES[0], problems=text))
    check(archive)
    assert len(findings(archive, "reuse.%")) == 3


def test_what_many_organs_say_is_nobodys_from_the_moment_they_do(archive, publish):
    shared = prose("template")
    for office in OFFICES[: COMMON_ORGANS - 1]:
        publish(a_report(office, problems=shared))
    check(archive)
    assert len(findings(archive, "reuse.%")) == COMMON_ORGANS - 1
    last = a_report(OFFICES[COMMON_ORGANS - 1], problems=shared)
    publish(last)
    summary = check(archive)
    assert summary.gone["reuse.other_organ"] == COMMON_ORGANS - 1
    assert findings(archive, "reuse.%") == []
    publish(a_report(OFFICES[COMMON_ORGANS - 1]), day="2025-04-01T00:00:00Z")
    check(archive)
    assert len(findings(archive, "reuse.%")) == COMMON_ORGANS - 1


def test_last_years_text_is_no_text_of_another_organ(archive, publish):
    text = prose("own")
    publish(a_report(OFFICES[0], 2022, problems=text))
    publish(a_report(OFFICES[1], 2023, problems=text))
    publish(a_report(OFFICES[1], 2024, problems=text))
    check(archive)
    assert [(row[1][-4:], row[2]) for row in findings(archive, "reuse.%")] == [
        ("2023", "reuse.other_organ"),
        ("2024", "reuse.last_year"),
    ]


def test_another_name_of_an_organ_makes_other_passages_in_all_of_its_reports(archive, publish):
    text = "云溪县民政局认真推进公开工作有关事项"
    ids = [publish(a_report(year=year, text=text)) for year in (2023, 2024)]
    check(archive)
    passages = archive.db.conn.execute("SELECT report_id, passages FROM _facts ORDER BY 1").fetchall()
    with archive.db.atomic():
        archive.db.conn.execute("UPDATE organs SET name = '平川市云溪县慈善局'")
        archive.db.conn.execute("INSERT INTO _unchecked VALUES (?, 1)", (ids[0],))
    check(archive)
    now = archive.db.conn.execute("SELECT report_id, passages FROM _facts ORDER BY 1").fetchall()
    assert [old[1] != new[1] for old, new in zip(passages, now, strict=True)] == [True, True]


def test_dates_and_alterations_are_told(archive, publish):
    publish(a_report(published_on="2025-02-20"), day="2025-02-10T00:00:00Z")
    check(archive)
    assert {row[2] for row in findings(archive, "calendar.%")} == {"calendar.late", "calendar.future"}
    publish(a_report(carried_out=5, published_on="2025-01-20"), day="2025-03-10T00:00:00Z")
    check(archive)
    ((*_, message, cells, _e, _a, _q, _o, _c),) = findings(archive, "calendar.%")
    assert "2025-03-10" in message
    assert "requests.carried_out.total" in cells


def sight(archive, url, last_seen, missing_since):
    with archive.db.atomic():
        archive.db.conn.execute(
            "INSERT OR REPLACE INTO _sightings VALUES ('yunxi', ?, ?, 1, ?, ?, ?, 'gone')",
            (url, url, last_seen, last_seen, missing_since),
        )


def test_a_report_vanishes_when_none_of_its_addresses_is_left(archive, publish):
    report = a_report()
    urls = [f"http://www.yunxi.example/nb/{name}.html" for name in ("a", "b")]
    for url in urls:
        publish(report, url=url)
    sight(archive, urls[0], "2025-04-01T00:00:00Z", "2025-05-01T00:00:00Z")
    sight(archive, urls[1], "2025-04-01T00:00:00Z", None)
    check(archive)
    assert findings(archive, "calendar.vanished") == []
    sight(archive, urls[1], "2025-05-01T00:00:00Z", "2025-06-01T20:00:00Z")
    check(archive)
    ((*_, expected, actual, _q, _o, _c),) = findings(archive, "calendar.vanished")
    assert (expected, actual) == ("2025-05-01", "2025-06-02")
    assert ("vanished", "2025-06-02") in {row[2:] for row in state(archive)[1]}
    sight(archive, urls[0], "2025-07-01T00:00:00Z", None)
    check(archive)
    assert findings(archive, "calendar.vanished") == []


def crawl(archive, run_id, status, started):
    with archive.db.atomic():
        archive.db.conn.execute("UPDATE runs SET started_at = ? WHERE id = ?", (started, run_id))
        archive.db.conn.execute(
            "INSERT OR REPLACE INTO portal_runs (run_id, portal_id, status) VALUES (?, 'yunxi', ?)", (run_id, status)
        )


def test_a_gap_is_ours_until_a_whole_crawl_shows_that_it_is_theirs(archive, publish, run_id):
    publish(a_report(year=2021))
    publish(a_report(year=2023))
    crawl(archive, run_id, "partial", "2026-02-10T00:00:00Z")
    check(archive)
    states = {row[1]: row[2] for row in state(archive)[1]}
    assert states == {2021: "complete", 2022: "crawl_short", 2023: "complete", 2024: "crawl_short", 2025: "crawl_short"}
    crawl(archive, run_id, "ok", "2026-02-10T00:00:00Z")
    check(archive)
    assert {row[1]: row[2] for row in state(archive)[1]} == {
        2021: "complete", 2022: "missing", 2023: "complete", 2024: "missing", 2025: "missing",
    }  # fmt: skip
    checking.check(archive, today=date(2026, 1, 15))
    assert state(archive)[1][-1][1:] == (2025, "not_due_yet", None)


def test_what_a_portal_lists_and_the_archive_has_not_is_unread(archive, publish, run_id):
    publish(a_report(year=2023))
    crawl(archive, run_id, "ok", "2026-02-10T00:00:00Z")
    check(archive)
    assert {row[1]: row[2] for row in state(archive)[1]}[2024] == "missing"
    frontier, _ = Frontier.open(archive.db, "yunxi", run_id)
    title = "云溪县民政局2024年政府信息公开工作年度报告"
    url = "http://www.yunxi.example/nb/2024.html"
    frontier.add([Lead(url, url, "www.yunxi.example", "report", 1, 1, {"title": title, "listed": True})])
    frontier.finish({"status": "ok"}, complete=True)
    check(archive)
    assert {row[1]: row[2] for row in state(archive)[1]} == {2023: "complete", 2024: "unread", 2025: "missing"}


# Order and interruptions ----------------------------------------------------------------

_TEXTS = ["taken", "template", "own"]
_reports = st.builds(
    lambda office, year, carried, text, problems: a_report(
        OFFICES[office], year, carried_in=carried % 3, carried_out=carried // 3,
        text=prose(text) if text else None, problems=prose(problems) if problems else None,
    ),
    st.integers(0, 7),
    st.integers(2021, 2024),
    st.integers(0, 8),
    st.sampled_from([None, *_TEXTS]),
    st.sampled_from([None, *_TEXTS]),
)  # fmt: skip


class _InterruptedError(Exception):
    pass


def _interrupt(at):
    count = [0]

    def progress(_stage, _done):
        count[0] += 1
        if count[0] == at:
            raise _InterruptedError

    return progress


def _take(archive, run_id, report, day):
    # One address for an organ and year: what comes later replaces what was there.
    url = f"http://www.yunxi.example/nb/{report.organ}-{report.year}.html"
    sha256 = archive.record_capture(
        run_id, url, payload_of(report), fetched_at=f"2025-05-{day:02}T00:00:00Z", portal_id="yunxi", http_status=200
    )
    store_extraction(archive, sha256, url, report, "1")


@settings(max_examples=25)
@given(st.lists(_reports, min_size=2, max_size=14), st.randoms(use_true_random=False), st.data())
def test_order_and_interruptions_do_not_matter(reports, rng, data):
    days = list(range(1, len(reports) + 1))
    with tempfile.TemporaryDirectory() as folder:
        results = []
        for number in range(2):
            place = Path(folder) / str(number)
            place.mkdir()
            with Archive.open(place / "archive.db") as archive:
                archive.sync_portals([PORTAL])
                run_id = archive.begin_run("test")
                order = list(zip(reports, days, strict=True))
                if number:
                    rng.shuffle(order)
                for report, day in order:
                    _take(archive, run_id, report, day)
                    if number and data.draw(st.booleans()):
                        with contextlib.suppress(_InterruptedError):
                            check(archive, progress=_interrupt(data.draw(st.integers(1, 4))))
                check(archive, everything=not number)
                results.append(state(archive))
                if number:
                    check(archive, everything=True)
                    assert state(archive) == results[-1]
        assert results[0] == results[1]
