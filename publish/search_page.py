"""What stands beside and beneath the results of a search: counts to filter by, and the sections that match."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.utils import path_with_replaced_args
from datasette.utils.asgi import Request

from publish.dictionary import dictionary
from publish.metadata import DATABASE

FACETS = ("year", "province", "kind")
MOST_ENTRIES = 40
COUNTING_MS = 500
"""Counts that take longer are left out: the results do not need them."""


@dataclass(frozen=True, slots=True)
class FacetEntry:
    """A value to filter by, how many of the reports found have it, whether it is chosen, and where it leads."""

    value: str
    word: str
    reports: int
    chosen: bool
    href: str


class SearchView:
    """The search that a request asks for."""

    def __init__(self, datasette: Datasette, request: Request) -> None:
        self._datasette = datasette
        self._request = request
        self._query = dictionary().queries["search_counts"]
        self.asked = {name: request.args.get(name) or "" for name in self._query.inputs}

    async def beside(
        self, rows: Iterable[Mapping[str, Any]]
    ) -> tuple[dict[str, list[FacetEntry]], dict[str, list[dict[str, Any]]]]:
        """Return :meth:`facets` and :meth:`sections`, gathered at the same time."""
        return await asyncio.gather(self.facets(), self.sections(rows))

    async def facets(self) -> dict[str, list[FacetEntry]]:
        """Return the values to filter by for each of FACETS; nothing where counting takes too long."""
        found: dict[str, list[FacetEntry]] = defaultdict(list)
        try:
            rows = await self._datasette.execute(
                DATABASE, self._query.sql, self.asked, custom_time_limit=COUNTING_MS, log_sql_errors=False
            )
        except QueryInterrupted:
            return {}
        for name, entry, reports in rows:
            value = str(entry)
            word = dictionary().word(name, value)
            chosen = self.asked[name] == value
            href = path_with_replaced_args(self._request, {name: None if chosen else value})
            found[name].append(FacetEntry(value, word, reports, chosen, self._datasette.urls.path(href)))
        return {name: found[name][:MOST_ENTRIES] for name in FACETS if found[name]}

    async def sections(self, rows: Iterable[Mapping[str, Any]]) -> dict[str, list[dict[str, Any]]]:
        """Return by report the sections that match, in their order, each with a snippet."""
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        reports = json.dumps([row["report_id"] for row in rows if row["sections"]])
        sections = await self._datasette.execute(
            DATABASE,
            "select s.report_id, s.number, s.heading, cjk_snippet(s.text, :q) as snippet from sections as s "
            "where s.report_id in (select value from json_each(:reports)) "
            "and (exists (select 1 from sections_fts where rowid = s.id and sections_fts match cjk_query(:q)) "
            "or exact_pattern(:q) is not null and cjk_holds(s.text, :q)) order by s.report_id, s.number",
            {"q": self.asked["q"], "reports": reports},
        )
        for section in sections:
            found[section["report_id"]].append(dict(section))
        return found
