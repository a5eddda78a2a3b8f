"""Reads documents in processes of their own, under limits: hostile files end only themselves."""

from __future__ import annotations

import errno
import fcntl
import multiprocessing
import os
import resource
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext
from types import TracebackType
from typing import Any

from pebble import ProcessExpired, ProcessPool

from archive.derived import Derived, derive
from archive.errors import ArchiveError, of_system
from archive.packing import ReportTooBigError, pack
from parsers.extract import Origin, Refusal
from parsers.report import Report

Extractor = Callable[[bytes, Origin], Report | Refusal]
Kept = tuple[bytes, Derived]
"""A report as it is kept, and what follows from it."""
_Read = tuple[Report, bytes, Derived]
Result = tuple[Report | Refusal, Kept | None]

MEMORY_BYTES = 1_500_000_000
TIMEOUT_SECONDS = 20.0
_FILE_BYTES = 300_000_000
_OPEN_FILES = 256
_TASKS_PER_WORKER = 200
_WAITING_PER_WORKER = 40
_WAITING_BYTES = 40 * 1024 * 1024
_BROKEN_POOLS = 3  # without a document read between them
_MOST_KILLS = 2  # of the process that reads a document, before it is refused
_WATCH_SECONDS = 1.0
_DETAIL_CHARACTERS = 300
_OF_THE_DISK = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO}
# How workers end when people or the system stop the whole command.
_STOPPING_SIGNALS = {-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP}


class InterruptedExtractionError(ArchiveError):
    """A worker was told to stop, or the system lets none live; nothing is known of its document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use: address space in bytes, wall and processor time in seconds."""

    memory_bytes: int = MEMORY_BYTES
    timeout_seconds: float = TIMEOUT_SECONDS


@dataclass(slots=True)
class _Waiting:
    """A document given to the pool and not yet handed back."""

    payload: bytes
    origin: Origin
    future: Future[_Read | Refusal]
    killed: int = 0


class _Context(ForkServerContext):
    """Starts workers by a fork server, and keeps the locks that it made for them.

    pebble drops the locks of a pool, which removes them, before it ends the workers: one that is still starting would
    look for them in vain, and say so in a traceback.
    """

    def __init__(self) -> None:
        super().__init__()
        self.locks: list[Any] = []

    def RLock(self) -> Any:  # noqa: N802
        """Return a lock that lasts as long as the context."""
        self.locks.append(super().RLock())
        return self.locks[-1]


