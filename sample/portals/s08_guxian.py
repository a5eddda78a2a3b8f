"""S8: VSB. Further pages of the list count down, articles have two addresses, downloads say they are HTML.

Every fourth file is answered the first time with a page that asks for a captcha; asked for again
with the session that page opened, the file comes.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import File, pdf_file
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Host, Request, Response, content, missing

REGION = Region("汾陵省", "平漳市", "顾弦县", "990724")
COLUMN = "/zwgk/zfxxgknb.htm"
DOWNLOAD = "/system/_content/download.jsp"
OWNER, TREE = 1803678113, 1648
PAGE_SIZE = 12
ORGANS = {
    "人民政府": range(2018, 2026),
    "人民政府办公室": range(2019, 2026),
    "教育局": range(2019, 2026),
    "卫生健康局": range(2019, 2026),
    "林业局": range(2019, 2026),
    "岳阳镇人民政府": range(2019, 2026),
}
ATTACHED_FROM = 2023
CAPTCHA_EVERY = 4
_ALIAS_PAGE = 2
"""The page of the list whose rows lead to the dynamic addresses."""


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S8", REGION, setting)
    www = Pages(site, "www.guxian", "guxian", host=Host(indexes=("index.htm",)))
    site.start.append(www.url("/"))
    site.need(*map(www.url, ("/robots.txt", "/", "/zwgk.htm")))
    downloads = _Downloads(www)
    www.dynamic(DOWNLOAD, downloads)
    samples = [
        written[year]
        for position, (short, years) in enumerate(ORGANS.items())
        for written in [reports(setting.seed, organ(REGION, short), years, position)]
        for year in years
    ]
    rows = newest_first([_report(www, downloads, sample, number) for number, sample in enumerate(samples)])
    _list(www, rows)
    _aliases(www)
    www.page("/", "menu", title="首页", up="", links=[("政务公开", "zwgk.htm")])
    links = [("政府信息公开指南", "zwgk/zfxxgkzn.htm"), ("政府信息公开年报", "zwgk/zfxxgknb.htm")]
    www.page("/zwgk.htm", "menu", title="政务公开", up="", links=links)
    www.page("/zwgk/zfxxgkzn.htm", "menu", title="政府信息公开指南", up="../", links=[])
    return site


def _report(www: Pages, downloads: _Downloads, sample: SampleReport, number: int) -> Row:
    report = sample.report
    news = 47_211 + 3 * number
    path = f"/info/{TREE}/{news}.htm"
    attachments: list[Attachment] = []
    if report.year >= ATTACHED_FROM:
        attachments = [downloads.add(pdf_file(sample), f"{report.title}.pdf")]
    date = report.published_on or ""
    page = www.page(
        path,
        "detail",
        title=report.title,
        up="../../",
        year=report.year,
        date=date,
        number=news,
        before=max(47_211, news - 3),
        source=sample.organ.name,
        body=markup("<p>全文见附件。</p>") if attachments else body_of(sample),
        attachment={"link": attachments[0].url.removeprefix(www.base), "name": attachments[0].name}
        if attachments
        else None,
    )
    alias = www.url(f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid={TREE}&wbnewsid={news}")
    sources = [attachment.url for attachment in attachments] or [page]
    www.site.expect(sample, [page, alias], list_page=www.url(COLUMN), attachments=attachments, sources=sources)
    www.site.need(page, *sources)
    return Row(report.title, path, date)


class _Downloads:
    """Answers for all files: each is called HTML, every fourth is first met by a captcha."""

    def __init__(self, www: Pages) -> None:
        self._www = www
        self._files: dict[str, File] = {}
        self._lock = threading.Lock()
        self._sessions: set[str] = set()

    def add(self, file: File, name: str) -> Attachment:
        """Take a file in."""
        number = str(18_090_067 + 11 * len(self._files))
        self._files[number] = file
        query = f"urltype=news.DownloadAttachUrl&owner={OWNER}&wbfileid={number}"
        return Attachment(self._www.url(f"{DOWNLOAD}?{query}"), file, name)

    def __call__(self, request: Request) -> Response:
        number = request.parameters.get("wbfileid", "")
        if number not in self._files:
            return missing(request)
        position = list(self._files).index(number)
        if position % CAPTCHA_EVERY == CAPTCHA_EVERY - 1 and not self._is_known(request):
            return self._captcha()
        return content(self._files[number].body, "text/html;charset=UTF-8")

    def _is_known(self, request: Request) -> bool:
        with self._lock:
            return request.cookies.get("JSESSIONID") in self._sessions

    def _captcha(self) -> Response:
        with self._lock:
            session = f"{self._www.site.rng('session', len(self._sessions)).getrandbits(128):032X}"
            self._sessions.add(session)
        page = self._www.render("captcha")
        return content(page, "text/html;charset=UTF-8", 200, Set_Cookie=f"JSESSIONID={session}; Path=/; HttpOnly")


def _list(www: Pages, rows: Sequence[Row]) -> None:
    total = -(-len(rows) // PAGE_SIZE)
    places = [COLUMN, *(f"/zwgk/zfxxgknb/{number}.htm" for number in range(total - 1, 0, -1))]
    for index, place in enumerate(places):
        up = "../" if index == 0 else "../../"
        part = [
            Row(row.title, up + _link(row.link, alias=index == _ALIAS_PAGE - 1), row.date)
            for row in rows[index * PAGE_SIZE : (index + 1) * PAGE_SIZE]
        ]
        links = [_relative(other, index == 0) for other in places]
        numbers = [(number, None if number == index + 1 else link) for number, link in enumerate(links, start=1)]
        page = www.page(
            place,
            "list",
            title="政府信息公开年报",
            up=up,
            rows=part,
            count=len(rows),
            numbers=numbers,
            previous=links[index - 1] if index else None,
            next=links[index + 1] if index + 1 < total else None,
        )
        www.site.need(page)


def _relative(place: str, from_first: bool) -> str:
    name = place.removeprefix("/zwgk/")
    return name if from_first else f"../{name}" if place == COLUMN else name.removeprefix("zfxxgknb/")


def _link(path: str, *, alias: bool) -> str:
    news = path.rpartition("/")[2].removesuffix(".htm")
    return f"content.jsp?urltype=news.NewsContentUrl&wbtreeid={TREE}&wbnewsid={news}" if alias else path.lstrip("/")


def _aliases(www: Pages) -> None:
    def article(request: Request) -> Response:
        asked = request.parameters
        resource = www.host.find(f"/info/{asked.get('wbtreeid')}/{asked.get('wbnewsid')}.htm")
        return content(resource.body, resource.content_type) if resource else missing(request)

    www.dynamic("/content.jsp", article)
