"""S4 retold: the menu comes by script like the list, attributes are JSON, the district's list is framed."""

from __future__ import annotations

import json
from functools import partial
from html import escape
from urllib.parse import unquote_to_bytes

from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import pdf_file
from sample.portals.limits import RateLimit
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, news, publish, strangers
from sample.portals.s04_huaiyang import DISTRICT, REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first
from sample.web import Request, Response, content

COLUMN, SECTION = "/col/18073_668815/index.html", "/col/18070_668800/index.html"
API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
PAGE_SIZE, LISTED = 15, 38
ORGANS = {"市场监督管理局": 7, "教育局": 7, "民政局": 7, "财政局": 7, "审计局": 5}
_WEB = "8d828e408d90447786ddbe128d495e9e"
_PAGES = {SECTION: "aa51c5c1e4f04b2c9b6e8b0b7a2f4d10", COLUMN: "ca51c5c1e4f04b2c9b6e8b0b7a2f4d11"}


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S4", REGION, setting)
    www, scj = Portal(site, "www.huaiyang"), Portal(site, "scj.huaiyang")
    limit = RateLimit(
        setting.clock,
        60,
        60,
        5,
        lambda: content("Too Many Requests", "text/plain", 429, Retry_After="5"),
        X_RateLimit_Limit="60",
    )
    www.host.filters.append(limit)
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"), scj.url("/robots.txt"))
    home = f'<div class=nav><a href="//{www.name}{SECTION}">政府信息公开</a> <a href="/qbq/index.html">青埠区政府信息公开</a></div>'
    www.write("/", _page("淮漾市人民政府", home), needed=True)
    www.write(SECTION, _page("政府信息公开", _unit(SECTION, "导航") + _unit(SECTION, "友情链接")), needed=True)
    units = _unit(COLUMN, "导航") + _unit(COLUMN, "当前栏目list") + _unit(COLUMN, "友情链接")
    www.write(COLUMN, _page("政府信息公开年报", units), needed=True)
    rows = [_article(scj, sample, number) for number, sample in enumerate(_written(setting.seed))]
    rows += strangers(
        scj,
        "among_reports",
        lambda n, date: f"/col/4039_446643/art/17356608/{n}ffX.html",
        _detail,
        most=LISTED - len(rows),
    )
    rows = newest_first(
        [*rows, *news(scj, LISTED - len(rows), lambda n, date: f"/col/4039_446643/art/17356609/{n}ffY.html", _detail)]
    )
    menu = f'<ul><li><a href="/col/18071_1/index.html">政府信息公开指南</a></li><li><a href="{COLUMN}">政府信息公开年报</a></li></ul>'

    def unit(request: Request) -> Response:
        tag, page_id = request.parameters.get("tagId", ""), request.parameters.get("pageId", "")
        kind = "application/json;charset=UTF-8"
        try:
            unquote_to_bytes(request.query).decode("utf-8")
        except UnicodeDecodeError:
            tag = ""
        if tag == "导航":
            found = menu
        elif tag == "友情链接":
            found = '<a href="http://www.gov.cn/">中国政府网</a>'
        elif tag == "当前栏目list" and page_id == _PAGES[COLUMN]:
            found = _rows(rows, request)
        else:
            return content('{"success":false,"code":"500","data":{}}', kind)
        answer = {"success": True, "code": "200", "message": None, "data": {"html": found}}
        return content(json.dumps(answer, ensure_ascii=True), kind)

    www.dynamic(API, unit)
    site.need(
        f"{www.url(API)}?tagId=nav&pageId={_PAGES[SECTION]}", *(f"{www.url(API)}?page={number}" for number in (1, 2, 3))
    )
    _district(www)
    return site


def _written(seed: int) -> list[SampleReport]:
    return [
        sample
        for position, (short, count) in enumerate(ORGANS.items())
        for sample in list(reports(seed, organ(REGION, short), range(2019, 2026), position).values())[-count:]
    ]


