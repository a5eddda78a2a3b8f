"""S2: a modern TRS portal of a district. Reports lie in folders by year, class of organ and organ.

What stands in an organ's folder is repeated above it, partly as copies with addresses of their own:
73 reports have 121 addresses. One year's folder is named after another, one list promises three
pages, and the neighbouring columns are full of other yearly reports.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sample import non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import File, docx_file, ofd_file, pdf_file
from sample.portals.organs import organ, reports, retitled
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.resources import relative
from sample.rows import Row, newest_first, page_count, pages
from sample.web import content

REGION = Region("渝岭省", "岭江市", "云汐区", "991117")
SECTION = "/zwgk_171/"
COLUMN = f"{SECTION}zfxxgknb/"
COLUMN_NAME = "政府信息公开年报"
YEARS = range(2019, 2026)
YEAR_FOLDERS = {year: f"{year}n" for year in YEARS} | {2025: "2024n78"}
CLASSES = {"qzfbm": "区政府部门", "zjjd": "镇街"}
ORGANS = {
    "qzfbm": {
        "qzfbgs": "人民政府办公室",
        "qjw": "教育委员会",
        "qczj": "财政局",
        "qmzj": "民政局",
        "qslj": "水利局",
        "qsjj": "审计局",
    },
    "zjjd": {
        "hbz": "河包镇人民政府",
        "lyz": "柳荫镇人民政府",
        "sljd": "双路街道办事处",
        "tsz": "铁山镇人民政府",
        "yfx": "云峰乡人民政府",
    },
}
MISSING = {("审计局", 2019), ("云峰乡人民政府", 2019), ("铁山镇人民政府", 2020), ("教育委员会", 2021)}
STRAIGHT = {("财政局", 2023), ("双路街道办事处", 2022)}
"""Reports whose row leads straight to the PDF."""
COPIED_YEAR, ATTACHED_YEAR = 2020, 2024
"""Years whose reports have a PDF beside the text, and instead of it."""
WPS, OFD = ("民政局", 2021), ("水利局", 2022)
NAMELESS = {("水利局", 2021), ("柳荫镇人民政府", 2022)}
"""Reports whose title does not say whose they are: the folder and the breadcrumb do."""
MIRRORED = {"qzfbm": 25, "zjjd": 23}
_PAGE_SIZE = 10
_FIRST_SERIAL = 9_316_082
_SIDE_COLUMNS = (
    (f"{SECTION}zfwzgzndbb/", "政府网站工作年度报表", "website_reports"),
    (f"{SECTION}fzzfjsndbg/", "法治政府建设年度报告", "rule_of_law_reports"),
    (f"{SECTION}bmjs/", "部门决算", "final_accounts"),
    (f"{SECTION}zfxxgkzd/", "政府信息公开制度", "rules"),
)

Crumbs = tuple[tuple[str, str], ...]
_ROOT: Crumbs = (("首页", "/index.shtml"), ("政务公开", SECTION), (COLUMN_NAME, COLUMN))


@dataclass(slots=True)
class _Report:
    """A report, where it lies, and what belongs to it."""

    sample: SampleReport
    kind: str
    folder: str
    files: list[tuple[File, bool]] = field(default_factory=list)
    """Files, each with whether the tables stand there alone."""

    @property
    def key(self) -> tuple[str, int]:
        return self.sample.organ.short, self.sample.report.year

    @property
    def date(self) -> str:
        return self.sample.report.published_on or ""

    @property
    def straight(self) -> bool:
        return self.key in STRAIGHT


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S2", REGION, setting)
    www = Pages(site, "www.yunxi", "yunxi")
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", "/index.shtml", SECTION, COLUMN)))
    column = _Column(www, _write(setting))
    column.build()
    _entrances(www)
    return site


def _write(setting: Setting) -> list[_Report]:
    found = []
    position = 0
    for kind, organs in ORGANS.items():
        for folder, short in organs.items():
            position += 1
            written = reports(setting.seed, organ(REGION, short), YEARS, position)
            for year, sample in written.items():
                if (short, year) in MISSING:
                    continue
                if (short, year) in NAMELESS:
                    sample = retitled(sample, f"{year}年政府信息公开工作年度报告")
                place = f"{COLUMN}{YEAR_FOLDERS[year]}/{kind}/{folder}/"
                found.append(_Report(sample, kind, place, _files(sample)))
    return found


def _files(sample: SampleReport) -> list[tuple[File, bool]]:
    key = sample.organ.short, sample.report.year
    if key == WPS:
        return [(docx_file(sample, ".wps"), True)]
    if key == OFD:
        return [(ofd_file(sample), False)]
    if key in STRAIGHT or sample.report.year == ATTACHED_YEAR:
        return [(pdf_file(sample), True)]
    return [(pdf_file(sample), False)] if sample.report.year == COPIED_YEAR else []


class _Column:
    """Lays the reports out in folders, lists and copies."""

    def __init__(self, www: Pages, written: list[_Report]) -> None:
        self.www = www
        self.site = www.site
        self.written = written
        self._serial = _FIRST_SERIAL
        newest = sorted(written, key=lambda one: (one.date, one.key), reverse=True)
        self._mirrored = {
            kind: [one for one in newest if one.kind == kind and not one.straight][:count]
            for kind, count in MIRRORED.items()
        }

    def build(self) -> None:
        """Build every folder, the lowest first."""
        at_home = {one.key: self._publish(one, one.folder, self._crumbs(one), needed=True) for one in self.written}
        departments = (*_ROOT, (CLASSES["qzfbm"], f"{COLUMN}qzfbm/"))
        copies = [self._publish(one, f"{COLUMN}qzfbm/", departments, needed=False) for one in self._mirrored["qzfbm"]]
        self._list(f"{COLUMN}qzfbm/", departments, copies)
        for year, folder in YEAR_FOLDERS.items():
            root = f"{COLUMN}{folder}/"
            crumbs = (*_ROOT, (f"{year}年", root))
            for kind, name in CLASSES.items():
                self._class(year, kind, (*crumbs, (name, f"{root}{kind}/")), f"{root}{kind}/", at_home)
            folders = [(name, f"./{kind}/") for kind, name in CLASSES.items()]
            self.site.need(*self._list(root, crumbs, [], folders))
        folders = [(f"{year}年", f"./{folder}/") for year, folder in reversed(YEAR_FOLDERS.items())]
        self._list(COLUMN, _ROOT, [], [*folders, (CLASSES["qzfbm"], "./qzfbm/")])

    def _class(self, year: int, kind: str, crumbs: Crumbs, root: str, at_home: dict[tuple[str, int], Row]) -> None:
        """A class of organs in one year: their folders, and their rows once more."""
        rows, folders = [], []
        for folder, short in ORGANS[kind].items():
            one = next((one for one in self.written if one.key == (short, year)), None)
            own = f"{root}{folder}/"
            name = short.removesuffix("人民政府")
            here = [at_home[one.key]] if one else []
            rows += (
                [self._publish(one, root, crumbs, needed=False)]
                if one and kind == "zjjd" and one in self._mirrored["zjjd"]
                else here
            )
            folders.append((name, f"./{folder}/"))
            extra = [self._reading(own, (*crumbs, (name, own)), short, year)] if folder == "qzfbgs" else []
            self._list(own, (*crumbs, (name, own)), [*here, *extra])
        self.site.need(*self._list(root, crumbs, rows, folders))

    def _reading(self, folder: str, crumbs: Crumbs, short: str, year: int) -> Row:
        """The interpretation that stands beside the office's report."""
        title = f"《{REGION.county}{short}{year}年政府信息公开工作年度报告》解读"
        date = f"{year + 1}-04-02"
        path = self._path(folder, date)
        body = markup("<p>问：报告由哪些部分组成？</p><p>答：包括总体情况等六个部分。</p>")
        self.site.refuse(_detail(self.www, path, title, date, "", crumbs, body), title, "interpretation")
        return Row(title, path, date)

    def _publish(self, one: _Report, folder: str, crumbs: Crumbs, *, needed: bool) -> Row:
        """Put a report into ``folder``; its files lie beside its page."""
        report = one.sample.report
        path = self._path(folder, one.date)
        attachments, links, alone = [], [], []
        for number, (file, is_alone) in enumerate(one.files):
            place = f"{path.rpartition('/')[0]}/P0{one.date.replace('-', '')}{self._serial}{number:03d}{file.extension}"
            address = self.www.file(place, file)
            name = f"{report.title}{file.extension}"
            attachments.append(Attachment(address, file, name))
            links.append((relative(place, path), name))
            alone += [address] if is_alone else []
        if one.straight:
            page, row = attachments[0].url, attachments[0].url.removeprefix(self.www.base)
        else:
            body = markup("<p>全文见附件。</p>") if alone else body_of(one.sample)
            named = one.key not in NAMELESS and self._serial % 4
            source = one.sample.organ.local_name if named else ""
            page = _detail(self.www, path, report.title, one.date, source, crumbs, body, links)
            row = path
        sources = alone or [page]
        self.site.expect(one.sample, [page], list_page=self.www.url(folder), attachments=attachments, sources=sources)
        if needed:
            self.site.need(page, *sources)
        return Row(report.title, row, one.date)

    def _path(self, folder: str, date: str) -> str:
        self._serial += 7
        stamp = date.replace("-", "")
        return f"{folder}{stamp[:6]}/t{stamp}_{self._serial}.html"

    def _crumbs(self, one: _Report) -> Crumbs:
        year, kind = YEAR_FOLDERS[one.sample.report.year], one.kind
        root = f"{COLUMN}{year}/"
        return (
            *_ROOT,
            (f"{one.sample.report.year}年", root),
            (CLASSES[kind], f"{root}{kind}/"),
            (REGION.county + one.sample.organ.short, one.folder),
        )

    def _list(
        self, folder: str, crumbs: Crumbs, rows: Sequence[Row], folders: Sequence[tuple[str, str]] = ()
    ) -> list[str]:
        return _list(self.www, folder, crumbs, rows, folders)


