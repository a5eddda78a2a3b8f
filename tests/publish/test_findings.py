"""What editors dismissed is counted and listed only where it is asked for; what is counted is what is listed."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import Tag
from datasette.app import Datasette

from publish.place_page import place_path
from publish.publication import current, publish
from publish.serve import build_app, build_published
from tests.publish.conftest import main_of
from tests.publish.places import build_places

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_places(tmp_path_factory.mktemp("findings") / "archive.db")


@pytest.fixture(scope="module")
def published(path: Path) -> Path:
    publish(path, path.parent / "site", downloads=False)
    return current(path.parent / "site")


@pytest.fixture(params=["live", "published"])
def places(path: Path, published: Path, request: pytest.FixtureRequest) -> Datasette:
    return build_app(path) if request.param == "live" else build_published(published)


async def _listed(site: Datasette, link: str) -> list[dict[str, object]]:
    rows = (await site.client.get(link.replace("/findings?", "/findings.json?_shape=array&"))).json()
    assert isinstance(rows, list)
    return rows


QUERIES = [
    "", "province=江右省", "severity=error", "severity=note", "noted=dismissed", "noted=confirmed",
    "noted=open&year=2024",    "rule=requests.row_total", "rule=no.such", "city=临川市&noted=dismissed&severity=error",
    "year=2023&severity=error",
]  # fmt: skip


@pytest.mark.parametrize("query", QUERIES)
async def test_every_number_of_the_map_leads_to_as_many_reports(places: Datasette, query: str) -> None:
    main = await main_of(places, f"/-/findings?{query}")
    links = main.select("table.grid-table td a")
    total = 0
    for link in links:
        rows = await _listed(places, str(link["href"]))
        assert len({row["report_id"] for row in rows}) == int(link.get_text())
        total += len(rows)
    button = main.select_one("a.button")
    assert button is not None
    assert len(await _listed(places, str(button["href"]))) == total


async def test_the_map_shows_what_was_dismissed_only_where_it_is_asked_for(places: Datasette) -> None:
    def numbers(main: Tag) -> list[str]:
        return [cell.get_text() for cell in main.select("table.grid-table td a")]

    assert numbers(await main_of(places, "/-/findings?province=江右省")) == ["1"]
    dismissed = await main_of(places, "/-/findings?province=江右省&noted=dismissed")
    assert [row["id"] for row in await _listed(places, str(dismissed.select("td a")[0]["href"]))] == ["f-no"]
    chosen = dismissed.select_one("#by-noted option[selected]")
    assert chosen is not None
    assert chosen["value"] == "dismissed"


@pytest.mark.parametrize("query", ["severity=grave", "noted=perhaps", "year=last"])
async def test_what_cannot_be_chosen_is_refused(places: Datasette, query: str) -> None:
    assert (await places.client.get(f"/-/findings?{query}")).status_code == 400


async def test_the_table_has_all_and_narrows_to_what_editors_made_of_them(places: Datasette) -> None:
    async def ids(query: str) -> set[object]:
        return {row["id"] for row in await _listed(places, f"/archive/findings?report_id=r-o-bureau-2024{query}")}

    assert await ids("") == {"f-no"}
    assert await ids("&_noted=dismissed") == {"f-no"}
    assert await ids("&_noted=open") == set()
    main = await main_of(places, "/archive/findings?_noted=dismissed&severity=error")
    assert "编辑处理：已排除" in main.get_text()
    form = main.select_one("form.choices")
    assert form is not None
    selected = {str(select["name"]): select.select_one("option[selected]") for select in form.select("select")}
    assert {name: option["value"] for name, option in selected.items() if option} == {
        "rule": "", "_province": "", "_year": "", "severity": "error", "_noted": "dismissed",
    }  # fmt: skip
    # Of a table without findings nothing is known of it.
    assert "编辑处理" not in (await main_of(places, "/archive/reports?_noted=open")).get_text()


async def test_pages_count_what_they_list(places: Datasette) -> None:
    organ = await main_of(places, "/archive/organs/o-bureau")
    for link in organ.select("a[href*='/findings?']"):
        # Cells say the number alone, or the severity and the number.
        assert len(await _listed(places, str(link["href"]))) == int(link.get_text().split()[-1])
    rule = await main_of(places, "/archive/rules/requests~2Erow_total")
    counted = {
        str(link["href"]): int(link.select_one("small").get_text())  # type: ignore[union-attr]
        for link in rule.select(".chips a")
    }
    assert counted
    for href, number in counted.items():
        assert len(await _listed(places, href)) == number
    assert "f-no<" not in rule.get_text()
    dismissed = rule.find("a", string="另有 1 条已由编辑排除")
    assert isinstance(dismissed, Tag)
    assert [row["id"] for row in await _listed(places, str(dismissed["href"]))] == ["f-no"]
    place = await main_of(places, place_path("江右省"))
    for link in place.select("a[href*='severity=error']"):
        reports = {row["report_id"] for row in await _listed(places, str(link["href"]))}
        assert len(reports) == int(link.get_text())
        assert parse_qs(urlsplit(str(link["href"])).query)["_noted"] == ["open"]


async def test_queries_and_feeds_leave_it_out(places: Datasette) -> None:
    for name in ("unbalanced", "contradictions"):
        rows = (await places.client.get(f"/archive/{name}.json?_shape=array&year=&province=")).json()
        assert "f-one" in {row["finding_id"] for row in rows}
        assert "f-no" not in {row["finding_id"] for row in rows}
    rows = (await places.client.get("/archive/organ_years.json?_shape=array&organ=o-bureau")).json()
    assert {row["year"]: row["findings"] for row in rows} == {2023: 1, 2024: 0}
    feed = (await places.client.get("/-/feed/findings.atom")).text
    assert "f-one" in feed
    assert "f-no" not in feed


async def test_a_report_shows_it_last_and_marks_no_cell_for_it(places: Datasette) -> None:
    main = await main_of(places, "/archive/reports/r-o-bureau-2024")
    [finding] = main.select("ol.findings li")
    assert "dismissed" in finding["class"]
    assert "已排除" in finding.get_text()
    assert not main.select("td.doubted")
