"""A whole piece of work of someone who knows no SQL, in a real browser.

From a word searched for to a report whose prose contradicts its table, the place of the cell in its source, the
year before beside it, and files to take away, which are read back and compared with what the sources print.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from PIL import Image, ImageChops

from parsers import forms
from parsers.report import Reading, Report
from publish.dictionary import dictionary
from tests.e2e import reading
from tests.e2e.reading import CLAIMED, KnownArchive

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(reading.CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)"),
]

PHONE = 360
WORDS = "疫苗接种"
YEAR, BEFORE, PRINTED_AS_PDF = 2023, 2022, 2024
CELL = "requests.new.total"
OUTLINE = (0xCF, 0x22, 0x2E)
READERS: dict[str, dict[str, Any]] = {
    "at a desk": {"viewport": {"width": 1280, "height": 900}},
    "without JavaScript": {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
    "on a phone": {"viewport": {"width": PHONE, "height": 740}, "is_mobile": True, "has_touch": True},
}


@pytest.fixture(scope="module")
def address(known: KnownArchive) -> Iterator[str]:
    with reading.served(known.folder) as (url, _process):
        yield url


def _page(browser: sync_api.Browser, **how: Any) -> sync_api.Page:
    page = browser.new_context(**how).new_page()
    page.set_default_timeout(20_000)
    return page


def _fits(page: sync_api.Page) -> None:
    """No page is wider than the screen; wide tables scroll by themselves."""
    page.wait_for_load_state()
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{page.url} is {wide} pixels too wide"
    assert page.evaluate("window.innerWidth") == page.viewport_size["width"]


def _text(reading_: Reading) -> str:
    return str(reading_.number) if reading_.kind == "number" else reading_.printed


def _taken(page: sync_api.Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    return Path(download.value.path()).read_bytes()


def _csv(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def _workbook(content: bytes) -> list[list[Any]]:
    return [list(row) for row in openpyxl.load_workbook(io.BytesIO(content), read_only=True).active.values]


def _expected_requests(report: Report) -> dict[str, list[Any]]:
    return {
        row: [cells[who].number if cells[who].kind == "number" else None for who in forms.APPLICANTS]
        for row, cells in report.requests.items()
    }


@pytest.mark.parametrize("reader", READERS)
def test_from_a_word_to_figures_in_a_spreadsheet(
    browser: sync_api.Browser, address: str, known: KnownArchive, reader: str
) -> None:
    page = _page(browser, **READERS[reader])
    truth = known.truth[YEAR]
    page.goto(address)
    _fits(page)
    page.get_by_label("检索报告全文、标题和机关名称").fill(WORDS)
    page.get_by_role("button", name="全文检索").click()
    _fits(page)
    assert page.locator("ol.hits mark").first.inner_text() in WORDS
    page.locator("ol.hits h2").get_by_role("link", name=truth.title, exact=True).click()

    # The finding says what the prose claims and what the table prints; it leads to the cell.
    _fits(page)
    finding = page.locator("#findings li", has_text=f"正文称新收申请{CLAIMED}件，表三为{_text(_cell(truth))}件")
    assert f"{CLAIMED}件" in page.locator("section.prose").first.inner_text()
    finding.get_by_role("link", name=re.compile("表三 · 本年新收.*总计")).click()
    assert page.url.endswith(f"#{CELL}")
    cell = page.locator(f"[id='{CELL}']")
    assert cell.locator("a.evidence").inner_text() == _text(_cell(truth))

    # Its evidence: the archived table with that cell marked, and the source's neighbours around it.
    cell.locator("a.evidence").click()
    _fits(page)
    [marked] = page.locator("table.source mark").all()
    assert marked.inner_text().strip() == _cell(truth).printed
    printed = [text.strip() for text in marked.locator("xpath=ancestor::tr").locator("td").all_inner_texts()]
    assert printed[-len(forms.APPLICANTS) :] == [truth.requests["new"][who].printed for who in forms.APPLICANTS]
    page.get_by_role("link", name="回到报告中的这一格").click()
    assert page.url.endswith(f"#{CELL}")

    _compare_with_the_year_before(page, known)
    _fits(page)
    _take_one_report_away(page, known)
    _fits(page)
    _take_the_years_away(page, known)
    _fits(page)
    page.context.close()


def _cell(report: Report) -> Reading:
    return report.requests["new"]["total"]


def _compare_with_the_year_before(page: sync_api.Page, known: KnownArchive) -> None:
    page.get_by_role("link", name="与上年比较").click()
    before, now = (_cell(known.truth[year]).number for year in (BEFORE, YEAR))
    assert isinstance(now, int)
    assert isinstance(before, int)
    page.locator("#requests summary", has_text="不同的格").click()
    row = page.locator("#requests tr.pair").filter(has=page.get_by_role("rowheader", name=re.compile("本年新收.*总计")))
    shown = row.first.locator("td")
    shown.first.wait_for()
    assert shown.all_inner_texts() == [str(before), str(now), f"≠ {now - before}".replace("-", "−")]


def _take_one_report_away(page: sync_api.Page, known: KnownArchive) -> None:
    page.get_by_role("link", name=known.truth[YEAR].title).first.click()
    page.get_by_role("listitem").filter(has_text="表三").get_by_role("link", name="查看").click()
    head, *rows = _workbook(_taken(page, "XLSX"))
    expected = _expected_requests(known.truth[YEAR])
    codes = head.index("事项（代码）")
    assert {row[codes]: row[-len(forms.APPLICANTS) :] for row in rows} == expected
    as_text = {code: ["" if cell is None else str(cell) for cell in cells] for code, cells in expected.items()}
    csv_head, *csv_rows = _csv(_taken(page, "下载 CSV"))
    assert csv_head == head
    assert {row[codes]: row[-len(forms.APPLICANTS) :] for row in csv_rows} == as_text
    labels = {row[codes]: row[head.index("事项")] for row in rows}
    assert labels == {code: forms.REQUEST_ROWS[code].zh for code in expected}


def _take_the_years_away(page: sync_api.Page, known: KnownArchive) -> None:
    # Datasette's rows lead to the report, which leads to its organ.
    page.get_by_role("link", name=known.truth[YEAR].title).first.click()
    page.locator("p.kicker").get_by_role("link", name=known.organ).click()
    page.get_by_role("link", name="历年各类申请人").click()
    expected = {
        year: [report.requests["new"][who].number for who in forms.APPLICANTS] for year, report in known.truth.items()
    }
    for content in (_taken(page, "XLSX"), _taken(page, "下载 CSV")):
        [head, *rows] = _csv(content) if content.startswith(b"\xef\xbb\xbf") else _workbook(content)
        columns = [head.index(dictionary().heading("requests", who)) for who in forms.APPLICANTS]
        years = {int(row[head.index("年度")]): [int(row[column]) for column in columns] for row in rows}
        assert years == expected


@pytest.mark.parametrize("reader", READERS)
def test_cell_of_a_pdf_is_outlined_on_its_page(
    browser: sync_api.Browser, address: str, known: KnownArchive, reader: str
) -> None:
    page = _page(browser, **READERS[reader])
    page.goto(f"{address}/archive/reports/{known.ids[PRINTED_AS_PDF]}")
    with page.expect_response(re.compile(r"\.png\?document=")) as picture:
        page.locator(f"[id='{CELL}'] a.evidence").click()
    outlined = Image.open(io.BytesIO(picture.value.body())).convert("RGB")
    _fits(page)
    shown = page.locator("img.page")
    assert shown.evaluate("image => image.naturalWidth") == outlined.width
    assert "红框" in (shown.get_attribute("alt") or "")
    other = ImageChops.difference(outlined, Image.new("RGB", outlined.size, OUTLINE)).convert("L")
    frame = other.point([255, *[0] * 255]).getbbox()
    assert frame
    # The cell stands in the last of ten columns, in the upper part of its table: no frame around the whole page.
    assert frame[2] - frame[0] < outlined.width / 5
    assert frame[3] - frame[1] < outlined.height / 5
    assert frame[0] > outlined.width / 2
    page.context.close()


def _tab_to(page: sync_api.Page, is_it: str, most: int) -> None:
    """Press Tab until ``is_it``, a JavaScript condition on ``element``, holds of what has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"(() => {{ const element = document.activeElement; return {is_it}; }})()"):
            _focus_shows(page)
            return
    raise AssertionError(f"{most} times Tab on {page.url} do not lead to {is_it}")


