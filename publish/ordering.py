"""Rows of a table in one order from the first page to the last.

Datasette orders the first page by the column alone, and later pages by the column and the key. Where rows are alike
in the column, some would then be on no page, and others on two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from datasette.database import Database
from datasette.utils import escape_sqlite

_wanted: ContextVar[dict[str, str] | None] = ContextVar("ordering", default=None)
_counts: ContextVar[dict[str, str] | None] = ContextVar("counting", default=None)
_PAGE = re.compile(
    r"(?P<rows>select .+? from (?P<table>\[[^\]]+\]|\w+) .*?order by (?P<column>\[[^\]]+\]|\w+)(?: desc)?)"
    r"(?P<limit>(?: limit \d+)?)",
    re.DOTALL,
)


@contextmanager
def pages() -> Iterator[None]:
    """Have pages of tables that are asked for meanwhile put in order; :func:`is_wanted` says so."""
    token, counting = _wanted.set({}), _counts.set({})
    try:
        yield
    finally:
        _wanted.reset(token)
        _counts.reset(counting)


def is_wanted() -> bool:
    """Whether pages are to be put in order."""
    return _wanted.get() is not None


def walk(condition: str, of_each_row: str) -> None:
    """Have pages in the order of their key ask ``of_each_row`` where ``condition`` lists all that match."""
    wanted = _wanted.get()
    if wanted is not None:
        wanted[condition] = of_each_row


def count(statement: str, instead: str) -> None:
    """Have rows counted by ``instead``, which gives the same number as ``statement`` sooner."""
    counts = _counts.get()
    if counts is not None:
        counts[" ".join(statement.split())] = instead


def counted(statement: str) -> str:
    """Return the statement that counts what ``statement`` does, as :func:`count` was told."""
    return (_counts.get() or {}).get(" ".join(statement.split()), statement)


async def ordered(database: Database, sql: str) -> str:
    """Return the statement of a table's page with rows that are alike in its column ordered by their key.

    One that is ordered by the key already asks its conditions as :func:`walk` was told. Statements of another kind
    are returned as they are.
    """
    page = _PAGE.fullmatch(sql)
    if page is None:
        return sql
    keys = await database.primary_keys(page["table"].strip("[]")) or ["rowid"]
    if page["column"].strip("[]") in keys:
        for condition, of_each_row in (_wanted.get() or {}).items():
            sql = sql.replace(condition, of_each_row)
        return sql
    return f"{page['rows']}, {', '.join(map(escape_sqlite, keys))}{page['limit']}"