def _rows(rows: list[Row], request: Request) -> str:
    try:
        asked = json.loads(request.parameters.get("paramJson", "{}"))
        number = int(asked.get("pageNo", 1))
    except (ValueError, AttributeError):
        number = 1
    part = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    if not part:
        return ""
    items = "".join(
        f"<li class='clearfix'>\n<a target='_blank' title='{escape(row.title)}' href='{row.link}'><i></i>{row.anchor_text(16)}</a>\n<span class='bt-right'>{row.date}</span></li>"
        for row in part
    )
    pager = f'<div class="pagination" data-page="{number + 1}" unitUrl="{API}" count="{len(rows)}" rows="{PAGE_SIZE}"></div>'
    return f"<ul>{items}</ul>{pager}"


def _article(scj: Portal, sample: SampleReport, number: int) -> Row:
    report, date = sample.report, sample.report.published_on or ""
    year, month, day = (int(part) for part in date.split("-"))
    path = (
        f"/art/{year}/{month}/{day}/art_4039_{446_000 + number}.html"
        if number % 2
        else f"/col/4039_446643/art/17356608/1736473872{number:04d}fO7DUB.html"
    )
    if number % 7 != 3:
        return publish(
            scj, sample, path, lambda t, b: _detail(t, b, date, report.organ), listed=scj.site.start[0][:-1] + COLUMN
        )
    file = f"/attach/0/{number:032x}.pdf"
    viewer = (
        f'<div id="pdfshow" class="pdf" data-value="{file}"></div>'
        if number % 2
        else f'<iframe width="100%" src="/pdfjs/web/viewer.html?file={file.replace("/", "%2F")}"></iframe>'
    )
    attached = [Attached(file, pdf_file(sample))]
    return publish(
        scj,
        sample,
        path,
        lambda t, b: _detail(t, viewer, date, report.organ),
        listed=scj.site.start[0][:-1] + COLUMN,
        files=attached,
    )


def _district(www: Portal) -> None:
    """A district's page that is nothing but a frame."""
    region: Region = DISTRICT
    rows = []
    for position, (short, years) in enumerate(
        {"人民政府": range(2019, 2026), "人民政府办公室": range(2024, 2026)}.items()
    ):
        for year, sample in reports(www.site.setting.seed, organ(region, short), range(2019, 2026), position).items():
            if year in years:
                date = sample.report.published_on or ""
                path = f"/qbq/art/{date[:4]}/art_{position:016x}{year:016x}.html"
                rows.append(
                    publish(
                        www,
                        sample,
                        path,
                        partial(_detail, date=date),
                        listed=www.url("/qbq/zfxxgknb/list.html"),
                    )
                )
    items = "".join(
        f'<tr><td><a href="{row.link}">{row.title}</a></td><td align=right>{row.date}</td></tr>'
        for row in newest_first(rows)
    )
    www.write("/qbq/index.html", _page("青埠区", '<a href="zfxxgknb/index.html">政府信息公开年报</a>'), needed=True)
    www.write(
        "/qbq/zfxxgknb/index.html",
        _page(
            "青埠区政府信息公开年报", '<div id="main"><iframe id="list" src="./list.html" height=800></iframe></div>'
        ),
        needed=True,
    )
    www.write("/qbq/zfxxgknb/list.html", _page("", f"<table>{items}</table>"), needed=True)


def _unit(page: str, tag: str) -> str:
    query = {
        "parseType": "bulidstatic",
        "webId": _WEB,
        "tplSetId": "2097",
        "pageType": "column",
        "tagId": tag,
        "editType": "null",
        "pageId": _PAGES[page],
    }
    quoted = escape(json.dumps(query, ensure_ascii=False))
    return f'<div class="clist_con"><SCRIPT queryData="{quoted}" parseType="bulidstatic" webId="{_WEB}" url="{API}" src="/cms_files/default/script/AuthorizedRead/unitbuild.js?v=3.1.3"></SCRIPT></div>'


def _detail(title: str, body: str, date: str = "2021-03-01", source: str = "本站") -> str:
    metas = f'<meta name="ArticleTitle" content="{escape(title)}"><meta name="PubDate" content="{date}"><meta name="ContentSource" content="{source}">'
    return _page(
        title,
        f'<div id="ivs_title">{escape(title)}</div><div class="wzzw-article" id="ivs_content">{body}</div>',
        metas,
    )


def _page(title: str, body: str, metas: str = "") -> str:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'/>{metas}<title>{escape(title)}</title></head><body>{body}</body></html>"
