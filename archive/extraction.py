"""Reading the captured documents: a process pool under limits, and one writer."""

from __future__ import annotations

import resource
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing import get_context
from typing import Any

from pebble import ProcessExpired, ProcessPool

from archive.errors import ArchiveError
from archive.organs import Places
from archive.reports import drop_idle_organs, rebuild_report, store_outcome
from archive.store import Archive, is_local
from parsers.extract import PARSER_VERSION, Origin, Refusal, extract
from parsers.report import Report

MEMORY_LIMIT = 1536 * 1024 * 1024
TIME_LIMIT = 20  # seconds for one document
TASKS_PER_PROCESS = 50
BATCH = 50


@dataclass(frozen=True, slots=True)
class Read:
    """One document as read: its hash, address, and the report or refusal."""

    sha256: str
    url: str
    outcome: Report | Refusal


@dataclass(slots=True)
class Summary:
    """What a pass over the documents came to."""

    documents: int = 0
    reports: set[str] = field(default_factory=set)
    refusals: Counter[str] = field(default_factory=Counter)


def pending(archive: Archive, *, everything: bool = False) -> list[tuple[str, str]]:
    """(SHA-256, address) of the documents not yet read by this version of the parsers, in a fixed order."""
    rows = archive.db.conn.execute(
        "SELECT DISTINCT c.sha256, c.url, min(c.id) FROM captures c JOIN _origins o ON o.url = c.url"
        " LEFT JOIN _extractions e ON e.sha256 = c.sha256 AND e.url = c.url"
        " WHERE c.sha256 IS NOT NULL AND (? OR e.parser_version IS NOT ?)"
        " GROUP BY c.sha256, c.url ORDER BY min(c.id)",
        (everything, PARSER_VERSION),
    ).fetchall()
    return [(row[0], row[1]) for row in rows]


def extract_documents(
    archive: Archive,
    documents: list[tuple[str, str]],
    *,
    workers: int = 2,
    progress: Callable[[Read], None] | None = None,
) -> Summary:
    """Read documents and bring every report that they concern up to date.

    A document that crashes, hangs or swells its reader is refused and costs nothing else.
    Stopped at any moment, the next call goes on with what is left.
    """
    summary = Summary()
    places = Places(archive.db)
    reads = _reads(archive, places, documents, workers)
    while batch := list(islice(reads, BATCH)):
        affected: set[str] = set()
        with archive.db.atomic():
            for read in batch:
                affected |= store_outcome(archive, places, read.sha256, read.url, read.outcome)
            for report_id in sorted(affected):
                rebuild_report(archive, report_id)
            drop_idle_organs(archive)
        summary.reports |= affected
        for read in batch:
            summary.documents += 1
            if isinstance(read.outcome, Refusal):
                summary.refusals[read.outcome.reason] += 1
            if progress:
                progress(read)
    return summary


def extract_in_pool(pool: ProcessPool, payload: bytes, origin: Origin) -> Any:
    """Schedule one document; the future's result is a Report or Refusal."""
    return pool.schedule(extract, args=(payload, origin), timeout=TIME_LIMIT)


def reader_pool(workers: int) -> ProcessPool:
    """A pool whose processes are limited in memory and replaced after a number of documents."""
    # Forking from a server process of its own is quick, and safe beside this one's threads.
    context = get_context("forkserver")
    context.set_forkserver_preload(["parsers.extract"])
    return ProcessPool(max_workers=workers, max_tasks=TASKS_PER_PROCESS, initializer=_limit, context=context)


def result_or_refusal(future: Any) -> Any:
    """The result of a scheduled document, its reader's death as a refusal."""
    try:
        return future.result()
    except FutureTimeoutError:
        return Refusal("timeout", f"读取超过 {TIME_LIMIT} 秒，已中止")
    except ProcessExpired as error:
        return Refusal("crashed", f"读取进程异常退出（{error.exitcode}）")
    except MemoryError:
        return Refusal("too_big", f"读取所需内存超过 {MEMORY_LIMIT // 1024**2} MiB")
    except Exception as error:
        # Whatever a document provokes in the parsers must not stop the others.
        return Refusal("crashed", f"{type(error).__name__}: {error}"[:300])


def _reads(archive: Archive, places: Places, documents: list[tuple[str, str]], workers: int) -> Iterator[Read]:
    """Documents as read, in the order given; a bounded number is under way at a time."""
    with reader_pool(workers) as pool:
        ahead: list[tuple[str, str, Any]] = []
        waiting = iter(documents)
        try:
            while True:
                for sha256, url in islice(waiting, max(0, workers * 4 - len(ahead))):
                    ahead.append((sha256, url, _schedule(archive, places, pool, sha256, url)))
                if not ahead:
                    return
                sha256, url, future = ahead.pop(0)
                yield Read(sha256, url, future if isinstance(future, Refusal) else result_or_refusal(future))
        finally:
            for _sha256, _url, future in ahead:
                with suppress(AttributeError):
                    future.cancel()
            pool.stop()


def _schedule(archive: Archive, places: Places, pool: ProcessPool, sha256: str, url: str) -> Any:
    try:
        payload = archive.payload(sha256)
    except ArchiveError as error:
        return Refusal("capture_unreadable", str(error))
    return extract_in_pool(pool, payload, origin_of(archive, places, sha256, url))


def origin_of(archive: Archive, places: Places, sha256: str, url: str) -> Origin:
    """What is known of where a document came from."""
    row = (
        archive.db.conn.execute(
            "SELECT title, published_on, publisher, landing_url, file_name FROM _origins WHERE url = ?", (url,)
        ).fetchone()
        or (None,) * 5
    )
    crawled = archive.db.conn.execute(
        "SELECT 1 FROM captures WHERE url = ? AND sha256 = ? AND portal_id IS NOT NULL LIMIT 1", (url, sha256)
    ).fetchone()
    local = is_local(url)
    return Origin(
        url=None if local else url,
        title=row[0],
        published_on=row[1],
        publisher=row[2],
        landing_url=row[3],
        file_name=row[4],
        trusted=local or bool(crawled) or places.trusted(url),
    )


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
