"""UCAP / CMSPRO of Kaipu: static lists counted from 1, a JSON search beside them, trees by JSONP.

Paging is TRS's script with its own origin (``createPageHTML('page_div', 4, 1, 'list', 'shtml', 57)``).
The search is asked where the page itself lists nothing or turns its pages by it. Nodes of the tree whose address was
never filled in (``null.shtml``) are looked for under the names that templates use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urljoin

from crawler import phrases, titles, urls
from crawler.cms.base import Answer, Branch, Listing, NextPage, count_of
from crawler.cms.trs import Trs
from crawler.page import Link, Page, find_date, squeeze

_MARKS = re.compile(
    r"ucapcontent|ucaptitle|ucap-content|cmspro_document|/c\d+[a-z]?/20\d{4}/(?:[0-9a-f]{32}|c\d+_\d+)\.s?html"
    r"|xxzwgklist|/channel/treenew/|<meta[^<>]+name=[\"']channelid[\"']",
)
_TREE = re.compile(r"""["']([^"'\s]*/channel/treeNew/[\w-]+[^"'\s]*)["']""", re.IGNORECASE)
_TREE_OF = re.compile(r"""["']([^"'\s]*/channel/treeNew/)["']\s*\+\s*([A-Za-z_$][\w$]*)""", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?:)?//|/?[\w./-]*(?:\.s?html?|/)$")
_SEARCH = re.compile(r"""["']([^"'\s]*/(?:common/search|searchList|search)/)(?:[0-9a-f]{32})?["'?]""", re.IGNORECASE)
_SERVICES = ("/common/search/", "/searchList/", "/search/")
_TEMPLATES = ("list.shtml", "xxgkList.shtml", "xlist.shtml", "common_list.shtml", "xxgk_list.shtml", "index.shtml")
_EMPTY = re.compile(r"null\.s?html?$", re.IGNORECASE)
_PAGE_SIZE = 15
_BEIJING = timedelta(hours=8)
_NAMES = ("name", "channelName", "title", "text")
_NUMBERS, _PARENTS = ("id", "channelId", "tId"), ("pId", "pid", "parentId", "parent")
_ADDRESSES = ("url", "channelUrl", "link", "href", "pubUrl")


class Ucap(Trs):
    """UCAP and the systems that grew out of it."""

    name = "ucap"
    precedence = 35

    def recognise(self, page: Page) -> bool:
        """By its own elements, article addresses or the column's number in a meta."""
        return bool(_MARKS.search(page.lowered)) or bool(_MARKS.search(page.url))

    def branches(self, page: Page) -> list[Branch]:
        """The tree of columns, and the search where the page lists nothing itself."""
        found = []
        for written in _trees(page.text):
            url = urls.join(page.base, written)
            if url is not None:
                url = url.replace("callback=?", "callback=tree")
                if "callback=" not in url:
                    url += ("&" if "?" in url else "?") + "callback=tree"
                found.append(Branch(NextPage.script(url, {"tree": True}), menu=True))
                break
        channel = page.metas.get("channelid", "")
        search = _SEARCH.search(page.text)
        turned_by_script = search is not None and not self.paging(page, page.url).next_pages
        if re.fullmatch(r"[0-9a-f]{32}", channel) and (turned_by_script or not self.rows(page)):
            services = [search[1]] if search else list(_SERVICES)
            state = {"services": services, "channel": channel, "page": 1, "total": None}
            if url := urls.join(page.base, services[0]):
                found.append(Branch(_search(url, state)))
        return found

    def listing(self, answer: Answer) -> Listing:
        """The nodes of the tree, or the rows of the search."""
        data = answer.data
        if answer.state.get("tree"):
            return _tree(data, answer) if data is not None else Listing(failure="answer")
        return _results(data, answer)

    def title(self, page: Page) -> str | None:
        """The title in the system's own element."""
        own = ["".join(node.itertext()) for node in page.root.iter("ucaptitle")]
        return next((squeeze(text) for text in own if squeeze(text)), None) or super().title(page)


