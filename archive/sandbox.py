"""Reads documents in processes of their own, under limits: hostile files end only themselves."""

from __future__ import annotations

import multiprocessing
import resource
import signal
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from types import TracebackType

from pebble import ProcessExpired, ProcessPool

from parsers.extract import Origin, Refusal
from parsers.report import Report

Extractor = Callable[[bytes, Origin], Report | Refusal]

MEMORY_BYTES = 1_500_000_000
TIMEOUT_SECONDS = 20.0
_TASKS_PER_WORKER = 50
_DETAIL_CHARACTERS = 300
# How workers end when people or the system stop the whole command.
_STOPPING_SIGNALS = {-signal.SIGINT, -signal.SIGTERM, -signal.SIGHUP}


class InterruptedExtractionError(Exception):
    """A worker was told to stop; nothing is known of its document."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may use: address space in bytes, wall time in seconds."""

    memory_bytes: int = MEMORY_BYTES
    timeout_seconds: float = TIMEOUT_SECONDS


class Sandbox:
    """A pool of reading processes."""

    def __init__(self, extractor: Extractor, workers: int, limits: Limits = Limits()) -> None:
        # forkserver: workers inherit neither the archive's lock nor its connections, so a
        # worker that outlives a killed command holds nothing.
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([extractor.__module__])
        self._extractor = extractor
        self._limits = limits
        self._window = 3 * workers
        self._pool = ProcessPool(
            max_workers=workers,
            max_tasks=_TASKS_PER_WORKER,
            initializer=confine,
            initargs=(limits.memory_bytes,),
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

    def results(self, documents: Iterable[tuple[bytes, Origin]]) -> Iterator[Report | Refusal]:
        """Yield for each document, in order, what was read; a crash or hang is a refusal.

        Few documents are held in memory at a time. Raises InterruptedExtractionError when
        workers are being stopped from outside.
        """
        waiting = []
        for payload, origin in documents:
            waiting.append(
                self._pool.schedule(
                    _extract, args=(self._extractor, payload, origin), timeout=self._limits.timeout_seconds
                )
            )
            if len(waiting) >= self._window:
                yield self._result(waiting.pop(0))
        for future in waiting:
            yield self._result(future)

    def _result(self, future: object) -> Report | Refusal:
        try:
            outcome = future.result()  # type: ignore[attr-defined]
        except FutureTimeoutError:
            return Refusal("timeout", f"reading took longer than {self._limits.timeout_seconds:g} seconds")
        except MemoryError:
            return Refusal("too_big", f"reading needs more than {self._limits.memory_bytes:,} bytes of memory")
        except ProcessExpired as error:
            if error.exitcode in _STOPPING_SIGNALS:
                raise InterruptedExtractionError("reading was stopped; run the command again") from error
            return Refusal("crashed", f"the reading process ended with exit code {error.exitcode}")
        except Exception as error:
            return Refusal("crashed", f"{type(error).__name__}: {error}"[:_DETAIL_CHARACTERS])
        return outcome if isinstance(outcome, Refusal) else Report.from_json(zlib.decompress(outcome).decode())


def confine(memory_bytes: int) -> None:
    """Limit the present process, which reads documents and nothing else."""
    # pebble's own handler waits for native code to return and hides that a signal came.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _extract(extractor: Extractor, payload: bytes, origin: Origin) -> bytes | Refusal:
    try:
        result = extractor(payload, origin)
    except SystemExit as error:
        # Handed back as it is, it would end the command.
        raise RuntimeError("the parser gave up") from error
    # Serialised here, so that a report that cannot be stored fails in its own process.
    return result if isinstance(result, Refusal) else zlib.compress(result.to_json().encode())
