import asyncio
import csv
import io
import sqlite3
import threading
import time
import urllib.parse
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from datasette.app import Datasette
from hypothesis import example, given
from hypothesis import strategies as st

from publish import csv_columns, csv_raw, export, snippets, spreadsheet, turns
from publish.serve import build_app
from tests.publish.conftest import FORMULA_NAME, PLAIN, build_archive

pytestmark = pytest.mark.anyio

EXTRA = 2_300
Message = dict[str, Any]


def _scope(path: str) -> Message:
    return {
        "type": "http",
        "method": "GET",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
        "scheme": "http",
        "http_version": "1.1",
    }


@pytest.fixture(autouse=True)
def _several_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH_ROWS", 1_000)
    monkeypatch.setattr(csv_columns, "_SAMPLE", 2)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Datasette:
    return build_app(build_archive(tmp_path_factory.mktemp("large") / "archive.db", extra_reports=EXTRA))


def _rows(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


async def _export(site: Datasette, table: str, **arguments: str) -> list[list[str]]:
    query = urllib.parse.urlencode(arguments)
    response = await site.client.get(f"/-/export/archive/{table}.csv?{query}")
    assert response.status_code == 200, response.text
    return _rows(response.content)


async def test_opens_in_excel_with_chinese_headings(site: Datasette) -> None:
    response = await site.client.get("/-/export/archive/requests.csv")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    head, *rows = _rows(response.content)
    assert head[:5] == ["报告（代码）", "报告", "事项（代码）", "事项", "自然人（件）"]
    row = next(row for row in rows if row[0] == PLAIN and row[2] == "new")
    assert row[1].startswith("云溪县信访局2024年")
    assert row[3] == "本年新收政府信息公开申请数量"
    assert row[-1] == "9"


async def test_codes_for_programs(site: Datasette) -> None:
    head, *_ = await _export(site, "requests", _header="code", _labels="off")
    assert head[:3] == ["report_id", "item", "natural_person"]


async def test_nulls_stay_empty_and_zeros_stay_zero(site: Datasette) -> None:
    head, *rows = await _export(site, "reviews", _header="code", _labels="off", report_id=PLAIN)
    by_code = {row[1]: dict(zip(head, row, strict=True)) for row in rows}
    assert by_code["litigation_after_reconsideration"]["total"] == ""
    assert by_code["reconsideration"]["total"] == "0"


async def test_holds_every_row(large: Datasette) -> None:
    _head, *rows = await _export(large, "reports")
    assert len(rows) == EXTRA + 3
    assert len({row[0] for row in rows}) == EXTRA + 3


async def test_labels_are_right_over_many_batches(large: Datasette) -> None:
    head, *rows = await _export(large, "reports", year="2022", _header="code")
    organ, label = head.index("organ_id"), head.index("organ_id_label")
    assert all(row[label] == row[organ].replace("o-extra-", "虚构镇") for row in rows)
    assert len(rows) == EXTRA


@pytest.mark.parametrize(
    "arguments",
    [
        {"year": "2024"},
        {"_search": "信访"},
        {"number__gt": "3"},
        {"_sort_desc": "number"},
        {"_where": "number in (1, 2)"},
        {"_province": "安宁省"},
        {"_text": "不动产登记"},
        {"_col": "heading"},
        {"_facet": "number", "number": "1"},
    ],
    ids=str,
)
async def test_gives_the_rows_of_the_page(site: Datasette, arguments: dict[str, str]) -> None:
    table = "reports" if "year" in arguments else "sections"
    page = await site.client.get(f"/archive/{table}.json", params=arguments | {"_shape": "array"})
    assert page.status_code == 200
    expected = [[("" if value is None else str(value)) for value in row.values()] for row in page.json()]
    head, *rows = await _export(site, table, _header="code", _labels="off", **arguments)
    assert expected
    assert head == list(page.json()[0])
    assert [[snippets.unmarked(cell) for cell in row] for row in expected] == rows


async def test_a_page_of_the_table_is_no_page_of_the_export(site: Datasette) -> None:
    page = (await site.client.get("/archive/sections.json?_size=1")).json()
    _head, *rows = await _export(site, "sections", _next=page["next"], _size="1")
    assert len(rows) == 8


async def test_canned_queries_are_exported_whole(large: Datasette) -> None:
    head, *rows = await _export(large, "organ_years", organ="虚构镇")
    assert head[:3] == ["报告编号", "机关", "年度"]
    assert len(rows) == EXTRA
    search = await _export(large, "search", q="信访")
    assert "\x02" not in str(search)
    assert len(search) > 1


async def test_formulas_are_disarmed_in_the_download_only(site: Datasette) -> None:
    head, *rows = await _export(site, "organs")
    names = [row[head.index("名称")] for row in rows]
    assert f"'{FORMULA_NAME}" in names
    changes = await _export(site, "changes")
    assert "'=cmd|' /C calc'!A0" in str([cell for row in changes for cell in row]).replace('"', "")
    plain = await site.client.get("/archive/organs.csv")
    assert not plain.content.startswith(b"\xef\xbb\xbf")
    assert FORMULA_NAME in plain.text
    assert f"'{FORMULA_NAME}" not in plain.text


async def test_text_that_is_no_utf8_is_replaced_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = build_archive(tmp_path / "archive.db", extra_reports=40)
    with sqlite3.connect(path) as conn:
        (key,) = conn.execute("select id from reports order by id limit 1 offset 30").fetchone()
        conn.execute("update reports set title = cast(x'e4bfa1ff' as text) where id = ?", (key,))
    monkeypatch.setattr(export, "BATCH_ROWS", 7)
    head, *rows = await _export(build_app(path), "reports", _header="code", _sort="id")
    assert [row[0] for row in rows] == sorted({row[0] for row in rows})
    assert len(rows) == len(await _export(build_app(path), "reports")) - 1 == 43
    assert [row[head.index("title")] for row in rows if row[0] == key] == ["信\ufffd"]


@pytest.mark.parametrize(
    "value", [-3, 0, 2.5, None, "-3", "+12.5", "云溪县", "", "0", "123456789012345", "0.5", "12e", "410500"]
)
def test_numbers_and_plain_text_are_untouched(value: object) -> None:
    assert spreadsheet.guarded(value) == value


@pytest.mark.parametrize("code", ["3268e1", "410500E2", "012", "1234567890123456"])
def test_codes_that_would_become_other_numbers_stay_text(code: str) -> None:
    assert spreadsheet.guarded(code) == f"'{code}"
    assert spreadsheet.plain(code) == code


@given(st.sampled_from("=+-@\t\r\n＝＋－＠"), st.text())
def test_no_text_starts_like_a_formula(first: str, rest: str) -> None:
    guarded = str(spreadsheet.guarded(first + rest))
    assert guarded.startswith("'") or guarded.lstrip("+-").replace(".", "", 1).isdecimal()


CELL = st.one_of(
    st.none(),
    st.integers(-9, 9),
    st.floats(allow_nan=False),
    st.binary(max_size=3),
    st.text(alphabet="=+-@＝\t\r\n\x02\x03\"',b 1信", max_size=4),
)


ROWS = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELL] * width), max_size=6))


