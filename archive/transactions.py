"""Transactions that join one already begun."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from sqlite_utils import Database


def transaction(db: Database) -> AbstractContextManager[object]:
    """A transaction, or the one that is open: all of that stands or falls together anyway.

    Saves the savepoints of ``Database.atomic``, of which a crawl would need several for every page.
    """
    return nullcontext() if db.conn.in_transaction else db.atomic()
