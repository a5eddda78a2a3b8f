"""Slices by clicking: what is shown, added up, taken away and cited."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sqlite3
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette
from openpyxl import load_workbook
from pyarrow import parquet

from publish import slice_page
from publish.language import ENGLISH, speaking
from publish.serve import build_app, build_published
from publish.slice_page import Asked, identity, slice_label, summarise
from tests.publish.conftest import main_of
from tests.publish.places import build_places

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return build_places(tmp_path / "archive.db")


@pytest.fixture
def places(path: Path) -> Datasette:
    return build_app(path)


async def _main(site: Datasette, query: str) -> Tag:
    return await main_of(site, f"/-/slice?{query}")


def _lines(main: Tag, section: str) -> list[list[str]]:
    rows = main.select(f"#{section} tbody tr")
    return [[" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])] for row in rows]


async def test_organs_by_year_with_what_is_lacking_said(places: Datasette) -> None:
    main = await _main(places, "measure=requests.new.total&province=江右省&first=2023&last=2024")
    lines = {line[0]: line[1:] for line in _lines(main, "rows")}
    assert lines == {
        "直属县民政局": ["70", "无报告"],
        "临川市人民政府": ["1,000 整个辖区", "无报告"],
        "临川市民政局": ["11", "9"],
        "东山县司法局": ["4", "无报告"],
    }
    # Whole areas stand apart: they count what the offices in them count.
    assert _lines(main, "totals") == [
        ["2024", "本机关（含未说明）", "3", "3", "85", "件", "0"],
        ["2024", "整个辖区", "1", "1", "1,000", "件", "0"],
        ["2023", "本机关（含未说明）", "1", "1", "9", "件", "3"],
    ]


async def test_a_null_is_counted_apart_and_added_to_nothing(places: Datasette) -> None:
    main = await _main(places, "measure=requests.granted.total&province=江右省&first=2024&last=2024")
    lines = {line[0]: line[1:] for line in _lines(main, "rows")}
    assert lines["东山县司法局"] == ["无数字"]
    assert lines["直属县民政局"] == ["无此格"]
    assert ["2024", "本机关（含未说明）", "3", "1", "6", "件", "0"] in _lines(main, "totals")


async def test_rates_come_with_numerators_and_denominators(places: Datasette) -> None:
    main = await _main(places, "measure=rates.disclosure&city=临川市&first=2024")
    assert ["临川市民政局", "70.0% 7 ÷ 10"] in _lines(main, "rows")
    assert ["2024", "本机关（含未说明）", "2", "1", "7", "10", "70.0%", "0"] in _lines(main, "totals")


async def test_findings_are_counted_without_those_dismissed(places: Datasette) -> None:
    main = await _main(places, "measure=findings.error&province=江右省&first=2024&last=2024")
    lines = {line[0]: line[1:] for line in _lines(main, "rows")}
    assert lines["直属县民政局"] == ["1"]
    # The one of the bureau was dismissed; that of 2023 is our own reading's.
    assert lines["临川市民政局"] == ["0"]


async def test_every_format_has_the_same_rows(places: Datasette) -> None:
    main = await _main(places, "measure=requests.new.total&province=江右省")
    links = {
        urlsplit(str(link["href"])).path.rpartition(".")[2]: str(link["href"]) for link in main.select(".download")
    }
    assert links.keys() == {"csv", "xlsx", "json", "parquet"}
    answers = {name: (await places.client.get(link)).content for name, link in links.items()}
    from_json = json.loads(answers["json"])
    assert len(from_json) == 12
    assert {row["reading"] for row in from_json} == {"number", "no_report"}
    assert parquet.read_table(io.BytesIO(answers["parquet"])).to_pylist() == [
        {name: float(value) if name in ("numerator", "denominator") and value else value for name, value in row.items()}
        for row in from_json
    ]
    rows = list(csv.reader(io.StringIO(answers["csv"].decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(answers["xlsx"])).active
    assert sheet is not None
    from_xlsx = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert from_xlsx == rows
    expected = [["" if value is None else str(value) for value in row.values()] for row in from_json]
    assert rows[1:] == expected


async def test_a_citation_tells_whether_the_data_are_still_the_same(path: Path) -> None:
    query = "measure=requests.new.total&city=临川市"
    main = await _main(build_app(path), query)
    address = str(main.select("#cite a")[-1]["href"])
    chinese, english = (quote.get_text(strip=True) for quote in main.select("#cite blockquote"))
    assert address in chinese
    assert "（3 个机关，4 份报告）" in chinese
    assert address.replace("/-/slice", "/en/-/slice") in english
    cited = urlsplit(address).query
    assert "数据与引用时相同" in (await _main(build_app(path), cited)).get_text()
    with sqlite3.connect(path) as conn:
        conn.execute("update reports set captured_at = '2030-01-01T00:00:00Z'")
    assert "数据与引用时相同" in (await _main(build_app(path), cited)).get_text()
    with sqlite3.connect(path) as conn:
        conn.execute("update requests set total = 12 where report_id = 'r-o-bureau-2024' and item = 'new'")
    text = (await _main(build_app(path), cited)).get_text()
    assert "引用之后数据有变" in text
    assert parse_qs(cited)["as_of"][0] in text


async def test_the_same_slice_has_one_address_however_it_is_asked(places: Datasette) -> None:
    one = await _main(places, "province=江右省&measure=requests.new.total&level=&organs=o-city++o-city")
    other = await _main(places, "organs=o-city&province=江右省")
    assert one.select("#cite a")[-1]["href"] == other.select("#cite a")[-1]["href"]


async def test_a_publication_names_itself(path: Path, tmp_path: Path) -> None:
    from publish.publication import current, publish

    assert identity(build_app(path)) == "未发布的工作档案"
    made = await asyncio.to_thread(publish, path, tmp_path / "site", downloads=False)
    assert made.sha256[:12] in identity(build_published(current(tmp_path / "site")))


async def test_a_slice_that_is_too_large_says_so(places: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slice_page, "MAX_ROWS", 5)
    main = await _main(places, "province=江右省&as_of=0123456789abcdef")
    assert "超过 5 行" in main.get_text()
    assert "未能核对" in main.get_text()
    assert not main.select("#cite")
    assert len(_lines(main, "rows")) == 4


async def test_organs_are_paged_in_one_order(places: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = [line[0] for line in _lines(await _main(places, "province=江右省"), "rows")]
    monkeypatch.setattr(slice_page, "ORGANS", 3)
    pages = [await _main(places, f"province=江右省&page={page}") for page in (1, 2)]
    assert [line[0] for page in pages for line in _lines(page, "rows")] == whole
    assert [bool(page.select("a[rel=next]")) for page in pages] == [True, False]
    assert [bool(page.select("a[rel=prev]")) for page in pages] == [False, True]


@pytest.mark.parametrize(
    "query",
    ["measure=requests.none.total", "measure=findings.grave", "first=24", "level=village", "as_of=x", "page=0",
     "measure=rates.none", "page=²"],
)  # fmt: skip
async def test_what_is_no_slice_is_refused(places: Datasette, query: str) -> None:
    assert (await places.client.get(f"/-/slice?{query}")).status_code == 400


async def test_hostile_arguments_are_text(places: Datasette) -> None:
    response = await places.client.get(
        "/-/slice", params={"city": "<script>alert(1)</script>", "organs": "' \" \\ <b>"}
    )
    assert response.status_code == 200
    assert "<script>" not in response.text
    assert "<b>" not in response.text


async def test_pages_lead_to_slices(places: Datasette) -> None:
    for path in (
        "/-/place/410500", "/archive/organs/o-bureau", "/-/organs-compare", "/-/findings?province=江右省",
        "/archive/search?q=信访", "/archive/slice?measure=requests.new.total",
    ):  # fmt: skip
        if path.startswith("/-/place"):
            path = "/-/place"
        page = BeautifulSoup((await places.client.get(path)).text, "lxml")
        assert page.main is not None
        [link] = page.main.select("a[href^='/-/slice']")
        assert (await places.client.get(str(link["href"]))).status_code == 200


async def test_labels_in_both_languages() -> None:
    asked = Asked(measure="rates.disclosure", first="2020", last="2024", province="江右省", kind="department")
    assert slice_label(asked) == "公开率，2020–2024，江右省，部门"
    with speaking(ENGLISH):
        assert slice_label(asked) == "Disclosure rate, 2020–2024, 江右省, department"


async def test_units_that_differ_are_added_apart(path: Path) -> None:
    with sqlite3.connect(path) as conn:
        for report, value, unit in (("r-o-bureau-2024", 3, "元"), ("r-o-county-2024", 2, "万元")):
            conn.execute(
                "insert into disclosures (report_id, item, measure, value, unit) "
                "values (?, 'procurement', 'amount', ?, ?)",
                (report, value, unit),
            )
    summary = await summarise(build_app(path), Asked(measure="disclosures.procurement.amount", first="2024"))
    assert summary is not None
    amounts = {key[2]: total.amount for key, total in summary.totals.items() if key[1] == "office"}
    assert amounts == {"元": 3, "万元": 2, "": 0}
