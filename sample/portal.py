"""A host of the demo's sample, with the truth about it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

from sample.generator import SampleReport
from sample.resources import MEDIA_TYPES, Resource, midday
from sample.truth import ExpectedNonReport, ExpectedReport
from sample.web import Host


@dataclass(slots=True)
class Portal(Host):
    """One of the demo's hosts, with what a crawl should make of its resources.

    ``base`` is the URL of the root without its slash.
    """

    base: str = ""
    reports: list[ExpectedReport] = field(default_factory=list)
    non_reports: list[ExpectedNonReport] = field(default_factory=list)

    def add_html(self, path: str, text: str, changed_on: str | None = None) -> None:
        """Add a page; with ``changed_on`` (ISO date) it is static and sends validators."""
        self.resources[path] = Resource(text.encode(self.encoding), self.html_type, midday(changed_on))

    def add_file(self, path: str, body: bytes, changed_on: str) -> None:
        """Add a PDF or DOCX file."""
        self.resources[path] = Resource(body, MEDIA_TYPES[posixpath.splitext(path)[1]], midday(changed_on))

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
