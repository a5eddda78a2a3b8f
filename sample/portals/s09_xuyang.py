"""S9: Epoint's EWB on an odd port. Columns are empty pages; rows come as JSON to posted JSON.

One department's interface wants its question wrapped in ``params``. Pages count from 0. Articles
stand on port 80, of this host and of another.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sample import non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.rows import Row
from sample.web import Request, Response, content

REGION = Region("淮陵省", "徐漾市", "旭阳县", "990826")
PORT = 9091
SHELL = "/dynamic/zwgk/govInfoPub.html"
API = "/EWB-FRONT/rest/lightfrontaction/getgovinfolist"
SITE_GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
CATEGORY, OTHERS = "003017002", {"003017001": "rules", "003017003": "website_reports", "003018001": "among_reports"}
LARGEST_PAGE = 20
DEPARTMENTS = {
    "001001": {
        "人民政府": range(2018, 2026),
        "人民政府办公室": range(2019, 2026),
        "白杨镇人民政府": range(2019, 2026),
    },
    "001002": {"教育局": range(2019, 2026)},
}
WRAPPED = "001002"
"""The department whose question must be wrapped."""

_COMMON = (
    """var siteInfo = {"projectName":"/EWB-FRONT","siteGuid":"%s"};
""",
    """var projectName = '/EWB-FRONT', siteGuid = '%s';
var siteInfo = {projectName: projectName, siteGuid: siteGuid};
""",
)
_COMMON_PATHS = ("/js/webBuilderCommon.js", "/js/ajaxReq.js")
_SCRIPT = """var Params = getUrlParams();
function loadList(index) {
  var query = {"deptcode": Params.deptcode, "categorynum": Params.categorynum,
               "pageIndex": index, "pageSize": 20, "siteGuid": siteInfo.siteGuid};
  $.ajax({type: "post", url: siteInfo.projectName + "/rest/lightfrontaction/getgovinfolist",
          contentType: "application/json;charset=utf-8", data: JSON.stringify(%s), success: showList});
}
loadList(0);
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row of a department's list."""

    row: Row
    category: str
    source: str


