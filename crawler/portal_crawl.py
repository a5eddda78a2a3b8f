"""One crawl of one portal, free of Scrapy: what each fetched page means and what follows from it.

Nothing is remembered between pages but what stands in the frontier, so a crawl that was
killed goes on where it was.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

from archive import columns, times
from archive.errors import ArchiveError
from archive.frontier import (
    COLUMN,
    DONE,
    EXPLORE,
    FILE,
    GONE_REASONS,
    REPORT,
    Entry,
    Frontier,
    Lead,
    Outcome,
)
from archive.store import Archive, Capture, Kept, Origin, Role
from archive.warc import capture_url
from crawler import attachments, cms, discovery, learning, phrases, titles, urls
from crawler.cms.base import Answer, Listing, Paging
from crawler.discovery import Context
from crawler.fingerprint import fingerprint, reads_alike
from crawler.hosts import HostRules
from crawler.page import Link, Page, decode, looks_like_html
from crawler.portals import Portal
from crawler.result import PortalResult, summary
from crawler.superiors import Superiors

logger = logging.getLogger(__name__)

PAGES_PER_HOST = 60
PAGES_PER_PORTAL = 300
COLUMN_PAGES_PER_PORTAL = 4000
PAGES_BEYOND_COLUMNS = 8
SCRIPTS_PER_PAGE = 4
BARREN_PAGES = 10
FORBIDDEN_IN_A_ROW = 5
UNANSWERED_IN_A_ROW = 5
_KNOWN_PATH_SCORE = 10
_UNREACHABLE = ("failed:connection", "failed:timeout", "failed:tls")
# What a failing network looks like, be it behind a proxy.
_UNANSWERED = (*_UNREACHABLE, "failed:dns", "http:502", "http:503", "http:504")
# A whole site may live on one of the two schemes only; the other has another site's answers.
_DEAD_AT_START = ("http:404", "http:403", "http:502", "http:503")
_BLOCKS = {"http:429": "blocked:429", "http:412": "blocked:412", "http:521": "blocked:521"}
_BODY_HEADINGS = (
    "总体情况",
    "主动公开政府信息",
    "收到和处理政府信息公开申请",
    "行政复议",
    "存在的主要问题",
    "其他需要报告",
)


_MANY_HEADINGS = 4
_LITTLE_TEXT = 1500
_NEXT_TO_NOTHING = 400
_FILE_NAME = re.compile(
    r"""filename\*\s*=\s*[\w-]*'[^']*'(?P<extended>[^;]+)|filename\s*=\s*(?:"(?P<quoted>[^"]+)"|(?P<plain>[^;]+))""",
    re.IGNORECASE,
)
_OFFICE_HEAD = 8192
_OFFICE_MARKS = (b"urn:schemas-microsoft-com:office", b"Word.Document", b"Excel.Sheet", b"WordSection", b"mso-")


@dataclass(frozen=True)
class Fetched:
    """An answer of the portal: ``url`` after redirects, headers in order as sent and received.

    With ``not_modified`` the portal answered 304 and ``body`` is the archived one. ``parsed`` is
    the page, where somebody has parsed it already.
    """

    url: str
    status: int
    body: bytes
    request_headers: list[tuple[str, str]]
    response_headers: list[tuple[str, str]]
    not_modified: bool = False
    method: str = "GET"
    request_body: bytes = b""
    parsed: Page | None = None

    @cached_property
    def page(self) -> Page:
        """The answer as a page; parsing is what takes longest, so it is done once."""
        return self.parsed or Page(self.url, self.body)

    def header(self, name: str) -> str | None:
        """The first response header called ``name``."""
        return next((value for key, value in self.response_headers if key.lower() == name.lower()), None)

    @property
    def file_name(self) -> str | None:
        """The name that Content-Disposition gives the file, be it escaped, UTF-8 or GBK as raw bytes."""
        match = _FILE_NAME.search(self.header("Content-Disposition") or "")
        if match is None:
            return None
        raw = (match["extended"] or match["quoted"] or match["plain"] or "").strip(' "')
        name = decode(unquote_to_bytes(raw.encode("latin-1", "replace"))).strip()
        return name if name.isprintable() and name else None


