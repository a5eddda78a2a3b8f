"""What was altered after publication: old and new beside each other, all of it, page by page."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from datasette.app import Datasette

from publish.serve import build_app
from tests.publish.conftest import HOSTILE, PLAIN, build_archive, main_of

pytestmark = pytest.mark.anyio

CHANGES = 230


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = build_archive(tmp_path_factory.mktemp("changes") / "archive.db")
    long = "前文" * 60
    with sqlite3.connect(path) as conn:
        conn.execute("delete from changes")
        conn.executemany(
            "insert into changes (report_id, field, old, new, detected_at) values (?, ?, ?, ?, ?)",
            [
                (PLAIN, "requests.new.total", "9", "19", "2025-05-02T00:00:00Z"),
                (PLAIN, "sections.5", f"{long}旧话{long}", f"{long}新话{long}", "2025-05-02T00:00:00Z"),
                (PLAIN, "published_on", None, "2025-01-20", "2025-05-02T00:00:00Z"),
                *(
                    (HOSTILE, f"indicators.{n}.value", "<b>1", f"<i>{n}", "2025-04-01T00:00:00Z")
                    for n in range(CHANGES)
                ),
            ],
        )
    return path


@pytest.fixture
def site(path: Path) -> Datasette:
    return build_app(path)


async def test_old_and_new_stand_side_by_side_with_what_differs_marked(site: Datasette) -> None:
    main = await main_of(site, "/archive/changed")
    table = main.select_one("table.changes")
    assert table is not None
    rows = {row.th.get_text(): row for row in table.select("tbody tr") if row.th}  # type: ignore[union-attr]
    figure = rows["表三 · 本年新收政府信息公开申请数量 · 总计"]
    assert [tag.get_text() for tag in figure.select("del, ins")] == ["9", "19"]
    text = next(row for name, row in rows.items() if name.startswith("第5部分"))
    assert [tag.get_text() for tag in text.select("del, ins")] == ["旧", "新"]
    assert len(text.get_text()) < 250
    assert "（无）" in rows["发布日期"].get_text()
    assert main.select_one(f"h2 a[href='/archive/reports/{PLAIN}#changes']")


async def test_hostile_text_is_text(site: Datasette) -> None:
    response = await site.client.get("/archive/changed")
    assert "<b>1" not in response.text
    assert "&lt;b&gt;1" in response.text


async def test_pages_and_files_have_every_change_once(site: Datasette) -> None:
    address: str | None = "/archive/changed"
    seen: list[str] = []
    while address:
        main = await main_of(site, address)
        seen += [row.get_text() for row in main.select("table.changes tbody tr")]
        following = main.select_one("a[rel=next]")
        address = str(following["href"]) if following else None
    assert len(seen) == len(set(seen)) == CHANGES + 3
    main = await main_of(site, "/archive/changed?page=2")
    assert main.select_one("a[rel=prev]")
    for link in main.select(".download"):
        answer = await site.client.get(str(link["href"]))
        if ".json" in str(link["href"]):
            assert len(json.loads(answer.text)) == CHANGES + 3
        assert answer.status_code == 200


async def test_it_is_narrowed_by_year_and_province(site: Datasette) -> None:
    main = await main_of(site, "/archive/changed?year=2024&province=安宁省")
    assert len(main.select("table.changes tbody tr")) == 3
    assert "没有发布后修改的报告" in (await main_of(site, "/archive/changed?year=1999")).get_text()
