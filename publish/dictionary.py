"""The data dictionary: what every public table and column is called and means."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from typing import Any

from publish.language import either, gettext, is_english


def unit_word(unit: str | None) -> str:
    """Return the word for a unit in the page's language; empty where there is none."""
    return either(unit, unit_en(unit)) if unit else ""


def unit_en(unit: str) -> str:
    """Return the English for a unit; the unit itself where there is none."""
    return _units().get(unit, unit)


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
    def heading_en(self) -> str:
        """English heading with the unit, such as ``Total (items)``."""
        return f"{self.label_en} ({unit_en(self.unit)})" if self.unit else self.label_en

    @property
    def title(self) -> str:
        """Heading in the page's language."""
        return either(self.heading, self.heading_en)

    @property
    def about(self) -> str:
        """Description in the page's language, as a sentence."""
        return either(f"{self.zh}。", f"{self.en}.")

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

    @property
    def name(self) -> str:
        """Label in the page's language."""
        return either(self.label, self.label_en)

    @property
    def about(self) -> str:
        """Description in the page's language."""
        return either(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Query:
    """A canned query; ``inputs`` maps each parameter to its Chinese label."""

    title: str
    title_en: str
    zh: str
    en: str
    sql: str
    inputs: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Title in the page's language."""
        return either(self.title, self.title_en)

    @property
    def about(self) -> str:
        """Description in the page's language."""
        return either(self.zh, self.en)

    def input(self, parameter: str) -> str:
        """Label of a parameter in the page's language; the bare name where it has none."""
        return gettext(self.inputs.get(parameter, parameter))


@dataclass(frozen=True, slots=True)
class Dictionary:
    """The whole dictionary, as read from ``dictionary.toml`` and ``queries.toml``.

    ``indexed_sql`` is that of queries over a publication with its search index, by name.
    """

    site: dict[str, str]
    tables: dict[str, Table]
    values: dict[str, dict[str, str]]
    values_en: dict[str, dict[str, str]]
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

    def title(self, table: str | None, name: str) -> str:
        """Heading of a column in the page's language; the bare name where the dictionary has none."""
        column = self.column(table, name)
        return column.title if column else name

    def word(self, column: str, code: object) -> str:
        """Word for a coded value in the page's language; the value itself where it is no code."""
        return self.choices(column).get(str(code), str(code))

    def choices(self, column: str) -> dict[str, str]:
        """Words in the page's language for every code of a column, in their order."""
        return (self.values_en if is_english() else self.values).get(column, {})

    def named(self, name: str) -> str:
        """Name of a table, canned query or the database in the page's language, for navigation."""
        known = self.tables.get(name) or self.queries.get(name)
        return known.name if known else name

    def site_words(self, key: str) -> str:
        """Words of the site as a whole in the page's language."""
        return either(self.site[key], self.site[f"{key}_en"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__ or "publish").joinpath(name).read_text("utf-8"))


@cache
def _units() -> dict[str, str]:
    return dict(_read("dictionary.toml")["units_en"])


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
        values_en=data["values_en"],
        lookups=data["lookups"],
        query_columns={name: Column(**column) for name, column in data["query_columns"].items()},
        queries={name: Query(**entry) for name, entry in _read("queries.toml").items()},
        indexed_sql={name: entry["sql"] for name, entry in _read("indexed_queries.toml").items()},
    )
