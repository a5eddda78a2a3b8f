"""What the sample portals serve: resources by host and path."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sample.generator import SampleReport
from sample.truth import ExpectedNonReport, ExpectedReport

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


@dataclass(slots=True)
class Portal:
    """One host's resources by path, with what a crawl should make of them.

    ``base`` is the URL of the root without its slash. ``dynamic`` pages are built from the
    query string on every request.
    """

    base: str
    encoding: str
    html_type: str
    resources: dict[str, Resource] = field(default_factory=dict)
    dynamic: dict[str, Callable[[str], Resource]] = field(default_factory=dict)
    reports: list[ExpectedReport] = field(default_factory=list)
    non_reports: list[ExpectedNonReport] = field(default_factory=list)

    def add_html(self, path: str, text: str, changed_on: str | None = None) -> None:
        """Add a page; with ``changed_on`` (ISO date) it is static and sends validators."""
        self.resources[path] = Resource(text.encode(self.encoding), self.html_type, midday(changed_on))

    def add_file(self, path: str, body: bytes, changed_on: str) -> None:
        """Add a PDF or DOCX file."""
        self.resources[path] = Resource(body, MEDIA_TYPES[posixpath.splitext(path)[1]], midday(changed_on))

    def find(self, path: str, query: str) -> Resource | None:
        """Return what stands at ``path``; a folder's index stands at both of its names."""
        if path in self.dynamic:
            return self.dynamic[path](query)
        return self.resources.get(path) or self.resources.get(path.removesuffix("index.html"))

    def expect(self, sample: SampleReport, urls: list[str], attachments: list[str]) -> None:
        """Note that ``sample`` is published at these paths."""
        report = sample.report
        assert report.published_on
        self.reports.append(
            ExpectedReport(
                report.organ,
                sample.printed_organ,
                report.year,
                report.title,
                report.published_on,
                sample.delivery,
                tuple(self.base + path for path in urls),
                tuple(self.base + path for path in attachments),
                report,
                sample.wrong_sums,
            )
        )

    def refuse(self, path: str, title: str, reason: str) -> None:
        """Note that what stands at ``path`` is no report."""
        self.non_reports.append(ExpectedNonReport(self.base + path, title, reason))


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
