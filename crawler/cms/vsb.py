"""VSB of Boda: static lists whose pages are numbered from the end, articles under two addresses.

Page 2 of ``/zwgk/zfxxgknb.htm`` is ``/zwgk/zfxxgknb/<pages-1>.htm``, the last one is ``1.htm``: the
pager's links are followed, no number is computed.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from crawler import urls
from crawler.cms.base import NextPage, Paging
from crawler.cms.static import Static
from crawler.page import Page

_MARKS = re.compile(
    r"/info/\d+/\d+\.html?|vsb_content|v_news_content|_showDynClicks|urltype=(?:tree\.TreeTempUrl|news\.|tree\.)"
)
_TREE = "tree.TreeTempUrl"
_ARTICLE = "news.NewsContentUrl"


class Vsb(Static):
    """VSB's portals of counties."""

    name = "vsb"
    precedence = 15

    def recognise(self, page: Page) -> bool:
        """By its articles' addresses, its editor's classes or its scripts."""
        return bool(_MARKS.search(page.text))

    def paging(self, page: Page, first: str) -> Paging:
        """The pager's links, in the list's folder or as the dynamic address of the same column."""
        paging = super().paging(page, first)
        tree = _tree(page.url) or _tree(first)
        found = {urls.key(further.url): further for further in paging.next_pages}
        for link in page.links:
            if tree is not None and _tree(link.url) == tree and link.text.strip().isdigit():
                found.setdefault(urls.key(link.url), NextPage(link.url))
        found.pop(urls.key(page.url), None)
        return Paging(tuple(found.values()), paging.pages, paging.total)

    def same_as(self, url: str) -> str:
        """``content.jsp?urltype=news.NewsContentUrl&wbtreeid=1&wbnewsid=2`` is ``/info/1/2.htm``."""
        if _ARTICLE not in url:
            return url
        parts = urlsplit(url)
        query = parse_qs(parts.query)
        tree, news = query.get("wbtreeid", [""])[0], query.get("wbnewsid", [""])[0]
        if not tree.isdigit() or not news.isdigit():
            return url
        return f"{parts.scheme}://{parts.netloc}/info/{tree}/{news}.htm"


def _tree(url: str) -> str | None:
    query = parse_qs(urlsplit(url).query)
    return query.get("wbtreeid", [None])[0] if query.get("urltype") == [_TREE] else None
