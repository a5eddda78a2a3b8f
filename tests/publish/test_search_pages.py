"""Results of a search page by page: each report once, in one order, with counts that hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from datasette.app import Datasette

from publish.serve import build_app
from tests.publish.conftest import build_archive, main_of

pytestmark = pytest.mark.anyio

EXTRA = 120


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_archive(tmp_path_factory.mktemp("search") / "archive.db", extra_reports=EXTRA)


@pytest.fixture
def site(path: Path) -> Datasette:
    return build_app(path)


@pytest.mark.parametrize("order", ["rank", "date"])
async def test_pages_list_every_report_once_and_say_where_they_are(site: Datasette, order: str) -> None:
    address: str | None = f"/archive/search?q=虚构镇&order={order}"
    titles: list[str] = []
    heads = []
    while address:
        main = await main_of(site, address)
        heads.append(" ".join(main.select_one(".summary strong").get_text().split()))  # type: ignore[union-attr]
        hits = main.select_one("ol.hits")
        assert hits is not None
        assert hits["start"] == str(len(titles) + 1)
        titles += [link.get_text() for link in hits.select("h2 a")]
        following = main.select_one("a[rel~=next]")
        address = str(following["href"]) if following else None
    assert heads == [
        "共 120 份报告，第 1–50 份", "共 120 份报告，第 51–100 份", "共 120 份报告，第 101–120 份",
    ]  # fmt: skip
    assert len(titles) == len(set(titles)) == EXTRA


async def test_back_and_beyond(site: Datasette) -> None:
    main = await main_of(site, "/archive/search?q=虚构镇&page=3")
    back = main.select_one("a[rel~=prev]")
    assert back is not None
    assert "page=2" in str(back["href"])
    beyond = await main_of(site, "/archive/search?q=虚构镇&page=4")
    assert "这一页没有结果" in beyond.get_text()
    for page in ("0", "-3", "x", "", "99999999999999"):
        assert (await site.client.get(f"/archive/search?q=虚构镇&page={page}")).status_code == 200


async def test_choosing_a_year_begins_at_the_first_page(site: Datasette) -> None:
    main = await main_of(site, "/archive/search?q=虚构镇&page=2")
    [link] = [link for link in main.select(".facet a") if link.get_text() == "2022"]
    assert "page=" not in str(link["href"])
    assert "year=2022" in str(link["href"])


async def test_the_files_have_all_pages_whichever_is_open(site: Datasette) -> None:
    main = await main_of(site, "/archive/search?q=虚构镇&page=2&order=date")
    links = [str(link["href"]) for link in main.select(".download")]
    assert [link.partition("?")[0].rpartition(".")[2] for link in links] == ["csv", "xlsx", "json"]
    assert all("order=date" in link for link in links)
    rows = json.loads((await site.client.get(links[2])).text)
    assert len({row["report_id"] for row in rows}) == EXTRA
    assert len((await site.client.get(links[0])).text.splitlines()) == EXTRA + 1


async def test_few_results_need_no_pages(site: Datasette) -> None:
    main = await main_of(site, "/archive/search?q=5G基站")
    assert main.select_one(".pager") is None
    assert "共 1 份报告" in main.get_text()
    # What the index takes for one word is found within it too.
    assert "共 1 份报告" in (await main_of(site, "/archive/search?q=5g")).get_text()
