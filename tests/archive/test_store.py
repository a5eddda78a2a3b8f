import hashlib
import itertools
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from sqlite_utils import Database

from archive.errors import ArchiveError
from archive.schema import migrations
from archive.store import Archive
from parsers import forms
from parsers.extract import Origin

URL = "http://www.yunxi.example/zwgk/nb/t1.html"
DAY1, DAY2, DAY3 = "2025-01-10T00:00:00Z", "2025-02-10T00:00:00Z", "2025-03-10T00:00:00Z"


def rows(archive, sql):
    return archive.db.conn.execute(sql).fetchall()


def test_payload_comes_back_as_it_was_captured(archive, capture):
    payload = "<html><p>云溪县</p>".encode("gb18030")
    sha256 = capture(URL, payload, DAY1)
    assert sha256 == hashlib.sha256(payload).hexdigest()
    assert archive.payload(sha256) == payload
    assert rows(archive, "SELECT media_type, bytes, first_captured_at FROM documents") == [
        ("text/html", len(payload), DAY1)
    ]


def test_unchanged_payload_makes_a_capture_but_no_document(archive, capture):
    assert capture(URL, b"<html>", DAY1) == capture(URL, b"<html>", DAY2)
    assert rows(archive, "SELECT count(*) FROM documents") == [(1,)]
    assert rows(archive, "SELECT fetched_at FROM captures ORDER BY id") == [(DAY1,), (DAY2,)]


def test_not_modified_repeats_the_last_document_and_gone_has_none(archive, capture):
    sha256 = capture(URL, b"<html>", DAY1, etag='"a"', last_modified="yesterday")
    assert capture(URL, None, DAY2, http_status=304) == sha256
    assert capture(URL, None, DAY3, http_status=404) is None
    last = archive.last_capture(URL)
    assert (last.sha256, last.fetched_at, last.http_status) == (sha256, DAY2, 304)
    assert archive.last_capture(URL, "yunxi") == last
    assert archive.last_capture(URL + "x") is None


def test_body_of_an_error_page_is_no_document(archive, capture):
    assert capture(URL, b"<html>Not found", DAY1, http_status=404) is None
    assert rows(archive, "SELECT count(*) FROM documents") == [(0,)]


def test_local_file_has_no_public_address_but_its_name(archive, capture):
    origin = Origin(file_name="report.html")
    sha256 = capture(None, b"<html>", DAY1, http_status=None, portal_id=None, origin=origin)
    ((url,),) = rows(archive, "SELECT url FROM captures")
    assert url == f"urn:sha256:{sha256}"
    assert archive.origin(url) == origin
    assert archive.payload(sha256) == b"<html>"


def test_origin_keeps_what_a_later_page_does_not_say(archive, capture):
    capture(URL, b"<html>", DAY1, origin=Origin(url=URL, title="年报", published_on="2025-01-09"))
    capture(URL, b"<html>", DAY2, origin=Origin(url=URL, title="2024年年报", landing_url=URL + "#"))
    assert archive.origin(URL) == Origin(url=URL, title="2024年年报", published_on="2025-01-09", landing_url=URL + "#")


def _landing(number, published_on):
    return Origin(url=URL, title=f"年报{number}", published_on=published_on, landing_url=f"{URL}?page={number}")


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_of_several_landing_pages_the_earliest_tells_of_a_file_in_whatever_order(archive, capture, order):
    pages = [_landing(1, "2025-01-12"), _landing(2, "2025-01-09"), _landing(3, "2025-01-09"), _landing(4, None)]
    for number in order:
        capture(URL, b"%PDF", DAY1, origin=pages[number])
    assert archive.origin(URL) == pages[1]


def test_a_landing_page_may_correct_itself(archive, capture):
    capture(URL, b"%PDF", DAY1, origin=_landing(1, "2025-01-09"))
    capture(URL, b"%PDF", DAY2, origin=_landing(1, "2025-01-12"))
    assert archive.origin(URL) == _landing(1, "2025-01-12")


def test_times_are_kept_in_utc(archive, capture):
    capture(URL, b"<html>", "2025-01-10T08:00:00+08:00")
    assert rows(archive, "SELECT fetched_at FROM captures") == [(DAY1,)]
    with pytest.raises(ArchiveError, match="2025-13-01"):
        capture(URL, b"<html>", "2025-13-01")


def test_resolve_wants_one_document(archive, capture):
    sha256 = capture(URL, b"<html>", DAY1)
    assert archive.resolve(sha256[:8].upper()) == sha256
    for prefix, complaint in [("0" * 8, "no document"), ("zzzzzz", "no SHA-256"), (sha256[:2], "at least")]:
        with pytest.raises(ArchiveError, match=complaint):
            archive.resolve(prefix)
    row = archive.db["documents"].get(sha256)
    archive.db["documents"].insert(row | {"sha256": sha256[:32] + "f" * 32})
    with pytest.raises(ArchiveError, match="more digits"):
        archive.resolve(sha256[:16])


def test_syncing_the_registry_keeps_what_runs_have_said(archive):
    archive.db["portals"].update("yunxi", {"status": "blocked", "status_reason": "blocked:412"})
    archive.sync_portals([{"id": "yunxi", "name": "云溪", "start": ["http://new.yunxi.example/"]}])
    assert rows(archive, "SELECT name, start_url, division_code, status, status_reason FROM portals") == [
        ("云溪", "http://new.yunxi.example/", None, "blocked", "blocked:412")
    ]


