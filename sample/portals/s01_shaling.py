"""S1: an old TRS portal of a county. GBK without a word of it in the header, tables for lists.

The column of annual reports is a mixed bag: its 17 rows are 7 reports of the county, 2 of the
areas above it, and news. The pager exists only in a script.
"""

from __future__ import annotations

from sample import html, non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import rtf_file, word_page_file
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, markup
from sample.portals.site import Setting, Site
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
    www = Pages(site, "www.shaling", "shaling", host=Host("gb18030", "text/html"))
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", "/xxgk/", COLUMN)))
    rows = newest_first([*_own(www), *_superior(www), *_news(www)])
    total = -(-len(rows) // _PAGE_SIZE)
    for number, path, part in pages(COLUMN, rows, _PAGE_SIZE):
        site.need(www.page(path, "list", title=_COLUMN_NAME, rows=part, number=number, total=total))
    _entrances(www)
    return site


def _own(www: Pages) -> list[Row]:
    written = reports(www.site.setting.seed, organ(REGION, "人民政府"), YEARS, title=TITLE)
    return [_report(www, number, sample) for number, sample in enumerate(written.values())]


def _report(www: Pages, number: int, sample: SampleReport) -> Row:
    report = sample.report
    assert report.published_on
    stamp = MIGRATED.get(report.year, report.published_on.replace("-", ""))
    path = f"{COLUMN}{stamp[:6]}/t{stamp}_{_FIRST_SERIAL + 31 * number}.html"
    attachments = []
    body = html.render(sample)
    if report.year in ATTACHED:
        file = ATTACHED[report.year](sample)
        place = f"{COLUMN}{stamp[:6]}/P0{stamp}{300_000_000 + 7_919 * number}.doc"
        attachments = [Attachment(www.file(place, file), file, f"{report.title}.doc")]
        body = f"<p>现将{report.title}予以公布。"
    page = _detail(www, path, report.title, report.published_on, body, attachments)
    sources = [attachment.url for attachment in attachments]
    www.site.expect(sample, [page], list_page=www.url(COLUMN), attachments=attachments, sources=sources)
    www.site.need(page, *sources)
    return Row(report.title, relative(path, COLUMN), report.published_on)


def _superior(www: Pages) -> list[Row]:
    """Reports of the city and the region, copied into the column."""
    rows = []
    for number, region in enumerate((Region(REGION.province, REGION.city), Region(REGION.province))):
        sample = reports(www.site.setting.seed, organ(region, "人民政府", "city"), [2018])[2018]
        title, date = f"{region.name}2018年政府信息公开工作年度报告", sample.report.published_on or ""
        path = _path(date, 1_000 + number)
        www.site.refuse(_detail(www, path, title, date, html.render(sample)), title, "superior")
        rows.append(Row(title, relative(path, COLUMN), date))
    return rows


def _news(www: Pages) -> list[Row]:
    rows = []
    for number, news in enumerate(non_reports.pages(REGION.county, "among_reports")[:NEWS]):
        path = _path(news.published_on, 2_000 + number)
        www.site.refuse(_detail(www, path, news.title, news.published_on, news.body), news.title, news.reason)
        rows.append(Row(news.title, relative(path, COLUMN), news.published_on))
    return rows


def _path(date: str, number: int) -> str:
    stamp = date.replace("-", "")
    return f"{COLUMN}{stamp[:6]}/t{stamp}_{_FIRST_SERIAL + number}.html"


def _detail(
    www: Pages, path: str, title: str, date: str, body: str, attachments: list[Attachment] | None = None
) -> str:
    links = [(relative(file.url.removeprefix(www.base), path), file.name) for file in attachments or ()]
    return www.page(path, "detail", title=title, date=date, body=markup(body), attachments=links)


def _entrances(www: Pages) -> None:
    www.page("/", "menu", title="沙岭县人民政府", links=[("信息公开", "./xxgk/"), ("政务动态", "./zwdt/")])
    column = [("信息公开指南", "./xxgkzn/"), ("信息公开制度", "./xxgkzd/"), (_COLUMN_NAME, "../xxgk/xxgknb/")]
    www.page("/xxgk/", "menu", title="信息公开", links=column)
    www.page("/xxgk/xxgkzn/", "text", title="信息公开指南", text="说明信息的分类和获取方式。")
    www.page("/xxgk/xxgkzd/", "text", title="信息公开制度", text="本县执行上级政府信息公开工作年度报告制度。")
    www.page("/zwdt/", "text", title="政务动态", text="暂无动态。")
