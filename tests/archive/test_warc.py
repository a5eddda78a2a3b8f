import gzip
import hashlib
import random
import resource
from contextlib import contextmanager

import pytest
from warcio.archiveiterator import ArchiveIterator

from archive.errors import ArchiveError
from archive.store import Archive
from archive.warc import WarcFile, capture_url, read_payload

URL = "http://www.yunxi.example/zwgk/nb/年报.html?a=b c"
DAY1, DAY2 = "2025-01-10T00:00:00Z", "2025-02-10T00:00:00Z"


def records(archive):
    for path in sorted(archive.captures_dir.iterdir()):
        with path.open("rb") as file:
            for record in ArchiveIterator(file, check_digests="raise"):
                yield record, record.content_stream().read()


def test_file_replays_with_headers_as_sent(archive, capture):
    payload = "<html>云溪".encode()
    capture(
        URL,
        payload,
        DAY1,
        request_headers=[("User-Agent", "nianbao"), ("Proxy-Authorization", "secret")],
        response_headers=[
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", "5"),
            ("X-Evil", "a\r\nInjected: b"),
        ],
    )
    (info, _), (response, body), (request, _) = records(archive)
    assert info.rec_type == "warcinfo"
    assert body == payload
    headers = response.http_headers
    assert headers.statusline == "200 OK"
    assert headers.get_header("Content-Type") == "text/html; charset=utf-8"
    assert headers.get_header("Content-Encoding") is None
    assert headers.get_header("X-Archive-Orig-Content-Encoding") == "gzip"
    assert headers.get_header("Content-Length") == str(len(payload))
    assert headers.get_header("Injected") is None
    assert response.rec_headers.get_header("WARC-Date") == DAY1
    assert response.rec_headers.get_header("WARC-Target-URI") == (
        "http://www.yunxi.example/zwgk/nb/%E5%B9%B4%E6%8A%A5.html?a=b%20c"
    )
    assert request.http_headers.get_header("User-Agent") == "nianbao"
    assert request.http_headers.get_header("Host") == "www.yunxi.example"
    assert request.http_headers.get_header("Proxy-Authorization") is None


def test_what_was_posted_is_kept_and_tells_captures_apart(archive, capture):
    url = "http://www.yunxi.example/list.do?a=1"
    for page in (b"page=1", "page=2&organ=云溪".encode()):
        capture(url, b"<li>" + page, DAY1, method="POST", request_body=page)
    capture(url, "<li>page=2&organ=云溪".encode(), DAY2, method="POST", request_body=b"page=1")
    kept = list(records(archive))
    requests = [(record.http_headers.protocol, body) for record, body in kept if record.rec_type == "request"]
    assert [method for method, _ in requests] == ["POST"] * 3
    assert [body for _, body in requests] == [b"page=1", "page=2&organ=云溪".encode(), b"page=1"]
    assert {record.rec_headers.get_header("WARC-Target-URI") for record, _ in kept[1:]} == {url}
    (revisit,) = (record.rec_headers for record, _ in kept if record.rec_type == "revisit")
    assert revisit.get_header("WARC-Refers-To-Target-URI") == url
    last = archive.last_capture(capture_url(url, "POST", b"page=1"))
    assert last.fetched_at == DAY2
    assert archive.last_capture(url) is None


def test_unchanged_payload_is_a_revisit_of_its_first_capture(archive, capture):
    capture(URL, b"<html>", DAY1)
    capture("http://www.yunxi.example/other.html", b"<html>", DAY2)
    revisits = [record.rec_headers for record, _ in records(archive) if record.rec_type == "revisit"]
    (headers,) = revisits
    assert headers.get_header("WARC-Profile").endswith("/revisit/identical-payload-digest")
    assert headers.get_header("WARC-Refers-To-Date") == DAY1
    assert headers.get_header("WARC-Refers-To-Target-URI").endswith("?a=b%20c")


def test_imported_file_is_a_resource(archive, capture):
    sha256 = capture(None, b"%PDF-1.7 ...", DAY1, http_status=None, portal_id=None)
    (_, _), (record, body) = records(archive)
    assert (record.rec_type, body) == ("resource", b"%PDF-1.7 ...")
    assert record.rec_headers.get_header("Content-Type") == "application/pdf"
    assert record.rec_headers.get_header("WARC-Target-URI") == f"urn:sha256:{sha256}"


