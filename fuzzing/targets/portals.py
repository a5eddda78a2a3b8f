"""What portals answer a crawl with: pages, the lists that scripts fetch, scripts, articles with attachments.

Parts: ``url`` is the page's address, ``page`` its markup, ``cms`` the family that the registry names, ``answer``,
``answer2`` … what the requests are answered with that a family makes. A file as it is counts as a page.
"""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from archive.frontier import COLUMN, EXPLORE, Lead
from crawler import attachments, cms, discovery, fingerprint, urls
from crawler.cms.base import Answer, Listing, NextPage, Paging
from crawler.discovery import Context
from crawler.hosts import HostRules
from crawler.page import Link, Page, decode, looks_like_html
from fuzzing import mutations, parts
from fuzzing.invariants import promise
from fuzzing.target import Target

HOME = "http://www.yunxi.gov.cn/"
_URL = HOME + "zwgk/nb/index.html"
_MOST_REQUESTS = 12
_MOST_NEXT_PAGES = 2000
_KINDS = (EXPLORE, COLUMN)
TOKENS = tuple(
    text.encode()
    for text in (
        *(
            "<a href='",
            "<a href=\"/zwgk/nb/t20250120_1.html\" title='云溪县2024年政府信息公开工作年度报告'>",
            "</a>",
            "<li>",
            "<span>2025-01-20</span>",
        ),
        *(
            "政府信息公开年报",
            "信息公开年度报告",
            "当前位置：",
            "下一页",
            "尾页",
            "共12条",
            "共3页",
            "1/3页",
            'createPageHTML(3, 0, "index", "html")',
        ),
        *(
            "<meta http-equiv=refresh content='0;url=",
            '<base href="',
            '<iframe src="/x.pdf">',
            '<option value="/2023/">',
            '<script src="/a.js">',
        ),
        *(
            '$.ajax({url:"/list.do",type:"post",data:{pageNo:1,pageSize:10}})',
            "location.href='",
            "onclick=\"go('ndbg')\"",
            "function go(a){",
        ),
        *(
            "window._CONFIG = {SID: 1, TREE: [",
            "<datastore><nextgroup><![CDATA[",
            "<record><![CDATA[",
            "totalRecord:5",
            "perPage:2",
            "groupSize:3",
        ),
        *(
            '"articles":[',
            '"total":"²"',
            '"data":{"results":[',
            '"custom":{"data":[',
            '"url":"',
            '"title":"%ud83d%ude00"',
            '"\\ud800"',
            "callback(",
        ),
        *(
            "proxyUrl:'/module/web/jpage/dataproxy.jsp?page=2'",
            "/site/label/8888?labelName=publicInfoList",
            "countPage = 3",
            "currentPage = 0",
        ),
        *(
            'siteGuid:"12345678-1234"',
            'categorynum" value="001002"',
            "lightfrontaction/getgovinfolist",
            "unitbuild.js",
            "querydata=\"{'a':'b'}\"",
        ),
        *(
            "messageController/getMessage.do?callback=?",
            "columnId:'123456789'",
            "--- page\n",
            "--- answer\n",
            "--- answer2\n",
            "--- cms\n",
            "--- url\n",
        ),
    )
)


@cache
def _database() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


@cache
def _hosts() -> HostRules:
    return HostRules((HOME,))


def _check(data: bytes) -> None:
    found = parts.split(data) or {"page": data}
    address = urls.join(HOME, found.get("url", b"").decode("utf-8", "replace")) or _URL
    page = Page(address, found.get("page", b""))
    named = found.get("cms", b"").decode("utf-8", "replace").strip()
    answers = [body for name, body in found.items() if name.startswith("answer")]
    context = Context(trail=("政府信息公开年报", "2023年"), column=HOME + "zwgk/nb/")
    for leads in _page(page, named, answers, context):
        for lead in leads:
            _check_lead(lead)
    for answer in answers:
        if looks_like_html(answer):
            fingerprint.fingerprint(answer)
            fingerprint.reads_alike(answer, found.get("page", b""))
        # A script of the page, read as if it stood in it.
        text = b"<html><body><script>" + decode(answer).encode() + b"</script></body></html>"
        script = Page(address, text)
        cms.family_for(script, named).branches(script)


