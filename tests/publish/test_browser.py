"""What a reader does, in a real browser: search, open a report, download its table."""

import itertools
import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from publish.serve import build_app
from tests.publish.conftest import HOSTILE, PLAIN

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def address(archive_path: Path) -> Iterator[str]:
    config = uvicorn.Config(build_app(archive_path).app(), host="127.0.0.1", port=0, log_level="warning")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < deadline, "the site did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def browser() -> Iterator["sync_api.Browser"]:
    with sync_api.sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: "sync_api.Browser") -> Iterator["sync_api.Page"]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_from_the_search_box_to_the_figures(page: "sync_api.Page", address: str) -> None:
    page.goto(address)
    page.get_by_label("检索报告全文、标题和机关名称").fill("信访")
    page.get_by_role("button", name="全文检索").click()
    page.get_by_role("link", name="云溪县信访局2024年政府信息公开工作年度报告").click()
    page.wait_for_url(f"{address}/archive/reports/{PLAIN}")
    table = page.get_by_role("table", name="表三")
    assert table.get_by_role("rowheader", name="一、本年新收政府信息公开申请数量").is_visible()
    page.get_by_role("link", name="见疑点 1").click()
    assert page.locator("#finding-1").is_visible()
    page.get_by_role("link", name="云溪县信访局", exact=True).click()
    page.get_by_role("link", name="在报告表中查看").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 CSV（Excel 可直接打开）").click()
    assert download.value.suggested_filename == "年报库-reports.csv"
    content = Path(download.value.path()).read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert len(content.splitlines()) == 3


def test_facets_and_filters_work_by_hand(page: "sync_api.Page", address: str) -> None:
    page.goto(f"{address}/archive/reports")
    page.get_by_role("link", name="安宁省").click()
    assert page.get_by_text("共 2 行").is_visible()
    page.get_by_label("全文含").fill("不动产登记")
    page.get_by_role("button", name="筛选").click()
    assert page.get_by_text("共 1 行").is_visible()
    assert page.get_by_text("省份：安宁省").is_visible()


@pytest.mark.parametrize("path", [f"/archive/reports/{HOSTILE}", "/archive/search?q=信访", "/archive/findings"])
def test_scraped_scripts_never_run(page: "sync_api.Page", address: str, path: str) -> None:
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(address + path)
    assert page.get_by_text("<script>alert('注入')</script>").first.is_visible()
    assert not dialogs


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/archive",
        "/archive/reports",
        "/archive/requests",
        f"/archive/reports/{PLAIN}",
        "/archive/search?q=信访",
        "/archive/organs/o-petition",
        "/-/place",
        "/-/place/安宁省",
        "/-/portals",
        "/-/findings",
        "/-/about",
    ],
)
def test_nothing_sticks_out_on_a_phone(browser: "sync_api.Browser", address: str, path: str) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 700})
    phone = context.new_page()
    phone.goto(address + path)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 375
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_two_years_are_compared_without_scripts(browser: "sync_api.Browser", address: str, width: int) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(f"{address}/archive/organs/o-petition")
    page.get_by_label("前", exact=True).select_option("2020")
    page.get_by_role("button", name="比较", exact=True).click()
    assert page.get_by_role("heading", name="比较两份报告").is_visible()
    table = page.get_by_role("table", name="表三　收到和处理政府信息公开申请情况：2020 与 2024")
    assert table.is_visible()
    assert table.get_by_text("此表式无").count() > 0
    assert page.locator("main").bounding_box()["width"] <= width
    assert page.locator("#disclosures").bounding_box()["width"] <= width
    source = table.locator(f"a[href='/-/evidence/{PLAIN}/requests.new.total']")
    source.scroll_into_view_if_needed()
    assert source.is_visible()
    context.close()


PAGES = [
    "/", "/archive", "/archive/reports", f"/archive/reports/{PLAIN}", f"/archive/reports/{HOSTILE}",
    "/archive/organs/o-petition", "/archive/findings", "/archive/findings/f-total", "/archive/search?q=信访",
    "/archive/rules/requests~2Erow_total", "/archive/changed", "/archive/changes", "/archive/missing_reports",
    "/archive/top_requests", "/archive?sql=select+*+from+reports",
    "/-/place", "/-/findings", "/-/portals", "/-/about", "/-/compare",
    f"/-/compare?a={PLAIN}&b={HOSTILE}", "/-/organ-years/o-petition", "/-/organs-compare", "/-/slice",
    "/-/slice?measure=rates.disclosure", f"/-/evidence/{PLAIN}/requests.new.total", "/no/such/page",
]  # fmt: skip
WIDER_THAN_THE_SCREEN = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
LEVELS = "() => [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].map(heading => Number(heading.tagName[1]))"
# Of each table: whether it has a name, stands in a named box that scrolls by keyboard, and its heads have a scope.
TABLES = """() => [...document.querySelectorAll('table')].map(table => {
  const box = table.closest('.scroll');
  return [!!table.caption && !!table.caption.textContent.trim(),
    box?.tabIndex === 0 && !!box.getAttribute('aria-label'),
    [...table.querySelectorAll('th')].every(head => head.scope)];
})"""


@pytest.mark.parametrize("root", ["", "/en"])
def test_no_page_is_wider_than_a_phone(browser: "sync_api.Browser", address: str, root: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 780}, java_script_enabled=True)
    page = context.new_page()
    wide = {}
    for path in PAGES:
        page.goto(f"{address}{root}{path}")
        if excess := page.evaluate(WIDER_THAN_THE_SCREEN):
            wide[path] = excess
    context.close()
    assert wide == {}


def test_headings_and_tables_are_sound_for_screen_readers(page: "sync_api.Page", address: str) -> None:
    for path in PAGES:
        page.goto(f"{address}{path}")
        levels = page.evaluate(LEVELS)
        assert levels[0] == 1, path
        assert levels.count(1) == 1, path
        assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels)), (path, levels)
        for table in page.evaluate(TABLES):
            assert table == [True, True, True], path


def test_the_keyboard_skips_to_the_content_and_shows_where_it_is(page: "sync_api.Page", address: str) -> None:
    page.goto(f"{address}/archive/reports")
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "跳到正文"
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_language_is_switched_by_a_link_and_kept(page: "sync_api.Page", address: str) -> None:
    page.goto(f"{address}/archive/reports/{PLAIN}")
    page.get_by_role("link", name="English").click()
    page.wait_for_url(f"{address}/en/archive/reports/{PLAIN}")
    page.get_by_role("link", name="Findings", exact=True).first.click()
    assert page.url == f"{address}/en/-/findings"
    page.get_by_label("Search", exact=False).first.fill("信访")
    page.get_by_role("button", name="Search").click()
    assert page.url.startswith(f"{address}/en/archive/search?")
    page.get_by_role("link", name="中文").click()
    assert page.url.startswith(f"{address}/archive/search?")
    assert page.locator("html").get_attribute("lang") == "zh-CN"


def test_a_slice_is_made_by_clicking(page: "sync_api.Page", address: str) -> None:
    page.goto(f"{address}/-/place")
    page.get_by_role("main").get_by_role("link", name="取数").click()
    page.get_by_label("指标").select_option("rates.disclosure")
    page.get_by_label("省份").select_option("安宁省")
    page.get_by_role("button", name="取数").click()
    assert page.get_by_text("62.5%").first.is_visible()
    page.get_by_role("link", name="引用网址").click()
    assert page.get_by_text("数据与引用时相同").is_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 CSV").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\xef\xbb\xbf")
