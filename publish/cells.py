"""How table cells are shown: links, words for codes, marked search hits."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable
from typing import Any

from datasette.app import Datasette
from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from archive.packing import evidence_json
from publish import layout
from publish.dictionary import dictionary
from publish.language import either, in_chinese, is_english
from publish.memory import remembered
from publish.metadata import DATABASE
from publish.snippets import START, marked

_URL_COLUMNS = frozenset({"url", "start_url", "landing_url"})
_HASH_COLUMNS = frozenset({"sha256", "document_sha256"})
_ROW_COLUMNS = {"report_id": "reports", "finding_id": "findings", "organ_id": "organs"}
_NAMED = frozenset({"reports", "organs", "portals"})
"""Tables whose rows have pages of their own, to which their names lead."""
_FIELDS = {
    ("findings", "cells"): "report_id",
    ("findings", "other_cells"): "other_report_id",
    ("changes", "field"): "report_id",
}
"""Columns that hold fields, and those that hold the report they are of."""
_UTC = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00)")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_WEB = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_LONGEST_LINK = 70
_HAN = re.compile(r"[\u3400-\u9fff]")
_LONGEST_EVIDENCE = 2_000


def external_link(url: object) -> Markup:
    """Return a link to ``url`` if it is http(s), else the bare text; escaped either way."""
    text = str(url or "").strip()
    shown = text if len(text) <= _LONGEST_LINK else text[: _LONGEST_LINK - 1] + "…"
    if not _WEB.fullmatch(text):
        return Markup("{}").format(shown)
    return Markup('<a href="{}" rel="noopener noreferrer nofollow">{}</a>').format(text, shown)


def document_links(datasette: Datasette, sha256: str) -> Markup:
    """Return links to a document's row and to its original bytes."""
    return Markup('<a href="{}" title="{}"><code>{}…</code></a> <a href="{}">{}</a>').format(
        datasette.urls.row(DATABASE, "documents", sha256),
        sha256,
        sha256[:12],
        datasette.urls.path(f"/-/original/{sha256}"),
        either("原件", "original"),
    )


async def _named_link(datasette: Datasette, table: str, key: str) -> Markup | None:
    """Link to a row by its name: pages of single rows get the bare key from Datasette."""
    db = datasette.get_database(DATABASE)
    known = dictionary().tables[table]
    name = "label_en" if is_english() and "label_en" in known.columns else known.name_column
    [key_column] = await db.primary_keys(table)
    found = await db.execute(f"select {name or key_column} from {table} where {key_column} = ?", (key,))
    return _row_link(datasette, table, key, found.rows[0][0]) if found.rows else None


def _row_link(datasette: Datasette, table: str, key: object, name: object) -> Markup:
    href = datasette.urls.row(DATABASE, table, tilde_encode(str(key)))
    lang = in_chinese() if _HAN.search(str(name)) else ""
    return Markup('<a href="{}" title="{}"{}>{}</a>').format(href, key, lang, name or "—")


