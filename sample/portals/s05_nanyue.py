"""S5: Guangdong's catalogue of disclosures (gkmlpt), and a second column of the same reports.

Three sub-sites of one host. A delivers all its 96 reports through the interface. B declares 112
and delivers its first page of 100, then answers 404: what cannot be had must be said. C's column is
a jump to a static list (NFCMS) that shows A's reports again, under other addresses and dates. The
host speaks no HTTPS.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from sample import html, non_reports
from sample.generator import SampleReport
from sample.organs import Region
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.pages import Pages, body_of, markup
from sample.portals.site import Setting, Site
from sample.portals.truth import Attachment
from sample.rows import Row, newest_first
from sample.web import Request, Response, content, missing

REGION = Region("岭樾省", "穗澜市", "南樾区", "990403")
A, B, C = "/nyqbyj", "/nyqjdb", "/nyqzfb"
SIDS = {A: "755041", B: "755042", C: "755001"}
TWIN = "/zfjgzy/nyqzfb/zfxxgknb/bm/"
REPORTS = 20765
PER_PAGE = 100
YEARS = range(2018, 2026)
DEPARTMENTS = (
    "教育局",
    "财政局",
    "民政局",
    "司法局",
    "审计局",
    "统计局",
    "水利局",
    "信访局",
    "交通运输局",
    "应急管理局",
    "农业农村局",
    "自然资源局",
)
_STREET_NAMES = "桂香 榕岸 云山 三元 流溪 江湾 沙面 石井 白鹤 松洲 同德 棠景 永泰 鹤龙"
STREETS = tuple(f"{name}街道办事处" for name in _STREET_NAMES.split())
ESCAPED = {("教育局", 2020), ("财政局", 2021)}
"""Reports whose title the interface gives as JavaScript's escape() made it."""
ATTACHED_YEAR = 2022
_CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class _Post:
    """One entry of the catalogue."""

    id: int
    title: str
    date: str
    publisher: str
    path: str
    classify: int
    attachment: Attachment | None = None
    escaped: bool = False


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S5", REGION, setting, status="partial", reason="partial:declared_total")
    www = Pages(site, "www.nanyue-sim", "nanyue")
    files = Pages(site, "file.nanyue-sim", "nanyue")
    site.start.append(www.url(f"{A}/"))
    site.need(www.url("/robots.txt"), www.url(f"{A}/"))
    departments = _write(site, DEPARTMENTS)
    attachments = {
        (sample.organ.short, year): _attach(files, sample, number)
        for number, short in enumerate(DEPARTMENTS)
        for year in YEARS
        if year == ATTACHED_YEAR and (sample := departments[short][year])
    }
    site.need(files.url("/robots.txt"), *(attachment.url for attachment in attachments.values()))
    _catalogue(www, A, departments, attachments)
    _catalogue(www, B, _write(site, STREETS), {})
    _tree_only(www, C)
    _twin(www, departments, attachments)
    links = [
        ("政府信息公开目录", f"{A}/gkmlpt/index"),
        ("街道政府信息公开目录", f"{B}/gkmlpt/index"),
        ("政府信息公开", f"{C}/gkmlpt/index"),
    ]
    www.page(f"{A}/", "home", title="南樾区部门信息公开", links=links)
    www.page("/", "home", title="南樾区人民政府", links=[("部门信息公开", f"{A}/"), *links])
    return site


def _write(site: Site, shorts: Sequence[str]) -> dict[str, dict[int, SampleReport]]:
    return {
        short: reports(site.setting.seed, organ(REGION, short), YEARS, position, full=position % 3 == 0)
        for position, short in enumerate(shorts)
    }


def _attach(files: Pages, sample: SampleReport, number: int) -> Attachment:
    file = pdf_file(sample)
    path = f"/nyqbyj/attachment/0/88/{88_389 + number}/{963_149 + 17 * number}.pdf"
    return Attachment(files.file(path, file), file, f"{sample.report.title}.pdf")


