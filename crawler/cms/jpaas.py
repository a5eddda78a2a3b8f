"""Hanweb jpaas: parts of the page come from a service as JSON whose payload is markup.

Each part is a ``script`` with the service's address and the part's parameters. Only
``paramJson`` turns the pages for certain; a bare ``pageNo`` is tried where it does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from crawler import phrases, urls
from crawler.cms.base import Answer, Branch, Listing, NextPage, Paging
from crawler.cms.static import Static, dated, declared_total
from crawler.page import Page

_MARKS = re.compile(r"unitbuild\.js|jpaas-[\w-]*server|/api-gateway/jpaas")
_FIELD = re.compile(r"""["']?(\w+)["']?\s*:\s*(?:'([^']*)'|"([^"]*)")""")
_ROWS = re.compile(r"""\brows\s*=\s*\\?["']?(\d{1,4})""")
_COUNT = re.compile(r"""\bcount\s*=\s*\\?["']?(\d{1,7})""")
_PAGER = re.compile(r"""<[^<>]*\bclass\s*=\s*\\?["'][^"'<>]*\bpag(?:ination|e|er)\b[^<>]*>""", re.IGNORECASE)
_PARAM_JSON, _BARE = range(2)
_SHORTEST_PAGE = 5


class Jpaas(Static):
    """The “集约化” platform of Hanweb."""

    name = "jpaas"
    precedence = 30

    def recognise(self, page: Page) -> bool:
        """By the script that builds its parts, or by the service's address."""
        return bool(_MARKS.search(page.lowered))

    def branches(self, page: Page) -> list[Branch]:
        """The parts of the page that may be its list or its menu."""
        found = []
        for node in page.root.iter("script"):
            service, query = node.get("url"), node.get("querydata")
            if not service or not query or (url := urls.join(page.base, service)) is None:
                continue
            fields = {match[1]: match[2] or match[3] or "" for match in _FIELD.finditer(query)}
            name = fields.get("tagId", "")
            if phrases.pattern("parts", "other").search(name):
                continue
            menu = bool(phrases.pattern("parts", "menu").search(name))
            state = {"url": url, "fields": fields, "page": 1, "size": 0, "way": _PARAM_JSON, "total": None}
            found.append(Branch(NextPage.script(f"{url}?{urlencode(fields)}", state), menu=menu))
        return found

    def listing(self, answer: Answer) -> Listing:
        """The rows in the markup of the answer, and the request for the next page."""
        data, state = answer.data, dict(answer.state)
        payload = data.get("data") if isinstance(data, dict) else None
        if not isinstance(payload, dict) or data.get("success") is False or not isinstance(payload.get("html"), str):
            return Listing(failure="answer")
        markup = payload["html"]
        part = answer.fragment(markup)
        rows = dated(part)
        pager = _PAGER.search(markup)
        size, count = (pattern.search(pager[0]) if pager else None for pattern in (_ROWS, _COUNT))
        # Without a pager's word on it the first page tells how long pages are.
        state["size"] = int(size[1]) if size else state["size"] or len(rows)
        state["total"] = int(count[1]) if count else declared_total(part) or state["total"]
        ended = pager is None and state["total"] is None and (state["page"] == 1 and len(rows) < _SHORTEST_PAGE)
        following = () if ended else _following(state, answer, rows)
        return Listing(tuple(rows), following, total=state["total"], page=part)

    def paging(self, page: Page, first: str) -> Paging:
        """Nothing but what links say: the list itself is a part that is asked for."""
        return super().paging(page, first)


def _following(state: dict[str, Any], answer: Answer, rows: list[Any]) -> tuple[NextPage, ...]:
    total, size = state["total"], state["size"]
    if total is not None and answer.collected(rows) >= total:
        return ()
    if answer.brings_new(rows) and size:
        return (_request({**state, "page": state["page"] + 1}),)
    if rows and state["page"] > 1 and state["way"] == _PARAM_JSON:
        # The same page again: this server does not know the parameter.
        return (_request({**state, "way": _BARE, "page": 2}),)
    return ()


def _request(state: Mapping[str, Any]) -> NextPage:
    if state["way"] == _PARAM_JSON:
        turn = {"paramJson": f'{{"pageNo":{state["page"]},"pageSize":{state["size"]}}}'}
    else:
        turn = {"pageNo": str(state["page"]), "pageSize": str(state["size"])}
    return NextPage.script(f"{state['url']}?{urlencode({**state['fields'], **turn})}", state)
