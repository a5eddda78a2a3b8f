"""Whatever is damaged is named; what the captures allow is mended; nothing is deleted."""

import gzip
import shutil
import sqlite3
from datetime import date

import pytest

from archive import checking
from archive.compare import public_dump
from archive.errors import ArchiveError, DamagedArchiveError
from archive.extraction import extract_pending, pending
from archive.reports import store_extraction
from archive.store import Archive
from archive.verification import salvage, verify, warcs
from archive.warc import Location, read_payload
from parsers.report import Section
from tests.archive.factory import payload_of, read, sound_report

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


def rebuilt(path):
    """The public tables after a rebuild from a damaged database, and where that is kept."""
    damaged = salvage(path, lambda _name: None).kept
    with Archive.open(path) as archive:
        assert verify(archive).faults == []
        return content(archive), damaged, pending(archive)


def content(archive):
    documents = archive.db.conn.execute("SELECT sha256, bytes, first_captured_at FROM documents ORDER BY 1")
    return public_dump(archive) | {"documents": documents.fetchall()}


@pytest.fixture
def damaged(archive, reports, tmp_path):
    """An archive that is closed, with its dump while it was sound; call it to overwrite one of its pages."""
    archive.db.execute("VACUUM")
    dump = content(archive)
    archive.close()
    path = tmp_path / "archive.db"
    size = sqlite3.connect(path).execute("PRAGMA page_size").fetchone()[0]

    def overwrite_page(number):
        overwrite(path, size * number, b"\xff" * size)
        return path

    return overwrite_page, path.stat().st_size // size, dump


def test_every_page_may_be_lost(damaged, tmp_path):
    """Whichever page is overwritten, the rebuilt archive is sound and every document is read or pending."""
    overwrite_page, pages, dump = damaged
    whole = (tmp_path / "archive.db").read_bytes()
    same = 0
    for number in range(0, pages, 7):
        (tmp_path / "archive.db").write_bytes(whole)
        path = overwrite_page(number)
        found, kept, unread = rebuilt(path)
        assert kept.exists()
        documents = {row[0] for row in found["documents"]}
        assert documents == {row[0] for row in dump["documents"]}
        # What is in no report any more is waiting to be read.
        reports_left = {row[0] for row in found["reports"]}
        assert reports_left == {row[0] for row in dump["reports"]} or unread
        same += found == dump
        kept.unlink()
    assert same


def test_damaged_header_is_told_apart_from_a_foreign_file(damaged, tmp_path):
    overwrite_page, _pages, _dump = damaged
    path = overwrite_page(0)
    with pytest.raises(DamagedArchiveError, match="restore it from a copy"):
        Archive.open(path)
    foreign = tmp_path / "elsewhere" / "notes.db"
    foreign.parent.mkdir()
    foreign.write_text("no database at all" * 100)
    with pytest.raises(ArchiveError, match="name another file") as refused:
        Archive.open(foreign)
    assert not isinstance(refused.value, DamagedArchiveError)


def test_captures_alone_bring_the_reports_back(archive, reports, tmp_path):
    """With the database gone, the WARC files say what was captured, where and when."""
    archive.close()
    path = tmp_path / "archive.db"
    path.write_bytes(b"\xff" * 8192)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    salvage(path, lambda _name: None)
    with Archive.open(path) as empty:
        assert sorted(pending(empty)) == sorted((sha256, url) for url, sha256 in reports.items())
        run_id = empty.begin_run("parse")
        extract_pending(empty, run_id, workers=1, extractor=read)
        assert empty.db.conn.execute("SELECT year FROM reports ORDER BY 1").fetchall() == [(2023,), (2024,)]
        assert verify(empty).faults == []


def test_posted_captures_keep_their_address(archive, run_id, tmp_path):
    archive.record_capture(
        run_id,
        "http://www.yunxi.example/查询.jsp",
        b"<html>list</html>",
        fetched_at="2025-01-02T03:04:05Z",
        portal_id="yunxi",
        http_status=200,
        method="POST",
        request_body=b"page=2",
    )
    [(url,)] = archive.db.conn.execute("SELECT url FROM captures").fetchall()
    archive.close()
    path = tmp_path / "archive.db"
    salvage(path, lambda _name: None)
    with Archive.open(path) as sound:
        assert sound.db.conn.execute("SELECT url FROM captures").fetchall() == [(url,)]
    path.write_bytes(b"\xff" * 8192)
    salvage(path, lambda _name: None)
    with Archive.open(path) as lost:
        [(again,)] = lost.db.conn.execute("SELECT url FROM captures").fetchall()
    assert again.endswith("__wb_method=POST&page=2")


