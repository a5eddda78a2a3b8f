"""How full-text tables of SQLite's FTS5 write: all at once, or little by little as reports come."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

_AT_ONCE = {"hashsize": 1 << 26, "automerge": 0, "crisismerge": 1_000}
_LITTLE_BY_LITTLE = {"hashsize": 1 << 20, "automerge": 4}


def write_at_once(conn: sqlite3.Connection, table: str) -> None:
    """Have ``table`` written whole: much is gathered in memory, and what is written is not merged meanwhile.

    That would take the more the larger the archive is.
    """
    _configure(conn, table, _AT_ONCE)


def write_little_by_little(conn: sqlite3.Connection, table: str) -> None:
    """Have ``table`` kept up to date: it merges in proportion to what is written, never all of many pieces at once."""
    _configure(conn, table, _LITTLE_BY_LITTLE)


def _configure(conn: sqlite3.Connection, table: str, settings: Mapping[str, int]) -> None:
    conn.executemany(f"INSERT INTO {table} ({table}, rank) VALUES (?, ?)", settings.items())
