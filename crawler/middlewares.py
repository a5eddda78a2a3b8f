"""Downloader middlewares: where requests may go, conditional requests, challenges, robots.txt."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares import cookies
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Response
from scrapy.robotstxt import RobotParser

from archive.errors import ArchiveError
from archive.frontier import Entry
from crawler import phrases
from crawler.hosts import is_public, literal_address, suffixes
from crawler.page import Page, looks_like_html

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.spiders.portal import PortalSpider

logger = logging.getLogger(__name__)

ENTRY = "nianbao_entry"
NOT_MODIFIED = "not-modified"
UNCONDITIONAL = "nianbao_unconditional"
# Scrapy would download the list of suffixes anew, past robots.txt and our own rules of hosts.
cookies._split_domain = suffixes(private=True)
_CHALLENGE_STATUSES = (412, 521)
_SERVER_ERROR = 500
_SHORT = 400
_LONGEST_WAIT = 60
_HEAD = 65536


class Refused(IgnoreRequest):
    """A request or an answer that is not to be used; ``reason`` is machine-readable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Middleware:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Middleware:
        """As Scrapy makes its components."""
        return cls(crawler)

    @property
    def spider(self) -> PortalSpider:
        """The spider this middleware works for."""
        spider = self.crawler.spider
        assert spider is not None
        return spider


class HostRulesMiddleware(_Middleware):
    """Lets only http(s) requests to the portal's own hosts through, redirects included.

    Documents may also lie on another government's host. See :class:`crawler.hosts.HostRules`;
    names that resolve to private addresses are refused by :mod:`crawler.resolver`.
    """

    def process_request(self, request: Request) -> None:
        """Raise :class:`Refused` for an address that may not be asked."""
        entry: Entry | None = request.meta.get(ENTRY)
        if not self.spider.crawl.may_ask(request.url, entry):
            raise Refused("host")

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise :class:`Refused` for an answer that came from a private address after all."""
        address = literal_address(str(response.ip_address)) if response.ip_address else None
        allowed = self.spider.crawl.hosts.addresses
        if address and not request.meta.get("proxy") and not is_public(address) and address not in allowed:
            raise Refused("host")
        return response


class ConditionalMiddleware(_Middleware):
    """Asks only for what changed; where nothing did, the archived body stands in for the answer."""

    def process_request(self, request: Request) -> None:
        """Add the validators of the last capture of this address."""
        for name in ("If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
        if ENTRY not in request.meta or UNCONDITIONAL in request.meta:
            return
        last = self.spider.crawl.last_capture(request.url, request.method, request.body)
        if last is None:
            return
        if last.etag:
            request.headers["If-None-Match"] = last.etag
        if last.last_modified:
            request.headers["If-Modified-Since"] = last.last_modified

    def process_response(self, request: Request, response: Response) -> Response | Request:
        """Turn 304 into the archived body, flagged as not modified; ask again if that is damaged."""
        if response.status != 304 or ENTRY not in request.meta:
            return response
        last = self.spider.crawl.last_capture(request.url, request.method, request.body)
        if last is None:
            raise Refused("http:304")
        try:
            body = self.spider.crawl.archive.payload(last.sha256)
        except ArchiveError as error:
            logger.warning("%s", error)
            return request.replace(meta={**request.meta, UNCONDITIONAL: True})
        return response.replace(cls=HtmlResponse, status=200, body=body, encoding="utf-8", flags=[NOT_MODIFIED])


class ChallengeMiddleware(_Middleware):
    """Recognises pages that ask the visitor to prove something; they are reported, never solved."""

    def process_response(self, request: Request, response: Response) -> Response:
        """Raise :class:`Refused` (``blocked:…``) for a challenge."""
        if ENTRY in request.meta and NOT_MODIFIED not in response.flags and (kind := challenge(response)):
            raise Refused(f"blocked:{kind}")
        return response


class PatientRetryMiddleware(RetryMiddleware):
    """Scrapy's retries, made only after the time that the portal asks for (``Retry-After``)."""

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """A new request for an answer that may be better next time."""
        asked = response.headers.get("Retry-After", b"") or b""
        if response.status in self.retry_http_codes and asked.isdigit():
            await asyncio.sleep(min(int(asked), _LONGEST_WAIT))
        return super().process_response(request, response)


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's robots.txt rules; a robots.txt that answers with a server error forbids everything."""

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise :class:`Refused` where robots.txt forbids the request."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise Refused("robots") from error
        if rp is not None and (delay := rp.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"])):
            self._slow_down(request, delay)

    def _slow_down(self, request: Request, delay: float) -> None:
        """Keep to ``Crawl-delay``; AutoThrottle may lower a slot's delay, so this is said each time."""
        spider = self.crawler.spider
        downloader = self.crawler.engine.downloader
        slot = downloader.slots.get(downloader.get_slot_key(request))
        if slot is not None and spider is not None and spider.portal.delay != 0:
            slot.delay = max(slot.delay, min(delay, _LONGEST_WAIT))
            slot.concurrency = 1

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= _SERVER_ERROR:
            response = response.replace(body=b"User-agent: *\nDisallow: /\n")
        elif response.status >= 400 or looks_like_html(response.body):
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)


def challenge(response: Response) -> str | None:
    """The kind of challenge that ``response`` is: its status, or the product that it shows; else None."""
    if response.status in _CHALLENGE_STATUSES:
        return str(response.status)
    if response.status not in (200, 202, 403, 503) or not looks_like_html(response.body):
        return None
    head = response.body[:_HEAD].decode("latin-1")
    page = Page(response.url, response.body[:_HEAD])
    kind = next((name for name, found in phrases.patterns("challenges").items() if found.search(head)), None)
    if kind is None and len(page.visible_text) < _SHORT and not page.links:
        weak = phrases.patterns("challenges_if_short").items()
        kind = next((name for name, found in weak if found.search(page.text)), None)
    if kind is None and response.status == 403 and urlsplit(response.url).path in ("", "/"):
        return "403"
    if kind is not None and response.status == 403:
        return "403"
    return kind
