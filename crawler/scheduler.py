"""Scrapy's scheduler, reading from the archive's frontier instead of a queue of its own."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.core.scheduler import BaseScheduler

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.spiders import Spider

    from crawler.spiders.portal import PortalSpider


class FrontierScheduler(BaseScheduler):
    """Hands out the frontier's pending entries.

    Only redirects and retries, which Scrapy gives back as requests, are held in memory: they
    belong to an entry that is still pending in the frontier, so that nothing is lost with them.
    """

    spider: PortalSpider

    def __init__(self) -> None:
        self._again: deque[Request] = deque()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> FrontierScheduler:
        """As Scrapy makes its components."""
        return cls()

    def open(self, spider: Spider) -> None:
        """Remember the spider, whose crawl holds the frontier."""
        self.spider = spider

    def has_pending_requests(self) -> bool:
        """Whether a request could be handed out now or later."""
        return bool(self._again) or self.spider.has_pending()

    def enqueue_request(self, request: Request) -> bool:
        """Take back a redirect or retry."""
        self._again.append(request)
        return True

    def next_request(self) -> Request | None:
        """A redirect or retry if there is one, else the best pending entry."""
        if self._again:
            return self._again.popleft()
        return self.spider.next_request()
