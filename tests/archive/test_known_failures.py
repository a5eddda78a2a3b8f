"""Failures of a kindred program that concern what is stored; ``tests/parsers`` has those of reading."""

import pytest

from archive.extraction import extract_pending, pending
from archive.schema import migrations
from parsers import extract as parser
from parsers.report import Reading
from tests.archive import factory
from tests.archive.factory import payload_of, sound_report

DAY1 = "2025-01-10T00:00:00Z"
URL = "http://www.yunxi.example/zwgk/nb/1.html"
LOOKUPS = {"items", "measures", "request_items", "applicants", "proceedings", "outcomes", "rules"}


def test_20_an_empty_archive_holds_no_figure(archive):
    """No gap is filled from a constant: without documents every table but those of labels is empty."""
    public = [
        name
        for name in archive.db.table_names()
        if not name.startswith(("_", "sections_fts", "sqlite_")) and name != migrations.migrations_table
    ]
    assert {"reports", "requests", "disclosures", "reviews", "organs"} <= set(public)
    filled = {name for name in public if archive.db[name].count}
    assert filled == LOOKUPS | {"portals"}


def test_20_what_a_report_lacks_is_filled_from_nowhere(archive, run_id, capture):
    capture(URL, payload_of(sound_report(year=2023)), DAY1)
    bare = sound_report(year=2024, disclosures={}, requests={}, reviews={}, status="text_only")
    capture(URL.replace("1.", "2."), payload_of(bare), DAY1)
    assert extract_pending(archive, run_id, extractor=factory.read).errors == []
    assert archive.db.conn.execute("SELECT year FROM reports ORDER BY year").fetchall() == [(2023,), (2024,)]
    years = "SELECT r.year FROM {} JOIN reports r ON r.id = report_id"
    for table in ("disclosures", "requests", "reviews"):
        assert {row[0] for row in archive.db.conn.execute(years.format(table))} == {2023}


@pytest.mark.parametrize("kind", ["blank", "placeholder", "unreadable"])
def test_20_a_cell_without_a_number_is_stored_as_null(archive, run_id, capture, kind):
    report = sound_report()
    report.requests["new"]["business"] = Reading(kind, "/")
    report.disclosures["administrative_fees"]["amount"] = Reading(kind, "/")
    report.reviews["reconsideration"]["other"] = Reading(kind, "/")
    capture(URL, payload_of(report), DAY1)
    extract_pending(archive, run_id, extractor=factory.read)
    for query in (
        "SELECT business FROM requests WHERE item = 'new'",
        "SELECT value FROM disclosures WHERE item = 'administrative_fees'",
        "SELECT other FROM reviews WHERE proceeding = 'reconsideration'",
    ):
        assert archive.db.conn.execute(query).fetchall() == [(None,)]


def test_21_a_better_parser_reads_old_documents_again(archive, run_id, capture, monkeypatch):
    capture(URL, payload_of(sound_report()), DAY1)
    extract_pending(archive, run_id, extractor=factory.read)
    stamps = "SELECT parser_version FROM reports UNION SELECT parser_version FROM _extractions"
    assert archive.db.conn.execute(stamps).fetchall() == [(parser.PARSER_VERSION,)]
    assert pending(archive) == []
    monkeypatch.setattr(parser, "PARSER_VERSION", "better")
    assert [url for _sha256, url in pending(archive)] == [URL]
    extract_pending(archive, run_id, extractor=factory.read)
    assert archive.db.conn.execute(stamps).fetchall() == [("better",)]
