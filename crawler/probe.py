"""Trying a portal: can it be crawled as it is registered, and if not, what should the entry say?

The same downloader middlewares, resolver and limits are at work as in a crawl; nothing is archived.
"""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from scrapy import Request, Spider, signals
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro

from archive.frontier import COLUMN, EXPLORE, Entry, Lead
from crawler import cms, discovery, titles, urls
from crawler.discovery import Context
from crawler.hosts import HostRules
from crawler.middlewares import ENTRY
from crawler.page import Page, looks_like_html
from crawler.portals import LEGACY_TLS, Portal
from crawler.resolver import PublicAddressResolver
from crawler.spiders.portal import reason_of

if TYPE_CHECKING:
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

_UNREADABLE = "unreadable"
MAX_HOPS = 8
MAX_PAGES = 6
_REDIRECTS = (301, 302, 303, 307, 308)
_DEAD = ("failed:", "http:4", "http:5", "redirects", "empty", "not_a_page", "soft404")
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w-]+)", re.IGNORECASE)
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that may lead to the column of reports; ``reports`` and ``years`` if it was looked at."""

    label: str
    url: str
    reports: int | None = None
    years: tuple[int, ...] = ()


@dataclass(slots=True)
class Visit:
    """What one start URL answered: ``url`` was asked, ``hops`` are the addresses that it sent on to.

    ``reason`` is machine-readable and says why no page came, None if one came; ``detail`` is the
    error in words. ``robots`` is allowed, forbidden, none (there is no robots.txt), unreadable
    (an error or silence, which forbids too) or unknown.
    ``declared`` and ``encoding`` are the encoding that the page claims and the one it is in,
    ``family`` is the one recognised on the last page that shows one.
    """

    url: str
    hops: list[str] = field(default_factory=list)
    status: int | None = None
    reason: str | None = _UNREADABLE
    detail: str = ""
    robots: str = "unknown"
    title: str = ""
    declared: str = ""
    encoding: str = ""
    family: str = ""
    candidates: list[Candidate] = field(default_factory=list)
    pages: int = 0

    @property
    def reached(self) -> bool:
        """Whether a page came."""
        return self.reason is None

    @property
    def final(self) -> str:
        """Where it ended."""
        return self.hops[-1] if self.hops else self.url


@dataclass(slots=True)
class Probe:
    """What trying ``portal`` showed: one visit per start URL, and how else it answered where it did not so."""

    portal: Portal
    visits: list[Visit] = field(default_factory=list)
    instead: dict[str, tuple[Visit, Portal]] = field(default_factory=dict)

    @property
    def works(self) -> bool:
        """Whether a crawl can begin at every start URL as it is registered."""
        rules = HostRules(self.portal.start)
        return bool(self.visits) and all(visit.reached and rules.is_own(visit.final) for visit in self.visits)

    @property
    def changes(self) -> dict[str, Any]:
        """What the entry should say otherwise, by key; empty if nothing or if nothing is known to help."""
        changed: dict[str, Any] = {}
        start = []
        for visit in self.visits:
            as_it_is = visit, self.portal
            better, portal = as_it_is if visit.reached else self.instead.get(visit.url, as_it_is)
            start.append(_moved(visit.url, better.final) if better.reached else visit.url)
            if better.reached and portal.tls != self.portal.tls:
                changed["tls"] = portal.tls
        start = list(dict.fromkeys(start))
        return changed if start == list(self.portal.start) else {"start": start, **changed}

    @property
    def would_work(self) -> bool:
        """Whether a crawl could begin at every start URL with the :attr:`changes`."""
        return bool(self.visits) and all(visit.reached or visit.url in self.instead for visit in self.visits)


def probe(portals: Sequence[Portal], progress: Callable[[str], None] | None = None) -> list[Probe]:
    """Try ``portals`` one after the other; ``progress`` is told each address that is asked.

    Blocks. Results are in the given order, fewer of them after an interrupt. Raises Twisted's
    ReactorNotRestartable if called again in the same process.
    """
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.setdict(
        {
            "LOG_INSTALL_ROOT_HANDLER": False,
            # Nothing is kept: the requests wait in memory, and the probe itself follows redirects to tell them.
            "SCHEDULER": "scrapy.core.scheduler.Scheduler",
            "REDIRECT_ENABLED": False,
            "RETRY_TIMES": 1,
            "DOWNLOAD_TIMEOUT": 30,
        },
        priority="cmdline",
    )
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    process = _Process(settings)
    logging.disable(before)
    logging.getLogger("scrapy").setLevel(logging.CRITICAL)
    done: list[Probe] = []

    async def visit(portal: Portal, url: str) -> Visit:
        result = Visit(url)
        if not portal.may_be_asked(datetime.now(UTC)):
            result.reason, result.detail = "hours", f"it may be asked {portal.hours} only, time of Beijing"
            return result
        crawler = Crawler(ProbeSpider, settings)
        await process.crawl(crawler, portal=portal, visit=result, progress=progress)
        result.robots = _robots(crawler, result)
        return result

    async def all_of_them() -> None:
        for portal in portals:
            tried = Probe(portal)
            for url in portal.start:
                first = await visit(portal, url)
                tried.visits.append(first)
                for other, changed in _otherwise(portal, first):
                    second = await visit(changed, other)
                    if second.reached:
                        tried.instead[url] = second, changed
                        break
            done.append(tried)

    from twisted.internet import reactor

    def begin() -> None:
        deferred_from_coro(all_of_them()).addErrback(_log).addBoth(lambda _: process.end())

    reactor.callWhenRunning(begin)
    process.start(stop_after_crawl=False)
    return done


class _Process(AsyncCrawlerProcess):
    """Scrapy's process; an interrupt waits for no answer, since nothing is to be kept."""

    async def stop(self) -> None:
        """Let go of what is going on."""

    def end(self) -> None:
        """Leave the reactor, unless it is being left already."""
        self._stop_reactor()