@dataclass(frozen=True, slots=True)
class Judged:
    """What an answer means: the ``result`` and ``leads`` of its entry, and what is ``kept`` of it."""

    entry: Entry
    url: str
    result: dict[str, Any]
    leads: list[Lead]
    kept: list[Kept]
    requests: int
    size: int

    @property
    def is_document(self) -> bool:
        """Whether this is a report or a file, which no other answer depends on."""
        return bool(self.result.get("document"))

    async def written(self) -> None:
        """Wait until what is kept is on disk. Raises ArchiveError where that fails."""
        for kept in self.kept:
            if kept.written is not None:
                await asyncio.wrap_future(kept.written)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a crawl, for a progress display.

    ``kind`` is started, resumed, fetched, failed or finished.
    """

    kind: str
    portal_id: str
    url: str | None = None
    detail: str | None = None


class PortalCrawl:
    """A crawl of ``portal`` as part of run ``run_id``; resumes the portal's unfinished crawl, if any.

    The portal must stand in the archive already (``Archive.sync_portals``).
    """

    def __init__(
        self,
        archive: Archive,
        portal: Portal,
        run_id: str,
        progress: Callable[[Event], None] | None = None,
    ) -> None:
        self.archive = archive
        self.portal = portal
        self.run_id = run_id
        self.hosts = HostRules(portal.start)
        self.superiors = Superiors(portal)
        self._progress = progress
        self.frontier, self._resumed = Frontier.open(archive.db, portal.id, run_id)
        self._answering: dict[str, set[str]] = {}
        self._silent: dict[str, set[str]] = {}
        self._first_reasons: dict[int, str] = {}
        self._forbidden: dict[str, int] = {}
        self._unanswered: dict[str, list[int]] = {}
        self._shared: dict[str, int] = {}
        self._keeping: list[Kept] = []
        self._alike: str | None = None
        self._unsettled: dict[str, str] = {}
        self._starts = [
            discovery.lead(url, EXPLORE, 0, discovery.ORDER_START, Context()) for url in map(_normalised, portal.start)
        ]
        if not self._resumed:
            known = columns.load(archive.db, portal.id)
            fresh = learning.is_fresh(known, portal.start, datetime.now(UTC).date())
            self.frontier.add([*(() if fresh else self._starts), *learning.leads(known, optional=not fresh)])
        self._tell("resumed" if self._resumed else "started")

    def claim(self, in_flight: Collection[int]) -> Entry | None:
        """The next entry to fetch, None if there is none now. Budgets are kept here."""
        waiting: list[int] = []
        while entry := self.frontier.claim([*in_flight, *waiting]):
            kind, host = entry.lead.kind, entry.lead.host
            if kind == EXPLORE and entry.lead.depth > 0:
                if self._explored_enough():
                    self.frontier.skip("enough", kind=EXPLORE)
                    continue
                if self.frontier.tried(EXPLORE, host) >= PAGES_PER_HOST:
                    self.frontier.skip("budget", kind=EXPLORE, host=host)
                    continue
                if self.frontier.tried(EXPLORE) >= PAGES_PER_PORTAL:
                    self.frontier.skip("budget", kind=EXPLORE)
                    continue
            if kind == COLUMN and self.frontier.tried(COLUMN) >= COLUMN_PAGES_PER_PORTAL:
                self.frontier.skip("budget", kind=COLUMN)
                continue
            if entry.lead.context.get("shared"):
                if known := self._known_answer(entry):
                    self.fetched(entry, known)
                    continue
                if self._shared.get(entry.lead.url) in in_flight:
                    # The answer that it needs is on its way.
                    self.frontier.put_back(entry)
                    waiting.append(entry.id)
                    continue
                self._shared[entry.lead.url] = entry.id
            return self._by_answering_scheme(entry)
        if not in_flight and (self._search_after_all() or self._try_known_paths()):
            return self.claim(in_flight)
        return None

    def _explored_enough(self) -> bool:
        """Whether the columns found are worth more than looking further, in proportion to what they gave."""
        documents = self.frontier.documents()
        return documents > 0 and self.frontier.tried(EXPLORE) >= PAGES_BEYOND_COLUMNS + documents // 2

    def _other_scheme(self, entry: Entry, reason: str) -> str | None:
        """The address of ``entry`` by http instead of https or the other way round, if that may help.

        Only where the host has not answered by the scheme asked. What is known of hosts is kept
        for this process only: it saves requests, nothing depends on it.
        """
        parts = urlsplit(entry.lead.url)
        dead = reason.startswith(_UNREACHABLE) or (entry.lead.depth == 0 and reason in _DEAD_AT_START)
        if parts.port is not None or entry.attempts > 1 or not dead:
            return None
        if parts.netloc in self._answering.get(parts.scheme, ()):
            return None
        self._silent.setdefault(parts.scheme, set()).add(parts.netloc)
        other = "http" if parts.scheme == "https" else "https"
        if parts.netloc in self._silent.get(other, ()):
            return None
        return urlunsplit((other, *parts[1:]))

    def _by_answering_scheme(self, entry: Entry) -> Entry:
        """``entry`` with the scheme by which its host is known to answer."""
        parts = urlsplit(entry.lead.url)
        other = "http" if parts.scheme == "https" else "https"
        silent = parts.netloc in self._silent.get(parts.scheme, ())
        if parts.port is None and silent and parts.netloc in self._answering.get(other, ()):
            return replace(entry, lead=replace(entry.lead, url=urlunsplit((other, *parts[1:]))))
        return entry

    def _known_answer(self, entry: Entry) -> Fetched | None:
        """What this crawl already received for another request that needs the same answer."""
        last = self.last_capture(entry.lead.url)
        if last is None or last.fetched_at < self.frontier.started_at():
            return None
        try:
            body = self.archive.payload(last.sha256)
        except ArchiveError as error:
            logger.warning("%s", error)
            return None
        return Fetched(entry.lead.url, last.http_status or 200, body, [], [], not_modified=True)

    def has_pending(self, in_flight: Collection[int]) -> bool:
        """Whether anything is left to fetch that is not being fetched."""
        return self.frontier.has_more_than(len(in_flight)) or (
            not in_flight and (self._search_after_all() or self._try_known_paths())
        )

    def fetched(self, entry: Entry, answer: Fetched, *, requests: int = 0, size: int = 0) -> None:
        """Keep what came for ``entry`` as far as it is worth keeping, and follow where it leads.

        ``requests`` and ``size`` are what this cost since the last call.
        """
        if judged := self.judge(entry, answer, requests=requests, size=size):
            self.settle(judged)

    def judge(self, entry: Entry, answer: Fetched, *, requests: int = 0, size: int = 0) -> Judged | None:
        """The first half of :meth:`fetched`: what ``answer`` means. Its record is being written on return.

        :meth:`settle` ends it. None where there is nothing to settle. What a list means may depend
        on the lists before it, so it is to be settled before another answer is judged.
        """
        # Nothing of an answer that could not be judged to the end may stay.
        self._keeping, self._alike = [], None
        context = Context.from_json(entry.lead.context)
        self._forbidden.pop(entry.lead.host, None)
        self._unanswered.pop(entry.lead.host, None)
        asked, got = urlsplit(entry.lead.url), urlsplit(answer.url)
        self._answering.setdefault(got.scheme, set()).add(got.netloc)
        if asked[1:] == got[1:] and asked.scheme != got.scheme:
            # Sent on to the other scheme: the next address of this host can be asked there at once.
            self._silent.setdefault(asked.scheme, set()).add(asked.netloc)
        refusal = self._refusal(entry, answer)
        if refusal == "not_a_file" and entry.attempts == 1 and not context.optional:
            # A page that asks for patience or a cookie; with the cookie the file may come.
            self.frontier.again(entry, requests=requests, size=size)
            return None
        if refusal:
            self.failed(entry, refusal, requests=requests, size=size)
            return None
        if context.state is not None:
            family, listing = self._read(entry, answer, context)
            if listing.failure and not listing.next_pages:
                self.failed(entry, listing.failure, requests=requests, size=size)
                return None
            result, leads = self._listing(entry, answer, context, family, listing)
        elif context.script:
            result, leads = self._script(entry, answer, context)
        elif looks_like_html(answer.body) and entry.lead.kind != FILE:
            result, leads = self._page(entry, answer, context)
        elif entry.lead.kind in (COLUMN, REPORT, FILE):
            result, leads = self._file(answer, context), []
        else:
            result, leads = {"ignored": "not_a_page"}, []
        kept, self._keeping = self._keeping, []
        self._unsettled |= {one.url: one.sha256 for one in kept if one.sha256}
        return Judged(entry, answer.url, result, leads, kept, requests, size)

    def settle(self, judged: Judged) -> None:
        """The other half of :meth:`fetched`: what was kept and where it leads, in one transaction.

        Waits until records are on disk. Raises ArchiveError if they cannot be written.
        """
        for kept in judged.kept:
            self._unsettled.pop(kept.url, None)
            if kept.written is not None:
                kept.written.result()
        with self.archive.db.atomic():
            for kept in judged.kept:
                self.archive.note(kept)
            self.frontier.done(judged.entry, judged.result, judged.leads, requests=judged.requests, size=judged.size)
        self._tell("fetched", judged.url)

    def failed(self, entry: Entry, reason: str, *, requests: int = 0, size: int = 0) -> None:
        """Record that ``entry`` could not be had. A block of a host ends the work on that host.

        A family whose request was turned down may know another way to ask.
        """
        reason = _BLOCKS.get(reason, reason)
        if reason == "http:403":
            self._forbidden[entry.lead.host] = self._forbidden.get(entry.lead.host, 0) + 1
            if self._forbidden[entry.lead.host] >= FORBIDDEN_IN_A_ROW:
                reason = "blocked:403"
        if entry.lead.kind == FILE and (onward := _asked_otherwise(entry, reason)):
            self.frontier.done(entry, {"onward": True}, [onward], requests=requests, size=size)
            return
        if (other := self._other_scheme(entry, reason)) is not None:
            self._first_reasons[entry.id] = reason
            self.frontier.again(entry, url=other, requests=requests, size=size)
            return
        reason = self._first_reasons.pop(entry.id, reason)
        if entry.lead.context.get("state") is not None and reason.startswith("http:"):
            context = Context.from_json(entry.lead.context)
            nothing = Fetched(entry.lead.url, 0, b"", [], [], not_modified=True)
            family, listing = self._read(entry, nothing, context)
            if listing.next_pages:
                result, leads = self._listing(entry, nothing, context, family, listing)
                self.frontier.done(entry, {**result, "failed": reason}, leads, requests=requests, size=size)
                return
        self.frontier.failed(entry, reason, requests=requests, size=size)
        if reason.startswith("blocked:"):
            skipped = self.frontier.skip(reason, host=entry.lead.host)
            logger.warning("%s: %s answers %s; %d addresses left out", self.portal.id, entry.lead.host, reason, skipped)
        self._note_silence(entry, reason)
        if reason in GONE_REASONS and self.last_capture(entry.lead.url):
            status = 410 if reason == "http:410" else 404
            self._record(Fetched(entry.lead.url, status, b"", [], []), None, "document", payload=None)
            self.archive.note(self._keeping.pop())
        self._tell("failed", entry.lead.url, reason)

    def _note_silence(self, entry: Entry, reason: str) -> None:
        """Ask a host no more that did not answer several times in a row: the network may be down.

        Nothing is lost by that: the next run goes on there. If it finds the same, it gives up.
        """
        host = entry.lead.host
        if not reason.startswith(_UNANSWERED):
            self._unanswered.pop(host, None)
            return
        lost = self._unanswered.setdefault(host, [])
        lost.append(entry.id)
        if len(lost) < UNANSWERED_IN_A_ROW:
            return
        if self._resumed:
            self.frontier.skip(reason, host=host)
            return
        count = self.frontier.leave(host, lost, reason)
        logger.warning("%s: %s does not answer (%s); %d addresses wait", self.portal.id, host, reason, count)

    def may_ask(self, url: str, entry: Entry | None) -> bool:
        """Whether ``url`` may be asked for ``entry``, of which it may be a redirect; None: robots.txt."""
        if entry is None:
            return self.hosts.is_name(url) or self.hosts.may_ask(url, as_document=True)
        context, kind = entry.lead.context, entry.lead.kind
        if context.get("attached") and self.hosts.is_name(url):
            return True
        as_document = bool(context.get("foreign")) or (kind in (REPORT, FILE) and bool(context.get("column")))
        return self.hosts.may_ask(url, as_document=as_document)

    def last_capture(self, url: str, method: str = "GET", body: bytes = b"") -> Capture | None:
        """This portal's latest capture of ``url``, asked for like this, that has a document."""
        return self.archive.last_capture(capture_url(url, method, body), self.portal.id)

    def finish(self, *, interrupted: bool, out_of_hours: bool = False) -> PortalResult:
        """Sum up. An ``interrupted`` crawl stays open and is resumed by the next one.

        So does one that stopped because the portal may not be asked now (``out_of_hours``), and one
        that left a host aside because it no longer answered.
        """
        outcomes = self.frontier.outcomes()
        result = summary(self.portal.id, outcomes, *self.frontier.cost())
        if interrupted or self.frontier.pending():
            why = "partial:hours" if out_of_hours and not interrupted else "interrupted"
            result = replace(result, status="partial", reason=why)
            self.frontier.interrupt(result.row())
        elif (silence := self.frontier.left()) is not None:
            # What other hosts left unanswered at the end has the same cause.
            for host, lost in self._unanswered.items():
                self.frontier.leave(host, lost, silence)
            status = "partial" if result.found else "failed"
            result = replace(result, status=status, reason=f"{status}:{silence.removeprefix('failed:')}")
            self.frontier.interrupt(result.row())
        else:
            vanished = self.frontier.finish(result.row(), complete=result.lists_are_whole)
            result = replace(result, vanished=vanished)
            self._learn(outcomes)
        self._tell("finished", detail=result.reason or result.status)
        return result

    def _learn(self, outcomes: list[Outcome]) -> None:
        """Keep where the columns are; a crawl that brought nothing unlearns nothing."""
        searched = any(outcome.lead.key == start.key for start in self._starts for outcome in outcomes)
        before = columns.load(self.archive.db, self.portal.id)
        since = times.now() if searched or not before else min(column.discovered_at for column in before)
        learned = learning.learn(outcomes, self.portal.start, since)
        if learned:
            kept = learning.still_known(before, outcomes, learned)
            columns.save(self.archive.db, self.portal.id, [*learned, *kept])

    def _search_after_all(self) -> bool:
        """Where a column that was learned gave nothing, search the portal from its start pages."""
        outcomes = self.frontier.outcomes()
        keys = {outcome.lead.key for outcome in outcomes}
        if any(start.key in keys for start in self._starts) or not learning.failed(outcomes):
            return False
        if any((outcome.reason or "").startswith("blocked:") for outcome in outcomes):
            # The column need not have moved: the portal does not let us look.
            return False
        logger.info("%s: a column is not where it was; searching anew", self.portal.id)
        self.frontier.add(self._starts)
        return self.frontier.pending() > 0

    def _refusal(self, entry: Entry, answer: Fetched) -> str | None:
        """Why ``answer`` cannot be what was asked for, None if it can."""
        asked, got = urlsplit(entry.lead.url), urlsplit(answer.url)
        if entry.lead.context.get("state") is not None or entry.lead.context.get("script"):
            return None
        went_home = got.path in ("", "/") and not got.query and asked.path not in ("", "/")
        if not answer.body:
            return "empty"
        if not looks_like_html(answer.body):
            return None
        if entry.lead.kind == FILE:
            return None if _is_saved_as_markup(answer.body) else "not_a_file"
        if entry.lead.kind != EXPLORE and (went_home or answer.page.is_missing):
            return "soft404"
        return None

    def _page(self, entry: Entry, answer: Fetched, context: Context) -> tuple[dict[str, Any], list[Lead]]:
        page = answer.page
        kind, depth = entry.lead.kind, entry.lead.depth
        if page.redirect and page.redirect != page.url and self.hosts.may_list(page.redirect, context.column):
            onward = discovery.lead(page.redirect, kind, depth, entry.lead.score, context)
            if onward.key == entry.lead.key:
                # "/" that only leads to "/index.shtml": elsewhere the same page, here two.
                onward = replace(onward, key=page.redirect)
            return {"onward": True}, [onward]
        family = cms.family_for(page, self.portal.cms)
        rows = family.rows(page)
        is_column = discovery.is_confirmed_column(page, rows)
        if kind == REPORT and not (is_column and len(rows) > 1 and not _is_article(page)):
            untitled = context.title is None and page.titles and _own_title(page) is None
            if untitled and (not _has_headings(page) or any(map(titles.is_about, page.titles))):
                # Its row told nothing but the organ or half a title, and the page is no report.
                return {"refused": "title"}, []
            return self._report(page, family, answer, context, depth)
        title = _own_title(page)
        if kind != REPORT and _is_article(page) and (title or (context.column is not None and _has_headings(page))):
            # The index of a folder that is a report itself.
            context = replace(context, title=title, listed=context.column is not None)
            return self._report(page, family, answer, context, depth)
        result, leads = self._onward(entry, page, family, rows, context, is_column=is_column)
        if not leads and len(page.prose) < _NEXT_TO_NOTHING:
            leads = self._scripts_of(page, entry, context)
            by_name = is_column or any(map(discovery.is_column_name, context.trail[-1:]))
            if kind == COLUMN and by_name and discovery.is_filled_by_script(page):
                result["shell"] = True
        if leads:
            self._record(answer, None, "page")
        return result, leads

    def _onward(
        self, entry: Entry, page: Page, family: cms.Family, rows: list[Link], context: Context, *, is_column: bool
    ) -> tuple[dict[str, Any], list[Lead]]:
        """Where a page that is no report leads: a list if it is a column, else a page on the way to one."""
        kind, depth = entry.lead.kind, entry.lead.depth
        links = _links(family, page)
        made = family.branches(page)
        if kind == EXPLORE and not is_column:
            result: dict[str, Any] = {}
            leads = self._frames(page, entry, context)
            leads += discovery.branches(family.name, made, page.url, EXPLORE, depth, context, self.hosts)
            leads += discovery.explore(page, links, depth, context, self.hosts)
        else:
            inside = replace(context, column=context.column or page.url)
            first = inside.first or page.url
            listing = _listed(family.paging(page, first), rows, page)
            result, leads = self._column(family, listing, page.url, links, first, depth, inside)
            if inside.page == 1 and rows and not listing.next_pages and page.turns_by_unknown_script:
                result["turns"] = listing.total is None and listing.pages is None
            leads += self._frames(page, entry, inside)
            leads += discovery.branches(family.name, made, page.url, COLUMN, depth, inside, self.hosts)
            if inside.page == 1 and not context.foreign:
                settled = discovery.settled(links, leads, inside)
                leads += discovery.explore(
                    page, links, depth, inside, self.hosts, columns_only=bool(leads), settled=settled
                )
        return result, leads

    def _scripts_of(self, page: Page, entry: Entry, context: Context) -> list[Lead]:
        """Leads to the scripts of a page that leads nowhere by itself: they may hold its menu or list."""
        inside = context.onward(referer=page.url, script=True, optional=True)
        return [
            discovery.lead(url, entry.lead.kind, entry.lead.depth, entry.lead.score, replace(inside, shared=page.url))
            for url in page.scripts[:SCRIPTS_PER_PAGE]
        ]

    def _script(self, entry: Entry, answer: Fetched, context: Context) -> tuple[dict[str, Any], list[Lead]]:
        """A script of a page that leads nowhere by itself, read as if it stood in that page."""
        markup = b"<html><body><script>" + decode(answer.body).encode() + b"</script></body></html>"
        page = Page(context.referer or answer.url, markup)
        family = cms.family_for(page, self.portal.cms)
        context = context.onward(referer=page.url)
        # Kept in any case: other pages may need the same script.
        self._record(answer, None, "page")
        return self._onward(entry, page, family, family.rows(page), context, is_column=False)

    def _read(self, entry: Entry, answer: Fetched, context: Context) -> tuple[cms.Family, Listing]:
        """The answer to a request that a family made, read by that family."""
        family = cms.named(context.family)
        if family is None:
            raise LookupError(f"no family {context.family}")
        seen = self.frontier.rows_seen(context.first or entry.lead.key)
        page_url = context.referer or answer.url
        return family, family.listing(Answer(answer.url, answer.body, page_url, context.state or {}, seen))

    def _listing(
        self, entry: Entry, answer: Fetched, context: Context, family: cms.Family, listing: Listing
    ) -> tuple[dict[str, Any], list[Lead]]:
        """What the answer to a request that a family made leads to."""
        depth, page_url = entry.lead.depth, context.referer or answer.url
        links = _links(family, listing.page) if listing.page else []
        context = context.onward(referer=page_url, page=context.page)
        if entry.lead.kind == EXPLORE and not discovery.is_confirmed_column(listing.page, listing.rows):
            leads = discovery.branches(family.name, listing.branches, page_url, EXPLORE, depth, context, self.hosts)
            if listing.page is not None:
                leads += discovery.explore(listing.page, links, depth, context, self.hosts)
            result: dict[str, Any] = {}
        else:
            inside = replace(context, column=context.column or page_url)
            first = inside.first or entry.lead.key
            result, leads = self._column(family, listing, page_url, links, first, depth, inside)
            leads += discovery.branches(family.name, listing.branches, page_url, COLUMN, depth, inside, self.hosts)
        if leads and answer.status:
            self._record(answer, None, "page")
        return result, leads

    def _column(
        self,
        family: cms.Family,
        listing: Listing,
        page_url: str,
        links: list[Link],
        first: str,
        depth: int,
        inside: Context,
    ) -> tuple[dict[str, Any], list[Lead]]:
        """What a page of a report column leads to: its reports, folders and further pages."""
        digests = {urls.digest(row.url) for row in listing.rows}
        path = [*listing.page.breadcrumb, *listing.page.titles] if listing.page else []
        leads = discovery.reports(page_url, [*listing.rows, *links], path, depth, inside, self.hosts)
        leads = [lead for lead in leads if not self.superiors.wrote(lead.context.get("title") or "")]
        named = len(leads)
        if listing.page is not None:
            settled = discovery.settled(links, leads, inside)
            leads += discovery.folders(listing.page, links, depth, inside, self.hosts, settled)
            by_name = any(map(discovery.is_column_name, inside.trail[-1:]))
            if (
                not leads
                and not listing.next_pages
                and (by_name or discovery.is_confirmed_column(listing.page, listing.rows))
            ):
                leads += discovery.organs_elsewhere(listing.page, links, depth, inside, self.hosts)
        paging = Paging(listing.next_pages, listing.pages, listing.total)
        # The same rows under another number: an empty answer or a list that never ends. A
        # family that asks for its lists itself judges that itself.
        again = inside.first is not None and digests <= self.frontier.rows_seen(first)
        # A list without a report on so many pages is something else under a column's name.
        barren = inside.page >= BARREN_PAGES and not named and not self.frontier.reports_named(first)
        if barren:
            logger.info("%s: no report on %d pages of %s; left", self.portal.id, inside.page, first)
        elif not again or any(further.state is not None for further in listing.next_pages):
            leads += discovery.further_pages(family.name, paging, page_url, first, depth, inside, self.hosts)
        result = {
            "column": True,
            "column_url": inside.column,
            "family": family.name,
            "first": first,
            "rows": sorted(digests),
            "reports": named,
            "pages": listing.pages,
            "total": listing.total,
        }
        return result, leads

    def _report(
        self, page: Page, family: cms.Family, answer: Fetched, context: Context, depth: int
    ) -> tuple[dict[str, Any], list[Lead]]:
        title = context.title or _own_title(page) or family.title(page)
        if self.superiors.wrote(title or ""):
            return {"refused": "superior"}, []
        published_on = context.published_on or family.published_on(page)
        publisher = context.publisher or family.publisher(page)
        origin = Origin(
            url=answer.url,
            title=title,
            published_on=published_on,
            publisher=publisher,
            landing_url=context.landing_url,
            trusted=self.hosts.may_ask(answer.url, as_document=False),
        )
        leads = [
            discovery.lead(
                attachment.url,
                FILE,
                depth + 1,
                discovery.ORDER_FILE,
                Context(
                    title=title,
                    published_on=published_on,
                    publisher=publisher,
                    landing_url=answer.url,
                    file_name=attachment.name,
                    referer=answer.url,
                    trail=context.trail,
                    column=context.column or answer.url,
                    attached=True,
                    optional=attachment.guessed,
                    **_posted(attachment.form),
                ),
            )
            for attachment in self._attachments(page, family)
            if self.hosts.is_name(attachment.url) or self.hosts.may_ask(attachment.url, as_document=True)
        ]
        change = self._change(answer)
        self._record(answer, origin, "document")
        parts = family.pages_of_article(page)
        return {"document": True, "change": change} | ({"parts": parts} if parts > 1 else {}), leads

    @staticmethod
    def _attachments(page: Page, family: cms.Family) -> list[attachments.Attachment]:
        body = family.embedded(page)
        found = [*attachments.find(page), *(attachments.find(body) if body else [])]
        if len(page.prose) < _LITTLE_TEXT or _has_headings(page):
            # Long text without the form's headings is an older report, and its pictures are photographs.
            found += attachments.pictures(page)
        return list({urls.key(one.url): one for one in reversed(found)}.values())[::-1]

    def _file(self, answer: Fetched, context: Context) -> dict[str, Any]:
        origin = Origin(
            url=answer.url,
            title=context.title,
            published_on=context.published_on,
            publisher=context.publisher,
            landing_url=context.landing_url,
            file_name=context.file_name or answer.file_name,
            trusted=self.hosts.may_ask(answer.url, as_document=False),
        )
        change = self._change(answer)
        self._record(answer, origin, "document")
        return {"document": True, "change": change}

    def _frames(self, page: Page, entry: Entry, context: Context) -> list[Lead]:
        here, is_shell = urls.host(page.url), len(page.visible_text) < _LITTLE_TEXT
        own = [
            url
            for url in page.frames
            if not urls.is_file(url) and (urls.host(url) == here or (is_shell and self.hosts.is_own(url)))
        ]
        depth, score = entry.lead.depth + 1, entry.lead.score
        if depth > discovery.MAX_COLUMN_DEPTH:
            return []
        return [
            discovery.lead(url, entry.lead.kind, depth, score, context.onward(referer=page.url))
            for url in own
            if urls.key(url) != urls.key(page.url)
        ]

    def _change(self, answer: Fetched) -> str:
        """Whether the document is new, changed or the same since it was last kept.

        A visitors' counter or the time of day is no change.
        """
        if (digest := self._unsettled.get(answer.url)) is not None:
            return "same" if digest == hashlib.sha256(answer.body).hexdigest() else "changed"
        last = self.last_capture(answer.url)
        if last is None:
            return "new"
        if answer.not_modified or last.sha256 == hashlib.sha256(answer.body).hexdigest():
            return "same"
        try:
            before = self.archive.payload(last.sha256)
        except ArchiveError as error:
            logger.warning("%s", error)
            return "changed"
        if reads_alike(before, answer.body):
            self._alike = last.sha256
            return "same"
        return "same" if fingerprint(before) == fingerprint(answer.body) else "changed"

    def _record(self, answer: Fetched, origin: Origin | None, role: Role, payload: bytes | None = b"") -> None:
        keeps = payload is not None and not answer.not_modified
        kept = self.archive.keep(
            self.run_id,
            answer.url,
            answer.body if keeps else None,
            method=answer.method,
            request_body=answer.request_body,
            fetched_at=times.now(),
            portal_id=self.portal.id,
            http_status=304 if answer.not_modified else answer.status,
            request_headers=answer.request_headers,
            response_headers=answer.response_headers,
            etag=answer.header("ETag"),
            last_modified=answer.header("Last-Modified"),
            origin=origin,
            role=role,
            reads_like=self._alike,
        )
        self._keeping.append(kept)

    def _try_known_paths(self) -> bool:
        """Where nothing else led to a column, try the addresses that most portals use."""
        if any(outcome.lead.kind != EXPLORE or outcome.result.get("column") for outcome in self.frontier.outcomes()):
            return False
        reached = next((outcome for outcome in self.frontier.outcomes() if outcome.state == DONE), None)
        if reached is None:
            return False
        context = Context(optional=True)
        self.frontier.add(
            discovery.lead(url, COLUMN, 1, _KNOWN_PATH_SCORE, replace(context, column=url))
            for path in sorted(phrases.words("urls", "known_paths"))
            if (url := urls.join(reached.lead.url, path))
        )
        return self.frontier.pending() > 0

    def _tell(self, kind: str, url: str | None = None, detail: str | None = None) -> None:
        if self._progress is not None:
            self._progress(Event(kind, self.portal.id, url, detail))


