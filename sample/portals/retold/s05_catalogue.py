"""S5 retold: the catalogue's tree is nested and its addresses relative; bodies stand in data alone."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from functools import partial
from html import escape
from typing import Any

from sample import html
from sample.generator import SampleReport
from sample.portals.files import pdf_file
from sample.portals.organs import organ, reports
from sample.portals.retold.kit import Attached, Portal, publish, strangers
from sample.portals.s05_nanyue import REGION
from sample.portals.site import Setting, Site
from sample.rows import newest_first
from sample.web import Request, Response, content, missing

MAIN, OTHER, TWIN = "/nyqbyj", "/nyqjdb", "/zfjgzy/nyqzfb/zfxxgknb/bm/"
REPORTS = 20765
PER_PAGE = 100
SIDS = {MAIN: "755041", OTHER: "755042"}
_CHINA = timezone(timedelta(hours=8))
ORGANS = ("教育局", "财政局", "民政局", "司法局")
STREETS = tuple(f"{name}街道办事处" for name in "桂香 榕岸 云山 三元 流溪 江湾 沙面 石井".split())
YEARS = range(2012, 2026)


def build(setting: Setting) -> Site:
    """Build the site."""
    site = Site("S5", REGION, setting, status="partial", reason="partial:declared_total")
    www, files = Portal(site, "www.nanyue-sim"), Portal(site, "file.nanyue-sim")
    site.start.append(www.url(f"{MAIN}/"))
    site.need(www.url("/robots.txt"), files.url("/robots.txt"))
    links = [
        ("政务公开", f"{MAIN}/gkmlpt/index"),
        ("街道信息公开", f"{OTHER}/gkmlpt/index#{REPORTS}"),
        ("信息公开年报（旧版）", "/nyqzfb/gkmlpt/index"),
    ]
    home = "".join(f"<li><a href='{link}'>{text}</a></li>" for text, link in links)
    www.write(f"{MAIN}/", _page("南樾区", home), needed=True)
    departments = [
        sample
        for position, short in enumerate(ORGANS)
        for sample in reports(setting.seed, organ(REGION, short), range(2019, 2026), position).values()
    ]
    main = [_post(www, files, MAIN, sample, 3_255_000 + number) for number, sample in enumerate(departments)]
    strangers(
        www,
        "among_reports",
        lambda n, day: f"{MAIN}/gkmlpt/content/3/3254/post_{3_254_000 + n}.html",
        lambda t, b: _page(t, b),
    )
    streets = [
        sample
        for position, short in enumerate(STREETS)
        for sample in reports(setting.seed, organ(REGION, short, "small"), YEARS, position).values()
    ]
    streets = sorted(streets, key=lambda one: one.report.published_on or "", reverse=True)
    other = [_post(www, files, OTHER, sample, 4_255_000 + number) for number, sample in enumerate(streets[:PER_PAGE])]
    for number, sample in enumerate(streets[PER_PAGE:], start=PER_PAGE):
        site.refuse(
            www.url(f"{OTHER}/gkmlpt/content/4/4255/post_{4_255_000 + number}.html"), sample.report.title, "missing"
        )
    _catalogue(www, MAIN, SIDS[MAIN], main, len(main), "", short_first_page=False)
    _catalogue(www, OTHER, SIDS[OTHER], other, len(streets), "", short_first_page=True)
    _catalogue(www, "/nyqzfb", "755001", [], 0, f"http://{www.name}{TWIN}", short_first_page=False)
    site.shortfalls[www.url(f"{OTHER}/gkmlpt/api/all/{REPORTS}")] = len(streets) - PER_PAGE
    _twin(www, departments)
    return site


def _post(www: Portal, files: Portal, prefix: str, sample: SampleReport, number: int) -> dict[str, Any]:
    report, day = sample.report, sample.report.published_on or ""
    path = f"{prefix}/gkmlpt/content/{number // 1_000_000}/{number // 1000}/post_{number}.html"
    link, attached = "", []
    if report.year == 2022 and prefix == MAIN:
        name = f"/attachment/0/88/{number}/963149.pdf"
        attached = [Attached(name, pdf_file(sample))]
        link = f'<p><a class="nfw-cms-attachment" href="{files.url(name)}" alt="{escape(report.title)}.pdf">{escape(report.title)}.pdf</a></p>'

    def write(title: str, body: str) -> str:
        detail = {"id": number, "title": title, "publisher": report.organ, "content": body + link, "date": day}
        config = json.dumps(detail, ensure_ascii=False).replace("<", "\\u003C").replace(">", "\\u003E")
        table = f"<table><tr><td>索引号:</td><td>11440</td><td>发布机构:</td><td>{report.organ}</td></tr><tr><td>名称:</td><td>{title}</td><td>发布日期:</td><td>{day}</td></tr></table>"
        script = f"<script>window._CONFIG = {{ SID: '755041', DETAIL: {config} }}</script>"
        return _page(title, f'<div id="app">{table}<div class="article-content"></div></div>{script}')

    publish(
        www,
        sample,
        path,
        write,
        listed=f"{www.url(f'{prefix}/gkmlpt/api/all/{REPORTS}')}?page=1&sid={SIDS[prefix]}",
        files=attached,
        files_on=files,
    )
    title = report.title
    if number % 11 == 0:
        title = "".join(f"%u{ord(one):04X}" if ord(one) > 127 else one for one in title)
    return {
        "id": number,
        "title": title,
        "date": int(datetime.fromisoformat(day).replace(tzinfo=_CHINA).timestamp()),
        "created_at": f"{day} 16:25:04",
        "publisher": report.organ,
        "url": www.url(path) if number % 2 else path,
        "attachment": [],
    }


def _catalogue(
    www: Portal, prefix: str, number: str, posts: list[dict[str, Any]], total: int, jump: str, *, short_first_page: bool
) -> None:
    tree = [
        {"id": 20760, "name": "机构概况", "parent": 0, "post_count": 0, "jump_url": "", "children": []},
        {
            "id": 20761,
            "name": "政府信息公开",
            "parent": 0,
            "post_count": 0,
            "jump_url": "",
            "children": [
                {
                    "id": 20764,
                    "name": "政府信息公开指南",
                    "parent": 20761,
                    "post_count": 1,
                    "jump_url": "",
                    "children": [],
                },
                {
                    "id": REPORTS,
                    "name": "政府信息公开年报",
                    "parent": 20761,
                    "post_count": total,
                    "jump_url": jump,
                    "children": [],
                },
            ],
        },
        {
            "id": 20770,
            "name": "政策解读",
            "parent": 0,
            "post_count": 3,
            "jump_url": "http://www.gd.gov.cn/",
            "children": [],
        },
    ]
    config = f"window._CONFIG = {{\n APP_URL: 'http://{www.name}', SID: '{number}', TREE: {json.dumps(tree, ensure_ascii=False)}, SERVICE_AREA_ID: 755 }}"
    index = (
        f'<div id="app"></div><script src="/gkmlpt/gkml/pc/js/chunk-common.7f3d.js"></script><script>{config}</script>'
    )
    www.write(f"{prefix}/gkmlpt/index", _page("政府信息公开目录", index), needed=True)

    def api(request: Request) -> Response:
        asked = request.parameters
        page = max(1, int(asked.get("page", "1") or 1))
        if asked.get("sid") != number or (short_first_page and page > 1):
            return missing(request)
        part = posts[(page - 1) * PER_PAGE : page * PER_PAGE]
        classify = {"id": REPORTS, "name": "政府信息公开年报", "post_count": total}
        return content(json.dumps({"classify": classify, "articles": part, "total": total}), "application/json")

    www.dynamic(f"{prefix}/gkmlpt/api/all/{REPORTS}", api)
    if not jump:
        www.site.need(f"{www.url(f'{prefix}/gkmlpt/api/all/{REPORTS}')}?page=1&sid={number}")


def _twin(www: Portal, samples: list[SampleReport]) -> None:
    """The same reports in a static column: folders of years, other numbers, later dates."""
    years = sorted({sample.report.year for sample in samples}, reverse=True)
    folders = "".join(f'<a href="{year}n/index.html">{year}年</a>' for year in years)
    www.write(f"{TWIN}index.html", _page("政府信息公开年报", f'<div class="years">{folders}</div>'))
    www.host.resources[TWIN] = www.host.resources[f"{TWIN}index.html"]
    for year in years:
        rows = []
        for number, sample in enumerate(one for one in samples if one.report.year == year):
            day = date.fromisoformat(sample.report.published_on or "") + timedelta(days=2)
            path = f"{TWIN}{year}n/content/post_{9_460_000 + 10 * year + number}.html"

            def write(title: str, body: str, day: date = day) -> str:
                return _page(title, f'<h1>{title}</h1><p>发布日期：{day}</p><div class="article-content">{body}</div>')

            rows.append(
                publish(
                    www,
                    sample,
                    path,
                    write,
                    listed=www.url(f"{TWIN}{year}n/"),
                    body=partial(html.render, sample),
                    needed=False,
                )
            )
        items = "".join(
            f'<li><a href="{row.link}">{row.title}</a><em>{row.date}</em></li>' for row in newest_first(rows)
        )
        www.write(f"{TWIN}{year}n/index.html", _page(f"{year}年", f"<ul class='news_list'>{items}</ul>"))


def _page(title: str, body: str) -> str:
    return f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{escape(title)}</title></head><body>{body}</body></html>'