def _catalogue(
    www: Pages,
    prefix: str,
    written: dict[str, dict[int, SampleReport]],
    attachments: dict[tuple[str, int], Attachment],
) -> None:
    """One sub-site: its reports in one category, other documents in another."""
    site = www.site
    posts: list[tuple[_Post, SampleReport]] = []
    for number, sample in enumerate(sample for by_year in written.values() for sample in by_year.values()):
        post_id = (8_766_900 if prefix == A else 9_469_000) + 3 * number
        key = sample.organ.short, sample.report.year
        path = f"{prefix}/gkmlpt/content/{post_id // 1_000_000}/{post_id // 1_000}/post_{post_id}.html"
        published_on = sample.report.published_on or ""
        post = _Post(
            post_id,
            sample.report.title,
            published_on,
            sample.organ.name,
            path,
            REPORTS,
            attachments.get(key),
            key in ESCAPED,
        )
        posts.append((post, sample))
    posts.sort(key=lambda entry: (entry[0].date, entry[0].id), reverse=True)
    listed = www.url(f"{prefix}/gkmlpt/api/all/{REPORTS}?page=1&sid={SIDS[prefix]}")
    delivered = posts if prefix == A else posts[:PER_PAGE]
    for number, (post, sample) in enumerate(delivered):
        page = _detail(www, prefix, post, sample, shown=number % 2 == 0)
        files = [post.attachment] if post.attachment else []
        sources = [file.url for file in files] or [page]
        site.expect(sample, [page], list_page=listed, attachments=files, sources=sources)
        site.need(page)
    if len(delivered) < len(posts):
        site.shortfalls[listed] = len(posts) - len(delivered)
    others = _others(www, prefix)
    everything = {REPORTS: [post for post, _ in posts], 20766: others, 20767: [], 20769: [], 20772: []}
    everything[0] = [*everything[REPORTS], *others]
    shell = www.page(
        f"{prefix}/gkmlpt/index",
        "shell",
        title="政府信息公开目录",
        base=www.base,
        prefix=prefix,
        sid=SIDS[prefix],
        tree=markup(_tree(www, len(posts), len(others), jump="")),
    )

    def api(request: Request) -> Response:
        """Deliver a category's entries, the newest first; page 0 is page 1."""
        number = request.path.rpartition("/")[2]
        wanted = everything.get(int(number)) if number.isdigit() else None
        if wanted is None or request.parameters.get("sid") != SIDS[prefix]:
            return missing(request)
        page = request.parameters.get("page", "1")
        start = max(0, (int(page) if page.isdigit() else 1) - 1) * PER_PAGE
        if prefix == B and start > 0:
            return missing(request)
        return _json(_answer(www, int(number), wanted, wanted[start : start + PER_PAGE]))

    www.host.prefixes[f"{prefix}/gkmlpt/api/all/"] = api
    site.need(shell, listed)


def _others(www: Pages, prefix: str) -> list[_Post]:
    posts = []
    for number, page in enumerate(non_reports.pages(REGION.county, "rules")):
        post_id = 7_100_000 + 11 * number
        path = f"{prefix}/gkmlpt/content/7/7100/post_{post_id}.html"
        posts.append(_Post(post_id, page.title, page.published_on, f"{REGION.name}人民政府办公室", path, 20766))
        _article(www, prefix, posts[-1], page.body, shown=True)
        www.site.refuse(www.url(path), page.title, page.reason)
    return posts


def _tree(www: Pages, reports_count: int, others_count: int, jump: str) -> str:
    """The six categories, one of them with a child, as the page's script carries them."""
    nodes: list[Any] = [
        (20764, "机构职能", 0, "", []),
        (20766, "政策文件", others_count, "", []),
        (20770, "政策解读", 0, "http://www.suilan.gov.cn/zcjd/", []),
        (REPORTS, "政府信息公开年报", reports_count, jump, []),
        (20767, "财政预决算", 0, "", [(20769, "部门决算", 0, "", [])]),
        (20772, "建议提案办理", 0, "", []),
    ]
    if www.site.setting.variant:
        # The column stands below another one.
        nodes = [*nodes[:3], (20760, "政府信息公开", 0, "", [nodes[3]]), *nodes[4:]]
    return json.dumps([_node(node, 0) for node in nodes], ensure_ascii=False)


def _node(node: Any, parent: int) -> dict[str, Any]:
    number, name, count, jump, children = node
    return {
        "id": number,
        "name": name,
        "parent": parent,
        "post_count": count,
        "jump_url": jump,
        "children": [_node(child, number) for child in children],
    }


def _answer(www: Pages, category: int, posts: Sequence[_Post], part: Sequence[_Post]) -> dict[str, Any]:
    name = {REPORTS: "政府信息公开年报", 20766: "政策文件"}.get(category, "")
    return {
        "classify": {
            "id": category,
            "name": name,
            "parent": 0,
            "post_count": len(posts),
            "theme_count": len(posts),
        },
        "articles": [_entry(www, post, name) for post in part],
        "total": len(posts),
    }


