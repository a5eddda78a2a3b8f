"""The city's portal: UTF-8, the newer TRS dialect, reports in folders by year and class of organ."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from sample import html, non_reports, templating
from sample.files import Files, blank_form
from sample.generator import SampleReport
from sample.organs import CITY, CITY_HOST, COUNTY
from sample.portal import Portal
from sample.portal_builder import COLUMN as COLUMN_NAME
from sample.portal_builder import FORM_NAME, PortalBuilder, report_row
from sample.resources import plain, script
from sample.rows import Row
from sample.web import Request, Response, content

OPENNESS = "/zwgk/zfxxgk/"
COLUMN = f"{OPENNESS}zfxxgknb/"
FORBIDDEN = f"{COLUMN}yl/"
"""robots.txt forbids this folder; the report in it stands nowhere else."""

_CLASSES = {"szf": "市政府", "szfbm": "市政府部门", "qzf": "区政府"}
_OFFICE = f"{CITY}人民政府办公室"
_FORM = f"{OPENNESS}zfxxgkzd/P020231220400001.docx"
_COLUMN_STARTS = 2022
_FIRST_SERIAL = 40_012_000
_SIDE_COLUMNS = (
    (f"{OPENNESS}zfwzgzndbb/", "政府网站工作年度报表", "website_reports"),
    ("/zwgk/fzzfjs/", "法治政府建设年度报告", "rule_of_law_reports"),
    ("/zwgk/czxx/bmjs/", "部门决算", "final_accounts"),
    (f"{OPENNESS}zfxxgkzd/", "政府信息公开制度", "rules"),
)
_PAGER = """function createPageHTML(total, current, name, extension) {
  for (var page = 0; page < total; page++) {
    var link = name + (page ? "_" + page : "") + "." + extension;
    document.write(page == current ? "<b>" + (page + 1) + "</b> "
                                   : "<a href='" + link + "'>" + (page + 1) + "</a> ");
  }
}
"""


def row(sample: SampleReport, base: str) -> Row:
    """Return a row that leads to one of this portal's reports from another portal."""
    return report_row(f"{year_folder(sample.report.year)}{sample.organ.folder}/", sample, _FIRST_SERIAL, base)


def build(
    base: str,
    district_base: str,
    reports: Sequence[SampleReport],
    district_rows: dict[int, Row],
    files: Files,
) -> Portal:
    """Build the portal at the root URL ``base``.

    ``district_rows`` are rows by year that lead to the district government's reports on the
    other portal, whose root URL is ``district_base``.
    """
    portal = Portal(base=base)
    context: dict[str, object] = {"site": f"{CITY}人民政府门户网站", "host": CITY_HOST}
    builder = PortalBuilder(portal, files, "city", _OFFICE, context, _FIRST_SERIAL, cut=24, validators=True)
    _reports(builder, [sample for sample in reports if sample.organ.host == CITY_HOST], district_rows)
    _forbidden(builder, next(sample for sample in reports if sample.key == ("xfj", 2022)))
    portal.add_file(_FORM, blank_form(reports[0]), "2023-12-20")
    portal.refuse(_FORM, FORM_NAME, "blank_form")
    for folder, column, group in _SIDE_COLUMNS:
        pages = non_reports.pages(CITY, group)
        builder.list(folder, column, [builder.non_report(folder, column, page, _FORM) for page in pages], 20)
    _entrances(builder, district_base)
    return portal


def year_folder(year: int) -> str:
    """Path of a year's folder; one year's name follows no pattern, as on real portals."""
    return f"{COLUMN}{'nb2020_123' if year == 2020 else f'{year}n'}/"


def _reports(builder: PortalBuilder, own: list[SampleReport], district_rows: dict[int, Row]) -> None:
    """Lay out the column of reports: its own list holds the last years, the folders hold all."""
    years = sorted({sample.report.year for sample in own}, reverse=True)
    in_column: list[Row] = []
    by_class: dict[tuple[int, str], list[Row]] = {(year, name): [] for year in years for name in _CLASSES}
    for sample in own:
        year, name = sample.report.year, sample.organ.folder
        row = builder.report(f"{year_folder(year)}{name}/", sample)
        by_class[year, name].append(row)
        if year >= _COLUMN_STARTS:
            in_column.append(row)
    for page in non_reports.pages(CITY, "among_reports"):
        year = int(page.published_on[:4]) - 1
        row = builder.non_report(f"{year_folder(year)}szfbm/", COLUMN_NAME, page, _FORM)
        by_class[year, "szfbm"].append(row)
        in_column.append(row)
    for year in years:
        if year in district_rows:
            by_class[year, "qzf"].append(district_rows[year])
        links = []
        for name, label in _CLASSES.items():
            folder = f"{year_folder(year)}{name}/"
            builder.list(folder, label, by_class[year, name], 5)
            links.append((label, f"./{name}/"))
        builder.page(year_folder(year), "folders", title=f"{year}年政府信息公开年报", folders=links)
    folders = [(f"{year}年", year_folder(year)) for year in years]
    builder.list(COLUMN, COLUMN_NAME, in_column, 10, [*folders, ("年报预览", FORBIDDEN)])


def _forbidden(builder: PortalBuilder, like: SampleReport) -> None:
    title = f"{CITY}档案局{like.report.year}年政府信息公开工作年度报告"
    path, published_on = f"{FORBIDDEN}202301/t20230111_40099999.html", "2023-01-11"
    body = html.render(like).replace(like.organ.short, "档案局")
    builder.detail(path, title, published_on, f"{CITY}档案局", body)
    builder.list(FORBIDDEN, "年报预览", [Row(title, path, published_on)], 10)
    builder.portal.refuse(path, title, "robots")


def _entrances(builder: PortalBuilder, district_base: str) -> None:
    portal = builder.portal
    entries = [("政府信息公开", OPENNESS), *((name, folder) for folder, name, _ in _SIDE_COLUMNS[1:3])]
    builder.page("/", "folders", title=f"{CITY}人民政府", folders=[("政务公开", "/zwgk/"), *entries[:1]])
    builder.page("/zwgk/", "folders", title="政务公开", folders=entries)
    builder.page(OPENNESS, "openness", title="政府信息公开", district=district_base, county=COUNTY)
    builder.page(f"{OPENNESS}fdzdgknr/", "folders", title="法定主动公开内容", folders=entries[1:])
    builder.page(f"{OPENNESS}zfxxgkzn/", "text", title="政府信息公开指南", text="说明信息的分类和获取方式。")
    builder.page(f"{OPENNESS}ysqgk/", "request", title="依申请公开")
    builder.page("/user/login.html", "text", title="用户登录", text="请使用统一身份认证登录。")
    builder.page("/en/", "text", title="English", text="Yunting is a city of this sample.")
    portal.resources["/js/page.js"] = script(_PAGER)
    portal.resources["/robots.txt"] = plain(f"User-agent: *\nDisallow: {FORBIDDEN}\nDisallow: /user/\n")

    def calendar(request: Request) -> Response:
        """A calendar that never ends."""
        try:
            day = date.fromisoformat(request.parameters.get("date", ""))
            neighbours = (day - timedelta(days=1), day + timedelta(days=1))
        except (ValueError, OverflowError):
            day = date(2025, 1, 1)
            neighbours = (day, day)
        links = [(f"{other}", f"/rl/?date={other}") for other in neighbours]
        text = templating.render("city/folders.html", **builder.context, title=f"日历 {day}", folders=links)
        return content(text, portal.html_type)

    portal.dynamic["/rl/"] = calendar
