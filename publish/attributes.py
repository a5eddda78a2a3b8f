"""Facets and filters by what a row's report or organ is: province, level, year, text.

Datasette facets on a table's own columns only. A joined view would do, but on a large
archive it pays for a full count on every page; these follow indexed keys instead. On any
table with an ``organ_id`` or ``report_id``:

- ``?_province=``, ``?_city=``, ``?_county=``, ``?_level=``, ``?_kind=`` filter by the organ, ``?_year=`` by
  the reporting year, ``?_text=`` by the text of the report (full-text search);
- on the table of findings ``?_noted=`` by what editors made of them: ``open`` is all but ``dismissed``;
- ``?_facet_attribute=province`` (and so on) counts rows by it.
"""

from __future__ import annotations

import math
from typing import Any

from datasette.app import Datasette
from datasette.database import QueryInterrupted
from datasette.filters import FilterArguments
from datasette.utils import path_with_removed_args, path_with_replaced_args
from datasette.utils.asgi import Request

from publish import noted, ordering
from publish.dictionary import dictionary
from publish.facets import Affordable, leave_uncounted
from publish.language import either
from publish.memory import remembered
from publish.metadata import DATABASE
from publish.search_index import REPORTS_OF_TEXTS, SCALE, TEXTS, is_exact

ORGAN_ATTRIBUTES = ("province", "city", "county", "level", "kind")
ATTRIBUTES = (*ORGAN_ATTRIBUTES, "year")
TEXT = "text"
NOTED = "noted"
"""What editors made of a finding, on the table of findings alone."""

_CONDITIONS = {
    "report": "{condition}",
    "child": "report_id in (select id from reports where {condition})",
}
_OF_EACH_ROW = "exists (select 1 from reports where id = [{table}].report_id and {condition})"
"""The same as 'child', asked of one row after the other in the order of the page."""
_WALKED = 75
"""A page's rows are found sooner one after the other, each asked whether it matches, than by all that match, where
more reports match than the square root of so many times all reports: 51 rows are then soon found."""
MOST_PLACES_OF_FACETS = 5_000
"""Where words stand in more sections, the reports that have them are not counted by facets."""
_WIDE = ("province", "level", "kind", "year")
"""Attributes of which values may be as common as that."""


def _relation(database: str, table: str | None) -> str | None:
    """Return how ``table`` leads to reports: it is them ('report'), has their id ('child'), or not."""
    if database != DATABASE or table not in dictionary().tables:
        return None
    if table == "reports":
        return "report"
    return "child" if "report_id" in dictionary().tables[table].columns else None


def label(attribute: str) -> str:
    """Label of an attribute in the page's language."""
    if attribute == NOTED:
        return either("编辑处理", "Editors' notes")
    table = "reports" if attribute == "year" else "organs"
    return either("全文", "Full text") if attribute == TEXT else dictionary().title(table, attribute)


def text_condition(parameter: str, *, indexed: bool, frequent: bool = False) -> str:
    """SQL condition on reports whose text has the words of ``parameter``, by a publication's index or the archive's.

    Where they are ``frequent``, SQLite is to look at all reports in the order of the page.
    """
    if indexed:
        return f"{'+' * frequent}reports.rowid in ({REPORTS_OF_TEXTS} {_query_of_text(parameter)})"
    return (
        "id in (select report_id from sections where id in "
        f"(select rowid from sections_fts where sections_fts match cjk_query(:{parameter})))"
    )


def count_of_text(parameter: str) -> str:
    """The statement that counts the reports whose text has the words of ``parameter`` by a publication's index."""
    return f"select count(*) from (select distinct * from ({REPORTS_OF_TEXTS} {_query_of_text(parameter)}))"


def _query_of_text(parameter: str) -> str:
    return f"index_query(:{parameter}, 0, '', '')"


def _condition(attribute: str, parameter: str, *, indexed: bool, frequent: bool = False) -> str:
    if attribute == TEXT:
        return text_condition(parameter, indexed=indexed, frequent=frequent)
    if attribute == "year":
        return f"year = cast(:{parameter} as integer)"
    return f"organ_id in (select id from organs where {attribute} = :{parameter})"


async def filters(datasette: Datasette, request: Request, database: str, table: str) -> FilterArguments | None:
    """Return the conditions that the request's attribute arguments stand for, if any."""
    if _relation(database, table) is None:
        return None
    # The publication's index knows no positions, but what holds a word of one or two characters it tells much faster.
    exact = bool(is_exact(request.args.get(f"_{TEXT}") or ""))
    indexed = exact and await datasette.get_database(database).table_exists(SCALE)
    frequent = indexed and await _is_frequent(datasette, request, table)
    if ordering.is_wanted() and _relation(database, table) == "child":
        for attribute in _WIDE:
            if await _is_common(datasette, attribute, request.args.get(f"_{attribute}")):
                condition = _condition(attribute, f"attribute_{attribute}", indexed=False)
                ordering.walk(
                    _CONDITIONS["child"].format(condition=condition),
                    _OF_EACH_ROW.format(table=table, condition=condition),
                )
    return conditions(request, database, table, indexed=indexed, frequent=frequent)


