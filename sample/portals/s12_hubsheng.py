"""S12: a province's page of everybody's reports, whose rows lead to the units' own hosts.

Most rows name an organ and nothing else: the year stands in the heading, dates nowhere. Three rows
lead to hosts that are no government's, one to a copy of the province's report on a spam host, two
to nothing. The other simulated sites stand in as the cities, so they are served along with it.
"""

from __future__ import annotations

from sample.generator import SampleReport
from sample.organs import Region
from sample.portals import (
    s02_yunxi,
    s03_linhai,
    s04_huaiyang,
    s05_nanyue,
    s06_heishan,
    s07_wanbei,
    s08_guxian,
    s09_xuyang,
    s10_bailu,
)
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment, ExpectedReport

REGION = Region("湖津省", division="992000")
COLUMN = "/zfxxgk/zfxxgknb/"
YEARS, NEWEST = range(2015, 2026), 2025
FIRST_LINKED_VERSION = 2019
"""First year whose report is there as a PDF with links inside too, 超链版."""
DEPARTMENTS = {
    "jyt": "教育厅",
    "kjt": "科学技术厅",
    "gxt": "工业和信息化厅",
    "gat": "公安厅",
    "mzt": "民政厅",
    "sft": "司法厅",
    "czt": "财政厅",
    "rst": "人力资源和社会保障厅",
    "zrzyt": "自然资源厅",
    "sthjt": "生态环境厅",
    "zjt": "住房和城乡建设厅",
    "jtt": "交通运输厅",
    "slt": "水利厅",
    "nynct": "农业农村厅",
    "swt": "商务厅",
    "whlyt": "文化和旅游厅",
    "wjw": "卫生健康委员会",
    "tyjrt": "退役军人事务厅",
    "yjt": "应急管理厅",
    "sjt": "审计厅",
    "gzw": "国有资产监督管理委员会",
    "scjgj": "市场监督管理局",
    "gdj": "广播电视局",
    "tyj": "体育局",
    "tjj": "统计局",
    "ybj": "医疗保障局",
    "lyj": "林业局",
    "lsj": "粮食局",
    "ydj": "药品监督管理局",
    "zscqj": "知识产权局",
    "gjj": "机关事务管理局",
}
FOREIGN = {"jtt": "www.hubs-jiaotong.com", "tyj": "www.hubs-sports.org.cn", "gjj": "hubs-jiguan.cn"}
MIRROR = "www.hubsheng-gov.com"
"""A spam host with the province's report, linked in place of one department's."""
_MIRRORED = "lsj"
CITIES = (
    (s02_yunxi, "人民政府办公室"),
    (s03_linhai, "人民政府"),
    (s04_huaiyang, "市场监督管理局"),
    (s04_huaiyang, "青埠区人民政府"),
    (s05_nanyue, "教育局"),
    (s05_nanyue, "桂香街道办事处"),
    (s06_heishan, "人民政府"),
    (s07_wanbei, "人民政府"),
    (s08_guxian, "人民政府"),
    (s09_xuyang, "人民政府"),
    (s10_bailu, "人民政府办公室"),
)
"""The sites that stand in as cities, and whose report of the newest year is linked."""


def build(setting: Setting) -> Site:
    """Build the site."""
    # What can be said of the dead row is left to the crawl: it is not the list that falls short.
    site = Site("S12", REGION, setting, status="partial")
    www = Pages(site, "www.hubsheng", "hubsheng")
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", "/zfxxgk/", COLUMN)))
    own = _own(www)
    departments = _departments(www, own[NEWEST][0])
    cities = _cities(site)
    links = [(year, f"{COLUMN}{'' if year == NEWEST else f'{year}/'}") for year in reversed(YEARS)]
    for year, path in links:
        others = {"departments": departments, "cities": cities} if year == NEWEST else {"departments": [], "cities": []}
        context = {"title": "政府信息公开年报", "year": year, "years": links, "own": own[year][1], **others}
        site.need(www.page(path, "list", **context))
    www.page("/", "menu", title="湖津省人民政府", links=[("政府信息公开", "/zfxxgk/")])
    columns = [("政府信息公开指南", "/zfxxgk/zfxxgkzn/"), ("政府信息公开年报", COLUMN)]
    www.page("/zfxxgk/", "menu", title="政府信息公开", links=columns)
    www.page("/zfxxgk/zfxxgkzn/", "menu", title="政府信息公开指南", links=[])
    return site


