import re
import sqlite3

import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette

from publish.dictionary import dictionary
from tests.publish.conftest import HOSTILE, OLD, PLAIN, digest

pytestmark = pytest.mark.anyio

ENDLESS = "with+recursive+n(x)+as+(select+1+union+all+select+x%2B1+from+n)+select+count(*)+from+n"
PAGES = [
    "/",
    "/archive",
    *(f"/archive/{table}" for table in dictionary().tables),
    *(f"/archive/{query}" for query in dictionary().queries),
    "/archive/search?q=信访",
    "/archive/unbalanced?year=2024&province=安宁省",
    "/archive/organ_years?organ=信访",
    f"/archive/reports/{PLAIN}",
    f"/archive/reports/{HOSTILE}",
    f"/archive/reports/{OLD}",
    "/archive/organs/o-petition",
    "/archive/organs/o-hostile",
    "/archive/findings/f-total",
    "/archive/findings/f-hostile",
    "/archive/rules/requests~2Erow_total",
    "/archive/missing_reports?year=2023",
    "/archive/reports?_columns=all",
    "/archive?sql=select+*+from+sections",
]


async def _page(site: Datasette, path: str) -> BeautifulSoup:
    response = await site.client.get(path)
    assert response.status_code == 200, response.text
    return BeautifulSoup(response.text, "lxml")


def _text(tag: Tag | None) -> str:
    assert tag is not None
    return tag.get_text(" ", strip=True)


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_chinese_and_run_nothing(site: Datasette, path: str) -> None:
    response = await site.client.get(path)
    assert response.status_code == 200, response.text
    page = BeautifulSoup(response.text, "lxml")
    assert page.html is not None
    assert page.html["lang"] == "zh-CN"
    assert not page.find_all(["script", "style", "iframe", "object", "embed"])
    for tag in page.find_all(True):
        assert not any(name.startswith("on") or name == "style" for name in tag.attrs), tag
        for name in ("href", "src", "action"):
            assert not str(tag.get(name, "")).lower().startswith(("javascript:", "data:")), tag
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"


async def test_nothing_is_loaded_from_elsewhere(site: Datasette) -> None:
    page = await _page(site, "/")
    assets = [tag["href"] for tag in page.find_all("link", rel="stylesheet")]
    assets += [tag["src"] for tag in page.find_all(src=True)]
    assert assets
    for asset in assets:
        assert asset.startswith("/")
        assert (await site.client.get(asset)).status_code == 200


