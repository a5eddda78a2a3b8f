"""From what was read of each document to the public rows of an organ's report of a year.

The rows are a function of all extractions and captures of that organ and year, so neither
the order in which documents arrive nor how often anything is run again makes a difference.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise

import checks
from archive.organs import Organ, Places
from archive.search import segment
from archive.store import Archive, is_local
from parsers import forms
from parsers.extract import PARSER_VERSION, Refusal
from parsers.report import Finding, Reading, Report

_STATUS_RANK = {"complete": 2, "partial": 1, "text_only": 0}


@dataclass(frozen=True, slots=True)
class _Sighting:
    """One capture of one document of the report."""

    url: str
    sha256: str
    fetched_at: str
    portal_id: str | None
    media_type: str


@dataclass(slots=True)
class _Content:
    """What one document says."""

    report: Report
    sha256: str
    content_sha256: str


def store_outcome(archive: Archive, places: Places, sha256: str, url: str, outcome: Report | Refusal) -> set[str]:
    """Keep what was read of a document at an address; return the reports to build again.

    Replaces whatever was kept before. Call within a transaction.
    """
    connection = archive.db.conn
    key = (sha256, url)
    affected = {
        row[0]
        for row in connection.execute("SELECT report_id FROM _extractions WHERE sha256 = ? AND url = ?", key)
        if row[0]
    }
    connection.execute("DELETE FROM refusals WHERE sha256 = ? AND url = ?", key)
    report_id, blob = None, None
    if isinstance(outcome, Refusal):
        connection.execute(
            "INSERT INTO refusals (sha256, url, reason, detail) VALUES (?, ?, ?, ?)",
            (*key, outcome.reason, outcome.detail),
        )
    else:
        organ = places.organ(outcome.organ, url, _portal_of(archive, sha256, url))
        _upsert_organ(archive, organ)
        report_id = f"{organ.id}-{outcome.year}"
        blob = zlib.compress(outcome.to_json().encode())
        affected.add(report_id)
    connection.execute(
        "INSERT INTO _extractions (sha256, url, parser_version, report_id, report) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (sha256, url) DO UPDATE SET parser_version = excluded.parser_version,"
        " report_id = excluded.report_id, report = excluded.report",
        (*key, PARSER_VERSION, report_id, blob),
    )
    return affected


def rebuild_report(archive: Archive, report_id: str) -> None:
    """Build all public rows of a report anew. Call within a transaction."""
    contents, sightings = _load(archive, report_id)
    if not sightings:
        _remove(archive, report_id)
        archive.db.conn.execute("DELETE FROM reports WHERE id = ?", (report_id,))
        return
    current = {url: seen[-1] for url, seen in _by_url(sightings).items()}
    primary_url = min(current, key=lambda url: _preference(contents[current[url].sha256, url], sightings, url))
    primary = contents[current[primary_url].sha256, primary_url]
    versions = _versions(contents, sightings)
    primary_key = (primary.content_sha256, current[primary_url].media_type)
    document = versions[primary_key][0]
    disagreements = _disagreements(primary, primary_url, contents, current)
    _remove(archive, report_id)
    _write_report(archive, report_id, primary, primary_url, document, versions[primary_key][1])
    _write_cells(archive, report_id, primary.report)
    _write_sections(archive, report_id, primary.report)
    write_findings(archive, report_id, [*checks.run(primary.report), *disagreements])
    archive.db.conn.executemany(
        "INSERT INTO versions (report_id, document_sha256, content_sha256, first_captured_at, last_captured_at,"
        " is_current) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        [
            (report_id, sha256, key[0], first, last, int(key == primary_key))
            for key, (sha256, first, last) in sorted(versions.items())
        ],
    )
    archive.db.conn.executemany(
        "INSERT INTO changes (report_id, field, old, new, detected_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        sorted(
            (report_id, field, old, new, detected_at) for field, old, new, detected_at in _changes(contents, sightings)
        ),
    )


def write_findings(archive: Archive, report_id: str, findings: Iterable[Finding]) -> None:
    """Replace the findings of a report."""
    archive.db.conn.execute("DELETE FROM findings WHERE report_id = ?", (report_id,))
    rows = {finding.fingerprint(report_id): finding for finding in findings}
    archive.db.conn.executemany(
        "INSERT INTO findings (id, report_id, rule, severity, cause, message, cells, expected, actual, evidence)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                fingerprint,
                report_id,
                finding.rule,
                finding.severity,
                finding.cause,
                finding.message,
                json.dumps(finding.cells, ensure_ascii=False),
                finding.expected,
                finding.actual,
                finding.evidence,
            )
            for fingerprint, finding in sorted(rows.items())
        ],
    )


def check_again(archive: Archive, report_id: str) -> int:
    """Run the checks of one report again; return the number of its findings."""
    rebuild_report(archive, report_id)
    return int(archive.db.conn.execute("SELECT count(*) FROM findings WHERE report_id = ?", (report_id,)).fetchone()[0])


def drop_idle_organs(archive: Archive) -> None:
    """Remove organs that no report names any more."""
    archive.db.conn.execute("DELETE FROM organs WHERE id NOT IN (SELECT organ_id FROM reports)")


# Reading back ---------------------------------------------------------------------------


def _load(archive: Archive, report_id: str) -> tuple[dict[tuple[str, str], _Content], list[_Sighting]]:
    contents = {}
    sightings: list[_Sighting] = []
    rows = archive.db.conn.execute(
        "SELECT sha256, url, report FROM _extractions WHERE report_id = ? ORDER BY sha256, url", (report_id,)
    ).fetchall()
    for sha256, url, blob in rows:
        report = Report.from_json(zlib.decompress(blob).decode())
        contents[sha256, url] = _Content(report, sha256, report.content_sha256())
        sightings += [
            _Sighting(url, sha256, fetched_at, portal_id, media_type)
            for fetched_at, portal_id, media_type in archive.db.conn.execute(
                "SELECT c.fetched_at, c.portal_id, d.media_type FROM captures c JOIN documents d ON d.sha256 = c.sha256"
                " WHERE c.url = ? AND c.sha256 = ? ORDER BY c.id",
                (url, sha256),
            )
        ]
    # Captures of one second keep the order in which they were taken (sorting is stable).
    return contents, sorted(sightings, key=lambda sighting: sighting.fetched_at)


def _by_url(sightings: Sequence[_Sighting]) -> dict[str, list[_Sighting]]:
    series: dict[str, list[_Sighting]] = {}
    for sighting in sightings:
        series.setdefault(sighting.url, []).append(sighting)
    return series


def _preference(content: _Content, sightings: Sequence[_Sighting], url: str) -> tuple[int, int, str, str]:
    """Sort key: the fullest document first, then the one captured first."""
    numbers = sum(reading.kind == "number" for _field, reading in content.report.readings())
    first = min(sighting.fetched_at for sighting in sightings if sighting.url == url)
    return -_STATUS_RANK[content.report.status], -numbers, first, url


def _versions(
    contents: dict[tuple[str, str], _Content], sightings: Sequence[_Sighting]
) -> dict[tuple[str, str], tuple[str, str, str]]:
    """(content hash, media type) → (first document, first and last time it was captured)."""
    versions: dict[tuple[str, str], tuple[str, str, str]] = {}
    for sighting in sorted(sightings, key=lambda item: (item.fetched_at, item.sha256)):
        key = (contents[sighting.sha256, sighting.url].content_sha256, sighting.media_type)
        sha256, first, _last = versions.get(key, (sighting.sha256, sighting.fetched_at, ""))
        versions[key] = (sha256, first, sighting.fetched_at)
    return versions


def _changes(
    contents: dict[tuple[str, str], _Content], sightings: Sequence[_Sighting]
) -> Iterable[tuple[str, str | None, str | None, str]]:
    """(field, old, new, detected at) wherever an address began to say something else."""
    for url, series in _by_url(sightings).items():
        for before, after in pairwise(series):
            old, new = contents[before.sha256, url], contents[after.sha256, url]
            if old.content_sha256 == new.content_sha256:
                continue
            old_fields, new_fields = old.report.fields(), new.report.fields()
            for field in old_fields.keys() | new_fields.keys():
                was, now = old_fields.get(field), new_fields.get(field)
                if was != now:
                    yield field, _text(was), _text(now), after.fetched_at


def _disagreements(
    primary: _Content, primary_url: str, contents: dict[tuple[str, str], _Content], current: dict[str, _Sighting]
) -> list[Finding]:
    """Cells in which another current document of the same organ and year prints another number."""
    own = {field: reading.number for field, reading in primary.report.readings() if reading.kind == "number"}
    findings = []
    for url in sorted(current):
        other = contents[current[url].sha256, url].report
        different = {
            field: reading.number
            for field, reading in other.readings()
            if reading.kind == "number" and field in own and own[field] != reading.number
        }
        if url == primary_url or not different:
            continue
        figures = "；".join(f"{field}：{own[field]} ≠ {number}" for field, number in list(different.items())[:10])
        findings.append(
            Finding(
                "documents.disagree",
                "warning",
                "unknown",
                f"同一机关同一年度的两份文件有{len(different)}个数字不一致：{figures}",
                tuple(different),
                expected=", ".join(str(own[field]) for field in different),
                actual=", ".join(str(number) for number in different.values()),
                evidence=f"{primary_url} | {url}",
            )
        )
    return findings


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _portal_of(archive: Archive, sha256: str, url: str) -> str | None:
    row = archive.db.conn.execute(
        "SELECT portal_id FROM captures WHERE url = ? AND sha256 = ? AND portal_id IS NOT NULL ORDER BY id LIMIT 1",
        (url, sha256),
    ).fetchone()
    return row[0] if row else None


# Writing --------------------------------------------------------------------------------


def _upsert_organ(archive: Archive, organ: Organ) -> None:
    row = asdict(organ)
    columns = list(row)
    archive.db.conn.execute(
        f"INSERT INTO organs ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in columns[1:])}",
        tuple(row.values()),
    )


def _remove(archive: Archive, report_id: str) -> None:
    """Take out everything that hangs on a report, its search entries included."""
    connection = archive.db.conn
    old = connection.execute("SELECT id, text FROM sections WHERE report_id = ?", (report_id,)).fetchall()
    connection.executemany(
        "INSERT INTO sections_fts (sections_fts, rowid, text) VALUES ('delete', ?, ?)",
        [(section_id, segment(text)) for section_id, text in old],
    )
    for table in (
        "sections",
        "disclosures",
        "requests",
        "reviews",
        "indicators",
        "evidence",
        "findings",
        "versions",
        "changes",
    ):
        connection.execute(f"DELETE FROM {table} WHERE report_id = ?", (report_id,))


def _write_report(
    archive: Archive, report_id: str, content: _Content, url: str, document_sha256: str, captured_at: str
) -> None:
    report = content.report
    landing = archive.db.conn.execute("SELECT landing_url FROM _origins WHERE url = ?", (url,)).fetchone()
    shown = (landing[0] if landing and landing[0] else None) or (None if is_local(url) else url)
    row = {
        "id": report_id,
        "organ_id": report_id.rsplit("-", 1)[0],
        "year": report.year,
        "edition": report.edition,
        "disclosures_edition": report.disclosures_edition,
        "requests_edition": report.requests_edition,
        "scope": report.scope,
        "title": report.title,
        "url": shown,
        "published_on": report.published_on,
        "status": report.status,
        "document_sha256": document_sha256,
        "content_sha256": content.content_sha256,
        "captured_at": captured_at,
        "parser_version": PARSER_VERSION,
    }
    columns = list(row)
    archive.db.conn.execute(
        f"INSERT INTO reports ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{column} = excluded.{column}' for column in columns[1:])}",
        tuple(row.values()),
    )


def _write_cells(archive: Archive, report_id: str, report: Report) -> None:
    connection = archive.db.conn
    connection.executemany(
        "INSERT INTO disclosures (report_id, item, measure, value, unit, printed) VALUES (?, ?, ?, ?, ?, ?)",
        [
            (report_id, item, measure, _number(reading), reading.unit, reading.printed)
            for item, readings in report.disclosures.items()
            for measure, reading in readings.items()
        ],
    )
    for table, key, columns, rows in (
        ("requests", "item", list(forms.APPLICANTS), report.requests),
        ("reviews", "proceeding", list(forms.OUTCOMES), report.reviews),
    ):
        connection.executemany(
            f"INSERT INTO {table} (report_id, {key}, {', '.join(columns)})"
            f" VALUES (?, ?, {', '.join('?' * len(columns))})",
            [
                (report_id, row, *(_number(readings.get(column)) for column in columns))
                for row, readings in rows.items()
            ],
        )
    connection.executemany(
        "INSERT INTO indicators (report_id, position, label, unit, value) VALUES (?, ?, ?, ?, ?)",
        [(report_id, position, *indicator) for position, indicator in enumerate(report.indicators, start=1)],
    )
    cells = {field: _evidence(reading) for field, reading in report.readings()}
    connection.execute(
        "INSERT INTO evidence (report_id, cells) VALUES (?, ?)",
        (report_id, json.dumps(cells, ensure_ascii=False, separators=(",", ":"))),
    )


def _number(reading: Reading | None) -> int | float | None:
    return reading.number if reading and reading.kind == "number" else None


def _evidence(reading: Reading) -> dict[str, object]:
    """Printed text, class and place of a cell; only what is set."""
    place = {key: value for key, value in asdict(reading.place).items() if value is not None}
    return {
        "printed": reading.printed,
        "kind": reading.kind,
        "unit": reading.unit,
        "sure": reading.sure,
        "place": place,
    }


def _write_sections(archive: Archive, report_id: str, report: Report) -> None:
    rows = [
        (section_id(report_id, section.number), report_id, section.number, section.heading, section.text)
        for section in report.sections
    ]
    archive.db.conn.executemany(
        "INSERT INTO sections (id, report_id, number, heading, text) VALUES (?, ?, ?, ?, ?)", rows
    )
    archive.db.conn.executemany(
        "INSERT INTO sections_fts (rowid, text) VALUES (?, ?)", [(row[0], segment(row[4])) for row in rows]
    )


def section_id(report_id: str, number: int) -> int:
    """Id of a section that survives rebuilds: 52 bits, exact in JSON readers."""
    return int(hashlib.sha256(f"{report_id}/{number}".encode()).hexdigest()[:13], 16)
