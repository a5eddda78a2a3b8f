"""Whatever is damaged is named; what the captures allow is mended; nothing is deleted."""

import gzip
import sqlite3

import pytest

from archive.reports import store_extraction
from archive.store import Archive
from archive.verification import verify, warcs
from tests.archive.factory import payload_of, sound_report

URL = "http://www.yunxi.example/nb/2024.html"
OTHER = "http://www.yunxi.example/nb/2023.html"


@pytest.fixture
def reports(archive, run_id, capture):
    """Two reports with their captures; returns the SHA-256 of each document by URL."""
    kept = {}
    for url, year in ((URL, 2024), (OTHER, 2023)):
        report = sound_report(year=year)
        kept[url] = capture(url, payload_of(report), f"2025-01-1{year % 10}T08:00:00Z")
        store_extraction(archive, kept[url], url, report, "1", run_id)
    return kept


def record_of(archive, sha256):
    warc, offset, length = archive.db.conn.execute(
        "SELECT warc, offset, length FROM documents WHERE sha256 = ?", (sha256,)
    ).fetchone()
    return archive.captures_dir / warc, offset, length


def overwrite(path, offset, content):
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(content)


def parts(summary):
    return {fault.part for fault in summary.faults}


def test_sound_archive_has_no_fault(archive, reports):
    summary = verify(archive)
    assert summary.faults == []
    assert summary.notes == []
    assert (summary.documents, summary.reports, summary.warc_files) == (2, 2, 1)
    assert summary.records == 5  # the file's own, and a response with its request for each capture
    assert summary.sections == 4


def test_verifying_writes_nothing(archive, reports):
    before = "\n".join(archive.db.conn.iterdump())
    archive.db.execute("UPDATE requests SET total = total + 1 WHERE item = 'new'")
    changed = "\n".join(archive.db.conn.iterdump())
    assert verify(archive).left
    assert "\n".join(archive.db.conn.iterdump()) == changed != before


