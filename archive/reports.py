"""From what was read in each document to the public tables.

What was read in each document is kept; a report's public rows are a function of all its
documents and their captures, and can be built again at any time with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import checks
from archive import full_text, rows, successions
from archive.derived import Derived, derive
from archive.errors import DamagedArchiveError
from archive.organs import Organ, Portal, Portals
from archive.packing import pack, unpack
from archive.schema import APPLICANT_COLUMNS, OUTCOME_COLUMNS
from archive.search import segment
from archive.series import Extraction, Series, Sighting, arrange
from archive.store import Archive
from checks.documents_disagree import compare
from parsers.extract import Refusal
from parsers.report import Finding, Report

FINDING_COLUMNS = (
    "id", "report_id", "rule", "severity", "cause", "message", "cells", "expected", "actual", "evidence",
    "other_report_id", "other_cells",
)  # fmt: skip
ARCHIVE_RULES = ", ".join(f"'{rule.code}'" for rule in checks.RULES.values() if rule.scope == "archive")
"""The rules that the checks across reports decide, quoted for SQL."""

# Reports that need not be restored from what is kept, with what follows from them, by SHA-256 and URL.
_Reports = Mapping[tuple[str, str], tuple[Report, Derived]]
# A section's row that the search index is to forget (True) or to learn, with its text.
_IndexChange = tuple[int, bool, str]
_CHILDREN = {
    "disclosures": ("report_id", "item", "measure", "value", "unit", "printed"),
    "requests": ("report_id", "item", *APPLICANT_COLUMNS),
    "reviews": ("report_id", "proceeding", *OUTCOME_COLUMNS),
    "indicators": ("report_id", "position", "label", "unit", "value"),
    "evidence": ("report_id", "cell_count", "cells"),
    "findings": FINDING_COLUMNS,
    "versions": (
        "report_id", "document_sha256", "content_sha256", "first_captured_at", "last_captured_at",
        "is_current",
    ),
    "changes": ("report_id", "field", "old", "new", "detected_at"),
}  # fmt: skip
_REPORT = (
    "id", "organ_id", "year", "edition", "disclosures_edition", "requests_edition", "scope", "title", "url",
    "published_on", "status", "document_sha256", "content_sha256", "captured_at", "parser_version",
)  # fmt: skip
_ORGAN = ("id", "name", "division_code", "province", "city", "county", "level", "kind", "portal_id")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What reading one document at one URL gave; ``packed`` and ``derived`` as its worker made them."""

    sha256: str
    url: str
    result: Report | Refusal
    parser_version: str
    packed: bytes | None = None
    derived: Derived | None = None


def store_extraction(
    archive: Archive,
    sha256: str,
    url: str,
    outcome: Report | Refusal,
    parser_version: str,
    run_id: str | None = None,
) -> str | None:
    """Store what reading a document gave and rebuild the reports concerned; return the report's id.

    What an earlier reading gave is replaced. Returns None for a refusal.
    """
    return store_extractions(archive, [Extracted(sha256, url, outcome, parser_version)], run_id)[0]


def store_extractions(archive: Archive, extracted: Sequence[Extracted], run_id: str | None = None) -> list[str | None]:
    """Store many at once, in one transaction; return the report id (or None) of each."""
    portals = Portals(archive)
    with archive.db.atomic():
        touched: set[str] = set()
        report_ids = [_store(archive, portals, item, run_id, touched) for item in extracted]
        reports = {
            (item.sha256, item.url): (item.result, item.derived or derive(item.result))
            for item in extracted
            if isinstance(item.result, Report)
        }
        _rebuild_many(archive, portals, sorted(touched), reports)
    return report_ids


def rebuild_within(archive: Archive, portals: Portals, report_id: str) -> None:
    """Build the public rows of one report again within the caller's transaction."""
    _rebuild_many(archive, portals, [report_id])


def index_sections(archive: Archive) -> None:
    """Build the search index anew from the sections."""
    with archive.db.atomic():
        archive.db.conn.execute("INSERT INTO sections_fts (sections_fts) VALUES ('delete-all')")
        full_text.write_at_once(archive.db.conn, "sections_fts")
        index_sections_into(archive, "sections_fts")
        full_text.write_little_by_little(archive.db.conn, "sections_fts")


