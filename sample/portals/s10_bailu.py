"""S10: a SiteFactory portal in .NET. HTTPS under a certificate that nobody vouches for.

Every link carries a session that changes on every visit; a calendar never ends; what does not exist
is answered with 200 or sent to the home page; the list is GBK under a header that says UTF-8. Some
reports are Word files, archives, scans or pictures. Robots are asked for two seconds' patience.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from datetime import date, timedelta

from sample import non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import File, picture_files, rar_file, rtf_file, scan_file
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Handler, Host, Request, Response, content, redirect

REGION = Region("赣陵省", "吉漾市", "白鹭县", "991221")
COLUMN = "/Category_598/"
YEARS = range(2019, 2026)
ORGANS = ("人民政府办公室", "教育局", "城关镇人民政府")
PAGE_SIZE = 15
WORD_YEAR = 2020
PACKED = {("人民政府办公室", 2021), ("教育局", 2021)}
SCANNED, PICTURED = ("城关镇人民政府", 2022), ("城关镇人民政府", 2023)
PICTURES = 3
CRAWL_DELAY = 2
_BOM = "\ufeff"
_GONE_FOLDERS = ("/Special/", "/nianbao/")
_LINK = re.compile(rb'href="((?:https?://[\w.]+)?/[^"]*|Index[^"]*)"')
_SESSION = re.compile(r";jsessionid=\w*", re.I)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S10", REGION, setting, delay=CRAWL_DELAY)
    www = Pages(site, "www.bailu", "bailu", port=443, scheme="https", host=Host(missing=lambda _: _missing(www)))
    bare = site.name("bailu")
    site.hosts[bare, 443] = www.host
    for name in (www.name, bare):
        site.certificates[name] = "self_signed"
        site.hosts[name, 80] = Host(filters=[_to_https])
    www.host.filters += [_clean, _Sessions(site), _without_dead_folders]
    site.start.append(f"http://{www.name}/")
    www.robots(f"User-agent: *\nDisallow: /Admin/\nCrawl-delay: {CRAWL_DELAY}\n")
    site.need(f"http://{www.name}/robots.txt", www.url("/robots.txt"), f"http://{www.name}/")
    site.need(*map(www.url, ("/", "/Category_590/Index.aspx")))
    rows = [
        _report(www, sample, 2_300 + 7 * position + year - YEARS.start)
        for position, short in enumerate(ORGANS)
        for year, sample in reports(setting.seed, organ(REGION, short), YEARS, position).items()
    ]
    _list(www, newest_first([*rows, *_others(www)]))
    _forbidden(www)
    _entrances(www)
    return site


def _to_https(request: Request, /, handler: Handler) -> Response:
    return redirect(f"https://{request.host}{request.target}", 301)


def _clean(request: Request, /, handler: Handler) -> Response:
    """Forget the session in an address, as the application does."""
    return handler(replace(request, path=_SESSION.sub("", request.path)))


def _without_dead_folders(request: Request, /, handler: Handler) -> Response:
    return redirect("/") if request.path.startswith(_GONE_FOLDERS) else handler(request)


class _Sessions:
    """Gives every link of a page a session of its own, in one of two ways."""

    def __init__(self, site: Site) -> None:
        self._rng = site.rng("sessions")
        self._turn = itertools.cycle((True, False))

    def __call__(self, request: Request, /, handler: Handler) -> Response:
        response = handler(request)
        if not (response.header("content-type") or "").startswith("text/html"):
            return response
        return replace(response, body=_LINK.sub(self._vary, response.body))

    def _vary(self, match: re.Match[bytes]) -> bytes:
        path, mark, query = match[1].partition(b"?")
        session = f"{self._rng.getrandbits(64):016X}".encode()
        if next(self._turn):
            return b'href="' + path + b";jsessionid=" + session + mark + query + b'"'
        return b'href="' + match[1] + (b"&amp;" if mark else b"?") + b"sid=" + session + b'"'


def _missing(www: Pages) -> Response:
    return content(www.render("missing"), "text/html; charset=utf-8")


def _page(www: Pages, path: str, template: str, **context: object) -> str:
    """A page that begins with a byte order mark."""
    www.host.page(path, lambda: _BOM + www.render(template, **context))
    return www.url(path)


def _report(www: Pages, sample: SampleReport, number: int) -> Row:
    report, key = sample.report, (sample.organ.short, sample.report.year)
    date = report.published_on or ""
    path = f"/Item/{number}.aspx"
    body: object = markup(f"<p>{report.title}见附件。</p>")
    folder = f"/UploadFiles/{date[:4]}/{int(date[5:7])}/"
    files: list[File] = []
    if report.year == WORD_YEAR:
        files = [rtf_file(sample)]
    elif key in PACKED:
        files = [rar_file(sample)]
    elif key == SCANNED:
        files = [scan_file(sample)]
    elif key == PICTURED:
        files = picture_files(sample, PICTURES)
    attachments = []
    for index, file in enumerate(files):
        place = f"{folder}{date.replace('-', '')}{number}{index}{file.extension}"
        attachments.append(Attachment(www.file(place, file), file, f"{report.title}{file.extension}"))
    links = [(file.url.removeprefix(www.base), file.name) for file in attachments]
    if key == PICTURED:
        body, links = markup("\n".join(f'<p align="center"><img src="{link}" /></p>' for link, _ in links)), []
    elif not attachments:
        body = body_of(sample)
    context = {"date": date, "source": sample.organ.name, "body": body, "files": links}
    page = _page(www, path, "detail", title=report.title, **context)
    sources = [file.url for file in attachments] or [page]
    alias = page.replace(www.name, www.site.name("bailu"))
    www.site.expect(
        sample, [page, alias], list_page=www.url(f"{COLUMN}Index.aspx"), attachments=attachments, sources=sources
    )
    www.site.need(page, *sources)
    return Row(report.title, (path, alias, page.replace("https:", "http:"))[number % 3], date)


def _others(www: Pages) -> list[Row]:
    rows = []
    for number, other in enumerate(non_reports.pages(REGION.name, "among_reports")[:2], start=4_100):
        context = {"date": other.published_on, "source": "本站", "body": markup(other.body), "files": []}
        page = _page(www, f"/Item/{number}.aspx", "detail", title=other.title, **context)
        www.site.refuse(page, other.title, other.reason)
        rows.append(Row(other.title, f"/Item/{number}.aspx", other.published_on))
    title = f"{REGION.name}公安局2018年政府信息公开工作年度报告"
    www.site.refuse(www.url("/Item/1777.aspx"), title, "soft404")
    www.site.shortfalls[www.url(f"{COLUMN}Index.aspx")] = 1
    rows.append(Row(title, "/Item/1777.aspx", "2019-01-22"))
    return rows


def _list(www: Pages, rows: list[Row]) -> None:
    """GBK under the header of all pages, which says UTF-8."""
    total = -(-len(rows) // PAGE_SIZE)
    for number in range(1, total + 1):
        path = f"{COLUMN}Index{'' if number == 1 else f'_{number}'}.aspx"
        part = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        context = {"title": "政府信息公开年报", "rows": part, "total": total, "current": number}
        www.host.page(path, lambda context=context: www.render("list", **context), "gb18030")  # type: ignore[misc]
        www.site.need(www.url(path))


def _forbidden(www: Pages) -> None:
    """A report that stands only where robots may not go."""
    sample = reports(www.site.setting.seed, organ(REGION, "档案局"), [2023])[2023]
    context: dict[str, object] = {"date": sample.report.published_on, "source": "", "body": body_of(sample)}
    page = _page(www, "/Admin/Preview/9001.aspx", "detail", title=sample.report.title, files=[], **context)
    links = [(sample.report.title, "/Admin/Preview/9001.aspx")]
    _page(www, "/Admin/Login.aspx", "menu", title="政府信息公开年报", links=links)
    www.site.refuse(page, sample.report.title, "robots")


def _entrances(www: Pages) -> None:
    links = [("政务公开", "/Category_590/Index.aspx"), ("旧版年报", "/nianbao/")]
    _page(www, "/", "menu", title="首页", links=links)
    links = [
        ("政府信息公开指南", "/Category_595/Index.aspx"),
        ("政府信息公开年报", f"https://{www.site.name('bailu')}{COLUMN}Index.aspx"),
        ("年报预览", "/Admin/Login.aspx"),
    ]
    _page(www, "/Category_590/Index.aspx", "menu", title="政务公开", links=links)
    _page(www, "/Category_595/Index.aspx", "menu", title="政府信息公开指南", links=[])

    def calendar(request: Request) -> Response:
        try:
            day = date.fromisoformat(request.parameters.get("d", ""))
            before, after = day - timedelta(days=1), day + timedelta(days=1)
        except (ValueError, OverflowError):
            return _missing(www)
        page = _BOM + www.render("calendar", title="日历", day=day, before=before, after=after)
        return content(page, "text/html; charset=utf-8")

    www.dynamic("/Calendar.aspx", calendar)
