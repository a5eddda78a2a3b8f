"""Pages that set reports, years and organs beside each other, and the search by sections."""

import csv
import io
import sqlite3
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette

from archive.packing import pack_evidence
from parsers import forms
from publish.serve import build_app
from tests.publish.conftest import (
    HOSTILE,
    OLD,
    PLAIN,
    SCRIPT,
    _insert,
    _report,
    _section,
    build_archive,
)

pytestmark = pytest.mark.anyio

BEFORE = "r-before-2023"
ORGAN = "o-petition"


def _before(conn: sqlite3.Connection) -> None:
    """A report of the year before PLAIN's, by the same organ, on the same form."""
    _report(conn, BEFORE, ORGAN, 2023, "云溪县信访局2023年政府信息公开工作年度报告")
    _section(
        conn,
        BEFORE,
        1,
        "一、总体情况",
        "2023年，云溪县信访局认真做好政府信息公开工作。\n认真认真。文号：县信〔2023〕12345B号。",
    )
    evidence = {}
    totals = {"new": 4, "carried_in": 0, "granted": 3, "partly_granted": 0, "handled_total": 3, "carried_out": 1}
    for row in forms.editions()["2021"].request_rows():
        total = totals.get(row, 0)
        values: dict[str, int | None] = dict.fromkeys(forms.APPLICANTS, 0)
        values |= {"natural_person": total, "total": total}
        if row == "carried_out":
            values["business"] = 2
            values["research"] = None
        _insert(conn, "requests", report_id=BEFORE, item=row, **values)
        for code, number in values.items():
            evidence[f"requests.{row}.{code}"] = {
                "printed": "" if number is None else str(number),
                "kind": "blank" if number is None else "number",
                "place": {"page": 3},
            }
    for proceeding in forms.PROCEEDINGS:
        counts = {"upheld": 1, "corrected": 1, "other": 0, "pending": 2, "total": 4}
        _insert(conn, "reviews", report_id=BEFORE, proceeding=proceeding, **counts)
    _insert(conn, "evidence", report_id=BEFORE, **pack_evidence(evidence)._asdict())


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_archive(tmp_path_factory.mktemp("compared") / "archive.db")
    with sqlite3.connect(path) as conn:
        _before(conn)
    conn.close()
    return path


@pytest.fixture
def pages(compared: Path) -> Datasette:
    return build_app(compared)


async def _page(site: Datasette, path: str) -> BeautifulSoup:
    response = await site.client.get(path)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "lxml")


def _text(tag: Tag | None) -> str:
    assert tag is not None
    return tag.get_text(" ", strip=True)


def _line(table: Tag | None, head: str) -> list[str]:
    """The cells of the row of ``table`` whose header is ``head``."""
    assert table is not None
    [row] = [row for row in table.select("tbody tr") if any(_text(cell) == head for cell in row.find_all("th"))]
    return [_text(cell) for cell in row.find_all("td")]


@pytest.mark.parametrize(
    "path",
    [
        f"/-/compare?a={BEFORE}&b={PLAIN}",
        f"/-/compare?a={HOSTILE}&b={PLAIN}",
        f"/-/compare?a={HOSTILE}&q=%3Cscript%3Ealert(1)%3C/script%3E",
        f"/-/compare?a={PLAIN}&q=机关",
        "/-/organ-years/o-hostile?table=disclosures&item=regulations",
        "/-/organs-compare?measure=disclosures.regulations.issued&year=2023",
        '/-/organs-compare?organ=%3Cscript%3E"\\ o-hostile&province=%3Cscript%3E',
        "/archive/search?q=信访&order=date",
        "/archive/search?q=%3Cscript%3E&year=%3Cscript%3E",
    ],
)
async def test_nothing_that_was_scraped_or_asked_runs(pages: Datasette, path: str) -> None:
    page = await _page(pages, path)
    assert not page.find_all(["script", "style", "iframe"])
    for tag in page.find_all(True):
        assert not any(name.startswith("on") or name == "style" for name in tag.attrs), tag
        assert not str(tag.get("href", "")).lower().startswith("javascript:")


