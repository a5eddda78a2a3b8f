"""Facets that a page can afford: what was counted in a publication is remembered, and counting has an end.

Datasette counts each facet of a table anew for every reader, and gives each the same time. Here the facets of
one page share their time. What a publication counts does not change, so it is counted once; where that takes
longer than one page may, the next reader's page goes on with what is left.
"""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

from datasette.app import Datasette
from datasette.database import QueryInterrupted, Results
from datasette.facets import ArrayFacet, ColumnFacet, DateFacet, Facet
from datasette.utils.asgi import Request

from publish.completeness import cut_short
from publish.memory import remembered

PAGE_MS = 400
"""For how long the facets of one page are counted."""

_counted: WeakKeyDictionary[Request, float] = WeakKeyDictionary()


class _Counting:
    """The site as a facet sees it: queries are remembered, and end when the page's time is over."""

    def __init__(self, datasette: Datasette, request: Request) -> None:
        self._datasette = datasette
        self._request = request

    def __getattr__(self, name: str) -> Any:
        return getattr(self._datasette, name)

    async def execute(self, database: str, sql: str, params: Any = None, **options: Any) -> Results:
        if "custom_time_limit" not in options or self._datasette.get_database(database).is_mutable:
            return await self._limited(database, sql, params, options)
        given = tuple(params.items()) if isinstance(params, dict) else tuple(params or ())
        return await remembered(
            self._datasette, ("facet", sql, given), lambda: self._limited(database, sql, params, options)
        )

    async def _limited(self, database: str, sql: str, params: Any, options: dict[str, Any]) -> Results:
        left = PAGE_MS - _counted.get(self._request, 0.0)
        if left < 1:
            cut_short()
            raise QueryInterrupted(TimeoutError("the facets of this page took too long"), sql, params)
        limit = min(options.pop("custom_time_limit", PAGE_MS), left)
        begun = time.perf_counter()
        try:
            return await self._datasette.execute(
                database, sql, params, custom_time_limit=max(1, round(limit)), log_sql_errors=False, **options
            )
        finally:
            _counted[self._request] = _counted.get(self._request, 0.0) + (time.perf_counter() - begun) * 1000


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
