"""A plain client that looks at simulated sites: no crawler of ours, only what the sites say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import unescape
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import httpx
from bs4 import BeautifulSoup

from parsers.extract import Origin, extract
from parsers.readers import programs
from parsers.report import Report
from sample.portals.server import PortalServer
from sample.portals.truth import ExpectedReport, Truth

Follow = Callable[[str, str], Iterable[str]]
"""From the address and the text of a page to what else it leads to."""
_LINK = re.compile(r"""<(?:a\b[^>]*?\bhref|i?frame\b[^>]*?\bsrc)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.I)
_FORWARD = re.compile(r"location\.replace\(\s*[\"']([^\"']+)")
_ENDLESS = re.compile(r"(?i)calendar|[?&]d(?:ate)?=|\.swf$|__truth|/print|/search")


_PROGRAMS = {"converted": ("soffice", "libreoffice"), "unpacked": ("bsdtar", "unrar", "unar")}
"""What it takes to read a report, by the way it is to be read."""


class Visitor:
    """A client of one served site."""

    def __init__(self, server: PortalServer, key: str) -> None:
        self.server = server
        self.key = key
        self.client = httpx.Client(
            proxy=server.proxy_url, verify=False, trust_env=False, timeout=30, headers={"User-Agent": "visitor"}
        )

    def __enter__(self) -> Visitor:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.client.close()

    @property
    def truth(self) -> Truth:
        return self.server.truth(self.key)

    def url(self, label: str, path: str = "/", scheme: str = "http") -> str:
        return f"{scheme}://{self.server.site(self.key).name(label)}{path}"

    def get(self, url: str, **options: object) -> httpx.Response:
        return self.client.get(url, **options)  # type: ignore[arg-type]

    def text(self, url: str, encoding: str = "utf-8", **options: object) -> str:
        response = self.get(url, **options)
        assert response.status_code == 200, f"{url}: {response.status_code}"
        return response.content.decode(encoding)

    def soup(self, url: str, encoding: str = "utf-8", **options: object) -> BeautifulSoup:
        return BeautifulSoup(self.text(url, encoding, **options), "lxml")

    def walk(self, follow: Follow | None = None, *, encoding: str = "utf-8", hosts: str = "") -> dict[str, int]:
        """Follow links, frames and forwards from the start pages; return status by address.

        ``follow`` names what else a page leads to. Only hosts that end with ``hosts`` are asked.
        """
        found: dict[str, int] = {}
        waiting = list(self.truth.start)
        while waiting:
            url = waiting.pop()
            if url in found or _ENDLESS.search(url) or not (urlsplit(url).hostname or "").endswith(hosts):
                continue
            response = self.get(url)
            found[url] = response.status_code
            if response.is_redirect:
                waiting.append(urljoin(url, response.headers["location"]))
            kind = response.headers.get("content-type", "")
            text = response.content.decode(encoding, "replace")
            if "html" not in kind or response.status_code != 200:
                continue
            leads = [unescape("".join(quoted)) for quoted in _LINK.findall(text)]
            leads += _FORWARD.findall(text)
            leads += follow(url, text) if follow else []
            waiting += [
                joined.partition("#")[0]
                for lead in leads
                if (joined := urljoin(url, lead)).startswith(("http:", "https:"))
            ]
        return found

    def assert_reachable(self, found: Iterable[str]) -> None:
        """Fail unless every report and every file of the truth is among ``found``."""
        met = {_plain(url) for url in found}
        for report in self.truth.reports:
            assert met & set(map(_plain, report.urls)), f"no link leads to {report.urls}"
            for url in set(report.sources) - set(report.urls):
                assert _plain(url) in met, f"no link leads to {url}"

    def assert_read_exactly(
        self, reports: Iterable[ExpectedReport], fetch: Callable[[str], bytes] | None = None
    ) -> None:
        """Fail unless the parsers read every cell of ``reports`` as the truth has it."""
        for report in reports:
            if programs.find(*_PROGRAMS.get(report.reading, ("sh",))) is None:
                continue
            for url in report.sources:
                payload = fetch(url) if fetch else self.get(url).content
                read = extract(
                    payload, Origin(url=url, title=report.title, published_on=report.published_on, trusted=True)
                )
                assert isinstance(read, Report), f"{url}: {read}"
                assert (read.organ, read.year) == (report.printed_organ, report.year), url
                assert cells_of(read) == cells_of(report.report), url


def cells_of(report: Report) -> dict[str, object]:
    """Every figure of a report by field; labels without the white space of their layout."""
    return {
        "".join(field.split()): value
        for field, value in report.fields().items()
        if field.partition(".")[0] in ("disclosures", "requests", "reviews", "indicators")
    }


def _plain(url: str) -> str:
    return str(httpx.URL(url))
