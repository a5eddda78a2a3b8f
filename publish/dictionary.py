"""The data dictionary: what every public table and column is called and means."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A column: short labels for headings, descriptions, and the unit of its numbers."""

    label: str
    label_en: str
    zh: str
    en: str
    unit: str | None = None

    @property
    def heading(self) -> str:
        """Chinese heading with the unit, such as ``总计（件）``."""
        return f"{self.label}（{self.unit}）" if self.unit else self.label

    @property
    def description(self) -> str:
        """Both languages and the unit on one line, as Datasette shows it."""
        unit = f" 单位 unit：{self.unit}" if self.unit else ""
        return f"{self.label}：{self.zh}。 {self.label_en}: {self.en}.{unit}"


@dataclass(frozen=True, slots=True)
class Table:
    """A public table with its columns and the defaults of its page.

    ``listed`` are the columns of its page in their order; all of them where it is empty.
    """

    label: str
    label_en: str
    zh: str
    en: str
    columns: dict[str, Column]
    name_column: str | None = None
    facets: tuple[str | dict[str, str], ...] = ()
    sort: str | None = None
    sort_desc: str | None = None
    listed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A canned query; ``inputs`` maps each parameter to its Chinese label."""

    title: str
    title_en: str
    zh: str
    en: str
    sql: str
    inputs: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The whole dictionary, as read from ``dictionary.toml`` and ``queries.toml``.

    ``indexed_sql`` is that of queries over a publication with its search index, by name.
    """

    site: dict[str, str]
    tables: dict[str, Table]
    values: dict[str, dict[str, str]]
    lookups: dict[str, str]
    query_columns: dict[str, Column]
    queries: dict[str, Query]
    indexed_sql: dict[str, str]

    def column(self, table: str | None, name: str) -> Column | None:
        """Return the column of ``table``, or of any query's result where ``table`` is no table of ours."""
        if table in self.tables:
            return self.tables[table].columns.get(name)
        if name in self.query_columns:
            return self.query_columns[name]
        return next((entry.columns[name] for entry in self.tables.values() if name in entry.columns), None)

    def heading(self, table: str | None, name: str) -> str:
        """Chinese heading of a column; the bare name where the dictionary has none."""
        column = self.column(table, name)
        return column.heading if column else name

    def value(self, column: str, code: object) -> str:
        """Chinese word for a coded value such as status 'partial'; the value itself where it is no code."""
        return self.values.get(column, {}).get(str(code), str(code))

    def place_name(self, name: str) -> str:
        """Chinese name of a table, canned query or the database, for navigation."""
        if name in self.tables:
            return self.tables[name].label
        if name in self.queries:
            return self.queries[name].title
        return name


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__ or "publish").joinpath(name).read_text("utf-8"))


def _table(entry: dict[str, Any]) -> Table:
    columns = {name: Column(**column) for name, column in entry["columns"].items()}
    lists = {name: tuple(entry.get(name, ())) for name in ("facets", "listed")}
    return Table(**{**entry, **lists, "columns": columns})


@cache
def dictionary() -> Dictionary:
    """Return the dictionary; read once."""
    data = _read("dictionary.toml")
    return Dictionary(
        site=data["site"],
        tables={name: _table(entry) for name, entry in data["tables"].items()},
        values=data["values"],
        lookups=data["lookups"],
        query_columns={name: Column(**column) for name, column in data["query_columns"].items()},
        queries={name: Query(**entry) for name, entry in _read("queries.toml").items()},
        indexed_sql={name: entry["sql"] for name, entry in _read("indexed_queries.toml").items()},
    )