def _page(page: Page, named: str, answers: list[bytes], context: Context) -> Iterator[Iterable[Lead]]:
    """What a crawl reads of a page and of the answers to what the page's family asks for."""
    hosts = _hosts()
    for url in (page.redirect, *page.frames, *page.scripts):
        if url is not None:
            _check_url(url)
    for text in (*page.titles, *page.breadcrumb, page.publisher or "", page.prose, page.visible_text):
        text.encode()
    _check_date(page.published_on)
    _ = page.turns_by_unknown_script, page.is_missing, discovery.is_filled_by_script(page)
    family = cms.family_for(page, named)
    rows = family.rows(page)
    links = [link for link in (*family.links(page), *page.links) if not family.is_view(link.url)]
    _check_links((*rows, *links))
    discovery.is_confirmed_column(page, rows)
    made, paging = family.branches(page), family.paging(page, page.url)
    family.title(page)
    family.publisher(page)
    _check_date(family.published_on(page))
    promise(family.pages_of_article(page) >= 1, "an article without a page")
    body = family.embedded(page)
    for one in (*attachments.find(page), *(attachments.find(body) if body else ()), *attachments.pictures(page)):
        _check_url(one.url)
        _bind(one.name, one.form)
    for kind in _KINDS:
        yield discovery.branches(family.name, made, page.url, kind, 1, context, hosts)
    yield discovery.explore(page, links, 1, context, hosts)
    asked = [branch.ask for branch in made] + list(paging.next_pages)
    listing = Listing(tuple(rows), paging.next_pages, paging.pages, paging.total, page)
    yield from _listing(family.name, listing, page.url, links, context)
    _check_paging(listing)
    requests = [ask for ask in asked if ask.state is not None]
    for count, answer in enumerate(answers * _MOST_REQUESTS):
        if count >= _MOST_REQUESTS or not requests:
            return
        ask = requests.pop(0)
        # As the frontier gives it back.
        state = json.loads(json.dumps(ask.state, ensure_ascii=False))
        listing = family.listing(Answer(ask.url, answer, page.url, state, set()))
        _check_paging(listing)
        _check_links(listing.rows)
        further = [*family.links(listing.page), *listing.page.links] if listing.page else []
        yield from _listing(family.name, listing, page.url, further, context)
        for kind in _KINDS:
            yield discovery.branches(family.name, listing.branches, page.url, kind, 1, context, hosts)
        requests += [one for one in listing.next_pages if one.state is not None]
        requests += [one.ask for one in listing.branches if one.ask.state is not None]


def _listing(
    family: str, listing: Listing, page_url: str, links: list[Link], context: Context
) -> Iterator[Iterable[Lead]]:
    hosts = _hosts()
    path = [*listing.page.breadcrumb, *listing.page.titles] if listing.page else []
    named = discovery.reports(page_url, [*listing.rows, *links], path, 1, context, hosts)
    yield named
    if listing.page is not None:
        settled = discovery.settled(links, named, context)
        yield discovery.folders(listing.page, links, 1, context, hosts, settled)
        yield discovery.organs_elsewhere(listing.page, links, 1, context, hosts)
    paging = Paging(listing.next_pages, listing.pages, listing.total)
    yield discovery.further_pages(family, paging, page_url, page_url, 1, context, hosts)
    for row in listing.rows:
        urls.digest(row.url)


def _check_paging(listing: Listing) -> None:
    for number in (listing.pages, listing.total):
        promise(number is None or 0 <= number < 2**63, f"a list of {number} rows or pages")
    promise(len(listing.next_pages) <= _MOST_NEXT_PAGES, f"{len(listing.next_pages)} further pages at once")
    _bind(json.dumps({"pages": listing.pages, "total": listing.total}))
    for ask in (*listing.next_pages, *(branch.ask for branch in listing.branches)):
        _check_request(ask)


def _check_request(ask: NextPage) -> None:
    _check_url(ask.url)
    (ask.body or "").encode()
    for pair in ask.headers:
        for text in pair:
            promise("\n" not in text and "\r" not in text, "a header of several lines")


def _check_links(links: Iterable[Link]) -> None:
    for link in links:
        _check_url(link.url)
        _check_date(link.date)
        _bind(link.text, link.title, link.publisher, link.label)


def _check_lead(lead: Lead) -> None:
    _check_url(lead.url)
    context = Context.from_json(json.loads(json.dumps(lead.context, ensure_ascii=False)))
    promise(context.to_json() == Context.from_json(lead.context).to_json(), "a context changes when it is kept")
    _check_date(context.published_on)
    _bind(
        lead.url, lead.key, lead.host, lead.kind, lead.depth, lead.score, json.dumps(lead.context, ensure_ascii=False)
    )


def _check_url(url: str) -> None:
    parts_of = urlsplit(url)
    promise(parts_of.scheme in ("http", "https") and bool(parts_of.hostname), f"no address: {url!r:.200}")
    promise(not any(character.isspace() for character in url), f"white space in an address: {url!r:.200}")
    cms.key(url)
    url.encode()


def _check_date(day: str | None) -> None:
    if day is not None:
        date.fromisoformat(day)


def _bind(*values: Any) -> None:
    """Give ``values`` to SQLite, as the frontier does."""
    _database().execute(f"SELECT {', '.join('?' * len(values))}", values)


def _mutate(data: bytes, longest: int, chance: random.Random) -> bytes | None:
    return mutations.mutate(data, longest, chance, TOKENS)


def _seeds() -> Iterator[bytes]:
    for path in sorted((Path(__file__).parents[1] / "portals").glob("*.txt")):
        yield path.read_bytes()


TARGET = Target("portals", _check, _seeds, _mutate, longest=16_000)