# ---------------------------------------------------------------- two reports


async def test_differing_cells_are_marked_in_words_with_both_sources(pages: Datasette) -> None:
    page = await _page(pages, f"/-/compare?a={BEFORE}&b={PLAIN}")
    table = page.select_one("#requests table.printed")
    cell = page.select_one(f'table.printed td:has(a[href="/-/evidence/{PLAIN}/requests.new.total"])')
    assert _text(cell) == "2023 4 2024 9 ≠ +5"
    assert cell is not None
    assert cell.select_one(f'a[href="/-/evidence/{BEFORE}/requests.new.total"]')
    assert "state-differs" in cell["class"]
    assert table is not None
    same = table.select_one(f'td:has(a[href="/-/evidence/{PLAIN}/requests.rejected_duplicate.total"])')
    assert _text(same) == "2023 0 2024 0 ＝"
    assert all(head.get("scope") for head in page.select("table th"))


async def test_a_blank_is_never_compared_as_zero(pages: Datasette) -> None:
    page = await _page(pages, f"/-/compare?a={BEFORE}&b={PLAIN}")
    lines = page.select("#requests .pairs-table tr.state-incomparable")
    assert [_text(line) for line in lines] == ["表三 · 结转下年度继续办理 · 科研机构 空白 0 无法比较"]


async def test_differences_of_texts_are_marked(pages: Datasette) -> None:
    page = await _page(pages, f"/-/compare?a={BEFORE}&b={PLAIN}")
    assert [_text(mark) for mark in page.select("[id='sections.1'] del")][:1] == ["2023"]
    assert "2024" in [_text(mark) for mark in page.select("[id='sections.1'] ins")]
    assert "没有这一部分" in _text(page.find(id="sections.5"))


async def test_editions_are_lined_up(pages: Datasette) -> None:
    page = await _page(pages, f"/-/compare?a={OLD}&b={PLAIN}")
    assert "表式不同" in _text(page.find(id="requests"))
    assert "此表式无" in _text(page.select_one("#requests table.printed"))
    old = page.select_one("#disclosures table.printed td.state-unprinted")
    assert old is not None


async def test_the_other_report_is_found_by_its_title(pages: Datasette) -> None:
    page = await _page(pages, f"/-/compare?a={PLAIN}")
    links = [str(link["href"]) for link in page.select("main ul.list a")]
    assert links == [f"/-/compare?a={PLAIN}&b={BEFORE}", f"/-/compare?a={PLAIN}&b={OLD}"]
    page = await _page(pages, f"/-/compare?a={PLAIN}&q=信访局 2020")
    assert [str(link["href"]) for link in page.select("main ul.list a")] == [f"/-/compare?a={PLAIN}&b={OLD}"]
    assert "没有标题" in _text((await _page(pages, f"/-/compare?a={PLAIN}&q=没有的局")).main)
    assert (await _page(pages, "/-/compare")).find("input", attrs={"name": "q"})
    assert (await pages.client.get(f"/-/compare?a={PLAIN}&b=nothing")).status_code == 404


async def test_reports_and_organs_lead_to_the_comparison(pages: Datasette) -> None:
    page = await _page(pages, f"/archive/reports/{PLAIN}")
    assert _text(page.select_one(f'a[href="/-/compare?a={BEFORE}&b={PLAIN}"]')) == "与上年比较"
    assert page.select_one(f'form[action="/-/compare"] input[name=a][value="{PLAIN}"]')
    page = await _page(pages, f"/archive/organs/{ORGAN}")
    chosen = [str(option["value"]) for option in page.select('form[action="/-/compare"] option[selected]')]
    assert chosen == [BEFORE, PLAIN]


