"""Counts that a publication carries: of the rows of its tables, of everything and as pages narrow them, and what the
pages of rules show.

They are gathered when it is made, by asking the site for those pages, and stand in :data:`TABLE` by a digest of
the query: what asks otherwise counts as ever.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import tilde_encode

from publish.dictionary import dictionary
from publish.findings_page import Chosen
from publish.metadata import DATABASE

TABLE = "_counts"
_NARROWED = {"reports": ("",), "findings": ("", Chosen().listed({}))}
"""Tables that are counted by year and province as well, and under which arguments, with them and without."""

Counted = list[dict[str, Any]]
"""Rows with a ``count``, and with the ``value`` that has it where there are several; of a rule what its page shows."""


def key(sql: str, params: Any) -> str:
    """What a query stands under, with its parameters (by name, or in order)."""
    given = [[name, str(value)] for name, value in params.items()] if isinstance(params, dict) else list(params or ())
    return hashlib.sha256(json.dumps([" ".join(sql.split()), given], ensure_ascii=False).encode()).hexdigest()


async def gather(datasette: Datasette) -> dict[str, Counted]:
    """Return what the pages of tables and rules count, by :func:`key`.

    Each query takes as long as the site's time limit for queries lets it. Raises QueryInterrupted where that does
    not suffice.
    """
    database = datasette.get_database(DATABASE)
    years = await database.execute("select distinct year from reports order by 1")
    provinces = await database.execute("select distinct province from organs where province <> '' order by 1")
    narrowed = [{"_year": row["year"]} for row in years] + [{"_province": row["province"]} for row in provinces]
    rules = await database.execute("select code from rules order by 1")
    gathered: dict[str, Counted] = {}
    database.gathered = gathered
    try:
        for path in (*_paths(narrowed), *(f"/{DATABASE}/rules/{tilde_encode(row['code'])}" for row in rules)):
            (await datasette.client.get(path)).raise_for_status()
    finally:
        database.gathered = None
    return gathered


def _paths(narrowed: Iterable[dict[str, Any]]) -> Iterator[str]:
    narrowed = list(narrowed)
    for name, table in dictionary().tables.items():
        if table.facets:
            for given in _NARROWED.get(name, ("",)):
                for chosen in ({}, *(narrowed if name in _NARROWED else ())):
                    arguments = [given, urlencode(chosen), "_size=0"]
                    yield f"/{DATABASE}/{name}.json?{'&'.join(filter(None, arguments))}"


def write(db: sqlite3.Connection, counts: dict[str, Counted]) -> None:
    """Keep what :func:`gather` gave in a publication."""
    db.execute(f"create table {TABLE} (query text primary key, counts text not null) without rowid")
    rows = ((digest, json.dumps(counted, ensure_ascii=False)) for digest, counted in sorted(counts.items()))
    db.executemany(f"insert into {TABLE} values (?, ?)", rows)
