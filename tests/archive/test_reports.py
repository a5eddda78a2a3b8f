import json
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.compare import public_dump
from archive.packing import unpack
from archive.reports import rebuild_all, rebuild_outdated, store_extraction
from archive.store import Archive
from parsers.extract import Origin, Refusal
from parsers.report import Finding, Reading, Report, Section
from tests.archive.conftest import PORTAL
from tests.archive.factory import blank, payload_of, reading, sound_report, with_new_total

HTML = "http://www.yunxi.example/zwgk/nb/t1.html"
PDF = "http://www.yunxi.example/zwgk/nb/P1.pdf"
DAYS = [f"2025-0{month}-10T00:00:00Z" for month in range(1, 9)]


@pytest.fixture
def publish(archive, capture):
    """Capture and store a report, as a crawl with extraction would."""

    def at(url, day, report, counter=0, prefix=b"", **more):
        sha256 = capture(url, prefix + payload_of(report, counter), DAYS[day], **more)
        return sha256, store_extraction(archive, sha256, url, report, "1")

    return at


def rows(archive, sql, *parameters):
    return archive.db.conn.execute(sql, parameters).fetchall()


def test_report_fills_the_public_tables(archive, publish):
    report = sound_report()
    report.requests["denied_state_secret"]["total"] = blank()
    report.indicators = [("主动公开政府信息数", "条", 12)]
    sha256, report_id = publish(HTML, 0, report, origin=Origin(url=HTML, landing_url="http://www.yunxi.example/l"))
    row = archive.db["reports"].get(report_id)
    assert report_id == f"{row['organ_id']}-2024"
    assert row | {"organ_id": None, "id": None} == {
        "id": None,
        "organ_id": None,
        "year": 2024,
        "edition": "2021",
        "disclosures_edition": "2021",
        "requests_edition": "2021",
        "scope": "organ",
        "title": "云溪县民政局2024年政府信息公开工作年度报告",
        "url": "http://www.yunxi.example/l",
        "published_on": None,
        "status": "complete",
        "document_sha256": sha256,
        "content_sha256": report.content_sha256(),
        "captured_at": DAYS[0],
        "parser_version": "1",
    }
    assert archive.db["organs"].get(row["organ_id"]) | {"id": None} == {
        "id": None,
        "name": "云溪县民政局",
        "division_code": "419921",
        "province": "河南省",
        "city": "平川市",
        "county": "云溪县",
        "level": "county",
        "kind": "department",
        "portal_id": "yunxi",
    }
    assert rows(archive, "SELECT count(*), count(total) FROM requests") == [(25, 24)]
    assert rows(archive, "SELECT natural_person, total FROM requests WHERE item = 'new'") == [(5, 5)]
    assert rows(archive, "SELECT value, unit, printed FROM disclosures WHERE measure = 'amount'") == [
        (12.5, "万元", "12.5")
    ]
    assert rows(archive, "SELECT count(*) FROM reviews WHERE total = 0") == [(3,)]
    assert rows(archive, "SELECT position, label, unit, value FROM indicators") == [(1, "主动公开政府信息数", "条", 12)]
    assert rows(archive, "SELECT number, heading FROM sections ORDER BY number") == [
        (1, "一、总体情况"),
        (5, "五、存在的主要问题及改进情况"),
    ]
    cells = json.loads(rows(archive, "SELECT evidence_json(cells) FROM evidence")[0][0])
    assert cells["requests.new.total"] == {
        "printed": "5",
        "kind": "number",
        "unit": None,
        "sure": True,
        "place": {"table": 2, "row": 3, "column": 4},
    }
    assert cells["requests.denied_state_secret.total"]["kind"] == "blank"


