"""The coordinating machine's connection to a cluster and its storage."""

from __future__ import annotations

import contextlib
import logging
import secrets
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dask
from dask.utils import parse_timedelta
from distributed import Client, Event, Future, wait

from cluster import tasks, versions
from cluster.errors import ClusterError
from cluster.storage import CAPTURES, Storage, is_url

WORKERS_SECONDS = 60.0
CLOCK_SECONDS = 60.0
_POLL_SECONDS = 0.5
_CLOSE_SECONDS = 5


@dataclass
class Cluster:
    """A cluster that was found fit for work."""

    address: str
    client: Client
    storage: Storage
    _provided: set[str] = field(default_factory=set)
    _without_workers_since: float | None = None

    def slots(self) -> int:
        """How many tasks the workers do at a time. Raises ClusterError when there has been no worker for a minute."""
        if self.client.status != "running":
            raise self.lost()
        threads = sum(self.client.nthreads().values())
        if threads:
            self._without_workers_since = None
        elif self._without_workers_since is None:
            self._without_workers_since = time.monotonic()
        elif time.monotonic() - self._without_workers_since > WORKERS_SECONDS:
            raise ClusterError(
                f"the scheduler at {self.address} has lost all its workers: start some and give the command again"
            )
        return int(threads)

    def first_done(self, futures: Sequence[Future]) -> list[Future]:
        """Those of ``futures`` that are done, after half a second at most.

        Raises ClusterError if the scheduler is gone, or all workers are.
        """
        if not futures:
            time.sleep(_POLL_SECONDS)
        try:
            wait(futures, timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED")
        except TimeoutError:
            pass
        except CancelledError as error:
            # What a client does with all its futures when its scheduler leaves it.
            raise self.lost() from error
        self.slots()
        done = [future for future in futures if future.status != "pending"]
        if any(future.status in ("cancelled", "lost") for future in done):
            raise self.lost()
        return done

    def lost(self) -> ClusterError:
        """The error of a scheduler that is no more."""
        return ClusterError(
            f"the scheduler at {self.address} is gone: start it anew; the same command then goes on from here"
        )

    def event(self, name: str) -> Event:
        """The event of this name, which tasks wait for."""
        return Event(name, client=self.client)

    def provide(self, captures: Path, warcs: Sequence[str]) -> None:
        """See to it that workers can read these WARC files of the archive."""
        if self.storage.holds(captures):
            return
        for name in sorted(set(warcs) - self._provided):
            path = captures / name
            # One that is missing here is missed by who reads it.
            if path.exists() and self.storage.size(f"{CAPTURES}/{name}") != path.stat().st_size:
                self.storage.put(f"{CAPTURES}/{name}", path)
            self._provided.add(name)


@contextlib.contextmanager
def connected(address: str, storage_url: str | None, archive_path: Path) -> Iterator[Cluster]:
    """Connect to the Dask scheduler at ``address``; without ``storage_url`` the archive's own folder is shared.

    Raises ClusterError if there is no scheduler or no worker, if a worker runs another version,
    cannot use the storage, or has another time.
    """
    folder = storage_url or str(archive_path.parent)
    storage = Storage(folder if is_url(folder) else str(Path(folder).resolve()))
    _quieten()
    try:
        client = Client(address, timeout=_patience(), name="nianbao")
    except (OSError, RuntimeError, TimeoutError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({reason[:200]}): start one with 'dask scheduler'"
        ) from error
    cluster = Cluster(address, client, storage)
    try:
        _examine(cluster)
        yield cluster
    except (OSError, RuntimeError, TimeoutError, CancelledError) as error:
        # Whatever was just asked of a scheduler that is no more.
        if isinstance(error, ClusterError) or client.status == "running":
            raise
        raise cluster.lost() from error
    finally:
        with contextlib.suppress(OSError, TimeoutError):
            client.close(timeout=_CLOSE_SECONDS)


def _patience() -> float:
    """Seconds to wait for an answer, as Dask's own configuration says."""
    return float(parse_timedelta(dask.config.get("distributed.comm.timeouts.connect")))


def _quieten() -> None:
    """What goes wrong is told in one line by whoever calls; Dask would log every attempt at a connection."""
    for name in logging.root.manager.loggerDict:
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _examine(cluster: Cluster) -> None:
    try:
        cluster.client.wait_for_workers(1, timeout=_patience())
    except TimeoutError as error:
        raise ClusterError(
            f"the scheduler at {cluster.address} has no workers: start some with 'dask worker {cluster.address}'"
        ) from error
    storage, probe = cluster.storage, f"{tasks.PROBES}/{secrets.token_hex(8)}"
    storage.write(probe, b"written by the coordinating machine")
    try:
        answers: dict[str, Any] = cluster.client.run(
            tasks.introduce, storage.url, probe, on_error="return", nanny=False
        )
        now = time.time()
        for worker, answer in answers.items():
            _judge(worker, answer, now)
    finally:
        storage.remove(tasks.PROBES)


def _judge(worker: str, answer: Any, now: float) -> None:
    """Raise ClusterError for a worker that cannot be worked with."""
    if isinstance(answer, ImportError):
        raise ClusterError(
            f"the worker {worker} lacks {answer.name}: pip install 'nianbao[distributed]' of the same version there"
        )
    if isinstance(answer, BaseException):
        raise ClusterError(f"the worker {worker} cannot work: {type(answer).__name__}: {answer}")
    if differing := versions.differences(versions.present(), answer["versions"]):
        raise ClusterError(f"the worker {worker} has {differing}: install the same version on every machine")
    if answer["error"]:
        raise ClusterError(f"the worker {worker}: {answer['error']}")
    if abs(answer["time"] - now) > CLOCK_SECONDS:
        raise ClusterError(
            f"the clock of worker {worker} is {answer['time'] - now:+.0f} s off: what changed when is told by"
            " clocks; set it by NTP"
        )
