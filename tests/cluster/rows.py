"""All that an archive holds, as rows that do not depend on moments, runs or files."""

from __future__ import annotations

from pathlib import Path

from tests.crawler.portals.kills import content
from tests.e2e import program
from tests.e2e.program import Dump

_STATE = {
    "_frontier": "portal_id, url, key, host, kind, depth, score, context, state, reason, outcome",
    "_sightings": "portal_id, key, url, listed, missing_since IS NULL, reason",
    "_columns": "portal_id, key, url, host, kind, depth, score, context, family, reports, newest_year, start",
    "_crawls": "portal_id, finished_at IS NULL, requests",
    "_extractions": "sha256, url, parser_version, organ_id, portal_id, report_id, report, stale, organ_name",
    "_origins": "*",
    "captures": "portal_id, url, http_status, sha256, etag, last_modified",
    "documents": "sha256, media_type, bytes",
    "portal_runs": "portal_id, status, reason, listed, found, new, changed, vanished, failed, requests",
}


def rows(folder: Path) -> Dump:
    """The rows of the archive in ``folder``, the archive's own bookkeeping included."""
    found = content(folder)
    for table, columns in _STATE.items():
        found[table] = sorted(program.query(folder, f"SELECT {columns} FROM {table}"), key=repr)
    return found
