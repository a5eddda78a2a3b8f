"""The public content of an archive, to tell whether two archives say the same."""

from __future__ import annotations

from archive.store import Archive

# What depends on when and how often was crawled stays out of the comparison.
_COLUMNS = {
    "organs": "*",
    "reports": "id, organ_id, year, edition, disclosures_edition, requests_edition, scope, title, url, published_on,"
    " status, document_sha256, content_sha256, parser_version",
    "sections": "*",
    "disclosures": "*",
    "requests": "*",
    "reviews": "*",
    "indicators": "*",
    "evidence": "*",
    "findings": "*",
    "versions": "report_id, document_sha256, content_sha256, is_current",
    "changes": "report_id, field, old, new",
    "refusals": "*",
    "documents": "sha256, media_type, bytes",
}


def public_rows(archive: Archive, *, leave_out: frozenset[str] = frozenset()) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the public tables, sorted, without times of capture and places in WARC files."""
    return {
        table: sorted((tuple(row) for row in archive.db.conn.execute(f"SELECT {columns} FROM {table}")), key=repr)
        for table, columns in _COLUMNS.items()
        if table not in leave_out
    }
