"""S10 retold: sessions in every link, a pager that posts and one that links, pictures without names."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from html import escape

from sample.generator import SampleReport
from sample.portals.files import picture_files, rar_file, rtf_file, scan_file
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, publish, strangers
from sample.portals.s10_bailu import CRAWL_DELAY, REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first
from sample.web import Handler, Host, Request, Response, content, redirect

COLUMN, PAGE_SIZE = "/Category_598/", 8
ORGANS = ("人民政府办公室", "教育局")
YEARS = range(2019, 2026)
_LINK = re.compile(rb'(href=")([^"#:]*?\.aspx)(\?[^"]*)?"')
_SOFT_404 = (
    "<html><body><div class=err><h1>提示信息</h1><p>您访问的页面不存在或已被删除，请返回首页。</p></div></body></html>"
    + "<!-- -->" * 120
)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S10", REGION, setting, delay=CRAWL_DELAY)
    www = Portal(site, "www.bailu", port=443, scheme="https")
    www.host.missing = lambda request: content(_SOFT_404, "text/html; charset=utf-8")
    bare = site.name("bailu")
    site.hosts[bare, 443] = www.host
    for name in (www.name, bare):
        site.certificates[name] = "self_signed"
        site.hosts[name, 80] = Host(filters=[_to_https])
    www.host.filters += [_clean, _Sessions()]
    site.start.append(f"http://{bare}/")
    www.robots(f"# rules\nUser-Agent: *\nCrawl-Delay: {CRAWL_DELAY}\nDisallow: /Admin/\nDisallow: /User/\n")
    site.need(
        f"http://{bare}/robots.txt",
        f"https://{bare}/robots.txt",
        www.url("/robots.txt"),
        f"http://{bare}/",
        f"https://{bare}/",
    )
    rows = [
        _report(www, sample, 2_300 + 10 * position + year - YEARS.start)
        for position, short in enumerate(ORGANS)
        for year, sample in reports(setting.seed, organ(REGION, short), YEARS, position).items()
    ]
    rows += strangers(www, "among_reports", lambda n, day: f"/Item/{4_100 + n}.aspx", _detail, most=3)
    _lists(www, newest_first(rows))
    _calendar(www)
    home = (
        '<a href="/Category_590/Index.aspx">政务公开</a><a href="/Calendar.aspx?d=2024-01-01">日历</a>'
        '<a href="/gknb/">信息公开年报</a><a href="/Admin/nianbao.aspx">政府信息公开年报（预览）</a><a href="/User/Login.aspx">登录</a>'
    )
    www.write("/", "\ufeff" + _page("白鹭县", home), needed=True)
    www.dynamic("/gknb/", lambda request: redirect("/"))
    menu = f'<a href="/Category_595/Index.aspx">政府信息公开指南</a><a href="http://{bare}{COLUMN}Index.aspx">政府信息公开年报</a>'
    www.write("/Category_590/Index.aspx", "\ufeff" + _page("政务公开", menu), needed=True)
    return site


def _to_https(request: Request, /, handler: Handler) -> Response:
    return redirect(f"https://{request.host}{request.target}", 301)


def _clean(request: Request, /, handler: Handler) -> Response:
    path = re.sub(r"(?i);jsessionid=\w*", "", request.path)
    return handler(replace(request, path=path))


class _Sessions:
    """Writes a session into every link to a page, a new one each time."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, request: Request, /, handler: Handler) -> Response:
        response = handler(request)
        if not (response.header("content-type") or "").startswith("text/html"):
            return response
        return replace(response, body=_LINK.sub(self._vary, response.body))

    def _vary(self, match: re.Match[bytes]) -> bytes:
        self._count += 1
        session = f"{self._count * 2_654_435_761 % 2**64:016x}".encode()
        query = match[3] or b""
        if self._count % 2:
            return match[1] + match[2] + b";jsessionid=" + session.upper() + query + b'"'
        return match[1] + match[2] + (query + b"&amp;" if query else b"?") + b"sid=" + session + b'"'


