"""S12 retold: years in a select beside a list of organs, whose links lead to columns as well as reports."""

from __future__ import annotations

from html import escape

from sample.generator import SampleReport
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.retold import s01_tables, s06_channels, s08_descending
from sample.portals.retold.kit import Portal, Write, compact, publish
from sample.portals.s12_hubsheng import REGION
from sample.portals.site import Setting, Site
from sample.rows import Row

COLUMN = "/zfxxgk/zfxxgknb/"
YEARS, NEWEST = range(2015, 2026), 2025
DEPARTMENTS = {
    "jyt": "教育厅",
    "kjt": "科学技术厅",
    "gat": "公安厅",
    "mzt": "民政厅",
    "czt": "财政厅",
    "slt": "水利厅",
    "tyj": "体育局",
    "lsj": "粮食局",
    "swt": "商务厅",
}
AS_COLUMN = {"slt": "水利厅"}
"""Linked by its column, where several years stand."""
FOREIGN, MIRRORED, MIRROR = {"tyj": "www.hubs-sports.org.cn"}, "lsj", "www.hubsheng-gov.com"
CITIES = ((s01_tables, "人民政府", 2019), (s06_channels, "人民政府", NEWEST), (s08_descending, "人民政府", NEWEST))


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S12", REGION, setting, status="partial")
    www = Portal(site, "www.hubsheng")
    site.start.append(www.url("/"))
    site.need(www.url("/robots.txt"))
    menu = 'var menus=[{"name":"政府信息公开指南","url":"/zfxxgk/zfxxgkzn/"},{"name":"政府信息公开年报","url":"/zfxxgk/zfxxgknb/"}];'
    www.write("/", _page("湖津省", '<map><area href="/zfxxgk/" alt="政府信息公开"></map>'), needed=True)
    www.write(
        "/zfxxgk/",
        _page(
            "政府信息公开",
            f"<div id=menu></div><script>{menu} for(var i in menus) document.write(menus[i].name);</script>",
        ),
        needed=True,
    )
    own = _own(www)
    units, cities = _units(www), _cities(site)
    for year in YEARS:
        path = COLUMN if year == NEWEST else f"{COLUMN}{year}.html"
        options = "".join(
            f'<option value="{COLUMN if one == NEWEST else f"{COLUMN}{one}.html"}"{" selected" if one == year else ""}>{one}</option>'
            for one in reversed(YEARS)
        )
        parts = [("省政府", own[year])]
        if year == NEWEST:
            parts += [("省直部门", units), ("市州", cities)]
        www.write(path, _list(options, parts), needed=True)
    return site


def _list(options: str, parts: list[tuple[str, list[tuple[str, str]]]]) -> str:
    tabs = "".join(
        f'<a href="javascript:void(0)" onclick="tab({number})">{name}</a>' for number, (name, _) in enumerate(parts)
    )
    boxes = "".join(
        f'<dl id="box{number}"><dt>{name}</dt>'
        + "".join(f'<dd><a href="{link}">{text}</a></dd>' for text, link in rows)
        + "</dl>"
        for number, (name, rows) in enumerate(parts)
    )
    where = '<div class="position"><span>您现在的位置：</span><a href="/">首页</a> / <a href="../">政府信息公开</a> / 政府信息公开年报</div>'
    return _page(
        "政府信息公开年报", f'{where}<select onchange="location.href=this.value">{options}</select>{tabs}{boxes}'
    )


def _own(www: Portal) -> dict[int, list[tuple[str, str]]]:
    found = {}
    for year, sample in reports(www.site.setting.seed, organ(REGION, "人民政府", "city"), YEARS).items():
        path = _path(sample, f"{COLUMN}{year}n/")
        row = publish(www, sample, path, _writer(sample), listed=www.url(COLUMN))
        found[year] = [(row.title, row.link.removeprefix("http:"))]
        if year >= 2019:
            file = pdf_file(sample)
            linked = www.file(f"{COLUMN}{year}n/P0{year}0001.pdf", file)
            www.site.expect(sample, [linked], list_page=www.url(COLUMN))
            found[year].append((f"{row.title}（超链版）", linked))
    return found