def _entry(www: Pages, post: _Post, category: str) -> dict[str, Any]:
    moment = int(datetime.fromisoformat(post.date).replace(tzinfo=_CHINA).timestamp())
    attachment = post.attachment
    return {
        "id": post.id,
        "title": _escape(post.title) if post.escaped else post.title,
        "date": moment,
        "created_at": f"{post.date} 16:25:04",
        "display_publish_time": moment + 37_508,
        "publisher": post.publisher,
        "identifier": _identifier(post),
        "document_number": "",
        "classify_main_name": category,
        "url": www.url(post.path),
        "post_url": www.url(post.path) if www.site.setting.variant else "",
        "attachment": [
            {
                "id": 1_658_591,
                "name": attachment.name,
                "type": "pdf",
                "mime": "application/pdf",
                "size": "26624",
                "url": attachment.url,
            }
        ]
        if attachment
        else [],
        "relation": "[]",
        "is_expired": 0,
        "is_abolished": 0,
    }


def _escape(text: str) -> str:
    return "".join(character if character < "\x80" else f"%u{ord(character):04X}" for character in text)


def _identifier(post: _Post) -> str:
    return f"11990403MB2C91453G/{post.date[:4]}-{post.id % 100_000:05d}"


def _json(value: object) -> Response:
    return content(json.dumps(value, ensure_ascii=False), "application/json")


def _detail(www: Pages, prefix: str, post: _Post, sample: SampleReport, *, shown: bool) -> str:
    body = _see_attachment(www, post.attachment, post.title) if post.attachment else html.render(sample)
    return _article(www, prefix, post, body, shown=shown)


def _article(www: Pages, prefix: str, post: _Post, body: str, *, shown: bool) -> str:
    """A page that carries its body in a script; ``shown`` ones have it in their markup too."""

    def detail() -> object:
        carried = {"id": post.id, "title": post.title, "publisher": post.publisher, "content": body}
        return markup(json.dumps(carried, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E"))

    return www.page(
        post.path,
        "detail",
        title=post.title,
        base=www.base,
        sid=SIDS[prefix],
        detail=detail,
        identifier=_identifier(post),
        publisher=post.publisher,
        date=post.date,
        shown=shown,
        body=markup(body),
    )


def _see_attachment(www: Pages, attachment: Attachment, title: str) -> str:
    return www.render("attachment", title=title, link=attachment.url, name=attachment.name)


def _tree_only(www: Pages, prefix: str) -> None:
    """The sub-site whose node of annual reports leads to the other column."""
    tree = _tree(www, 0, 0, jump=www.url(TWIN))
    context = {"base": www.base, "prefix": prefix, "sid": SIDS[prefix], "tree": markup(tree)}
    www.page(f"{prefix}/gkmlpt/index", "shell", title="政府信息公开目录", **context)


def _twin(
    www: Pages, written: dict[str, dict[int, SampleReport]], attachments: dict[tuple[str, int], Attachment]
) -> None:
    """The static column of the same reports, by year; dates differ by up to three days."""
    folders = [(f"{year}年", f"{TWIN}{year}n/") for year in reversed(YEARS)]
    for year in YEARS:
        rows = []
        for number, short in enumerate(DEPARTMENTS):
            sample = written[short][year]
            post = 10_095_400 + 100 * (year - YEARS.start) + number
            path = f"{TWIN}{year}n/content/post_{post}.html"
            published = date.fromisoformat(sample.report.published_on or "") + timedelta(days=number % 4)
            attachment = attachments.get((short, year))
            title = sample.report.title
            body = markup(_see_attachment(www, attachment, title)) if attachment else body_of(sample)
            page = www.page(
                path,
                "post",
                title=title,
                date=published.isoformat(),
                publisher=sample.organ.name,
                post=post,
                body=body,
            )
            sources = [attachment.url] if attachment else [page]
            www.site.expect(sample, [page], list_page=www.url(f"{TWIN}{year}n/"), sources=sources)
            rows.append(Row(title, page, published.isoformat()))
        context = {"root": TWIN, "column": f"bm/{year}n", "folders": folders, "rows": newest_first(rows)}
        www.page(f"{TWIN}{year}n/", "list", title=f"{year}年", year=year, **context)
    context = {"root": TWIN, "column": "bm", "folders": folders, "rows": []}
    www.page(TWIN, "list", title="政府信息公开年报", year=None, **context)
