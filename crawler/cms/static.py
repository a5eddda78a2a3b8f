"""Any portal whose lists stand in the page itself: rows are dated links, paging is by links."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from crawler import phrases, titles, urls
from crawler.cms.base import Family, NextPage, Paging
from crawler.page import Link, Page, squeeze

_TOTAL = re.compile(r"共\s*(?:有)?\s*(\d{1,6})\s*(?:条|篇|项)(?:记录|信息|数据)?")
_PAGES = re.compile(r"共\s*(\d{1,3})\s*页|(?<!\d)1\s*/\s*(\d{1,3})\s*页")
_MOST_TRIED = 50
_NUMBER = re.compile(r"\d{1,3}")


class Static(Family):
    """The generic fallback."""

    name = "static"
    precedence = -100

    def recognise(self, page: Page) -> bool:
        """Every page: this family is asked last."""
        return True

    def rows(self, page: Page) -> list[Link]:
        """Links with a date in their row, and links whose text is the title of a report."""
        return [link for link in dated(page) if urls.key(link.url) != urls.key(page.url)]

    def paging(self, page: Page, first: str) -> Paging:
        """The pages that “next page” and the numbers of the pager link to."""
        here = urls.key(page.url)
        found: dict[str, NextPage] = {}
        for link in page.links:
            text = squeeze(link.text or link.title)
            is_pager = text in phrases.words("anchors", "next_page") or _NUMBER.fullmatch(text)
            if is_pager and urls.key(link.url) != here and _same_list(first, link.url):
                found.setdefault(urls.key(link.url), NextPage(link.url))
        total, pages = declared_total(page), declared_pages(page)
        if not found and pages and 1 < pages <= _MOST_TRIED and here == urls.key(first):
            # The page says that there is more but not where: the usual names are tried.
            tried = (NextPage(_usual_name(first, number), optional=True) for number in range(1, pages + 1))
            return Paging(tuple(tried), pages, total)
        return Paging(next_pages=tuple(found.values()), pages=pages, total=total)


def dated(page: Page) -> list[Link]:
    """The links of ``page`` that have a date in their row or the title of a report, each once."""
    found: dict[str, Link] = {}
    for link in page.links:
        if link.date or (titles.accept(link.label) and titles.year(link.label)):
            found.setdefault(urls.key(link.url), link)
    return list(found.values())


def declared_total(page: Page) -> int | None:
    """The number of rows that ``page`` says the list has."""
    match = _TOTAL.search(page.visible_text)
    return int(match[1]) if match else None


def declared_pages(page: Page) -> int | None:
    """The number of pages that ``page`` says the list has."""
    match = _PAGES.search(page.visible_text)
    return int(match[1] or match[2]) if match else None


def _usual_name(first: str, number: int) -> str:
    """The address of a further page of ``first`` as most systems name it."""
    parts = urlsplit(first)
    folder, _, name = parts.path.rpartition("/")
    stem, dot, suffix = name.partition(".")
    name = f"{stem}_{number}.{suffix}" if dot else f"index_{number}.html"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{name}", "", ""))


def _same_list(first: str, url: str) -> bool:
    """Whether ``url`` can be a further page of the list that begins at ``first``."""
    if urls.host(first) != urls.host(url) or urls.is_article(url):
        return False
    stem = re.sub(r"(?:(?:index|list|default)\w*)?(?:\.\w{2,5})?$", "", urlsplit(first).path, flags=re.IGNORECASE)
    return urlsplit(url).path.startswith(stem)