def _log(failure: Failure) -> None:
    logger.error("the probe could not be run: %s", failure.getTraceback())


def _otherwise(portal: Portal, visit: Visit) -> Iterator[tuple[str, Portal]]:
    """(Address, entry) worth trying where a start URL is dead: the other scheme, with or without www, old TLS."""
    # A proxy that cannot reach the host answers in its place, for robots.txt too.
    dead = visit.robots == "unreadable" or (visit.reason or "").startswith(_DEAD)
    if visit.reached or not dead:
        return
    parts = urlsplit(visit.url)
    if parts.port is not None:
        return
    other_scheme = "http" if parts.scheme == "https" else "https"
    bare = parts.netloc.removeprefix("www.")
    other_host = bare if bare != parts.netloc else f"www.{parts.netloc}"
    if visit.reason != "failed:dns":
        yield urlunsplit((other_scheme, *parts[1:])), portal
        secure = urlsplit(visit.final).scheme == "https"
        if secure and visit.reason in ("failed:connection", "failed:tls") and portal.tls is None:
            yield visit.url, replace(portal, tls=LEGACY_TLS)
    if HostRules.is_name(visit.url):
        for scheme in (parts.scheme, other_scheme):
            url = urlunsplit((scheme, other_host, *parts[2:]))
            yield url, replace(portal, start=(url,))


def _moved(asked: str, final: str) -> str:
    """The start URL in place of ``asked``, which ended at ``final``; the same where only its path was filled in."""
    before, after = urlsplit(asked), urlsplit(final)
    if before[:2] == after[:2]:
        return asked
    if before.netloc.removeprefix("www.") == after.netloc.removeprefix("www."):
        return urlunsplit((*after[:2], *before[2:]))
    return final


class _Rules:
    """What the middlewares ask a crawl: where requests may go. Nothing is known of earlier ones."""

    def __init__(self, portal: Portal) -> None:
        self.hosts = HostRules(portal.start)

    def may_ask(self, url: str, entry: Entry | None) -> bool:
        """Own hosts, and other governments': a portal that moved is followed to tell where."""
        if entry is None:
            return self.hosts.is_name(url) or self.hosts.may_ask(url, as_document=True)
        return self.hosts.may_ask(url, as_document=True)

    def last_capture(self, url: str, method: str = "GET", body: bytes = b"") -> None:
        """Nothing."""


