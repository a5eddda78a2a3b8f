"""S2 retold: folders by year, class and organ, whose names are cut short, and copies beside them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from sample.generator import SampleReport
from sample.portals.files import docx_file, ofd_file, pdf_file
from sample.portals.organs import organ, reports, retitled
from sample.portals.retold.kit import Attached, Portal, compact, publish, strangers
from sample.portals.s02_yunxi import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row, newest_first

COLUMN = "/zwgk_171/zfxxgknb/"
YEARS = range(2021, 2026)
FOLDERS = {year: f"{year}n" for year in YEARS} | {2025: "2024n78"}
ORGANS = {
    "qzfbm": (
        ("qzfbgs", "人民政府办公室", "区府办"),
        ("qjw", "教育委员会", "区教委"),
        ("qczj", "财政局", "区财政局"),
        ("qgxj", "经济和信息化委员会", "区经济信息委"),
    ),
    "zjjd": (
        ("hbz", "河包镇人民政府", "河包镇"),
        ("sljd", "双路街道办事处", "双路街道"),
        ("yfx", "云峰乡人民政府", "云峰乡"),
    ),
}
CLASSES = {"qzfbm": "区政府部门", "zjjd": "镇街"}
MISSING = {("教育委员会", 2022), ("云峰乡人民政府", 2021)}
STRAIGHT = {("财政局", 2023), ("河包镇人民政府", 2022)}
PAGE_SIZE = 8
_SIDE = (
    ("zfwzgzndbb", "政府网站工作年度报表", "website_reports"),
    ("fzzfjsndbg", "法治政府建设年度报告", "rule_of_law_reports"),
    ("bmjs", "部门决算", "final_accounts"),
    ("zfxxgkzd", "政府信息公开制度", "rules"),
)


@dataclass(frozen=True, slots=True)
class _One:
    sample: SampleReport
    kind: str
    organ_folder: str
    name: str
    row: Row


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S2", REGION, setting)
    www = Portal(site, "www.yunxi")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"))
    www.write(
        "/", '<!doctype html><script language="javascript">window.location.href="./index.shtml"</script>', needed=True
    )
    home = "<ul class=nav><li><a href='./zwgk_171/' target=_blank><span>政务公开</span></a></ul>"
    www.write("/index.shtml", lambda: _page("云汐区人民政府", "", home), needed=True)
    sides = [(f"../{name}/" if name == "x" else f"./{name}/", text) for name, text, _ in _SIDE]
    menu = [("./zfxxgkzn/", "政府信息公开指南"), *sides, ("./zfxxgknb/", "政府信息公开年报")]
    www.write("/zwgk_171/", lambda: _page("政务公开", "", _menu(menu)), needed=True)
    published = [one for kind in ORGANS for one in _published(www, kind)]
    for year in YEARS:
        _year(www, year, [one for one in published if one.sample.report.year == year])
    _departments(www, [one for one in published if one.kind == "qzfbm" and not one.row.link.endswith(".pdf")])
    years = [(f"./{FOLDERS[year]}/", f"{year}年度") for year in reversed(YEARS)]
    column = _menu([*years, ("./qzfbm/", "区政府部门")])
    www.write(COLUMN, lambda: _page("政府信息公开年报", "政府信息公开年报", column), needed=True)
    for folder, text, group in _SIDE:
        _side(www, f"/zwgk_171/{folder}/", text, group)
    return site


def _published(www: Portal, kind: str) -> list[_One]:
    found = []
    for position, (folder, short, name) in enumerate(ORGANS[kind]):
        written = reports(www.site.setting.seed, organ(REGION, short), YEARS, position)
        for year, sample in written.items():
            if (short, year) in MISSING:
                continue
            if position == 1 and year == 2024:
                # Whose it is says the path alone.
                sample = retitled(sample, f"{year}年政府信息公开工作年度报告")
            path = f"{COLUMN}{FOLDERS[year]}/{kind}/{folder}/"
            found.append(_One(sample, kind, folder, name, _publish(www, sample, path, (kind, name))))
    return found


def _publish(www: Portal, sample: SampleReport, folder: str, where: tuple[str, str]) -> Row:
    report, date = sample.report, sample.report.published_on or ""
    stamp, key = compact(date), (sample.organ.short, sample.report.year)
    serial = www.site.rng("serial", folder).randrange(9_000_000, 9_900_000)
    listed = www.url(folder)
    files, link = [], ""
    name = f"P0{stamp}{serial * 37}"
    if key in STRAIGHT:
        url = www.file(f"{folder}{stamp[:6]}/{name}.pdf", pdf_file(sample), "application/pdf")
        www.site.expect(sample, [url], list_page=listed)
        www.site.need(url)
        return Row(report.title, url, date)
    if report.year == 2023 or key in (("经济和信息化委员会", 2021), ("双路街道办事处", 2021)):
        made = {
            "经济和信息化委员会": docx_file(sample, ".wps"),
            "双路街道办事处": ofd_file(sample),
        }.get(sample.organ.short if report.year == 2021 else "", pdf_file(sample))
        files = [Attached(f"{folder}{stamp[:6]}/{name}{made.extension}", made, holds=made.extension != ".ofd")]
        link = (
            f'<p><a needdownload="true" appendix="true" download="{escape(report.title)}{made.extension}"'
            f' href="./{name}{made.extension}" oldsrc="/protect/{name}">{escape(report.title)}</a></p>'
        )
    source = "" if report.year % 2 else sample.organ.name

    def write(title: str, body: str) -> str:
        metas = (
            f'<meta name="ArticleTitle" content="{escape(title)}"/><meta name="PubDate" content="{date} 10:1{date[-1]}">'
            f'<meta name="ContentSource" content="{source}"><meta name="ColumnName" content="{where[1]}"/>'
        )
        crumbs = f"政府信息公开年报 &gt; {report.year}年度 &gt; {CLASSES[where[0]]} &gt; {where[1]}"
        text = f'<div class="trs_editor_view TRS_UEDITOR trs_paper_default">{body}</div>{link}'
        return _page(title, crumbs, f"<h1>{escape(title)}</h1>{text}", metas)

    path = f"{folder}{stamp[:6]}/t{stamp}_{serial}.html"
    return publish(www, sample, path, write, listed=listed, files=files)


def _year(www: Portal, year: int, of_year: list[_One]) -> None:
    root = f"{COLUMN}{FOLDERS[year]}/"
    folders = _menu([(f"./{kind}/", name) for kind, name in CLASSES.items()])
    www.write(root, lambda: _page(f"{year}年度", f"政府信息公开年报 &gt; {year}年度", folders), needed=True)
    for kind, name in CLASSES.items():
        here = [one for one in of_year if one.kind == kind]
        menu = _menu([(f"./{folder}/", short) for folder, _, short in ORGANS[kind]])
        rows = _list([one.row for one in here])
        crumbs = f"政府信息公开年报 &gt; {year}年度 &gt; {name}"
        www.write(
            f"{root}{kind}/",
            lambda menu=menu, rows=rows, crumbs=crumbs, name=name: _page(name, crumbs, menu + rows),  # type: ignore[misc]
            needed=True,
        )
        for folder, _, short in ORGANS[kind]:
            own = [one.row for one in here if one.organ_folder == folder]
            path = f"{crumbs} &gt; {short}"
            www.write(f"{root}{kind}/{folder}/", _page(short, path, _list(own)))


def _departments(www: Portal, ones: list[_One]) -> None:
    """All departments' reports on pages of their own, some as copies."""
    root, rows = f"{COLUMN}qzfbm/", []
    for number, one in enumerate(sorted(ones, key=lambda one: one.row.date, reverse=True)):
        if number % 3:
            rows.append(one.row)
            continue
        path = f"{root}{compact(one.row.date)[:6]}/t{compact(one.row.date)}_{9_990_000 + number}.html"
        if "P0" not in "".join(one.sample.report.title) and one.sample.report.year not in (2021, 2023):
            rows.append(
                publish(
                    www,
                    one.sample,
                    path,
                    lambda title, body: _page(
                        title, "政府信息公开年报 &gt; 区政府部门", f"<h1>{title}</h1><div class=TRS_Editor>{body}</div>"
                    ),
                    listed=www.url(root),
                    needed=False,
                )
            )
    rows = newest_first(rows)
    count = -(-len(rows) // PAGE_SIZE)
    for number in range(count):
        part = rows[number * PAGE_SIZE : (number + 1) * PAGE_SIZE]
        pager = f'<div class=page><script>createPageHTML({count}, {number}, "index", "html");</script></div>'
        name = f"index_{number}.html" if number else ""
        www.write(root + name, _page("区政府部门", "政府信息公开年报 &gt; 区政府部门", _list(part) + pager))


def _side(www: Portal, root: str, text: str, group: str) -> None:
    def write(title: str, body: str) -> str:
        return _page(title, text, f"<h1>{title}</h1><div class=TRS_Editor>{body}</div>")

    rows = strangers(
        www, group, lambda number, date: f"{root}{compact(date)[:6]}/t{compact(date)}_{7100 + number}.html", write
    )
    www.write(root, _page(text, text, _list(rows)))


def _list(rows: list[Row]) -> str:
    items = "".join(
        f'<li><a target="_blank" title="{escape(row.title)}" href="{row.link}">{row.anchor_text(18)}</a><span>{row.date}</span></li>\r\n\t'
        for row in newest_first(rows)
    )
    return f'<div class="overview_right"><ul>{items or "<li>暂无信息</li>"}</ul></div>'


def _menu(links: list[tuple[str, str]]) -> str:
    return "<div class=su-l2>" + "".join(f"<p><a href='{link}'>{text}</a></p>" for link, text in links) + "</div>"


def _page(title: str, crumbs: str, body: str, metas: str = "") -> str:
    path = f'<div class="crumb">当前位置：<a class="CurrChnlCls" href="/">首页</a> &gt; 政务公开 &gt; {crumbs}</div>'
    return f'<html><head><meta charset="utf-8"/>{metas}<title>{escape(title)}_云汐区</title></head><body>{path if crumbs else ""}{body}</body></html>'