def test_missing_figures_stay_null(archive, publish):
    report = sound_report()
    del report.requests["new"]["business"]
    report.requests["granted"]["total"] = Reading("unreadable", "l2")
    report.disclosures["normative_documents"]["issued"] = Reading("placeholder", "/")
    publish(HTML, 0, report)
    assert rows(archive, "SELECT business FROM requests WHERE item = 'new'") == [(None,)]
    assert rows(archive, "SELECT total FROM requests WHERE item = 'granted'") == [(None,)]
    assert rows(archive, "SELECT value, printed FROM disclosures WHERE measure = 'issued'") == [(None, "/")]


@pytest.mark.parametrize("number", [10**30, float("inf")])
def test_figure_that_the_database_cannot_hold_is_null_with_a_finding(archive, publish, number):
    publish(HTML, 0, sound_report(disclosures={"regulations": {"issued": reading(number)}}))
    assert rows(archive, "SELECT value FROM disclosures") == [(None,)]
    assert rows(archive, "SELECT cells FROM findings WHERE rule = 'extraction.unreadable_cell'") == [
        ('["disclosures.regulations.issued"]',)
    ]


def test_checks_and_problems_become_findings_with_lasting_ids(archive, publish):
    report = with_new_total(sound_report(), 6)
    problems = [
        Finding("extraction.unmatched_row", "warning", "extraction", f"无法识别的行：{name}") for name in "甲乙"
    ]
    report.problems = [*problems, Finding("extraction.novel", "note", "unknown", "新的问题")]
    publish(HTML, 0, report)
    found = rows(archive, "SELECT id, rule, severity, cause FROM findings ORDER BY rule, id")
    assert sorted(row[1:] for row in found) == [
        ("extraction.novel", "note", "unknown"),
        ("extraction.unmatched_row", "warning", "extraction"),
        ("extraction.unmatched_row", "warning", "extraction"),
        ("requests.identity", "error", "source"),
        ("requests.one_cell", "note", "unknown"),
        ("requests.row_total", "error", "source"),
    ]
    rebuild_all(archive)
    assert rows(archive, "SELECT id, rule, severity, cause FROM findings ORDER BY rule, id") == found


def test_counter_in_the_page_is_no_version_and_no_change(archive, publish):
    first, report_id = publish(HTML, 0, sound_report())
    publish(HTML, 1, sound_report(), counter=1)
    assert rows(archive, "SELECT * FROM versions") == [
        (report_id, first, sound_report().content_sha256(), DAYS[0], DAYS[1], 1)
    ]
    assert rows(archive, "SELECT * FROM changes") == []
    assert archive.db["reports"].get(report_id)["document_sha256"] == first


def test_silent_edit_is_a_version_and_changes_cell_by_cell(archive, publish):
    publish(HTML, 0, sound_report())
    edited = with_new_total(sound_report(), 6)
    edited.sections[1] = Section(5, edited.sections[1].heading, "无。")
    sha256, report_id = publish(HTML, 1, edited)
    assert rows(archive, "SELECT document_sha256, is_current FROM versions ORDER BY first_captured_at")[1] == (
        sha256,
        1,
    )
    assert rows(archive, "SELECT sum(is_current), count(*) FROM versions") == [(1, 2)]
    assert rows(archive, "SELECT * FROM changes ORDER BY field") == [
        (report_id, "requests.new.total", "5", "6", DAYS[1]),
        (report_id, "sections.5", "公开内容不够及时，今后将改进。", "无。", DAYS[1]),
    ]
    assert archive.db["reports"].get(report_id)["captured_at"] == DAYS[1]


def test_edit_taken_back_makes_the_first_version_current_again(archive, publish, capture):
    sha256, report_id = publish(HTML, 0, sound_report())
    publish(HTML, 1, with_new_total(sound_report(), 6))
    capture(HTML, payload_of(sound_report()), DAYS[2])
    assert rebuild_outdated(archive) == 1
    assert rebuild_outdated(archive) == 0
    assert archive.db["reports"].get(report_id)["document_sha256"] == sha256
    assert rows(archive, "SELECT first_captured_at, last_captured_at FROM versions WHERE is_current") == [
        (DAYS[0], DAYS[2])
    ]
    assert rows(archive, "SELECT old, new, detected_at FROM changes ORDER BY detected_at") == [
        ("5", "6", DAYS[1]),
        ("6", "5", DAYS[2]),
    ]