async def _is_frequent(datasette: Datasette, request: Request, table: str) -> bool:
    """Whether so many reports have the words asked for that rows are found sooner by looking at all reports.

    Facets that would go over very many reports are left out, and those that have the words counted by the index.
    """
    [(reports,)] = (await datasette.execute(DATABASE, "select count(*) from reports")).rows
    many = max(reports // 4, MOST_PLACES_OF_FACETS) + 1
    sql = f"select count(*) from (select 1 from {TEXTS} where {TEXTS} match {_query_of_text('words')} limit {many})"
    [(places,)] = (await datasette.execute(DATABASE, sql, {"words": request.args.get(f"_{TEXT}")})).rows
    if places > MOST_PLACES_OF_FACETS and not any(request.args.get(f"_{name}") for name in ATTRIBUTES):
        # With nothing else to narrow them by.
        leave_uncounted(request)
    frequent = bool(places == many)
    if frequent and table == "reports":
        parameter = f"attribute_{TEXT}"
        condition = text_condition(parameter, indexed=True, frequent=True)
        ordering.count(f"select count(*) from reports where {condition}", count_of_text(parameter))
    return frequent


async def _is_common(datasette: Datasette, attribute: str, value: str | None) -> bool:
    """Whether very many reports of a publication have ``value``; of an archive that is written to it is not asked."""
    if not value or datasette.get_database(DATABASE).is_mutable:
        return False

    async def look() -> bool:
        [(reports,)] = (await datasette.execute(DATABASE, "select count(*) from reports")).rows
        many = math.isqrt(_WALKED * reports) + 1
        condition = _condition(attribute, "value", indexed=False)
        sql = f"select count(*) from (select 1 from reports where {condition} limit {many})"
        return bool((await datasette.execute(DATABASE, sql, {"value": value})).rows[0][0] == many)

    return await remembered(datasette, ("common", attribute, value), look)


def conditions(
    request: Request, database: str, table: str, *, indexed: bool, frequent: bool = False
) -> FilterArguments | None:
    """Return the same, where texts are looked up in a publication's index if ``indexed``.

    ``frequent`` as of :func:`text_condition`.
    """
    relation = _relation(database, table)
    if relation is None:
        return None
    clauses: list[str] = []
    params: dict[str, str] = {}
    selected: list[dict[str, str]] = []
    for attribute in (*ATTRIBUTES, TEXT, *([NOTED] if table == "findings" else [])):
        value = request.args.get(f"_{attribute}")
        if not value:
            continue
        parameter = f"attribute_{attribute}"
        if attribute == NOTED:
            clauses.append(noted.condition(parameter))
        else:
            condition = _condition(attribute, parameter, indexed=indexed, frequent=frequent and relation == "report")
            clauses.append(_CONDITIONS[relation].format(condition=condition))
        params[parameter] = value
        selected.append(
            {
                "label": label(attribute),
                "value": dictionary().word(attribute, value),
                "remove": path_with_replaced_args(request, {f"_{attribute}": None, "_next": None}),
            }
        )
    return FilterArguments(
        clauses,
        params,
        [f'{entry["label"]} = "{entry["value"]}"' for entry in selected],
        {
            "attribute_filters": selected,
            "attribute_text": request.args.get("_text") or "",
            "supports_text": True,
        },
    )


class AttributeFacet(Affordable):
    """Counts rows by an attribute of their report or its organ."""

    type = "attribute"

    async def facet_results(self) -> tuple[list[dict[str, Any]], list[str]]:
        """Return the facets asked for, and the names of those that took too long."""
        relation = _relation(self.database, self.table)
        if relation is None:
            return [], []
        results: list[dict[str, Any]] = []
        timed_out: list[str] = []
        for entry in self.get_configs():
            attribute = entry["config"].get("column") or entry["config"]["simple"]
            if attribute not in ATTRIBUTES:
                continue
            try:
                results.append(await self._count(attribute, relation, fixed=entry["source"] == "metadata"))
            except QueryInterrupted:
                timed_out.append(attribute)
        return results, timed_out

    async def _count(self, attribute: str, relation: str, *, fixed: bool) -> dict[str, Any]:
        size = self.get_facet_size()
        reports = "join reports as r on r.id = t.report_id" if relation == "child" else ""
        report = "r" if relation == "child" else "t"
        organs = "" if attribute == "year" else f"join organs as o on o.id = {report}.organ_id"
        value = f"{report}.year" if attribute == "year" else f"o.{attribute}"
        rows = (
            await self.ds.execute(
                self.database,
                f"select {value} as value, count(*) as count from ({self.sql}) as t {reports} {organs} "
                f"where {value} is not null group by 1 order by count desc, value limit {size + 1}",
                self.params,
                truncate=False,
                custom_time_limit=self.ds.setting("facet_time_limit_ms"),
            )
        ).rows
        return {
            "name": label(attribute),
            "type": self.type,
            "hideable": not fixed,
            "toggle_url": self.ds.urls.path(path_with_removed_args(self.request, {"_facet_attribute": attribute})),
            "results": [self._result(attribute, row["value"], row["count"]) for row in rows[:size]],
            "truncated": len(rows) > size,
        }

    def _result(self, attribute: str, value: object, count: int) -> dict[str, Any]:
        name = f"_{attribute}"
        selected = self.request.args.get(name) == str(value)
        path = path_with_replaced_args(self.request, {name: None if selected else str(value), "_next": None})
        return {
            "value": value,
            "label": dictionary().word(attribute, value),
            "count": count,
            "toggle_url": self.ds.absolute_url(self.request, self.ds.urls.path(path)),
            "selected": selected,
        }
