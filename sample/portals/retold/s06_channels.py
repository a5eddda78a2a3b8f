"""S6 retold: the tree is loaded by a script of another file, the pager sits in single quotes."""

from __future__ import annotations

import json
import uuid
from html import escape

from sample.generator import SampleReport
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, compact, publish, strangers
from sample.portals.s06_heishan import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first
from sample.web import Request, content

SHELL, TREE = "/heishan/zfxxgk/xxzwgkList.shtml", "/u/channel/treeNew/heishan"
OLD, NEW = "c111239", "c112289c"
PAGE_SIZE = 15
ORGANS = ("人民政府", "人民政府办公室", "教育局", "公安局", "北河镇人民政府", "苇塘乡人民政府")
IN_BOTH = ORGANS[:2]
_CHANNEL = "db96a1f0c3f24f1c9e3bb9a1d2c4e5f6"
_SEARCH = f"/common/search/{_CHANNEL}"


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S6", REGION, setting)
    www = Portal(site, "www.heishan")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"))
    www.write(
        "/", '<html><head><meta http-equiv="Refresh" content="0;URL=/heishan/index.shtml"></head></html>', needed=True
    )
    www.write(
        "/heishan/index.shtml",
        _page("黑桦县人民政府", f'<a href="{SHELL}" title="政府信息公开"><img src="/a.png"></a>'),
        needed=True,
    )
    script = f"$(document).ready(function(){{ $.getJSON('{TREE}?callback=?', {{}}, function(nodes){{ $.fn.zTree.init($('#tree'), setting, nodes); }}); }});"
    www.answer_script("/heishan/js/channelTree.js", script)
    www.write(
        SHELL,
        _page("政府信息公开", '<ul id="tree" class="ztree"></ul><script src="../js/channelTree.js"></script>'),
        needed=True,
    )
    old, new = _published(www)
    old += strangers(www, "among_reports", lambda n, date: _path(OLD, date, 900 + n), _detail)
    _lists(www, OLD, newest_first(old))
    _lists(www, NEW, newest_first(new))
    _trees(www)
    _search(www, newest_first(old))
    site.need(f"{www.url(TREE)}?callback=tree")
    return site


def _path(channel: str, date: str, number: int) -> str:
    return f"/heishan/{channel}/{compact(date)[:6]}/c01_{868_000 + number}.shtml"


def _published(www: Portal) -> tuple[list[Row], list[Row]]:
    old, new = [], []
    for position, short in enumerate(ORGANS):
        for year, sample in reports(www.site.setting.seed, organ(REGION, short), range(2019, 2026), position).items():
            number = 10 * position + year - 2019
            if year < 2025 or short in IN_BOTH:
                old.append(_report(www, sample, OLD, number))
            if year == 2025:
                new.append(_report(www, sample, NEW, 500 + number))
    return old, new


def _report(www: Portal, sample: SampleReport, channel: str, number: int) -> Row:
    report, date = sample.report, sample.report.published_on or ""
    path, files, link = _path(channel, date, number), [], ""
    if report.year == 2022:
        token = uuid.UUID(int=www.site.rng("file", number).getrandbits(128))
        place = f"{path.rpartition('/')[0]}/{token}/files/附件：报告.pdf"
        files = [Attached(place, pdf_file(sample))]
        link = f'<p>附件：<a href="{token}/files/附件：报告.pdf">报告.pdf</a></p>'

    def write(title: str, body: str) -> str:
        broken = body.replace("<p", "#PAGE_BREAK#<p", 1) if number == 3 else body
        return _detail(title, broken + link, date, report.organ)

    return publish(www, sample, path, write, listed=www.url(f"/heishan/{channel}/common_list.shtml"), files=files)


def _lists(www: Portal, channel: str, rows: list[Row]) -> None:
    count = -(-len(rows) // PAGE_SIZE)
    for number in range(1, count + 1):
        part = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        items = "".join(
            f'<li><span>{row.date}</span><a href="{row.link.removeprefix("http:")}" title="{escape(row.title)}">{row.anchor_text(20)}</a></li>'
            for row in part
        )
        pager = f"<div id='page_div'></div><script>createPageHTML('page_div',{count},{number},'common_list','shtml',{len(rows)});</script>"
        name = "common_list.shtml" if number == 1 else f"common_list_{number}.shtml"
        extra = f'<meta name="channelid" content="{_CHANNEL}">' if channel == OLD else ""
        www.write(
            f"/heishan/{channel}/{name}",
            _page("政府信息公开年报", f'<ul class="infolist">{items}</ul>{pager}', extra),
            needed=True,
        )


def _trees(www: Portal) -> None:
    names = (
        "法定主动公开内容",
        "机构职能",
        "领导信息",
        "规范性文件",
        "规划计划",
        "财政预决算",
        "行政许可",
        "行政处罚",
        "重大项目",
        "应急管理",
    )
    nodes = [
        {
            "id": str(number),
            "pId": "0",
            "channelName": name,
            "channelUrl": f"//{www.name}/heishan/c1112{number}/null.shtml",
        }
        for number, name in enumerate(names)
    ]
    nodes.append(
        {
            "id": "50",
            "pId": "0",
            "channelName": "政府信息公开年报",
            "channelUrl": f"//{www.name}/heishan/{OLD}/common_list.shtml",
        }
    )
    nodes.append({"id": "51", "pId": "50", "channelName": "2025年", "channelUrl": f"/heishan/{NEW}/common_list.shtml"})
    nodes.append(
        {"id": "52", "pId": "50", "channelName": "政府信息公开年度报告", "channelUrl": f"/heishan/{NEW}/null.shtml"}
    )

    def answer(request: Request) -> object:
        callback = request.parameters.get("callback", "")
        text = json.dumps(nodes, ensure_ascii=False)
        return content(f"{callback}({text})" if callback else text, "application/javascript;charset=UTF-8")

    www.dynamic(TREE, answer)  # type: ignore[arg-type]


def _search(www: Portal, rows: list[Row]) -> None:
    """The JSON search beside the static list, which nobody needs here."""

    def answer(request: Request) -> object:
        number = int(request.parameters.get("page", "1") or 1)
        part = rows[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        results = [
            {"title": row.title, "url": row.link.removeprefix("http:"), "publishedTimeStr": f"{row.date} 10:00:00"}
            for row in part
        ]
        return content(
            json.dumps({"data": {"total": len(rows), "page": number, "rows": PAGE_SIZE, "results": results}}),
            "application/json",
        )

    www.dynamic(_SEARCH, answer)  # type: ignore[arg-type]


def _detail(title: str, body: str, date: str = "2021-05-01", source: str = "") -> str:
    metas = f'<meta name="ArticleTitle" content="{escape(title)}"><meta name="PubDate" content="{date} 17:18"><meta name="ContentSource" content="{source}">'
    return _page(
        title,
        f'<UCAPTITLE>{escape(title)}</UCAPTITLE><PUBLISHTIME>{date}</PUBLISHTIME><div id="zoomcon"><UCAPCONTENT>{body}</UCAPCONTENT></div>',
        metas,
    )


def _page(title: str, body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><meta charset='utf-8'>{head}<title>{escape(title)}</title></head><body><!-- <CMSPRO_DOCUMENT> -->{body}</body></html>"