def index_sections_into(archive: Archive, index: str) -> None:
    """Add every section to the full-text table ``index``."""
    batch_size = 500
    rows = archive.db.conn.execute("SELECT id, text FROM sections ORDER BY id")
    while batch := rows.fetchmany(batch_size):
        archive.db.conn.executemany(
            f"INSERT INTO {index} (rowid, text) VALUES (?, ?)", [(row_id, segment(text)) for row_id, text in batch]
        )


def rebuild_outdated(archive: Archive) -> int:
    """Rebuild the reports that have new captures of known documents; return how many.

    Brings what follows from several organs up to date too, so every extraction ends with it.
    """
    return _rebuild_listed(archive, "SELECT report_id FROM _outdated_reports")


def rebuild_reports(archive: Archive, report_ids: Iterable[str]) -> None:
    """Build these reports again, in one transaction; those that have no document left are removed."""
    portals = Portals(archive)
    with archive.db.atomic():
        _rebuild_many(archive, portals, report_ids)


def rebuild_all(archive: Archive, progress: Callable[[str], None] | None = None) -> int:
    """Rebuild every report, running all checks again; return how many."""
    listing = "SELECT report_id FROM _extractions WHERE report_id IS NOT NULL UNION SELECT id FROM reports"
    return _rebuild_listed(archive, listing, progress)


def _rebuild_listed(archive: Archive, listing: str, progress: Callable[[str], None] | None = None) -> int:
    batch_size = 50
    report_ids = sorted(row[0] for row in archive.db.conn.execute(listing))
    portals = Portals(archive)
    for start in range(0, len(report_ids), batch_size):
        with archive.db.atomic():
            _rebuild_many(archive, portals, report_ids[start : start + batch_size])
        if progress:
            for report_id in report_ids[start : start + batch_size]:
                progress(report_id)
    successions.rebuild(archive)
    return len(report_ids)


def _store(archive: Archive, portals: Portals, item: Extracted, run_id: str | None, touched: set[str]) -> str | None:
    execute = archive.db.conn.execute
    key = (item.sha256, item.url)
    before = execute("SELECT report_id FROM _extractions WHERE sha256 = ? AND url = ?", key).fetchone()
    if before and before[0]:
        touched.add(before[0])
    organ_id = organ_name = portal_id = report_id = blob = content_sha256 = status = figures = None
    if isinstance(item.result, Report):
        portal = portals.get(_portal_of_captures(archive, item.url)) or portals.of_url(item.url)
        organ, _owner_id = _organ_of(portals, item.result, item.url, portal)
        organ_id, organ_name = organ.id, organ.name
        portal_id = portal.id if portal else None
        report_id = f"{organ_id}-{item.result.year}"
        blob = item.packed or pack(item.result)
        content_sha256 = item.derived.content_sha256 if item.derived else item.result.content_sha256()
        status, figures = item.result.status, item.result.figure_count
        touched.add(report_id)
        execute("DELETE FROM refusals WHERE sha256 = ? AND url = ?", key)
    else:
        execute(
            "INSERT INTO refusals (sha256, url, reason, detail) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (sha256, url) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
            (*key, item.result.reason, item.result.detail),
        )
        archive.keep_latest_refusal(item.url, item.result.reason)
    execute(
        "INSERT OR REPLACE INTO _extractions (sha256, url, parser_version, run_id, organ_id, portal_id, "
        "report_id, report, organ_name, content_sha256, status, figures) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(*key, item.parser_version, run_id, organ_id, portal_id, report_id, blob, organ_name),
            *(content_sha256, status, figures),
        ),
    )
    return report_id


def _portal_of_captures(archive: Archive, url: str) -> str | None:
    row = archive.db.conn.execute("SELECT min(portal_id) FROM captures WHERE url = ?", (url,)).fetchone()
    return row[0] if row else None


def _rebuild_many(
    archive: Archive, portals: Portals, report_ids: Iterable[str], reports: _Reports = MappingProxyType({})
) -> None:
    changes: list[_IndexChange] = []
    for report_id in report_ids:
        _rebuild(archive, portals, report_id, reports, changes)
    _write_index(archive, changes)


