"""TrueCMS: the first rows stand hidden in the page, the others come as JSONP around an XML data store."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import urls
from crawler.cms import datastore
from crawler.cms.base import Answer, Listing, NextPage, Paging
from crawler.cms.static import Static, dated
from crawler.page import Link, Page

_MARKS = re.compile(r"/truecms/|messagecontroller/getmessage\.do")
_SERVICE = re.compile(r"""["']([^"'\s]*messageController/getMessage\.do[^"'\s]*)""", re.IGNORECASE)
_COLUMN = re.compile(r"""columnId["']?\s*[:=]\s*["']?([\w-]{8,64})""", re.IGNORECASE)
_PER_PAGE = re.compile(r"""(?:perPage|pageSize)["']?\s*[:=]\s*["']?(\d{1,3})""", re.IGNORECASE)
_TOTAL = re.compile(r"""totalRecords?["']?\s*[:=]\s*["']?(\d{1,7})""", re.IGNORECASE)
_CALLBACK = "callback"


class TrueCms(Static):
    """TrueCMS, as cities of Jiangsu use it."""

    name = "truecms"
    precedence = 25

    def recognise(self, page: Page) -> bool:
        """By the address of its list service."""
        return bool(_MARKS.search(page.lowered))

    def rows(self, page: Page) -> list[Link]:
        """The rows kept in the page for its own paging; without them every dated link."""
        kept = page.root.xpath("//*[@id='initData']")
        links = {urls.join(page.base, anchor.get("href") or "") for node in kept for anchor in node.iter("a")}
        return [link for link in dated(page) if link.url in links] or super().rows(page)

    def paging(self, page: Page, first: str) -> Paging:
        """The records after those that the page holds, as many at a time as the page itself shows."""
        service, column, per_page = (pattern.search(page.text) for pattern in (_SERVICE, _COLUMN, _PER_PAGE))
        declared, kept = _TOTAL.search(page.text), len(self.rows(page))
        total = int(declared[1]) if declared else None
        if service is None or column is None or per_page is None:
            return super().paging(page, first)
        url, size = urls.join(page.base, service[1].replace("&amp;", "&")), int(per_page[1])
        if url is None or kept < size or (total is not None and total <= kept):
            return Paging(total=total)
        state = {"url": url, "column": column[1], "per_page": size, "known": kept, "total": total}
        return Paging((_request(state),), total=total)

    def listing(self, answer: Answer) -> Listing:
        """The records of the answer and the request for the next ones."""
        data = answer.data
        store = data.get("result") if isinstance(data, dict) else answer.text
        rows = datastore.rows(str(store), answer.page_url)
        state = {**answer.state, "known": answer.state["known"] + len(rows)}
        state["total"] = datastore.total(str(store)) or state["total"]
        ended = len(rows) < state["per_page"] or (state["total"] is not None and state["known"] >= state["total"])
        onward = () if ended or not answer.brings_new(rows) else (_request(state),)
        return Listing(tuple(rows), onward, total=state["total"])


def _request(state: Mapping[str, Any]) -> NextPage:
    parts = urlsplit(state["url"])
    query = dict(parse_qsl(parts.query))
    query |= {
        "startrecord": str(state["known"] + 1),
        "endrecord": str(state["known"] + state["per_page"]),
        "perpage": str(state["per_page"]),
        "columnId": state["column"],
        _CALLBACK: query.get(_CALLBACK, "cb").replace("?", "cb"),
    }
    return NextPage.script(urlunsplit((*parts[:3], urlencode(query), "")), state)