def test_reading_that_cannot_be_unpacked_is_told_and_read_again(archive, reports, run_id):
    dump = public_dump(archive)
    archive.db.execute("UPDATE _extractions SET report = zeroblob(99) WHERE url = ?", (URL,))
    archive.db.execute("UPDATE requests SET total = total + 1 WHERE item = 'new'")
    told = verify(archive)
    assert len(told.left) == 2
    assert any("is damaged" in fault.what and reports[URL] in fault.what for fault in told.left)
    assert {fault.mended for fault in verify(archive, repair=True).faults} == {True}
    assert archive.db.conn.execute("SELECT url FROM _extractions").fetchall() == [(OTHER,)]
    assert "_extractions" not in str(verify(archive).faults)
    extract_pending(archive, run_id, workers=1, extractor=read)
    assert verify(archive).faults == []
    columns = {name for name in dump if name not in ("reports", "versions")}
    assert {name: public_dump(archive)[name] for name in columns} == {name: dump[name] for name in columns}


def _compared(archive):
    """What the checks across reports compare with."""
    passages = "SELECT hash, organ_id, year FROM _passages JOIN _passage_organs ON number = organ ORDER BY 1, 2, 3"
    return {name: archive.db.conn.execute(select).fetchall() for name, select in (
        ("_passages", passages), ("_facts", "SELECT * FROM _facts ORDER BY 1")
    )}  # fmt: skip


def test_a_rebuilt_archive_finds_what_the_sound_one_found(archive, run_id, capture):
    """Of what was read a part may be damaged, and of what the checks compare with a part lost, that looks whole."""
    text = "全年公开各类信息四百一十八条，较好地保障了群众的知情权，另在便民服务场所设置查阅点一个。"
    for url, year in ((URL, 2024), (OTHER, 2023)):
        report = sound_report(year=year, sections=[Section(1, "一、总体情况", text)])
        capture(url, payload_of(report), f"2025-01-1{year % 10}T08:00:00Z")
    extract_pending(archive, run_id, workers=1, extractor=read)
    checking.check(archive, today=date(2025, 6, 1))
    dump, compared = public_dump(archive), _compared(archive)
    assert all(compared.values())
    assert dump["findings"]
    archive.db.execute("UPDATE _extractions SET report = zeroblob(99) WHERE url = ?", (URL,))
    archive.db.execute("DELETE FROM _passages WHERE year = 2023")
    archive.close()
    salvage(archive.path, lambda _name: None)
    with Archive.open(archive.path) as opened:
        assert [url for _sha256, url in pending(opened)] == [URL]
        extract_pending(opened, run_id, workers=1, extractor=read)
        checking.check(opened, today=date(2025, 6, 1))
        assert _compared(opened) == compared
        assert public_dump(opened) == dump


def test_rows_that_can_be_no_rows_cost_themselves_only(archive, reports, tmp_path):
    """A page of another table in the place of one's own gives rows of the wrong kind."""
    archive.close()
    path = tmp_path / "archive.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA writable_schema=ON")
        db.execute(
            "UPDATE sqlite_master SET sql = replace(sql, 'run_id TEXT NOT NULL', 'run_id TEXT') WHERE name = 'captures'"
        )
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO captures (run_id, url, fetched_at) VALUES (NULL, 'http://a.example/', 'never')")
    salvaged = salvage(path, lambda _name: None)
    assert len(salvaged.lost) == 1
    assert salvaged.lost[0].startswith("captures ")
    with Archive.open(path) as rebuilt_archive:
        assert rebuilt_archive.db.conn.execute("SELECT url FROM captures ORDER BY 1").fetchall() == [(OTHER,), (URL,)]


