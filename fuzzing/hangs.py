"""Ends a process whose input takes too long, native code included, and says where it stood.

What counts is the processor's time, since a busy machine, or one that lets its long work rest for a while, says
nothing about an input. The clock counts too, but far more of it, for an input that waits for what never comes.
"""

from __future__ import annotations

import faulthandler
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

HANG_SECONDS = 90
"""Seconds at work after which an input counts as a hang."""
WAITING_SECONDS = 1800.0
"""Seconds on the clock after which it does, however little it was at work."""


def prepare() -> None:
    """Let the signal of the processor's limit say where each thread stands before it ends the process."""
    faulthandler.register(signal.SIGXCPU, all_threads=True, chain=True)


@contextmanager
def bounded(at_work: int = HANG_SECONDS, waiting: float = WAITING_SECONDS) -> Iterator[None]:
    """End the process if what is done within takes longer; :func:`prepare` must have been called."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + at_work + 1, hard))
    faulthandler.dump_traceback_later(waiting, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))
