"""What is kept so that a few new documents need not be looked for in all of an archive says what a whole look would."""

import json
import random
from datetime import date, timedelta

import pytest
from sqlite_utils import Database

from archive import checking, successions
from archive.extraction import pending
from archive.packing import evidence_json, unpack_evidence
from archive.reports import rebuild_outdated, store_extraction
from archive.schema import migrations
from archive.store import Archive
from checks.due import due, passed
from parsers.extract import PARSER_VERSION, Refusal
from tests.archive.factory import payload_of, sound_report

WHOLE = (
    "SELECT DISTINCT c.sha256, c.url FROM captures c"
    " LEFT JOIN _extractions e ON e.sha256 = c.sha256 AND e.url = c.url WHERE c.sha256 IS NOT NULL"
    " AND NOT EXISTS (SELECT 1 FROM _page_captures WHERE capture_id = c.id)"
    " AND (e.sha256 IS NULL OR e.parser_version <> ? OR e.stale) ORDER BY c.url, c.sha256"
)


@pytest.mark.parametrize("seed", range(4))
def test_documents_to_read_are_those_of_a_whole_look(archive, capture, seed):
    rng = random.Random(seed)
    execute = archive.db.conn.execute
    roles = {}
    for step in range(60):
        url = f"http://www.yunxi.example/{rng.randint(1, 6)}.html"
        payload = f"<p>{rng.randint(1, 4)}</p>".encode()
        known = execute("SELECT sha256, url FROM captures WHERE sha256 IS NOT NULL ORDER BY id").fetchall()
        kind = rng.choice(("document", "document", "page", "read", "read", "other", "stale", "forget"))
        if kind in ("document", "page"):
            digest = capture(url, payload, f"2025-01-01T00:00:{step:02}Z", role=kind)
            roles.setdefault((digest, url), set()).add(kind)
            if roles[digest, url] == {"page"}:
                # Lists are kept at every crawl, and would be looked at by all later commands.
                assert (digest, url) not in execute("SELECT sha256, url FROM _unread").fetchall()
        elif known:
            key = rng.choice(known)
            if kind in ("read", "other"):
                version = PARSER_VERSION if kind == "read" else f"0.{rng.randint(1, 3)}"
                store_extraction(archive, *key, Refusal("not_report", ""), version)
            elif kind == "stale":
                execute("UPDATE _extractions SET stale = 1 WHERE sha256 = ? AND url = ?", key)
            else:
                execute("DELETE FROM _extractions WHERE sha256 = ? AND url = ?", key)
        assert pending(archive) == execute(WHOLE, (PARSER_VERSION,)).fetchall()


FORMER = ("永定县环境保护局", "永定县民政局", "清水县国土资源局", "清水县工商行政管理局", "清水县质量技术监督局")
FORMER += ("秦安县环保局", "青禾县农业局", "青禾县扶贫开发办公室")
LATER = ("龙岩市永定区生态环境局", "龙岩市永定区民政局", "清水县自然资源局", "清水县自然资源和规划局")
LATER += ("清水县市场监督管理局", "秦安县生态环境局", "青禾县农业农村局", "青禾县乡村振兴局")
# Of the same code, and of no reform.
FORMER += ("襄樊市教育局", "襄樊市教育局", "清水县教育局")
LATER += ("襄阳市教育局", "襄阳市教育局", "天水市生态环境局清水分局")


@pytest.mark.parametrize("seed", range(4))
def test_successions_are_those_of_a_whole_look(archive, run_id, seed, monkeypatch):
    rng = random.Random(seed)
    execute = archive.db.conn.execute
    columns = "predecessor_id, successor_id, basis, year, note, note_en"
    seen = set()
    for step in range(60):
        former = rng.random() < 0.5
        name = rng.choice(FORMER if former else LATER)
        year = rng.choice((2009, 2012, 2013) if former != (rng.random() < 0.1) else (2019, 2020, 2021, 2022))
        held = execute("SELECT id FROM reports ORDER BY id").fetchall()
        if held and rng.random() < 0.3:
            (report_id,) = rng.choice(held)
            execute("DELETE FROM _extractions WHERE report_id = ?", (report_id,))
            execute("INSERT OR IGNORE INTO _outdated_reports VALUES (?)", (report_id,))
        else:
            report, url = sound_report(name, year), f"http://www.{rng.choice('ab')}.example/{step}.html"
            digest = archive.record_capture(
                run_id, url, payload_of(report), fetched_at="2025-01-01T00:00:00Z", http_status=200
            )
            store_extraction(archive, digest, url, report, "1", run_id)
        rebuild_outdated(archive)
        kept = execute(f"SELECT {columns} FROM organ_successions ORDER BY 1, 2").fetchall()
        with monkeypatch.context() as patched:
            patched.setattr(successions, "_is_concerned", lambda *_organ: True)
            whole = successions.successions(successions._bodies(archive, None))
        assert kept == sorted(map(successions._astuple, whole))
        seen.update(kept)
    assert seen


def test_other_reforms_settle_all_organs_again(archive, run_id, monkeypatch):
    for year, name in ((2018, "清水县农业局"), (2019, "清水县农业农村局")):
        report, url = sound_report(name, year), f"http://www.tsqs.gov.cn/{year}.html"
        digest = archive.record_capture(run_id, url, payload_of(report), fetched_at="2025-01-01T00:00:00Z")
        store_extraction(archive, digest, url or f"urn:sha256:{digest}", report, "1", run_id)
    rebuild_outdated(archive)
    archive.db.conn.execute("DELETE FROM organ_successions")
    rebuild_outdated(archive)
    assert archive.db.conn.execute("SELECT count(*) FROM organ_successions").fetchone() == (0,)
    monkeypatch.setattr(successions, "_version", lambda: "of another program")
    rebuild_outdated(archive)
    assert archive.db.conn.execute("SELECT count(*) FROM organ_successions").fetchone() == (1,)


