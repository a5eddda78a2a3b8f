"""Records on their way to disk."""

from __future__ import annotations

import errno
import hashlib
import os
import zlib
from concurrent.futures import wait

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.errors import ArchiveError
from archive.warc import WarcFile, read_payload
from archive.writing import RecordWriter

URL = "http://www.yunxi.example/nb/1.html"
DAY1, DAY2 = "2025-01-10T00:00:00Z", "2025-02-10T00:00:00Z"


def _resource(number):
    payload = b"%PDF-1.7 " + bytes([number]) * 3000
    return payload, lambda warc: warc.write_resource(f"{URL}?{number}", DAY1, payload, "application/pdf")


def test_records_that_are_written_together_stand_each_at_its_place(archive, tmp_path):
    writer = RecordWriter(WarcFile(tmp_path / "a.warc.gz", {"software": "test"}))
    payloads, writes = zip(*map(_resource, range(40)), strict=True)
    places = [writer.submit(write) for write in writes]
    writer.close()
    for payload, place in zip(payloads, places, strict=True):
        digest = hashlib.sha256(payload).hexdigest()
        assert read_payload(tmp_path, place.result(), digest, len(payload)) == payload
    with (tmp_path / "a.warc.gz").open("rb") as file:
        assert len(list(ArchiveIterator(file, check_digests="raise"))) == 41


def test_what_does_not_reach_the_disk_is_told_and_taken_back(tmp_path, monkeypatch):
    writer = RecordWriter(WarcFile(tmp_path / "a.warc.gz", {}))
    _, write = _resource(1)
    writer.submit(write).result()
    size = (tmp_path / "a.warc.gz").stat().st_size

    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        lost = [writer.submit(_resource(number)[1]) for number in range(5)]
        wait(lost)
    for future in lost:
        with pytest.raises(ArchiveError, match="No space left"):
            future.result()
    assert (tmp_path / "a.warc.gz").stat().st_size == size
    _, write = _resource(7)
    place = writer.submit(write).result()
    assert place.offset == size
    writer.close()


def test_one_payload_on_its_way_twice_is_one_document(archive, run_id):
    about = {"http_status": 200, "portal_id": "yunxi"}
    first = archive.keep(run_id, URL, b"<html>1", fetched_at=DAY1, **about)
    second = archive.keep(run_id, f"{URL}?b", b"<html>1", fetched_at=DAY2, **about)
    digest = archive.note(second)
    assert archive.note(first) == digest
    assert archive.payload(digest) == b"<html>1"
    rows = archive.db.conn.execute("SELECT first_captured_at FROM documents").fetchall()
    assert rows == [(DAY1,)]
    (warc,) = archive.captures_dir.iterdir()
    with warc.open("rb") as file:
        kinds = [record.rec_type for record in ArchiveIterator(file)]
    assert kinds == ["warcinfo", "response", "request", "revisit", "request"]
    ((offset, length),) = archive.db.conn.execute("SELECT offset, length FROM documents").fetchall()
    member = zlib.decompressobj(wbits=31)
    assert b"WARC-Type: response" in member.decompress(warc.read_bytes()[offset : offset + length])
    assert (member.eof, member.unused_data) == (True, b"")
    third = archive.record_capture(run_id, f"{URL}?c", b"<html>1", fetched_at=DAY2, **about)
    assert third == digest


def test_what_reads_like_an_earlier_document_is_not_pending(archive, run_id):
    about = {"fetched_at": DAY1, "http_status": 200, "portal_id": "yunxi"}
    old = archive.record_capture(run_id, URL, b"<html>visits: 1", **about)
    archive.db.conn.execute(
        "INSERT INTO _extractions (sha256, url, parser_version, run_id) VALUES (?, ?, '3', ?)", (old, URL, run_id)
    )
    archive.db.conn.execute("INSERT INTO refusals VALUES (?, ?, 'news', NULL)", (old, URL))
    new = archive.record_capture(run_id, URL, b"<html>visits: 2", reads_like=old, **about)
    rows = archive.db.conn.execute("SELECT sha256, parser_version FROM _extractions ORDER BY rowid").fetchall()
    assert rows == [(old, "3"), (new, "3")]
    assert archive.db.conn.execute("SELECT reason FROM refusals WHERE sha256 = ?", (new,)).fetchall() == [("news",)]