# ---------------------------------------------------------------- last year beside this year


async def test_last_years_totals_stand_beside_this_years(pages: Datasette) -> None:
    page = await _page(pages, f"/archive/reports/{PLAIN}")
    requests = page.select_one("#previous-requests table")
    assert _line(requests, "表三 · 本年新收政府信息公开申请数量 · 总计") == ["4", "9", "≠ +5"]
    reviews = page.select_one("#previous-reviews table")
    assert _line(reviews, "表四 · 行政复议 · 总计") == ["4", "0", "≠ −4"]
    assert not (await _page(pages, f"/archive/reports/{BEFORE}")).find(id="previous-requests")


async def test_what_was_carried_over_is_compared_plainly(pages: Datasette) -> None:
    page = await _page(pages, f"/archive/reports/{PLAIN}")
    table = page.select_one(".carried table")
    assert _line(table, "总计") == ["1", "1", "相符"]
    assert _line(table, "商业企业") == ["2", "0", "≠ 不符，差 −2"]
    assert _line(table, "科研机构") == ["空白", "0", "无法核对"]


# ---------------------------------------------------------------- rates


async def test_rates_stand_with_their_parts_and_formula(pages: Datasette) -> None:
    table = (await _page(pages, f"/archive/reports/{BEFORE}")).select_one("#rates table")
    assert _line(table, "公开率")[:3] == ["100.0%", "3", "3"]
    assert "÷ 办理总计" in _line(table, "公开率")[3]
    assert _line(table, "行政复议纠正率")[:3] == ["50.0%", "1", "2"]
    table = (await _page(pages, f"/archive/reports/{PLAIN}")).select_one("#rates table")
    assert _line(table, "行政诉讼纠正率")[:3] == [
        "不能计算：有格没有数字",
        "无数字",
        "无数字",
    ]
    assert _line(table, "行政复议纠正率")[0] == "不能计算：分母为 0"


async def test_an_organ_shows_its_rates_by_year(pages: Datasette) -> None:
    table = (await _page(pages, f"/archive/organs/{ORGAN}")).select_one("table.rates")
    assert _line(table, "2023")[0] == "100.0% 3 ÷ 3"
    assert _line(table, "2024")[0] == "62.5% 5 ÷ 8"
    assert _line(table, "2020")[0] == "不能计算：有格没有数字 无数字 ÷ 无数字"


# ---------------------------------------------------------------- one organ over the years


async def _csv(site: Datasette, link: Tag | None) -> list[dict[str, str]]:
    assert link is not None
    response = await site.client.get(f"{link['href']}&_header=code")
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_one_row_over_the_years_and_as_a_file(pages: Datasette) -> None:
    page = await _page(pages, f"/-/organ-years/{ORGAN}?table=requests&item=new")
    table = page.select_one("table.years")
    assert [_text(head) for head in page.select("table.years tbody th")] == ["2020", "2023", "2024"]
    assert _line(table, "2024")[:7] == ["7", "0", "0", "0", "0", "0", "9"]
    assert _line(table, "2023")[:7] == ["4", "0", "0", "0", "0", "0", "4"]
    assert _line(table, "2020")[:7] == ["未见"] * 7
    assert page.select_one(f'a[href="/-/evidence/{PLAIN}/requests.new.total"]')
    rows = await _csv(pages, page.select_one("a.download"))
    assert [(row["year"], row["natural_person"], row["total"]) for row in rows] == [
        ("2020", "", ""),
        ("2023", "4", "4"),
        ("2024", "7", "9"),
    ]


@pytest.mark.parametrize(
    ("table", "item", "year", "first"),
    [("reviews", "reconsideration", "2023", "1"), ("disclosures", "administrative_permits", "2024", "1345")],
)
async def test_every_table_has_its_years(pages: Datasette, table: str, item: str, year: str, first: str) -> None:
    page = await _page(pages, f"/-/organ-years/{ORGAN}?table={table}&item={item}")
    figures = [cell.split()[0] for cell in _line(page.select_one("table.years"), year) if cell[:1].isdigit()]
    assert figures[0] == first
    assert await _csv(pages, page.select_one("a.download"))