async def test_a_reader_sees_scraped_markup_as_text(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{HOSTILE}")
    assert "<script>alert('注入')</script>" in page.get_text()
    assert not page.find("a", string=re.compile("javascript:"))


# ---------------------------------------------------------------- search


@pytest.mark.parametrize("words", ["信访", "信", "信访局", "5G基站", "信访 基站", '"群众信访', "（信访）", "信访*"])
async def test_datasettes_own_search_box_finds_chinese(site: Datasette, words: str) -> None:
    arguments = {"_search": words, "_shape": "array"}
    rows = (await site.client.get("/archive/sections.json", params=arguments)).json()
    assert PLAIN in {row["report_id"] for row in rows}


async def test_search_does_not_find_what_is_not_there(site: Datasette) -> None:
    rows = (await site.client.get("/archive/sections.json?_search=访信&_shape=array")).json()
    assert rows == []


async def test_the_sections_page_has_the_search_box(site: Datasette) -> None:
    page = await _page(site, "/archive/sections")
    assert page.find("input", attrs={"name": "_search"})


async def test_full_text_search_lists_reports_with_marks(site: Datasette) -> None:
    page = await _page(site, "/archive/search?q=信访")
    titles = [_text(tag) for tag in page.select(".hits h2")]
    assert titles[:2] == [f"云溪县信访局{year}年政府信息公开工作年度报告" for year in (2024, 2020)]
    assert [_text(mark) for mark in page.find_all("mark")][:1] == ["信访"]
    assert page.select_one(f'.hits a[href="/archive/reports/{PLAIN}"]')


async def test_search_is_narrowed_by_year_and_province(site: Datasette) -> None:
    path = "/archive/search.json?q=信访&year=2023&province=平和省&_shape=array"
    rows = (await site.client.get(path)).json()
    assert [row["report_id"] for row in rows] == [HOSTILE]


@pytest.mark.parametrize("words", ["", '"', "*", "()", "信访-局:*", "NEAR(", "'", "AND"])
async def test_any_search_words_are_answered(site: Datasette, words: str) -> None:
    for page, name in (("search", "q"), ("sections", "_search"), ("reports", "_text")):
        response = await site.client.get(f"/archive/{page}", params={name: words})
        assert response.status_code == 200, (page, response.text)


async def test_reports_are_filtered_by_their_text(site: Datasette) -> None:
    rows = (await site.client.get("/archive/reports.json?_text=不动产登记&_shape=array")).json()
    assert [row["id"] for row in rows] == [OLD]


# ---------------------------------------------------------------- facets and filters


async def test_reports_are_counted_by_province_level_and_kind(site: Datasette) -> None:
    facets = (await site.client.get("/archive/reports.json")).json()["facet_results"]
    counts = {name: {entry["value"]: entry["count"] for entry in facet["results"]} for name, facet in facets.items()}
    assert counts["省份"] == {"安宁省": 2, "平和省": 1}
    assert counts["层级"] == {"county": 2, "city": 1}
    assert counts["类别"] == {"department": 2, "government": 1}
    assert counts["year"] == {2020: 1, 2023: 1, 2024: 1}
    assert counts["status"] == {"complete": 2, "partial": 1}


async def test_following_a_facet_filters_and_undoing_it_restores(site: Datasette) -> None:
    facets = (await site.client.get("/archive/reports.json?year=2024")).json()["facet_results"]
    followed = facets["省份"]["results"][0]["toggle_url"]
    page = (await site.client.get(followed.removeprefix("http://localhost"))).json()
    assert page["filtered_table_rows_count"] == 1
    chosen = page["facet_results"]["省份"]["results"][0]
    assert chosen["selected"]
    restored = (await site.client.get(chosen["toggle_url"].removeprefix("http://localhost"))).json()
    assert restored["filtered_table_rows_count"] == 1
    assert "_province" not in chosen["toggle_url"]


async def test_findings_are_counted_by_the_reports_year(site: Datasette) -> None:
    facets = (await site.client.get("/archive/findings.json")).json()["facet_results"]
    assert {entry["value"]: entry["count"] for entry in facets["年度"]["results"]} == {2020: 1, 2023: 1, 2024: 1}
    assert facets["rule"]["results"][0]["label"] == "行合计"
    rows = (await site.client.get("/archive/findings.json?_year=2024&_shape=array")).json()
    assert [row["id"] for row in rows] == ["f-total"]


async def test_tables_without_reports_know_no_such_filter(site: Datasette) -> None:
    rows = (await site.client.get("/archive/portals.json?_province=nowhere&_shape=array")).json()
    assert len(rows) == 1


async def test_facet_values_are_words(site: Datasette) -> None:
    page = await _page(site, "/archive/reports")
    assert "完整" in _text(page.find(id="facet-status"))


async def test_labels_stand_for_codes(site: Datasette) -> None:
    page = await _page(site, f"/archive/requests?report_id={PLAIN}")
    link = page.select_one('a[href="/archive/request_items/granted"]')
    assert _text(link) == "予以公开"
    assert "自然人（件）" in _text(page.thead)


async def test_every_table_page_offers_the_download(site: Datasette) -> None:
    for table in dictionary().tables:
        link = (await _page(site, f"/archive/{table}?_size=1")).select_one("a.download")
        assert _text(link) == "下载 CSV（Excel 可直接打开）"
        assert link is not None
        assert (await site.client.get(str(link["href"]))).content.startswith(b"\xef\xbb\xbf")


# ---------------------------------------------------------------- pages of rows


async def test_report_page_links_to_everything_of_the_report(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{PLAIN}")
    links = {str(tag["href"]) for tag in page.find_all("a", href=True)}
    assert {
        "/archive/organs/o-petition",
        f"https://xugou.example/{PLAIN}.html",
        f"/-/original/{digest(PLAIN)}",
        f"/archive/documents/{digest(PLAIN)}",
        f"/archive/reports/{OLD}",
        f"/archive/findings?report_id={PLAIN}",
        f"/archive/requests?report_id={PLAIN}",
        "/archive/rules/requests~2Erow_total",
    } <= links
    headings = [_text(tag) for tag in page.select("section.prose h2")]
    assert [heading[0] for heading in headings] == list("一二三四五六")
    assert "2025-02-01 08:00 UTC" in _text(page.find("dl", class_="facts"))


async def test_report_page_prints_blank_zero_and_unreadable_apart(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{PLAIN}")
    assert _text(page.find(id="requests.rejected_duplicate.total")) == "0"
    assert _text(page.find(id="reviews.litigation_after_reconsideration.total")) == ""
    assert _text(page.find(id="disclosures.administrative_penalties.decisions")) == ""
    assert _text(page.find(id="disclosures.administrative_coercion.decisions")) == "无法识别 原文 l2"
    assert _text(page.find(id="disclosures.administrative_permits.decisions")) == "1345"
    assert _text(page.find(id="disclosures.administrative_fees.amount")) == "12.5"


async def test_cells_not_in_the_source_are_not_shown_as_blank(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{OLD}")
    assert _text(page.find(id="requests.new.total")) == "未见"
    assert _text(page.find(id="requests.other.total")) == "2"
    assert _text(page.find(id="disclosures.procurement.amount")) == "23600 元 原文 23600元"


async def test_tables_have_captions_and_scoped_heads(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{PLAIN}")
    tables = page.select("table.printed")
    assert [_text(table.caption)[:2] for table in tables] == ["表二", "表三", "表四"]
    assert all(head.get("scope") for table in tables for head in table.find_all("th"))
    refused = page.find("th", string="（三）不予公开")
    assert refused is not None
    assert refused["rowspan"] == "8"


async def test_findings_are_tied_to_their_cells_in_words(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{PLAIN}")
    cell = page.find(id="requests.new.total")
    assert _text(cell) == "9 ⚠1"
    assert isinstance(cell, Tag)
    finding = page.find(id=str(cell["aria-describedby"]))
    assert "应为 7，实为 9" in _text(finding)
    assert page.select_one('#findings a[href="#requests.new.total"]')
    assert "原件位置：第3页" in str(cell["title"])
    assert "※" in _text(page.find(id="requests.granted.total"))


async def test_a_note_stands_beside_its_finding(site: Datasette) -> None:
    for path in (f"/archive/reports/{PLAIN}", "/archive/findings"):
        assert "已证实" in _text((await _page(site, path)).main), path
    assert "已去函核实" in _text((await _page(site, f"/archive/reports/{PLAIN}")).find(id="findings"))


async def test_a_finding_leads_to_the_other_report(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{OLD}")
    assert page.select_one(f"#findings a[href='/archive/reports/{PLAIN}']")
    assert "2019 年的报告没有收录，与上年的核对没有做" in _text(page.main)


async def test_a_rules_page_says_what_it_means_and_how_often_it_fires(site: Datasette) -> None:
    page = await _page(site, "/archive/rules/requests~2Erow_total")
    text = _text(page.main)
    assert "每一行的总计应等于六类之和" in text
    assert "空白不当作0" in text
    assert "total = 各申请人之和" in text
    assert _text(page.select_one("a[href*='severity=error'][href*='cause=source']")) == "不符，出处：原件 1"
    assert "本年新收：各类申请人之和 7，总计印为 9" in text


async def test_coverage_is_counted_by_state_and_year(site: Datasette) -> None:
    answer = (await site.client.get("/archive/coverage.json")).json()
    facets = answer["facet_results"]
    assert [entry["value"] for entry in facets["state"]["results"]] == ["missing"]
    assert [entry["value"] for entry in facets["year"]["results"]] == [2023]
    assert "缺" in _text((await _page(site, "/archive/coverage")).main)
    assert "2023：缺 2024-02-01 起" in _text((await _page(site, "/archive/organs/o-petition")).main)


async def test_changes_and_versions_are_listed(site: Datasette) -> None:
    page = await _page(site, f"/archive/reports/{PLAIN}")
    assert "本年新收政府信息公开申请数量 · 总计 7 9" in _text(page.find(id="changes"))
    assert digest(PLAIN)[:12] in _text(page.find(id="versions"))


async def test_organ_page_lists_its_reports(site: Datasette) -> None:
    page = await _page(site, "/archive/organs/o-petition")
    links = [str(tag["href"]) for tag in page.select("tbody th a")]
    assert links[:2] == [f"/archive/reports/{PLAIN}", f"/archive/reports/{OLD}"]


async def test_organ_pages_lead_to_predecessor_and_successor(site: Datasette) -> None:
    page = await _page(site, "/archive/organs/o-petition")
    link = page.select_one("main a[href='/archive/organs/o-letters']")
    assert _text(link) == "云溪县信访办公室"
    assert "2018年，可能" in _text(page.main)
    other = await _page(site, "/archive/organs/o-letters")
    assert _text(other.select_one("main a[href='/archive/organs/o-petition']")) == "云溪县信访局"
    assert not other.select("main script")
    table = await _page(site, "/archive/organ_successions")
    assert "云溪县信访局" in _text(table.main)
    assert "机构改革" in _text(table.main)


async def test_row_pages_name_what_they_link_to(site: Datasette) -> None:
    page = await _page(site, "/archive/findings/f-total")
    assert _text(page.select_one("td a[href='/archive/rules/requests~2Erow_total']")) == "行合计"
    assert "2024年政府信息公开" in _text(page.select_one(f"td a[href='/archive/reports/{PLAIN}']"))


async def test_coded_inputs_are_chosen_by_word(site: Datasette) -> None:
    page = await _page(site, "/archive/top_requests?level=county")
    assert _text(page.select_one("select[name=level] option[selected]")) == "县"
    assert "云溪县信访局" in _text(page.main)


# ---------------------------------------------------------------- queries


async def test_canned_queries_answer(site: Datasette) -> None:
    async def rows(path: str) -> list[dict[str, object]]:
        return list((await site.client.get(f"/archive/{path}")).json())

    for name in ("unbalanced", "contradictions"):
        assert [row["finding_id"] for row in await rows(f"{name}.json?_shape=array")] == ["f-total"]
    missing = await rows("missing_reports.json?year=2023&province=安宁省&_shape=array")
    assert [(row["organ"], row["state"]) for row in missing] == [("云溪县信访局", "missing")]
    assert await rows("missing_reports.json?year=2022&_shape=array") == []
    assert [row["report_id"] for row in await rows("changed.json?_shape=array")] == [HOSTILE, PLAIN]
    assert [row["year"] for row in await rows("organ_years.json?organ=信访&_shape=array")] == [2020, 2024]
    assert await rows("organ_years.json?_shape=array") == []
    top = await rows("top_requests.json?_shape=array")
    assert [(row["organ"], row["new_requests"]) for row in top] == [("云溪县信访局", 9)]


async def test_canned_queries_have_chinese_titles(site: Datasette) -> None:
    text = _text((await _page(site, "/archive")).main)
    for title in ("全文检索", "某机关历年", "申请量前 50", "勾稽不平", "发布后修改"):
        assert title in text


# ---------------------------------------------------------------- what stays closed


@pytest.mark.parametrize("table", ["_origins", "_extractions", "sections_fts", "sections_fts_data"])
async def test_private_tables_are_closed(site: Datasette, table: str) -> None:
    assert (await site.client.get(f"/archive/{table}")).status_code == 403
    assert (await site.client.get(f"/archive/{table}.json")).status_code == 403
    assert table not in (await site.client.get("/archive")).text


@pytest.mark.parametrize("path", ["/archive.db", "/-/databases", "/-/databases.json", "/-/threads", "/-/patterns"])
async def test_downloads_of_the_file_and_debug_pages_are_closed(site: Datasette, path: str) -> None:
    response = await site.client.get(path)
    assert response.status_code in (403, 404)
    assert "some name.db" not in response.text


async def test_robots_are_kept_from_exports_and_endless_filters(site: Datasette) -> None:
    assert "Disallow: /-/" in (await site.client.get("/robots.txt")).text


async def test_a_huge_value_is_refused_at_once(site: Datasette) -> None:
    response = await site.client.get("/archive.json?sql=select+length(hex(zeroblob(400000000)))")
    assert response.status_code == 400
    assert "too big" in response.text


async def test_nobody_writes(site: Datasette) -> None:
    for sql in ("delete from reports", "attach '/tmp/other.db' as other", "pragma writable_schema=1"):
        response = await site.client.get("/archive.json", params={"sql": sql})
        assert response.status_code == 400
    with pytest.raises(sqlite3.DatabaseError, match="not authorized"):
        await site.get_database("archive").execute("delete from reports")
    with pytest.raises(PermissionError):
        await site.get_database("archive").execute_write("delete from reports")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/nothing", 404),
        ("/archive/nothing", 404),
        ("/archive/reports/nothing", 404),
        ("/archive/reports?_sort=nothing", 400),
        ("/archive?sql=selec", 400),
        (f"/archive?sql={ENDLESS}", 400),
    ],
)
async def test_errors_are_pages_for_people(
    site: Datasette, path: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await site.client.get(path)
    assert response.status_code == status
    assert "年报库" in response.text
    assert "Traceback" not in response.text + capsys.readouterr().err


async def test_names_and_fields_lead_to_what_they_name(site: Datasette) -> None:
    organs = await _page(site, "/archive/organs")
    named = organs.find("a", string="云溪县信访局")
    assert isinstance(named, Tag)
    assert named["href"] == "/archive/organs/o-petition"
    finding = await _page(site, "/archive/findings/f-total")
    cell = finding.find("a", string="表三 · 本年新收政府信息公开申请数量 · 总计")
    assert isinstance(cell, Tag)
    assert cell["href"] == f"/archive/reports/{PLAIN}#requests.new.total"
    changes = await _page(site, "/archive/changes")
    assert changes.find("time", attrs={"datetime": re.compile("T")}) is not None
    assert not re.search(r"\d{4}-\d\d-\d\dT", _text(changes.find("tbody")))
    # The report may be left out of the table: words without a link.
    without = await _page(site, "/archive/changes?_nocol=report_id")
    words = _text(changes.find("tbody"))
    assert _text(without.find("tbody"))
    assert not without.select("td a[href*='#']")
    assert changes.select("td a[href*='#']"), words


async def test_errors_have_the_same_navigation(site: Datasette) -> None:
    missing = BeautifulSoup((await site.client.get("/archive/reports/none")).text, "lxml")
    page = await _page(site, "/")
    assert _text(missing.find("nav", class_="main")) == _text(page.find("nav", class_="main"))
