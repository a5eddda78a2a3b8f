"""A simulated site: its hosts, and the truth that grows while it is built."""

from __future__ import annotations

import json
import random
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sample import certificates
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import Reading
from sample.portals.truth import Attachment, ExpectedNonReport, ExpectedReport, Truth
from sample.web import DEFAULT_PORTS, Clock, Host, Request, Response, content

TRUTH_PATH = "/__truth.json"


@dataclass(frozen=True, slots=True)
class Setting:
    """What a site is built from. ``suffix`` ends the names of government hosts.

    ``variant`` 1 words the same site otherwise wherever real portals of its system differ: markup,
    quoting, order of parameters, names of scripts. 2 is another site on the same system, see
    :mod:`sample.portals.retold`.
    """

    seed: int = 2019
    phase: int = 1
    suffix: str = "gov.cn"
    variant: int = 0
    clock: Clock = field(default_factory=Clock)


@dataclass(slots=True)
class Site:
    """A site under construction, and then as it is served.

    ``hosts`` answer by (name, port); a name in ``certificates`` speaks TLS on port 443, with the
    host at that port or, failing that, at port 80. ``options`` are further keys of the site's entry
    in a portal file. ``neighbours`` are other sites to which this
    one leads, served along with it.
    """

    key: str
    region: Region
    setting: Setting
    status: str = "ok"
    reason: str | None = None
    delay: float | None = None
    options: dict[str, str] = field(default_factory=dict)
    start: list[str] = field(default_factory=list)
    hosts: dict[tuple[str, int], Host] = field(default_factory=dict)
    certificates: dict[str, certificates.Kind] = field(default_factory=dict)
    shortfalls: dict[str, int] = field(default_factory=dict)
    neighbours: list[Site] = field(default_factory=list)
    changes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _reports: dict[tuple[str, int], ExpectedReport] = field(default_factory=dict)
    _non_reports: list[ExpectedNonReport] = field(default_factory=list)
    _needed: dict[str, None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Id of the site as a portal."""
        return self.key.lower()

    def name(self, label: str) -> str:
        """The full name of the government host ``label`` (``www.shaling``)."""
        return f"{label}.{self.setting.suffix}"

    def foreign(self, name: str) -> str:
        """The name of a host that is no government's; on a test network it ends like the others."""
        return name + self.setting.suffix.removeprefix("gov.cn")

    def rng(self, *topic: object) -> random.Random:
        """Random numbers for ``topic``, the same for the same seed."""
        return random.Random("/".join(map(str, (self.setting.seed, self.key, *topic))))

    def add_host(self, name: str, port: int = 80, /, host: Host | None = None) -> Host:
        """Add what answers at ``name`` and ``port``; it serves the truth too, which nothing links to."""
        made = host or Host()
        self.hosts[name, port] = made
        made.dynamic[TRUTH_PATH] = self._serve_truth
        return made

    def tls(self, name: str, port: int) -> ssl.SSLContext | None:
        """The TLS context of ``name``, None where nothing speaks TLS there."""
        if port != DEFAULT_PORTS["https"] or name not in self.certificates:
            return None
        return certificates.context(name, self.certificates[name])

    def need(self, *urls: str, method: str = "GET", body: str = "") -> None:
        """Note requests without which reports are not found; each counts once."""
        self._needed.update((f"{method} {url} {body}".rstrip(), None) for url in urls)

    def expect(
        self,
        sample: SampleReport,
        urls: Sequence[str],
        *,
        list_page: str,
        attachments: Iterable[Attachment] = (),
        sources: Sequence[str] = (),
    ) -> None:
        """Note that ``sample`` stands at ``urls``; told again of a report, it stands there as well.

        ``sources`` are the addresses at which its tables can be read, if not at ``urls``.
        """
        report = sample.report
        assert report.published_on
        attached = tuple(attachments)
        read_in = {attachment.file.reading for attachment in attached if attachment.url in sources}
        reading: Reading = read_in.pop() if len(read_in) == 1 else "exact"
        known = self._reports.get((report.organ, report.year))
        if known is not None:
            assert known.report.requests == report.requests
            urls = (*known.urls, *(url for url in urls if url not in known.urls))
            attached = (*known.attachments, *attached)
            sources = (*known.sources, *sources)
            list_page, reading = known.list_page, known.reading
        self._reports[report.organ, report.year] = ExpectedReport(
            report.organ,
            sample.printed_organ,
            report.year,
            known.title if known else report.title,
            known.published_on if known else report.published_on,
            tuple(urls),
            tuple(sources) or tuple(urls),
            attached,
            list_page,
            report,
            reading,
        )

    def adopt(self, report: ExpectedReport) -> None:
        """Expect a report that stands on a neighbour."""
        self._reports[report.key] = report

    def refuse(self, url: str, title: str, reason: str) -> None:
        """Note that what stands at ``url`` is no report of this site."""
        self._non_reports.append(ExpectedNonReport(url, title, reason))

    def move(self, old: str, new: str) -> None:
        """Note that every address that began with ``old`` now begins with ``new``."""

        def moved(url: str) -> str:
            return new + url.removeprefix(old) if url.startswith(old) else url

        # Before anything else the old addresses say where it went.
        began = [f"GET {url}" for url in self.start]
        self._needed = dict.fromkeys([*began, *(need.replace(old, new, 1) for need in self._needed)])
        for key, report in self._reports.items():
            self._reports[key] = replace(
                report,
                urls=tuple(map(moved, report.urls)),
                sources=tuple(map(moved, report.sources)),
                attachments=tuple(replace(file, url=moved(file.url)) for file in report.attachments),
                list_page=moved(report.list_page),
            )

    def end(self, status: str, reason: str | None) -> None:
        """Note that a crawl gets nothing from this site and ends like this."""
        self.status, self.reason = status, reason
        for report in self._reports.values():
            self.refuse(report.sources[0], report.title, status)
        self._reports.clear()
        self._needed.clear()

    def lose(self, url: str, why: str, status: str = "partial", reason: str | None = None) -> None:
        """Note that the report that can be read only at ``url`` cannot be had, and why."""
        [key] = [key for key, report in self._reports.items() if report.sources == (url,)]
        report = self._reports.pop(key)
        for address in dict.fromkeys((url, *report.urls)):
            self.refuse(address, report.title, why)
        self.shortfalls[url] = 1
        self.status, self.reason = status, reason

    def truth(self) -> Truth:
        """The truth about the site as built."""
        return Truth(
            self.key,
            self.setting.phase,
            tuple(self.start),
            self.status,
            self.reason,
            tuple(self._reports.values()),
            tuple(self._non_reports),
            tuple(self._needed),
            dict(self.shortfalls),
            dict(self.changes),
        )

    def _serve_truth(self, request: Request) -> Response:
        text = json.dumps(self.truth().to_json(), ensure_ascii=False, indent=1)
        return content(text, "application/json; charset=utf-8")


Build = Callable[[Setting], Site]