def test_vanished_report_stays(archive, publish, capture):
    _, report_id = publish(HTML, 0, sound_report())
    before = public_dump(archive)
    capture(HTML, None, DAYS[1], http_status=404)
    rebuild_all(archive)
    assert public_dump(archive) == before
    assert archive.db["reports"].get(report_id)["year"] == 2024


def test_most_complete_document_is_current_and_disagreement_is_found(archive, publish):
    page = sound_report(status="text_only", requests={}, reviews={})
    page.disclosures["normative_documents"]["issued"] = reading(4)
    publish(HTML, 0, page)
    pdf, report_id = publish(PDF, 1, sound_report(), prefix=b"%PDF-")
    row = archive.db["reports"].get(report_id)
    assert (row["document_sha256"], row["url"], row["status"]) == (pdf, PDF, "complete")
    ((message, cells, expected, actual, severity, cause),) = rows(
        archive,
        "SELECT message, cells, expected, actual, severity, cause FROM findings WHERE rule = 'documents.disagree'",
    )
    assert (cells, expected, actual) == ('["disclosures.normative_documents.issued"]', "3", "4")
    assert (severity, cause) == ("warning", "unknown")
    assert HTML in message
    assert PDF in message
    assert "行政规范性文件" in message


def test_same_edit_in_page_and_attachment_is_one_change(archive, publish):
    for url, prefix in ((HTML, b""), (PDF, b"%PDF-")):
        late = 1 if url == PDF else 0
        publish(url, 0 + late, sound_report(), prefix=prefix)
        publish(url, 2 + late, with_new_total(sound_report(), 6), prefix=prefix)
    assert rows(archive, "SELECT field, old, new, detected_at FROM changes") == [
        ("requests.new.total", "5", "6", DAYS[2])
    ]
    assert rows(archive, "SELECT count(*), sum(is_current) FROM versions") == [(4, 1)]


def test_reading_again_moves_a_document_and_leaves_nothing_behind(archive, publish):
    sha256, old_id = publish(HTML, 0, sound_report(year=2023))
    new_id = store_extraction(archive, sha256, HTML, sound_report(organ="云溪县财政局"), "2")
    assert rows(archive, "SELECT id, parser_version FROM reports") == [(new_id, "2")]
    assert rows(archive, "SELECT name FROM organs") == [("云溪县财政局",)]
    for table in ("sections", "requests", "evidence", "versions"):
        assert rows(archive, f"SELECT count(*) FROM {table} WHERE report_id = ?", old_id) == [(0,)]
    assert rows(archive, "SELECT count(*) FROM sections_fts WHERE sections_fts MATCH '信'") == [(1,)]

    assert store_extraction(archive, sha256, HTML, Refusal("not_a_report", "解读"), "3") is None
    assert rows(archive, "SELECT * FROM refusals") == [(sha256, HTML, "not_a_report", "解读")]
    for table in ("reports", "organs", "sections", "findings"):
        assert archive.db[table].count == 0
    store_extraction(archive, sha256, HTML, sound_report(), "4")
    assert archive.db["refusals"].count == 0


def test_list_pages_are_no_versions(archive, publish, capture):
    publish(HTML, 0, sound_report())
    capture(HTML, payload_of(sound_report()), DAYS[1], role="page")
    rebuild_all(archive)
    assert rows(archive, "SELECT last_captured_at FROM versions") == [(DAYS[0],)]


def test_storing_twice_changes_nothing(archive, publish):
    sha256, _ = publish(HTML, 0, with_new_total(sound_report(), 7))
    before = [archive.db.conn.execute("SELECT * FROM sections ORDER BY id").fetchall(), public_dump(archive)]
    store_extraction(archive, sha256, HTML, with_new_total(sound_report(), 7), "1")
    after = [archive.db.conn.execute("SELECT * FROM sections ORDER BY id").fetchall(), public_dump(archive)]
    assert before == after


