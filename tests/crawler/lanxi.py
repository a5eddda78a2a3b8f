"""The pages of 岚溪县, a fictional county on an old TRS portal; every text is our own."""

from __future__ import annotations

from tests.crawler.portal_server import Body

YEARS = tuple(range(2014, 2025))
_SECTIONS = (
    "一、总体情况",
    "二、主动公开政府信息情况",
    "三、收到和处理政府信息公开申请情况",
    "四、政府信息公开行政复议、行政诉讼情况",
    "五、存在的主要问题及改进情况",
    "六、其他需要报告的事项",
)
PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def page(body: str, head: str = "", *, encoding: str = "utf-8") -> bytes:
    """A whole page around ``body``."""
    return f"<html><head>{head}</head><body>{body}</body></html>".encode(encoding)


def row(link: str, title: str, date: str) -> str:
    """A row of the old table dialect; long titles are cut short as portals do."""
    shown = title if len(title) < 16 else f"{title[:14]}..."
    return f'<tr><td><a href="{link}" title="{title}">{shown}</a></td><td>{date}</td></tr>'


def article(title: str, date: str, extra: str = "") -> bytes:
    """An article with a report's six headings."""
    body = "".join(f"<p>{heading}</p><p>岚溪县按要求开展了各项工作。</p>" for heading in _SECTIONS)
    return page(
        f'<h1>{title}</h1><div>发布日期：{date}</div><div class="TRS_Editor">{body}{extra}</div>'
        '<div class="footer"><a href="/manual.pdf">网站使用手册</a></div>'
    )


def report_path(year: int) -> str:
    """The path of the report of ``year``."""
    return f"/xxgk/zfxxgk/nianbao/{year + 1}01/t{year + 1}0120_{year}.html"


def title(year: int) -> str:
    """The title of the report of ``year``."""
    return f"岚溪县{year}年政府信息公开工作年度报告"


def pages() -> dict[str, Body]:
    """The portal: home, two levels of menu, a column of three list pages, distractors."""
    column = "/xxgk/zfxxgk/nianbao/"
    home = page(
        '<div class="nav"><a href="/news/">岚溪新闻</a><a href="/xxgk/">政务公开</a>'
        '<a href="/wzbb/">政府网站工作年度报表</a><a href="/login/">登录</a></div>'
        '<a href="/news/t20240101_9.html">岚溪县召开政务公开工作会议</a>'
        '<a href="http://spam.example/xxgknb/">政府信息公开年报</a>'
    )
    menu = page(
        '<a href="/xxgk/zfxxgk/">政府信息公开</a><a href="/xxgk/juesuan/">部门决算</a>'
        '<a href="/xxgk/fzzf/ndbg/">法治政府建设年度报告</a>'
    )
    platform = page(
        '<a href="/xxgk/zfxxgk/zn/">政府信息公开指南</a><a href="/xxgk/zfxxgk/zd/">政府信息公开制度</a>'
        '<a href="/xxgk/zfxxgk/nianbao/">政府信息公开年报</a><a href="/xxgk/zfxxgk/ysq/">依申请公开</a>'
    )
    rows = [row(f".{report_path(year).removeprefix(column[:-1])}", title(year), f"{year + 1}-01-20") for year in YEARS]
    rows.insert(1, row("./202402/t20240203_77.html", "岚溪县召开2023年政府信息公开工作会议", "2024-02-03"))
    rows.insert(2, row("./202402/t20240204_78.html", "图解：岚溪县2023年政府信息公开年报", "2024-02-04"))
    rows.insert(3, row("./202312/t20231203_79.html", "关于做好2023年政府信息公开年度报告编制的通知", "2023-12-03"))
    rows.append(row("./P020240601.pdf", "岚溪县2013年政府信息公开工作年度报告", "2014-02-01"))
    site: dict[str, Body] = {
        "/": home,
        "/robots.txt": b"User-agent: *\nDisallow: /secret/\n",
        "/xxgk/": menu,
        "/xxgk/zfxxgk/": platform,
        "/xxgk/zfxxgk/zn/": page("<p>指南</p>"),
        "/xxgk/zfxxgk/zd/": page(row("./t20200101_1.html", "岚溪县政府信息公开年度报告制度", "2020-01-01")),
        f"{column}P020240601.pdf": PDF,
    }
    for number in range(3):
        name = "" if number == 0 else f"index_{number}.html"
        script = f'<script>createPageHTML(3, {number}, "index", "html");</script>'
        chosen = "".join(rows[number * 5 : number * 5 + 5])
        site[column + name] = page(
            f'<td class="pos">当前位置：<a href="/" class="CurrChnlCls">首页</a>&gt;政府信息公开年报</td>'
            f"<table>{chosen}</table>{script}"
        )
    for year in YEARS:
        site[report_path(year)] = article(title(year), f"{year + 1}-01-20")
    site[report_path(2020)] = article(
        title(2020), "2021-01-20", '<a appendix="true" href="./P0202101.pdf" title="2020年报告.pdf">附件</a>'
    )
    site["/xxgk/zfxxgk/nianbao/202101/P0202101.pdf"] = PDF + b"2020\n"
    return site
