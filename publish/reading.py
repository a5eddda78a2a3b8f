"""What a page asks of the archive, in one visit to a thread of the database, however many queries that takes.

Datasette sends each query to a thread and waits for it, which costs more than most of these queries do.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, Concatenate, ParamSpec, TypeVar

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import sqlite_timelimit

from publish.completeness import cut_short
from publish.metadata import DATABASE

_Asked = ParamSpec("_Asked")
_Made = TypeVar("_Made")


class Reader:
    """Rows of the archive as dictionaries; each query may take ``limit_ms``."""

    def __init__(self, conn: sqlite3.Connection, limit_ms: int) -> None:
        self._conn = conn
        self._limit_ms = limit_ms

    def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        """Return every row. Raises QueryInterrupted where that takes too long."""
        with sqlite_timelimit(self._conn, self._limit_ms):
            try:
                return [dict(row) for row in self._conn.cursor().execute(sql, params).fetchall()]
            except sqlite3.OperationalError as error:
                if error.args == ("interrupted",):
                    cut_short()
                    raise QueryInterrupted(error, sql, params) from error
                raise

    def first(self, sql: str, *params: object) -> dict[str, Any] | None:
        """Return the first row; None where there is none."""
        return next(iter(self.rows(sql, *params)), None)


async def gathered(
    datasette: Datasette,
    gather: Callable[Concatenate[Reader, _Asked], _Made],
    *arguments: _Asked.args,
    **named: _Asked.kwargs,
) -> _Made:
    """Return what ``gather`` makes of the archive's rows, in the language of the page.

    Raises QueryInterrupted as :meth:`Reader.rows` does.
    """
    limit_ms = datasette.sql_time_limit_ms
    context = copy_context()

    def in_thread(conn: sqlite3.Connection) -> _Made:
        return context.run(gather, Reader(conn, limit_ms), *arguments, **named)

    made: _Made = await datasette.get_database(DATABASE).execute_fn(in_thread)
    return made
