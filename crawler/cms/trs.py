"""TRS WCM: static lists, paged by a script that names the number of pages.

Two dialects of lists are met, tables (``td``) and ``ul``/``li``; both are dated links, so
:class:`crawler.cms.static.Static` reads them. What is TRS's own is the paging::

    var currentPage = 0; var countPage = 2   … "index_" + nextPage + ".html"
    createPageHTML(2, 0, "index", "html")     createPageHTML(total, current, "index", "shtml", "black2", rows)
    createPage(2, 0, "index", "html")         createPageHTML('page_div', 4, 1, 'list', 'shtml', rows)

The second number is that of the current page and so tells whether counting begins at 0 or
at 1. Getting it wrong would lose a page in silence, therefore the page just outside of what
the script promises is asked for too, as an optional one.
"""

from __future__ import annotations

import re
from urllib.parse import urljoin

from crawler import urls
from crawler.cms.base import NextPage, Paging
from crawler.cms.static import Static
from crawler.page import Page

MAX_PAGES = 400
_CALL = re.compile(
    r"""createPage(?:HTML)?\s*\(\s*(?:(?P<box>["'][^"']*["'])\s*,\s*)?"""
    r"""(?:parseInt\(\s*)?["']?(?P<pages>\d{1,6})["']?\s*\)?\s*,\s*(?P<current>\d{1,6})\s*,"""
    r"""\s*["'](?P<stem>[\w-]{1,60})["']\s*,\s*["'](?P<suffix>\w{2,5})["'](?P<rest>[^)]{0,60})\)"""
)
_COUNT = re.compile(r"countPage\s*=\s*(?:parseInt\(\s*)?[\"']?(\d{1,6})")
_CURRENT = re.compile(r"currentPage\s*=\s*(?:parseInt\(\s*)?[\"']?(\d{1,6})")
_WRITTEN = re.compile(
    r"""["'](?:<a\b[^<>]{0,80}?href=\\?["']?)?(?:\./)?(?P<stem>[A-Za-z][\w-]{0,40})_["']\s*\+"""
    r"""[^;]{0,80}?["']\.(?P<suffix>\w{2,5})"""
)
_USUAL = ("index", "html")
_LAST_NUMBER = re.compile(r"(\d{1,6})\D*$")
_MARKS = re.compile(
    r"/t20\d{6}_\d+\.s?html?|TRS_Editor|trs_editor_view|TRS_UEDITOR|CurrChnlCls|/was[45]0?/|createPage(?:HTML)?\s*\("
)


class Trs(Static):
    """TRS WCM and the systems that kept its paging script."""

    name = "trs"
    precedence = 10

    def recognise(self, page: Page) -> bool:
        """By its article addresses, its editor's classes, its breadcrumb or its paging script."""
        return bool(_MARKS.search(page.text)) or bool(_COUNT.search(page.text) and _CURRENT.search(page.text))

    def paging(self, page: Page, first: str) -> Paging:
        """The pages that the script promises; those the links name where there is no script."""
        by_links = super().paging(page, first)
        if urls.key(page.url) != urls.key(first):
            return by_links
        call = _CALL.search(page.text)
        if call is not None:
            rows = _LAST_NUMBER.search(call["rest"])
            total = int(rows[1]) if rows and int(rows[1]) >= int(call["pages"]) else by_links.total
            return _numbered(first, int(call["pages"]), int(call["current"]), call["stem"], call["suffix"], total)
        count, current, written = (
            _COUNT.search(page.text),
            _CURRENT.search(page.text),
            _WRITTEN.search(page.text),
        )
        if count is None or current is None:
            return by_links
        # Where the names are written by a script of another file, they are the usual ones or found missing.
        stem, suffix = (written["stem"], written["suffix"]) if written else _USUAL
        return _numbered(first, int(count[1]), int(current[1]), stem, suffix, by_links.total)


def _numbered(first: str, pages: int, current: int, stem: str, suffix: str, total: int | None) -> Paging:
    """Every further page of a list of ``pages`` pages, read on its first page.

    With ``current`` 0 page 2 is ``stem_1``, with 1 it is ``stem_2``.
    """
    if pages <= 1:
        return Paging(pages=pages, total=total)
    last = min(pages, MAX_PAGES)
    numbers, outside = (range(1, last), last) if current == 0 else (range(2, last + 1), 1)
    found = [NextPage(urljoin(first, f"{stem}_{number}.{suffix}")) for number in numbers]
    found.append(NextPage(urljoin(first, f"{stem}_{outside}.{suffix}"), optional=True))
    return Paging(next_pages=tuple(found), pages=pages, total=total)
