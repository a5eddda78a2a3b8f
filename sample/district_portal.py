"""The district's portal: GB 18030 under a gb2312 label, the older TRS dialect, one long list."""

from __future__ import annotations

from collections.abc import Sequence

from sample import non_reports
from sample.files import Files, blank_form
from sample.generator import SampleReport
from sample.organs import CITY, COUNTY, DISTRICT_HOST
from sample.portal import Portal
from sample.portal_builder import COLUMN as COLUMN_NAME
from sample.portal_builder import FORM_NAME, PortalBuilder, report_row
from sample.resources import dot, plain
from sample.rows import Row

OPENNESS = "/xxgk/"
COLUMN = f"{OPENNESS}zfxxgknb/"

_OFFICE = f"{CITY}{COUNTY}人民政府办公室"
_FORM = f"{OPENNESS}zfxxgkzd/P020231221500001.docx"
_FIRST_SERIAL = 2_748_000
_SIDE_COLUMNS = (
    (f"{OPENNESS}wzbb/", "政府网站工作年度报表", "website_reports"),
    (f"{OPENNESS}bmjs/", "部门决算", "final_accounts"),
    (f"{OPENNESS}zfxxgkzd/", "政府信息公开制度", "rules"),
)


def row(sample: SampleReport, base: str) -> Row:
    """Return a row that leads to one of this portal's reports from another portal."""
    return report_row(COLUMN, sample, _FIRST_SERIAL, base)


def build(base: str, city_base: str, reports: Sequence[SampleReport], city_rows: Sequence[Row], files: Files) -> Portal:
    """Build the portal at the root URL ``base``.

    ``city_rows`` are rows that lead to the city's reports on the other portal, whose root
    URL is ``city_base``.
    """
    portal = Portal("gb18030", "text/html", base=base)
    context: dict[str, object] = {"county": COUNTY}
    builder = PortalBuilder(portal, files, "district", _OFFICE, context, _FIRST_SERIAL, cut=20, validators=False)
    own = [sample for sample in reports if sample.organ.host == DISTRICT_HOST]
    listed = [*city_rows, *(builder.report(COLUMN, sample) for sample in own)]
    strays = non_reports.pages(COUNTY, "among_reports")
    listed += [builder.non_report(COLUMN, COLUMN_NAME, page, _FORM) for page in strays]
    builder.list(COLUMN, COLUMN_NAME, listed, 10)
    portal.add_file(_FORM, blank_form(reports[0]), "2023-12-21")
    portal.refuse(_FORM, FORM_NAME, "blank_form")
    for folder, column, group in _SIDE_COLUMNS:
        pages = non_reports.pages(COUNTY, group)
        builder.list(folder, column, [builder.non_report(folder, column, page, _FORM) for page in pages], 20)
    _entrances(builder, city_base)
    return portal


def _entrances(builder: PortalBuilder, city_base: str) -> None:
    builder.page(
        "/",
        "menu",
        title=f"{COUNTY}人民政府",
        links=[
            ("信息公开", OPENNESS),
            (f"{CITY}人民政府", f"{city_base}/"),
        ],
    )
    builder.page(
        OPENNESS,
        "menu",
        title="信息公开",
        links=[
            ("政府信息公开指南", "./zfxxgkzn/"),
            ("政府信息公开制度", "./zfxxgkzd/"),
            ("法定主动公开内容", "./bmjs/"),
            ("政府信息公开年报", "./zfxxgknb/"),
            ("政府网站工作年度报表", "./wzbb/"),
            ("依申请公开", "./ysqgk/"),
        ],
    )
    builder.page(f"{OPENNESS}zfxxgkzn/", "text", title="政府信息公开指南", text="说明信息的分类和获取方式。")
    builder.page(f"{OPENNESS}ysqgk/", "text", title="依申请公开", text="请到政务服务大厅提交书面申请。")
    builder.page("/zxft/login.asp.html", "text", title="登录", text="系统维护中。")
    builder.portal.resources["/images/ico2.gif"] = dot()
    builder.portal.resources["/robots.txt"] = plain("User-agent: *\nDisallow: /zxft/\n")