def _report(www: Portal, sample: SampleReport, number: int) -> Row:
    report, day = sample.report, sample.report.published_on or ""
    key = sample.organ.short, report.year
    folder, files, shown = f"/UploadFiles/{day[:4]}/{int(day[5:7])}/", [], ""
    if report.year == 2020:
        files = [Attached(f"{folder}{number}.doc", rtf_file(sample))]
    elif key == ("教育局", 2021):
        files = [Attached(f"{folder}{number}.rar", rar_file(sample))]
    elif key == ("教育局", 2022):
        files = [Attached(f"{folder}{number}.pdf", scan_file(sample))]
    elif key == ("教育局", 2023):
        pictures = picture_files(sample, 3)
        files = [
            Attached(f"/Common/ShowPicture.aspx?id={number}{index}", one, content_type="image/jpeg")
            for index, one in enumerate(pictures)
        ]
        shown = "".join(f'<p><IMG style="width:100%" src="{one.path}" alt=""></p>' for one in files)
    if files and not shown:
        one = files[0]
        shown = f'<p>全文请下载：<a href="javascript:void(0)" onclick="window.open(\'{one.path}\')">{escape(report.title)}</a></p>'

    def write(title: str, body: str) -> str:
        return "\ufeff" + _detail(title, shown or body, day, report.organ)

    row = publish(www, sample, f"/Item/{number}.aspx", write, listed=www.url(f"{COLUMN}Index.aspx"), files=files)
    link = (row.link, row.link.replace("https:", "http:"), row.link.replace("//www.", "//"))[number % 3]
    return Row(row.title, link, row.date)


def _lists(www: Portal, rows: list[Row]) -> None:
    """GBK under a header that says UTF-8; every page has its pager twice."""
    count = -(-len(rows) // PAGE_SIZE)
    for number in range(1, count + 1):
        part = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        items = "".join(
            f'<li><span class="date">{row.date}</span><a href="{row.link}" title="{escape(row.title)}">{row.anchor_text(18)}</a></li>'
            for row in part
        )
        numbers = " ".join(
            f'<a href="{_name(one)}">{one}</a>' if one != number else f'<b><a href="{_name(one)}">{one}</a></b>'
            for one in range(1, count + 1)
        )
        pager = (
            f'<div class="page"><span id="pe100_page_通用信息列表_普通式" class="pagecss"><!--{{pe.begin.pagination}}-->{numbers}</span></div>'
            "<a id=\"next\" href=\"javascript:__doPostBack('pager','2')\">下一页</a>"
        )
        text = _page(
            "政府信息公开年报",
            f'<form method="post"><input type="hidden" name="__VIEWSTATE" value="dDw1"/><ul>{items}</ul>{pager}</form>',
        )
        www.host.page(f"{COLUMN}{_name(number)}", lambda text=text: text, "gb18030")  # type: ignore[misc]
        www.site.need(www.url(f"{COLUMN}{_name(number)}"))


def _name(number: int) -> str:
    return "Index.aspx" if number == 1 else f"Index_{number}.aspx"


def _calendar(www: Portal) -> None:
    def answer(request: Request) -> Response:
        try:
            day = date.fromisoformat(request.parameters.get("d", ""))
        except ValueError:
            return www.host.missing(request)
        links = "".join(
            f'<a href="/Calendar.aspx?d={day + timedelta(days=step)}">{name}</a>'
            for step, name in ((-1, "前一天"), (1, "后一天"))
        )
        return content(_page("信息公开日历", links), "text/html; charset=utf-8")

    www.dynamic("/Calendar.aspx", answer)


def _detail(title: str, body: str, day: str = "2021-03-03", source: str = "本站") -> str:
    return _page(
        title,
        f'<h1>{escape(title)}</h1><div class="info">更新时间：{day} 信息来源：{source} 点击数：<script src="/hit.aspx"></script></div><div id="fontzoom" class="articlecontent">{body}</div>',
    )


def _page(title: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body><div class="top"><a href="/Category_590/Index.aspx">政务公开</a></div>{body}</body></html>'