def test_torn_last_record_of_a_killed_run_hurts_nothing(tmp_path):
    path = tmp_path / "archive.db"
    with Archive.open(path) as archive:
        first = archive.record_capture(archive.begin_run("crawl"), URL, b"<html>1", fetched_at=DAY1, http_status=200)
        (warc,) = archive.captures_dir.iterdir()
    with warc.open("ab") as file:
        file.write(gzip.compress(b"WARC/1.1\r\nWARC-Type: response\r\n" + bytes(5000))[:40])
    with Archive.open(path) as archive:
        second = archive.record_capture(archive.begin_run("crawl"), URL, b"<html>2", fetched_at=DAY2, http_status=200)
        assert len(list(archive.captures_dir.iterdir())) == 2
        assert archive.payload(first) == b"<html>1"
        assert archive.payload(second) == b"<html>2"


@pytest.mark.parametrize("harm", ["flip", "truncate", "remove", "swap"])
def test_damage_is_told_with_file_and_offset(archive, capture, harm):
    other = capture(URL, b"<html>another document", DAY1)
    sha256 = capture(URL, bytes(range(256)) * 8, DAY2)
    (warc,) = archive.captures_dir.iterdir()
    row = archive.db["documents"].get(sha256)
    if harm == "flip":
        content = bytearray(warc.read_bytes())
        content[row["offset"] + row["length"] // 2] ^= 0xFF
        warc.write_bytes(content)
    elif harm == "truncate":
        warc.write_bytes(warc.read_bytes()[: row["offset"] + 30])
    elif harm == "remove":
        warc.unlink()
    else:
        place = {key: archive.db["documents"].get(other)[key] for key in ("offset", "length")}
        archive.db["documents"].update(sha256, place)
        row = archive.db["documents"].get(sha256)
    with pytest.raises(ArchiveError, match=rf"{warc.name} at offset {row['offset']}") as raised:
        archive.payload(sha256)
    assert "\n" not in str(raised.value)


def test_index_cannot_lead_out_of_the_captures_folder(archive, capture, tmp_path):
    sha256 = capture(URL, b"<html>", DAY1)
    (warc,) = archive.captures_dir.iterdir()
    warc.rename(tmp_path / warc.name)
    archive.db["documents"].update(sha256, {"warc": f"../{warc.name}"})
    with pytest.raises(ArchiveError, match="captures"):
        archive.payload(sha256)


@contextmanager
def room_for(byte_count):
    """Let no file of this process grow beyond ``byte_count``, as on a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (byte_count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_has_no_room_is_taken_back_and_what_follows_is_whole(tmp_path):
    rng = random.Random(1)
    payloads = [rng.randbytes(20_000) for _ in range(3)]
    with WarcFile(tmp_path / "captures" / "a.warc.gz", {}) as warc:
        first = warc.write_resource("urn:a", DAY1, payloads[0], "text/plain")
        warc.sync()
        size = warc.path.stat().st_size
        with room_for(size + 9_000), pytest.raises(ArchiveError, match=r"a\.warc\.gz"):
            warc.write_resource("urn:b", DAY1, payloads[1], "text/plain")
        assert warc.path.stat().st_size == size
        second = warc.write_resource("urn:c", DAY1, payloads[2], "text/plain")
        warc.sync()
    for place, payload in ((first, payloads[0]), (second, payloads[2])):
        digest = hashlib.sha256(payload).hexdigest()
        assert read_payload(tmp_path / "captures", place, digest, len(payload)) == payload


def test_a_folder_that_cannot_be_made_is_named_with_the_remedy(tmp_path):
    (tmp_path / "captures").write_text("in the way")
    with pytest.raises(ArchiveError, match=r"captures/a\.warc\.gz.*; move away"):
        WarcFile(tmp_path / "captures" / "a.warc.gz", {})


def test_captures_that_went_missing_are_not_begun_anew(archive, capture):
    capture(URL, b"<html>", DAY1)
    archive.captures_dir.rename(archive.captures_dir.with_name("elsewhere"))
    with pytest.raises(ArchiveError, match=r"captures is missing.*mount it or restore it"):
        archive.record_capture(
            archive.begin_run("crawl"), f"{URL}x", b"<p>", fetched_at=DAY2, portal_id="yunxi", http_status=200
        )
    assert not archive.captures_dir.exists()
