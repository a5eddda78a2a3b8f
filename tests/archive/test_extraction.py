import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from archive import extraction, packing
from archive.compare import public_dump
from archive.extraction import extract_pending, pending
from archive.sandbox import InterruptedExtractionError, Limits, Sandbox
from archive.store import Archive
from parsers import extract as parser
from parsers.extract import Origin, Refusal
from parsers.report import Section
from tests.archive import factory
from tests.archive.factory import payload_of, sound_report, with_new_total

SITE = "http://www.yunxi.example/zwgk/nb"
DAY1, DAY2, DAY3 = "2025-01-10T00:00:00Z", "2025-02-10T00:00:00Z", "2025-03-10T00:00:00Z"
ROOT = Path(__file__).parents[2]


def rows(archive, sql):
    return archive.db.conn.execute(sql).fetchall()


def test_new_documents_are_extracted_once(archive, run_id, capture):
    capture(f"{SITE}/1.html", payload_of(sound_report()), DAY1)
    capture(f"{SITE}/2.html", b"interpretation", DAY1, origin=Origin(title="解读"))
    capture(f"{SITE}/", b"<html>list", DAY1, role="page")
    outcomes = []
    summary = extract_pending(archive, run_id, extractor=factory.read, progress=outcomes.append)
    assert (summary.documents, summary.reports, summary.refused) == (2, 1, {"not_a_report": 1})
    assert [outcome.url for outcome in outcomes] == [f"{SITE}/1.html", f"{SITE}/2.html"]
    assert rows(archive, "SELECT id FROM reports") == [(outcomes[0].report_id,)]
    assert rows(archive, "SELECT url, reason, detail FROM refusals") == [
        (f"{SITE}/2.html", "not_a_report", "trusted=True title=解读")
    ]
    again = extract_pending(archive, run_id, extractor=factory.read_in_vain)
    assert (again.documents, again.rebuilt) == (0, 0)


@pytest.mark.parametrize("is_read", [False, True])
def test_what_turns_out_to_be_a_page_was_none_of_the_documents(archive, run_id, capture, is_read):
    """As when the database is lost after a crawl, and only the WARC file tells what was fetched."""
    capture(f"{SITE}/", b"interpretation", DAY1, origin=Origin(title="列表"))
    if is_read:
        assert extract_pending(archive, run_id, extractor=factory.read).refused == {"not_a_report": 1}
    capture(f"{SITE}/", b"interpretation", DAY2, role="page")
    assert rows(archive, "SELECT * FROM refusals") == rows(archive, "SELECT * FROM _extractions") == []
    assert pending(archive) == []
    assert extract_pending(archive, run_id, extractor=factory.read_in_vain).documents == 0


def test_newer_parser_and_reparse_read_everything_again(archive, run_id, capture, monkeypatch):
    capture(f"{SITE}/1.html", payload_of(sound_report()), DAY1)
    extract_pending(archive, run_id, extractor=factory.read)
    before = public_dump(archive)
    assert extract_pending(archive, run_id, reparse=True, extractor=factory.read).reports == 1
    assert public_dump(archive) == before
    monkeypatch.setattr(parser, "PARSER_VERSION", "newer")
    assert extract_pending(archive, run_id, extractor=factory.read).reports == 1
    assert rows(archive, "SELECT parser_version FROM reports") == [("newer",)]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"ABORT", "crashed"),
        (b"HANG", "timeout"),
        (b"BOMB", "too_big"),
        (b"RAISE", "crashed"),
        (b"SURROGATE", "crashed"),
        (b"SPIN", "timeout"),
        (b"GIVE UP", "crashed"),
        (b"PANIC", "crashed"),
    ],
)
def test_hostile_document_is_refused_and_harms_no_other(archive, run_id, capture, payload, reason):
    capture(f"{SITE}/0.html", payload, DAY1)
    for number in range(1, 4):
        capture(f"{SITE}/{number}.html", payload_of(sound_report(year=2020 + number)), DAY1)
    limits = Limits(timeout_seconds=3)
    summary = extract_pending(archive, run_id, extractor=factory.read, limits=limits)
    assert (summary.reports, summary.refused) == (3, {reason: 1})
    ((url, detail),) = rows(archive, "SELECT url, detail FROM refusals")
    assert url == f"{SITE}/0.html"
    assert detail


def test_document_whose_worker_is_told_to_stop_is_not_judged(archive, run_id, capture):
    sha256 = capture(f"{SITE}/1.html", b"TERMINATE", DAY1)
    with pytest.raises(InterruptedExtractionError):
        extract_pending(archive, run_id, extractor=factory.read)
    assert pending(archive) == [(sha256, f"{SITE}/1.html")]


