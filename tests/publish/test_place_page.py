import asyncio
import sqlite3
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup, Tag
from datasette.app import Datasette

from publish import figures, memory
from publish.errors import SiteError
from publish.findings_page import HeatCell
from publish.home import home_view
from publish.place_page import coverage_of
from publish.serve import build_app
from tests.publish.conftest import SCRIPT
from tests.publish.places import CITY, COUNTY, DISTRICT, build_places

pytestmark = pytest.mark.anyio

PROVINCE = "/-/place/江右省"
PAGES = [
    "/",
    "/-/place",
    "/-/portals",
    "/-/about",
    "/-/findings",
    "/-/findings?county=直属县&severity=error",
    PROVINCE,
    f"{PROVINCE}/{CITY}",
    f"{PROVINCE}/{CITY}/{COUNTY}",
    f"{PROVINCE}/{DISTRICT}",
    "/archive/organs/o-bureau",
    "/archive/organs/o-county",
]


@pytest.fixture(scope="module")
def places_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_places(tmp_path_factory.mktemp("places") / "archive.db")


@pytest.fixture
def places(places_path: Path) -> Datasette:
    return build_app(places_path)


async def _page(site: Datasette, path: str) -> Tag:
    response = await site.client.get(quote(path, safe="/?=&-~%"), follow_redirects=True)
    assert response.status_code == 200, response.text
    main = BeautifulSoup(response.text, "lxml").main
    assert main is not None
    return main


def _lines(main: Tag, caption: str) -> dict[str, list[str]]:
    """Rows of the table with the caption, by their first cell."""
    table = next(table for table in main.find_all("table") if table.caption and caption in table.caption.get_text())
    rows = [
        [" ".join(cell.get_text(" ").split()) for cell in row.find_all(["th", "td"])]
        for row in table.tbody.find_all("tr")
    ]
    return {row[0]: row[1:] for row in rows}


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_chinese_and_run_nothing(places: Datasette, path: str) -> None:
    response = await places.client.get(quote(path, safe="/?=&"))
    assert response.status_code == 200, response.text
    page = BeautifulSoup(response.text, "lxml")
    assert page.html is not None
    assert page.html["lang"] == "zh-CN"
    assert not page.find_all(["script", "style", "iframe", "object", "embed"])
    for tag in page.find_all(True):
        assert not any(name.startswith("on") or name == "style" for name in tag.attrs), tag
        for name in ("href", "src", "action"):
            assert not str(tag.get(name, "")).lower().startswith(("javascript:", "data:")), tag
    identities = [tag["id"] for tag in page.find_all(id=True)]
    assert len(identities) == len(set(identities))


async def test_a_citys_sums_leave_out_reports_of_whole_areas(places: Datasette) -> None:
    main = await _page(places, f"{PROVINCE}/{CITY}")
    own = _lines(main, "各机关自己的报告合计")
    # Reports, new, granted, partly granted, denied: two rows of one group.
    assert own["2024"][:5] == ["2", "15", "6 1 份", "1 1 份", "3 1 份"]
    assert own["2024"][-2:] == ["5", "3"]
    assert own["2023"][:2] == ["1", "9"]
    area = _lines(main, "整个辖区的报告所印")
    assert area["2024"][:2] == ["临川市人民政府", "1,000"]


async def test_a_blank_is_not_added_as_nought(places: Datasette) -> None:
    own = _lines(await _page(places, f"{PROVINCE}/{CITY}/{COUNTY}"), "各机关自己的报告合计")
    assert own["2024"][:3] == ["1", "4", "未印"]


async def test_coverage_tells_what_is_due_from_what_is_not(places: Datasette) -> None:
    lines = _lines(await _page(places, PROVINCE), "报告与覆盖")
    assert lines["2022"][1:3] == ["0/1", "缺 1"]
    assert lines["2023"][1:3] == ["1/2", "抓取未全 1"]
    assert lines["2024"] == ["4", "4/4", "", "1"]
    assert lines["2025"][1] == ""


def test_a_vanished_report_is_held() -> None:
    coverage = coverage_of({"complete": 3, "vanished": 1, "missing": 1, "not_due_yet": 9})
    assert (coverage.held, coverage.due, coverage.shade) == (4, 5, 4)
    assert coverage_of({"not_due_yet": 9}).shade is None


