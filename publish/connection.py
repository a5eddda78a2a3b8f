"""Connections to the archive: read-only, limited, and able to search Chinese."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from archive import packing
from archive.search import rewrite_query
from publish.errors import SiteError
from publish.rates import rate_json
from publish.snippets import exact_pattern, holds, snippet

MAX_VALUE_BYTES = 20_000_000
"""Longest string or blob; the time limit cannot interrupt a single huge one being made."""

MAX_PATTERN_BYTES = 1_000
"""Longest LIKE or GLOB pattern; matching is quadratic within one uninterruptible step."""


def require_limits() -> None:
    """Raise :class:`SiteError` where Python's SQLite module cannot limit the size of values."""
    if not hasattr(sqlite3.Connection, "setlimit"):
        raise SiteError(
            "this Python's sqlite3 has no setlimit(), so a query could exhaust the memory: "
            "use CPython 3.11 or later with its own sqlite3 module"
        )


def _query(words: object) -> str:
    return rewrite_query("" if words is None else str(words))


def prepare(conn: sqlite3.Connection) -> None:
    """Set the limits and SQL functions of the site on ``conn``.

    ``escape_fts`` is what Datasette calls for ``?_search=``; overriding it makes its own
    search box find Chinese words of any length. ``cjk_query`` is the same for queries.
    ``cjk_holds`` and ``exact_pattern`` find what stands within longer words or numbers;
    ``rate_json`` computes a rate from a report's cells. ``evidence_json`` unpacks a report's evidence.
    """
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES)
    conn.create_function("escape_fts", 1, _query, deterministic=True)
    conn.create_function("cjk_query", 1, _query, deterministic=True)
    conn.create_function("cjk_snippet", 2, snippet, deterministic=True)
    conn.create_function("cjk_holds", 2, holds, deterministic=True)
    conn.create_function("exact_pattern", 1, exact_pattern, deterministic=True)
    conn.create_function("rate_json", 2, rate_json, deterministic=True)
    packing.register(conn, strict=False)


def open_readonly(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    """Open ``path`` for reading from any thread; ``immutable`` promises that nobody writes it."""
    mode = "immutable=1" if immutable else "mode=ro"
    conn = sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, check_same_thread=False)
    conn.text_factory = lambda raw: str(raw, "utf-8", "replace")
    return conn
