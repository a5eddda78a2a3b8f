"""What a crawl of the sample portals ought to find, and what it ought to refuse."""

from __future__ import annotations

from dataclasses import dataclass

from parsers.report import Report
from sample.generator import Delivery, WrongSum


@dataclass(frozen=True, slots=True)
class ExpectedReport:
    """A report that the portals publish.

    ``organ`` is the full official name, ``printed_organ`` what the title prints. ``urls`` are
    the pages (or the PDF itself, where the list links straight to it) and ``attachment_urls``
    the files below such a page. ``report`` holds the cells as printed, without places.
    """

    organ: str
    printed_organ: str
    year: int
    title: str
    published_on: str
    delivery: Delivery
    urls: tuple[str, ...]
    attachment_urls: tuple[str, ...]
    report: Report
    wrong_sums: tuple[WrongSum, ...] = ()

    @property
    def source_url(self) -> str:
        """Where the tables stand: the attachment if there is one, else the page."""
        return (self.attachment_urls or self.urls)[0]


@dataclass(frozen=True, slots=True)
class ExpectedNonReport:
    """A page or file that is no report, and why.

    ``reason`` is 'website_report', 'rule_of_law', 'final_accounts', 'notice', 'rules',
    'interpretation', 'news', 'blank_form' or 'robots' (a report that robots.txt forbids to fetch).
    """

    url: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one phase of the sample portals."""

    phase: int
    reports: tuple[ExpectedReport, ...]
    non_reports: tuple[ExpectedNonReport, ...]

    def report(self, organ: str, year: int) -> ExpectedReport:
        """Return the report of ``organ`` (full name) for ``year``; KeyError if there is none."""
        for report in self.reports:
            if (report.organ, report.year) == (organ, year):
                return report
        raise KeyError(f"no sample report of {organ} for {year}")
