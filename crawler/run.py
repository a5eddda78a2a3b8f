"""Crawl portals from a program: all of them in one reactor run, one spider each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro
from twisted.internet.defer import Deferred, DeferredList, DeferredSemaphore

from archive.errors import ArchiveError
from archive.store import Archive
from crawler.portal_crawl import Event
from crawler.portals import Portal
from crawler.result import PortalResult
from crawler.spiders.portal import PortalSpider

logger = logging.getLogger(__name__)


def crawl(
    archive: Archive,
    portals: Sequence[Portal],
    run_id: str,
    progress: Callable[[Event], None] | None = None,
) -> list[PortalResult]:
    """Crawl ``portals`` as run ``run_id`` and return their results in the same order.

    Blocks until all are done. An unfinished crawl of a portal is resumed. One portal that
    fails does not stop the others. Raises ArchiveError if another command is writing or the
    archive cannot be written, and Twisted's ReactorNotRestartable if called again in the same process.
    """
    archive.sync_portals(asdict(portal) for portal in portals)
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    process = AsyncCrawlerProcess(settings)
    logging.disable(before)
    # The process set Scrapy's loggers to DEBUG; the caller is told by events and results.
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    results: dict[str, PortalResult] = {}
    failures: list[ArchiveError] = []
    gate = DeferredSemaphore(settings.getint("NIANBAO_PORTALS_AT_ONCE"))

    def finished(result: PortalResult) -> None:
        results[result.portal_id] = result

    async def one(portal: Portal) -> None:
        crawler = Crawler(PortalSpider, settings)
        try:
            await process.crawl(
                crawler,
                portal=portal,
                archive=archive,
                run_id=run_id,
                progress=progress,
                finished=finished,
            )
        except Exception:
            logger.exception("%s: the crawl could not be run", portal.id)
        if isinstance(crawler.spider, PortalSpider) and crawler.spider.failure:
            failures.append(crawler.spider.failure)

    def start() -> None:
        from twisted.internet import reactor

        queue: list[Deferred[None]] = [gate.run(lambda p=portal: deferred_from_coro(one(p))) for portal in portals]
        DeferredList(queue, consumeErrors=True).addBoth(lambda _: reactor.stop())

    from twisted.internet import reactor

    reactor.callWhenRunning(start)
    with archive.write_lock():
        process.start(stop_after_crawl=False)
    if failures:
        raise failures[0]
    return [results.get(p.id) or PortalResult(p.id, "failed", "failed:internal") for p in portals]
