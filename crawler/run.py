"""Crawl portals from a program: all of them in one reactor run, one spider each."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import asdict

from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.settings import Settings
from scrapy.utils.defer import deferred_from_coro

from archive.errors import ArchiveError, of_database
from archive.store import Archive
from crawler.portal_crawl import Event
from crawler.portals import Portal
from crawler.result import PortalResult
from crawler.spiders.portal import PortalSpider
from crawler.turns import Turns, in_order

logger = logging.getLogger(__name__)


def crawl(
    archive: Archive,
    portals: Sequence[Portal],
    run_id: str,
    progress: Callable[[Event], None] | None = None,
) -> list[PortalResult]:
    """Crawl ``portals`` as run ``run_id`` and return their results in the same order.

    Blocks until all are done; of hundreds of portals a few are crawled at a time (see
    :class:`crawler.turns.Turns`). An unfinished crawl of a portal is resumed, and comes first. One
    portal that fails does not stop the others; after an interrupt no further one is begun.
    Raises ArchiveError if another command is writing or the archive cannot be written, and Twisted's
    ReactorNotRestartable if called again in the same process.
    """
    archive.sync_portals(asdict(portal) for portal in portals)
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")
    before = logging.root.manager.disable
    logging.disable(logging.INFO)
    turns = Turns(in_order(archive, portals), settings.getint("NIANBAO_PORTALS_AT_ONCE"))
    process = _Process(settings, turns)
    logging.disable(before)
    # The process set Scrapy's loggers to DEBUG; the caller is told by events and results.
    logging.getLogger("scrapy").setLevel(logging.WARNING)
    logging.getLogger("scrapy.downloadermiddlewares.robotstxt").setLevel(logging.CRITICAL)
    results: dict[str, PortalResult] = {}
    failures: list[ArchiveError] = []

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
        except (ArchiveError, sqlite3.Error) as error:
            failures.append(error if isinstance(error, ArchiveError) else of_database(archive.path, error))
            turns.stop()
        except Exception:
            logger.exception("%s: the crawl could not be run", portal.id)
        finally:
            if isinstance(crawler.spider, PortalSpider) and crawler.spider.failure:
                # What cannot be written for one portal cannot be written for the next.
                failures.append(crawler.spider.failure)
                turns.stop()
            turns.give_back(portal)
            # Not called from here: portals that fail at once would be nested in one another.
            reactor.callLater(0, begin)

    def begin() -> None:
        while portal := turns.take():
            deferred_from_coro(one(portal))
        if turns.are_over:
            process.end()

    from twisted.internet import reactor

    reactor.callWhenRunning(begin)
    with archive.write_lock():
        process.start(stop_after_crawl=False)
    if failures:
        raise failures[0]
    never_begun = ("partial", "interrupted") if process.interrupted else ("failed", "failed:internal")
    return [results.get(portal.id) or PortalResult(portal.id, *never_begun) for portal in portals]


class _Process(AsyncCrawlerProcess):
    """Scrapy's process; one that is being stopped takes up no further portals."""

    def __init__(self, settings: Settings, turns: Turns) -> None:
        super().__init__(settings)
        self._turns = turns
        self.interrupted = False

    async def stop(self) -> None:
        """Stop the crawls that are going on, each at a point where it can be resumed."""
        # Also called when all is done and the reactor is left.
        self.interrupted = self.interrupted or not self._turns.are_over
        self._turns.stop()
        await super().stop()

    def end(self) -> None:
        """Leave the reactor, unless it is being left already."""
        self._stop_reactor()
