"""What Dask runs on the workers."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from distributed import Event, Lock

from cluster import units, versions
from cluster.child import Child
from cluster.errors import ClusterError
from cluster.storage import Storage
from cluster.units import Unit

PROBES = "cluster/probes"
_LOCK_SECONDS = 2.0
_idle: list[Child] = []
_idle_lock = threading.Lock()


def introduce(storage_url: str, probe: str) -> dict[str, Any]:
    """What the coordinating machine asks every worker first: versions, clock, and whether it can use the storage.

    ``probe`` names a file that the coordinating machine has written.
    """
    answer: dict[str, Any] = {"versions": versions.present(), "time": time.time(), "error": None}
    try:
        storage = Storage(storage_url)
        if storage.size(probe) is None:
            answer["error"] = f"does not see {probe} in {storage_url}: give --storage a place that every machine shares"
        else:
            storage.write(f"{PROBES}/{secrets.token_hex(8)}", b"written by a worker")
    except ClusterError as error:
        answer["error"] = str(error)
    return answer


def crawl_portal(job: dict[str, Any], domains: Sequence[str], stop: str) -> str | None:
    """Crawl the portal of a unit and return the name of the finished attempt, None if it was stopped before.

    The hosts on ``domains`` are asked by nobody else in the meantime: not by the worker that is
    taken for lost and is not, nor on behalf of another archive. ``stop`` names the event by which
    the crawl is ended in order.
    """
    versions.require(job["versions"])
    storage = Storage(job["storage"])
    event = Event(stop)
    with _alone_on(domains, event.is_set) as alone:
        done = units.finished(storage, Unit(**job["unit"]))
        if done is not None:
            # By the worker before, which did not live to say so.
            return done.attempt
        if not alone:
            return None
        with Child("cluster.crawling_process", NIANBAO_CONTACT=job["contact"]) as child:
            answer = child.ask(job, event.is_set)
    return str(answer["attempt"]) if answer else None


def read_documents(job: dict[str, Any]) -> str:
    """Read a batch of documents and return the name of the file with what that gave, which is this attempt's own."""
    versions.require(job["versions"])
    name = f"{job['folder']}/{secrets.token_hex(8)}.parquet"
    child = _take()
    try:
        child.ask({**job, "name": name})
    except BaseException:
        child.close()
        raise
    with _idle_lock:
        _idle.append(child)
    return name


def _take() -> Child:
    """A process for reading, of those that wait if there is one."""
    with _idle_lock:
        return _idle.pop() if _idle else Child("cluster.reading_process")


@contextlib.contextmanager
def _alone_on(domains: Sequence[str], stopped: Callable[[], bool]) -> Iterator[bool]:
    """Hold the domains' locks; false if told to stop while others held one."""
    with contextlib.ExitStack() as held:
        # All in one order, so that no two wait for each other.
        for domain in sorted(domains):
            lock = Lock(f"nianbao {domain}")
            while not lock.acquire(timeout=_LOCK_SECONDS):
                if stopped():
                    yield False
                    return
            held.callback(lock.release)
        yield True