@given(ROWS, st.sampled_from(["\r\n", "\n"]))
@example([("平安", 1, "-3"), (None, "=1", b"=1")], "\r\n")
@example([("1", "\x02=", "平安")], "\r\n")
@example([(1, 0.0), (1.0, -0.0), (None, 0)], "\r\n")
@example([("",), (None,), ("a",), ("b\r",)], "\n")
def test_csv_by_columns_is_that_of_the_csv_module(rows: list[tuple[object, ...]], line_break: str) -> None:
    for edition, shown in ((csv_columns.GUARDED, spreadsheet.guarded), (csv_columns.RAW, lambda cell: cell)):
        text = io.StringIO()
        csv.writer(text, lineterminator=line_break).writerows([[shown(cell) for cell in row] for row in rows])
        assert replace(edition, line_break=line_break).lines(rows, {}) == text.getvalue()


@given(st.lists(st.tuples(CELL, st.one_of(st.none(), st.sampled_from(["=a", "b", "c,"]))), max_size=6))
def test_labels_stand_beside_codes(rows: list[tuple[object, ...]]) -> None:
    labels: dict[object, object] = {"=a": "=甲", "b": '"乙"'}
    beside = [(cell, code, labels.get(code)) for cell, code in rows]
    assert csv_columns.GUARDED.lines(rows, {1: labels}) == csv_columns.GUARDED.lines(beside, {})


