"""Crawling portals by the workers of a cluster: who is begun when, and what is done with what comes back."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from types import FrameType
from typing import Any

from distributed import Future, KilledWorker

from archive.store import Archive
from cluster import merge, portal_state, tasks, units, versions
from cluster.connection import Cluster
from cluster.errors import ClusterError
from cluster.units import Unit
from crawler.hosts import HostRules
from crawler.portals import Portal
from crawler.result import PortalResult
from crawler.turns import Turns, in_order

logger = logging.getLogger(__name__)

SLICE_SECONDS = 1800.0
"""After so long a worker hands back what it has, and goes on from there: what a lost worker costs at most."""
_STOP_SECONDS = 90.0
_INTERRUPTED = "interrupted"

Progress = Callable[[str, int], None]
"""Told a portal's id and how many requests it took, once that is in the archive."""


def crawl(
    archive: Archive, portals: Sequence[Portal], run_id: str, cluster: Cluster, progress: Progress | None = None
) -> list[PortalResult]:
    """Crawl ``portals`` as run ``run_id`` by the workers of ``cluster`` and return their results in the same order.

    Does what :func:`crawler.run.crawl` does. SIGINT and SIGTERM end it in order: workers hand back what
    they have, and the next crawl goes on there. Raises ClusterError if the scheduler or the storage is
    lost; what workers finished until then is taken in by the next crawl.
    """
    archive.sync_portals(asdict(portal) for portal in portals)
    with archive.write_lock(), _stopped_by_signals() as stopped:
        for portal_id in merge.merge_left_over(archive, cluster.storage, run_id):
            logger.warning("%s: taken in what a worker had finished for an earlier crawl", portal_id)
        crawl = _Crawl(archive, portals, run_id, cluster, stopped, progress)
        try:
            crawl.work()
        finally:
            crawl.let_go()
    missing = ("partial", _INTERRUPTED) if stopped.is_set() else ("failed", "failed:internal")
    return [crawl.results.get(portal.id) or PortalResult(portal.id, *missing) for portal in portals]


@dataclass
class _Running:
    portal: Portal
    unit: Unit


class _Crawl:
    def __init__(
        self,
        archive: Archive,
        portals: Sequence[Portal],
        run_id: str,
        cluster: Cluster,
        stopped: threading.Event,
        progress: Progress | None,
    ) -> None:
        self.results: dict[str, PortalResult] = {}
        self._archive = archive
        self._run_id = run_id
        self._cluster = cluster
        self._stopped = stopped
        self._progress = progress
        self._turns = Turns(in_order(archive, portals), 0)
        self._running: dict[Future, _Running] = {}
        self._stop = f"nianbao stop {run_id}"
        self._stopping: float | None = None
        self._failure: ClusterError | None = None

    def work(self) -> None:
        """Until every portal is done, or what was begun is handed back."""
        while True:
            if self._stopped.is_set() and self._stopping is None:
                self._end()
            self._turns.at_once = self._cluster.slots()
            while portal := self._turns.take():
                self._begin(portal)
            if not self._running and self._turns.are_over:
                break
            for future in self._cluster.first_done(list(self._running)):
                self._settle(future, self._running.pop(future))
            if self._stopping is not None and time.monotonic() - self._stopping > _STOP_SECONDS:
                break
        if self._failure is not None:
            raise self._failure

    def let_go(self) -> None:
        """Let workers that are still at work end in order; whatever they finish the next crawl takes in."""
        if self._running and self._cluster.client.status == "running":
            with suppress(OSError, RuntimeError, TimeoutError):
                self._cluster.event(self._stop).set()

    def _end(self) -> None:
        self._stopping = time.monotonic()
        self._turns.stop()
        self._cluster.event(self._stop).set()

    def _begin(self, portal: Portal) -> None:
        unit = units.next_unit(self._archive, portal.id)
        connection, storage = self._archive.db.conn, self._cluster.storage
        warcs = portal_state.send(connection, portal.id, storage, unit.known)
        self._cluster.provide(self._archive.captures_dir, sorted(warcs))
        job: dict[str, Any] = {
            "storage": storage.url,
            "unit": asdict(unit),
            "portal": asdict(portal),
            "run_id": self._run_id,
            "state": portal_state.digest(connection, portal.id),
            "contact": os.environ.get("NIANBAO_CONTACT", ""),
            "slice_seconds": SLICE_SECONDS,
            "versions": versions.present(),
        }
        future = self._cluster.client.submit(
            tasks.crawl_portal,
            job,
            sorted(HostRules(portal.start).domains),
            self._stop,
            key=f"crawl {self._run_id} {portal.id} {unit.serial}",
            pure=False,
        )
        self._running[future] = _Running(portal, unit)

    def _settle(self, future: Future, running: _Running) -> None:
        portal, before = running.portal, self.results.get(running.portal.id)
        error = future.exception() if future.status == "error" else None
        if isinstance(error, ClusterError):
            # What cannot be written for one portal cannot be written for the next.
            self._failure = self._failure or error
            self._end()
        elif error is not None:
            told = "workers were lost again and again" if isinstance(error, KilledWorker) else repr(error)
            logger.error("%s: the crawl could not be run: %s", portal.id, told)
        elif (result := self._merge(running.unit)) is not None:
            self.results[portal.id] = result
            spent = result.requests - (before.requests if before else 0)
            if self._progress is not None:
                self._progress(portal.id, spent)
            if result.reason == _INTERRUPTED and self._stopping is None and spent > 0:
                # Only its time was over.
                self._begin(portal)
                return
        self._turns.give_back(portal)

    def _merge(self, unit: Unit) -> PortalResult | None:
        return merge.merge(self._archive, self._cluster.storage, unit, self._run_id)


@contextmanager
def _stopped_by_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set; the second SIGINT is a KeyboardInterrupt as ever."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def stop(number: int, _frame: FrameType | None) -> None:
        if stopped.is_set() and number == signal.SIGINT:
            raise KeyboardInterrupt
        stopped.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