async def test_a_cell_that_the_years_form_lacks_is_not_missed(pages: Datasette) -> None:
    page = await _page(pages, f"/-/organ-years/{ORGAN}?table=disclosures&item=administrative_fees")
    table = page.select_one("table.years")
    assert _line(table, "2024")[:3] == ["12.5 万元", "此表式无", "此表式无"]
    assert _line(table, "2020")[:3] == ["此表式无", "未见", "未见"]


async def test_unknown_rows_and_organs_are_refused(pages: Datasette) -> None:
    for path, status in (
        (f"/-/organ-years/{ORGAN}?table=findings", 400),
        (f"/-/organ-years/{ORGAN}?item=nothing", 400),
        ("/-/organ-years/nothing", 404),
        ("/-/organs-compare?measure=requests.new.nothing", 400),
        ("/-/organs-compare?measure=rates.nothing", 400),
        ("/-/organs-compare?year=20x4", 400),
    ):
        assert (await pages.client.get(path)).status_code == status, path


# ---------------------------------------------------------------- organs on one measure


async def test_organs_are_ranked_and_the_missing_stand_as_missing(pages: Datasette) -> None:
    page = await _page(pages, "/-/organs-compare?measure=requests.new.total&year=2024&province=安宁省")
    table = page.select_one("table.ranking")
    assert _line(table, "云溪县信访局")[:4] == ["1", "安宁省", "9", "件"]
    assert _line(table, "云溪县信访办公室")[:3] == ["", "安宁省", "没有收录报告"]
    rows = await _csv(pages, page.select_one("a.download"))
    assert [(row["rank"], row["organ_id"], row["value"], row["reading"]) for row in rows] == [
        ("1", ORGAN, "9", "number"),
        ("", "o-letters", "", "no_report"),
    ]
    xlsx = page.select("a.download")[1]
    assert (await pages.client.get(str(xlsx["href"]))).content.startswith(b"PK")


async def test_a_missing_cell_and_a_blank_are_told_apart(pages: Datasette) -> None:
    async def reading(measure: str, year: int) -> list[tuple[object, object]]:
        path = f"/archive/organs_compare.json?measure={measure}&year={year}&organs={ORGAN}&_shape=array"
        return [(row["value"], row["reading"]) for row in (await pages.client.get(path)).json()]

    assert await reading("disclosures.administrative_penalties.decisions", 2024) == [(None, "no_number")]
    assert await reading("disclosures.administrative_penalties.decisions", 2023) == [(None, "no_cell")]
    assert await reading("reviews.reconsideration.total", 2024) == [(0, "number")]
    assert await reading("requests.carried_out.research", 2023) == [(None, "no_number")]


async def test_named_organs_are_compared_by_a_rate(pages: Datasette) -> None:
    page = await _page(pages, f"/-/organs-compare?measure=rates.disclosure&year=2023&organ={ORGAN}&organ=o-hostile")
    table = page.select_one("table.ranking")
    assert _line(table, "云溪县信访局")[:5] == ["1", "安宁省", "100.0%", "3", "3"]
    assert [_text(row.find("th")) for row in table.select("tbody tr")] == ["云溪县信访局", f"坏{SCRIPT}机关"]  # type: ignore[union-attr]
    assert "÷ 办理总计" in _text(page.main)
    rows = await _csv(pages, page.select_one("a.download"))
    assert [(row["value"], row["numerator"], row["denominator"]) for row in rows] == [("100.0", "3", "3"), ("", "", "")]


# ---------------------------------------------------------------- search