def _variants() -> list[Report]:
    text_only = sound_report(status="text_only", requests={}, reviews={})
    renamed = sound_report(sections=[Section(1, "总体情况", "另一年。")], year=2023)
    return [sound_report(), with_new_total(sound_report(), 6), text_only, renamed]


EVENTS = [
    (url, variant, counter, day)
    for url, series in {
        HTML: [(0, 0), (0, 1), (1, 0), (0, 0)],
        PDF: [(2, 0), (0, 2), (3, 0)],
        HTML + "?mirror": [(1, 5), (1, 6)],
    }.items()
    for day, (variant, counter) in enumerate(series)
]


def _tables(events, stores) -> dict:
    reports = _variants()
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive.db") as archive:
        archive.sync_portals([PORTAL])
        run_id = archive.begin_run("test")
        for url, variant, counter, day in events:
            archive.record_capture(
                run_id,
                url,
                payload_of(reports[variant], counter),
                fetched_at=DAYS[day],
                portal_id="yunxi",
                http_status=200,
            )
        for url, variant, counter, _ in stores:
            sha256 = archive.db.conn.execute(
                "SELECT DISTINCT sha256 FROM captures WHERE url = ? AND fetched_at = ?",
                (url, DAYS[next(e[3] for e in EVENTS if e[:3] == (url, variant, counter))]),
            ).fetchone()[0]
            store_extraction(archive, sha256, url, reports[variant], "1")
        moments = {
            table: archive.db.conn.execute(f"SELECT * FROM {table} ORDER BY 1, 2, 3, 4, 5").fetchall()
            for table in ("versions", "changes", "documents")
        }
        moments["documents"] = sorted((row[0], row[-1]) for row in moments["documents"])
        return public_dump(archive) | {f"{table} in full": rows for table, rows in moments.items()}


@pytest.fixture(scope="module")
def in_order():
    return _tables(EVENTS, EVENTS)


@settings(max_examples=15, deadline=None)
@given(st.permutations(EVENTS), st.permutations(EVENTS))
def test_order_of_arrival_does_not_matter(in_order, events, stores):
    assert _tables(events, stores) == in_order


def test_the_series_under_test_has_versions_and_changes(in_order):
    assert len(in_order["reports"]) == 2
    assert len(in_order["versions"]) >= 4
    assert in_order["changes"]


def test_problem_with_other_message_is_another_row(archive, publish):
    problem = Finding("extraction.field", "note", "unknown", "一")
    publish(HTML, 0, sound_report(problems=[problem, replace(problem, message="二"), problem]))
    assert sorted(rows(archive, "SELECT message FROM findings")) == [("一",), ("二",)]


def test_of_many_versions_alike_few_are_restored(archive, publish, monkeypatch):
    report = sound_report()
    for counter in range(5):
        publish(HTML, counter, report, counter=counter)
    restored = []
    monkeypatch.setattr("archive.reports.unpack", lambda blob: restored.append(blob) or unpack(blob))
    _sha256, report_id = publish(HTML, 5, with_new_total(report, 99), counter=5)
    assert len(restored) == 1
    assert rows(archive, "SELECT count(*) FROM changes WHERE report_id = ?", report_id) != [(0,)]
    assert rows(archive, "SELECT count(*) FROM versions WHERE report_id = ?", report_id) == [(2,)]


def test_an_archive_that_does_not_know_the_contents_is_rebuilt_alike(archive, publish):
    publish(HTML, 0, sound_report())
    publish(HTML, 1, with_new_total(sound_report(), 99))
    publish(PDF, 2, sound_report())
    kept = public_dump(archive)
    archive.db.conn.execute("UPDATE _extractions SET content_sha256 = NULL, status = NULL, figures = NULL")
    rebuild_all(archive)
    assert public_dump(archive) == kept
