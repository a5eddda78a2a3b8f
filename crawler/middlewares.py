"""Downloader middlewares: where requests may go, conditional requests, challenges, robots.txt."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import zlib
from email.utils import parsedate_to_datetime
from time import monotonic, time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.downloadermiddlewares import cookies
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.downloadermiddlewares.retry import RetryMiddleware
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest, ResponseDataLossError
from scrapy.http import HtmlResponse, Response
from scrapy.http.request import NO_CALLBACK
from scrapy.robotstxt import RobotParser
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred

from archive.errors import ArchiveError
from archive.frontier import FILE, Entry
from crawler import phrases
from crawler.hosts import is_public, literal_address, suffixes
from crawler.page import Page, looks_like_html
from parsers.normalise import whole_number

if TYPE_CHECKING:
    from scrapy.core.downloader import Slot
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from crawler.spiders.portal import PortalSpider

logger = logging.getLogger(__name__)

ENTRY = "nianbao_entry"
PAGE = "nianbao_page"
NOT_MODIFIED = "not-modified"
UNCONDITIONAL = "nianbao_unconditional"
# Scrapy would download the list of suffixes anew, past robots.txt and our own rules of hosts.
cookies._split_domain = suffixes(private=True)
_CHALLENGE_STATUSES = (412, 521)
_SERVER_ERROR = 500
_SHORT = 400
_LONGEST_WAIT = 60
_PATIENT_RETRIES = 5
_FORBID_ALL = b"User-agent: *\nDisallow: /\n"
_ENDED_EARLY = "nianbao_ended_early"
_TAIL, _ZIP_TAIL = 2048, 66_000
_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_PLAIN = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{", b"[")
BROKEN = "broken"
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
        if ENTRY not in request.meta or UNCONDITIONAL in request.meta or request.method != "GET":
            # To other methods a match is a failure, 412 (RFC 9110).
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
        """Raise :class:`Refused` (``blocked:…``) for a challenge.

        Words that ask for a check in place of a file concern that download alone.
        """
        entry: Entry | None = request.meta.get(ENTRY)
        if entry is None or NOT_MODIFIED in response.flags:
            return response
        if kind := challenge(response, by_words=entry.lead.kind != FILE, request=request):
            raise Refused(f"blocked:{kind}")
        return response


class IntactCompressionMiddleware(HttpCompressionMiddleware):
    """Scrapy's decompression, marking what does not decompress to its end instead of taking the part for whole."""

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """The decompressed answer, flagged :data:`BROKEN` if its compression is damaged."""
        encodings = b",".join(response.headers.getlist("Content-Encoding")).lower()
        if b"gzip" in encodings and _is_plain(response.body):
            # Said to be compressed, and is not.
            del response.headers["Content-Encoding"]
            return response
        if b"gzip" in encodings and response.body and not _is_intact(response.body, self._max_size):
            return response.replace(flags=[*response.flags, BROKEN])
        try:
            return super().process_response(request, response)
        except (OSError, EOFError, ValueError, zlib.error):
            return response.replace(flags=[*response.flags, BROKEN])


class PatientRetryMiddleware(RetryMiddleware):
    """Scrapy's retries, made only after the time that the portal asks for (``Retry-After``).

    The whole host is left alone for that time. Damaged answers are asked for again too, and so
    are those that end early without their length being known, unless they end so twice.
    """

    def __init__(self, settings: BaseSettings) -> None:
        super().__init__(settings)
        self._until: dict[str, float] = {}

    async def process_request(self, request: Request) -> None:
        """Wait until the host may be asked again."""
        host = urlsplit(request.url).netloc
        while (left := self._until.get(host, 0.0) - monotonic()) > 0:
            await asyncio.sleep(left)

    def process_response(self, request: Request, response: Response) -> Request | Response:
        """A new request for an answer that may be better next time."""
        wait = _seconds(response) if response.status in self.retry_http_codes else None
        if wait is not None:
            self._until[urlsplit(request.url).netloc] = monotonic() + min(wait, _LONGEST_WAIT)
            request = request.replace(meta={**request.meta, "max_retry_times": _PATIENT_RETRIES})
        if BROKEN in response.flags:
            plain = request.replace(headers={**request.headers, "Accept-Encoding": "identity"})
            return self._again(plain, "truncated")
        if "partial" in response.flags and not is_whole(response.body):
            digest = hashlib.sha256(response.body).hexdigest()
            if request.meta.get(_ENDED_EARLY) != digest:
                return self._again(request.replace(meta={**request.meta, _ENDED_EARLY: digest}), "truncated")
        return super().process_response(request, response)

    def _again(self, request: Request, reason: str) -> Request:
        retried: Request | None = self._retry(request, reason)
        if retried is None:
            raise Refused(reason)
        return retried