def _rebuild(archive: Archive, portals: Portals, report_id: str, reports: _Reports, index: list[_IndexChange]) -> None:
    execute = archive.db.conn.execute
    execute("DELETE FROM _outdated_reports WHERE report_id = ?", (report_id,))
    execute("INSERT INTO _unchecked VALUES (?, 1) ON CONFLICT DO UPDATE SET stage = 1", (report_id,))
    sightings = _sightings(archive, report_id, reports)
    if not sightings:
        _remove(archive, report_id, index)
        return
    series = arrange(sightings)
    document = series.current.document
    report = document.restore()
    organ_id = report_id.rpartition("-")[0]
    landing = _landing_page(archive, series.url)
    _write_organ(archive, portals, organ_id, report, document.url)
    _upsert(
        archive,
        "reports",
        _REPORT,
        (
            report_id,
            organ_id,
            report.year,
            report.edition,
            report.disclosures_edition,
            report.requests_edition,
            report.scope,
            report.title,
            landing or _public_url(series.url),
            report.published_on,
            report.status,
            document.sha256,
            document.content_sha256,
            series.current.first_captured_at,
            document.parser_version,
        ),
    )
    _write_sections(archive, report_id, rows.sections(report_id, report), index)
    derived = document.derived or derive(report)
    found = _findings(report, derived, series)
    _know_rules(archive, found)
    written = {
        "disclosures": rows.disclosures(report_id, report),
        "requests": rows.requests(report_id, report),
        "reviews": rows.reviews(report_id, report),
        "indicators": rows.indicators(report_id, report),
        "evidence": [(report_id, *derived.evidence)],
        "findings": rows.findings(report_id, found),
        "versions": [
            (
                report_id,
                version.document.sha256,
                version.document.content_sha256,
                version.first_captured_at,
                version.last_captured_at,
                int(version.is_current),
            )
            for version in series.versions
        ],
        "changes": [(report_id, change.field, change.old, change.new, change.detected_at) for change in series.changes],
    }
    for table, columns in _CHILDREN.items():
        execute(f"DELETE FROM {table} WHERE report_id = ?{_kept(table)}", (report_id,))
        archive.db.conn.executemany(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            written[table],
        )


def _kept(table: str) -> str:
    # What other reports bear on is written, and removed, by the checks across reports.
    return f" AND rule NOT IN ({ARCHIVE_RULES})" if table == "findings" else ""


def _sightings(archive: Archive, report_id: str, reports: _Reports) -> list[Sighting]:
    extractions: dict[tuple[str, str], Extraction] = {}
    for sha256, url, media_type, version, digest, status, figures in archive.db.conn.execute(
        "SELECT e.sha256, e.url, d.media_type, e.parser_version, e.content_sha256, e.status, e.figures "
        "FROM _extractions e JOIN documents d ON d.sha256 = e.sha256 WHERE e.report_id = ?",
        (report_id,),
    ):
        report, derived = reports.get((sha256, url), (None, None))
        restore = partial(_restored, archive, sha256, url) if report is None else partial(_same, report)
        if digest is None:
            before = restore()
            digest, status, figures = before.content_sha256(), before.status, before.figure_count
        extractions[sha256, url] = Extraction(
            sha256, url, media_type, version, digest, status, figures, restore, derived
        )
    return [
        Sighting(fetched_at, extractions[sha256, url])
        for sha256, url, fetched_at in archive.db.conn.execute(
            "SELECT c.sha256, c.url, c.fetched_at FROM captures c "
            "JOIN _extractions e ON e.sha256 = c.sha256 AND e.url = c.url "
            "WHERE e.report_id = ? AND NOT EXISTS (SELECT 1 FROM _page_captures WHERE capture_id = c.id) "
            "ORDER BY c.url, c.fetched_at, c.id",
            (report_id,),
        )
    ]


def _restored(archive: Archive, sha256: str, url: str) -> Report:
    (blob,) = archive.db.conn.execute(
        "SELECT report FROM _extractions WHERE sha256 = ? AND url = ?", (sha256, url)
    ).fetchone()
    try:
        return unpack(blob)
    except DamagedArchiveError as error:
        where = f"{archive.path}, _extractions, {sha256} at {url}"
        raise DamagedArchiveError(f"{where}: {error}; run 'nianbao verify --repair' to read it again") from error


def _same(report: Report) -> Report:
    return report


def _findings(report: Report, derived: Derived, series: Series) -> list[Finding]:
    found = list(derived.findings)
    for other in series.others:
        if other.content_sha256 != series.current.document.content_sha256:
            disagreement = compare(report, series.url, other.restore(), other.url)
            if disagreement:
                found.append(disagreement)
    return found


