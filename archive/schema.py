"""The archive's schema, as migrations that bring any older archive up to date.

Public tables follow the published contract; names are stable. Tables whose name starts
with an underscore are the archive's own bookkeeping and are not published.
"""

from __future__ import annotations

import json
import zlib

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from parsers import forms

migrations = Migrations("nianbao")

APPLICANT_COLUMNS = tuple(forms.APPLICANTS)
OUTCOME_COLUMNS = tuple(forms.OUTCOMES)


@migrations()
def m0001_lookups(db: Database) -> None:
    """Labels of the form's codes, filled from :mod:`parsers.forms` on every opening."""
    db.executescript("""
    CREATE TABLE items (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE measures (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        unit TEXT, position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE request_items (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        group_label TEXT, group_label_en TEXT, position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE applicants (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE proceedings (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE outcomes (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        position INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE rules (code TEXT PRIMARY KEY, label TEXT NOT NULL, label_en TEXT NOT NULL,
        formula TEXT) WITHOUT ROWID;
    """)


@migrations()
def m0002_captures(db: Database) -> None:
    """Portals, runs, captures and the documents that they brought."""
    db.executescript("""
    CREATE TABLE portals (id TEXT PRIMARY KEY, name TEXT NOT NULL, start_url TEXT, division_code TEXT,
        cms TEXT, status TEXT, status_reason TEXT, last_run_at TEXT);
    CREATE TABLE runs (id TEXT PRIMARY KEY, command TEXT NOT NULL, started_at TEXT NOT NULL,
        finished_at TEXT, version TEXT);
    CREATE TABLE portal_runs (run_id TEXT NOT NULL REFERENCES runs(id),
        portal_id TEXT NOT NULL REFERENCES portals(id), status TEXT, reason TEXT,
        listed INTEGER, found INTEGER, new INTEGER, changed INTEGER, vanished INTEGER,
        failed INTEGER, requests INTEGER, bytes INTEGER, PRIMARY KEY (run_id, portal_id));
    CREATE TABLE documents (sha256 TEXT PRIMARY KEY, media_type TEXT NOT NULL, bytes INTEGER NOT NULL,
        warc TEXT NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
        first_captured_at TEXT NOT NULL);
    CREATE TABLE captures (id INTEGER PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs(id),
        portal_id TEXT REFERENCES portals(id), url TEXT NOT NULL, http_status INTEGER,
        sha256 TEXT REFERENCES documents(sha256), fetched_at TEXT NOT NULL, etag TEXT,
        last_modified TEXT);
    CREATE INDEX captures_url ON captures(url, fetched_at);
    CREATE INDEX captures_sha256 ON captures(sha256);
    CREATE INDEX captures_run ON captures(run_id);
    CREATE TABLE refusals (sha256 TEXT NOT NULL, url TEXT NOT NULL, reason TEXT NOT NULL, detail TEXT,
        PRIMARY KEY (sha256, url));
    CREATE INDEX refusals_reason ON refusals(reason);
    """)