async def test_organs_are_ranked_for_the_year_asked_for(places: Datasette) -> None:
    def ranked(main: Tag) -> list[str]:
        return [tag.get_text(strip=True) for tag in main.select("td[data-label=名次] + th a")]

    assert ranked(await _page(places, PROVINCE)) == ["临川市人民政府", "直属县民政局", "临川市民政局", "东山县司法局"]
    assert ranked(await _page(places, f"{PROVINCE}?year=2023")) == ["临川市民政局"]
    assert ranked(await _page(places, f"{PROVINCE}?year=nonsense")) == ranked(await _page(places, PROVINCE))


async def test_places_lead_down_and_up(places: Datasette) -> None:
    main = await _page(places, PROVINCE)
    down = {tag.get_text(strip=True): tag["href"] for tag in main.select("th[data-label=地区] a")}
    assert down == {CITY: quote(f"{PROVINCE}/{CITY}"), DISTRICT: quote(f"{PROVINCE}/{DISTRICT}")}
    assert [
        tag.get_text(strip=True) for tag in (await _page(places, f"{PROVINCE}/{CITY}")).select("th[data-label=地区] a")
    ] == [COUNTY]
    crumbs = (await _page(places, f"{PROVINCE}/{CITY}/{COUNTY}")).select("nav.crumbs a")
    assert [tag["href"] for tag in crumbs] == ["/-/place", quote(PROVINCE), quote(f"{PROVINCE}/{CITY}")]


@pytest.mark.parametrize(
    ("code", "names"),
    [("980000", PROVINCE), ("980100", f"{PROVINCE}/{CITY}"), ("980121", f"{PROVINCE}/{CITY}/{COUNTY}"),
     ("989001", f"{PROVINCE}/{DISTRICT}"), ("980121000000", f"{PROVINCE}/{CITY}/{COUNTY}")],
)  # fmt: skip
async def test_codes_lead_to_names(places: Datasette, code: str, names: str) -> None:
    response = await places.client.get(f"/-/place/{code}?year=2023")
    assert response.status_code == 302
    assert response.headers["location"] == quote(names) + "?year=2023"


@pytest.mark.parametrize(
    "path", ["/-/place/000000", "/-/place/无此省", f"{PROVINCE}/无此市", f"{PROVINCE}/a/b/c", f"{PROVINCE}//{CITY}/x"]
)
async def test_unknown_places_are_not_found(places: Datasette, path: str) -> None:
    response = await places.client.get(quote(path), follow_redirects=True)
    assert response.status_code == 404


async def test_slices_and_feeds_of_a_county_hold_what_is_its_own(places: Datasette) -> None:
    main = await _page(places, f"{PROVINCE}/{CITY}/{COUNTY}")
    links = [str(tag["href"]) for tag in main.find_all("a", href=True)]
    csv = next(link for link in links if link.startswith("/-/export/archive/reports.csv"))
    lines = (await places.client.get(csv)).content.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert "r-o-county-2024" in lines[1]
    feed = next(link for link in links if link.startswith("/-/feed/reports.atom"))
    text = (await places.client.get(feed)).text
    assert text.count("<entry>") == 1
    assert "r-o-county-2024" in text