def test_damaged_capture_is_named_and_stays_pending(archive, run_id, capture):
    lost = capture(f"{SITE}/1.html", payload_of(sound_report(year=2023)), DAY1)
    capture(f"{SITE}/2.html", payload_of(sound_report()), DAY1)
    archive.db["documents"].update(lost, {"warc": "lost.warc.gz"})
    summary = extract_pending(archive, run_id, extractor=factory.read)
    assert (summary.documents, summary.reports) == (2, 1)
    assert len(summary.errors) == 1
    assert "lost.warc.gz" in summary.errors[0]
    assert pending(archive) == [(lost, f"{SITE}/1.html")]


def test_known_document_seen_again_updates_its_report(archive, run_id, capture):
    capture(f"{SITE}/1.html", payload_of(sound_report()), DAY1)
    capture(f"{SITE}/1.html", payload_of(with_new_total(sound_report(), 6)), DAY2)
    extract_pending(archive, run_id, extractor=factory.read)
    assert rows(archive, "SELECT total FROM requests WHERE item = 'new'") == [(6,)]
    capture(f"{SITE}/1.html", payload_of(sound_report()), DAY3)
    summary = extract_pending(archive, run_id, extractor=factory.read_in_vain)
    assert (summary.documents, summary.rebuilt) == (0, 1)
    assert rows(archive, "SELECT total FROM requests WHERE item = 'new'") == [(5,)]


def test_workers_that_end_between_documents_cost_none(archive):
    def documents():
        yield b"END LATER", Origin()
        time.sleep(1)
        yield from [(payload_of(sound_report(year=year)), Origin()) for year in (2021, 2022, 2023)]

    with Sandbox(factory.read, 1) as sandbox:
        first, *others = sandbox.results(documents())
    assert isinstance(first, Refusal)
    assert first.reason == "not_a_report"
    assert [outcome.year for outcome in others] == [2021, 2022, 2023]


@pytest.mark.parametrize(("times", "reason"), [(2, None), (3, "crashed")])
def test_a_document_whose_reader_is_killed_is_read_again(archive, run_id, capture, tmp_path, times, reason):
    marks = tmp_path / "marks"
    marks.mkdir()
    for number in range(3):
        deadly = b"KILLED %d %s " % (times, os.fsencode(marks)) if number == 1 else b""
        capture(f"{SITE}/{number}.html", deadly + payload_of(sound_report(year=2020 + number)), DAY1)
    summary = extract_pending(archive, run_id, extractor=factory.read, workers=1)
    assert summary.refused == ({reason: 1} if reason else {})
    assert rows(archive, "SELECT year FROM reports ORDER BY year") == [
        (year,) for year in (2020, 2021, 2022) if not (reason and year == 2021)
    ]


def test_a_full_disk_is_no_fault_of_the_document(archive, run_id, capture):
    sha256 = capture(f"{SITE}/1.html", b"FULL DISK", DAY1)
    with pytest.raises(InterruptedExtractionError, match="free space"):
        extract_pending(archive, run_id, extractor=factory.read)
    assert pending(archive) == [(sha256, f"{SITE}/1.html")]
    assert rows(archive, "SELECT * FROM refusals") == []


def test_what_cannot_be_stored_costs_itself_only(archive, run_id, capture):
    for number in range(3):
        capture(f"{SITE}/{number}.html", payload_of(sound_report(year=2020 + number)), DAY1)
    archive.db.conn.execute(
        "CREATE TRIGGER full BEFORE INSERT ON reports WHEN NEW.year = 2021 BEGIN SELECT raise(ABORT, 'no room'); END"
    )
    summary = extract_pending(archive, run_id, extractor=factory.read)
    assert (summary.reports, summary.refused) == (2, {"crashed": 1})
    assert rows(archive, "SELECT year FROM reports ORDER BY year") == [(2020,), (2022,)]
    ((url, detail),) = rows(archive, "SELECT url, detail FROM refusals")
    assert url == f"{SITE}/1.html"
    assert "no room" in detail


def test_a_report_of_many_megabytes_is_refused(archive, run_id, capture):
    endless = sound_report(sections=[Section(1, "一、总体情况", "公开" * packing.MAX_BYTES)])
    capture(f"{SITE}/1.html", payload_of(endless), DAY1)
    assert extract_pending(archive, run_id, extractor=factory.read).refused == {"too_big": 1}


