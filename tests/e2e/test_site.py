"""The site over the crawled archive, as a reader's browser shows it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from parsers import forms
from sample.organs import BY_KEY
from tests.e2e import program, reading
from tests.e2e.conftest import FirstCrawl
from tests.e2e.expectations import report_ids

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(reading.CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)"),
]

ORGAN, YEAR = BY_KEY["xfj"].name, 2023
BOM = b"\xef\xbb\xbf"


@pytest.fixture(scope="module")
def address(first_crawl: FirstCrawl) -> Iterator[str]:
    with reading.served(first_crawl.folder) as (url, _process):
        yield url


@pytest.fixture
def page(browser: sync_api.Browser, tmp_path: Path) -> Iterator[sync_api.Page]:
    context = browser.new_context()
    opened = context.new_page()
    yield opened
    opened.screenshot(path=tmp_path / "page.png", full_page=True)
    context.close()


def test_the_search_box_finds_reports(page: sync_api.Page, address: str, first_crawl: FirstCrawl) -> None:
    page.goto(address)
    page.get_by_role("searchbox").first.fill("信访")
    page.get_by_role("button", name="全文检索").click()
    page.locator("ol.hits").wait_for()
    hits = page.locator("ol.hits h2 a").all_inner_texts()
    titles = {report.title for report in first_crawl.truth.reports if report.organ == ORGAN}
    assert len(titles) == 6
    assert titles <= set(hits)
    assert "信访" in page.locator("ol.hits mark").first.inner_text()


def test_a_report_shows_its_tables_as_printed(page: sync_api.Page, address: str, first_crawl: FirstCrawl) -> None:
    report = first_crawl.truth.report(ORGAN, YEAR).report
    page.goto(f"{address}/archive/reports/{report_ids(first_crawl.folder)[ORGAN, YEAR]}")
    assert page.locator("h1").inner_text() == report.title
    for key in ("disclosures", "requests", "reviews"):
        assert page.locator(f"table.printed-{key}").is_visible()
    shown = dict(
        page.locator("table.printed td[id]").evaluate_all(
            "cells => cells.map(cell => [cell.id, cell.firstChild ? cell.firstChild.textContent.trim() : ''])"
        )
    )
    readings = dict(report.readings())
    assert shown.keys() == readings.keys()
    wrong = {
        name: (shown[name], reading.printed)
        for name, reading in readings.items()
        if shown[name] != (_plain(reading.number) if reading.kind == "number" else reading.printed)
    }
    assert wrong == {}
    for section in report.sections:
        assert page.get_by_role("heading", name=section.heading).is_visible()


def _plain(number: float | int | None) -> str:
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def test_csv_for_excel_and_csv_for_programs(page: sync_api.Page, address: str, first_crawl: FirstCrawl) -> None:
    report_id = report_ids(first_crawl.folder)[ORGAN, YEAR]
    page.goto(f"{address}/archive/reports/{report_id}")
    with page.expect_download() as download:
        page.locator("a[href*='/-/export/archive/requests.csv']").click()
    content = Path(download.value.path()).read_bytes()
    assert content[:3] == BOM
    rows = list(csv.reader(io.StringIO(content[3:].decode())))
    columns = ("report_id", "item", *forms.APPLICANTS)
    stored = program.query(
        first_crawl.folder, f"SELECT {', '.join(columns)} FROM requests WHERE report_id = ? ORDER BY item", report_id
    )
    figures = [["" if value is None else str(value) for value in row[2:]] for row in stored]
    assert len(rows) == len(stored) + 1
    assert sorted(row[-len(forms.APPLICANTS) :] for row in rows[1:]) == sorted(figures)
    with reading.fetch(f"{address}/archive/requests.csv?report_id={report_id}&_size=max") as answer:
        plain = answer.read()
    assert not plain.startswith(BOM)
    by_item = {row["item"]: row for row in csv.DictReader(io.StringIO(plain.decode()))}
    assert {item: [row[code] for code in forms.APPLICANTS] for item, row in by_item.items()} == {
        row[1]: values for row, values in zip(stored, figures, strict=True)
    }


def test_the_original_can_be_had_from_its_report(page: sync_api.Page, address: str, first_crawl: FirstCrawl) -> None:
    report_id = report_ids(first_crawl.folder)[ORGAN, YEAR]
    ((size,),) = program.query(
        first_crawl.folder,
        "SELECT bytes FROM documents JOIN reports ON document_sha256 = sha256 WHERE id = ?",
        report_id,
    )
    page.goto(f"{address}/archive/reports/{report_id}")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载原件").click()
    assert Path(download.value.path()).stat().st_size == size
