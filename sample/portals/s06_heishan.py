"""S6: UCAP. The way to the column is a tree that a script fetches; its pages are counted from 1.

A redesign left two columns: the old one with all years, and a new one with the newest year only;
three reports stand in both.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Sequence
from urllib.parse import quote

from sample import html, non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Request, Response, content, missing

REGION = Region("墨江省", "墨河市", "黑桦县", "990521")
OLD, NEW = "c111239", "c112289c"
TREE_PAGE, TREE = "/heishan/zfxxgk/xxzwgkList.shtml", "/u/channel/treeNew/heishan"
PAGE_SIZE = 15
YEARS, NEWEST = range(2019, 2025), 2025
ORGANS = (
    "人民政府",
    "人民政府办公室",
    "教育局",
    "公安局",
    "民政局",
    "财政局",
    "水利局",
    "北河镇人民政府",
    "苇塘乡人民政府",
)
IN_BOTH = ORGANS[:3]
"""Their newest report stands in the old column too."""
IN_NEW = ORGANS[:8]
ATTACHED_YEAR = 2022
BROKEN_UP = ("公安局", 2023)
"""The report whose page a script splits in two."""
_BREAK = re.compile(r"(?=<p[^>]*>(?:<strong>|<span[^>]*>)四、)")
_CALLBACK = re.compile(r"^[\w$.]{1,80}$")
_NODES = (
    ("政府信息公开指南", "c111230/common_list.shtml"),
    ("政府信息公开制度", "c111231/common_list.shtml"),
    ("法定主动公开内容", None),
    ("机构职能", None),
    ("领导信息", None),
    ("规范性文件", None),
    ("规划计划", None),
    ("财政预决算", "c111233/common_list.shtml"),
    ("行政许可", None),
    ("行政处罚", None),
    ("政府采购", None),
    ("重大项目", None),
    ("民生实事", None),
    ("应急管理", None),
    ("统计信息", "c111234/common_list.shtml"),
    ("政府信息公开年报", f"{OLD}/common_list.shtml"),
    ("政府网站工作年度报表", "c111235/common_list.shtml"),
    ("法治政府建设年度报告", "c111236/common_list.shtml"),
    ("依申请公开", "ysqgk/index.shtml"),
    ("建议提案", None),
)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S6", REGION, setting)
    www = Pages(site, "www.heishan", "heishan")
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", TREE_PAGE, TREE)))
    written = {
        short: reports(setting.seed, organ(REGION, short), range(2019, NEWEST + 1), position)
        for position, short in enumerate(ORGANS)
    }
    serial = 868_700
    columns: dict[str, list[Row]] = {OLD: [], NEW: []}
    for column, wanted in (
        (OLD, [(short, year) for short in ORGANS for year in YEARS] + [(short, NEWEST) for short in IN_BOTH]),
        (NEW, [(short, NEWEST) for short in IN_NEW]),
    ):
        for short, year in wanted:
            serial += 31
            columns[column].append(_report(www, column, written[short][year], serial))
    for column, rows in columns.items():
        _list(www, column, "政府信息公开年报", rows)
    _others(www)
    _tree(www)
    www.page("/", "menu", title="黑桦县人民政府", links=[("政府信息公开", TREE_PAGE)])
    return site


def _report(www: Pages, column: str, sample: SampleReport, serial: int) -> Row:
    report = sample.report
    date = report.published_on or ""
    month = f"/heishan/{column}/{date[:7].replace('-', '')}/"
    path = f"{month}{'c05' if column == NEW else 'c01'}_{serial}.shtml"
    body: object = body_of(sample)
    attachments, links = [], []
    if report.year == ATTACHED_YEAR:
        folder = uuid.UUID(int=www.site.rng("file", serial).getrandbits(128), version=4)
        name = f"附件：{report.title}.pdf"
        file = pdf_file(sample)
        www.file(f"{month}{folder}/files/{name}", file)
        attachments = [Attachment(www.url(quote(f"{month}{folder}/files/{name}")), file, name)]
        # As the editors leave it: relative and not escaped.
        links = [(f"{folder}/files/{name}", name)]
        body = markup(f"<p>{report.title}见附件。</p>")
    elif (sample.organ.short, report.year) == BROKEN_UP:
        body = markup(_BREAK.sub("<p>#PAGE_BREAK#</p>\n", html.render(sample), count=1))
    page = _detail(www, column, path, report.title, date, sample.organ.name, body, links)
    sources = [attachment.url for attachment in attachments] or [page]
    listed = www.url(f"/heishan/{column}/common_list.shtml")
    if (sample.organ.short, report.year) not in {(short, NEWEST) for short in IN_BOTH} or column == OLD:
        www.site.need(page, *sources)
    www.site.expect(sample, [page], list_page=listed, attachments=attachments, sources=sources)
    return Row(report.title, path, date)


def _detail(
    www: Pages,
    column: str,
    path: str,
    title: str,
    date: str,
    source: str,
    body: object,
    links: Sequence[tuple[str, str]] = (),
) -> str:
    context = {"channel": channel(www, column), "column": "政府信息公开年报", "path": path, "attachments": links}
    return www.page(path, "detail", title=title, date=date, source=source, body=body, **context)


def channel(www: Pages, column: str) -> str:
    """The id by which the interface knows a column."""
    return f"{www.site.rng('channel', column).getrandbits(128):032x}"


def _list(www: Pages, column: str, name: str, rows: Sequence[Row], *, needed: bool = True) -> None:
    """A column: static pages, and the same rows through the interface."""
    ordered = newest_first(rows)
    total = max(1, -(-len(ordered) // PAGE_SIZE))
    for number in range(1, total + 1):
        page = www.page(
            f"/heishan/{column}/common_list{'' if number == 1 else f'_{number}'}.shtml",
            "list",
            title=name,
            channel=channel(www, column),
            rows=ordered[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
            total=total,
            number=number,
            count=len(ordered),
        )
        if needed:
            www.site.need(page)
    identity = channel(www, column)

    def search(request: Request) -> Response:
        """The column's rows as JSON, whose addresses name no scheme."""
        asked = request.parameters
        if asked.get("_isJson") != "true":
            return missing(request)
        number, size = _positive(asked.get("page", ""), 1), min(_positive(asked.get("_pageSize", ""), PAGE_SIZE), 50)
        part = ordered[(number - 1) * size : number * size]
        results = [_result(www, row, column, name) for row in part]
        data = {"channelId": identity, "total": len(ordered), "page": number, "rows": size, "results": results}
        return content(json.dumps({"data": data}, ensure_ascii=False), "application/json;charset=UTF-8")

    for prefix in ("/common/search/", "/searchList/", "/search/"):
        www.dynamic(f"{prefix}{identity}", search)