def _focus_shows(page: sync_api.Page) -> None:
    style = page.evaluate(
        "(() => { const style = getComputedStyle(document.activeElement);"
        " return [style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
    )
    assert style[0] != "none", f"nothing shows what has the focus on {page.url}"
    assert style[1] >= 1


def _follow(page: sync_api.Page, arrived: Callable[[str], bool]) -> None:
    page.keyboard.press("Enter")
    page.wait_for_url(arrived)


def test_by_keyboard_alone(browser: sync_api.Browser, address: str, known: KnownArchive) -> None:
    page = _page(browser, **READERS["at a desk"])
    truth = known.truth[YEAR]
    page.goto(address)
    _tab_to(page, "element.classList.contains('skip')", 1)
    _follow(page, lambda url: url.endswith("#content"))
    _tab_to(page, "element.type === 'search'", 2)
    page.keyboard.type(WORDS)
    _follow(page, lambda url: "/archive/search" in url)
    page.keyboard.press("Tab")
    _follow(page, lambda url: url.endswith("#content"))
    _tab_to(page, f"element.textContent === {truth.title!r} && element.closest('h2') !== null", 60)
    _follow(page, lambda url: known.ids[YEAR] in url)
    page.keyboard.press("Tab")
    _follow(page, lambda url: url.endswith("#content"))
    _tab_to(page, f"element.hash === '#{CELL}'", 60)
    _follow(page, lambda url: url.endswith(f"#{CELL}"))
    # Whoever follows a link to a cell goes on from that cell.
    _tab_to(page, f"element.matches('a.evidence') && element.parentElement.id === '{CELL}'", 1)
    _follow(page, lambda url: "/-/evidence/" in url)
    assert page.locator("mark").inner_text().strip() == _cell(truth).printed
    _tab_to(page, "element.textContent === '回到报告中的这一格'", 40)
    _follow(page, lambda url: url.endswith(f"#{CELL}"))
    page.context.close()
