"""S3 retold: a data store whose pager is set up by a script, and a tree of two levels in a frame."""

from __future__ import annotations

import re
from html import escape

from sample import html
from sample.generator import SampleReport
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, news, publish, strangers
from sample.portals.s03_linhai import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first
from sample.web import Request, Response, content, missing

COLUMN = "/col/col1229385402/index.html"
PROXY = "/module/web/jpage/dataproxy.jsp"
MODULE, TREE = "/module/xxgk/xxgkAnnualReport.jsp", "/module/xxgk/tree.jsp"
PER_PAGE, EMBEDDED, TOTAL = 15, 45, 62
ORGANS = {"人民政府办公室": 7, "教育局": 7, "财政局": 7, "民政局": 7, "司法局": 7, "水利局": 6}
MODULE_ORGANS = {
    "柳浦镇人民政府": "113310820026820011",
    "白沙街道办事处": "11331082002682002X",
    "教育局": "113310820026820033",
}
MODULE_YEARS, GAP = range(2019, 2024), ("白沙街道办事处", 2021)
_EMPTY = "<datastore></datastore>"
_FIELDS = (
    "appid=1&webid=39&path=/&columnid=1229385402&sourceContentType=1&unitid=423656&webname=临澥市&permissiontype=0"
)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S3", REGION, setting)
    www, gj = Portal(site, "www.linhai-sim"), Portal(site, "gj.linhai-sim")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"), gj.url("/robots.txt"))
    www.write(
        "/",
        _page("临澥市", '<a href="/col/col1229385400/index.html"><img src="/picture/0/zwgk.png" alt="政务公开"/></a>'),
        needed=True,
    )
    menu = '<li><a href="/col/col1229385401/index.html">政府信息公开指南</a></li><li><a href="col1229385402/../../col1229385402/index.html">政府信息公开年报</a></li>'
    www.write("/col/col1229385400/index.html", _page("政务公开", menu), needed=True)
    rows = newest_first(
        [*_listed(www, gj), *strangers(www, "among_reports", lambda n, date: _art(date, 70_000 + n), _detail)]
    )
    rows = newest_first([*rows, *news(www, TOTAL - len(rows), lambda n, date: _art(date, 71_000 + n), _detail)])
    frame = f'<iframe width=200 frameborder="0" src="{TREE}?area=1133"></iframe>'
    store = (
        f'<ul class="main_list"></ul><div id="423656" class="page"><script type="text/xml"><datastore>\n<nextgroup><![CDATA[<a href="'
        f'{PROXY}?page=1&{_FIELDS}"></a>]]></nextgroup>\n<recordset>{_records(rows[:EMBEDDED])}</recordset></datastore></script></div>'
        f"<script>$(function(){{ $('#423656').jpage({{ dataStore:initData, totalRecord:{TOTAL}, proxyUrl:'{PROXY}',"
        f" perPage:{PER_PAGE}, groupSize:3, barPosition:'bottom', openCookies:false, ajaxParam:{{}} }}); }});</script>"
        '<a href="?uid=423656&pageNum=2">2</a>'
    )
    www.write(COLUMN, _page("政府信息公开年报", frame + store), needed=True)
    site.need(f"{www.url(PROXY)}?startrecord=46&endrecord=90", method="POST")
    www.dynamic(PROXY, lambda request: _proxy(request, rows))
    _module(www)
    return site


def _art(date: str, number: int) -> str:
    year, month, day = (int(part) for part in date.split("-"))
    return f"/art/{year}/{month}/{day}/art_1229385402_{number}.html"


def _listed(www: Portal, gj: Portal) -> list[Row]:
    rows = []
    for position, (short, count) in enumerate(ORGANS.items()):
        written = reports(www.site.setting.seed, organ(REGION, short), range(2019, 2026), position)
        for sample in list(written.values())[-count:]:
            rows.append(
                _article(gj if short == "水利局" else www, sample, 60_001 + 10 * position + sample.report.year % 10)
            )
    return rows


def _article(portal: Portal, sample: SampleReport, number: int) -> Row:
    report, date = sample.report, sample.report.published_on or ""
    files, link = [], ""
    if report.year == 2022:
        token = f"{portal.site.rng('file', number).getrandbits(128):032x}"
        name = f"{report.title}.pdf".encode("gb18030").decode("latin-1")
        headers = {"Content_Disposition": f'attachment; filename="{name}"'}
        path = f"/module/download/downfile.jsp?filename={token}.pdf&classid=0"
        files = [Attached(path, pdf_file(sample), content_type="application/octet-stream", headers=headers)]
        link = f'<p><a href="{escape(path)}">附件下载</a></p>'
    return publish(
        portal,
        sample,
        _art(date, number),
        lambda title, body: _detail(title, body + link, date, report.organ),
        listed=portal.site.start[0][:-1] + COLUMN,
        files=files,
    )


