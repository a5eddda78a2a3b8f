"""A portal as a function: crawled by the engine without a network, with a log of what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from archive.frontier import Lead
from archive.store import Archive
from archive.warc import capture_url
from crawler.discovery import Context
from crawler.portal_crawl import Fetched, PortalCrawl
from crawler.portals import Portal
from crawler.result import PortalResult
from tests.crawler.lanxi import article, page

HOME = "http://www.lanxi.gov.cn/"
Answer = str | bytes | int | dict[str, Any]


@dataclass
class Request:
    """What the portal is asked: ``query`` and ``form`` as dictionaries, ``json`` what was posted as such."""

    method: str
    url: str
    body: str
    headers: dict[str, str]
    query: dict[str, str] = field(default_factory=dict)
    form: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """Pages by path (with query, if there is one), or a function for what answers by parameters.

    A number is a status. ``asked`` holds "GET /path" of all that was asked.
    """

    def __init__(self, pages: dict[str, Answer], service: Callable[[Request], Answer | None] | None = None) -> None:
        self.pages = pages
        self.service = service
        self.asked: list[str] = []

    def answer(self, request: Request) -> tuple[int, bytes]:
        parts = urlsplit(request.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        self.asked.append(f"{request.method} {target}")
        found = self.service(request) if self.service else None
        if found is None:
            found = self.pages.get(request.url, self.pages.get(target, 404))
        if isinstance(found, int):
            return found, b"<html><body>404 Not Found</body></html>"
        if isinstance(found, dict):
            return 200, json.dumps(found, ensure_ascii=False).encode()
        return 200, found.encode() if isinstance(found, str) else found

    def paths(self, prefix: str = "") -> list[str]:
        """What was asked, without the method, below ``prefix``."""
        return [path for entry in self.asked if (path := entry.partition(" ")[2]).startswith(prefix)]


@dataclass
class Crawled:
    """The result of a crawl, and the titles of the documents by their address."""

    result: PortalResult
    documents: dict[str, str | None]
    reasons: dict[str, str]


def crawl(folder: Path, site: Site, *, start: str = HOME, **portal: Any) -> Crawled:
    """Crawl ``site`` from ``start`` into the archive in ``folder`` with the engine alone."""
    with Archive.open(folder / "archive.db") as archive, archive.write_lock():
        known = Portal(id="lanxi", name="岚溪县人民政府", start=(start,), **portal)
        archive.sync_portals([{"id": known.id, "name": known.name, "start": known.start}])
        run = archive.begin_run("test")
        engine = PortalCrawl(archive, known, run)
        while entry := engine.claim(()):
            context = Context.from_json(entry.lead.context)
            assert engine.may_ask(entry.lead.url, entry), entry.lead.url
            headers = dict(context.headers)
            if context.referer:
                headers["Referer"] = context.referer
            body = context.body or ""
            query = dict(parse_qsl(urlsplit(entry.lead.url).query, keep_blank_values=True))
            form = dict(parse_qsl(body, keep_blank_values=True)) if "form" in headers.get("Content-Type", "") else {}
            status, payload = site.answer(Request(context.method, entry.lead.url, body, headers, query, form))
            if status != 200:
                engine.failed(entry, f"http:{status}", requests=1)
                continue
            asked = Fetched(entry.lead.url, status, payload, [], [], method=context.method, request_body=body.encode())
            engine.fetched(entry, asked, requests=1, size=len(payload))
        result = engine.finish(interrupted=False)
        outcomes = engine.frontier.outcomes()
        documents = {
            outcome.lead.url.removeprefix(HOME): archive.origin(_captured_as(outcome.lead)).title
            for outcome in outcomes
            if outcome.result.get("document")
        }
        reasons = {outcome.lead.url.removeprefix(HOME): outcome.reason for outcome in outcomes if outcome.reason}
    return Crawled(result, documents, reasons)


def _captured_as(lead: Lead) -> str:
    context = Context.from_json(lead.context)
    return capture_url(lead.url, context.method, (context.body or "").encode())


def report(organ: str, year: int, extra: str = "") -> bytes:
    """A report's page."""
    return article(name(organ, year), f"{year + 1}-01-20", extra)


def name(organ: str, year: int) -> str:
    """The title of a report."""
    return f"{organ}{year}年政府信息公开工作年度报告"


def home(*links: tuple[str, str]) -> bytes:
    """A home page with ``links`` (address, text) and news."""
    anchors = "".join(f'<a href="{url}">{text}</a>' for url, text in links)
    return page(f'<div class="nav">{anchors}</div><a href="/news/1.html">岚溪县召开会议</a>' + "文" * 300)