def test_rows_of_another_page_in_the_place_of_ones_own_are_no_whole_table(archive, reports):
    """They may be read without any error; what they took the place of is said to be lost."""
    execute = archive.db.conn.execute
    for number in range(400):
        execute(
            "INSERT INTO _origins (url, title) VALUES (?, '某单位政府信息公开工作年度报告')", (f"http://a/{number:04}",)
        )
    archive.db.conn.commit()
    execute("VACUUM")
    pages = "SELECT pageno FROM dbstat WHERE name = '_origins' AND pagetype = 'leaf' ORDER BY path"
    first, *_others, last = [page for (page,) in execute(pages)]
    (size,) = execute("PRAGMA page_size").fetchone()
    archive.close()
    content = archive.path.read_bytes()
    overwrite(archive.path, (first - 1) * size, content[(last - 1) * size : last * size])
    assert [told.split(",")[0] for told in salvage(archive.path, lambda _name: None).lost] == [
        "titles that linking pages gave"
    ]
    with Archive.open(archive.path) as opened:
        (kept,) = opened.db.conn.execute("SELECT count(*) FROM _origins").fetchone()
        assert 0 < kept < 400


def test_text_that_is_no_text_is_damage(archive, reports):
    """Python finds it, not SQLite; as where a page of other things is taken for one of the table."""
    table = archive.db.conn.execute("SELECT name FROM sqlite_master WHERE name LIKE '%migrations' AND type = 'table'")
    archive.db.execute(f"UPDATE {table.fetchone()[0]} SET name = CAST(x'ff' AS TEXT) WHERE name LIKE 'm0003%'")
    archive.close()
    with pytest.raises(DamagedArchiveError, match="Could not decode"):
        Archive.open(archive.path)
    salvage(archive.path, lambda _name: None)
    with Archive.open(archive.path) as opened:
        assert opened.db.conn.execute("SELECT count(*) FROM reports").fetchone() == (2,)


def test_lost_captures_folder_has_its_documents_asked_for_again(archive, reports, run_id):
    archive.close()
    shutil.rmtree(archive.captures_dir)
    with Archive.open(archive.path) as opened:
        assert {fault.part for fault in verify(opened, repair=True).left} == {"captures", "documents"}
        assert opened.captures_dir.is_dir()
        assert opened.last_capture(URL) is None
        payload, about = payload_of(sound_report(year=2024)), {"portal_id": "yunxi", "http_status": 200}
        opened.record_capture(opened.begin_run("crawl"), URL, payload, fetched_at="2025-03-01T00:00:00Z", **about)
        assert opened.payload(reports[URL]) == payload


def test_captures_whose_rows_are_lost_come_back_by_their_indexes(archive, reports, run_id, tmp_path):
    """A page that had not changed has no record; only the database knows that it was seen again."""
    about = {"portal_id": "yunxi", "http_status": 304}
    archive.record_capture(run_id, URL, None, fetched_at="2025-02-01T00:00:00Z", **about)
    rows = "SELECT id, run_id, portal_id, url, http_status, sha256, fetched_at FROM captures ORDER BY id"
    before = archive.db.conn.execute(rows).fetchall()
    archive.db.execute("VACUUM")
    (page,) = archive.db.conn.execute("SELECT rootpage FROM sqlite_master WHERE name = 'captures'").fetchone()
    (size,) = archive.db.conn.execute("PRAGMA page_size").fetchone()
    archive.close()
    overwrite(archive.path, (page - 1) * size, b"\xff" * size)
    assert salvage(archive.path, lambda _name: None).lost == []
    with Archive.open(archive.path) as opened:
        assert opened.db.conn.execute(rows).fetchall() == before
        assert verify(opened).faults == []


def test_a_status_that_is_no_number_is_none(tmp_path):
    body = b"HTTP/1.1 \xc2\xb2\xc2\xb2 OK\r\nContent-Length: 1\r\n\r\na"
    head = (
        b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: http://a.gov.cn/\r\nWARC-Date: 2025-01-20T00:00:00Z\r\n"
    )
    record = head + b"Content-Type: application/http; msgtype=response\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    path = tmp_path / "a.warc.gz"
    path.write_bytes(gzip.compress(record + b"\r\n\r\n"))
    [found] = warcs.read(path)
    assert isinstance(found, warcs.Record)
    assert found.status is None


def test_a_record_without_an_address_is_damage(tmp_path):
    body = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na"
    head = b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Date: 2025-01-20T00:00:00Z\r\nContent-Type: application/http\r\n"
    member = gzip.compress(head + b"Content-Length: %d\r\n\r\n" % len(body) + body + b"\r\n\r\n")
    path = tmp_path / "a.warc.gz"
    path.write_bytes(member)
    assert list(warcs.read(path)) == [warcs.Damage(0, len(member), torn=True)]
    with pytest.raises(ArchiveError, match="at offset 0"):
        read_payload(tmp_path, Location("a.warc.gz", 0, len(member)), "0" * 64, 1)