def _result(www: Pages, row: Row, column: str, name: str) -> dict[str, object]:
    return {
        "title": row.title,
        "subTitle": "",
        "url": f"//{www.name}{row.link}",
        "publishedTimeStr": f"{row.date} 17:18:49",
        "channelName": name,
        "channelCodeName": column,
        "manuscriptId": f"{www.site.rng('manuscript', row.link).getrandbits(128):032x}",
        "content": "",
        "resList": [],
        "domainMetaList": [],
    }


def _positive(text: str, otherwise: int) -> int:
    return int(text) if text.isdigit() and 0 < int(text) < 10_000 else otherwise


def _others(www: Pages) -> None:
    """The neighbouring columns, with everything that is no report."""
    serial = 700_000
    for column, name, group in (
        ("c111230", "政府信息公开指南", ""),
        ("c111231", "政府信息公开制度", "rules"),
        ("c111233", "财政预决算", "final_accounts"),
        ("c111234", "统计信息", "among_reports"),
        ("c111235", "政府网站工作年度报表", "website_reports"),
        ("c111236", "法治政府建设年度报告", "rule_of_law_reports"),
    ):
        rows = []
        for page in non_reports.pages(REGION.name, group) if group else ():
            serial += 1
            path = f"/heishan/{column}/{page.published_on[:7].replace('-', '')}/c01_{serial}.shtml"
            source = f"{REGION.name}人民政府办公室"
            address = _detail(www, column, path, page.title, page.published_on, source, markup(page.body))
            www.site.refuse(address, page.title, page.reason)
            rows.append(Row(page.title, path, page.published_on))
        _list(www, column, name, rows, needed=False)
    www.page("/heishan/ysqgk/index.shtml", "menu", title="依申请公开", links=[])


def _tree(www: Pages) -> None:
    """The tree as JSONP; most of its nodes lead to an address that does not exist."""
    www.page(TREE_PAGE, "tree", title="政府信息公开")
    nodes = []
    for number, (name, path) in enumerate(_NODES):
        identity = f"{www.site.rng('node', number).getrandbits(128):032x}"
        address = f"/heishan/{path}" if path else f"/heishan/c1113{number:02d}/null.shtml"
        nodes.append({"id": identity, "pId": "0", "name": name, "url": address, "target": "rightFrame"})
    if www.site.setting.variant:
        # Addresses in full, the nodes under one root.
        nodes = [{**node, "pId": "1", "url": www.url(node["url"])} for node in nodes]
        nodes.insert(0, {"id": "1", "pId": "0", "name": "政府信息公开", "url": "", "target": "rightFrame"})
    text = json.dumps(nodes, ensure_ascii=False)

    def tree(request: Request) -> Response:
        callback = request.parameters.get("callback", "")
        wrapped = f"{callback}({text})" if _CALLBACK.match(callback) else text
        return content(wrapped, "application/javascript;charset=UTF-8")

    www.dynamic(TREE, tree)