def _know_rules(archive: Archive, found: Iterable[Finding]) -> None:
    # A code that no rule describes must not keep the report out of the archive.
    unknown = {finding.rule for finding in found} - checks.RULES.keys()
    archive.db.conn.executemany(
        "INSERT OR IGNORE INTO rules (code, label, label_en) VALUES (?, ?, ?)",
        [(code, code, code) for code in sorted(unknown)],
    )


def _write_organ(archive: Archive, portals: Portals, organ_id: str, report: Report, url: str) -> None:
    (portal_id,) = archive.db.conn.execute(
        "SELECT min(portal_id) FROM _extractions WHERE organ_id = ?", (organ_id,)
    ).fetchone()
    organ, owner_id = _organ_of(portals, report, url, portals.get(portal_id))
    # Of the names that its documents give it, the fullest.
    fullest = archive.db.conn.execute(
        "SELECT organ_name FROM _extractions WHERE organ_id = ? AND organ_name IS NOT NULL "
        "ORDER BY length(organ_name) DESC, organ_name LIMIT 1",
        (organ_id,),
    ).fetchone()
    values = organ.row() | {"id": organ_id, "portal_id": owner_id, "name": fullest[0] if fullest else organ.name}
    _upsert(archive, "organs", _ORGAN, tuple(values[column] for column in _ORGAN))


def _organ_of(portals: Portals, report: Report, url: str, portal: Portal | None) -> tuple[Organ, str | None]:
    return portals.organ(report.organ, url, portal, report.named, report.year)


def _write_sections(archive: Archive, report_id: str, new: Sequence[rows.Row], index: list[_IndexChange]) -> None:
    execute = archive.db.conn.execute
    old = {
        row[0]: tuple(row)
        for row in execute(
            "SELECT id, report_id, number, heading, text FROM sections WHERE report_id = ?", (report_id,)
        )
    }
    wanted = {row[0]: row for row in new}
    for row_id, row in old.items():
        if wanted.get(row_id) != row:
            index.append((row_id, True, row[-1]))
            execute("DELETE FROM sections WHERE id = ?", (row_id,))
    for row_id, row in wanted.items():
        if old.get(row_id) != row:
            execute("INSERT INTO sections (id, report_id, number, heading, text) VALUES (?, ?, ?, ?, ?)", row)
            index.append((row_id, False, row[-1]))


def _write_index(archive: Archive, changes: list[_IndexChange]) -> None:
    """Bring the search index up to the sections, in order of rows: it writes what it holds out at each step back."""
    for row_id, forgotten, text in sorted(changes, key=lambda change: (change[0], not change[1])):
        if forgotten:
            # The index keeps no text; to forget a row it must be told what it had indexed.
            statement = "INSERT INTO sections_fts (sections_fts, rowid, text) VALUES ('delete', ?, ?)"
        else:
            statement = "INSERT INTO sections_fts (rowid, text) VALUES (?, ?)"
        archive.db.conn.execute(statement, (row_id, segment(text)))


def _remove(archive: Archive, report_id: str, index: list[_IndexChange]) -> None:
    execute = archive.db.conn.execute
    _write_sections(archive, report_id, [], index)
    for table in _CHILDREN:
        execute(f"DELETE FROM {table} WHERE report_id = ?", (report_id,))
    execute("DELETE FROM reports WHERE id = ?", (report_id,))
    organ_id = report_id.rpartition("-")[0]
    execute(
        "DELETE FROM organs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM reports WHERE organ_id = organs.id)",
        (organ_id,),
    )


def _landing_page(archive: Archive, url: str) -> str | None:
    """Page that carries the file at ``url``; a list that links straight to the file is none."""
    landing = archive.origin(url).landing_url
    is_list = archive.db.conn.execute(
        "SELECT 1 FROM captures JOIN _page_captures ON capture_id = captures.id WHERE url = ? LIMIT 1", (landing,)
    ).fetchone()
    return None if is_list else landing


def _public_url(url: str) -> str | None:
    return url if url.startswith(("http://", "https://")) else None


def _upsert(archive: Archive, table: str, columns: Sequence[str], values: Sequence[object]) -> None:
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    archive.db.conn.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "
        f"ON CONFLICT (id) DO UPDATE SET {updates}",
        values,
    )
