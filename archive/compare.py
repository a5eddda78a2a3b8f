"""The archive's public content as plain rows, to compare two archives."""

from __future__ import annotations

from typing import Any

from archive.store import Archive

_COLUMNS = {
    "organs": "*",
    "reports": "id, organ_id, year, edition, disclosures_edition, requests_edition, scope, title, url, "
    "published_on, status, document_sha256, content_sha256, parser_version",
    "sections": "*",
    "disclosures": "*",
    "requests": "*",
    "reviews": "*",
    "indicators": "*",
    "evidence": "report_id, cell_count, evidence_json(cells)",
    "findings": "*",
    "versions": "report_id, document_sha256, content_sha256, is_current",
    "changes": "report_id, field, old, new",
    "refusals": "*",
}


def public_dump(archive: Archive) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each public table of content, sorted; moments of capture are left out."""
    return {
        table: sorted(archive.db.conn.execute(f"SELECT {columns} FROM {table}").fetchall(), key=repr)
        for table, columns in _COLUMNS.items()
    }
