from archive import scans
from archive.extraction import extract_pending, pending
from parsers import extract as parser
from parsers.extract import Refusal
from parsers.readers import ocr
from parsers.report import Finding
from tests.archive import factory
from tests.archive.factory import payload_of, sound_report

SITE = "http://www.yunxi.example/zwgk/nb"
DAY = "2025-01-10T00:00:00Z"


def versions(archive):
    return dict(archive.db.conn.execute("SELECT url, parser_version FROM _extractions").fetchall())


def extract(archive, run_id, **more):
    return extract_pending(
        archive, run_id, extractor=factory.read_scans, scan_extractor=factory.recognise_scans, **more
    )


def test_scans_are_read_again_with_the_recogniser_and_nothing_else_is(archive, run_id, capture, monkeypatch):
    monkeypatch.setattr(ocr, "available", lambda: True)
    capture(f"{SITE}/1.html", payload_of(sound_report(year=2023)), DAY)
    capture(f"{SITE}/2.pdf", b"SCAN", DAY)
    capture(f"{SITE}/3.pdf", b"SCANT", DAY)
    told = []
    summary = extract(archive, run_id, progress=told.append)
    assert (summary.documents, summary.reports, summary.refused) == (3, 2, {"scanned": 1})
    assert sorted(outcome.url for outcome in told) == [f"{SITE}/1.html", f"{SITE}/2.pdf", f"{SITE}/3.pdf"]
    assert versions(archive) == {
        f"{SITE}/1.html": parser.PARSER_VERSION,
        f"{SITE}/2.pdf": scans.version_recognised(),
        f"{SITE}/3.pdf": scans.version_recognised(),
    }
    assert pending(archive) == []


def test_scans_wait_for_the_extra_and_are_read_once_it_is_there(archive, run_id, capture, monkeypatch):
    capture(f"{SITE}/1.html", payload_of(sound_report(year=2023)), DAY)
    capture(f"{SITE}/2.pdf", b"SCAN", DAY)
    monkeypatch.setattr(ocr, "available", lambda: False)
    assert extract(archive, run_id).refused == {"scanned": 1}
    assert pending(archive) == []
    assert versions(archive)[f"{SITE}/2.pdf"] == scans.version_unread()
    monkeypatch.setattr(ocr, "available", lambda: True)
    assert [url for _sha256, url in pending(archive)] == [f"{SITE}/2.pdf"]
    assert extract(archive, run_id).reports == 1
    assert pending(archive) == []
    assert archive.db.conn.execute("SELECT count(*) FROM refusals").fetchone() == (0,)
    monkeypatch.setattr(ocr, "available", lambda: False)
    assert pending(archive) == []


def test_a_report_with_pages_left_unread_is_one_of_them():
    assert scans.is_scan(Refusal("scanned", "a picture"))
    assert not scans.is_scan(Refusal("encrypted", "asks for a password"))
    finding = Finding("extraction.scanned_pages", "warning", "extraction", "第3页是图片")
    assert scans.is_scan(sound_report(problems=[finding]))
    assert not scans.is_scan(sound_report())
