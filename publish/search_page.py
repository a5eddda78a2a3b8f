"""What stands beside and beneath the results of a search: counts to filter by, and the sections that match."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import path_with_replaced_args
from datasette.utils.asgi import Request

from publish.dictionary import dictionary
from publish.memory import remembered
from publish.metadata import DATABASE
from publish.search_index import SCALE

FACETS = ("year", "province", "kind")
MOST_ENTRIES = 40
PAGE = 50
"""Reports on one page, as the query has it."""
COUNTING_MS = 500
"""Counts that take longer are left out: the results do not need them."""


@dataclass(frozen=True, slots=True)
class FacetEntry:
    """A value to filter by, how many of the reports found have it if they are counted, whether it is chosen, a link."""

    value: str
    word: str
    reports: int | None
    chosen: bool
    href: str


class SearchView:
    """The search that a request asks for.

    A publication is asked by its search index; ``is_cut`` says, once :meth:`prepare` was called, that
    the words stand in more places than were looked at, so that nothing was counted.
    """

    def __init__(self, datasette: Datasette, request: Request) -> None:
        self._datasette = datasette
        self._request = request
        self._query = dictionary().queries["search_counts"]
        self.asked = {name: request.args.get(name) or "" for name in self._query.inputs}
        self.is_cut = False
        self.facets: dict[str, list[FacetEntry]] = {}
        self.places: dict[str, list[dict[str, Any]]] = {}

    @property
    def page(self) -> int:
        """The page asked for, from 1 on."""
        text = self._request.args.get("page") or ""
        return max(int(text), 1) if text.isascii() and text.isdigit() and len(text) < 7 else 1

    def to_page(self, page: int) -> str:
        """The address of another page of the same results."""
        path = path_with_replaced_args(self._request, {"page": str(page) if page > 1 else None, "size": None})
        return str(self._datasette.urls.path(path))

    def download(self) -> str:
        """The arguments that ask for as many of the results as one answer holds, from the first on."""
        asked = {name: value for name, value in self.asked.items() if value}
        if order := self._request.args.get("order"):
            asked["order"] = order
        return urlencode(asked | {"size": "1000"})

    async def prepare(self, context: Mapping[str, Any]) -> None:
        """Gather what stands beside and beneath the ``rows`` of ``context``: :attr:`facets` and :attr:`places`."""
        if self.asked["q"] and not context.get("error"):
            self.facets, self.places = await asyncio.gather(self._facets(), self._sections(context.get("rows") or ()))

    async def _facets(self) -> dict[str, list[FacetEntry]]:
        """Return the values to filter by for each of FACETS; nothing where counting takes too long.

        Where the results are cut, all values are given without numbers.
        """
        if await self._is_indexed():
            indexed = dictionary().indexed_sql
            self.is_cut = bool((await self._ask(indexed["search_is_cut"]))[0][0])
            if self.is_cut:
                return self._entries(await remembered(self._datasette, "search values", self._values))
            return self._entries(await self._ask(indexed["search_counts"]))
        try:
            rows = await self._ask(self._query.sql, custom_time_limit=COUNTING_MS, log_sql_errors=False)
        except QueryInterrupted:
            return {}
        return self._entries(rows)

    async def _values(self) -> list[Any]:
        return await self._ask(dictionary().indexed_sql["search_values"])

    async def _is_indexed(self) -> bool:
        return await self._datasette.get_database(DATABASE).table_exists(SCALE)

    async def _ask(self, sql: str, **limits: Any) -> list[Any]:
        return list((await self._datasette.execute(DATABASE, sql, self.asked, truncate=False, **limits)).rows)

    def _entries(self, rows: Iterable[tuple[str, Any, int | None]]) -> dict[str, list[FacetEntry]]:
        found: dict[str, list[FacetEntry]] = defaultdict(list)
        for name, entry, reports in rows:
            value = str(entry)
            word = dictionary().word(name, value)
            chosen = self.asked[name] == value
            href = path_with_replaced_args(self._request, {name: None if chosen else value, "page": None})
            found[name].append(FacetEntry(value, word, reports, chosen, self._datasette.urls.path(href)))
        return {name: found[name][:MOST_ENTRIES] for name in FACETS if found[name]}

    async def _sections(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        """Return by report the sections that match, in their order, each with a snippet."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        reports = json.dumps([row["report_id"] for row in rows if row["sections"]])
        sections = await self._datasette.execute(
            DATABASE,
            "select s.report_id, s.number, s.heading, cjk_snippet(s.text, :q) as snippet from sections as s "
            "where s.report_id in (select value from json_each(:reports)) and (search_score(s.text, :q) is not null "
            "or exact_pattern(:q) is not null and cjk_holds(s.text, :q)) order by s.report_id, s.number",
            {"q": self.asked["q"], "reports": reports},
        )
        for section in sections:
            found[section["report_id"]].append(dict(section))
        return found
