"""S4: Hanweb's jpaas. Columns are shells whose parts come as HTML inside JSON.

The city's list leads to a department's host; the district's page is a shell around a frame. A
gateway before both hosts counts requests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlencode

from sample import html
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import pdf_file
from sample.portals.limits import RateLimit
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Request, Response, content

REGION = Region("海嶂省", "淮漾市", division="990300")
DISTRICT = Region("海嶂省", "淮漾市", "青埠区", "990302")
COLUMN = "/col/18073_668815/index.html"
DISTRICT_PAGE, DISTRICT_LIST = "/qingbu/zfxxgknb/index.html", "/qingbu/zfxxgknb/list.html"
API = "/api-gateway/jpaas-publish-server/front/page/build/unit"
WEB, TEMPLATE_SET, PAGE = (
    "8d828e408d90447786ddbe128d495e9e",
    "209741b2109044b5b7695700b2bec37e",
    "ca51c5c1e4f04b2c9b6e8b0b7a2f4d11",
)
LIST_TAGS, NAV_TAG, FRIENDS_TAG = ("当前栏目list", "右侧信息列表"), "导航", "友情链接"
PAGE_SIZE = 15
MOST_PER_MINUTE, RETRY_AFTER = 60, 5
LISTED = {
    "市场监督管理局": range(2019, 2026),
    "教育局": range(2019, 2026),
    "民政局": range(2019, 2026),
    "财政局": range(2019, 2026),
    "审计局": range(2019, 2026),
    "统计局": range(2023, 2026),
}
OF_DISTRICT = {"人民政府": range(2019, 2026), "人民政府办公室": range(2024, 2026)}
PDF_ONLY = {("教育局", 2021), ("民政局", 2022), ("财政局", 2023), ("审计局", 2024), ("统计局", 2025)}
_IN_VIEWER = {("审计局", 2024), ("统计局", 2025)}
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S4", REGION, setting)
    www = Pages(site, "www.huaiyang", "huaiyang")
    scj = Pages(site, "scj.huaiyang", "huaiyang")
    limit = RateLimit(
        setting.clock, MOST_PER_MINUTE, 60, RETRY_AFTER, _too_many, X_RateLimit_Limit=str(MOST_PER_MINUTE)
    )
    www.host.filters.append(limit)
    scj.host.filters.append(limit)
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"), scj.url("/robots.txt"), www.url("/"), www.url("/col/18073_668810/index.html"))
    _column(www, newest_first(_details(scj, REGION, LISTED, www.url(COLUMN))))
    rows = newest_first(_details(www, DISTRICT, OF_DISTRICT, www.url(DISTRICT_LIST)))
    site.need(
        www.page(DISTRICT_PAGE, "shell", title="青埠区政府信息公开年报", frame="./list.html", units=None),
        www.page(DISTRICT_LIST, "framed", title="青埠区政府信息公开年报", rows=rows),
    )
    _entrances(www)
    return site


def _too_many() -> Response:
    return content('{"code":"429","message":"请求过于频繁"}', "application/json", 429, Retry_After=str(RETRY_AFTER))


def _details(pages: Pages, region: Region, years: dict[str, range], list_page: str) -> Iterator[Row]:
    number = 0
    for position, (short, wanted) in enumerate(years.items()):
        written = reports(pages.site.setting.seed, organ(region, short), range(2019, wanted.stop), position)
        for year in wanted:
            sample = written[year]
            number += 1
            path = _path(pages, sample, number, old=number % 2 == 1)
            yield _detail(pages, sample, path, list_page, pdf_only=(short, year) in PDF_ONLY)


def _path(pages: Pages, sample: SampleReport, number: int, *, old: bool) -> str:
    """Address of an article, in the manner of the old system or of the new one."""
    year, month, day = map(int, (sample.report.published_on or "").split("-"))
    if old:
        return f"/art/{year}/{month}/{day}/art_4039_{2_400_000 + 13 * number}.html"
    rng = pages.site.rng("address", pages.name, number)
    name = f"{rng.randrange(10**13, 10**14)}{''.join(rng.choices(_ALPHABET, k=8))}"
    return f"/col/4039_446643/art/{17_356_608 + number}/{name}.html"


def _detail(pages: Pages, sample: SampleReport, path: str, list_page: str, *, pdf_only: bool) -> Row:
    report = sample.report
    body, attachments = html.render(sample), []
    if pdf_only:
        file = pdf_file(sample)
        place = f"/attach/0/{pages.site.rng('file', path).randrange(10**18, 10**19)}.pdf"
        attachments = [Attachment(pages.file(place, file), file, f"{report.title}.pdf")]
        if (sample.organ.short, report.year) in _IN_VIEWER:
            shown = place.replace("/", "%2F")
            body = f'<iframe src="/pdfjs/web/viewer.html?file={shown}" width="100%" height="1000"></iframe>'
            pages.page("/pdfjs/web/viewer.html", "framed", title="PDF.js viewer", rows=[])
        else:
            body = f'<div id="pdfshow" data-value="{place}"></div>'
    page = pages.page(
        path,
        "detail",
        title=report.title,
        date=report.published_on,
        source=sample.organ.name,
        path=path,
        body=markup(body),
        units=None,
    )
    sources = [attachment.url for attachment in attachments] or [page]
    pages.site.expect(sample, [page], list_page=list_page, attachments=attachments, sources=sources)
    pages.site.need(page, *sources)
    return Row(report.title, page if "/scj." in page else path, report.published_on or "")


def _column(www: Pages, rows: list[Row]) -> None:
    list_tag = LIST_TAGS[www.site.setting.variant]
    units = {
        "nav": _unit(www, NAV_TAG, "bulidstatic"),
        "list": _unit(www, list_tag, "buildstatic"),
        "friends": _unit(www, FRIENDS_TAG, "bulidstatic"),
    }
    www.page(COLUMN, "column", title="政府信息公开年报", units=units)
    answers: dict[str, Callable[[int, int], str]] = {
        list_tag: lambda number, size: _rows(www, rows, number, size),
        NAV_TAG: lambda number, size: www.render("links", links=_SECTIONS),
        FRIENDS_TAG: lambda number, size: www.render("links", links=_FRIENDS),
    }

    def api(request: Request) -> Response:
        """Build one unit; only ``paramJson`` turns the page."""
        asked = request.parameters
        make = answers.get(asked.get("tagId", ""))
        if make is None or (asked.get("webId"), asked.get("pageId")) != (WEB, PAGE):
            return _json({"success": False, "data": {}})
        number, size = _paging(asked.get("paramJson", ""))
        return _json({"success": True, "code": "200", "message": None, "data": {"html": make(number, size)}})

    www.dynamic(API, api)
    www.site.need(www.url(COLUMN))
    for number in range(1, -(-len(rows) // PAGE_SIZE) + 1):
        paging = json.dumps({"pageNo": number, "pageSize": PAGE_SIZE})
        query = {"webId": WEB, "pageId": PAGE, "tagId": list_tag, "paramJson": paging}
        www.site.need(www.url(f"{API}?{urlencode(query)}"))


def _unit(www: Pages, tag: str, parse: str) -> object:
    identity = f"{www.site.rng('unit', tag).getrandbits(128):032x}"
    context = {"id": identity, "web": WEB, "template": TEMPLATE_SET, "tag": tag, "page": PAGE}
    return markup(www.render("unit", parse=parse, url=API, **context))


def _rows(www: Pages, rows: Sequence[Row], number: int, size: int) -> str:
    part = rows[(number - 1) * size : number * size]
    if not part:
        return ""
    return www.render("rows", rows=part, size=size, count=len(rows), url=API, number=number)


def _paging(text: str) -> tuple[int, int]:
    """Page number and size of a ``paramJson``; the first page for one that cannot be read."""
    try:
        asked = json.loads(text)
        number, size = int(asked["pageNo"]), int(asked.get("pageSize", PAGE_SIZE))
    except (ValueError, KeyError, TypeError, AttributeError):
        return 1, PAGE_SIZE
    return max(1, number), max(1, min(size, 100))


def _json(value: object) -> Response:
    return content(json.dumps(value, ensure_ascii=False, separators=(",", ":")), "application/json;charset=UTF-8")


_SECTIONS = (
    ("政府信息公开", "/col/18073_668810/index.html"),
    ("政府信息公开指南", "/col/18073_668811/index.html"),
    ("政府信息公开制度", "/col/18073_668812/index.html"),
)
_FRIENDS = (("海嶂在线", "http://www.haizhang-online.com/"), ("海嶂省人民政府", "http://www.haizhang.gov.cn/"))


def _entrances(www: Pages) -> None:
    www.page("/", "menu", title="淮漾市人民政府", links=_SECTIONS[:1], units=None)
    links = (*_SECTIONS[1:], ("政府信息公开年报", COLUMN), ("青埠区政府信息公开年报", DISTRICT_PAGE))
    www.page("/col/18073_668810/index.html", "menu", title="政府信息公开", links=links, units=None)
    for name, path in _SECTIONS[1:]:
        www.page(path, "menu", title=name, links=_SECTIONS, units=None)