STORED = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.integers(-9, 9),
    st.floats(allow_nan=False),
    st.sampled_from([0.1 + 0.2, 12.5, 99999999999999.9, 1e14, 1e15, 0.0001, 0.00001, -0.0]),
    st.decimals(-(10**9), 10**9, places=3).map(float),
    st.text(alphabet='a1.,"[]\\\x00\x7f\r\nnul信', max_size=5),
    st.sampled_from(["null", ",null", "Inf", "\x7f", "http://a.example/"]),
)


FEW_NUMBERS = {"a": "TEXT", "b": "INTEGER", "c": "NUMERIC"}
MANY_NUMBERS = {"a": "TEXT", "b": "INTEGER", "c": "INTEGER", "d": "INTEGER"}


def _is_other_in_json(fraction: float) -> bool:
    return not 1e-4 <= abs(fraction) <= 1e14 or float(f"{fraction:.15g}") != fraction


@given(st.lists(st.tuples(*[STORED] * 4), min_size=1, max_size=5), st.sampled_from([FEW_NUMBERS, MANY_NUMBERS]))
@example([("a", 1, 12.5, 0), (None, None, 0.1 + 0.2, 0), ("b", 2, 3, 0)], FEW_NUMBERS)
@example([("a", 1, 2, 0), ("a,b", 1, 2, 0), ("\x7f", 1, 0.5, 0)], FEW_NUMBERS)
@example([("a\x00b", None, None, 0), ("", "", "", 0)], FEW_NUMBERS)
@example([("a[b", 1, 2, 0)], FEW_NUMBERS)
@example([("a]b", 1, 2, 0)], FEW_NUMBERS)
@example([("a.b", 1, 2, None), ("c", 1, 2, 3)], MANY_NUMBERS)
@example([("a", 0.5, 2, 3)], MANY_NUMBERS)
@example([("a", float("inf"), 2, 3)], MANY_NUMBERS)
def test_rows_that_sqlite_writes_are_those_of_the_csv_module(
    rows: list[tuple[object, ...]], columns: dict[str, str]
) -> None:
    db = sqlite3.connect(":memory:")
    db.execute(f"create table t ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    db.executemany(f"insert into t values ({','.join('?' * len(columns))})", [row[: len(columns)] for row in rows])
    statement = f"select {', '.join(columns)} from t order by rowid"
    kept = db.execute(statement).fetchall()
    text = io.StringIO()
    csv.writer(text).writerows(kept)
    raw = csv_raw.RawLines(columns)
    db.text_factory = bytes
    fetched = db.execute(raw.sql(statement)).fetchall()
    db.close()
    # As after rows that were fit: then those that are not are read from what SQLite wrote.
    raw._fit = 1
    fractions = [cell for row in kept for cell in row if isinstance(cell, float)]
    if any(columns is MANY_NUMBERS or _is_other_in_json(fraction) for fraction in fractions):
        with pytest.raises(csv_raw.UnfitError):
            raw.lines(fetched)
    else:
        assert raw.lines(fetched).decode() == text.getvalue()


@pytest.mark.parametrize("table", ["reports", "requests", "disclosures", "reviews", "sections", "findings", "changes"])
async def test_raw_csv_is_that_of_datasette(site: Datasette, table: str) -> None:
    raw = await site.client.get(f"/-/export/archive/{table}.csv?_raw=on")
    assert raw.content == (await site.client.get(f"/archive/{table}.csv?_stream=on")).content
    assert raw.content.count(b"\r\n") > 1


async def test_raw_csv_of_many_rows_is_that_of_datasette(large: Datasette) -> None:
    for arguments in ("_sort=id", "year=2022&_sort=title", "_col=title&_sort=id"):
        raw = await large.client.get(f"/-/export/archive/reports.csv?_raw=on&{arguments}")
        assert raw.content == (await large.client.get(f"/archive/reports.csv?_stream=on&{arguments}")).content


@pytest.mark.parametrize(
    ("table", "column", "stored", "shown"),
    [
        ("requests", "total", "0.5", "0.5"),
        ("requests", "item", "x'e4bfa1ff'", None),
        ("reports", "title", "cast(x'e4bfa1ff' as text)", "信\ufffd"),
        ("reports", "title", "'\"a\", b'", '"a", b'),
    ],
)
async def test_raw_csv_holds_every_row_whatever_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, table: str, column: str, stored: str, shown: str | None
) -> None:
    path = build_archive(tmp_path / "archive.db", extra_reports=40)
    with sqlite3.connect(path) as conn:
        rows = conn.execute(f"select * from {table}").fetchall()
        key = conn.execute(f"select * from {table} limit 1 offset 15").fetchone()[:2]
        first, second = (row[1] for row in conn.execute(f"pragma table_info({table})").fetchmany(2))
        conn.execute(f"update {table} set {column} = {stored} where {first} = ? and {second} = ?", key)
    monkeypatch.setattr(export, "FIRST_ROWS", 7)
    monkeypatch.setattr(export, "BATCH_ROWS", 7)
    content = (await build_app(path).client.get(f"/-/export/archive/{table}.csv?_raw=on")).content
    head, *found = csv.reader(io.StringIO(content.decode()))
    assert sorted(row[0] for row in found) == sorted(row[0] for row in rows)
    cells = [row[head.index(column)] for row in found]
    assert shown in cells if shown else sum(cell.startswith("b'") for cell in cells) == 1


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nowhere/reports.csv", 404),
        ("archive/nothing.csv", 404),
        ("archive/_origins.csv", 403),
        ("archive/sections_fts.csv", 403),
        ("archive/reports.csv?_header=fr", 400),
        ("archive/reports.csv?_labels=maybe", 400),
        ("archive/reports.csv?_sort=nothing", 400),
        ("archive/reports.csv?_where=nothing", 400),
    ],
)
async def test_refuses_plainly(site: Datasette, path: str, status: int) -> None:
    response = await site.client.get(f"/-/export/{path}")
    assert response.status_code == status
    assert "Traceback" not in response.text


