"""S7: Lonsun. Fourteen organs, each with a column whose rows a script fetches as HTML.

Departments keep their reports under ``type=3``; of the towns that list is empty, and theirs are in
a category of their own catalogue. Whoever asks more than five times in a second is shut out for a
minute by a firewall's page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sample import non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import docx_file
from sample.portals.limits import RateLimit
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Request, Response, content, missing

REGION = Region("皖淙省", "颍漾市", "皖北县", "990623")
ROOT = 7001
RELATED = f"/public/column/{ROOT}?type=4&action=rel"
LABEL = "/site/label/8888"
PAGE_SIZE = 15
PER_SECOND, SHUT_OUT = 5, 60
ORGANS = {
    "人民政府": range(2019, 2026),
    "人民政府办公室": range(2019, 2026),
    "教育局": range(2019, 2026),
    "公安局": range(2019, 2026),
    "民政局": range(2019, 2026),
    "司法局": range(2019, 2026),
    "财政局": range(2019, 2026),
    "水利局": range(2019, 2026),
    "审计局": range(2019, 2026),
    "统计局": range(2019, 2026),
    "高塘镇人民政府": range(2021, 2026),
    "双桥镇人民政府": range(2021, 2026),
    "颍河镇人民政府": range(2021, 2026),
    "沙湾乡人民政府": range(2022, 2026),
}
GAPS = {
    ("公安局", 2020),
    ("司法局", 2022),
    ("水利局", 2019),
    ("统计局", 2021),
    ("双桥镇人民政府", 2023),
    ("沙湾乡人民政府", 2022),
}
ATTACHED_YEAR = 2023
CROWDED = ("人民政府", "人民政府办公室")
"""Organs whose column holds more rows than a page, most of them no reports."""
CATEGORY = 6_720_000


@dataclass(slots=True)
class _Column:
    """An organ's column: ``category`` is set where its reports stand in the catalogue instead."""

    id: int
    name: str
    category: int | None
    rows: list[Row] = field(default_factory=list)

    def listed(self, kind: str, category: str, year: str) -> list[Row]:
        """The rows of the list ``kind`` and ``category``, of one publication year if given."""
        wanted = ("4", str(self.category)) if self.category else ("3", category)
        found = self.rows if (kind, category) == wanted else []
        return [row for row in found if row.date.startswith(year)]


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S7", REGION, setting, delay=0.5)
    www = Pages(site, "www.wanbei", "wanbei")
    www.host.filters.append(RateLimit(setting.clock, PER_SECOND, 1, SHUT_OUT, lambda: _firewall(www)))
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", RELATED)))
    columns: dict[int, _Column] = {}
    for position, (short, years) in enumerate(ORGANS.items()):
        number = ROOT + position
        town = short.endswith(("镇人民政府", "乡人民政府"))
        columns[number] = _Column(number, REGION.name + short, CATEGORY + position if town else None)
        _organ(www, columns[number], short, years, position)
    _interface(www, columns)
    www.page("/", "menu", title="皖北县人民政府", links=[("政府信息公开", RELATED)])
    return site


def _firewall(www: Pages) -> Response:
    return content(www.render("wzws"), "text/html; charset=utf-8", 403, Set_Cookie="wzws_sid=ab12; Path=/")