def test_damaged_record_is_named_with_its_place_and_the_others_are_still_read(archive, reports):
    path, offset, length = record_of(archive, reports[URL])
    overwrite(path, offset + length // 2, b"\0" * 20)
    summary = verify(archive)
    assert [fault.where for fault in summary.faults if fault.part == "documents"] == [reports[URL]]
    assert any(f"{path} at offset {offset}" == fault.where for fault in summary.faults)
    assert summary.records == 4


def test_payload_that_is_another_is_a_fault(archive, reports):
    path, offset, length = record_of(archive, reports[URL])
    content = path.read_bytes()
    member = gzip.decompress(content[offset : offset + length]).replace(b"2024", b"2042")
    path.write_bytes(content[:offset] + gzip.compress(member) + content[offset + length :])
    summary = verify(archive)
    assert any("not what the record says" in fault.what for fault in summary.faults)
    assert reports[URL] in {fault.where for fault in summary.faults}


def test_torn_end_that_nothing_refers_to_is_a_note(archive, reports):
    path, _offset, _length = record_of(archive, reports[URL])
    with path.open("ab") as file:
        file.write(gzip.compress(b"WARC/1.1\r\nunfinished")[:15])
    summary = verify(archive)
    assert summary.faults == []
    assert "unfinished record" in summary.notes[0]


def test_truncated_document_is_a_fault(archive, reports):
    path, offset, length = record_of(archive, reports[OTHER])
    with path.open("r+b") as file:
        file.truncate(offset + length - 5)
    summary = verify(archive)
    assert {fault.where for fault in summary.faults if fault.part == "documents"} == {reports[OTHER]}


def test_missing_file_is_named(archive, reports):
    path, _offset, _length = record_of(archive, reports[URL])
    path.unlink()
    summary = verify(archive)
    assert any(fault.where == str(path) and "missing" in fault.what for fault in summary.faults)
    assert {fault.where for fault in summary.faults if fault.part == "documents"} == set(reports.values())


def test_document_is_found_in_another_record(archive, reports, capture):
    path, offset, length = record_of(archive, reports[URL])
    copy = path.with_name("20240101-000000-1.warc.gz")
    copy.write_bytes(path.read_bytes())
    overwrite(path, offset + length // 2, b"\0" * 20)
    [fault] = [fault for fault in verify(archive, repair=True).faults if fault.part == "documents"]
    assert fault.mended
    assert archive.payload(reports[URL]) == payload_of(sound_report(year=2024))
    assert "documents" not in parts(verify(archive))


def test_lost_document_is_asked_for_without_validators_and_kept_anew(archive, reports, capture):
    path, offset, length = record_of(archive, reports[URL])
    overwrite(path, offset + length // 2, b"\0" * 20)
    assert verify(archive, repair=True).left
    assert archive.last_capture(URL) is None
    assert archive.last_capture(OTHER) is not None
    capture(URL, payload_of(sound_report(year=2024)), "2025-02-01T08:00:00Z")
    assert archive.payload(reports[URL]) == payload_of(sound_report(year=2024))
    assert archive.last_capture(URL).sha256 == reports[URL]
    assert "documents" not in parts(verify(archive))


def test_altered_cell_is_found_and_mended(archive, reports):
    archive.db.execute("UPDATE requests SET total = total + 1 WHERE item = 'new' AND report_id LIKE '%2024'")
    [fault] = verify(archive).faults
    assert fault.part == "reports"
    assert fault.where.endswith("2024")
    assert "requests" in fault.what
    assert verify(archive, repair=True).left == []
    assert verify(archive).faults == []


def test_missing_report_is_built_again(archive, reports):
    report_id = archive.db.conn.execute("SELECT id FROM reports WHERE year = 2024").fetchone()[0]
    archive.db.conn.execute("PRAGMA foreign_keys=OFF")
    archive.db.execute("DELETE FROM reports WHERE id = ?", (report_id,))
    summary = verify(archive)
    assert {"database", "reports"} <= parts(summary)
    verify(archive, repair=True)
    assert verify(archive).faults == []


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO sections_fts (sections_fts) VALUES ('delete-all')",
        "INSERT INTO sections_fts (rowid, text) VALUES (1, '信 访')",
        "UPDATE sections SET text = '本机关推进信访事项公示。' WHERE number = 1",
    ],
)
def test_search_index_out_of_step_is_found(archive, reports, damage):
    archive.db.execute(damage)
    assert "search" in parts(verify(archive, quick=True))


def test_search_index_is_rebuilt(archive, reports):
    archive.db.execute("INSERT INTO sections_fts (sections_fts) VALUES ('delete-all')")
    assert verify(archive, repair=True, quick=True).left == []
    assert verify(archive).faults == []
    hits = "SELECT count(*) FROM sections_fts WHERE sections_fts MATCH '\"信 访\"'"
    assert archive.db.conn.execute(hits).fetchone() == (2,)


def test_damaged_page_is_told_with_its_remedy(archive, reports, tmp_path):
    archive.close()
    path = tmp_path / "archive.db"
    size = sqlite3.connect(path).execute("PRAGMA page_size").fetchone()[0]
    pages = path.stat().st_size // size
    overwrite(path, size * (pages // 2), b"\xff" * size)
    with Archive.open(path) as damaged:
        summary = verify(damaged)
    assert summary.faults
    assert parts(summary) == {"database"}
    assert all("--repair" in fault.remedy for fault in summary.faults)


def test_damage_between_records_hides_none_of_them(tmp_path, archive, reports):
    path, _offset, _length = record_of(archive, reports[URL])
    whole = list(warcs.read(path))
    middle = whole[2].offset
    content = path.read_bytes()
    path.write_bytes(content[:middle] + b"\x1f\x8b\x08 no member at all" + content[middle:])
    found = list(warcs.read(path))
    assert [part for part in found if isinstance(part, warcs.Damage)] == [
        warcs.Damage(middle, len(b"\x1f\x8b\x08 no member at all"), torn=False)
    ]
    assert len([part for part in found if isinstance(part, warcs.Record)]) == len(whole)