class RobotsMiddleware(RobotsTxtMiddleware):
    """Scrapy's robots.txt rules; a robots.txt that answers with a server error forbids everything.

    Scheme and port tell places apart, each with a robots.txt of its own (RFC 9309, section 2.3).
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._challenges: dict[str, str] = {}
        self._slow: set[str] = set()

    async def robot_parser(self, request: Request) -> RobotParser | None:
        """The rules of the place that ``request`` asks, None where it has none."""
        parts = urlsplit(request.url)
        place = f"{parts.scheme}://{parts.netloc}"
        if place not in self._parsers:
            self._parsers[place] = Deferred()
            asked = Request(
                f"{place}/robots.txt",
                priority=self.DOWNLOAD_PRIORITY,
                # Its answer must not shorten a Crawl-delay that the host's other scheme asked for.
                meta={"dont_obey_robotstxt": True, "autothrottle_dont_adjust_delay": True},
                callback=NO_CALLBACK,
            )
            try:
                answer = await self.crawler.engine.download_async(asked)
                await self._parse_robots(answer, place, request)
            except Exception as error:
                self._robots_error(error, place)
        parser = self._parsers[place]
        return await maybe_deferred_to_future(parser) if isinstance(parser, Deferred) else parser

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raise :class:`Refused` where robots.txt forbids the request, or where a challenge stands before it."""
        parts = urlsplit(request.url)
        if kind := self._challenges.get(f"{parts.scheme}://{parts.netloc}"):
            raise Refused(f"blocked:{kind}")
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as error:
            raise Refused("robots") from error
        if rp is not None and (delay := rp.crawl_delay(self.crawler.settings["ROBOTSTXT_USER_AGENT"])):
            self._slow_down(request, delay)

    def process_response(self, request: Request, response: Response) -> Response:
        """Count ``Crawl-delay`` from the end of an answer: what the host sees lies never closer together."""
        key, slot = self._slot(request)
        if slot is not None and key in self._slow:
            slot.lastseen = monotonic()
        return response

    def _slow_down(self, request: Request, delay: float) -> None:
        """Keep to ``Crawl-delay``; AutoThrottle may lower a slot's delay, so this is said each time."""
        (key, slot), spider = self._slot(request), self.crawler.spider
        if spider is None or spider.portal.delay == 0:
            return
        slots = self.crawler.engine.downloader.per_slot_settings
        kept = slots.get(key, {}).get("delay", slot.delay if slot else self.crawler.settings.getfloat("DOWNLOAD_DELAY"))
        least = max(kept, min(delay, _LONGEST_WAIT))
        # For slots that are yet to be made: those that were idle for long are given up.
        slots[key] = {"delay": least, "concurrency": 1, "jitter": 0.0}
        if slot is not None:
            slot.delay, slot.jitter, slot.concurrency = max(slot.delay, least), 0.0, 1
        # What waits in the slot has passed here already when AutoThrottle shortens its delay.
        request.meta["autothrottle_dont_adjust_delay"] = True
        self._slow.add(key)

    def _slot(self, request: Request) -> tuple[str, Slot | None]:
        downloader = self.crawler.engine.downloader
        key: str = downloader.get_slot_key(request)
        return key, downloader.slots.get(key)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        # Who cannot be reached is found out by the page itself; silence and half an answer forbid.
        if isinstance(exc, DownloadTimeoutError | ResponseDataLossError) or "truncated" in str(exc):
            waiting, parser = self._parsers[netloc], self._parserimpl.from_crawler(self.crawler, _FORBID_ALL)
            self._parsers[netloc] = parser
            if isinstance(waiting, Deferred):
                waiting.callback(parser)
            return
        super()._robots_error(exc, netloc)

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= _SERVER_ERROR:
            if kind := challenge(response):
                self._challenges[netloc] = kind
            response = response.replace(body=_FORBID_ALL)
        elif response.status >= 400 or looks_like_html(response.body):
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)


def challenge(response: Response, *, by_words: bool = True, request: Request | None = None) -> str | None:
    """The kind of challenge that ``response`` is: the product that it shows, or its status; else None.

    Without ``by_words`` an almost empty page is not judged by what it says to people. A page that
    was parsed whole is left to ``request`` as :data:`PAGE`.
    """
    demanding = response.status in _CHALLENGE_STATUSES
    if response.status not in (200, 202, 403, 503) and not demanding:
        return None
    if not looks_like_html(response.body):
        return str(response.status) if demanding else None
    set_cookies = b"\n".join(response.headers.getlist("Set-Cookie")) if demanding else b""
    head = (response.body[:_HEAD] + set_cookies).decode("latin-1")
    kind = next((name for name, found in phrases.patterns("challenges").items() if found.search(head)), None)
    if demanding:
        return kind or str(response.status)
    page = Page(response.url, response.body[:_HEAD])
    if request is not None and len(response.body) <= _HEAD:
        request.meta[PAGE] = page
    if kind is None and by_words and len(page.visible_text) < _SHORT and not page.links:
        weak = phrases.patterns("challenges_if_short").items()
        kind = next((name for name, found in weak if found.search(page.text)), None)
    if response.status == 403 and (kind is not None or urlsplit(response.url).path in ("", "/")):
        return "403"
    return kind


def is_whole(body: bytes) -> bool:
    """Whether ``body`` ends as its kind of file must; True for kinds that do not tell."""
    if body.startswith(b"%PDF-"):
        return b"%%EOF" in body[-_TAIL:]
    if body.startswith(b"PK\x03\x04"):
        return b"PK\x05\x06" in body[-_ZIP_TAIL:]
    return b"</html" in body[-_TAIL:].lower() if looks_like_html(body) else True


def _is_plain(body: bytes) -> bool:
    """Whether ``body`` is a page, a document or data as it stands."""
    return body.startswith(_PLAIN) or looks_like_html(body)


def _is_intact(body: bytes, most: int) -> bool:
    """Whether the gzip members of ``body`` decompress to their end, check sums included.

    Nothing is said against one that grows beyond ``most`` bytes: it is refused for that.
    """
    left, size = body, 0
    while left.startswith(_GZIP):
        member = zlib.decompressobj(wbits=31)
        while left and not member.eof:
            try:
                size += len(member.decompress(left, _CHUNK))
            except zlib.error:
                return False
            if size > most:
                return True
            left = member.unconsumed_tail
        if not member.eof:
            return False
        left = member.unused_data
    return len(left) < len(body)


def _seconds(response: Response) -> float | None:
    """The seconds that ``Retry-After`` asks for, as a number or as a date."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if (seconds := whole_number(value)) is not None:
        return float(seconds)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time()) if value else None
    except (ValueError, TypeError):
        return None