def _records(rows: list[Row]) -> str:
    found = ""
    for number, row in enumerate(rows):
        date = row.date if number % 7 else row.date.replace("-", "-\n ")
        mark = "'" if number >= 30 else '"'
        broken = "<li style=<br/>" if number == 11 else f"<li class={mark}clearfix{mark}>"
        found += (
            f"<record><![CDATA[{broken}<a href={mark}{row.link}{mark} title={mark}{escape(row.title)}{mark} target=_blank>"
            f"{row.anchor_text(20)}</a><span class={mark}bt-right{mark}>{date}</span></li>]]></record>\n"
        )
    return found


def _proxy(request: Request, rows: list[Row]) -> Response:
    asked = request.parameters
    fields = request.form if request.method == "POST" else asked
    kind = "text/xml;charset=UTF-8"
    if "referer" not in request.headers or fields.get("columnid") != "1229385402" or fields.get("unitid") != "423656":
        return content(_EMPTY, kind)
    number = {name: int(value) for name, value in asked.items() if value.isdigit()}
    if request.method == "POST":
        start, end = number.get("startrecord", 1), number.get("endrecord", EMBEDDED)
    else:
        start = (number.get("page", 1) - 1) * PER_PAGE + 1
        end = start + PER_PAGE - 1
    part = rows[start - 1 : min(end, start + 99)]
    text = f"<totalrecord>{TOTAL}</totalrecord><totalpage>5</totalpage><recordset>{_records(part)}</recordset>"
    return content(f"<?xml version='1.0' encoding='utf-8'?><datastore>{text}</datastore>", kind)


def _module(www: Portal) -> None:
    """Reports that are pages by organ and year, below a tree in a frame: organs first, then years."""
    pages: dict[tuple[str, str], str] = {}
    site = www.site
    for position, (short, area) in enumerate(MODULE_ORGANS.items()):
        # Those that the list has too are the same reports.
        place = list(ORGANS).index(short) if short in ORGANS else 20 + position
        written = reports(site.setting.seed, organ(REGION, short), MODULE_YEARS, place)
        for year, sample in written.items():
            if (short, year) == GAP:
                continue
            url = f"{www.url(MODULE)}?fbtime={year}&area={area}"
            pages[area, str(year)] = _page(
                "政府信息公开年度报告",
                f'<h3 align=center>{sample.report.title}</h3><div class="xxgk_nb">{html.render(sample)}</div>',
            )
            site.expect(sample, [url], list_page=www.url(f"{TREE}?area={area}"))
            site.need(url)
    names = {area: short for short, area in MODULE_ORGANS.items()}
    site.need(f"{www.url(TREE)}?area=1133", *(f"{www.url(TREE)}?area={area}" for area in names))

    def tree(request: Request) -> Response:
        area = request.parameters.get("area", "")
        if area == "1133":
            links = "".join(f'<li><a href="tree.jsp?area={one}">{name}</a></li>' for one, name in names.items())
        elif area in names:
            links = "".join(
                f'<dd><a target="_parent" href="xxgkAnnualReport.jsp?fbtime={year}&area={area}">{year}年</a></dd>'
                for year in MODULE_YEARS
            )
        else:
            return missing(request)
        return content(f"<html><body><ul>{links}</ul></body></html>", "text/html;charset=UTF-8")

    def report(request: Request) -> Response:
        asked = request.parameters
        found = pages.get((asked.get("area", ""), asked.get("fbtime", "")))
        return content(found or _page("", "<p>暂无数据</p>"), "text/html;charset=UTF-8")

    www.dynamic(TREE, tree)
    www.dynamic(MODULE, report)


def _detail(title: str, body: str, date: str = "2022-01-01", source: str = "null") -> str:
    metas = f"<meta name='ArticleTitle' content='{escape(title)}'><meta name='PubDate' content='{date} 09:30:11'><meta name='ContentSource' content='{source}'>"
    shown = re.sub(r"\s+$", "", body)
    return _page(
        title, f'<div class="artile_title">{escape(title)}</div><div id="zoom" class="artile_zw">{shown}</div>', metas
    )


def _page(title: str, body: str, metas: str = "") -> str:
    return f'<!DOCTYPE html><html><head><meta charset="UTF-8"/>{metas}<title>{escape(title)}</title><script src="/script/jpage/jquery.jpage.js"></script></head><body>{body}</body></html>'