async def test_kept_sums_say_what_counting_says(places_path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy.write_bytes(places_path.read_bytes())
    with sqlite3.connect(copy) as db:
        figures.write_rollup(db)
    rolled, live = build_app(copy), build_app(places_path)
    assert await figures.is_rolled(rolled)
    assert not await figures.is_rolled(live)
    for names in ("", "/江右省", f"/江右省/{CITY}", f"/江右省/{CITY}/{COUNTY}", f"/江右省/{DISTRICT}"):
        kept, counted = [await _page(site, f"/-/place{names}") for site in (rolled, live)]
        assert kept.get_text() == counted.get_text()
    assert await home_view(rolled) == await home_view(live)
    assert (await rolled.client.get(f"/archive/{figures.ROLLUP}")).status_code == 403
    with sqlite3.connect(copy) as db:
        db.execute(f"update {figures.ROLLUP} set amount = 7654 where measure = 'new' and city = ?", (CITY,))
    assert "7,654" in (await _page(build_app(copy), f"{PROVINCE}/{CITY}")).get_text()


async def test_the_first_page_shows_coverage_and_what_is_new(places: Datasette) -> None:
    main = await _page(places, "/")
    table = main.select_one("table.grid-table")
    assert table is not None
    years = [tag.get_text() for tag in table.select("thead th")][1:]
    line = next(row for row in table.select("tbody tr") if "江右省" in row.get_text())
    cells = dict(zip(years, [cell.get_text(strip=True) for cell in line.find_all("td")], strict=True))
    assert (cells["2022"], cells["2023"], cells["2024"]) == ("0/1", "1/2", "4/4")
    assert cells["2025"] == "·"
    text = main.get_text()
    assert "f-one<script>" in text
    assert "f-read" not in text
    assert "f-no<" not in text


async def test_the_portals_page_tells_why_and_since_when(places: Datasette) -> None:
    main = await _page(places, "/-/portals?status=blocked")
    [row] = main.select("td[data-label=最近一次抓全]")
    assert row.get_text(strip=True) == "2025-03-01 00:00 UTC"
    line = row.find_parent("tr")
    assert line is not None
    text = line.get_text(" ", strip=True)
    assert "被拦" in text
    assert "<script>" in text
    assert "4/6" not in text
    assert "5/7" in text
    meaning = line.select_one("td[data-label=说明]")
    assert meaning is not None
    assert len(meaning.get_text(strip=True)) > 10
    assert "云溪县人民政府" not in main.select("table")[-1].get_text()
    assert "没有这样的门户" in (await _page(places, "/-/portals?q=无此名")).get_text()


async def test_many_portals_come_in_pages(tmp_path: Path) -> None:
    path = build_places(tmp_path / "archive.db")
    with sqlite3.connect(path) as db:
        db.executemany("insert into portals (id, name) values (?, ?)", [(f"x-{n:03}", f"虚构{n}") for n in range(150)])
    site = build_app(path)
    seen: list[str] = []
    link = "/-/portals"
    for _ in range(5):
        main = await _page(site, link)
        seen += [tag.get_text(strip=True) for tag in main.select("table")[-1].select("tbody th > a")]
        following = main.select_one("a[rel=next]")
        if following is None:
            break
        link = str(following["href"])
    assert len(seen) == len(set(seen)) == 152
    assert "尚未抓取" in main.get_text()


async def test_the_organ_page_draws_years_and_marks_gaps(places: Datasette) -> None:
    main = await _page(places, "/archive/organs/o-bureau")
    charts = main.select("svg[role=img]")
    assert len(charts) == 2
    for chart in charts:
        assert chart.title is not None
        assert chart.title.get_text()
        labels = str(chart["aria-labelledby"]).split()
        assert all(main.find(id=label) is not None for label in labels)
    # Those of 2023 do not add up to the printed total.
    assert {tag.get_text()[:4] for tag in charts[1].select("rect > title")} == {"2024"}
    assert charts[0].select_one("text.gap-word").get_text() == "缺"  # type: ignore[union-attr]
    lines = _lines(main, "报告所印")
    assert lines["2022"] == ["缺"]
    assert lines["2024"][:4] == ["11", "6", "1", "3"]


async def test_what_is_not_printed_whole_is_not_summed(places: Datasette) -> None:
    lines = _lines(await _page(places, "/archive/organs/o-county"), "报告所印")
    assert lines["2024"][:2] == ["4", ""]


async def test_about_has_every_column_and_rule(places: Datasette) -> None:
    text = (await _page(places, "/-/about")).get_text()
    for part in ("published_on", "门户标明的发布日期", "requests.row_total", "怎样引用", "报错与更正", "CC0"):
        assert part in text


async def test_downloads_are_offered_only_where_they_are(places_path: Path, tmp_path: Path) -> None:
    async def navigation(site: Datasette) -> list[str]:
        page = BeautifulSoup((await site.client.get("/-/about")).text, "lxml")
        return [tag.get_text(strip=True) for tag in page.select("nav.main a")]

    assert await navigation(build_app(places_path)) == [
        "报告",
        "机关",
        "地区",
        "疑点",
        "修改",
        "比较",
        "取数",
        "门户",
        "关于",
    ]
    copy = tmp_path / "archive.db"
    copy.write_bytes(places_path.read_bytes())
    copy.with_suffix(".json").write_text("{}", "utf-8")
    assert "下载" in await navigation(build_app(copy))


async def test_what_is_remembered_is_asked_again_after_a_change(
    places_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "archive.db"
    copy.write_bytes(places_path.read_bytes())
    site = build_app(copy)
    asked: list[int] = []

    async def make() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    assert await asyncio.gather(*(memory.remembered(site, "key", make) for _ in range(3))) == [1, 1, 1]
    with sqlite3.connect(copy) as db:
        db.execute("update portals set name = 'x'")
    assert await memory.remembered(site, "key", make) == 1
    monkeypatch.setattr(memory, "SECONDS", 0)
    assert await memory.remembered(site, "key", make) == 2
    assert await memory.remembered(site, "key", make) == 2
    assert await memory.remembered(site, "other", make) == 3


async def test_what_failed_is_not_remembered(places: Datasette) -> None:
    async def fail() -> int:
        raise ValueError("no answer")

    async def succeed() -> int:
        return 1

    with pytest.raises(ValueError, match="no answer"):
        await memory.remembered(places, "key", fail)
    assert await memory.remembered(places, "key", succeed) == 1


async def test_too_many_to_add_up_are_not_added_up(places: Datasette, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures, "LIVE_REPORTS", 2)
    main = await _page(places, PROVINCE)
    assert "未及合计" in main.get_text()
    assert _lines(main, "报告与覆盖")["2024"][0] == "4"
    assert "未及合计" not in (await _page(places, f"{PROVINCE}/{DISTRICT}")).get_text()


@pytest.mark.parametrize(
    ("contact", "link"),
    [
        ("errors@archive.example", "mailto:errors@archive.example"),
        ("https://a.example/x?y=1", "https://a.example/x?y=1"),
    ],
)
async def test_the_site_says_where_to_report_errors(places_path: Path, contact: str, link: str) -> None:
    main = await _page(build_app(places_path, contact=contact), "/-/about")
    [found] = [tag for tag in main.find_all("a") if tag.get_text() == contact]
    assert found["href"] == link


@pytest.mark.parametrize(
    "contact",
    ["javascript:alert(1)", "javascript://host/x", "me", "http://", "a@b", "a@b.example\nbcc: x", "http://[x"],
)
def test_what_is_no_contact_is_refused(places_path: Path, contact: str) -> None:
    with pytest.raises(SiteError, match="neither an e-mail address"):
        build_app(places_path, contact=contact)


async def test_findings_are_counted_by_rule_and_year_beside_all_reports(places: Datasette) -> None:
    async def line(query: str) -> tuple[list[str], list[str]]:
        table = (await _page(places, f"/-/findings{query}")).select_one("table.grid-table")
        assert table is not None
        heads = [" ".join(cell.get_text(" ").split()) for cell in table.select("thead th")]
        [row] = [row for row in table.select("tbody tr") if "行合计" in row.get_text()]
        return heads, [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])]

    heads, cells = await line("?province=江右省&severity=error")
    assert heads == ["规则", "2024 4 份", "2023 1 份"]
    # Elsewhere one is a doubtful reading, one a note, and one was dismissed.
    assert cells == ["行合计", "1", "·"]
    assert "没有这样的疑点" in (await _page(places, f"/-/findings?city={CITY}")).get_text()
    assert (await line("?province=江右省"))[1] == ["行合计", "1", "·"]
    main = await _page(places, "/-/findings?province=江右省")
    link = next(str(tag["href"]) for tag in main.select("td a"))
    rows = (await places.client.get(link.replace("/findings?", "/findings.json?_shape=array&"))).json()
    assert {row["id"] for row in rows} == {"f-one"}
    assert (await places.client.get("/-/findings?severity=grave")).status_code == 400


@pytest.mark.parametrize(
    ("reports", "of", "shade"), [(0, 10, None), (1, 1000, 0), (1, 100, 1), (5, 100, 2), (19, 100, 3), (100, 100, 4)]
)
def test_shades_follow_the_share(reports: int, of: int, shade: int | None) -> None:
    assert HeatCell(reports, of).shade == shade


async def test_a_hostile_place_is_text(tmp_path: Path) -> None:
    path = build_places(tmp_path / "archive.db")
    name = f"坏/{SCRIPT}&省"
    with sqlite3.connect(path) as db:
        db.execute("update organs set province = ? where province = '江右省'", (name,))
    site = build_app(path)
    main = await _page(site, "/-/place")
    [link] = [str(tag["href"]) for tag in main.select("th[data-label=地区] a") if tag.get_text() == name]
    for target in (link, "/-/findings?province=" + quote(name), "/", "/archive/organs/o-bureau"):
        response = await site.client.get(target)
        assert response.status_code == 200
        page = BeautifulSoup(response.text, "lxml")
        assert not page.find_all("script")
        assert name in page.get_text()
