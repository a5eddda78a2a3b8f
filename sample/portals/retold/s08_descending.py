"""S8 retold: the pager counts in the list's own words, rows lead to the dynamic address."""

from __future__ import annotations

from html import escape

from sample.generator import SampleReport
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, publish
from sample.portals.s08_guxian import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first
from sample.web import Request, Response, content, missing

COLUMN, DOWNLOAD = "/zwgk/zfxxgknb", "/system/_content/download.jsp"
ORGANS = ("人民政府", "教育局", "林业局", "卫生健康局", "岳阳镇人民政府", "乡村振兴局")
PAGE_SIZE = 12
_COUNTED = '_showDynClicks("wbnews", 1803678113, {number})'


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S8", REGION, setting)
    www = Portal(site, "www.guxian")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"))
    www.write(
        "/",
        _page(
            "顾弦县",
            '<A href="zwgk.htm">政务公开</A><A href="list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1001">新闻</A>',
        ),
        needed=True,
    )
    www.write("/list.jsp", _page("新闻", ""))
    www.write(
        "/zwgk.htm",
        _page(
            "政务公开",
            '<a href="zwgk/zfxxgkzn.htm">政府信息公开指南</a><a href="zwgk/zfxxgknb.htm">政府信息公开年报</a>',
        ),
        needed=True,
    )
    www.write("/zwgk/zfxxgkzn.htm", _page("政府信息公开指南", "<p>指南</p>"))
    made = [
        sample
        for position, short in enumerate(ORGANS)
        for sample in reports(setting.seed, organ(REGION, short), range(2019, 2026), position).values()
    ]
    rows = newest_first([_report(www, sample, 47_000 + number) for number, sample in enumerate(made)])
    _aliases(www)
    count = -(-len(rows) // PAGE_SIZE)
    for number in range(count):
        part = rows[number * PAGE_SIZE : (number + 1) * PAGE_SIZE]
        path = f"{COLUMN}.htm" if number == 0 else f"{COLUMN}/{count - number}.htm"
        www.write(path, _list(part, number, count, len(rows)), needed=True)
    _captcha(www)
    return site


def _report(www: Portal, sample: SampleReport, number: int) -> Row:
    report, date = sample.report, sample.report.published_on or ""
    path = f"/info/1648/{number}.htm"
    alias = f"{www.base}/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1648&wbnewsid={number}"
    files, link = [], ""
    if report.year >= 2024:
        place = f"{DOWNLOAD}?urltype=news.DownloadAttachUrl&owner=1803678113&wbfileid={18_000_000 + number}"
        files = [Attached(place, pdf_file(sample), content_type="text/html;charset=UTF-8")]
        link = f'<p>附件【<a href="{escape(place)}" target="_blank">{escape(report.title)}.pdf</a>】已下载<script>{_COUNTED.format(number=number)}</script>次</p>'

    def write(title: str, body: str) -> str:
        crumbs = "当前位置: <a href='/'>网站首页</a> &gt; 政务公开 &gt; 政府信息公开年报 &gt; 正文"
        where = f'<div class="vsb_pos">{crumbs}</div><h2 class="tit">{escape(title)}</h2><p>发布日期：{date} 来源：{report.organ}</p>'
        return _page(title, f'{where}<div id="vsb_content_4"><div class="v_news_content">{body}</div></div>{link}')

    row = publish(www, sample, path, write, listed=www.url(f"{COLUMN}.htm"), files=files, aliases=[alias])
    return Row(row.title, alias if number % 2 else row.link, row.date)


def _aliases(www: Portal) -> None:
    def article(request: Request) -> Response:
        asked = request.parameters
        found = www.host.find(f"/info/{asked.get('wbtreeid')}/{asked.get('wbnewsid')}.htm")
        return content(found.body, "text/html; charset=utf-8") if found else missing(request)

    www.dynamic("/content.jsp", article)


def _captcha(www: Portal) -> None:
    """Every third file is kept back behind a question the first time it is asked for."""
    serve, asked = www.host.dynamic[DOWNLOAD], {"count": 0}
    page = "<html><body><form><input name=code><img src=/system/resource/code.jsp>请输入验证码</form></body></html>"

    def answer(request: Request) -> Response:
        if "JSESSIONID" not in request.cookies:
            asked["count"] += 1
            if asked["count"] % 3 == 0:
                return content(page, "text/html;charset=UTF-8", 200, Set_Cookie="JSESSIONID=AB12; Path=/")
        return serve(request)

    www.dynamic(DOWNLOAD, answer)


def _list(rows: list[Row], number: int, count: int, total: int) -> str:
    items = "".join(
        f'<LI id="line_u8_{index}"><a href="{escape(row.link)}" title="{escape(row.title)}"><span>{row.anchor_text(20)}</span><i>{row.date}</i></a></LI>'
        for index, row in enumerate(rows)
    )
    folder = "zfxxgknb/" if number == 0 else ""
    onward = (
        f'<span class="p_next p_fun"><a href="{folder}{count - number - 1}.htm">下页</a></span><span class="p_last p_fun"><a href="{folder}1.htm">尾页</a></span>'
        if number + 1 < count
        else ""
    )
    pager = f'<div class="pb_sys_common"><span class="p_t">共{total}条</span><span class="p_t">{number + 1}/{count}</span>{onward}</div>'
    return _page("政府信息公开年报", f"<UL>{items}</UL>{pager}")


def _page(title: str, body: str) -> str:
    return f"<!DOCTYPE html><HTML><HEAD><META content='text/html; charset=UTF-8' http-equiv=Content-Type><TITLE>{escape(title)}-顾弦县人民政府</TITLE></HEAD><BODY>{body}</BODY></HTML>"