@migrations()
def m0003_reports(db: Database) -> None:
    """Organs, reports and their cells, sections, findings, versions and changes."""
    applicants = ", ".join(f"{column} INTEGER" for column in APPLICANT_COLUMNS)
    outcomes = ", ".join(f"{column} INTEGER" for column in OUTCOME_COLUMNS)
    db.executescript(f"""
    CREATE TABLE organs (id TEXT PRIMARY KEY, name TEXT NOT NULL, division_code TEXT, province TEXT,
        city TEXT, county TEXT, level TEXT, kind TEXT, portal_id TEXT REFERENCES portals(id));
    CREATE INDEX organs_province ON organs(province);
    CREATE INDEX organs_portal ON organs(portal_id);
    CREATE TABLE reports (id TEXT PRIMARY KEY, organ_id TEXT NOT NULL REFERENCES organs(id),
        year INTEGER NOT NULL, edition TEXT NOT NULL, disclosures_edition TEXT, requests_edition TEXT,
        scope TEXT, title TEXT NOT NULL, url TEXT, published_on TEXT, status TEXT NOT NULL,
        document_sha256 TEXT NOT NULL REFERENCES documents(sha256), content_sha256 TEXT NOT NULL,
        captured_at TEXT NOT NULL, parser_version TEXT NOT NULL, UNIQUE (organ_id, year));
    CREATE INDEX reports_year ON reports(year);
    CREATE INDEX reports_status ON reports(status);
    CREATE INDEX reports_document ON reports(document_sha256);
    CREATE TABLE sections (id INTEGER PRIMARY KEY, report_id TEXT NOT NULL REFERENCES reports(id),
        number INTEGER NOT NULL, heading TEXT NOT NULL, text TEXT NOT NULL, UNIQUE (report_id, number));
    CREATE TABLE disclosures (report_id TEXT NOT NULL REFERENCES reports(id),
        item TEXT NOT NULL REFERENCES items(code), measure TEXT NOT NULL REFERENCES measures(code),
        value NUMERIC, unit TEXT, printed TEXT, PRIMARY KEY (report_id, item, measure)) WITHOUT ROWID;
    CREATE TABLE requests (report_id TEXT NOT NULL REFERENCES reports(id),
        item TEXT NOT NULL REFERENCES request_items(code), {applicants},
        PRIMARY KEY (report_id, item)) WITHOUT ROWID;
    CREATE TABLE reviews (report_id TEXT NOT NULL REFERENCES reports(id),
        proceeding TEXT NOT NULL REFERENCES proceedings(code), {outcomes},
        PRIMARY KEY (report_id, proceeding)) WITHOUT ROWID;
    CREATE TABLE indicators (report_id TEXT NOT NULL REFERENCES reports(id), position INTEGER NOT NULL,
        label TEXT NOT NULL, unit TEXT, value NUMERIC, PRIMARY KEY (report_id, position)) WITHOUT ROWID;
    CREATE TABLE evidence (report_id TEXT PRIMARY KEY REFERENCES reports(id), cells TEXT NOT NULL);
    CREATE TABLE findings (id TEXT PRIMARY KEY, report_id TEXT NOT NULL REFERENCES reports(id),
        rule TEXT NOT NULL REFERENCES rules(code), severity TEXT NOT NULL, cause TEXT NOT NULL,
        message TEXT NOT NULL, cells TEXT NOT NULL, expected TEXT, actual TEXT, evidence TEXT);
    CREATE INDEX findings_report ON findings(report_id);
    CREATE INDEX findings_rule ON findings(rule);
    CREATE TABLE versions (report_id TEXT NOT NULL REFERENCES reports(id),
        document_sha256 TEXT NOT NULL REFERENCES documents(sha256), content_sha256 TEXT NOT NULL,
        first_captured_at TEXT NOT NULL, last_captured_at TEXT NOT NULL, is_current INTEGER NOT NULL,
        PRIMARY KEY (report_id, document_sha256, content_sha256));
    CREATE INDEX versions_document ON versions(document_sha256);
    CREATE TABLE changes (report_id TEXT NOT NULL REFERENCES reports(id), field TEXT NOT NULL,
        old TEXT, new TEXT, detected_at TEXT NOT NULL);
    CREATE INDEX changes_report ON changes(report_id, field);
    CREATE INDEX changes_detected ON changes(detected_at);
    """)