def test_days_between_those_on_which_reports_are_due_tell_nothing():
    days = [date(2024, 1, 1) + timedelta(days=number) for number in range(800)]
    last_days = [due(year, kind).day for year in range(2020, 2027) for kind in ("government", "department", "township")]

    def told(day):
        return day.year, [day > last for last in last_days]

    for day in days:
        first = passed(day)
        assert first <= day
        assert told(first) == told(day)
        assert first == min(other for other in days[: days.index(day) + 1] if told(other) == told(day))


def test_a_crawl_concerns_the_coverage_of_its_portals_only(archive, capture, run_id):
    archive.sync_portals([{"id": "other", "name": "清水县人民政府", "start": ["http://www.qs.example/"]}])
    for portal, name in (("yunxi", "云溪县民政局"), ("other", "清水县民政局")):
        report, url = sound_report(name, 2022), f"http://www.{portal}.example/2022.html"
        digest = capture(url, payload_of(report), "2023-02-01T00:00:00Z", portal_id=portal)
        store_extraction(archive, digest, url, report, "1", run_id)
    today = date(2024, 6, 1)
    checking.check(archive, today=today)
    covered = []

    def check(day=today):
        covered.clear()
        checking.check(archive, today=day, progress=lambda stage, more: covered.append((stage, more)))
        return covered

    assert check() == []
    assert check(date(2024, 12, 31)) == []
    assert check(date(2025, 1, 1)) == [("coverage", 2)]
    archive.db.conn.execute("INSERT INTO runs VALUES ('r', 'crawl', '2024-05-30T00:00:00Z', null, null)")
    archive.db["portal_runs"].insert({"run_id": "r", "portal_id": "other", "status": "ok"})
    assert check(date(2025, 1, 1)) == [("coverage", 1)]
    states = dict(
        archive.db.conn.execute(
            "SELECT o.name, c.state FROM coverage c JOIN organs o ON o.id = c.organ_id WHERE c.year = 2023"
        ).fetchall()
    )
    assert states == {"云溪县民政局": "crawl_short", "清水县民政局": "missing"}


# Archives of before ---------------------------------------------------------------------------


CELLS = {"requests.new.total": {"kind": "number", "place": {"page": 2}, "printed": "5", "sure": True, "unit": None}}


def test_evidence_of_an_older_archive_is_packed_and_its_unread_documents_are_known(tmp_path):
    older = Database(tmp_path / "archive.db")
    migrations.apply(older, stop_before="m0014_packed_evidence")
    older["runs"].insert({"id": "r", "command": "crawl", "started_at": "2025-01-01T00:00:00Z"})
    older["organs"].insert({"id": "o", "name": "云溪县民政局"})
    for number in (1, 2, 3):
        older["documents"].insert(
            {"sha256": f"{number}", "media_type": "text/html", "bytes": 1, "warc": "w", "offset": 0, "length": 1,
             "first_captured_at": "2025-01-01T00:00:00Z"}
        )  # fmt: skip
        older["captures"].insert(
            {"run_id": "r", "url": f"http://a.example/{number}", "sha256": f"{number}",
             "fetched_at": "2025-01-01T00:00:00Z"}
        )  # fmt: skip
    older["_page_captures"].insert({"capture_id": 3})
    older["_extractions"].insert({"sha256": "1", "url": "http://a.example/1", "parser_version": PARSER_VERSION})
    older["reports"].insert(
        {"id": "o-2024", "organ_id": "o", "year": 2024, "edition": "2021", "title": "年报", "status": "complete",
         "document_sha256": "1", "content_sha256": "1", "captured_at": "2025-01-01T00:00:00Z", "parser_version": "1"}
    )  # fmt: skip
    older["evidence"].insert({"report_id": "o-2024", "cells": json.dumps(CELLS)})
    older["_facts"].insert(
        {"report_id": "o-2024", "organ_id": "o", "year": 2024, "digest": "d", "data": "{}", "passages": b"p"}
    )
    older.close()
    with Archive.open(tmp_path / "archive.db") as archive:
        execute = archive.db.conn.execute
        ((count, cells, text),) = execute(
            "SELECT cell_count, cells, evidence_json(cells) FROM evidence WHERE report_id = 'o-2024'"
        ).fetchall()
        assert (count, unpack_evidence(cells), json.loads(text)) == (1, CELLS, CELLS)
        assert execute("SELECT * FROM _facts").fetchall() == [("o-2024", "o", 2024, "d", "{}", b"p")]
        assert pending(archive) == [("2", "http://a.example/2")]
        assert execute("SELECT * FROM _unread").fetchall() == [("2", "http://a.example/2")]
        assert execute("PRAGMA foreign_key_check").fetchall() == []
        assert not any(name.endswith("_before") for name in archive.db.table_names())


@pytest.mark.parametrize("bad", ["text", b"", b"no zlib", b"x\x9c"])
def test_anything_else_is_no_evidence(bad):
    with pytest.raises(ValueError, match=r"evidence|cut short"):
        evidence_json(bad)
