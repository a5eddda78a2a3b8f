"""What a statement of a reader may do: read public data, and nothing else.

The archive is opened read-only; this refuses what SQLite would still do there, such as telling where the file lies.
"""

from __future__ import annotations

import sqlite3

_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_RECURSIVE})
# What Datasette asks about tables, and the full-text search about the file.
_PRAGMAS = frozenset(
    {"table_info", "table_xinfo", "foreign_key_list", "index_list", "index_info", "index_xinfo", "schema_version",
     "data_version"}
)  # fmt: skip
# Functions whose single call runs or grows without a limit, or that tell of the process's memory.
_FUNCTIONS = frozenset({"printf", "format", "json_patch", "load_extension", "fts3_tokenizer"})
# Statements of other readers, with the values they look for.
_TABLES = frozenset({"sqlite_stmt", "bytecode", "tables_used"})
_OF_PAGES = ("_place_", "_counts", "_search_")
"""How bookkeeping begins that pages are made of. Of other tables whose names begin with ``_`` the rows can be
counted, as Datasette does, and nothing is read."""


def authorize(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """Decide for ``sqlite3.Connection.set_authorizer``; whatever is not known is denied."""
    if action == sqlite3.SQLITE_READ:
        table = first or ""
        private = table.startswith("_") and not table.startswith(_OF_PAGES) and second
        return sqlite3.SQLITE_DENY if private or table.lower() in _TABLES else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_FUNCTION:
        return sqlite3.SQLITE_DENY if (second or "").lower() in _FUNCTIONS else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if (first or "").lower() in _PRAGMAS else sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        # How SQLite declares the columns of a virtual table; a statement that names this table it refuses itself.
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY
