"""S1 retold: upper-case tags, cells never closed, titles cut without a whole one beside them."""

from __future__ import annotations

from sample import html
from sample.organs import Region
from sample.portals.files import rtf_file, word_page_file
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, anchors, compact, publish, strangers
from sample.portals.s01_shaling import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first

COLUMN = "/xxgk/xxgknb/"
YEARS = range(2013, 2020)
PAGE_SIZE = 10
_TITLES = {
    2013: "{organ}{year}年度政府信息公开工作报告",
    2014: "{organ}{year}年政府信息公开工作年度报告",
    2015: "{organ}{year}年政府信息公开年度报告",
    2016: "{year}年{organ}政府信息公开工作年度报告",
    2017: "{organ}政府信息公开工作{year}年度报告",
    2018: "{organ}关于{year}年政府信息公开工作年度报告",
    2019: "{organ}{year}年政府信息公开工作年度报告",
}
_HEAD = '<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=gb2312">'
_PAGER = r"""<script language="JavaScript">
<!--
var currentPage = {current};//所在页从0开始
var prevPage = currentPage-1//上一页
var nextPage = currentPage+1//下一页
var countPage = {count}//共多少页
document.write("共"+countPage+"页&nbsp;&nbsp;");
if(countPage>1&&currentPage!=0&&currentPage!=1)
	document.write("<a href=\"index.html\">首页</a>&nbsp;<a href=\"index"+"_" + prevPage + "."+"html\">上一页</a>&nbsp;");
if(countPage>1&&currentPage!=(countPage-1))
	document.write("<a href=\"index"+"_" + nextPage + "."+"html\">下一页</a>&nbsp;<a href=\"index_" + (countPage-1) + ".html\">尾页</a>");
//-->
</script>"""


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S1", REGION, setting)
    www = Portal(site, "www.shaling", encoding="gb18030", html_type="text/html")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"))
    menu = [("信息公开指南", "xxgkzn/"), ("信息公开年报", "../xxgk/xxgknb/"), ("依申请公开", "ysqgk/")]
    home = '<EMBED SRC="/images/top.swf" WIDTH=760 HEIGHT=120>' + anchors(
        [("领导之窗", "ldzc/"), ("信息公开", "./xxgk/"), ("网站年报", "wznb/"), ("政府工作报告", "zfgzbg/")], "<TD>"
    )
    www.write("/", _page("沙岭县人民政府", home), needed=True)
    www.write("/xxgk/", _page("信息公开", anchors(menu, "<LI>")), needed=True)
    www.write("/ldzc/", _page("领导之窗", "县长：朱喆"))
    rows = [_own(www, number, year) for number, year in enumerate(YEARS)]
    rows += [_above(www, number, region) for number, region in enumerate(_ABOVE)]
    rows += strangers(www, "among_reports", lambda number, date: _path(date, 500 + number), _detail, most=8)
    rows = newest_first(rows)
    count = -(-len(rows) // PAGE_SIZE)
    for number in range(count):
        part = rows[number * PAGE_SIZE : (number + 1) * PAGE_SIZE]
        name = "" if number == 0 else f"index_{number}.html"
        www.write(COLUMN + name, _list(part, number, count), needed=True)
    return site


_ABOVE = (Region(REGION.province, REGION.city), Region(REGION.province))


def _path(date: str, number: int) -> str:
    return f"{COLUMN}{compact(date)[:6]}/t{compact(date)}_{2_290_000 + number}.html"


def _own(www: Portal, number: int, year: int) -> Row:
    sample = reports(www.site.setting.seed, organ(REGION, "人民政府"), YEARS, title=_TITLES[year])[year]
    date = sample.report.published_on or ""
    # Two were carried over from the system before, whose date their address does not keep.
    path = _path("2018-11-02" if year in (2016, 2017) else date, number)
    folder, file = path.rpartition("/")[0], {2013: rtf_file, 2014: word_page_file, 2015: rtf_file}.get(year)
    if file is None:
        return publish(www, sample, path, lambda t, b: _detail(t, b, date), listed=www.url(COLUMN))
    name = f"P0{compact(date)}{412_000_000 + year}.doc"
    attached = Attached(f"{folder}/{name}", file(sample))

    def write(title: str, body: str) -> str:
        icon = '<IMG SRC="../../../images/icon_doc.gif" BORDER=0>'
        return _detail(title, f"{body}<P>{icon}<A HREF=./{name} TARGET=_blank>点击下载</A>", date)

    return publish(www, sample, path, write, listed=www.url(COLUMN), files=[attached])


def _above(www: Portal, number: int, region: Region) -> Row:
    sample = reports(www.site.setting.seed, organ(region, "人民政府", "city"), [2017])[2017]
    date = sample.report.published_on or ""
    row = Row(f"{region.name}2017年政府信息公开工作年度报告", www.url(_path(date, 900 + number)), date)
    www.write(_path(date, 900 + number), lambda: _detail(row.title, html.render(sample), date))
    www.site.refuse(row.link, row.title, "superior")
    return row


def _list(rows: list[Row], current: int, count: int) -> str:
    items = ""
    for row in rows:
        link = row.link.partition(COLUMN)[2]
        items += (
            '<TR valign=top><TD width=25><IMG src="../../images/ico2.jpg" width=5 height=5>'
            f'<TD width=550><A class=font_hui HREF="./{link}" target=_blank>{row.anchor_text(22)}</A><TD>[{row.date}]\n'
        )
    where = (
        '<TD class=pos>您现在的位置是：<A HREF="../../" class=CurrChnlCls>首页</A>&nbsp;&gt;&gt;&nbsp;'
        '<A HREF="../" class=CurrChnlCls>信息公开</A>&nbsp;&gt;&gt;&nbsp;信息公开年报</TD>'
    )
    table = f"<TABLE class=gl_list>{items}</TABLE>"
    return _page(
        "信息公开年报", f"<TABLE><TR>{where}<TR><TD>{table}{_PAGER.format(current=current, count=count)}</TABLE>"
    )


def _detail(title: str, body: str, date: str = "2019-05-06") -> str:
    shown = (
        f'<TABLE><TR><TD class="title">{title}<TR><TD>发布时间：{date} &nbsp;来源：政府办 &nbsp;责任编辑：李镕喆 𠮷田 €'
    )
    return _page(title, f"{shown}<TR><TD><DIV class=TRS_Editor>{body}</DIV></TABLE>")


def _page(title: str, body: str) -> str:
    return (
        f"<HTML><HEAD>{_HEAD}<TITLE>{title}</TITLE></HEAD><BODY><TABLE WIDTH=760><TR><TD>{body}"
        '<TR><TD>沙岭县人民政府办公室主办 <A HREF="mailto:a@b.cn">联系我们</A></TABLE></BODY></HTML>'
    )
