"""S3: Hanweb's “版通”. The list's rows are XML in a script, further rows come from dataproxy.jsp.

Beside the list stands the module of annual reports, which shows an organ's report of a year at
one address each, reached by a tree in a frame.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote

from sample import html, non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.pages import OCTETS, Pages, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Request, Response, content

REGION = Region("海嶂省", "澜州市", "临澥市", "990282")
COLUMN_ID, UNIT, WEB_ID = "1229385402", "423656", "39"
COLUMN = f"/col/col{COLUMN_ID}/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
TREE = "/module/xxgk/tree.jsp"
MODULE = "/module/xxgk/xxgkAnnualReport.jsp"
AREA = "11331082002682"
EMPTY = '<?xml version="1.0"?>\r\n\r\n\r\n\r\n\r\n<datastore></datastore>'
PER_PAGE, GROUP = 15, 3
MOST_PER_PAGE = 100
LISTED = {
    "人民政府办公室": range(2019, 2026),
    "教育局": range(2019, 2026),
    "财政局": range(2019, 2026),
    "交通运输局": range(2019, 2026),
    "民政局": range(2019, 2026),
    "人民政府": range(2021, 2026),
    "审计局": range(2023, 2024),
}
ELSEWHERE = "交通运输局"
"""Its articles are on a host of its own."""
IN_MODULE = ("教育局", "审计局", "柳浦镇人民政府", "白沙街道办事处")
MODULE_YEARS = range(2019, 2024)
MODULE_GAP = ("白沙街道办事处", 2023)
_ATTACHED_YEAR, _COPIED = 2024, ("财政局", 2022)
_FIRST_ARTICLE = 60_001
_BROKEN_RECORD, _QUOTED_PAGE = 20, 3
_SPAN = re.compile(r"^\d{1,4}$")


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S3", REGION, setting)
    www = Pages(site, "www.linhai-sim", "linhai")
    gj = Pages(site, "gj.linhai-sim", "linhai")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"), gj.url("/robots.txt"), www.url("/"), www.url("/col/col1229385400/index.html"))
    written = {
        short: reports(setting.seed, organ(REGION, short), range(2019, max(*years, 2023) + 1), position)
        for position, (short, years) in enumerate({**dict.fromkeys(IN_MODULE, MODULE_YEARS), **LISTED}.items())
    }
    rows = newest_first([*_listed(www, gj, written), *_others(www)])
    write = _plain_record if setting.variant else _record
    records = [write(number, row) for number, row in enumerate(rows)]
    _list(www, records)
    _module(www, written)
    _entrances(www)
    return site


def _listed(www: Pages, gj: Pages, written: dict[str, dict[int, SampleReport]]) -> Iterator[Row]:
    number = 0
    for short, years in LISTED.items():
        pages = gj if short == ELSEWHERE else www
        for year in years:
            sample = written[short][year]
            report = sample.report
            date = report.published_on or ""
            path = _article(date, _FIRST_ARTICLE + 7 * number)
            number += 1
            attachments, body = [], html.render(sample)
            if year == _ATTACHED_YEAR or (short, year) == _COPIED:
                attachments = [_attach(pages, sample, number)]
            if year == _ATTACHED_YEAR:
                body = f"<p>{report.title}见附件。</p>"
            page = _detail(pages, path, report.title, date, sample.organ.name, body, attachments)
            sources = [attachments[0].url] if year == _ATTACHED_YEAR else [page]
            www.site.expect(sample, [page], list_page=www.url(COLUMN), attachments=attachments, sources=sources)
            www.site.need(page, *sources)
            yield Row(report.title, page if pages is gj else path, date)


def _others(www: Pages) -> Iterator[Row]:
    groups = ("among_reports", "website_reports", "rules")
    for number, page in enumerate(page for group in groups for page in non_reports.pages(REGION.name, group)):
        path = _article(page.published_on, _FIRST_ARTICLE + 1_000 + number)
        office = f"{REGION.name}人民政府办公室"
        www.site.refuse(
            _detail(www, path, page.title, page.published_on, office, page.body, []), page.title, page.reason
        )
        yield Row(page.title, path, page.published_on)


def _article(date: str, number: int) -> str:
    """Address of an article; neither month nor day has a leading zero."""
    year, month, day = map(int, date.split("-"))
    return f"/art/{year}/{month}/{day}/art_{COLUMN_ID}_{number}.html"


def _attach(pages: Pages, sample: SampleReport, number: int) -> Attachment:
    """A file that is called by a hash alone, and by its real name in raw GBK."""
    file = pdf_file(sample)
    hexadecimal = f"{pages.site.rng('file', number).getrandbits(128):032x}"
    query = f"classid=0&filename={hexadecimal}.pdf"
    if pages.site.setting.variant:
        query = f"filename={hexadecimal}.pdf&classid=0"
    title = f"{sample.report.title}.pdf"
    if number % 2:
        query += f"&showname={quote(title)}"
    name = title.encode("gbk").decode("latin-1")
    downloads = pages.host.dynamic.setdefault("/module/download/downfile.jsp", _Downloads())
    assert isinstance(downloads, _Downloads)
    downloads.files[f"{hexadecimal}.pdf"] = lambda: content(
        file.body, OCTETS, Content_Disposition=f"attachment; filename={name}"
    )
    return Attachment(pages.url(f"/module/download/downfile.jsp?{query}"), file, title)


class _Downloads:
    """Answers for all files of a host, by the name in the query."""

    def __init__(self) -> None:
        self.files: dict[str, Callable[[], Response]] = {}

    def __call__(self, request: Request) -> Response:
        make = self.files.get(request.parameters.get("filename", ""))
        return make() if make else content("文件不存在", "text/html; charset=utf-8", 404)


def _detail(
    pages: Pages, path: str, title: str, date: str, source: str, body: str, attachments: list[Attachment]
) -> str:
    links = [(file.url.removeprefix(pages.base), file.name) for file in attachments]
    context = {"title": title, "date": date, "source": source, "path": path, "attachments": links}
    return pages.page(path, "detail", column="政府信息公开年报", body=markup(body), **context)


def _record(number: int, row: Row) -> str:
    """A row as the datastore has it, with the faults that editors and templates leave."""
    date = row.date if number % 4 else row.date.replace("-", "-\n ")
    if number // PER_PAGE == _QUOTED_PAGE - 1:
        return (
            f"<li class='clearfix'><a href='{row.link}' title='{row.title}' target='_blank'>{row.title}</a>"
            f"<span class='bt-right'>{date}</span></li>"
        )
    start = "<li style=<br/>" if number == _BROKEN_RECORD else '<li class="clearfix">'
    return (
        f'{start}<a href="{row.link}" title="{row.title}" target="_blank">{row.title}</a>'
        f'<span class="bt-right">{date}</span></li>'
    )


def _plain_record(number: int, row: Row) -> str:
    """A row as another template writes it: the date first, the title cut."""
    link = f"<a title='{row.title}' href='{row.link}'>{row.anchor_text(24)}</a>"
    return f'<li class="{"odd" if number % 2 else "even"}"><b>{row.date}</b>{link}</li>'


def _list(www: Pages, records: list[str]) -> None:
    web_name = f"{REGION.name}人民政府"
    www.page(
        COLUMN,
        "list",
        title="政府信息公开年报",
        records=[markup(record) for record in records[: PER_PAGE * GROUP]],
        total=len(records),
        column=COLUMN_ID,
        unit=UNIT,
        webid=WEB_ID,
        webname=web_name,
        proxy=PROXY,
    )

    def proxy(request: Request) -> Response:
        """Rows by number when posted, by page when got, and nothing without a page that asks."""
        if www.name not in request.headers.get("referer", ""):
            return _xml(EMPTY)
        query = request.parameters
        asked = {**query, **request.form} if request.method == "POST" else query
        if (asked.get("columnid"), asked.get("unitid"), asked.get("webname")) != (COLUMN_ID, UNIT, web_name):
            return _xml(EMPTY)
        size = min(_number(query.get("perpage", ""), PER_PAGE), MOST_PER_PAGE)
        if request.method == "POST":
            first = _number(query.get("startrecord", ""), 1)
            last = min(_number(query.get("endrecord", ""), size * GROUP), first - 1 + max(MOST_PER_PAGE, size))
        else:
            first = (_number(query.get("page", ""), 1) - 1) * size + 1
            last = first - 1 + size
        return _xml(_datastore(records[first - 1 : last], len(records), size))

    www.dynamic(PROXY, proxy)
    rest = len(records) - PER_PAGE * GROUP
    www.site.need(www.url(COLUMN))
    if rest > 0:
        first = PER_PAGE * GROUP + 1
        query = f"startrecord={first}&endrecord={first - 1 + PER_PAGE * GROUP}&perpage={PER_PAGE}"
        form = f"col=1&appid=1&webid={WEB_ID}&columnid={COLUMN_ID}&unitid={UNIT}&webname={quote(web_name)}"
        www.site.need(www.url(f"{PROXY}?{query}"), method="POST", body=form)


def _number(text: str, otherwise: int) -> int:
    return int(text) if _SPAN.match(text) and int(text) else otherwise


def _datastore(records: list[str], total: int, size: int) -> str:
    rows = "".join(f"<record><![CDATA[\n{record}]]></record>\n" for record in records)
    return (
        "<?xml version='1.0' encoding='UTF-8'?><datastore>\n"
        f"<totalrecord>{total}</totalrecord><totalpage>{-(-total // size)}</totalpage>\n"
        f"<recordset>\n{rows}</recordset>\n</datastore>"
    )


def _xml(text: str) -> Response:
    return content(text, "text/html;charset=UTF-8")


def _module(www: Pages, written: dict[str, dict[int, SampleReport]]) -> None:
    """The module of annual reports: one address for each organ and year."""
    codes = {short: f"{AREA}{number:04d}" for number, short in enumerate(IN_MODULE, start=101)}
    tree = []
    pages: dict[tuple[str, str], str] = {}
    for short, area in codes.items():
        links = []
        for year in MODULE_YEARS:
            path = f"{MODULE}?area={area}&fbtime={year}"
            if www.site.setting.variant:
                path = f"{MODULE}?fbtime={year}&area={area}"
            links.append((year, path))
            if (short, year) == MODULE_GAP:
                www.site.refuse(www.url(path), f"{REGION.name}{short} {year}", "missing")
                continue
            sample = written[short][year]
            known = year in LISTED.get(short, ())
            www.site.expect(sample, [www.url(path)], list_page=www.url(f"{TREE}?area={AREA}"), sources=[www.url(path)])
            if not known:
                www.site.need(www.url(path))
            pages[area, str(year)] = www.render(
                "module",
                title=sample.report.title,
                organ=sample.organ.name,
                date=sample.report.published_on,
                body=markup(html.render(sample)),
            )
        tree.append({"name": REGION.name + short, "links": links})
    nothing = www.render("module", title="")
    organs = www.render("tree", organs=tree)

    def report(request: Request) -> Response:
        place = request.parameters.get("area", ""), request.parameters.get("fbtime", "")
        return content(pages.get(place, nothing), "text/html;charset=UTF-8")

    def show_tree(request: Request) -> Response:
        return content(organs if request.parameters.get("area") == AREA else "", "text/html;charset=UTF-8")

    www.dynamic(MODULE, report)
    www.dynamic(TREE, show_tree)
    www.site.need(www.url(f"{TREE}?area={AREA}"))


def _entrances(www: Pages) -> None:
    section = [("政府信息公开", "/col/col1229385400/index.html")]
    www.page("/", "menu", title=f"{REGION.name}人民政府", frame="", links=section)
    columns = [
        ("政府信息公开指南", "/col/col1229385401/index.html"),
        ("政府信息公开制度", "/col/col1229385403/index.html"),
        ("法定主动公开内容", "/col/col1229385404/index.html"),
        ("政府信息公开年报", COLUMN),
    ]
    www.page("/col/col1229385400/index.html", "menu", title="政府信息公开", frame=f"{TREE}?area={AREA}", links=columns)
    for column, name in (("01", "政府信息公开指南"), ("03", "政府信息公开制度"), ("04", "法定主动公开内容")):
        www.page(f"/col/col12293854{column}/index.html", "menu", title=name, frame="", links=section)
    www.page("/col/col1229385001/index.html", "menu", title="要闻动态", frame="", links=section)