def _path(sample: SampleReport, folder: str) -> str:
    stamp = compact(sample.report.published_on or "")
    return f"{folder}{stamp[:6]}/t{stamp}_{len(folder) + 4_380_000}.html"


def _writer(sample: SampleReport) -> Write:
    def write(title: str, body: str) -> str:
        metas = f'<meta name="ArticleTitle" content="{escape(title)}"><meta name="PubDate" content="{sample.report.published_on} 09:00"><meta name="ContentSource" content="{sample.organ.name}">'
        return _page(title, f'<h1>{escape(title)}</h1><div class="TRS_Editor">{body}</div>', metas)

    return write


def _units(www: Portal) -> list[tuple[str, str]]:
    site, rows = www.site, []
    for position, (label, short) in enumerate(DEPARTMENTS.items()):
        written = reports(site.setting.seed, organ(REGION, short, "office"), range(2023, NEWEST + 1), position)
        if label == MIRRORED:
            mirror = Portal(site, MIRROR, foreign=True)
            page = mirror.write(
                _path(written[NEWEST], COLUMN), lambda: _page("湖津省2025年政府信息公开工作年度报告", "<p>报告</p>")
            )
            site.refuse(page, "湖津省2025年政府信息公开工作年度报告", "mirror")
        elif label in FOREIGN:
            elsewhere = Portal(site, FOREIGN[label], foreign=True)
            page = elsewhere.write("/gknb/2025.html", _page(written[NEWEST].report.title, "<p>报告</p>"))
            site.refuse(page, written[NEWEST].report.title, "foreign")
        else:
            page = _unit(www, Portal(site, f"{label}.hubsheng"), label, written)
        rows.append((f"省{short}", page))
    return rows


def _unit(www: Portal, own: Portal, label: str, written: dict[int, SampleReport]) -> str:
    www.site.need(own.url("/robots.txt"))
    if label not in AS_COLUMN:
        path = "/zwgk/2025nb.html" if label == "swt" else _path(written[NEWEST], "/zfxxgk/zfxxgknb/")
        return publish(own, written[NEWEST], path, _writer(written[NEWEST]), listed=www.url(COLUMN)).link
    rows: list[Row] = []
    for year, sample in written.items():
        rows.append(
            publish(
                own,
                sample,
                _path(sample, f"/zfxxgk/zfxxgknb/{year}n/"),
                _writer(sample),
                listed=own.url("/zfxxgk/zfxxgknb/"),
            )
        )
    items = "".join(f'<li><a href="{row.link}">{row.title}</a> {row.date}</li>' for row in rows)
    return own.write("/zfxxgk/zfxxgknb/index.html", _page("政府信息公开年报", f"<ul>{items}</ul>"), needed=True)


def _cities(site: Site) -> list[tuple[str, str]]:
    rows = []
    for module, short, year in CITIES:
        built = module.build(site.setting)
        found = next(one for one in built.truth().reports if one.year == year and one.organ.endswith(short))
        site.adopt(found)
        site.neighbours.append(built)
        site.need("/".join(found.urls[0].split("/")[:3]) + "/robots.txt", found.urls[0], *found.sources)
        rows.append((found.printed_organ.removesuffix("人民政府"), found.urls[0]))
    dead = f"http://{site.name('www.xijin-sim')}/zfxxgk/zfxxgknb/202601/t20260120_1.html"
    site.refuse(dead, "西津市", "missing")
    site.shortfalls[dead] = 1
    return [*rows, ("西津市", dead)]


def _page(title: str, body: str, metas: str = "") -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8">{metas}<title>{escape(title)}</title></head><body>{body}</body></html>'
