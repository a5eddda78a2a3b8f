"""Hanweb JCMS: the list is an XML data store in the page, further groups come from ``dataproxy.jsp``.

Servers honour different parameters, so the ways are tried in this order and the first that
brings new rows is kept: a posted form with ``startrecord`` and ``endrecord``, the address that
the store itself names as its next group, and record numbers in the query. The first request
begins with the last record that is known already: were records counted from 0, none is lost.

Further modules of the same system: ``/module/xxgk/search.jsp`` lists by category, the frame
``tree.jsp`` shows the organs, and ``xxgkAnnualReport.jsp?area=…&fbtime=…`` is the report of one
organ and year as a page of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import phrases, titles, urls
from crawler.cms import datastore
from crawler.cms.base import Answer, Branch, Listing, NextPage, Paging
from crawler.cms.static import Static, dated
from crawler.page import Link, Page
from parsers.normalise import whole_number

_MARKS = re.compile(
    r"dataproxy\.jsp|/script/jpage/|/module/(?:web/)?jpage/|<datastore>|/module/xxgk/|/module/download/downfile\.jsp"
    r"|/art/\d{4}/\d{1,2}/\d{1,2}/art_\d+_\d+\.html",
)
_GROUP = 3
_POST, _GET_GROUP, _GET_RECORDS = range(3)
_PER_PAGE = re.compile(r"""["']?perPage["']?\s*:\s*["']?(\d{1,4})""", re.IGNORECASE)
_GROUP_SIZE = re.compile(r"""["']?groupSize["']?\s*:\s*["']?(\d{1,3})""", re.IGNORECASE)
_TOTAL = re.compile(r"""["']?totalRecord["']?\s*:\s*["']?(\d{1,7})""", re.IGNORECASE)
_PROXY = re.compile(r"""["']?proxyUrl["']?\s*:\s*["']([^"']+)["']""", re.IGNORECASE)
_AJAX = re.compile(r"""["']?ajaxParam["']?\s*:\s*\{([^{}]*)\}""", re.IGNORECASE)
_FIELD = re.compile(r"""["']?([A-Za-z_]\w*)["']?\s*:\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+))""")
_REPORT = re.compile(r"xxgkAnnualReport\.jsp\?(?=[^#]*\barea=)[^#]*\bfbtime=(20\d\d)", re.IGNORECASE)
_PAGES = re.compile(r"共\s*(\d{1,4})\s*页")
_SEARCH_FIELDS = {
    "infotypeId": "",
    "jdid": "",
    "divid": "",
    "area": "",
    "vc_title": "",
    "vc_number": "",
    "sortfield": ",createdatetime:0,orderid:0",
    "vc_filenumber": "",
    "vc_all": "",
    "texttype": "0",
    "fbtime": "-1",
}
_TREE = re.compile(r"""["']([^"'\s]*/module/xxgk/tree\.jsp[^"'\s]*)["']""", re.IGNORECASE)
_SEARCH_FORM = re.compile(r"""["']([^"']*/module/xxgk/search\.jsp[^"']*)["']""", re.IGNORECASE)


class Hanweb(Static):
    """Hanweb JCMS and “版通”."""

    name = "hanweb"
    precedence = 20

    def recognise(self, page: Page) -> bool:
        """By its modules' addresses, its data store, or its articles' addresses."""
        return bool(_MARKS.search(page.lowered)) or bool(_MARKS.search(page.url.lower()))

    def rows(self, page: Page) -> list[Link]:
        """The records of the data stores; without any, what stands in the page itself."""
        return datastore.rows(page.text, page.url) or [*super().rows(page), *self.links(page)]

    def links(self, page: Page) -> list[Link]:
        """The reports that the annual report module shows: each address is one organ and year."""
        found = []
        for link in page.links:
            match = _REPORT.search(link.url)
            if match and not titles.accept(link.label):
                name = phrases.text("links", "annual_report").format(year=match[1])
                found.append(replace(link, text=name, title=""))
        return found

    def paging(self, page: Page, first: str) -> Paging:
        """The next group of the data store; the links of a pager where there is no store."""
        by_links = super().paging(page, first)
        records = datastore.rows(page.text, page.url)
        if not records:
            return by_links
        total = _number(_TOTAL, page.text) or datastore.total(page.text) or by_links.total
        group, proxy = datastore.next_group(page.text), _PROXY.search(page.text)
        target = urls.join(page.base, group or (proxy[1] if proxy else ""))
        if target is None or (total is not None and len(records) >= total):
            return Paging(by_links.next_pages, total=total)
        per_page = _number(_PER_PAGE, page.text)
        if per_page is not None and total is None and len(records) < per_page:
            return Paging(by_links.next_pages, total=total)
        parts = urlsplit(target)
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        ajax = _AJAX.search(page.text)
        fields |= _fields(ajax[1]) if ajax else {}
        number = whole_number(fields.get("page", ""))
        state = {
            "way": _POST,
            "url": urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")),
            "fields": {name: value for name, value in fields.items() if name not in _RECORD_FIELDS},
            "known": len(records),
            "embedded": len(records),
            "size": (_number(_GROUP_SIZE, page.text) or _GROUP) * per_page if per_page else len(records),
            "per_page": per_page or max(1, len(records) // _GROUP),
            "page": 1 if number is None else number,
            "group": target if group else None,
            "total": total,
            "misses": 0,
            "last": "",
        }
        return Paging((*by_links.next_pages, _request(state)), total=total)

    def branches(self, page: Page) -> list[Branch]:
        """The module's own list, and the tree of organs that a script puts into the page."""
        found = []
        if (search := _SEARCH_FORM.search(page.text)) and (url := page.join(search[1].replace("&amp;", "&"))):
            parts = urlsplit(url)
            given = dict(parse_qsl(parts.query, keep_blank_values=True)) | _search_fields(page)
            address = urlunsplit((*parts[:3], urlencode({"area": given.get("area", "")}), ""))
            fields = {**_SEARCH_FIELDS, **given}
            found.append(Branch(_search({"search": address, "fields": fields, "page": 1, "pages": None})))
        tree = _TREE.search(page.text)
        url = page.join(tree[1].replace("&amp;", "&")) if tree else None
        if url is not None and url not in page.frames:
            found.append(Branch(NextPage(url), menu=True))
        return found

    def listing(self, answer: Answer) -> Listing:
        """The records of a group, and how to ask for the next."""
        if "search" in answer.state:
            return _found(answer)
        state = answer.state
        rows = datastore.rows(answer.text, answer.page_url)
        total = datastore.total(answer.text) or state["total"]
        following = _following({**state, "total": total}, answer, rows)
        return Listing(tuple(rows), (following,) if following else (), total=total)


def _search_fields(page: Page) -> dict[str, str]:
    """What the page's script or hidden fields give the module's search."""
    found = {}
    for name in _SEARCH_FIELDS:
        node = next((node for node in page.root.iter("input") if name in (node.get("name"), node.get("id"))), None)
        written = re.search(rf"""\b{name}["']?\s*[:=]\s*(?:["']([^"']{{0,80}})["']|([\w.-]{{1,80}}))""", page.text)
        if node is not None and node.get("value"):
            found[name] = node.get("value")
        elif written:
            found[name] = written[1] or written[2] or ""
    return found


def _search(state: Mapping[str, Any]) -> NextPage:
    return NextPage.form(state["search"], {**state["fields"], "currpage": state["page"]}, state)


def _found(answer: Answer) -> Listing:
    """The rows of the module's search; it lists every column of the organ, not only the one asked for."""
    part, state = answer.fragment(answer.text), answer.state
    rows = tuple(dated(part))
    declared = _PAGES.search(part.visible_text)
    pages = int(declared[1]) if declared else state["pages"]
    onward: tuple[NextPage, ...] = ()
    if pages and state["page"] < pages and answer.brings_new(rows):
        onward = (_search({**state, "page": state["page"] + 1, "pages": pages}),)
    return Listing(rows, onward, pages=pages, page=part)


_RECORD_FIELDS = ("startrecord", "endrecord", "perpage", "page")


def _following(state: Mapping[str, Any], answer: Answer, rows: list[Link]) -> NextPage | None:
    """The request after the answer to ``state``: on in the same way, or another way from the start."""
    total = state["total"]
    known = state["known"] + sum(1 for row in rows if urls.digest(row.url) not in answer.seen)
    if total is not None and known >= total:
        return None
    group = datastore.next_group(answer.text)
    if answer.brings_new(rows):
        if total is None and len(rows) < state["per_page"] and group is None:
            return None
        following = urls.join(answer.url, group) if group else None
        onward = following if following and _page(following) > state["page"] else None
        return _request({**state, "known": known, "page": state["page"] + 1, "group": onward, "misses": 0})
    first = urls.digest(rows[0].url) if rows else ""
    if rows and state["way"] == _GET_GROUP and first != state["last"] and state["misses"] <= state["embedded"]:
        # Pages are counted from the first row: those that the page itself holds come again.
        on = {"page": state["page"] + 1, "group": None, "misses": state["misses"] + len(rows), "last": first}
        return _request({**state, **on})
    if state["way"] < _GET_RECORDS and (total is not None or known == state["embedded"]):
        return _request({**state, "way": state["way"] + 1, "misses": 0})
    return None


def _page(group: str) -> int:
    number = dict(parse_qsl(urlsplit(group).query)).get("page", "")
    return whole_number(number) or 0


def _request(state: Mapping[str, Any]) -> NextPage:
    start = max(1, state["known"])
    records = {"startrecord": start, "endrecord": start + state["size"] - 1, "perpage": state["per_page"]}
    if state["way"] == _POST:
        return NextPage.form(f"{state['url']}?{urlencode(records)}", state["fields"], state)
    if state["way"] == _GET_GROUP:
        query = {"page": state["page"], **state["fields"]}
        return NextPage.script(state["group"] or f"{state['url']}?{urlencode(query)}", state)
    return NextPage.script(f"{state['url']}?{urlencode({**state['fields'], **records})}", state)


def _number(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return int(match[1]) if match else None


def _fields(text: str) -> dict[str, str]:
    return {match[1]: match[2] or match[3] or match[4] or "" for match in _FIELD.finditer(text)}
