"""Evidence is kept packed and shown, queried and taken away as it reads."""

import csv
import io
import json
import sqlite3
import zlib

import pytest
from datasette.app import Datasette

from archive.packing import MAX_BYTES
from publish import connection
from tests.publish.conftest import PLAIN

pytestmark = pytest.mark.anyio

NEW = "requests.new.total"


async def _sql(site: Datasette, sql: str):
    return await site.client.get("/archive.json", params={"sql": sql, "_shape": "arrays"})


async def test_table_page_shows_the_cells(site: Datasette) -> None:
    page = await site.client.get("/archive/evidence")
    assert page.status_code == 200
    assert "disclosures.administrative_coercion.decisions" in page.text
    assert "&lt;Binary" not in page.text


async def test_sql_reads_the_cells(site: Datasette) -> None:
    sql = f"select value ->> 'printed' from evidence, json_each(evidence_json(cells)) where key = '{NEW}'"
    response = await _sql(site, f"{sql} and report_id = '{PLAIN}'")
    assert response.json()["rows"] == [["9"]]


async def test_export_holds_the_cells(site: Datasette) -> None:
    response = await site.client.get("/-/export/archive/evidence.csv?_header=code&_labels=off")
    rows = {row["report_id"]: row for row in csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")))}
    cells = json.loads(rows[PLAIN]["cells"])
    assert cells[NEW]["printed"] == "9"
    assert len(cells) == int(rows[PLAIN]["cell_count"])


async def test_what_unpacks_to_gigabytes_is_refused() -> None:
    conn = sqlite3.connect(":memory:")
    connection.prepare(conn)
    sql = "select length(evidence_json(?))"
    assert conn.execute(sql, (zlib.compress(b" " * (MAX_BYTES + 1)),)).fetchone() == (None,)
    assert conn.execute(sql, (zlib.compress(b" " * 1000),)).fetchone() == (1000,)
