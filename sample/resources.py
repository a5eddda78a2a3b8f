"""Things to serve, and what their addresses look like."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

VISITS = "@@visits@@"
"""Stands in a page for its visit counter, which differs in every response."""


@dataclass(frozen=True, slots=True)
class Resource:
    """One thing to serve. Validators are sent, and honoured, only where ``last_modified`` is given."""

    body: bytes
    content_type: str
    last_modified: datetime | None = None

    @property
    def etag(self) -> str | None:
        """A strong validator, quoted as HTTP wants it."""
        if self.last_modified is None:
            return None
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


@dataclass(frozen=True)
class LazyResource:
    """A thing to serve, without validators, that ``make`` makes when it is first asked for."""

    make: Callable[[], bytes] = field(repr=False)
    content_type: str
    last_modified: None = None
    etag: None = None

    @cached_property
    def body(self) -> bytes:
        """The bytes."""
        return self.make()


MEDIA_TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


def plain(text: str) -> Resource:
    """Return a plain text."""
    return Resource(text.encode(), "text/plain; charset=utf-8")


def dot() -> Resource:
    """Return the picture that old lists put before their rows: a GIF of one transparent pixel."""
    pixel = "47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b"
    return Resource(bytes.fromhex(pixel), "image/gif")


def script(text: str) -> Resource:
    """Return a JavaScript file."""
    return Resource(text.encode(), "application/javascript")


def midday(date: str | None) -> datetime | None:
    """Return noon (UTC) of an ISO date."""
    return datetime.fromisoformat(date).replace(hour=12, tzinfo=UTC) if date else None


def relative(path: str, page: str) -> str:
    """Return ``path`` as seen from ``page``, with the leading ./ that TRS writes."""
    link = posixpath.relpath(path, posixpath.dirname(page))
    link += "/" if path.endswith("/") and not link.endswith("/") else ""
    return link if link.startswith("..") else f"./{link}"
