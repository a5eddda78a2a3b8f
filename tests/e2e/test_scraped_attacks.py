"""What was scraped is inert wherever it is shown: no script runs, no request leaves, nothing is left to the policy.

Every text of an archive is replaced by attacks, then each kind of page is opened in a real browser.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from lxml import etree

from publish.dictionary import dictionary
from tests.e2e import program, reading
from tests.e2e.files import RENDERERS, reports
from tests.publish.conftest import HOSTILE, PLAIN, build_archive

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(reading.CHROMIUM is None, reason="no Chromium (Debian: apt-get install chromium)"),
]

ATTACK = (
    "信访\"'><script>hit()</script><svg/onload=hit()></svg><img src=//attacker.invalid/x onerror=hit()>"
    "<a href=\"javascript:hit()\">x</a><iframe src=\"data:text/html,<script>parent.hit()</script>\"></iframe>"
    "<style>*{background:url(//attacker.invalid/css)}</style>"
    "<div style=\"width:expression(hit())\" onmouseover=\"hit()\"><base href=//attacker.invalid/>"
    "<meta http-equiv=refresh content=\"0;url=//attacker.invalid/\"><form action=//attacker.invalid/>"
    "]]></title></textarea></style></script>--><!-- {{7*7}} ${7*7} {% raise %} \u202e反向\u2066 \u0007\u001b[31m"
)  # fmt: skip
ADDRESSES = (
    "javascript:hit()//https://a.example/",
    "data:text/html,<script>hit()</script>",
    "https://a.example/\" onclick=\"hit()\" x=\"",
    " JaVaScRiPt:hit()",
    "https://a.example/'><script>hit()</script>",
)  # fmt: skip
# What joins rows or is taken for a moment; all other text is shown, so it is attacked.
KEPT = {
    "id", "code", "report_id", "organ_id", "portal_id", "run_id", "rule", "item", "measure", "proceeding", "field",
    "document_sha256", "content_sha256", "sha256", "other_report_id", "finding_id", "predecessor_id", "successor_id",
    "cells", "other_cells", "captured_at", "detected_at", "fetched_at", "started_at", "finished_at", "scope_of",
    "first_captured_at", "last_captured_at", "warc", "media_type", "status", "table_name",
}  # fmt: skip
PAGES = [
    "/", "/archive", "/archive/reports", f"/archive/reports/{PLAIN}", f"/archive/reports/{HOSTILE}", "/archive/organs",
    "/archive/organs/o-petition", "/archive/organs/o-hostile", "/archive/findings", "/archive/findings/f-hostile",
    "/archive/changes", "/archive/sections", "/archive/disclosures", "/archive/captures", "/archive/portals",
    "/archive/portals/p-yunxi", "/archive/organ_successions", "/archive/rules/requests~2Erow_total",
    "/archive/indicators",
    "/archive/documents", "/archive/versions", "/archive/search?q=信访", "/archive/search?q={attack}",
    "/archive/organ_years?organ={attack}", "/archive/changed", "/archive/contradictions", "/archive/missing_reports",
    "/archive?sql=select+*+from+reports", "/archive?sql={attack}", "/archive/reports?title={attack}",
    "/archive/reports?_text={attack}", "/archive/reports?_sort={attack}", "/archive/findings?_facet=message",
    "/-/place", "/-/place/{attack}", "/-/findings", "/-/portals", "/-/portals?q={attack}&status={attack}", "/-/about",
    f"/-/compare?a={PLAIN}&b={HOSTILE}", f"/-/compare?a={PLAIN}", "/-/compare?q={attack}", "/-/organs-compare",
    "/-/organs-compare?organ={attack}&measure={attack}", "/-/organ-years/o-petition?table=requests&item=new",
    f"/-/evidence/{PLAIN}/requests.new.total", f"/-/evidence/{HOSTILE}/disclosures.regulations.issued",
    "/{attack}", "/archive/reports/{attack}", "/-/feed/{attack}.atom", "/en/", f"/en/archive/reports/{HOSTILE}",
]  # fmt: skip
FOREIGN = """() => {
  const bad = [];
  for (const element of document.querySelectorAll('*')) {
    if (element.matches('script, iframe, object, embed, base, form:not([method=get]), meta[http-equiv], body style'))
      bad.push(element.outerHTML.slice(0, 200));
    for (const {name, value} of element.attributes) {
      if (name.startsWith('on') || name === 'style' || name === 'srcdoc') bad.push(`${name}=${value}`.slice(0, 200));
      if (['href', 'src', 'action'].includes(name) && /^\\s*(javascript|data|vbscript|\\/\\/)/i.test(value))
        bad.push(`${name}=${value}`.slice(0, 200));
    }
  }
  return bad;
}"""


def _poison(path: Path) -> None:
    """Put attacks in place of every text that is no key."""
    conn = sqlite3.connect(path)
    with conn:
        conn.execute("pragma foreign_keys = off")
        for name, table in dictionary().tables.items():
            kinds = {row[1]: (row[2], row[5]) for row in conn.execute(f"pragma table_info({name})")}
            for column in table.columns:
                kind, key = kinds[column]
                if kind.upper() != "TEXT" or key or column in KEPT:
                    continue
                if "url" in column:
                    for at, address in enumerate(ADDRESSES):
                        conn.execute(
                            f"update {name} set {column} = ? where rowid % ? = ?", (address, len(ADDRESSES), at)
                        )
                else:
                    conn.execute(f"update {name} set {column} = ?", (ATTACK,))
        for report, cells in conn.execute("select report_id, cells from evidence").fetchall():
            seen = {field: {**cell, "printed": ATTACK, "unit": ATTACK} for field, cell in json.loads(cells).items()}
            conn.execute("update evidence set cells = ? where report_id = ?", (json.dumps(seen), report))
    conn.close()


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("poisoned")
    _poison(build_archive(folder / "archive.db"))
    with reading.served(folder) as (url, _process):
        yield url


@pytest.fixture(scope="module")
def page(browser: sync_api.Browser) -> Iterator[sync_api.Page]:
    context = browser.new_context()
    context.add_init_script("window.hits = 0; window.hit = () => { window.hits += 1; };")
    yield context.new_page()
    context.close()


@pytest.fixture
def noticed(page: sync_api.Page) -> Iterator[list[str]]:
    """Dialogs, what the policy had to stop, and addresses asked for."""
    found: list[str] = []

    def dialog(opened: Any) -> None:
        found.append(f"dialog {opened.message}")
        opened.dismiss()

    def said(message: Any) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            found.append(f"stopped by the policy: {message.text}")

    def asked(request: Any) -> None:
        if not request.url.startswith("http://127.0.0.1:"):
            found.append(f"asked for {request.url}")

    for event, handler in (("dialog", dialog), ("console", said), ("request", asked)):
        page.on(event, handler)
    yield found
    for event, handler in (("dialog", dialog), ("console", said), ("request", asked)):
        page.remove_listener(event, handler)


def _is_inert(page: sync_api.Page, noticed: list[str]) -> None:
    page.wait_for_load_state()
    page.mouse.move(200, 300)
    assert page.evaluate("window.hits") == 0
    assert page.evaluate(FOREIGN) == []
    assert noticed == []


@pytest.mark.parametrize("path", PAGES)
def test_pages_show_attacks_as_text(page: sync_api.Page, poisoned: str, noticed: list[str], path: str) -> None:
    answer = page.goto(poisoned + path.format(attack=quote(ATTACK, safe="")))
    assert answer is not None
    assert answer.status < 500
    _is_inert(page, noticed)


def test_attacks_are_there_to_be_seen(page: sync_api.Page, poisoned: str) -> None:
    """The pages above are no proof if they do not show what was scraped."""
    for path in (f"/archive/reports/{PLAIN}", "/archive/organs/o-petition", "/archive/search?q=信访",
                 "/archive/findings", f"/-/compare?a={PLAIN}&b={HOSTILE}",
                 f"/-/evidence/{PLAIN}/requests.new.total"):  # fmt: skip
        page.goto(poisoned + path)
        text = page.locator("main").inner_text()
        assert "<script>hit()</script>" in text, path
        assert "{{7*7}}" in text or "…" in text, path


@pytest.mark.parametrize("kind", ["reports", "changes", "findings"])
def test_feeds_hold_attacks_as_text(poisoned: str, kind: str) -> None:
    with reading.fetch(f"{poisoned}/-/feed/{kind}.atom") as answer:
        assert answer.headers["content-type"].startswith("application/atom+xml")
        feed = etree.fromstring(answer.read())
    assert {etree.QName(element).namespace for element in feed.iter()} == {"http://www.w3.org/2005/Atom"}
    assert {content.get("type", "text") for content in feed.iter("{*}content", "{*}title")} == {"text"}
    assert "<script>hit()</script>" in "".join(feed.itertext())
    assert not [link for link in feed.iter("{*}link") if not link.get("href", "").startswith(poisoned)]


def test_data_are_never_a_page(page: sync_api.Page, poisoned: str, noticed: list[str]) -> None:
    for path in ("/archive/reports.json", f"/archive/reports/{HOSTILE}.json", "/archive/sections.json?_shape=array"):
        answer = page.goto(poisoned + path)
        assert answer is not None
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert page.evaluate("window.hits") == 0
    assert noticed == []


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str, str]]:
    """A report with attacks as markup and as text in its title, prose and cells: address, id and hash."""
    folder = tmp_path_factory.mktemp("imported")
    page_ = RENDERERS[".html"](reports()[0]).decode()
    markup = "<script>hit()</script><img src=//attacker.invalid/x onerror=hit()><svg onload=hit()></svg>"
    for word in ("自然人", "总体情况"):
        page_ = page_.replace(word, f"{word}{markup}{escape('<script>hit()</script>')}")
    (folder / "hostile.html").write_text(page_.replace("</h1>", "</h1><script>hit()</script>"), "utf-8")
    program.run(folder, "import", "hostile.html")
    [(report, sha256)] = program.query(folder, "SELECT id, document_sha256 FROM reports")
    with reading.served(folder) as (url, _process):
        yield url, report, sha256


def test_evidence_of_a_hostile_source(page: sync_api.Page, imported: tuple[str, str, str], noticed: list[str]) -> None:
    address, report, _sha256 = imported
    page.goto(f"{address}/-/evidence/{report}/requests.new.total")
    assert "<script>hit()</script>" in page.locator("table.source").inner_text()
    _is_inert(page, noticed)


def test_originals_are_taken_away_and_never_opened(
    page: sync_api.Page, imported: tuple[str, str, str], noticed: list[str]
) -> None:
    address, report, sha256 = imported
    page.goto(f"{address}/archive/reports/{report}")
    _is_inert(page, noticed)
    with page.expect_download() as download:
        page.get_by_role("link", name="下载原件").click()
    assert "<script>hit()</script>" in Path(download.value.path()).read_text("utf-8")
    with pytest.raises(sync_api.Error, match="Download is starting"):
        page.goto(f"{address}/-/original/{sha256}")
    # Not even a frame or a picture of another page of the site opens it.
    page.goto(f"{address}/archive/reports/{report}")
    assert page.evaluate("window.hits") == 0
    assert noticed == []