def _is_article(page: Page) -> bool:
    """Whether ``page`` is one article rather than a list."""
    if page.metas.get("articletitle") or urls.is_article(page.url):
        return True
    return _has_headings(page)


def _has_headings(page: Page) -> bool:
    """Whether ``page`` shows most of the headings that a report has."""
    return sum(heading in page.visible_text for heading in _BODY_HEADINGS) >= _MANY_HEADINGS


def _is_saved_as_markup(body: bytes) -> bool:
    """Whether ``body`` is a document that an office program saved as markup, not a page in its place."""
    head = body[:_OFFICE_HEAD]
    if any(mark in head for mark in _OFFICE_MARKS):
        return True
    return _has_headings(Page("http://file.invalid/", body))


def _posted(form: str | None) -> dict[str, Any]:
    """What a context says of a request that posts ``form``; nothing without one."""
    if form is None:
        return {}
    return {"method": "POST", "body": form, "headers": (("Content-Type", "application/x-www-form-urlencoded"),)}


def _asked_otherwise(entry: Entry, reason: str) -> Lead | None:
    """How else a file may be asked for: posted where only that is allowed, by a name in GBK where it is not found."""
    context = Context.from_json(entry.lead.context)
    if context.method != "GET":
        return None
    if reason == "http:405" and (query := urls.query(entry.lead.url)):
        posted = replace(context, **_posted(query))
        return discovery.lead(entry.lead.url, FILE, entry.lead.depth, entry.lead.score, posted)
    if reason == "http:404" and (renamed := urls.in_gbk(entry.lead.url)):
        return discovery.lead(renamed, FILE, entry.lead.depth, entry.lead.score, context)
    return None


def _own_title(page: Page) -> str | None:
    return next((title for title in page.titles if titles.accept(title)), None)


def _links(family: cms.Family, page: Page) -> list[Link]:
    return [link for link in (*family.links(page), *page.links) if not family.is_view(link.url)]


def _listed(paging: Paging, rows: list[Link], page: Page) -> Listing:
    return Listing(tuple(rows), paging.next_pages, paging.pages, paging.total, page)


def _normalised(url: str) -> str:
    return urls.join(url, url) or url
