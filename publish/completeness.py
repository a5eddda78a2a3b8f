"""Whether an answer has all that it would have with more time; what was cut short is neither kept nor confirmed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class Watch:
    """What is being made; ``cut`` once anything of it took too long."""

    cut: bool = False


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watched() -> Iterator[Watch]:
    """Note whether what is made meanwhile, here and in tasks begun here, is cut short."""
    token = _watch.set(watch := Watch())
    try:
        yield watch
    finally:
        _watch.reset(token)


def cut_short() -> None:
    """Say that something of what is being made took too long."""
    if (watch := _watch.get()) is not None:
        watch.cut = True