def test_refusals_are_tried_again_only_by_other_parsers(archive, run_id, capture, monkeypatch):
    sha256 = capture(f"{SITE}/1.html", b"ABORT", DAY1)
    assert extract_pending(archive, run_id, extractor=factory.read).refused == {"crashed": 1}
    assert rows(archive, "SELECT parser_version FROM _extractions") == [(parser.PARSER_VERSION,)]
    assert extract_pending(archive, run_id, extractor=factory.read_in_vain).documents == 0
    monkeypatch.setattr(parser, "PARSER_VERSION", "newer")
    assert pending(archive) == [(sha256, f"{SITE}/1.html")]


def test_a_command_stopped_in_good_order_leaves_no_attempts(archive, run_id, capture):
    for number in range(3):
        capture(f"{SITE}/{number}.html", payload_of(sound_report(year=2020 + number)), DAY1)

    def stop(outcome):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_pending(archive, run_id, extractor=factory.read, progress=stop)
    assert rows(archive, "SELECT * FROM _attempts") == []


EXTRACT = """
import os
import sys
from pathlib import Path
from archive import extraction
from archive.store import Archive
from tests.archive import factory

if __name__ == "__main__":
    Path(sys.argv[1]).with_name("pid").write_text(str(os.getpid()))
    extraction._BATCH_DOCUMENTS = 5
    with Archive.open(Path(sys.argv[1])) as archive, archive.write_lock():
        done = lambda outcome: print(outcome.url, flush=True)
        run_id = archive.begin_run("parse")
        extraction.extract_pending(archive, run_id, extractor=factory.read_slowly, progress=done)
"""


def _start(path):
    return subprocess.Popen(
        [sys.executable, "-c", EXTRACT, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


def test_killed_extraction_continues_and_leaves_no_process(tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir()
    with Archive.open(whole / "archive.db") as archive:
        run_id = archive.begin_run("crawl")
        for number in range(40):
            report = with_new_total(sound_report(year=1990 + number % 20), number)
            archive.record_capture(
                run_id, f"{SITE}/{number}.html", payload_of(report), fetched_at=DAY1, http_status=200
            )
    shutil.copytree(whole, broken)
    with Archive.open(whole / "archive.db") as archive:
        extract_pending(archive, run_id, extractor=factory.read)
        expected = public_dump(archive)

    command = _start(broken / "archive.db")
    for _ in range(12):
        assert command.stdout.readline()
    command.send_signal(signal.SIGKILL)
    command.wait()
    command.stdout.close()

    with Archive.open(broken / "archive.db") as archive, archive.write_lock():
        left = len(pending(archive))
        assert 0 < left < 40
        summary = extract_pending(archive, archive.begin_run("parse"), extractor=factory.read)
        assert summary.documents == left
        assert public_dump(archive) == expected

    deadline = time.monotonic() + 10
    while _members(command.pid):
        assert time.monotonic() < deadline, "workers outlive the killed command"
        time.sleep(0.1)


def test_a_document_that_ends_the_command_is_given_up_at_last(tmp_path):
    with Archive.open(tmp_path / "archive.db") as archive:
        run_id = archive.begin_run("crawl")
        for number in range(30):
            payload = payload_of(sound_report(year=1990 + number))
            if number == 7:
                payload = f"KILL COMMAND {tmp_path / 'pid'}".encode()
            archive.record_capture(run_id, f"{SITE}/{number}.html", payload, fetched_at=DAY1, http_status=200)
    ends = []
    while not ends or ends[-1]:
        command = _start(tmp_path / "archive.db")
        command.communicate(timeout=60)
        ends.append(command.returncode)
        assert len(ends) < 10
    assert ends == [-signal.SIGKILL] * extraction._GIVE_UP + [0]
    with Archive.open(tmp_path / "archive.db") as archive:
        assert rows(archive, "SELECT count(*) FROM reports") == [(29,)]
        assert rows(archive, "SELECT url, reason FROM refusals") == [(f"{SITE}/7.html", "crashed")]
        assert rows(archive, "SELECT * FROM _attempts") == []
        assert pending(archive) == []


def test_a_worker_in_a_loop_ends_with_its_command(tmp_path):
    with Archive.open(tmp_path / "archive.db") as archive:
        run_id = archive.begin_run("crawl")
        for number, payload in enumerate([payload_of(sound_report()), b"SPIN"]):
            archive.record_capture(run_id, f"{SITE}/{number}.html", payload, fetched_at=DAY1, http_status=200)
    command = _start(tmp_path / "archive.db")
    deadline = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or len(_members(command.pid)) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(0.5)
    command.kill()
    command.communicate()
    deadline = time.monotonic() + 5
    while alive := _members(command.pid):
        assert time.monotonic() < deadline, alive
        time.sleep(0.1)


def _members(session):
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] != "Z" and int(fields[3]) == session:
            found.append(stat.parent.name)
    return found
