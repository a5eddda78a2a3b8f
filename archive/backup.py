"""Copies of the database, taken whole while others may be using it."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from archive.errors import ArchiveError

_PAGES_AT_A_TIME = 4096
_BESIDE = ("", "-wal", "-shm", ".lock")


def copy(source: sqlite3.Connection, target: Path) -> None:
    """Copy the database of ``source`` to the file ``target``, which appears only once it is whole.

    Raises ArchiveError for want of space or rights.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        with closing(sqlite3.connect(unfinished)) as copied:
            source.backup(copied, pages=_PAGES_AT_A_TIME)
            copied.execute("PRAGMA journal_mode=DELETE")
        unfinished.replace(target)
    except (sqlite3.OperationalError, OSError) as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise ArchiveError(f"cannot write the copy {target}: {error}; free space or check rights") from error


def discard(database: Path) -> None:
    """Remove a database with all that SQLite and our lock put beside it; one that is not there is no error."""
    for suffix in _BESIDE:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