def render(
    datasette: Datasette, row: Any, value: Any, column: str, table: str | None, database: str
) -> Markup | Awaitable[Markup | None] | None:
    """Return the HTML of a cell that wants more than Datasette's own rendering, else None."""
    if database != DATABASE or value is None or value == "":
        return None
    if isinstance(value, dict):
        if column in _HASH_COLUMNS:
            return document_links(datasette, str(value["value"]))
        target = _foreign_table(table, column)
        if target and is_english() and "label_en" in dictionary().tables[target].columns:
            return _named_link(datasette, target, str(value["value"]))
        return _row_link(datasette, target, value["value"], value["label"]) if target else None
    if (table, column) == ("evidence", "cells") and isinstance(value, bytes):
        return _unpacked(value)
    if not isinstance(value, str):
        return None
    if START in value:
        return marked(value)
    if column in _URL_COLUMNS:
        return external_link(value)
    if column in _HASH_COLUMNS and _SHA256.fullmatch(value) and table != "refusals":
        return document_links(datasette, value)
    if table in _NAMED and column == dictionary().tables[table].name_column:
        href = datasette.urls.row(DATABASE, table, tilde_encode(str(row["id"])))
        return Markup('<a href="{}"{}>{}</a>').format(href, in_chinese(), value)
    if holder := _FIELDS.get((table or "", column)):
        # A reader may have left out the column.
        return _fields(datasette, row[holder] if holder in row.keys() else None, value)  # noqa: SIM118
    if column.endswith("_at") and (shown := timestamp(value)) != value:
        return Markup('<time datetime="{}">{}</time>').format(value, shown)
    if table is None and column in _ROW_COLUMNS:
        href = datasette.urls.row(DATABASE, _ROW_COLUMNS[column], tilde_encode(value))
        return Markup('<a href="{}">{}</a>').format(href, value)
    if (table, column) == ("findings", "severity"):
        return _noted(datasette, value, str(row["id"]))
    target = _foreign_table(table, column) if table else None
    if target and table != target:
        return _named_link(datasette, target, value)
    word = dictionary().word("state" if column == "noted" else column, value)
    if word != value:
        return Markup('<span title="{}">{}</span>').format(value, word)
    return None


def _fields(datasette: Datasette, report: object, value: str) -> Markup:
    """Words for one field, or for a list of them as JSON, each a link to its place on the page of ``report``."""
    try:
        names = json.loads(value) if value.startswith("[") else [value]
    except ValueError:
        names = [value]
    key = report["value"] if isinstance(report, dict) else report
    if key is None:
        return Markup(either("、", "; ")).join(layout.field_label(str(name)) for name in names)
    # Of some findings there are sixty in each row of a page.
    page = escape(str(datasette.urls.row(DATABASE, "reports", tilde_encode(str(key)))))
    links = (f'<a href="{page}#{escape(name)}">{escape(layout.field_label(str(name)))}</a>' for name in names)
    return Markup(either("、", "; ").join(links))


def timestamp(moment: str | None) -> str:
    """Show an ISO 8601 time in UTC to the minute; anything else as it is."""
    match = _UTC.fullmatch(moment or "")
    return f"{match[1]} {match[2]} UTC" if match else moment or ""


def _unpacked(packed: bytes) -> Markup | None:
    try:
        text = evidence_json(packed) or ""
    except ValueError:
        return None
    return Markup("{}").format(text if len(text) <= _LONGEST_EVIDENCE else text[: _LONGEST_EVIDENCE - 1] + "…")


async def _with_notes(datasette: Datasette) -> frozenset[str]:
    found = await datasette.execute(DATABASE, "select finding_id from finding_notes", truncate=False)
    return frozenset(row["finding_id"] for row in found.rows)


async def _noted(datasette: Datasette, severity: str, finding_id: str) -> Markup:
    """A finding's severity with what editors made of it."""
    shown = Markup('<span title="{}">{}</span>').format(severity, dictionary().word("severity", severity))
    database = datasette.get_database(DATABASE)
    # A page has fifty findings, of which hardly any has a note.
    if not database.is_mutable and finding_id not in await remembered(
        datasette, "findings with notes", lambda: _with_notes(datasette)
    ):
        return shown
    found = await database.execute("select state, note from finding_notes where finding_id = ?", (finding_id,))
    for state, note in found.rows:
        word = dictionary().word("state", state)
        shown += Markup(' <span class="badge" title="{}">{}</span>').format(note or "", word)
    return shown


_FOREIGN = {
    "organ_id": "organs",
    "report_id": "reports",
    "other_report_id": "reports",
    "finding_id": "findings",
    "portal_id": "portals",
    "run_id": "runs",
    "rule": "rules",
    "measure": "measures",
    "proceeding": "proceedings",
}


def _foreign_table(table: str | None, column: str) -> str | None:
    if column == "item":
        return "request_items" if table == "requests" else "items"
    return _FOREIGN.get(column)