@migrations()
def m0004_bookkeeping(db: Database) -> None:
    """What was extracted from each document, what pages said of it, and the search index.

    ``_extractions`` has a row for every document looked at; ``report`` is the
    zlib-compressed JSON of the report as read from this one document, null where
    ``refusals`` says why there is none. ``stale`` asks for another extraction.
    ``_page_captures`` marks list and navigation pages, which are kept but not extracted.
    ``_outdated_reports`` have new captures of known documents and are to be rebuilt.
    ``sections_fts`` is contentless: one Han character per token.
    """
    db.executescript("""
    CREATE TABLE _extractions (sha256 TEXT NOT NULL REFERENCES documents(sha256), url TEXT NOT NULL,
        parser_version TEXT NOT NULL, run_id TEXT, organ_id TEXT, portal_id TEXT, report_id TEXT,
        report BLOB, stale INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (sha256, url));
    CREATE INDEX _extractions_report ON _extractions(report_id);
    CREATE INDEX _extractions_organ ON _extractions(organ_id, portal_id);
    CREATE TABLE _origins (url TEXT PRIMARY KEY, title TEXT, published_on TEXT, publisher TEXT,
        landing_url TEXT, file_name TEXT) WITHOUT ROWID;
    CREATE TABLE _page_captures (capture_id INTEGER PRIMARY KEY REFERENCES captures(id));
    CREATE TABLE _portal_places (portal_id TEXT PRIMARY KEY REFERENCES portals(id), province TEXT,
        city TEXT, county TEXT) WITHOUT ROWID;
    CREATE TABLE _outdated_reports (report_id TEXT PRIMARY KEY) WITHOUT ROWID;
    CREATE VIRTUAL TABLE sections_fts USING fts5(text, content='',
        tokenize='unicode61 remove_diacritics 2');
    """)


@migrations()
def m0005_frontier(db: Database) -> None:
    """What each crawl of a portal has fetched, tried, refused and still to fetch.

    ``_crawls`` are crawls of one portal; one without ``finished_at`` is resumed by the next
    run. ``_frontier`` holds the addresses of a crawl; ``state`` is pending, done, failed,
    skipped or left (to the next run), ``kind`` explore, column, report or file, and ``context``
    (JSON) what is needed to judge the page without any memory of the pages before it. ``_sightings`` are the report
    addresses a portal ever listed, with the time at which one was first missed.
    """
    db.executescript("""
    CREATE TABLE _crawls (id INTEGER PRIMARY KEY, portal_id TEXT NOT NULL REFERENCES portals(id),
        run_id TEXT NOT NULL REFERENCES runs(id), started_at TEXT NOT NULL, finished_at TEXT,
        requests INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX _crawls_portal ON _crawls(portal_id, finished_at);
    CREATE TABLE _frontier (id INTEGER PRIMARY KEY,
        crawl_id INTEGER NOT NULL REFERENCES _crawls(id) ON DELETE CASCADE,
        portal_id TEXT NOT NULL, run_id TEXT NOT NULL, url TEXT NOT NULL, key TEXT NOT NULL,
        host TEXT NOT NULL, kind TEXT NOT NULL, depth INTEGER NOT NULL, score INTEGER NOT NULL,
        context TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'pending', reason TEXT, outcome TEXT,
        attempts INTEGER NOT NULL DEFAULT 0, tried_at TEXT, UNIQUE (crawl_id, key));
    CREATE INDEX _frontier_next ON _frontier(crawl_id, state, score DESC, id);
    CREATE TABLE _sightings (portal_id TEXT NOT NULL, key TEXT NOT NULL, url TEXT NOT NULL,
        listed INTEGER NOT NULL, first_seen_at TEXT NOT NULL, last_seen_at TEXT NOT NULL,
        missing_since TEXT, reason TEXT, PRIMARY KEY (portal_id, key)) WITHOUT ROWID;
    """)


@migrations()
def m0006_successions(db: Database) -> None:
    """Which organ likely goes on as which other, derived from the organs and reports present.

    ``_extractions.organ_name`` is the organ's name as far as the one document tells it.
    """
    db.executescript("""
    ALTER TABLE _extractions ADD COLUMN organ_name TEXT;
    CREATE TABLE organ_successions (
        predecessor_id TEXT NOT NULL REFERENCES organs(id) ON DELETE CASCADE,
        successor_id TEXT NOT NULL REFERENCES organs(id) ON DELETE CASCADE,
        basis TEXT NOT NULL, year INTEGER NOT NULL, note TEXT NOT NULL, note_en TEXT NOT NULL,
        PRIMARY KEY (predecessor_id, successor_id)) WITHOUT ROWID;
    CREATE INDEX organ_successions_successor ON organ_successions(successor_id);
    """)


@migrations()
def m0007_attempts(db: Database) -> None:
    """``_attempts`` are documents being read; ``count`` is by how many commands, none of which ended."""
    db.executescript("""
    CREATE TABLE _attempts (sha256 TEXT NOT NULL, url TEXT NOT NULL, parser_version TEXT NOT NULL,
        count INTEGER NOT NULL, PRIMARY KEY (sha256, url)) WITHOUT ROWID;
    """)


