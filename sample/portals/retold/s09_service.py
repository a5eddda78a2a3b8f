"""S9 retold: departments stand in a menu, the interface's answer is text within JSON for one of them."""

from __future__ import annotations

import json
import uuid
from functools import partial
from html import escape
from typing import Any

from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Portal, publish, strangers
from sample.portals.s09_xuyang import PORT, REGION
from sample.portals.site import Setting, Site
from sample.rows import Row
from sample.web import Request, Response, content

SHELL, API = "/dynamic/zwgk/govInfoPub.html", "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
REPORTS, RULES = "003017002", "003017001"
DEPARTMENTS = {
    "001001": ("县政府办", ("人民政府", "人民政府办公室")),
    "001002": ("教育局", ("教育局",)),
    "001003": ("白杨镇", ("白杨镇人民政府",)),
}
WRAPPED = "001003"
LARGEST_PAGE = 10


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S9", REGION, setting)
    catalogue, www, xy = Portal(site, "zwgk.xuyang", port=PORT), Portal(site, "www.xuyang"), Portal(site, "jyj.xuyang")
    site.start.append(catalogue.url("/"))
    site.need(*(portal.url("/robots.txt") for portal in (catalogue, www, xy)))
    names = "".join(
        f'<li class="ewb-tree-node"><a href="{SHELL}?deptcode={code}&amp;categorynum={REPORTS}">{name}政府信息公开年报</a></li>'
        for code, (name, _) in DEPARTMENTS.items()
    )
    catalogue.write("/", _page("旭阳县政务公开", '<a href="/zwgk/index.html">政府信息公开</a>'), needed=True)
    catalogue.write("/zwgk/index.html", _page("政府信息公开", f"<ul>{names}</ul>"), needed=True)
    catalogue.answer_script(
        "/js/webBuilderCommon.js", 'var siteInfo = { "projectName" : "/EWB-FRONT", "siteGuid" : "' + GUID + '" };'
    )
    catalogue.answer_script(
        "/js/builder/govInfoPub.js",
        "function initPage(){ Util.ajax({ url: siteInfo.projectName + '/rest/lightfrontaction/getgovinfolist' }); }",
    )
    site.need(catalogue.url("/js/webBuilderCommon.js"))
    rows: dict[str, list[dict[str, Any]]] = {}
    position = 0
    for code, (_, organs) in DEPARTMENTS.items():
        found: list[Row] = []
        for short in organs:
            home = xy if short == "教育局" else www
            for year, sample in reports(setting.seed, organ(REGION, short), range(2019, 2026), position).items():
                date = sample.report.published_on or ""
                path = f"/{code}/003017/{REPORTS}/{date.replace('-', '')}/{_uuid(site, short, year)}.html"
                listed = f"{catalogue.url(SHELL)}?deptcode={code}&categorynum={REPORTS}"
                found.append(publish(home, sample, path, partial(_detail, date=date), listed=listed))
            position += 1
        others = strangers(
            www,
            "rules",
            partial(_rules_path, site, code),
            _detail,
        )
        rows[code] = [_entry(row, REPORTS) for row in found] + [_entry(row, RULES) for row in others]
        site.need(f"{catalogue.url(SHELL)}?deptcode={code}&categorynum={REPORTS}")
        for page in range(-(-len(found) // LARGEST_PAGE)):
            site.need(catalogue.url(API), method="POST", body=json.dumps({"deptcode": code, "pageIndex": page}))
    catalogue.dynamic(SHELL, lambda request: _shell(request))
    catalogue.dynamic(API, lambda request: _service(request, rows))
    return site


def _uuid(site: Site, *topic: object) -> str:
    return str(uuid.UUID(int=site.rng("uuid", *topic).getrandbits(128), version=4))


def _rules_path(site: Site, code: str, number: int, date: str) -> str:
    return f"/{code}/003017/{RULES}/{date.replace('-', '')}/{_uuid(site, code, number)}.html"


def _entry(row: Row, category: str) -> dict[str, Any]:
    cut = row.title if len(row.title) < 22 else row.title[:20] + "..."
    return {
        "title": cut,
        "realtitle": row.title,
        "infourl": row.link,
        "infodate": f"{row.date} 10:33:12.0",
        "categorynum": category,
    }


def _shell(request: Request) -> Response:
    hidden = '<input type="hidden" id="pageSize" value="20"><div class="ewb-list" id="infolist"></div><div id="pager" class="m-pagination"></div>'
    scripts = (
        '<script src="/js/webBuilderCommon.js?v=2"></script><script src="../../js/builder/govInfoPub.js"></script>'
    )
    return content(_page("政府信息公开年报", hidden + scripts), "text/html; charset=utf-8")


def _service(request: Request, rows: dict[str, list[dict[str, Any]]]) -> Response:
    kind = "application/json;charset=UTF-8"
    try:
        asked = json.loads(request.body)
    except ValueError:
        return content('{"status":{"code":"0"}}', kind)
    wrapped = "params" in asked
    asked = asked.get("params", asked)
    code = asked.get("deptcode")
    if asked.get("siteGuid") != GUID or wrapped != (code == WRAPPED):
        return content('{"custom":{"total":0,"data":[]},"status":{"code":"200"}}', kind)
    prefix = str(asked.get("categorynum", ""))
    found = [one for one in rows.get(str(code), []) if one["categorynum"].startswith(prefix)]
    size = min(int(asked.get("pageSize", 10)), LARGEST_PAGE)
    start = int(asked.get("pageIndex", 0)) * size
    custom: object = {"total": str(len(found)), "data": found[start : start + size]}
    if code == "001002":
        custom = json.dumps(custom, ensure_ascii=False)
    return content(json.dumps({"custom": custom, "status": {"code": "200"}}, ensure_ascii=False), kind)


def _detail(title: str, body: str, date: str = "2020-03-02") -> str:
    return _page(
        title,
        f'<h3 class="ewb-article-title">{escape(title)}</h3><div class="ewb-article-sources"><p>【信息时间：{date}】</p></div><div class="ewb-article-content">{body}</div>',
    )


def _page(title: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="stylesheet" href="/css/ewb-common.css"><title>{escape(title)}</title></head><body>{body}</body></html>'
