"""Reading documents on other machines: what extraction asks for, whatever carries it there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from archive.attempts import Key
from archive.errors import ArchiveError
from archive.sandbox import Extractor, Kept, Limits
from archive.warc import Location
from parsers.extract import Origin, Refusal
from parsers.report import Report


@dataclass(frozen=True, slots=True)
class Placed:
    """A document to be read: where its record stands, how many ``bytes`` it has, what is known of its origin."""

    sha256: str
    url: str
    location: Location
    bytes: int
    origin: Origin


class Elsewhere(Protocol):
    """Reads documents somewhere else."""

    def results(
        self, documents: Iterable[Placed], extractor: Extractor, limits: Limits
    ) -> Iterator[tuple[Key, Report | Refusal | ArchiveError, Kept | None]]:
        """Yield for each document, in order, what :meth:`archive.sandbox.Sandbox.kept_results` gives.

        An error instead where its payload could not be had.
        """