@migrations()
def m0008_columns(db: Database) -> None:
    """Where each portal's report columns begin, so that the next crawl need not search for them.

    ``context`` (JSON) is that of the frontier, the request included; ``discovered_at`` is when
    the portal was last searched from its start pages ``start`` (JSON).
    """
    db.executescript("""
    CREATE TABLE _columns (portal_id TEXT NOT NULL REFERENCES portals(id), key TEXT NOT NULL,
        url TEXT NOT NULL, host TEXT NOT NULL, kind TEXT NOT NULL, depth INTEGER NOT NULL,
        score INTEGER NOT NULL, context TEXT NOT NULL, family TEXT, reports INTEGER NOT NULL,
        newest_year INTEGER, start TEXT NOT NULL, discovered_at TEXT NOT NULL, confirmed_at TEXT NOT NULL,
        PRIMARY KEY (portal_id, key)) WITHOUT ROWID;
    """)


@migrations()
def m0009_findings(db: Database) -> None:
    """What rules mean, findings with a second report, coverage, editors' notes, and what is to be checked.

    ``coverage`` says of each organ and year that ought to have a report whether it has one;
    ``finding_notes`` are what editors say of findings, read from their own file. ``_unchecked``
    are reports for which checks are due; ``stage`` 0 is to be built again, 1 was built, altered or
    removed, 2 has neighbours that were. ``_facts`` is what neighbours ask of a report: cells and
    sentences (``data``, JSON) and its passages; ``digest`` is of all that they depend on. A row of
    ``_passages`` says that an organ's report of a year has a passage, by its hash; organs are
    numbered in ``_passage_organs``. ``_listed`` are the organs and years that the titles of a
    portal's list name. ``_checked`` says by which rules and for which day the checks ran.
    """
    db.executescript("""
    ALTER TABLE rules ADD COLUMN meaning TEXT;
    ALTER TABLE rules ADD COLUMN meaning_en TEXT;
    ALTER TABLE rules ADD COLUMN limits TEXT;
    ALTER TABLE rules ADD COLUMN limits_en TEXT;
    ALTER TABLE rules ADD COLUMN scope TEXT;
    ALTER TABLE findings ADD COLUMN other_report_id TEXT;
    ALTER TABLE findings ADD COLUMN other_cells TEXT;
    CREATE INDEX findings_other_report ON findings(other_report_id) WHERE other_report_id IS NOT NULL;
    CREATE TABLE coverage (organ_id TEXT NOT NULL, year INTEGER NOT NULL, state TEXT NOT NULL,
        since TEXT, PRIMARY KEY (organ_id, year)) WITHOUT ROWID;
    CREATE INDEX coverage_state ON coverage(state, year);
    CREATE TABLE finding_notes (finding_id TEXT PRIMARY KEY, state TEXT NOT NULL, note TEXT,
        noted_on TEXT) WITHOUT ROWID;
    CREATE TABLE _unchecked (report_id TEXT PRIMARY KEY, stage INTEGER NOT NULL) WITHOUT ROWID;
    CREATE INDEX _unchecked_stage ON _unchecked(stage, report_id);
    CREATE TABLE _facts (report_id TEXT PRIMARY KEY, organ_id TEXT NOT NULL, year INTEGER NOT NULL,
        digest TEXT NOT NULL, data TEXT NOT NULL, passages BLOB NOT NULL) WITHOUT ROWID;
    CREATE INDEX _facts_organ ON _facts(organ_id, year);
    CREATE TABLE _passage_organs (number INTEGER PRIMARY KEY, organ_id TEXT NOT NULL UNIQUE);
    CREATE TABLE _passages (hash INTEGER NOT NULL, organ INTEGER NOT NULL, year INTEGER NOT NULL,
        PRIMARY KEY (hash, organ, year)) WITHOUT ROWID;
    CREATE TABLE _listed (portal_id TEXT NOT NULL, organ_id TEXT NOT NULL, year INTEGER NOT NULL,
        PRIMARY KEY (portal_id, organ_id, year)) WITHOUT ROWID;
    CREATE INDEX _listed_organ ON _listed(organ_id);
    CREATE TABLE _checked (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    """)


