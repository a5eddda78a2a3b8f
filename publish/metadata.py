"""Datasette's metadata and settings, made from the data dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from publish.dictionary import Table, dictionary
from publish.search_index import is_indexed

DATABASE = "archive"
"""Name of the database on the site, whatever the file is called: URLs are cited."""

SETTINGS: dict[str, int | bool] = {
    "default_page_size": 50,
    "max_returned_rows": 1000,
    "sql_time_limit_ms": 3000,
    "facet_time_limit_ms": 1000,
    "default_facet_size": 40,
    # Suggesting facets scans every column of every table page.
    "suggest_facets": False,
    "allow_download": False,
    "cache_size_kb": 65536,
    # A limit would end the file with a notice in place of data.
    "max_csv_mb": 0,
    "truncate_cells_html": 300,
    "default_cache_ttl": 5,
}


class _Fixed(dict[str, Any]):
    """What nobody alters: Datasette copies all metadata, deeply, for each table that a page asks leave to show."""

    def __deepcopy__(self, memo: dict[int, Any]) -> _Fixed:
        return self


def _facet(facet: str | dict[str, str]) -> str | dict[str, str]:
    return facet if isinstance(facet, str) else {"attribute": facet["through"]}


def _table(table: Table) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "title": f"{table.label} {table.label_en}",
        "description": f"{table.zh} {table.en}",
        "columns": _Fixed({name: column.description for name, column in table.columns.items()}),
        "facets": [_facet(facet) for facet in table.facets],
        # The dictionary for programs, in its parts.
        "plugins": _Fixed(nianbao={"columns": {name: asdict(column) for name, column in table.columns.items()}}),
    }
    if table.name_column:
        entry["label_column"] = table.name_column
    if table.sort:
        entry["sort"] = table.sort
    if table.sort_desc:
        entry["sort_desc"] = table.sort_desc
    return entry


def build_metadata(private_tables: Iterable[str] = ()) -> dict[str, Any]:
    """Return Datasette's metadata; ``private_tables`` are hidden and their pages closed.

    A publication, whose private tables are a search index, is searched by that.
    """
    words = dictionary()
    site = words.site
    private_tables = list(private_tables)
    indexed = words.indexed_sql if is_indexed(private_tables) else {}
    tables = {name: _table(table) for name, table in words.tables.items()}
    # The index is contentless, so Datasette cannot find it by itself.
    tables["sections"] |= {"fts_table": "sections_fts", "fts_pk": "id"}
    tables |= {name: {"hidden": True, "allow": False} for name in private_tables}
    queries = {
        name: _Fixed(
            {
                "sql": indexed.get(name, query.sql).strip(),
                "title": f"{query.title} {query.title_en}",
                "description": f"{query.zh} {query.en}",
                "params": list(query.inputs),
                "hide_sql": True,
            }
        )
        for name, query in words.queries.items()
    }
    return {
        "title": site["title"],
        "description": f"{site['zh']} {site['en']}",
        "license": site["license"],
        "license_url": site["license_url"],
        "source": site["source"],
        "about": site["about"],
        "databases": {
            DATABASE: {
                "title": f"{site['label']} Archive",
                "description": f"{site['zh']} {site['en']}",
                "tables": tables,
                "queries": queries,
            }
        },
    }
