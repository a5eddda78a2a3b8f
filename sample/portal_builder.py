"""What building the two portals has in common: details, attachments, paged lists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sample import html, rows, templating
from sample.files import Files, extension
from sample.generator import SampleReport
from sample.non_reports import NonReport
from sample.organs import ORGANS
from sample.portal import Portal
from sample.resources import VISITS, relative
from sample.rows import Row

MIGRATED = (("szfb", 2019), ("mzj", 2020))
"""Reports whose address carries the date of a migration instead of their own."""
COLUMN = "政府信息公开年报"
FORM_NAME = "政府信息公开工作年度报告格式.docx"


def addresses(folder: str, sample: SampleReport, first_serial: int) -> tuple[str, str]:
    """Return the paths of a report's page and file under ``folder``."""
    report = sample.report
    assert report.published_on
    stamp = "20210430" if sample.key in MIGRATED else report.published_on.replace("-", "")
    serial = first_serial + 7 * (10 * ORGANS.index(sample.organ) + report.year - 2019)
    month = f"{folder}{stamp[:6]}/"
    return f"{month}t{stamp}_{serial}.html", f"{month}P0{stamp}{serial}{extension(sample)}"


def report_row(folder: str, sample: SampleReport, first_serial: int, base: str = "") -> Row:
    """Return the list row of a report; with ``base`` its link is absolute."""
    page, file = addresses(folder, sample, first_serial)
    link = file if sample.delivery == "pdf" else page
    return Row(sample.report.title, base + link, sample.report.published_on or "")


@dataclass(slots=True)
class PortalBuilder:
    """Adds pages to ``portal``; ``dialect`` names the folder of templates.

    ``office`` signs what is no report, ``context`` goes to every template. ``first_serial``
    starts the numbers in addresses, ``cut`` is the length of anchor texts in lists;
    ``validators`` says whether lists send ETag and Last-Modified.
    """

    portal: Portal
    files: Files
    dialect: str
    office: str
    context: dict[str, object]
    first_serial: int
    cut: int
    validators: bool

    def page(self, path: str, template: str, changed_on: str | None = None, /, **context: object) -> None:
        """Add a page rendered from one of the dialect's templates."""
        text = templating.render(f"{self.dialect}/{template}.html", **{**self.context, **context})
        self.portal.add_html(path, text, changed_on)

    def report(self, folder: str, sample: SampleReport) -> Row:
        """Publish a report under ``folder`` the way its delivery says; return its row."""
        report = sample.report
        assert report.published_on
        page, file = addresses(folder, sample, self.first_serial)
        row = report_row(folder, sample, self.first_serial)
        if sample.delivery != "page":
            self.portal.add_file(file, self.files.of(sample), report.published_on)
        if sample.delivery == "pdf":
            self.portal.expect(sample, [file], [])
        elif sample.delivery == "page":
            self.detail(page, report.title, report.published_on, sample.organ.name, html.render(sample))
            self.portal.expect(sample, [page], [])
        else:
            body = f"<p>按照规定，现将{html.text(report.title)}予以公布，全文见附件。</p>"
            self.detail(
                page,
                report.title,
                report.published_on,
                sample.organ.name,
                body,
                relative(file, page),
                report.title + extension(sample),
            )
            self.portal.expect(sample, [page], [file])
        return row

    def non_report(self, folder: str, column: str, page: NonReport, form_path: str) -> Row:
        """Publish a page that is no report in ``column``; return its row."""
        stamp = page.published_on.replace("-", "")
        serial = self.first_serial + 50_000 + len(self.portal.non_reports)
        path = f"{folder}{stamp[:6]}/t{stamp}_{serial}.html"
        attachment = (relative(form_path, path), FORM_NAME) if page.carries_form else ("", "")
        self.detail(path, page.title, page.published_on, self.office, page.body, *attachment, column=column)
        self.portal.refuse(path, page.title, page.reason)
        return Row(page.title, path, page.published_on)

    def detail(
        self,
        path: str,
        title: str,
        published_on: str,
        source: str,
        body: str,
        attachment: str = "",
        attachment_name: str = "",
        column: str = COLUMN,
    ) -> None:
        """Add a page with an article, and with a visit counter that differs in every response."""
        self.page(
            path,
            "detail",
            title=title,
            published_on=published_on,
            source=source,
            path=path,
            body=templating.markup(body),
            attachment=attachment,
            attachment_name=attachment_name,
            column=column,
            visits=VISITS,
        )

    def list(
        self, folder: str, column: str, listed: Iterable[Row], size: int, folders: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Add a list in pages of ``size`` rows; ``folders`` (name, path) go above the rows."""
        ordered = rows.newest_first(listed)
        for number, path, part in rows.pages(folder, ordered, size):
            self.page(
                path,
                "list",
                ordered[0].date if ordered and self.validators else None,
                folder=folder,
                column=column,
                number=number,
                total=rows.page_count(ordered, size),
                folders=[(name, relative(link, path)) for name, link in folders],
                rows=[
                    {
                        "title": row.title,
                        "text": row.anchor_text(self.cut),
                        "date": row.date,
                        "link": relative(row.link, path) if row.link.startswith("/") else row.link,
                    }
                    for row in part
                ],
            )
