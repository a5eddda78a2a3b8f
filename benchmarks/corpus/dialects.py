"""The register of dialects: each makes sources of documents with known truth for one renderer."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from benchmarks.corpus.truth import Truth


@dataclass(frozen=True, slots=True)
class Source:
    """What a dialect makes: bytes for its renderer, and the truth about the finished document."""

    payload: bytes
    truth: Truth


Make = Callable[[random.Random], Source]
Finish = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A way in which documents are made.

    ``renderer`` turns the source into the document ('hand' keeps it as it is), ``suffix`` is
    the finished file's. ``finish`` alters what was rendered.
    """

    renderer: str
    name: str
    suffix: str
    make: Make
    finish: Finish | None = None

    @property
    def key(self) -> str:
        """Renderer and dialect, as the command line takes them."""
        return f"{self.renderer}/{self.name}"


_REGISTER: dict[str, Dialect] = {}


def add(renderer: str, name: str, suffix: str, make: Make, finish: Finish | None = None) -> None:
    """Register a dialect. Raises ValueError where its key is taken."""
    dialect = Dialect(renderer, name, suffix, make, finish)
    if dialect.key in _REGISTER:
        raise ValueError(f"the dialect {dialect.key} is registered twice")
    _REGISTER[dialect.key] = dialect


def dialect(renderer: str, name: str, suffix: str) -> Callable[[Make], Make]:
    """Register the decorated function as a dialect."""

    def register(make: Make) -> Make:
        add(renderer, name, suffix, make)
        return make

    return register


def registered() -> Iterator[Dialect]:
    """All dialects in the order of their registration."""
    yield from _REGISTER.values()
