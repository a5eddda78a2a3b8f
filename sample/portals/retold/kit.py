"""What the retold sites share: pages written by hand, and reports published under their truth."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import parse_qsl

from sample import html, non_reports
from sample.generator import SampleReport
from sample.portals.files import File
from sample.portals.pages import MEDIA_TYPES, Pages, serve_file
from sample.portals.site import Site
from sample.portals.truth import Attachment
from sample.rows import Row
from sample.web import Handler, Host, Request, Response, content, missing

Write = Callable[[str, str], str]
"""From a title and a body in HTML to a whole page."""


class Portal(Pages):
    """A host whose pages are written by hand instead of by templates."""

    def __init__(
        self, site: Site, label: str, *, port: int = 80, scheme: str = "http", foreign: bool = False, **host: str
    ) -> None:
        super().__init__(site, label, "", port=port, scheme=scheme, foreign=foreign, host=Host(**host))  # type: ignore[arg-type]
        self._by_query: dict[str, dict[frozenset[tuple[str, str]], Handler]] = {}

    def file(self, path: str, file: File, content_type: str | None = None, **headers: str) -> str:
        """Put a file at ``path``, which may have a query; its parameters may come in any order."""
        place, mark, query = path.partition("?")
        if not mark:
            return super().file(path, file, content_type, **headers)
        known = self._by_query.setdefault(place, {})
        known[frozenset(parse_qsl(query))] = serve_file(file, content_type or MEDIA_TYPES[file.extension], **headers)

        def answer(request: Request) -> Response:
            return known.get(frozenset(request.parameters.items()), missing)(request)

        return self.dynamic(place, answer) and self.url(path)

    def answer_script(self, path: str, text: str) -> str:
        """Put a script at ``path``; return its address."""
        return self.dynamic(path, lambda request: content(text, "application/javascript; charset=utf-8"))

    def write(self, path: str, make: str | Callable[[], str], *, needed: bool = False) -> str:
        """Put a page at ``path``; return its address. ``needed`` ones are part of the shortest way."""
        self.host.page(path, (lambda: make) if isinstance(make, str) else make)
        if needed:
            self.site.need(self.url(path))
        return self.url(path)


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that a report is published as: where it lies and what links to it call it.

    ``holds`` says whether the tables can be read in it.
    """

    path: str
    file: File
    name: str = ""
    holds: bool = True
    content_type: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


def publish(
    portal: Portal,
    sample: SampleReport,
    path: str,
    write: Write,
    *,
    listed: str,
    files: Sequence[Attached] = (),
    body: Callable[[], str] | None = None,
    aliases: Sequence[str] = (),
    files_on: Pages | None = None,
    needed: bool = True,
) -> Row:
    """Put a report's page at ``path`` and its files where they belong; return its row.

    Without ``body`` the page shows the text, or says that it is attached where ``files`` hold the
    tables. ``aliases`` are further addresses of the same page.
    """
    report = sample.report
    holder = files_on or portal
    attached = [
        Attachment(
            holder.file(one.path, one.file, one.content_type or MEDIA_TYPES[one.file.extension], **one.headers),
            one.file,
            one.name,
        )
        for one in files
    ]
    holding = [attachment.url for attachment, one in zip(attached, files, strict=True) if one.holds]
    shown = body or (
        (lambda: f"<p>{escape(report.title)}，详见附件。</p>") if holding else (lambda: html.render(sample))
    )
    page = portal.write(path, lambda: write(report.title, shown()))
    sources = holding or [page]
    portal.site.expect(sample, [page, *aliases], list_page=listed, attachments=attached, sources=sources)
    if needed:
        portal.site.need(page, *sources)
    return Row(report.title, page, report.published_on or "")


def strangers(portal: Portal, group: str, place: Callable[[int, str], str], write: Write, most: int = 20) -> list[Row]:
    """Put pages that are no reports where ``place`` (number, ISO date) says; return their rows."""
    rows = []
    for number, one in enumerate(non_reports.pages(portal.site.region.name, group)[:most]):
        page = portal.write(place(number, one.published_on), write(one.title, one.body))
        portal.site.refuse(page, one.title, one.reason)
        rows.append(Row(one.title, page, one.published_on))
    return rows


def news(portal: Portal, count: int, place: Callable[[int, str], str], write: Write) -> list[Row]:
    """Put ``count`` pages of news that nobody takes for reports; return their rows."""
    rows = []
    for number in range(count):
        title = f"{portal.site.region.name}召开{2016 + number % 9}年第{number % 12 + 1}次常务会议"
        date = f"{2016 + number % 9}-{number % 12 + 1:02d}-{number % 27 + 1:02d}"
        page = portal.write(place(number, date), write(title, "<p>会议研究了有关工作。</p>"))
        rows.append(Row(title, page, date))
    return rows


def anchors(links: Iterable[tuple[str, str]], between: str = "\n") -> str:
    """Plain links, ``between`` them what is given."""
    return between.join(f'<a href="{escape(link)}">{text}</a>' for text, link in links)


def compact(date: str) -> str:
    """An ISO date as addresses write it: 20260320."""
    return date.replace("-", "")
