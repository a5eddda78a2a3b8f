"""Guangdong's catalogue platform (gkmlpt) and the NFCMS columns beside it.

The tree of categories stands in the page as ``window._CONFIG.TREE``; an interface gives a
category's articles, a hundred at a time. A category with ``jump_url`` is only a link, often to
an NFCMS column: a plain list of ``content/post_<id>.html``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from crawler import urls
from crawler.cms.base import Answer, Branch, Listing, NextPage, count_of, from_json
from crawler.cms.static import Static
from crawler.page import Link, Page, find_date
from parsers.normalise import join_surrogates

_MARKS = re.compile(r"/gkmlpt/|window\._CONFIG\s*=|NFCMS_(?:SITE|POST)_ID|nfw-cms-attachment")
_SITE = re.compile(r"""\bSID["']?\s*:\s*["']?(\d+)""")
_TREE = re.compile(r"""\bTREE["']?\s*:\s*(?=\[)""")
_DETAIL = re.compile(r"""\bDETAIL["']?\s*:\s*(?=\{)""")
_PREFIX = re.compile(r"^(https?://[^?#]*?/gkmlpt)(?:/|$|\?|#)")
_ESCAPED = re.compile(r"%u([0-9A-Fa-f]{4})")
_BEIJING = timedelta(hours=8)
_MAX_DEPTH = 8


class Gkmlpt(Static):
    """The platform and its twin."""

    name = "gkmlpt"
    precedence = 40

    def recognise(self, page: Page) -> bool:
        """By the platform's path, its configuration, or what NFCMS writes into pages."""
        return bool(_MARKS.search(page.text)) or "/gkmlpt/" in page.url

    def branches(self, page: Page) -> list[Branch]:
        """The categories of the tree that lie in the platform."""
        site, prefix = _SITE.search(page.text), _PREFIX.match(page.url)
        if site is None or prefix is None:
            return []
        found = []
        for node, label, above in _nodes(_after(_TREE, page.text)):
            if node.get("jump_url") or count_of(node.get("id")) is None:
                continue
            state = {
                "url": f"{prefix[1]}/api/all/{count_of(node['id'])}",
                "site": site[1],
                "page": 1,
                "total": count_of(node.get("post_count")),
            }
            found.append(Branch(_request(state), label, within=above))
        return found

    def links(self, page: Page) -> list[Link]:
        """The categories that lead elsewhere."""
        found = []
        for node, label, _ in _nodes(_after(_TREE, page.text)):
            if url := urls.join(page.base, str(node.get("jump_url") or "")):
                found.append(Link(url, label, "", None))
        return found

    def listing(self, answer: Answer) -> Listing:
        """The articles of one page of a category."""
        data, state = answer.data, answer.state
        articles = data.get("articles") if isinstance(data, dict) else None
        if not isinstance(articles, list):
            return Listing(failure="answer")
        rows = tuple(row for article in articles if isinstance(article, dict) and (row := _row(article, answer)))
        about = data.get("classify")
        declared = (count_of(data.get("total")), count_of(about.get("post_count") if isinstance(about, dict) else None))
        total = max((number for number in declared if number is not None), default=state["total"])
        onward: tuple[NextPage, ...] = ()
        if total is not None and answer.brings_new(rows) and answer.collected(rows) < total:
            onward = (_request({**state, "page": state["page"] + 1, "total": total}),)
        return Listing(rows, onward, total=total)

    def embedded(self, page: Page) -> Page | None:
        """The body of an article, which the page keeps as data."""
        detail = _after(_DETAIL, page.text)
        content = detail.get("content") if isinstance(detail, dict) else None
        return Page(page.url, content.encode("utf-8", "replace")) if isinstance(content, str) else None


def _request(state: Mapping[str, Any]) -> NextPage:
    return NextPage.script(f"{state['url']}?page={state['page']}&sid={state['site']}", state)


def _row(article: Mapping[str, Any], answer: Answer) -> Link | None:
    address = str(article.get("url") or article.get("post_url") or "")
    url = urls.join(answer.page_url, quote(address, safe="%/:=&?~#+!$,;'@()*[]"))
    if url is None:
        return None
    # Beyond the basic plane a character is escaped as two halves.
    title = join_surrogates(_ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(article.get("title") or "")))
    publisher = article.get("publisher")
    return Link(url, title, "", _published(article), publisher=str(publisher) if publisher else None)


def _published(article: Mapping[str, Any]) -> str | None:
    """The day in China on which the article appeared; ``date`` is that on which it was made."""
    for name in ("display_publish_time", "created_at", "date"):
        value = article.get(name)
        if isinstance(value, str) and (found := find_date(value)):
            return found
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 2**33:
            return (datetime.fromtimestamp(value, UTC) + _BEIJING).date().isoformat()
    return None


def _nodes(tree: Any, depth: int = 0, above: str = "") -> Iterator[tuple[Mapping[str, Any], str, str]]:
    """Every node of ``tree`` with its name and that of the node above it."""
    if not isinstance(tree, list) or depth > _MAX_DEPTH:
        return
    for node in tree:
        if isinstance(node, dict):
            name = str(node.get("name") or "")
            yield node, name, above
            yield from _nodes(node.get("children"), depth + 1, name)


def _after(mark: re.Pattern[str], text: str) -> Any:
    """The JSON value that follows ``mark`` in ``text``."""
    match = mark.search(text)
    if match is None:
        return None
    return from_json(text, match.end())