async def test_every_section_that_matches_is_listed(pages: Datasette) -> None:
    page = await _page(pages, "/archive/search?q=政府信息公开")
    hits = page.select_one(f'.hits li:has(a[href="/archive/reports/{PLAIN}"])')
    assert hits is not None
    places = hits.select(".places li")
    assert [_text(place.a) for place in places] == ["一、总体情况", "三、收到和处理政府信息公开申请情况"]
    assert all(place.mark for place in places)
    assert places[1].a is not None
    assert places[1].a["href"] == f"/archive/reports/{PLAIN}#sections.3"


async def test_counts_beside_the_results_narrow_them(pages: Datasette) -> None:
    page = await _page(pages, "/archive/search?q=信访")
    found = len(page.select(".hits > li"))
    by_name = {_text(facet.h2): facet for facet in page.select("aside .facet")}
    assert list(by_name) == ["年度", "省份", "类别"]
    for facet in by_name.values():
        assert sum(int(_text(count)) for count in facet.find_all("small")) == found
    link = by_name["类别"].find("a", string="政府")
    assert isinstance(link, Tag)
    narrowed = await _page(pages, str(link["href"]))
    assert [_text(title) for title in narrowed.select(".hits h2")] == [f"坏{SCRIPT}标题"]
    chosen = narrowed.select_one("aside .selected a")
    assert chosen is not None
    assert len((await _page(pages, str(chosen["href"]))).select(".hits > li")) == found


async def test_results_are_ordered_by_date_on_demand(pages: Datasette) -> None:
    rows = (await pages.client.get("/archive/search.json?q=信访&order=date&_shape=array")).json()
    days = [row["published_on"] for row in rows if row["published_on"][0].isdigit()]
    assert len(days) > 2
    assert days == sorted(days, reverse=True)

    async def found(order: str) -> list[str]:
        path = f"/archive/search.json?q=认真&order={order}&_shape=array"
        return [row["report_id"] for row in (await pages.client.get(path)).json()]

    assert await found("rank") == await found("") == [BEFORE, PLAIN]
    assert await found("date") == [PLAIN, BEFORE]


async def test_digits_and_letters_within_longer_ones_are_found(pages: Datasette) -> None:
    async def found(words: str, **more: str) -> list[str]:
        answer = await pages.client.get("/archive/search.json", params={"q": words, "_shape": "array", **more})
        return [row["report_id"] for row in answer.json()]

    assert await found("2345") == [BEFORE]
    assert await found("345b") == [BEFORE]
    assert await found("2345 县信") == [BEFORE]
    assert await found("2345 -县信") == []
    assert await found("2345", year="2024") == []
    assert await found("2345", kind="government") == []
    assert await found("23_5") == []
    assert await found("%") == []
    page = await _page(pages, "/archive/search?q=2345")
    assert _text(page.select_one(".places mark")) == "2345"
    assert [_text(count) for count in page.select("aside .facet small")] == ["1", "1", "1"]


async def test_quoted_and_excluded_words_stay(pages: Datasette) -> None:
    async def found(words: str) -> set[str]:
        answer = await pages.client.get("/archive/search.json", params={"q": words, "_shape": "array"})
        return {row["report_id"] for row in answer.json()}

    assert await found('"群众信访"') == {PLAIN}
    assert PLAIN in await found("信访局")
    assert BEFORE in await found("政府信息公开 -基站")
    assert await found("公开 -公开") == set()


async def test_the_query_leads_to_its_page(pages: Datasette) -> None:
    page = await _page(pages, f"/archive/organs_compare?measure=rates.disclosure&year=2023&organs={ORGAN}")
    link = page.select_one('main a.button[href^="/-/organs-compare"]')
    assert link is not None
    target = await _page(pages, str(link["href"]))
    assert [_text(head) for head in target.select("table.ranking tbody th")] == ["云溪县信访局"]
    assert (await _page(pages, "/archive/organs_compare")).select_one('main a.button[href="/-/organs-compare"]')
