"""One crawl in a process of its own: ours, or that of a bare Scrapy spider. Prints what it took as JSON.

``python -m benchmarks.crawlers ours URL FOLDER``
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response

from archive.store import Archive
from crawler.portal_crawl import Event
from crawler.portals import UNTHROTTLED_CONCURRENCY, Portal
from crawler.run import crawl

PORTAL = "plain"
_EVERY = 2500
_SETTINGS = {
    "LOG_LEVEL": "ERROR",
    "TELNETCONSOLE_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "DOWNLOAD_DELAY": 0,
    "CONCURRENT_REQUESTS_PER_DOMAIN": UNTHROTTLED_CONCURRENCY,
    "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
}


class BareSpider(Spider):
    """Follows every link and stores every body, and does nothing else."""

    name = "bare"

    def __init__(self, start: str, folder: Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.start_urls = [start]
        self.folder = folder

    def parse(self, response: Response, **kwargs: Any) -> Iterator[Request]:
        name = hashlib.sha256(response.url.encode()).hexdigest()
        (self.folder / name).write_bytes(response.body)
        yield from response.follow_all(css="a", callback=self.parse)


def bare(url: str, folder: Path) -> int:
    """Crawl with the bare spider; the number of answers."""
    process = AsyncCrawlerProcess(_SETTINGS)
    crawler = process.create_crawler(BareSpider)
    process.crawl(crawler, start=url, folder=folder)
    process.start()
    return int(crawler.stats.get_value("response_received_count"))


def ours(url: str, folder: Path) -> int:
    """Crawl with ours, politeness off, into an archive in ``folder``; the number of requests.

    Tells the memory that the process holds on stderr, each time some thousand pages are done.
    """
    done = 0

    def progress(event: Event) -> None:
        nonlocal done
        done += event.kind == "fetched"
        if event.kind == "fetched" and done % _EVERY == 0:
            print(done, resident(), file=sys.stderr, flush=True)

    with Archive.open(folder / "archive.db") as archive:
        run_id = archive.begin_run("benchmark")
        portal = Portal(id=PORTAL, name="云汐区人民政府", start=(url,), delay=0.0)
        (result,) = crawl(archive, [portal], run_id, progress)
        archive.finish_run(run_id)
    assert result.status == "ok", result
    return result.requests


def resident() -> float:
    """Megabytes of memory that this process holds now."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def main() -> None:
    """Crawl as the arguments say."""
    which, url, folder = sys.argv[1:]
    began, worked = time.perf_counter(), time.process_time()
    pages = {"bare": bare, "ours": ours}[which](url, Path(folder))
    seconds, cpu = time.perf_counter() - began, time.process_time() - worked
    print(json.dumps({"pages": pages, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
