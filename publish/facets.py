"""Facets that a page can afford: what a publication counts is counted once, and counting has an end.

Datasette counts each facet of a table anew for every reader, and gives each the same time. Here a publication
carries the counts of its tables, of everything and by year and province (:func:`count_facets`). What else a
publication counts is remembered, and the facets of one page share their time; where that does not suffice,
the next reader's page goes on with what is left.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.facets import ArrayFacet, ColumnFacet, DateFacet, Facet
from datasette.utils.asgi import Request

from publish.completeness import cut_short
from publish.dictionary import dictionary
from publish.findings_page import Chosen
from publish.memory import remembered
from publish.metadata import DATABASE

PAGE_MS = 400
"""For how long the facets of one page are counted."""
COUNTS = "_facet_counts"
_NARROWED = {"reports": ("",), "findings": ("", Chosen().listed({}))}
"""Tables that are counted by year and province as well, and under which arguments, with them and without."""

_counted: WeakKeyDictionary[Request, float] = WeakKeyDictionary()
_gathering: WeakKeyDictionary[Datasette, dict[str, str]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows with ``value`` and ``count``, as Datasette's facets take them."""

    rows: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.rows)


class _Counting:
    """The site as a facet sees it: what is known is not asked for, and queries end when the page's time is over."""

    def __init__(self, datasette: Datasette, request: Request) -> None:
        self._datasette = datasette
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._datasette, name)

    async def execute(self, database: str, sql: str, params: Any = None, **options: Any) -> Any:
        if "custom_time_limit" not in options:
            return await self._datasette.execute(database, sql, params, **options)
        gathered = _gathering.get(self._datasette)
        if gathered is not None:
            counts = await self._count(database, sql, params, None)
            gathered[_key(sql, params)] = json.dumps(counts.rows, ensure_ascii=False)
            return counts
        if self._datasette.get_database(database).is_mutable:
            return await self._limited(database, sql, params, options)
        key = _key(sql, params)
        return await remembered(
            self._datasette, ("facet", key), lambda: self._known(key, database, sql, params, options)
        )

    async def _known(self, key: str, database: str, sql: str, params: Any, options: dict[str, Any]) -> Counts:
        if await self._datasette.get_database(database).table_exists(COUNTS):
            found = await self._datasette.execute(database, f"select counts from {COUNTS} where query = ?", (key,))
            if found.rows:
                return Counts(json.loads(found.rows[0]["counts"]))
        return await self._limited(database, sql, params, options)

    async def _limited(self, database: str, sql: str, params: Any, options: dict[str, Any]) -> Counts:
        left = PAGE_MS - _counted.get(self._request, 0.0)
        if left < 1:
            cut_short()
            raise QueryInterrupted(TimeoutError("the facets of this page took too long"), sql, params)
        begun = time.perf_counter()
        try:
            return await self._count(database, sql, params, max(1, round(min(options["custom_time_limit"], left))))
        finally:
            _counted[self._request] = _counted.get(self._request, 0.0) + (time.perf_counter() - begun) * 1000

    async def _count(self, database: str, sql: str, params: Any, limit_ms: int | None) -> Counts:
        found = await self._datasette.execute(
            database, sql, params, truncate=False, custom_time_limit=limit_ms, log_sql_errors=False
        )
        return Counts([{"value": row["value"], "count": row["count"]} for row in found.rows])


def _key(sql: str, params: Any) -> str:
    given = [[name, str(value)] for name, value in params.items()] if isinstance(params, dict) else list(params or ())
    return hashlib.sha256(json.dumps([" ".join(sql.split()), given], ensure_ascii=False).encode()).hexdigest()


async def count_facets(datasette: Datasette) -> dict[str, str]:
    """Return what the tables' pages count, of everything and by year and province: rows as JSON by query.

    Each query takes as long as the site's time limit for queries lets it.
    Raises QueryInterrupted where that does not suffice.
    """
    gathered = _gathering[datasette] = {}
    try:
        years = await datasette.execute(DATABASE, "select distinct year from reports order by 1", truncate=False)
        provinces = await datasette.execute(
            DATABASE, "select distinct province from organs where province <> '' order by 1", truncate=False
        )
        narrowed = [{"_year": row["year"]} for row in years] + [{"_province": row["province"]} for row in provinces]
        for path in _paths(narrowed):
            (await datasette.client.get(path)).raise_for_status()
    finally:
        del _gathering[datasette]
    return gathered


def _paths(narrowed: Iterable[dict[str, Any]]) -> Iterator[str]:
    narrowed = list(narrowed)
    for name, table in dictionary().tables.items():
        if table.facets:
            for given in _NARROWED.get(name, ("",)):
                for chosen in ({}, *(narrowed if name in _NARROWED else ())):
                    arguments = [given, urlencode(chosen), "_size=0&_nocount=1"]
                    yield f"/{DATABASE}/{name}.json?{'&'.join(filter(None, arguments))}"


def write_counts(db: sqlite3.Connection, counts: dict[str, str]) -> None:
    """Keep what :func:`count_facets` gave in a publication."""
    db.execute(f"create table {COUNTS} (query text primary key, counts text not null) without rowid")
    db.executemany(f"insert into {COUNTS} values (?, ?)", sorted(counts.items()))


class Affordable(Facet):
    """Makes a facet count within the page's time; stands before Datasette's own class of facet."""

    def __init__(self, ds: Datasette, request: Request, *arguments: Any, **options: Any) -> None:
        super().__init__(_Counting(ds, request), request, *arguments, **options)


class AffordableColumnFacet(Affordable, ColumnFacet):
    """Counts rows by a column."""


class AffordableDateFacet(Affordable, DateFacet):
    """Counts rows by the day of a column."""


class AffordableArrayFacet(Affordable, ArrayFacet):
    """Counts rows by what a column lists."""


CLASSES: list[type[Facet]] = [AffordableColumnFacet, AffordableDateFacet, AffordableArrayFacet]
"""What stands in the place of Datasette's own classes."""