@dataclass(slots=True)
class _Department:
    """One department: its entries, and the host of its articles."""

    code: str
    articles: Pages
    entries: list[_Entry] = field(default_factory=list)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S9", REGION, setting)
    catalogue = Pages(site, "zwgk.xuyang", "xuyang", port=PORT)
    departments = {
        "001001": _Department("001001", Pages(site, "zwgk.xuyang", "xuyang")),
        "001002": _Department("001002", Pages(site, "www.xuyang", "xuyang")),
    }
    site.start.append(catalogue.url("/"))
    site.need(catalogue.url("/robots.txt"), catalogue.url("/"), catalogue.url(_COMMON_PATHS[setting.variant]))
    for department in departments.values():
        site.need(department.articles.url("/robots.txt"))
        _fill(department, _column(catalogue, department.code))
        listed = sum(entry.category == CATEGORY for entry in department.entries)
        for index in range(-(-listed // LARGEST_PAGE)):
            question: dict[str, object] = {"deptcode": department.code, "categorynum": CATEGORY, "pageIndex": index}
            question |= {"pageSize": LARGEST_PAGE, "siteGuid": SITE_GUID}
            body = json.dumps({"params": question} if department.code == WRAPPED else question)
            site.need(catalogue.url(API), method="POST", body=body)
    _catalogue(catalogue, departments)
    return site


def _column(catalogue: Pages, code: str) -> str:
    return catalogue.url(f"{SHELL}?categorynum={CATEGORY}&deptcode={code}")


def _fill(department: _Department, column: str) -> None:
    pages, site = department.articles, department.articles.site
    site.need(column)
    for position, (short, years) in enumerate(DEPARTMENTS[department.code].items()):
        for sample in reports(site.setting.seed, organ(REGION, short), years, position).values():
            page, entry = _report(pages, sample)
            site.expect(sample, [page], list_page=column)
            site.need(page)
            department.entries.append(entry)
    for category, group in OTHERS.items():
        for extra in non_reports.pages(REGION.name, group):
            source = f"{REGION.name}人民政府办公室"
            page = _article(pages, category, extra.title, extra.published_on, source, markup(extra.body))
            site.refuse(page, extra.title, extra.reason)
            department.entries.append(_Entry(Row(extra.title, page, extra.published_on), category, source))
    department.entries.sort(key=lambda entry: (entry.row.date, entry.row.title), reverse=True)


def _report(pages: Pages, sample: SampleReport) -> tuple[str, _Entry]:
    report, date = sample.report, sample.report.published_on or ""
    page = _article(pages, CATEGORY, report.title, date, sample.organ.name, body_of(sample))
    return page, _Entry(Row(report.title, page, date), CATEGORY, sample.organ.name)


def _article(pages: Pages, category: str, title: str, date: str, source: str, body: object) -> str:
    identity = uuid.UUID(int=pages.site.rng("article", category, title).getrandbits(128), version=4)
    path = f"/xyzwgk/{category[:3]}/{category[:6]}/{category}/{date.replace('-', '')}/{identity}.html"
    return pages.page(path, "detail", title=title, date=date, source=source, column="政府信息公开年报", body=body)


def _catalogue(catalogue: Pages, departments: dict[str, _Department]) -> None:
    links = [
        ("旭阳县政府信息公开年报", f"{SHELL}?categorynum={CATEGORY}&deptcode=001001"),
        ("教育局政府信息公开年报", f"{SHELL}?categorynum={CATEGORY}&deptcode=001002"),
        ("政府信息公开指南", f"{SHELL}?categorynum=003017001&deptcode=001001"),
    ]
    catalogue.page("/", "home", title="旭阳县政府信息公开平台", links=links)
    variant = catalogue.site.setting.variant
    scripts = {_COMMON_PATHS[variant]: _COMMON[variant] % SITE_GUID}
    scripts |= {"/js/govInfoPub.js": _SCRIPT % "query", "/js/govInfoPub_mid.js": _SCRIPT % '{"params": query}'}
    for path, text in scripts.items():
        _script(catalogue, path, text)

    def shell(request: Request) -> Response:
        wrapped = request.parameters.get("deptcode") == WRAPPED
        script = "/js/govInfoPub_mid.js" if wrapped else "/js/govInfoPub.js"
        page = catalogue.render("shell", title="政府信息公开年报", script=script)
        return content(page, "text/html")

    def api(request: Request) -> Response:
        """The entries of a department whose category begins as asked."""
        asked = _question(request.body)
        wrapped = isinstance(asked.get("params"), dict)
        query: dict[str, Any] = asked["params"] if wrapped else asked
        department = departments.get(str(query.get("deptcode")))
        if (
            request.method != "POST"
            or department is None
            or wrapped != (department.code == WRAPPED)
            or query.get("siteGuid") != SITE_GUID
        ):
            return _answer([], 0)
        category = str(query.get("categorynum") or "")
        found = [entry for entry in department.entries if entry.category.startswith(category)]
        index, size = _count(query.get("pageIndex"), 0), min(_count(query.get("pageSize"), LARGEST_PAGE), LARGEST_PAGE)
        return _answer(found[index * size : (index + 1) * size], len(found))

    catalogue.dynamic(SHELL, shell)
    catalogue.dynamic(API, api)


def _script(catalogue: Pages, path: str, text: str) -> None:
    catalogue.dynamic(path, lambda request: content(text, "application/javascript"))


def _question(body: bytes) -> dict[str, Any]:
    try:
        asked = json.loads(body)
    except ValueError:
        return {}
    return asked if isinstance(asked, dict) else {}


def _count(value: object, otherwise: int) -> int:
    return int(str(value)) if str(value).isdigit() else otherwise


def _answer(entries: Sequence[_Entry], total: int) -> Response:
    data = [
        {
            "title": entry.row.anchor_text(24),
            "realtitle": entry.row.title,
            "infourl": entry.row.link,
            "infodate": f"{entry.row.date} 10:12:33.0",
            "categorynum": entry.category,
            "deptname": entry.source,
        }
        for entry in entries
    ]
    text = json.dumps({"custom": {"total": total, "data": data}, "status": {"code": 200}}, ensure_ascii=False)
    return content(text, "application/json;charset=UTF-8")
