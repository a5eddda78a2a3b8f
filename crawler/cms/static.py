"""Any portal whose lists stand in the page itself: rows are dated links, paging is by links."""

from __future__ import annotations

import re
from urllib.parse import urlsplit, urlunsplit

from crawler import phrases, titles, urls
from crawler.cms.base import Family, NextPage, Paging
from crawler.page import Link, Page, squeeze

_TOTAL = re.compile(
    r"(?:共|总计|合计)\s*(?:有)?\s*[:：]?\s*(\d{1,6})\s*(?:条|篇|项)(?:记录|信息|数据)?"
    r"|(?:总记录数|记录总数|总条数|信息总数)\s*[:：]?\s*(\d{1,6})"
)
_PAGES = re.compile(
    r"(?:共|总页数|总共|分为?)\s*[:：]?\s*(\d{1,3})\s*页|(?<![\d/])1\s*/\s*(\d{1,3})\s*页?(?![\d/])|总页数\s*[:：]?\s*(\d{1,3})"
)
# What a pager's script reads from an element or keeps in a variable.
_PAGES_IN_MARKUP = re.compile(
    r"""\b(?:page[-_]?count|count[-_]?pages?|total[-_]?pages?|pages[-_]?total|all[-_]?pages?)["']?\s*[:=]\s*["']?(\d{1,3})(?!\d)""",
    re.IGNORECASE,
)
_MOST_TRIED = 120
_NUMBER = re.compile(r"\d{1,3}")
_SHORTEST = 6
_SUFFIXES = ("html", "shtml", "htm", "jhtml")


class Static(Family):
    """The generic fallback."""

    name = "static"
    precedence = -100

    def recognise(self, page: Page) -> bool:
        """Every page: this family is asked last."""
        return True

    def rows(self, page: Page) -> list[Link]:
        """Links with a date in their row, those titled like a report, and those in one list with these."""
        return [link for link in (*dated(page), *_beside_reports(page)) if urls.key(link.url) != urls.key(page.url)]

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
            suffix = usual_suffix(page, first)
            tried = (NextPage(_usual_name(first, number, suffix), optional=True) for number in range(1, pages + 1))
            return Paging(tuple(tried), pages, total)
        return Paging(next_pages=tuple(found.values()), pages=pages, total=total)


def dated(page: Page) -> list[Link]:
    """The links of ``page`` that have a date in their row or the title of a report, each once."""
    found: dict[str, Link] = {}
    for link in page.links:
        if link.date or (titles.accept(link.label) and titles.year(link.label)):
            found.setdefault(urls.key(link.url), link)
    return list(found.values())


def _beside_reports(page: Page) -> list[Link]:
    """The undated links that stand in the same list as undated reports: the list's total counts them too."""
    links = [link for link in page.links if not link.date]
    titled = {link.group for link in links if titles.accept(link.label) and titles.year(link.label)} - {None}
    known = {urls.key(link.url) for link in dated(page)}
    found: dict[str, Link] = {}
    for link in links:
        if link.group in titled and (key := urls.key(link.url)) not in known and len(squeeze(link.label)) > _SHORTEST:
            found.setdefault(key, link)
    return list(found.values())


def declared_total(page: Page) -> int | None:
    """The number of rows that ``page`` says the list has."""
    match = _TOTAL.search(page.visible_text)
    return int(match[1] or match[2]) if match else None


def declared_pages(page: Page) -> int | None:
    """The number of pages that ``page`` says the list has."""
    if match := _PAGES.search(page.visible_text):
        return next(int(number) for number in match.groups() if number)
    found = _PAGES_IN_MARKUP.search(page.text)
    return int(found[1]) if found else None


def usual_suffix(page: Page, first: str) -> str:
    """How the addresses of the pages of the list ``page`` most likely end: like the first page, or its rows."""
    ends = [urls.extension(first), *(urls.extension(link.url) for link in page.links if link.date)]
    return next((end for end in ends if end in _SUFFIXES), _SUFFIXES[0])


def _usual_name(first: str, number: int, suffix: str) -> str:
    """The address of a further page of ``first`` as most systems name it."""
    parts = urlsplit(first)
    folder, _, name = parts.path.rpartition("/")
    stem, dot, own = name.partition(".")
    name = f"{stem}_{number}.{own}" if dot else f"index_{number}.{suffix}"
    return urlunsplit((parts.scheme, parts.netloc, f"{folder}/{name}", "", ""))


def _same_list(first: str, url: str) -> bool:
    """Whether ``url`` can be a further page of the list that begins at ``first``."""
    if urls.host(first) != urls.host(url) or urls.is_article(url):
        return False
    stem = re.sub(r"(?:(?:index|list|default)\w*)?(?:\.\w{2,5})?$", "", urlsplit(first).path, flags=re.IGNORECASE)
    return urlsplit(url).path.startswith(stem)