def _detail(
    www: Pages,
    path: str,
    title: str,
    date: str,
    source: str,
    crumbs: Crumbs,
    body: object,
    files: Sequence[tuple[str, str]] = (),
) -> str:
    context = {"column": crumbs[-1][0], "path": path, "crumbs": crumbs, "files": files}
    return www.page(path, "detail", title=title, date=date, source=source, body=body, **context)


def _list(
    www: Pages, folder: str, crumbs: Crumbs, rows: Sequence[Row], folders: Sequence[tuple[str, str]] = ()
) -> list[str]:
    ordered = newest_first(rows)
    return [
        www.page(
            path,
            "list",
            title=crumbs[-1][0],
            crumbs=crumbs,
            folders=folders,
            rows=[Row(row.title, relative(row.link, path), row.date) for row in part],
            total=page_count(ordered, _PAGE_SIZE),
            number=number,
        )
        for number, path, part in pages(folder, ordered, _PAGE_SIZE)
    ]


def _entrances(www: Pages) -> None:
    forward = '<html>\n<head>\n<meta charset="utf-8">\n<title></title>\n</head>\n<body>\n'
    script = '<script>location.replace("./index.shtml")</script>\n</body>\n</html>\n'
    if www.site.setting.variant:
        forward = '<html>\n<head>\n<meta http-equiv="refresh" content="0; url=index.shtml">\n'
        script = "<title></title>\n</head>\n<body></body>\n</html>\n"
    www.dynamic("/", lambda request: content((forward + script).ljust(160), "text/html; charset=utf-8"))
    www.page("/index.shtml", "menu", title="首页", links=[("政务公开", "./zwgk_171/"), ("要闻", "./yw/")])
    www.page("/yw/", "menu", title="要闻", links=[])
    links = [("政府信息公开指南", "./zfxxgkzn/"), (COLUMN_NAME, "./zfxxgknb/")]
    links += [(name, relative(folder, SECTION)) for folder, name, _ in _SIDE_COLUMNS]
    www.page(SECTION, "menu", title="政务公开", links=links)
    www.page(f"{SECTION}zfxxgkzn/", "menu", title="政府信息公开指南", links=links[:2])
    serial = 5_000_000
    for folder, name, group in _SIDE_COLUMNS:
        crumbs = (*_ROOT[:2], (name, folder))
        rows = []
        for page in non_reports.pages(REGION.county, group):
            serial += 3
            stamp = page.published_on.replace("-", "")
            path = f"{folder}{stamp[:6]}/t{stamp}_{serial}.html"
            source = f"{REGION.county}人民政府办公室"
            address = _detail(www, path, page.title, page.published_on, source, crumbs, markup(page.body))
            www.site.refuse(address, page.title, page.reason)
            rows.append(Row(page.title, path, page.published_on))
        _list(www, folder, crumbs, rows)