class Sandbox:
    """A pool of ``workers`` reading processes."""

    def __init__(self, extractor: Extractor, workers: int, limits: Limits = Limits()) -> None:
        self._extractor = extractor
        self._workers = workers
        self._limits = limits
        self._waiting: deque[_Waiting] = deque()
        self._broken = 0
        # A worker that is killed leaves its files, which go with the folder.
        self._folder = tempfile.TemporaryDirectory(prefix="nianbao-", ignore_cleanup_errors=True)
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPool:
        # forkserver: workers inherit neither the archive's lock nor its connections, so a
        # worker that outlives a killed command holds nothing.
        self._context = context = _Context()
        context.set_forkserver_preload([self._extractor.__module__, __name__])
        return ProcessPool(
            max_workers=self._workers,
            max_tasks=_TASKS_PER_WORKER,
            initializer=confine,
            initargs=(self._limits.memory_bytes, self._folder.name),
            context=context,
        )

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self._pool.close()
        else:
            self._pool.stop()
        self._pool.join()
        self._folder.cleanup()

    def results(self, documents: Iterable[tuple[bytes, Origin]]) -> Iterator[Report | Refusal]:
        """Yield for each document, in order, what was read, as :meth:`kept_results` does."""
        for result, _kept in self.kept_results(documents):
            yield result

    def kept_results(self, documents: Iterable[tuple[bytes, Origin]]) -> Iterator[Result]:
        """Yield for each document, in order, what was read and, of a report, what is to be kept of it.

        A crash or hang is a refusal. Documents are taken some way ahead, so that the workers go on
        while the caller stores, but never more than some megabytes of them. Raises
        InterruptedExtractionError when workers are being stopped from outside.
        """
        size = 0

        def first() -> Result:
            nonlocal size
            result = self._first_result()
            size -= len(self._waiting.popleft().payload)
            return result

        for payload, origin in documents:
            self._waiting.append(_Waiting(payload, origin, self._schedule(payload, origin)))
            size += len(payload)
            while len(self._waiting) >= _WAITING_PER_WORKER * self._workers or size > _WAITING_BYTES:
                yield first()
        while self._waiting:
            yield first()

    def _schedule(self, payload: bytes, origin: Origin) -> Future[_Read | Refusal]:
        if not self._pool.active:
            self._renew_pool()
        seconds = self._limits.timeout_seconds
        future: Future[_Read | Refusal] = self._pool.schedule(
            _extract, args=(self._extractor, payload, origin, seconds), timeout=seconds
        )
        return future

    def _renew_pool(self) -> None:
        """Give the documents that wait to another pool.

        A pool gives up when its workers end between two documents, as where the system is out of
        memory; the documents have no part in that.
        """
        self._broken += 1
        if self._broken > _BROKEN_POOLS:
            raise InterruptedExtractionError("the reading processes keep ending; run the command again")
        self._pool.stop()
        self._pool.join()
        self._pool = self._new_pool()
        for document in self._waiting:
            if _is_lost(document.future):
                document.future = self._schedule(document.payload, document.origin)

    def _first_result(self) -> Result:
        head = self._waiting[0]
        while not wait((head.future,), timeout=_WATCH_SECONDS).done or _is_lost(head.future) or _is_due_again(head):
            if _is_lost(head.future) and not self._pool.active:
                self._renew_pool()
            elif _is_due_again(head):
                head.killed += 1
                head.future = self._schedule(head.payload, head.origin)
        self._broken = 0
        outcome = self._outcome(head.future)
        return (outcome, None) if isinstance(outcome, Refusal) else (outcome[0], outcome[1:])

    def _outcome(self, future: Future[_Read | Refusal]) -> _Read | Refusal:
        try:
            return future.result()
        except FutureTimeoutError:
            return Refusal("timeout", f"reading took longer than {self._limits.timeout_seconds:g} seconds")
        except MemoryError:
            return Refusal("too_big", f"reading needs more than {self._limits.memory_bytes:,} bytes of memory")
        except ProcessExpired as error:
            if error.exitcode in _STOPPING_SIGNALS:
                raise InterruptedExtractionError("reading was stopped; run the command again") from error
            if error.exitcode == -signal.SIGXCPU:
                return Refusal("timeout", "reading took too much processor time")
            return Refusal("crashed", f"the reading process ended with exit code {error.exitcode}")
        except OSError as error:
            if error.errno in _OF_THE_DISK:
                # Nothing is known of the document.
                what = f"cannot write to {self._folder.name}"
                raise InterruptedExtractionError(str(of_system(what, error))) from error
            return Refusal("crashed", f"{type(error).__name__}: {error}"[:_DETAIL_CHARACTERS])
        except Exception as error:
            return Refusal("crashed", f"{type(error).__name__}: {error}"[:_DETAIL_CHARACTERS])


def _is_lost(future: Future[_Read | Refusal]) -> bool:
    """Whether a pool ended before it had read the document."""
    return not future.done() or future.cancelled() or isinstance(future.exception(), BrokenProcessPool)


def _is_due_again(document: _Waiting) -> bool:
    """Whether its worker was killed: the system, short of memory, need not have meant the document."""
    future = document.future
    if document.killed >= _MOST_KILLS or not future.done() or future.cancelled():
        return False
    error = future.exception()
    return isinstance(error, ProcessExpired) and error.exitcode == -signal.SIGKILL


def confine(memory_bytes: int, folder: str | None = None) -> None:
    """Limit the present process, which reads documents and nothing else; ``folder`` is for its temporary files."""
    tempfile.tempdir = folder
    # pebble's own handler waits for native code to return and hides that a signal came.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_command()
    # What libraries print when they give up is no message of the command.
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    os.close(nowhere)
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, _FILE_BYTES),
        (resource.RLIMIT_NOFILE, _OPEN_FILES),
    ):
        _soft, hard = resource.getrlimit(kind)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


def _end_with_command() -> None:
    """Have the kernel kill the present process when the command ends, in the middle of native code too.

    The fork server, which is its parent, lives as long as any worker does.
    """
    command = multiprocessing.parent_process()
    if command is None or not hasattr(fcntl, "F_SETSIG"):
        return
    # The command holds the other end of this pipe; its end counts as input, which sends the signal.
    sentinel = command.sentinel
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _limit_processor_time(seconds: float) -> None:
    """Allow the present process ``seconds`` of processor time from now on."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime + seconds) + 1, hard))


def _extract(extractor: Extractor, payload: bytes, origin: Origin, seconds: float) -> _Read | Refusal:
    # Ends native code in a loop even where nobody is left to watch the clock.
    _limit_processor_time(seconds * (os.cpu_count() or 1))
    try:
        result = extractor(payload, origin)
    except (Exception, KeyboardInterrupt):
        raise
    except BaseException as error:
        # Handed back as it is, it would end the command: SystemExit, and what native code raises when it gives up.
        raise RuntimeError(f"the parser gave up: {error}") from error
    if isinstance(result, Refusal):
        return result
    # Packed here, so that a report that cannot be stored fails in its own process.
    try:
        return result, pack(result), derive(result)
    except ReportTooBigError as error:
        return Refusal("too_big", str(error))