async def test_head_sends_no_body(site: Datasette) -> None:
    response = await site.client.request("HEAD", "/-/export/archive/reports.csv")
    assert response.status_code == 200
    assert response.content == b""


async def test_many_at_once_wait_for_their_turn(site: Datasette) -> None:
    paths = ["/-/export/archive/reports.csv", "/-/export/archive/reports.xlsx"] * turns.AT_ONCE
    answers = await asyncio.gather(*map(site.client.get, paths))
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    assert turns.turns(site).taken == 0


@pytest.mark.parametrize(("name", "value"), [("SECONDS", 0.05), ("WAITING", 0)])
async def test_who_would_wait_too_long_is_put_off(
    site: Datasette, monkeypatch: pytest.MonkeyPatch, name: str, value: float
) -> None:
    monkeypatch.setattr(turns, name, value)
    held = [await turns.turns(site).take() for _ in range(turns.AT_ONCE)]
    response = await site.client.get("/-/export/archive/reports.csv")
    assert response.status_code == 503
    assert response.headers["retry-after"]
    for give_back in held:
        assert give_back
        give_back()
        give_back()
    assert turns.turns(site).taken == 0
    assert (await site.client.get("/-/export/archive/reports.csv")).status_code == 200


async def test_a_failure_on_the_way_breaks_the_download(large: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = 0
    real = export._Rows.next_csv

    def failing(rows: export._Rows, edition: csv_columns.Edition) -> bytes:
        nonlocal batches
        batches += 1
        if batches > 1:
            raise sqlite3.OperationalError("interrupted")
        return real(rows, edition)

    monkeypatch.setattr(export._Rows, "next_csv", failing)
    sent: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start" and sent:
            raise RuntimeError("a second response started, as a real server would complain")
        sent.append(message)

    async def receive() -> Message:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    with pytest.raises(RuntimeError):
        await large.app()(_scope("/-/export/archive/reports.csv"), receive, send)
    assert sent[-1].get("more_body"), "the body must be left unfinished"
    assert turns.turns(large).taken == 0


async def test_a_reader_who_leaves_ends_the_work(large: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH_ROWS", 10)
    left = asyncio.Event()
    chunks = 0

    async def send(message: Message) -> None:
        nonlocal chunks
        chunks += message["type"] == "http.response.body"
        left.set()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    await large.app()(_scope("/-/export/archive/reports.csv"), receive, send)
    assert chunks < 10
    assert turns.turns(large).taken == 0


async def test_what_is_read_for_a_reader_who_left_is_stopped_before_its_connection_is_closed() -> None:
    left, stopped = asyncio.Event(), threading.Event()
    events: list[str] = []

    def following() -> bytes:
        assert stopped.wait(20)
        time.sleep(0.2)
        events.append("ended")
        raise sqlite3.OperationalError("interrupted")

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            events.append("sent")
            left.set()

    async def receive() -> Message:
        await left.wait()
        return {"type": "http.disconnect"}

    await export._StreamResponse(
        media_type="text/csv", opening=b"a,b\r\n", first=b"1,2\r\n", following=following, closing=b"", disposition="",
        receive=receive, stop=stopped.set, close=lambda: events.append("closed"),
    ).asgi_send(send)  # fmt: skip
    assert events == ["sent", "ended", "closed"]


async def test_the_file_is_not_locked_for_the_writer(site: Datasette, archive_path: Path) -> None:
    await _export(site, "reports")
    writer = sqlite3.connect(archive_path, timeout=0.2)
    writer.execute("begin immediate")
    writer.rollback()
    writer.close()


async def _workbook(site: Datasette, table: str, **arguments: str) -> list[tuple[Any, ...]]:
    query = urllib.parse.urlencode(arguments)
    response = await site.client.get(f"/-/export/archive/{table}.xlsx?{query}")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == export.XLSX
    assert response.headers["content-disposition"].endswith(f"{table}.xlsx")
    return list(openpyxl.load_workbook(io.BytesIO(response.content)).active.values)


async def test_workbook_holds_the_rows_of_the_csv(site: Datasette) -> None:
    head, *rows = await _workbook(site, "requests", _province="安宁省")
    csv_head, *csv_rows = await _export(site, "requests", _province="安宁省")
    assert list(head) == csv_head
    assert [["" if cell is None else str(cell) for cell in row] for row in rows] == csv_rows
    assert any(isinstance(cell, int) for row in rows for cell in row)
    assert any(cell is None for row in rows for cell in row)


async def test_workbook_keeps_text_that_looks_like_a_formula_as_text(site: Datasette) -> None:
    head, *rows = await _workbook(site, "organs", _header="code", _labels="off")
    names = [row[head.index("name")] for row in rows]
    assert FORMULA_NAME in names
    assert FORMULA_NAME.startswith("=")


async def test_workbook_too_long_is_refused_with_the_way_out(large: Datasette, monkeypatch: Any) -> None:
    monkeypatch.setattr(export, "MAX_WORKBOOK_ROWS", 2_100)
    response = await large.client.get("/-/export/archive/reports.xlsx")
    assert response.status_code == 400
    assert "下载 CSV" in response.text
    assert turns.turns(large).taken == 0
    assert len(await _workbook(large, "reports", _where="year = 2024")) > 1


def test_text_longer_than_a_cell_says_so(tmp_path: Path) -> None:
    path = tmp_path / "long.xlsx"
    assert spreadsheet.write_workbook(path, ["text"], [["长" * 40_000], ["短"]]) == 2
    rows = list(openpyxl.load_workbook(path).active.values)
    assert len(rows[1][0]) == spreadsheet.MAX_CHARACTERS
    assert "全文共40000字" in rows[1][0]
    assert rows[2] == ("短",)


def test_more_rows_than_a_sheet_holds_are_refused(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_ROWS", 3)
    with pytest.raises(ValueError, match="all that a sheet holds"):
        spreadsheet.write_workbook(tmp_path / "many.xlsx", ["n"], [[n] for n in range(4)])


@pytest.mark.parametrize("figure", [12_345_678_901_234_567, 0.1, 12.5, -3, 0])
def test_figures_are_exact_in_a_workbook(figure: float, tmp_path: Path) -> None:
    spreadsheet.write_workbook(tmp_path / "figures.xlsx", ["n"], [[figure]])
    [[_head], [cell]] = openpyxl.load_workbook(tmp_path / "figures.xlsx").active.values
    assert str(cell) == str(figure)
