"""The spider: fetches what the frontier of one portal's crawl holds."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from OpenSSL import SSL
from scrapy import Request, Spider
from scrapy.core.downloader.handlers.http11 import TunnelError
from scrapy.exceptions import (
    CannotResolveHostError,
    CloseSpider,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError

from archive.errors import ArchiveError, of_database
from archive.frontier import Entry
from archive.store import Archive
from crawler import portals as portal_files
from crawler.discovery import Context
from crawler.middlewares import ENTRY, NOT_MODIFIED, PAGE, Refused
from crawler.portal_crawl import Event, Fetched, Judged, PortalCrawl
from crawler.portals import Portal
from crawler.resolver import PublicAddressResolver
from crawler.result import PortalResult

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

logger = logging.getLogger(__name__)

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (CannotResolveHostError, "failed:dns"),
    (DownloadConnectionRefusedError, "failed:connection"),
    (DownloadTimeoutError, "failed:timeout"),
    (ResponseDataLossError, "truncated"),
    (DownloadCancelledError, "too_large"),
    (DownloadFailedError, "failed:connection"),
    (TunnelError, "failed:connection"),
)
_FINISHED = "finished"
MOST_IN_FLIGHT = 16
"""Answers that may wait to be kept: what a crawl holds in memory, and what a kill can cost it."""


class PortalSpider(Spider):
    """Annual reports of one government portal.

    Domain
      A portal of the registry ``crawler/portals.toml`` or of a portal file
    Method
      From the portal's start pages to its 政府信息公开年报 columns, through their folders and
      pages to each report and its attachments
    Spider arguments
      portal
        The id of the portal
      portals
        A portal file to look the id up in; the built-in registry if not given
      archive
        The archive's path, ``archive.db`` if not given
    Politeness
      robots.txt is obeyed; AutoThrottle, or the portal's own ``delay``, sets the pace
    Resuming
      State stands in the archive only. A crawl that was stopped or killed is continued by
      running the spider again
    """

    name = "portal"

    def __init__(
        self,
        portal: Portal | str | None = None,
        portals: str | None = None,
        archive: Archive | str = "archive.db",
        run_id: str | None = None,
        progress: Callable[[Event], None] | None = None,
        finished: Callable[[PortalResult], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if isinstance(portal, Portal):
            self.portal = portal
        else:
            self.portal = _named(portal, portals)
        self._own = ExitStack()
        if not isinstance(archive, Archive):
            archive = self._own.enter_context(Archive.open(Path(archive)))
            self._own.enter_context(archive.write_lock())
            archive.sync_portals([asdict(self.portal)])
        self._own_run = run_id is None
        run_id = run_id or archive.begin_run(f"scrapy crawl portal -a portal={self.portal.id}")
        self.run_id = run_id
        self.crawl = PortalCrawl(archive, self.portal, run_id, progress)
        self._finished = finished
        self.failure: ArchiveError | None = None
        self._in_flight: set[int] = set()
        self._judging = asyncio.Lock()
        self._counted = (0, 0)
        PublicAddressResolver.allowed |= self.crawl.hosts.addresses

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> PortalSpider:
        """Make the spider and let its portal's settings override the project's."""
        spider = cls(*args, **kwargs)
        crawler.settings.setdict(spider.portal.settings(), priority="spider")
        spider._set_crawler(crawler)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Nothing: the scheduler hands out what the frontier holds."""
        return
        yield

    def has_pending(self) -> bool:
        """Whether the frontier holds anything that may be fetched now and is not being fetched."""
        if self.failure is not None or self._is_out_of_hours():
            return False
        try:
            return self.crawl.has_pending(self._in_flight)
        except (ArchiveError, sqlite3.Error) as error:
            self._fail(error)
            return False

    def _is_out_of_hours(self) -> bool:
        return not self.portal.may_be_asked(datetime.now(UTC))

    def next_request(self) -> Request | None:
        """A request for the best pending entry of the frontier, within the hours of the portal."""
        if self._is_out_of_hours() or len(self._in_flight) >= MOST_IN_FLIGHT:
            return None
        if self.failure is not None:
            return None
        try:
            entry = self.crawl.claim(self._in_flight)
        except (ArchiveError, sqlite3.Error) as error:
            self._fail(error)
            return None
        if entry is None:
            return None
        self._in_flight.add(entry.id)
        context = Context.from_json(entry.lead.context)
        headers = dict(context.headers)
        if context.referer:
            headers["Referer"] = context.referer
        return Request(
            entry.lead.url,
            method=context.method,
            body=context.body,
            callback=self.parse,
            errback=self.on_error,
            headers=headers,
            meta={ENTRY: entry},
            dont_filter=True,
        )

    async def parse(self, response: Response, **kwargs: Any) -> None:
        """Hand an answer to the crawl; others are fetched while its record is brought to disk."""
        assert response.request is not None
        entry: Entry = response.request.meta[ENTRY]
        answer = Fetched(
            url=response.url,
            status=response.status,
            body=response.body,
            request_headers=_pairs(response.request),
            response_headers=_pairs(response),
            not_modified=NOT_MODIFIED in response.flags,
            method=response.request.method,
            request_body=response.request.body,
            parsed=response.meta.pop(PAGE, None),
        )
        requests, size = self._cost()
        try:
            async with self._judging:
                judged = self.crawl.judge(entry, answer, requests=requests, size=size)
                if judged is not None and not judged.is_document:
                    await self._settle(judged)
            if judged is not None and judged.is_document:
                await self._settle(judged)
        except (ArchiveError, sqlite3.Error) as error:
            self._fail(error)
            raise CloseSpider("archive") from error
        except Exception:
            # One page that cannot be read must not end the portal; it is reported as failed.
            logger.exception("%s: cannot be read", response.url)
            self.crawl.failed(entry, "unreadable")
        finally:
            self._in_flight.discard(entry.id)

    async def _settle(self, judged: Judged) -> None:
        await judged.written()
        self.crawl.settle(judged)

    def on_error(self, failure: Failure) -> None:
        """Record why a request failed."""
        request: Request = failure.request
        entry: Entry = request.meta[ENTRY]
        requests, size = self._cost()
        self._in_flight.discard(entry.id)
        try:
            if isinstance(failure.value, sqlite3.Error):
                # What was asked of the archive on the way to the portal, or back.
                raise failure.value
            self.crawl.failed(entry, reason_of(failure.value), requests=requests, size=size)
        except (ArchiveError, sqlite3.Error) as error:
            self._fail(error)
            raise CloseSpider("archive") from error

    def _fail(self, error: ArchiveError | sqlite3.Error) -> None:
        """Note that nothing more can be kept, and say so once: the next crawl goes on from here."""
        if self.failure is None:
            logger.error("the archive cannot be written: %s", error)
            path = self.crawl.archive.path
            self.failure = error if isinstance(error, ArchiveError) else of_database(path, error)

    def closed(self, reason: str) -> None:
        """Sum the crawl up in the archive."""
        interrupted = reason != _FINISHED or self.failure is not None
        try:
            result = self.crawl.finish(interrupted=interrupted, out_of_hours=self._is_out_of_hours())
        except (ArchiveError, sqlite3.Error) as error:
            self._fail(error)
            self._own.close()
            return
        if self._finished is not None:
            self._finished(result)
        if self._own_run and result.reason not in ("interrupted", "partial:hours"):
            self.crawl.archive.finish_run(self.run_id)
        self._own.close()

    def _cost(self) -> tuple[int, int]:
        """Requests made and bytes received since the last call."""
        stats = self.crawler.stats
        now = (
            stats.get_value("downloader/request_count", 0),
            stats.get_value("downloader/response_bytes", 0),
        )
        before, self._counted = self._counted, now
        return now[0] - before[0], now[1] - before[1]


def _named(portal_id: str | None, file: str | None) -> Portal:
    if not portal_id:
        raise portal_files.PortalFileError("no portal given; add -a portal=ID")
    known = portal_files.load(Path(file)) if file else portal_files.builtin()
    return portal_files.select(known, [portal_id], file or "crawler/portals.toml")[0]


def _pairs(message: Request | Response) -> list[tuple[str, str]]:
    return [
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, values in message.headers.items()
        for value in values
    ]


def reason_of(error: BaseException | None) -> str:
    """The machine-readable reason for a request that failed with ``error``."""
    if isinstance(error, Refused):
        return error.reason
    if isinstance(error, HttpError):
        return f"http:{error.response.status}"
    if any(reason.check(SSL.Error) for reason in getattr(getattr(error, "__cause__", None), "reasons", ())):
        return "failed:tls"
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    if "redirection" in str(error):
        return "redirects"
    if "DOWNLOAD_MAXSIZE" in str(error):
        return "too_large"
    logger.warning("a request failed in an unusual way: %s: %s", type(error).__name__, error)
    return "failed:other"