def _trees(text: str) -> Iterator[str]:
    """Addresses of trees as written, a variable at their end filled in."""
    for match in _TREE.finditer(text):
        yield match[1].replace("&amp;", "&")
    for match in _TREE_OF.finditer(text):
        if value := re.search(rf"\b{re.escape(match[2])}\s*[=:]\s*[\"']([\w-]{{1,60}})[\"']", text):
            yield match[1] + value[1]


def _search(url: str, state: Mapping[str, Any]) -> NextPage:
    query = {
        "page": state["page"],
        "_pageSize": _PAGE_SIZE,
        "_isAgg": "true",
        "_isJson": "true",
        "_template": "index",
        "_rangeTimeGte": "",
        "_channelName": "",
    }
    return NextPage.script(f"{url}{state['channel']}?{urlencode(query)}", state)


def _results(data: Any, answer: Answer) -> Listing:
    payload, state = data.get("data") if isinstance(data, dict) else None, answer.state
    results = payload.get("results") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or not isinstance(results, list):
        others = list(state["services"][1:])
        url = urls.join(answer.page_url, others[0]) if others else None
        following = (_search(url, {**state, "services": others}),) if url else ()
        return Listing(next_pages=following, failure="answer")
    rows = []
    for result in results:
        if not isinstance(result, dict):
            continue
        url = urls.join(answer.page_url, str(result.get("url") or ""))
        if url is not None:
            title = re.sub(r"<[^<>]*>", "", str(result.get("title") or ""))
            rows.append(Link(url, title, "", _published(result)))
    total = count_of(payload.get("total"))
    goes_on = total is not None and answer.brings_new(rows) and answer.collected(rows) < total
    base = urljoin(answer.url, ".")
    onward = (_search(base, {**state, "page": state["page"] + 1, "total": total}),) if goes_on else ()
    return Listing(tuple(rows), onward, total=total)


def _published(result: Mapping[str, Any]) -> str | None:
    """The day on which a result was published; where it is a number it counts milliseconds."""
    if written := find_date(str(result.get("publishedTimeStr") or result.get("publishedTime") or "")):
        return written
    value = result.get("publishedTime")
    if not isinstance(value, int) or not 0 < value < 2**43:
        return None
    return (datetime.fromtimestamp(value / 1000 if value > 2**33 else value, UTC) + _BEIJING).date().isoformat()


def _tree(data: Any, answer: Answer) -> Listing:
    links, probes = [], []
    nodes = list(_nodes(data))
    names = {str(node[key]): _name(node) for node in nodes for key in _NUMBERS if node.get(key)}
    for node in nodes:
        texts = [str(value) for value in node.values() if isinstance(value, str) and value]
        name = _name(node)
        above = next((names[str(node[key])] for key in _PARENTS if str(node.get(key)) in names), "")
        address = next((str(node[key]) for key in _ADDRESSES if node.get(key)), "")
        address = address or next((text for text in texts if _ADDRESS.match(text)), "")
        url = urls.join(answer.page_url, address)
        if url is None or not name:
            continue
        if not _EMPTY.search(url) and squeeze(above) in phrases.words("anchors", "column"):
            probes.append(Branch(NextPage(url), name, within=above))
        elif not _EMPTY.search(url):
            links.append(Link(url, name, "", None))
        elif squeeze(name) in phrases.words("anchors", "column") or titles.accept(name):
            folder = urljoin(url, ".")
            probes += [Branch(NextPage(folder + template, optional=True), name) for template in _TEMPLATES]
    markup = "".join(f'<a href="{_attribute(link.url)}">{_attribute(link.text)}</a>' for link in links)
    return Listing(page=answer.fragment(f"<html><body>{markup}</body></html>"), branches=tuple(probes))


def _name(node: Mapping[str, Any]) -> str:
    return next((str(node[key]) for key in _NAMES if node.get(key)), "")


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _nodes(data: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    if depth > 10:
        return
    if isinstance(data, list):
        for item in data:
            yield from _nodes(item, depth + 1)
    elif isinstance(data, dict):
        yield data
        for value in data.values():
            if isinstance(value, list | dict):
                yield from _nodes(value, depth + 1)
