"""The journalists' guides hold true: each numbered step is done in a browser, word for word.

In a step **bold** is clicked, or what the next `code` is typed or chosen into; what stands in 「…」 or “…” must then
be seen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e import reading
from tests.e2e.conftest import FirstCrawl

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(reading.CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)"),
]
DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {"journalists.zh-CN.md": ("/", "「([^」]+)」"), "journalists.md": ("/en/", "“([^”]+)”")}
_STEP = re.compile(r"^\d+\. (.*?)(?=^\d+\. |^\s*$)", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def address(first_crawl: FirstCrawl) -> Iterator[str]:
    with reading.served(first_crawl.folder) as (url, _process):
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with reading.chromium() as started:
        yield started


def _sections(text: str) -> dict[str, list[str]]:
    """The steps of each section that has some, on one line each."""
    found = {}
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        if steps := [re.sub(r"\s*\n\s*", " ", step).strip() for step in _STEP.findall(body + "\n\n")]:
            found[title] = steps
    return found


def _named(page: Any, name: str) -> Any:
    """What can be clicked or filled in under exactly this name, the first one that is seen."""
    roles = ("button", "link", "searchbox", "textbox", "combobox")
    for role in roles:
        # What stands above, before what has the same name further down.
        for place in (page.locator("header nav"), page.get_by_role("main"), page):
            for found in place.get_by_role(role, name=name, exact=True).all():
                if found.is_visible():
                    return role, found
    raise AssertionError(f"nothing on {page.url} is called {name!r}")


def _do(page: Any, step: str, seen: str) -> None:
    field = None
    for bold, code, words in re.findall(rf"\*\*(.+?)\*\*|`([^`]+)`|{seen}", step):
        if bold:
            role, found = _named(page, bold)
            field = found if role in ("searchbox", "textbox", "combobox") else None
            if field is None:
                _click(page, found)
        elif code:
            assert field is not None, f"nowhere to put {code!r}: {step}"
            if field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(label=code)
            else:
                field.fill(code)
        else:
            assert page.get_by_text(words).first.is_visible(), f"{words!r} is not on {page.url}: {step}"


def _click(page: Any, found: Any) -> None:
    target = found.get_attribute("href") or ""
    if re.search(r"/-/(export|original)/", target):
        with page.expect_download():
            found.click()
    else:
        found.click()
        page.wait_for_load_state()


@pytest.mark.parametrize("guide", GUIDES)
def test_its_steps_lead_where_it_says(guide: str, browser: Any, address: str) -> None:
    home, seen = GUIDES[guide]
    sections = _sections((DOCS / guide).read_text("utf-8"))
    assert len(sections) >= 4
    page = browser.new_page()
    page.set_default_timeout(20_000)
    files: list[Any] = []
    page.on("download", lambda download: files.append(download))
    for steps in sections.values():
        page.goto(address + home)
        for step in steps:
            _do(page, step, seen)
    kinds = {Path(file.suggested_filename).suffix for file in files}
    assert kinds >= {".csv", ".xlsx"}
    for file in files:
        assert Path(file.path()).stat().st_size > 100


def test_both_guides_have_the_same_steps() -> None:
    counts = [[len(steps) for steps in _sections((DOCS / guide).read_text("utf-8")).values()] for guide in GUIDES]
    assert counts[0] == counts[1]
