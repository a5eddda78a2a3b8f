"""Connections to the archive: read-only, limited, and able to search Chinese."""

from __future__ import annotations

import copy
import json
import sqlite3
from collections.abc import Awaitable, Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datasette.database import Database, QueryInterrupted, Results

from archive import packing
from archive.search import rewrite_query
from publish import bounded_functions, counts, ordering
from publish.authorizer import authorize
from publish.completeness import cut_short
from publish.errors import SiteError
from publish.rates import rate_cells, rate_json
from publish.search_index import index_query, index_query_within, is_exact
from publish.search_matches import search_score
from publish.snippets import MAX_QUERY, exact_pattern, holds, part_pattern, snippet

MAX_VALUE_BYTES = 5_000_000
"""Longest string or blob; the time limit cannot interrupt a single huge one being made or looked through."""

MAX_STORED_BYTES = 20_000_000
"""Longest string or blob where readers give conditions but no expressions."""

MAX_PATTERN_BYTES = 500
"""Longest LIKE or GLOB pattern; matching is quadratic within one uninterruptible step."""

MAX_COLUMNS = 64
"""Columns of a result, each of which may be as long as a value."""

MAX_SCHEMA_ANSWERS = 1_000
"""Answers about a publication's tables that are remembered; readers may ask about tables that it lacks."""

MAX_RESULT_BYTES = 50_000_000
"""Text and blobs of one result; a thousand rows of the longest values would be gigabytes."""

HEAP_BYTES = 800_000_000
"""What SQLite may take in this process, its caches included."""


_COUNT = "select count(*) from "


def require_limits() -> None:
    """Raise :class:`SiteError` where Python's SQLite module cannot limit the size of values."""
    if not hasattr(sqlite3.Connection, "setlimit"):
        raise SiteError(
            "this Python's sqlite3 has no setlimit(), so a query could exhaust the memory: "
            "use CPython 3.11 or later with its own sqlite3 module"
        )


def _query(words: object) -> str:
    return rewrite_query("" if words is None else str(words)[:MAX_QUERY])


class _Cursor(sqlite3.Cursor):
    """Gives up a result that grows beyond MAX_RESULT_BYTES."""

    def fetchmany(self, size: int | None = None) -> list[Any]:
        return _bounded(islice(self, self.arraysize if size is None else size))

    def fetchall(self) -> list[Any]:
        return _bounded(self)


def _bounded(rows: Iterable[Any]) -> list[Any]:
    kept: list[Any] = []
    total = 0
    for row in rows:
        total += sum(len(value) for value in row if isinstance(value, str | bytes))
        if total > MAX_RESULT_BYTES:
            raise sqlite3.OperationalError(f"the result is too big: more than {MAX_RESULT_BYTES:,} characters")
        kept.append(row)
    return kept


class _Connection(sqlite3.Connection):
    def cursor(self, factory: Any = _Cursor) -> Any:
        return super().cursor(factory)


def _known(name: str) -> Callable[..., Awaitable[Any]]:
    """The method ``name`` of Datasette's database, which asks a publication only once for the same."""
    method = getattr(Database, name)

    async def asked(self: ArchiveDatabase, *arguments: Any) -> Any:
        if self.is_mutable:
            return await method(self, *arguments)
        key = (name, *arguments)
        if key not in self.schema:
            if len(self.schema) >= MAX_SCHEMA_ANSWERS:
                self.schema.clear()
            self.schema[key] = await method(self, *arguments)
        return copy.copy(self.schema[key])

    asked.__name__, asked.__doc__ = name, method.__doc__
    return asked


