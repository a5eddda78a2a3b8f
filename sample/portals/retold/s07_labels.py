"""S7 retold: the label's address is put together by a script, organs stand in a table by initials."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape

from sample.portals.files import docx_file
from sample.portals.limits import RateLimit
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, news, publish, strangers
from sample.portals.s07_wanbei import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first
from sample.web import Request, Response, content, missing

ROOT, LABEL, PAGE_SIZE = 7001, "/site/label/8888", 15
DEPARTMENTS = ("人民政府", "人民政府办公室", "教育局", "公安局", "财政局")
TOWNS = ("高塘镇人民政府", "双桥镇人民政府", "沙湾乡人民政府")
GAPS = {("公安局", 2020), ("双桥镇人民政府", 2023), ("教育局", 2022)}
CROWDED = "人民政府"


@dataclass(slots=True)
class _Organ:
    id: int
    name: str
    category: str
    rows: list[Row] = field(default_factory=list)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S7", REGION, setting, delay=0.5)
    www = Portal(site, "www.wanbei")
    refusal = '<html><script src="/wzwsconfirm.js"></script>WZWS-RAY</html>'
    www.host.filters.append(RateLimit(setting.clock, 5, 1, 60, lambda: content(refusal, "text/html", 403)))
    site.start.append(www.url("/"))
    related = f"/public/column/{ROOT}?type=4&action=rel"
    site.need(www.url("/robots.txt"))
    www.write("/", _page("皖北县", f'<div class=nav><a href="{escape(related)}">信息公开</a></div>'), needed=True)
    site.need(www.url(related))
    organs = {ROOT + n: _organ(www, ROOT + n, short) for n, short in enumerate((*DEPARTMENTS, *TOWNS))}
    _pages(www, organs)
    return site


def _organ(www: Portal, number: int, short: str) -> _Organ:
    site, found = www.site, _Organ(number, short, str(9_900_000 + number) if short in TOWNS else "")
    address = _address(found)
    written = reports(site.setting.seed, organ(REGION, short), range(2019, 2026), number - ROOT)
    for year, sample in written.items():
        if (short, year) in GAPS:
            continue
        date, article = sample.report.published_on or "", 37_034_000 + 100 * (number - ROOT) + year - 2019
        files, link = [], ""
        if year == 2024:
            place = f"/group6/M00/0A/1B/wKg{article}.docx"
            files, link = (
                [Attached(place, docx_file(sample))],
                f'<p>附件：<a href="{place}">{escape(sample.report.title)}.docx</a></p>',
            )

        def write(title: str, body: str, date: str = date, link: str = link) -> str:
            return _detail(title, body + link, date, found.name)

        found.rows.append(
            publish(www, sample, f"/public/content/{article}", write, listed=www.url(address), files=files)
        )
    if short == CROWDED:
        found.rows += strangers(www, "among_reports", lambda n, date: f"/public/content/{37_100_000 + n}", _detail)
        found.rows += news(www, 8, lambda n, date: f"/public/content/{37_200_000 + n}", _detail)
    found.rows = newest_first(found.rows)
    site.need(www.url(address))
    for page in range(-(-len(found.rows) // PAGE_SIZE)):
        site.need(f"{www.url(LABEL)}?organId={number}&pageIndex={page + 1}")
    return found


def _address(found: _Organ) -> str:
    kind = f"type=4&catId={found.category}&action=list" if found.category else "type=3&action=list"
    return f"/public/column/{found.id}?{kind}"


def _pages(www: Portal, organs: dict[int, _Organ]) -> None:
    def page(request: Request) -> Response:
        number, asked = request.path.rpartition("/")[2], request.parameters
        found = organs.get(int(number)) if number.isdigit() else None
        if found is None:
            return missing(request)
        if asked.get("action") == "rel":
            cells = "".join(
                f'<li><a title="{REGION.name}{one.name}" href="/public/column/{one.id}?type={4 if one.category else 3}&action=list">{one.name}</a></li>'
                for one in organs.values()
            )
            return _html(_page("部门及乡镇信息公开", f'<ul class="clearfix">{cells}</ul>'))
        own = f"/public/column/{found.id}"
        menu = [
            ("政府信息公开指南", f"{own}?type=2"),
            ("政府信息公开年报", _address(found)),
            ("依申请公开", f"{own}?type=5"),
        ]
        years = sorted({row.date[:4] for row in found.rows}, reverse=True)
        frame = "".join(f'<li><a href="{own}?type=3&action=list&timeFrame={year}">{year}年</a></li>' for year in years)
        script = (
            "<script>function load(p){ var url = '/site/label/8888?labelName=publicInfoList&siteId=10914581&pageSize=15&pageIndex=' + p"
            f" + '&action=list&fuzzySearch=false&sortType=1&isDate=true&dateFormat=yyyy-MM-dd&length=24&organId={found.id}"
            f"&type={asked.get('type', '3')}&catId={asked.get('catId', '')}&result=暂无相关信息&file=/xxgk/publicInfoList_newest2022&_=' + Math.random();"
            " $('#publicList').load(url); } load(1);</script>"
        )
        links = "".join(f'<li><a href="{link}">{text}</a></li>' for text, link in menu)
        return _html(
            _page(
                f"{found.name}信息公开",
                f'<ul>{links}</ul><ul id="timeFrame">{frame}</ul><div id="publicList"></div>{script}',
            )
        )

    def label(request: Request) -> Response:
        asked = request.parameters
        number, index = asked.get("organId", ""), asked.get("pageIndex", "1")
        found = organs.get(int(number)) if number.isdigit() else None
        wanted = ("4", found.category) if found and found.category else ("3", asked.get("catId", ""))
        if found is None or (asked.get("type"), asked.get("catId", "")) != wanted or asked.get("siteId") != "10914581":
            return _html("<div class='xxgk_navli'>暂无相关信息</div>")
        page = int(index) if index.isdigit() else 1
        part = found.rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
        count = -(-len(found.rows) // PAGE_SIZE)
        rows = "".join(
            f'<div class="xxgk_navli"><ul class="clearfix"><li class="mc"><div><a target="_blank" title="{escape(row.title)}" href="{row.link}">{row.anchor_text(14)}</a></div></li><li class="rq">{row.date}</li></ul></div>'
            for row in part
        )
        return _html(
            f"{rows}<script>Ls.pagination('#page_public_info').setPage({{pageIndex:{page}, pageCount:{count}, total:{len(found.rows)}}});</script>"
        )

    www.host.prefixes["/public/column/"] = page
    www.dynamic(LABEL, label)


def _html(text: str) -> Response:
    return content(text, "text/html;charset=UTF-8")


def _detail(title: str, body: str, date: str = "2022-04-01", organ_name: str = "") -> str:
    table = f"<table><tr><th>索引号：</th><td>003/2022</td><th>发布机构：</th><td>{REGION.name}{organ_name}</td></tr><tr><th>名称：</th><td>{escape(title)}</td><th>发布日期：</th><td>{date}</td></tr></table>"
    return _page(title, f'{table}<h1>{escape(title)}</h1><div class="contentxxgk">{body}</div>')


def _page(title: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><script src="/assets/js/Ls.ajax.js"></script><title>{escape(title)}</title></head><body>{body}</body></html>'