@migrations()
def m0010_lost_documents(db: Database) -> None:
    """``_lost_documents`` are documents whose record is damaged or gone; what brings one again is kept anew."""
    db.executescript("CREATE TABLE _lost_documents (sha256 TEXT PRIMARY KEY) WITHOUT ROWID;")


@migrations()
def m0011_notices(db: Database) -> None:
    """``_notices`` are what each channel was last told of a portal (or of the archive), and when."""
    db.executescript("""
    CREATE TABLE _notices (channel TEXT NOT NULL, subject TEXT NOT NULL, state TEXT NOT NULL,
        told_at TEXT NOT NULL, PRIMARY KEY (channel, subject)) WITHOUT ROWID;
    """)


@migrations()
def m0012_contents(db: Database) -> None:
    """What a report's documents are compared by, so that not all of them need be restored.

    ``content_sha256``, ``status`` and ``figures`` (how many cells print a number) are those of
    ``_extractions.report``; null where it was stored before they were kept.
    """
    db.executescript("""
    ALTER TABLE _extractions ADD COLUMN content_sha256 TEXT;
    ALTER TABLE _extractions ADD COLUMN status TEXT;
    ALTER TABLE _extractions ADD COLUMN figures INTEGER;
    """)


@migrations()
def m0013_frontier_indexes(db: Database) -> None:
    """Crawls of very large portals: counts by kind, and the pages of one list, without reading the whole frontier."""
    db.executescript("""
    CREATE INDEX _frontier_kind ON _frontier(crawl_id, kind, state);
    CREATE INDEX _frontier_list ON _frontier(crawl_id, json_extract(outcome, '$.first'))
        WHERE json_extract(outcome, '$.first') IS NOT NULL;
    """)


@migrations()
def m0014_packed_evidence(db: Database) -> None:
    """Evidence as zlib-compressed JSON, a fifteenth of the bytes; ``cell_count`` is how many.

    ``_facts`` gets row ids: without them SQLite puts whatever of a row exceeds a quarter of a page on a page
    of its own.
    """
    db.conn.create_function("packed_evidence", 1, lambda cells: zlib.compress(cells.encode()))
    db.conn.create_function("evidence_cells", 1, lambda cells: len(json.loads(cells)))
    db.executescript("""
    ALTER TABLE evidence RENAME TO _evidence_before;
    CREATE TABLE evidence (report_id TEXT PRIMARY KEY REFERENCES reports(id), cell_count INTEGER NOT NULL,
        cells BLOB NOT NULL);
    INSERT INTO evidence SELECT report_id, evidence_cells(cells), packed_evidence(cells) FROM _evidence_before
        ORDER BY report_id;
    DROP TABLE _evidence_before;
    CREATE INDEX evidence_cell_count ON evidence(cell_count);
    ALTER TABLE _facts RENAME TO _facts_before;
    CREATE TABLE _facts (report_id TEXT PRIMARY KEY, organ_id TEXT NOT NULL, year INTEGER NOT NULL,
        digest TEXT NOT NULL, data TEXT NOT NULL, passages BLOB NOT NULL);
    INSERT INTO _facts SELECT * FROM _facts_before ORDER BY report_id;
    DROP TABLE _facts_before;
    CREATE INDEX _facts_organ ON _facts(organ_id, year);
    """)