class ProbeSpider(Spider):
    """Visits one start URL and a few pages that promise to lead to the column of reports."""

    name = "probe"

    def __init__(
        self, portal: Portal, visit: Visit, progress: Callable[[str], None] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.portal = portal
        self.crawl = _Rules(portal)
        self._visit = visit
        self._progress = progress
        self._waiting: list[Lead] = []
        self._asked: set[str] = set()
        self._here = self.crawl.hosts
        PublicAddressResolver.allowed |= self.crawl.hosts.addresses

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> ProbeSpider:
        """Make the spider and let its portal's settings override the project's."""
        spider = cls(*args, **kwargs)
        crawler.settings.setdict(spider.portal.settings(), priority="spider")
        spider._set_crawler(crawler)
        crawler.signals.connect(spider.received, signals.response_downloaded)
        return spider

    def received(self, response: Response, request: Request) -> None:
        """Note the status of every answer to the start URL, one that is then refused too."""
        if ENTRY in request.meta and not self._visit.pages:
            self._visit.status = response.status

    async def start(self) -> AsyncIterator[Any]:
        """The start URL."""
        yield self._request(self._visit.url, self.at_start)

    def _request(self, url: str, callback: Callable[..., Any], **arguments: Any) -> Request:
        if self._progress:
            self._progress(url)
        lead = Lead(url, urls.key(url), urls.host(url), EXPLORE, 0, 0)
        return Request(
            url,
            callback=callback,
            errback=self.on_error,
            cb_kwargs=arguments,
            meta={ENTRY: Entry(0, lead, 1), "handle_httpstatus_all": True},
            dont_filter=True,
        )

    def at_start(self, response: Response) -> Iterator[Request]:
        """Follow where the start URL sends the visitor, then look at the page."""
        visit = self._visit
        page = Page(response.url, response.body) if looks_like_html(response.body) else None
        onward = _location(response) or (page.redirect if page and page.redirect != response.url else None)
        if onward:
            visit.hops.append(onward)
            if len(visit.hops) > MAX_HOPS:
                visit.reason, visit.detail = "redirects", f"more than {MAX_HOPS} redirects"
            elif not self.crawl.may_ask(onward, Entry(0, Lead(onward, "", "", EXPLORE, 0, 0), 1)):
                visit.reason, visit.detail = "host", f"sends to {onward}, which is no government's host"
            else:
                yield self._request(onward, self.at_start)
            return
        if response.status != 200:
            visit.reason = f"http:{response.status}"
        elif not response.body:
            visit.reason = "empty"
        elif page is None:
            visit.reason, visit.detail = "not_a_page", "what came is no HTML page"
        elif page.is_missing:
            visit.reason, visit.detail = "soft404", "the page says that there is no such page"
        else:
            visit.title = next(iter(page.titles), "")
            if shown := "".join(page.root.xpath("string((//title)[1])").split()):
                visit.title = shown
            visit.reason = None
            visit.declared, visit.encoding = _declared(response), _encoding(response.body)
            self._here = HostRules([response.url])
            yield from self._look(page, Context(), 0)

    def further(self, response: Response, lead: Lead, hops: int = 0) -> Iterator[Request]:
        """Look at a page that promised to lead to the column."""
        onward = _location(response)
        if onward and hops < MAX_HOPS and self._here.is_own(onward):
            yield self._request(onward, self.further, lead=lead, hops=hops + 1)
        elif response.status == 200 and looks_like_html(response.body):
            yield from self._look(Page(response.url, response.body), Context.from_json(lead.context), lead.depth)
        else:
            yield from self._next()

    def _look(self, page: Page, context: Context, depth: int) -> Iterator[Request]:
        visit = self._visit
        visit.pages += 1
        recognised, family = cms.family_for(page), cms.family_for(page, self.portal.cms)
        if recognised.precedence >= 0 or not visit.family:
            # A home page often shows less of its system than the pages below it.
            visit.family = recognised.name
        rows = family.rows(page)
        if context.column or discovery.is_confirmed_column(page, rows):
            named = [row for row in rows if titles.accept(row.label)]
            years = tuple(sorted({year for row in named if (year := titles.year(row.label))}))
            label = context.trail[-1] if context.trail else visit.title
            seen = Candidate(label, page.url, len(named), years)
            same = {urls.key(page.url), urls.key(context.column or page.url)}
            visit.candidates = [seen, *(one for one in visit.candidates if urls.key(one.url) not in same)]
            return
        links = [*page.links, *family.links(page)]
        for lead in discovery.explore(page, links, depth, context, self._here):
            if lead.key in self._asked:
                continue
            self._asked.add(lead.key)
            self._waiting.append(lead)
            if lead.kind == COLUMN:
                visit.candidates.append(Candidate(lead.context["trail"][-1], lead.url))
        yield from self._next()

    def _next(self) -> Iterator[Request]:
        """The most promising page that is left, within the budget."""
        if self._waiting and self._visit.pages < MAX_PAGES:
            best = max(self._waiting, key=lambda lead: lead.score)
            self._waiting.remove(best)
            yield self._request(best.url, self.further, lead=best)

    def on_error(self, failure: Failure) -> Iterator[Request]:
        """Note why the start URL gave nothing; a further page that fails is only passed over."""
        if self._visit.pages:
            yield from self._next()
            return
        self._visit.reason = reason_of(failure.value)
        self._visit.detail = " ".join(str(failure.value).split())[:300]


def _location(response: Response) -> str | None:
    if response.status not in _REDIRECTS:
        return None
    location = (response.headers.get("Location") or b"").decode("utf-8", "replace")
    return urls.join(response.url, location) if location else None


def _declared(response: Response) -> str:
    """The encoding that the header claims, else the page."""
    found = _CHARSET.search(response.headers.get("Content-Type") or b"") or _CHARSET.search(response.body[:_HEAD])
    return found[1].decode("ascii", "replace").lower() if found else ""


def _encoding(body: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            body.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    return "mixed"


def _robots(crawler: Crawler, visit: Visit) -> str:
    """What robots.txt said, as far as it was asked for."""
    stats = crawler.stats.get_stats() if crawler.stats else {}
    prefix = "robotstxt/response_status_count/"
    statuses = [int(name.removeprefix(prefix)) for name in stats if name.startswith(prefix)]
    if visit.reason == "robots":
        return "forbidden" if 200 in statuses else "unreadable"
    if not statuses:
        return "unknown"
    return "allowed" if 200 in statuses else "none"