def test_lookups_hold_every_code_of_the_form_and_follow_the_program(tmp_path):
    path = tmp_path / "archive.db"
    with Archive.open(path) as archive:
        assert archive.db["request_items"].count == len(forms.REQUEST_ROWS)
        assert rows(archive, "SELECT group_label FROM request_items WHERE code = 'denied_state_secret'") == [
            ("不予公开",)
        ]
        archive.db["items"].update("regulations", {"label": "旧"})
    with Archive.open(path, create=False) as archive:
        assert archive.db["items"].get("regulations")["label"] == "规章"


def test_open_refuses_what_is_no_archive(tmp_path):
    missing = tmp_path / "missing.db"
    with pytest.raises(ArchiveError, match=r"missing\.db"):
        Archive.open(missing, create=False)
    assert not missing.exists()
    with pytest.raises(ArchiveError, match="no folder"):
        Archive.open(tmp_path / "absent" / "archive.db")

    text = tmp_path / "text.db"
    text.write_text("not a database, but long enough to have a header" * 10)
    with pytest.raises(ArchiveError, match="name another file"):
        Archive.open(text)

    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE notes (text)")
    with pytest.raises(ArchiveError, match="another program"):
        Archive.open(foreign)


def test_open_refuses_the_archive_of_a_newer_program(tmp_path):
    path = tmp_path / "archive.db"
    with Archive.open(path) as archive:
        archive.db["_sqlite_migrations"].insert(
            {"migration_set": "nianbao", "name": "m9999_future", "applied_at": DAY1}
        )
    with pytest.raises(ArchiveError, match="newer"):
        Archive.open(path)


def test_304_without_validators_keeps_those_of_before(archive, capture):
    capture(URL, b"<html>list</html>", DAY1, etag='"a"', last_modified="Wed, 01 Jan 2025 00:00:00 GMT")
    capture(URL, None, DAY2, http_status=304)
    last = archive.last_capture(URL)
    assert (last.fetched_at, last.etag) == (DAY2, '"a"')
    assert last.last_modified == "Wed, 01 Jan 2025 00:00:00 GMT"
    capture(URL, None, DAY3, http_status=304, etag='"b"')
    assert archive.last_capture(URL).etag == '"b"'


@pytest.mark.parametrize("migration", [migration.name for migration in migrations.pending(Database(memory=True))][1:])
def test_archive_of_any_older_program_is_copied_and_brought_up_to_date(tmp_path, migration):
    path = tmp_path / "archive.db"
    older = Database(path)
    migrations.apply(older, stop_before=migration)
    schema = set(older.table_names())
    if "runs" in schema:
        older["runs"].insert({"id": "r1", "command": "crawl", "started_at": DAY1})
    older.close()
    with Archive.open(path) as archive:
        assert not migrations.pending(archive.db)
        if "runs" in schema:
            assert rows(archive, "SELECT id FROM runs") == [("r1",)]
    kept = tmp_path / f"archive.db.before-{migration}"
    assert set(Database(kept).table_names()) == schema
    before = kept.stat().st_mtime_ns
    Archive.open(path).close()
    assert kept.stat().st_mtime_ns == before
    assert {found.name for found in tmp_path.glob("archive.db*")} == {"archive.db", "archive.db.lock", kept.name}


def test_archive_is_left_alone_where_it_cannot_be_copied(tmp_path, monkeypatch):
    path = tmp_path / "archive.db"
    older = Database(path)
    migrations.apply(older, stop_before="m0005_frontier")
    older.close()
    (tmp_path / "archive.db.before-m0005_frontier.unfinished").mkdir()
    with pytest.raises(ArchiveError, match="cannot write the copy"):
        Archive.open(path)
    assert "_frontier" not in Database(path).table_names()


def test_new_archive_needs_no_copy(tmp_path):
    Archive.open(tmp_path / "archive.db").close()
    assert {found.name for found in tmp_path.iterdir()} == {"archive.db", "archive.db.lock"}


def test_run_is_recorded(archive):
    run_id = archive.begin_run("crawl")
    archive.finish_run(run_id)
    ((command, finished),) = archive.db.conn.execute(
        "SELECT command, finished_at FROM runs WHERE id = ?", (run_id,)
    ).fetchall()
    assert command == "crawl"
    assert finished.endswith("Z")


HOLD_LOCK = """
import sys, time
from pathlib import Path
from archive.store import Archive
with Archive.open(Path(sys.argv[1])) as archive, archive.write_lock():
    print("locked", flush=True)
    time.sleep(60)
"""


def test_second_writer_is_refused_until_the_first_dies(tmp_path):
    path = tmp_path / "archive.db"
    writer = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(path)], stdout=subprocess.PIPE, text=True, env=dict(os.environ)
    )
    try:
        assert writer.stdout.readline() == "locked\n"
        with Archive.open(path) as archive:
            with pytest.raises(ArchiveError, match=rf"pid {writer.pid}\).*archive\.db"), archive.write_lock():
                pass
            writer.send_signal(signal.SIGKILL)
            writer.wait()
            with archive.write_lock(), archive.write_lock():
                archive.begin_run("test")
    finally:
        writer.kill()
        writer.wait()
        writer.stdout.close()