@migrations()
def m0015_growth(db: Database) -> None:
    """What commands ask of a large archive for a few new documents, without reading all of it.

    ``_unread`` are documents, by address, of which nothing was read yet; triggers keep it, whatever writes.
    ``_uncovered`` are organs whose rows of ``coverage`` are due. ``_unsettled`` are organs that came, went or
    were altered, with what tells which organs may follow them or be followed by them; triggers keep it, too.
    """
    db.executescript("""
    CREATE TABLE _unread (sha256 TEXT NOT NULL, url TEXT NOT NULL, PRIMARY KEY (sha256, url)) WITHOUT ROWID;
    INSERT OR IGNORE INTO _unread SELECT c.sha256, c.url FROM captures c WHERE c.sha256 IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM _extractions e WHERE e.sha256 = c.sha256 AND e.url = c.url)
        AND NOT EXISTS (SELECT 1 FROM _page_captures WHERE capture_id = c.id);
    CREATE TRIGGER _captured AFTER INSERT ON captures WHEN NEW.sha256 IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM _extractions WHERE sha256 = NEW.sha256 AND url = NEW.url)
        BEGIN INSERT OR IGNORE INTO _unread VALUES (NEW.sha256, NEW.url); END;
    CREATE TRIGGER _captured_page AFTER INSERT ON _page_captures
        BEGIN DELETE FROM _unread WHERE (sha256, url) = (SELECT sha256, url FROM captures WHERE id = NEW.capture_id)
            AND NOT EXISTS (SELECT 1 FROM captures c WHERE c.sha256 = _unread.sha256 AND c.url = _unread.url
                AND NOT EXISTS (SELECT 1 FROM _page_captures p WHERE p.capture_id = c.id)); END;
    CREATE TRIGGER _read AFTER INSERT ON _extractions
        BEGIN DELETE FROM _unread WHERE sha256 = NEW.sha256 AND url = NEW.url; END;
    CREATE TRIGGER _forgotten AFTER DELETE ON _extractions
        BEGIN INSERT OR IGNORE INTO _unread VALUES (OLD.sha256, OLD.url); END;
    CREATE INDEX _extractions_version ON _extractions(parser_version);
    CREATE INDEX _extractions_stale ON _extractions(sha256, url) WHERE stale;
    CREATE INDEX _extractions_portal ON _extractions(portal_id, organ_id);
    CREATE INDEX findings_severity ON findings(severity);
    CREATE INDEX refusals_url ON refusals(url);
    CREATE INDEX _sightings_missing ON _sightings(url) WHERE missing_since IS NOT NULL;
    CREATE INDEX _sightings_url ON _sightings(url);
    CREATE INDEX _origins_landing ON _origins(landing_url) WHERE landing_url IS NOT NULL;
    CREATE TABLE _uncovered (organ_id TEXT PRIMARY KEY) WITHOUT ROWID;
    DELETE FROM _checked WHERE key = 'coverage';
    CREATE INDEX organs_division ON organs(division_code);
    CREATE TABLE _unsettled (organ_id TEXT NOT NULL, division_code TEXT, portal_id TEXT);
    CREATE TRIGGER _organ_came AFTER INSERT ON organs
        BEGIN INSERT INTO _unsettled VALUES (NEW.id, NEW.division_code, NEW.portal_id); END;
    CREATE TRIGGER _organ_went AFTER DELETE ON organs
        BEGIN INSERT INTO _unsettled VALUES (OLD.id, OLD.division_code, OLD.portal_id); END;
    CREATE TRIGGER _organ_altered AFTER UPDATE ON organs WHEN (OLD.name, OLD.division_code, OLD.portal_id)
        IS NOT (NEW.name, NEW.division_code, NEW.portal_id)
        BEGIN INSERT INTO _unsettled VALUES (OLD.id, OLD.division_code, OLD.portal_id);
            INSERT INTO _unsettled VALUES (NEW.id, NEW.division_code, NEW.portal_id); END;
    CREATE TRIGGER _report_came AFTER INSERT ON reports
        BEGIN INSERT INTO _unsettled SELECT id, division_code, portal_id FROM organs WHERE id = NEW.organ_id; END;
    CREATE TRIGGER _report_went AFTER DELETE ON reports
        BEGIN INSERT INTO _unsettled SELECT id, division_code, portal_id FROM organs WHERE id = OLD.organ_id; END;
    CREATE TRIGGER _report_moved AFTER UPDATE OF url ON reports WHEN OLD.url IS NOT NEW.url
        BEGIN INSERT INTO _unsettled SELECT id, division_code, portal_id FROM organs WHERE id = NEW.organ_id; END;
    """)
