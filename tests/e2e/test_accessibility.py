"""Every kind of page under axe, at a desk and on a phone, and none wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.e2e import reading
from tests.e2e.reading import KnownArchive

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(reading.CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)"),
]

PAGES = {
    "home": "/",
    "database": "/archive",
    "reports": "/archive/reports",
    "reports, filtered": "/archive/reports?_text=疫苗&_facet=edition&year__gt=2020",
    "organs": "/archive/organs",
    "findings": "/archive/findings",
    "changes": "/archive/changes",
    "requests": "/archive/requests",
    "no rows": "/archive/reports?year=1900",
    "report": "/archive/reports/{html}",
    "report from a PDF": "/archive/reports/{pdf}",
    "organ": "/archive/organs/{organ}",
    "rule": "/archive/rules/requests~2Erow_total",
    "row": "/archive/items/regulations",
    "search": "/archive/search?q=疫苗接种",
    "search in vain": "/archive/search?q=zzzz",
    "canned query": "/archive/organ_years?organ=卫生",
    "SQL": "/archive?sql=select+*+from+requests+limit+5",
    "broken SQL": "/archive?sql=selec",
    "place": "/-/place",
    "heat map": "/-/findings",
    "portals": "/-/portals",
    "about": "/-/about",
    "choose a report": "/-/compare?a={html}",
    "two reports": "/-/compare?a={before}&b={html}",
    "organs compared": "/-/organs-compare",
    "one organ over years": "/-/organ-years/{organ}?table=requests&item=new",
    "evidence in HTML": "/-/evidence/{html}/requests.new.total",
    "evidence in PDF": "/-/evidence/{pdf}/requests.new.total",
    "missing": "/nothing",
}
WIDTHS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone": {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True},
}


@pytest.fixture(scope="module")
def address(known: KnownArchive) -> Iterator[str]:
    with reading.served(known.folder) as (url, _process):
        yield url


@pytest.fixture(scope="module", params=WIDTHS)
def page(browser: sync_api.Browser, request: pytest.FixtureRequest) -> Iterator[sync_api.Page]:
    context = browser.new_context(**WIDTHS[request.param])
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("kind", PAGES)
def test_axe_finds_no_fault(page: sync_api.Page, address: str, known: KnownArchive, kind: str) -> None:
    ids = known.ids
    path = PAGES[kind].format(html=ids[2023], pdf=ids[2024], before=ids[2022], organ=ids[2023].rpartition("-")[0])
    page.goto(address + path)
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response
    assert len(found["passes"]) > 20
    faults = [
        (fault["impact"], fault["id"], node["target"], node["html"][:200])
        for fault in found["violations"]
        for node in fault["nodes"]
    ]
    assert faults == []
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels too wide"
    assert page.evaluate("window.innerWidth") == page.viewport_size["width"], "zoomed out to fit a wide page"
    assert page.locator("html").get_attribute("lang")
    assert page.locator("main h1").count() == 1
