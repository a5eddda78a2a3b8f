"""S1: an old TRS portal of a county. GBK without a word of it in the header, tables for lists.

The column of annual reports is a mixed bag: its 17 rows are 7 reports of the county, 2 of the
areas above it, and news. The pager exists only in a script.
"""

from __future__ import annotations

from sample import html, non_reports, templating
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import File, rtf_file, word_page_file
from sample.portals.organs import organ, reports
from sample.portals.site import Setting, Site, render, serve_file
from sample.portals.truth import Attachment
from sample.resources import relative
from sample.rows import Row, newest_first, pages
from sample.web import Host

REGION = Region("朔原自治区", "塔林市", "沙岭县", "990121")
COLUMN = "/xxgk/xxgknb/"
YEARS = range(2013, 2020)
ATTACHED = {2013: rtf_file, 2014: rtf_file, 2015: word_page_file}
"""Years whose report is a Word file; Word itself wrote RTF or web pages under that name."""
MIGRATED = {2016: "20181102", 2017: "20181102"}
"""Years whose page has the date of a migration in its address."""
TITLE = "{organ}{year}年政府信息公开工作年度报告"
NEWS = 8
_PAGE_SIZE = 10
_FIRST_SERIAL = 2_748_000
_COLUMN_NAME = "信息公开年报"


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S1", REGION, setting)
    name = site.name("www.shaling")
    host = site.add_host(name, host=Host("gb18030", "text/html"))
    base = f"http://{name}"
    site.start.append(f"{base}/")
    site.need(*(base + path for path in ("/robots.txt", "/", "/xxgk/", COLUMN)))
    rows = [*_own(site, host, base), *_superior(site, host, base), *_news(site, host, base)]
    for number, path, part in pages(COLUMN, newest_first(rows), _PAGE_SIZE):
        total = -(-len(rows) // _PAGE_SIZE)
        _page(host, path, "list", title=_COLUMN_NAME, rows=part, number=number, total=total)
        site.need(base + path)
    _entrances(host)
    return site


def _own(site: Site, host: Host, base: str) -> list[Row]:
    rows = []
    written = reports(site.setting.seed, organ(REGION, "人民政府"), YEARS, title=TITLE)
    for number, (year, sample) in enumerate(written.items()):
        report = sample.report
        assert report.published_on
        stamp = MIGRATED.get(year, report.published_on.replace("-", ""))
        page = f"{COLUMN}{stamp[:6]}/t{stamp}_{_FIRST_SERIAL + 31 * number}.html"
        listed = f"{base}{COLUMN}"
        if year in ATTACHED:
            file = ATTACHED[year](sample)
            path = f"{COLUMN}{stamp[:6]}/P0{stamp}{300_000_000 + 7_919 * number}.doc"
            _attach(host, path, file)
            attachment = Attachment(base + path, file, f"{report.title}.doc")
            body = f"<p>现将{report.title}予以公布。"
            links = [(relative(path, page), attachment.name)]
            _detail(host, page, report.title, report.published_on, body, links)
            site.expect(
                sample,
                [base + page],
                list_page=listed,
                attachments=[attachment],
                sources=[attachment.url],
            )
            site.need(base + page, attachment.url)
        else:
            _detail(host, page, report.title, report.published_on, html.render(sample))
            site.expect(sample, [base + page], list_page=listed)
            site.need(base + page)
        rows.append(Row(report.title, relative(page, COLUMN), report.published_on))
    return rows


def _superior(site: Site, host: Host, base: str) -> list[Row]:
    """Reports of the city and the region, copied into the column."""
    rows = []
    above = (Region(REGION.province, REGION.city), Region(REGION.province))
    for number, region in enumerate(above):
        sample: SampleReport = reports(site.setting.seed, organ(region, "人民政府", "city"), [2018])[2018]
        title = f"{region.name}2018年政府信息公开工作年度报告"
        assert sample.report.published_on
        stamp = sample.report.published_on.replace("-", "")
        page = f"{COLUMN}{stamp[:6]}/t{stamp}_{_FIRST_SERIAL + 1_000 + number}.html"
        _detail(host, page, title, sample.report.published_on, html.render(sample))
        site.refuse(base + page, title, "superior")
        rows.append(Row(title, relative(page, COLUMN), sample.report.published_on))
    return rows


def _news(site: Site, host: Host, base: str) -> list[Row]:
    rows = []
    for number, news in enumerate(non_reports.pages(REGION.county, "among_reports")[:NEWS]):
        stamp = news.published_on.replace("-", "")
        page = f"{COLUMN}{stamp[:6]}/t{stamp}_{_FIRST_SERIAL + 2_000 + number}.html"
        _detail(host, page, news.title, news.published_on, news.body)
        site.refuse(base + page, news.title, news.reason)
        rows.append(Row(news.title, relative(page, COLUMN), news.published_on))
    return rows


def _entrances(host: Host) -> None:
    _page(host, "/", "menu", title="沙岭县人民政府", links=[("信息公开", "./xxgk/"), ("政务动态", "./zwdt/")])
    column = [("信息公开指南", "./xxgkzn/"), ("信息公开制度", "./xxgkzd/"), (_COLUMN_NAME, "../xxgk/xxgknb/")]
    _page(host, "/xxgk/", "menu", title="信息公开", links=column)
    _page(host, "/xxgk/xxgkzn/", "text", title="信息公开指南", text="说明信息的分类和获取方式。")
    _page(host, "/xxgk/xxgkzd/", "text", title="信息公开制度", text="本县执行上级政府信息公开工作年度报告制度。")
    _page(host, "/zwdt/", "text", title="政务动态", text="暂无动态。")


def _attach(host: Host, path: str, file: File) -> None:
    host.dynamic[path] = serve_file(file, "application/msword")


def _detail(
    host: Host, path: str, title: str, date: str, body: str, attachments: list[tuple[str, str]] | None = None
) -> None:
    _page(host, path, "detail", title=title, date=date, body=templating.markup(body), attachments=attachments or [])


def _page(host: Host, path: str, template: str, **context: object) -> None:
    host.page(path, render(f"shaling/{template}", place=REGION.county, **context))