def _own(www: Pages) -> dict[int, tuple[SampleReport, list[tuple[str, str]]]]:
    """The province's reports, each with its rows."""
    found = {}
    for year, sample in reports(www.site.setting.seed, organ(REGION, "人民政府", "city"), YEARS).items():
        page, title = _detail(www, sample, f"{COLUMN}{year}/"), sample.report.title
        listed = www.url(COLUMN if year == NEWEST else f"{COLUMN}{year}/")
        rows, attachments = [(title, page)], []
        if year >= FIRST_LINKED_VERSION:
            file = pdf_file(sample)
            place = page.removeprefix(www.base).replace(".html", "_clb.pdf")
            attachments = [Attachment(www.file(place, file), file, f"{title}（超链版）")]
            rows.append((attachments[0].name, attachments[0].url))
        www.site.expect(
            sample,
            [page, *(file.url for file in attachments)],
            list_page=listed,
            attachments=attachments,
        )
        www.site.need(page)
        found[year] = sample, rows
    return found


def _detail(pages: Pages, sample: SampleReport, folder: str) -> str:
    date = sample.report.published_on or ""
    stamp = date.replace("-", "")
    serial = pages.site.rng("serial", pages.name, stamp).randrange(10**6, 10**7)
    context = {"date": date, "source": sample.organ.name, "body": body_of(sample)}
    path = f"{folder}{stamp[:6]}/t{stamp}_{serial}.html"
    return pages.page(path, "detail", title=sample.report.title, **context)


def _departments(www: Pages, province: SampleReport) -> list[tuple[str, str]]:
    site = www.site
    rows = []
    for position, (label, short) in enumerate(DEPARTMENTS.items()):
        sample = reports(site.setting.seed, organ(REGION, short, "office"), range(2024, NEWEST + 1), position)[NEWEST]
        if label == _MIRRORED:
            # Its own page is gone; the row leads to a copy of the province's report instead.
            mirror = Pages(site, MIRROR, "hubsheng", foreign=True)
            page = _detail(mirror, province, COLUMN)
            site.refuse(page, province.report.title, "mirror")
        elif label in FOREIGN:
            foreign = Pages(site, FOREIGN[label], "hubsheng", foreign=True)
            page = _detail(foreign, sample, "/gknb/")
            site.refuse(page, sample.report.title, "foreign")
        else:
            own = Pages(site, f"{label}.hubsheng", "hubsheng", place=REGION.name + short)
            page = _detail(own, sample, "/zfxxgk/zfxxgknb/")
            site.expect(sample, [page], list_page=www.url(COLUMN))
            site.need(own.url("/robots.txt"), page)
        rows.append((f"省{short}", page))
    return rows


def _cities(site: Site) -> list[tuple[str, str]]:
    """Rows that lead to the other sites; the last two lead nowhere."""
    rows = []
    built: dict[str, Site] = {}
    for module, short in CITIES:
        if module.__name__ not in built:
            built[module.__name__] = module.build(site.setting)
        found = _of(built[module.__name__], short)
        site.adopt(found)
        root = "/".join(found.urls[0].split("/")[:3])
        site.need(f"{root}/robots.txt", found.urls[0], *found.sources)
        rows.append((found.printed_organ.removesuffix("人民政府"), found.urls[0]))
    site.neighbours = list(built.values())
    gone = f"http://{site.name('www.heishan')}/heishan/c111299/null.shtml"
    silent = f"http://{site.name('www.xijin-sim')}/zfxxgk/zfxxgknb/202601/t20260120_1.html"
    for name, address in (("东津州", gone), ("西津市", silent)):
        site.refuse(address, name, "missing")
        rows.append((name, address))
    site.shortfalls[silent] = 1
    return rows


def _of(site: Site, short: str) -> ExpectedReport:
    return next(report for report in site.truth().reports if report.year == NEWEST and report.organ.endswith(short))
