"""Facets that a page can afford: what a publication counts is counted once, and counting has an end.

Datasette counts each facet of a table anew for every reader, and gives each the same time. Here what a publication
carries (:mod:`publish.counts`) is not counted again, what else it counts is remembered, and the facets of one page
share their time; where that does not suffice, the next reader's page goes on with what is left.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.facets import ArrayFacet, ColumnFacet, DateFacet, Facet
from datasette.utils.asgi import Request

from publish import counts
from publish.completeness import cut_short
from publish.memory import remembered

PAGE_MS = 400
"""For how long the facets of one page are counted."""

_counted: WeakKeyDictionary[Request, float] = WeakKeyDictionary()
_uncounted: WeakSet[Request] = WeakSet()


def leave_uncounted(request: Request) -> None:
    """Do not begin to count the facets of a page of which it is known that they take too long."""
    _uncounted.add(request)


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows with ``value`` and ``count``, as Datasette's facets take them."""

    rows: counts.Counted

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
        if self._request in _uncounted:
            raise QueryInterrupted(TimeoutError("the facets of this page would take too long"), sql, params)
        archive = self._datasette.get_database(database)
        if archive.is_mutable:
            return await self._limited(database, sql, params, options)
        key = counts.key(sql, params)
        if archive.gathered is not None:
            counted = await self._count(database, sql, params, None)
            archive.gathered[key] = counted.rows
            return counted
        return await remembered(
            self._datasette, ("facet", key), lambda: self._known(key, database, sql, params, options)
        )

    async def _known(self, key: str, database: str, sql: str, params: Any, options: dict[str, Any]) -> Counts:
        known = await self._datasette.get_database(database).known_counts(key)
        return Counts(known) if known is not None else await self._limited(database, sql, params, options)

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