def _organ(www: Pages, column: _Column, short: str, years: range, position: int) -> None:
    site = www.site
    written = reports(site.setting.seed, organ(REGION, short), range(2019, years.stop), position)
    listed = www.url(_address(column))
    number = 37_034_000 + 100 * position
    for year in years:
        if (short, year) in GAPS:
            continue
        number += 1
        sample = written[year]
        attachments = [_attach(www, sample, number)] if year == ATTACHED_YEAR else []
        body = markup(f"<p>{sample.report.title}见附件。</p>") if attachments else body_of(sample)
        date = sample.report.published_on or ""
        page = _detail(www, column, number, sample.report.title, date, body, attachments)
        alias = www.url(f"/public/{column.id}/{number}.html")
        www.host.resources[f"/public/{column.id}/{number}.html"] = www.host.resources[f"/public/content/{number}"]
        sources = [attachment.url for attachment in attachments] or [page]
        site.expect(sample, [page, alias], list_page=listed, attachments=attachments, sources=sources)
        site.need(page, *sources)
        column.rows.append(Row(sample.report.title, alias if number % 4 == 0 else page, date))
    for extra in non_reports.pages(REGION.name, "among_reports") if short in CROWDED else ():
        number += 1
        page = _detail(www, column, number, extra.title, extra.published_on, markup(extra.body), [])
        site.refuse(page, extra.title, extra.reason)
        column.rows.append(Row(extra.title, page, extra.published_on))
    column.rows = newest_first(column.rows)
    site.need(listed)
    for page_number in range(1, -(-len(column.rows) // PAGE_SIZE) + 1):
        kind = f"type=4&catId={column.category}" if column.category else "type=3"
        query = f"labelName=publicInfoList&pageIndex={page_number}&organId={column.id}&{kind}"
        site.need(www.url(f"{LABEL}?{query}"))


def _address(column: _Column) -> str:
    if column.category:
        return f"/public/column/{column.id}?type=4&catId={column.category}&action=list"
    return f"/public/column/{column.id}?type=3&action=list"


def _attach(www: Pages, sample: SampleReport, number: int) -> Attachment:
    file = docx_file(sample)
    name = f"wKg{www.site.rng('file', number).getrandbits(96):024X}"
    path = f"/group6/M00/{number % 256:02X}/{number // 7 % 256:02X}/{name}.docx"
    return Attachment(www.file(path, file), file, f"{sample.report.title}.docx")


def _detail(
    www: Pages, column: _Column, number: int, title: str, date: str, body: object, attachments: Sequence[Attachment]
) -> str:
    links = [(file.url.removeprefix(www.base), file.name) for file in attachments]
    context = {"source": column.name, "number": number, "body": body, "attachments": links}
    return www.page(f"/public/content/{number}", "detail", title=title, date=date, **context)


def _interface(www: Pages, columns: dict[int, _Column]) -> None:
    """The pages of the organs, and the label that fills them."""
    # Either straight to the column or to the organ's first page, whose menu has it.
    entry = "?type=2" if www.site.setting.variant else "?type=3&action=list"
    organs = [(column.name, f"/public/column/{column.id}{entry}") for column in columns.values()]

    def page(request: Request) -> Response:
        number, asked = request.path.rpartition("/")[2], request.parameters
        column = columns.get(int(number)) if number.isdigit() else None
        if column is None:
            return missing(request)
        if asked.get("action") == "rel":
            return _html(www.render("menu", title="部门信息公开", links=organs))
        kind, category, year = asked.get("type", "2"), asked.get("catId", ""), asked.get("timeFrame", "")
        rows = column.listed(kind, category, "")
        years = sorted({row.date[:4] for row in rows}, reverse=True) if kind == "3" else []
        own = f"/public/column/{column.id}"
        menu = [
            ("政府信息公开指南", f"{own}?type=2"),
            ("政府信息公开制度", f"{own}?type=1&action=list"),
            ("政府信息公开年报", _address(column)),
            ("依申请公开", f"{own}?type=5"),
            ("政府信息公开目录", f"{own}?type=4&action=list"),
        ]
        context = {"organ": column.id, "type": kind, "category": category, "frame": year, "menu": menu}
        frames = [(name, f"{own}?type=3&action=list&timeFrame={name}") for name in years]
        return _html(www.render("column", title=f"{column.name}政府信息公开", years=frames, **context))

    def label(request: Request) -> Response:
        """Fill a list: rows as HTML, and the pager's call behind them."""
        asked = request.parameters
        number = asked.get("organId", "")
        column = columns.get(int(number)) if number.isdigit() else None
        if column is None or asked.get("labelName") != "publicInfoList":
            return _html(www.render("rows", rows=[]))
        rows = column.listed(asked.get("type", ""), asked.get("catId", ""), asked.get("timeFrame", ""))
        index = asked.get("pageIndex", "1")
        page_number = int(index) if index.isdigit() else 1
        part = rows[(page_number - 1) * PAGE_SIZE : page_number * PAGE_SIZE]
        total = max(1, -(-len(rows) // PAGE_SIZE))
        return _html(www.render("rows", rows=part, number=page_number, total=total, count=len(rows)))

    www.host.prefixes["/public/column/"] = page
    www.dynamic(LABEL, label)


def _html(text: str) -> Response:
    return content(text, "text/html;charset=UTF-8")
