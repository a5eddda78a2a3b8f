from collections.abc import Iterator

import pytest
from sqlite_utils import Database

from archive import schema
from publish.connection import prepare
from publish.dictionary import dictionary
from publish.metadata import build_metadata


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    db = Database(memory=True)
    schema.migrations.apply(db)
    yield db
    db.close()


def _public(db: Database) -> dict[str, set[str]]:
    names = (name for name in db.table_names() if not name.startswith(("_", "sections_fts", "sqlite_")))
    return {name: set(db[name].columns_dict) for name in names}


def test_every_public_column_is_described_and_nothing_else(database: Database) -> None:
    described = {name: set(table.columns) for name, table in dictionary().tables.items()}
    assert described == _public(database)


def test_every_description_is_in_both_languages() -> None:
    for name, table in dictionary().tables.items():
        entries = [table, *table.columns.values()]
        assert all(entry.label and entry.label_en and entry.zh and entry.en for entry in entries), name


def test_headings_within_a_table_differ() -> None:
    for name, table in dictionary().tables.items():
        headings = [column.heading for column in table.columns.values()]
        assert len(set(headings)) == len(headings), name


def test_defaults_name_existing_columns() -> None:
    for name, table in dictionary().tables.items():
        facets = [facet for facet in table.facets if isinstance(facet, str)]
        named = {*facets, *table.listed, table.name_column, table.sort, table.sort_desc} - {None}
        assert named <= table.columns.keys(), name


def test_units_stand_in_the_metadata() -> None:
    columns = build_metadata()["databases"]["archive"]["tables"]["requests"]["columns"]
    assert "单位 unit：件" in columns["total"]


def test_private_tables_are_hidden_and_closed() -> None:
    tables = build_metadata(["_origins"])["databases"]["archive"]["tables"]
    assert tables["_origins"] == {"hidden": True, "allow": False}


def test_every_query_column_has_a_heading(database: Database) -> None:
    prepare(database.conn)
    for name, query in dictionary().queries.items():
        cursor = database.conn.execute(query.sql, dict.fromkeys(query.inputs, ""))
        for column, *_ in cursor.description:
            assert dictionary().column(None, column), f"{name}.{column}"
