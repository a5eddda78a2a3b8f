"""A small static portal of nine reports, on which faults are tried out and whose reports change.

In phase 2 one report is altered, one is gone, one has moved to another address and two are new;
everything else is the same to the byte, and nothing ever sends validators.
"""

from __future__ import annotations

from sample.generator import SampleReport, revise
from sample.organs import Region
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports, retitled
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first

COLUMN = "/zfxxgk/zfxxgknb/"
ORGANS = ("教育局", "财政局", "民政局")
YEARS, LATER, ATTACHED_YEAR = range(2022, 2025), 2025, 2024
CHANGED, REMOVED, RENAMED = ("教育局", 2023), ("财政局", 2022), ("民政局", 2023)
ADDED = (("教育局", LATER), ("财政局", LATER))
PRIVATE = (
    "http://127.0.0.1:8080/zfxxgk/zfxxgknb/202201/t20220111_1.html",
    "http://10.20.30.40/zfxxgk/zfxxgknb/202201/t20220112_2.html",
    "http://localhost/zfxxgk/zfxxgknb/202201/t20220113_3.html",
)
"""Where careless editors link to: addresses that mean something only inside their own network."""


def build(key: str, label: str, number: int, setting: Setting, *, retitle: bool = False) -> Site:
    """Build the portal as site ``key`` on the host ``label``; ``number`` tells it from its likes.

    With ``retitle`` the renamed report keeps its address in phase 2 and gets another title.
    """
    region = Region("故岭省", "故漾市", "故岭县", f"99{3000 + number}")
    site = Site(key, region, setting)
    www = Pages(site, label, "small")
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", "/zfxxgk/", COLUMN)))
    rows = []
    for position, short in enumerate(ORGANS):
        written = reports(setting.seed, organ(region, short), range(YEARS.start, LATER + 1), position)
        for year, sample in written.items():
            if row := _publish(www, (short, year), sample, retitle=retitle):
                rows.append(row)
    for number_of_row, address in enumerate(PRIVATE, start=1):
        title = f"{region.name}信访局{2017 + number_of_row}年政府信息公开工作年度报告"
        site.refuse(address, title, "private")
        rows.append(Row(title, address, f"2022-01-1{number_of_row}"))
    www.page(COLUMN, "list", title="政府信息公开年报", rows=newest_first(rows))
    www.page("/", "menu", title="首页", links=[("政府信息公开", "/zfxxgk/")])
    columns = [("政府信息公开指南", "/zfxxgk/zfxxgkzn/"), ("政府信息公开年报", COLUMN)]
    www.page("/zfxxgk/", "menu", title="政府信息公开", links=columns)
    www.page("/zfxxgk/zfxxgkzn/", "menu", title="政府信息公开指南", links=[])
    return site


def _publish(www: Pages, key: tuple[str, int], sample: SampleReport, *, retitle: bool) -> Row | None:
    """Publish a report as it stands in the present phase; None where it does not."""
    site = www.site
    later = site.setting.phase == 2
    path = _path(sample)
    if not later:
        return None if key in ADDED else _page(www, sample, path)
    if key == REMOVED:
        site.changes["removed"] = (www.url(path),)
        return None
    if key == CHANGED:
        sample = revise(sample, site.setting.seed)
        site.changes["changed"] = (www.url(path),)
    elif key == RENAMED:
        if retitle:
            sample = retitled(sample, f"{sample.printed_organ}{sample.report.year}年度政府信息公开年报（更名）")
        else:
            path = path.replace(".html", "1.html")
        site.changes["renamed"] = (www.url(path),)
    elif key in ADDED:
        site.changes["added"] = (*site.changes.get("added", ()), www.url(path))
    elif sample.report.year == LATER:
        return None
    return _page(www, sample, path)


def _path(sample: SampleReport) -> str:
    stamp = (sample.report.published_on or "").replace("-", "")
    number = 534_700 + 10 * ORGANS.index(sample.organ.short)
    return f"{COLUMN}{stamp[:6]}/t{stamp}_{number}.html"


def _page(www: Pages, sample: SampleReport, path: str) -> Row | None:
    report, date = sample.report, sample.report.published_on or ""
    if report.year == LATER and www.site.setting.phase == 1:
        return None
    attachments: list[Attachment] = []
    if report.year == ATTACHED_YEAR:
        file = pdf_file(sample)
        place = path.replace("/t", "/P0").replace(".html", "001.pdf")
        attachments = [Attachment(www.file(place, file), file, f"{report.title}.pdf")]
    link = attachments[0].url.removeprefix(www.base) if attachments else ""
    body = markup("<p>全文见附件。</p>") if attachments else body_of(sample)
    page = www.page(path, "detail", title=report.title, date=date, source=sample.organ.name, body=body, link=link)
    sources = [file.url for file in attachments] or [page]
    www.site.expect(sample, [page], list_page=www.url(COLUMN), attachments=attachments, sources=sources)
    www.site.need(page, *sources)
    return Row(report.title, path, date)