class ArchiveDatabase(Database):
    """The archive as Datasette's database; results are bounded, and nothing says where the file lies.

    Datasette asks for the tables, columns and keys anew for each page; those of a publication, which never
    change, are remembered in ``schema``.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.schema: dict[tuple[Any, ...], Any] = {}
        self.gathered: dict[str, counts.Counted] | None = None
        """Where what is counted is written down, while a publication is made."""

    table_exists = _known("table_exists")
    table_names = _known("table_names")
    table_columns = _known("table_columns")
    table_column_details = _known("table_column_details")
    primary_keys = _known("primary_keys")
    fts_table = _known("fts_table")
    label_column_for_table = _known("label_column_for_table")
    foreign_keys_for_table = _known("foreign_keys_for_table")
    hidden_table_names = _known("hidden_table_names")
    view_names = _known("view_names")
    get_table_definition = _known("get_table_definition")
    _all_foreign_keys = _known("get_all_foreign_keys")

    def connect(self, write: bool = False) -> sqlite3.Connection:
        """Open the archive for reading; raises PermissionError for writing."""
        if write:
            raise PermissionError("the site does not write")
        mode = "mode=ro" if self.is_mutable else "immutable=1"
        conn = sqlite3.connect(
            f"file:{quote(str(self.path))}?{mode}", uri=True, check_same_thread=False, factory=_Connection
        )
        self._all_file_connections.append(conn)
        return conn

    async def execute(self, sql: str, params: Any = None, *arguments: Any, **options: Any) -> Any:
        """Answer a query, as Datasette does; what shows an answer that took too long is incomplete.

        Rows that a publication has counted are not counted again.
        """
        is_count = sql.startswith(_COUNT) and not self.is_mutable
        if is_count and self.gathered is None and (known := await self.known_counts(counts.key(sql, params))):
            return Results([(known[0]["count"],)], False, (("count(*)",),))
        if is_count:
            sql = ordering.counted(sql)
        if ordering.is_wanted() and options.get("truncate"):
            sql = await ordering.ordered(self, sql)
        try:
            found = await super().execute(sql, params, *arguments, **options)
        except QueryInterrupted:
            cut_short()
            raise
        if is_count and self.gathered is not None:
            self.gathered[counts.key(sql, params)] = [{"count": found.rows[0][0]}]
        return found

    async def known_counts(self, key: str) -> counts.Counted | None:
        """What the publication has counted under ``key``; None where it has not."""
        if not await self.table_exists(counts.TABLE):
            return None
        found = await super().execute(f"select counts from {counts.TABLE} where query = ?", (key,))
        return json.loads(found.rows[0]["counts"]) if found.rows else None

    async def get_all_foreign_keys(self) -> dict[str, dict[str, list[dict[str, Any]]]]:
        """Return what refers to what, but for bookkeeping, whose rows a page may not count."""
        return {
            table: {way: [key for key in keys if not key["other_table"].startswith("_")] for way, keys in ways.items()}
            for table, ways in (await self._all_foreign_keys()).items()
        }

    async def attached_databases(self) -> list[Any]:
        """No other database is ever attached, and readers' connections may not ask."""
        return []


def prepare(conn: sqlite3.Connection, longest: int = MAX_VALUE_BYTES) -> None:
    """Set the limits and SQL functions of the site on ``conn``, on which nothing but reading is allowed from now on.

    ``escape_fts`` is what Datasette calls for ``?_search=``; overriding it makes its own
    search box find Chinese words of any length. ``cjk_query`` is the same for queries.
    ``cjk_holds`` and ``exact_pattern`` find what stands within longer words or numbers, ``part_pattern`` what
    stands in names; ``rate_json`` computes a rate from a report's cells,
    ``rate_cells`` names those cells. ``index_query``, ``index_query_within`` and
    ``index_is_exact`` ask the search index of a publication, ``search_score`` says of a text whether
    it holds what is asked for. ``evidence_json`` unpacks a report's evidence.
    """
    conn.execute(f"PRAGMA hard_heap_limit={HEAP_BYTES}")
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, longest)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, MAX_PATTERN_BYTES)
    conn.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, MAX_COLUMNS)
    bounded_functions.install(conn, longest)
    conn.create_function("escape_fts", 1, _query, deterministic=True)
    conn.create_function("cjk_query", 1, _query, deterministic=True)
    conn.create_function("cjk_snippet", 2, snippet, deterministic=True)
    conn.create_function("cjk_holds", 2, holds, deterministic=True)
    conn.create_function("exact_pattern", 1, exact_pattern, deterministic=True)
    conn.create_function("part_pattern", 1, part_pattern, deterministic=True)
    conn.create_function("rate_json", 2, rate_json, deterministic=True)
    conn.create_function("rate_cells", 1, rate_cells, deterministic=True)
    conn.create_function("index_query", 4, index_query, deterministic=True)
    conn.create_function("index_query_within", 4, index_query_within, deterministic=True)
    conn.create_function("index_is_exact", 1, is_exact, deterministic=True)
    conn.create_function("search_score", 2, search_score, deterministic=True)
    packing.register(conn, strict=False)
    conn.set_authorizer(authorize)


def open_readonly(path: Path, *, immutable: bool = False) -> sqlite3.Connection:
    """Open ``path`` for reading from any thread; ``immutable`` promises that nobody writes it."""
    mode = "immutable=1" if immutable else "mode=ro"
    conn = sqlite3.connect(f"file:{quote(str(path))}?{mode}", uri=True, check_same_thread=False)
    conn.text_factory = decoded
    return conn


def decoded(raw: bytes) -> str:
    """Return text as read from the database, what is no UTF-8 replaced."""
    return str(raw, "utf-8", "replace")
