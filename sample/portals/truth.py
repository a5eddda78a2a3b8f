"""What a crawl of a simulated site ought to find, refuse and declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from parsers.report import Report
from sample.portals.files import File, Reading


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that belongs to a report; ``name`` is what the page calls it."""

    url: str
    file: File
    name: str = ""

    @property
    def sha256(self) -> str:
        """Hash of the file's bytes, which are made when first asked for."""
        return self.file.sha256

    def to_json(self) -> dict[str, str]:
        """URL, hash and extension."""
        return {"url": self.url, "sha256": self.sha256, "ext": self.file.extension, "name": self.name}


@dataclass(frozen=True, slots=True)
class ExpectedReport:
    """One organ's report of one year, wherever the site shows it.

    ``organ`` is the full official name, ``printed_organ`` what titles print. ``urls`` are all
    addresses of its page (of the file itself, where lists link straight to it), the plainest
    first. ``sources`` are the addresses at which the tables can be read, of pages or of files: any
    of them, but for ``pictures``, which make one report together.
    ``list_page`` is a page, or an answer to a script, whose rows name it.
    """

    organ: str
    printed_organ: str
    year: int
    title: str
    published_on: str
    urls: tuple[str, ...]
    sources: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    list_page: str
    report: Report
    reading: Reading = "exact"

    @property
    def key(self) -> tuple[str, int]:
        """Organ and year."""
        return self.organ, self.year

    def cells(self) -> dict[str, str | int | float | None]:
        """Every cell by field, like ``requests.new.total``: the number, or the text where there is none."""
        return {field: value for field, value in self.report.fields().items() if field.partition(".")[0] in _TABLES}

    def to_json(self) -> dict[str, Any]:
        """All of it, cells included."""
        return {
            "organ": self.organ,
            "printed_organ": self.printed_organ,
            "year": self.year,
            "title": self.title,
            "pubdate": self.published_on,
            "detail_url": list(self.urls),
            "sources": list(self.sources),
            "attachments": [attachment.to_json() for attachment in self.attachments],
            "list_page": self.list_page,
            "edition": self.report.edition,
            "reading": self.reading,
            "figures": self.cells(),
        }


_TABLES = {"disclosures", "requests", "reviews", "indicators"}


@dataclass(frozen=True, slots=True)
class ExpectedNonReport:
    """A page or file that is no report of this site, and why.

    ``reason`` is one of those of :class:`sample.truth.ExpectedNonReport`, or 'superior' (a
    report, but of an organ above this site's: right to keep, wrong to count as the site's own),
    'mirror' (a copy on a host that no government vouches for), 'foreign' (an organ's own report,
    but on such a host), 'private' (at an address inside some network), 'soft404' or 'missing'. A
    report that a fault keeps back stands here with what the fault does to it.
    """

    url: str
    title: str
    reason: str

    def to_json(self) -> dict[str, str]:
        """All of it."""
        return {"url": self.url, "title": self.title, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Truth:
    """The truth about one site in one phase.

    ``status`` and ``reason`` are what the crawl of the site ought to end with; a status other than
    'ok' without a reason leaves the reason open. ``needed`` (method, address and body of each) are
    the requests without which the reports cannot all be found, in order; ``addresses`` is the
    number of addresses under which reports stand. ``shortfalls`` counts what the site declares
    and does not deliver, by list. ``changes`` names what phase 2 did since phase 1, in the words
    'changed', 'removed', 'renamed' and 'added', by the addresses in phase 2 (in phase 1 for what was
    removed).
    """

    site: str
    phase: int
    start: tuple[str, ...]
    status: str
    reason: str | None
    reports: tuple[ExpectedReport, ...]
    non_reports: tuple[ExpectedNonReport, ...]
    needed: tuple[str, ...]
    shortfalls: Mapping[str, int]
    changes: Mapping[str, tuple[str, ...]]

    @property
    def minimum(self) -> int:
        """The fewest requests that find all reports."""
        return len(self.needed)

    @property
    def addresses(self) -> int:
        """How many addresses reports have."""
        return len({url for report in self.reports for url in report.urls})

    def report(self, organ: str, year: int) -> ExpectedReport:
        """Return the report of ``organ`` (full name) for ``year``; KeyError if there is none."""
        for report in self.reports:
            if report.key == (organ, year):
                return report
        raise KeyError(f"{self.site} has no report of {organ} for {year}")

    def to_json(self) -> dict[str, Any]:
        """All of it, as ``/__truth.json`` serves it."""
        return {
            "site": self.site,
            "phase": self.phase,
            "start": list(self.start),
            "status": self.status,
            "reason": self.reason,
            "minimum": self.minimum,
            "needed": list(self.needed),
            "shortfalls": dict(self.shortfalls),
            "changes": {kind: list(urls) for kind, urls in self.changes.items()},
            "reports": [report.to_json() for report in self.reports],
            "non_reports": [page.to_json() for page in self.non_reports],
        }
