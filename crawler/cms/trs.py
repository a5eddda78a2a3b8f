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
from urllib.parse import urljoin, urlsplit

from crawler import urls
from crawler.cms.base import NextPage, Paging
from crawler.cms.static import Static, usual_suffix
from crawler.page import Page

MAX_PAGES = 400
_CALL = re.compile(
    r"""createPage(?:HTML)?\s*\(\s*(?:(?P<box>["'][^"']*["'])\s*,\s*)?"""
    r"""(?:parseInt\(\s*)?["']?(?P<pages>\d{1,6}|[A-Za-z_$][\w$]*)["']?\s*\)?\s*,"""
    r"""\s*(?:parseInt\(\s*)?["']?(?P<current>\d{1,6}|[A-Za-z_$][\w$]*)["']?\s*\)?\s*,"""
    r"""\s*["'](?P<stem>[\w./-]{1,60})["']\s*,\s*["']\.?(?P<suffix>\w{2,5})["'](?P<rest>[^)]{0,60})\)""",
    re.IGNORECASE,
)
_COUNT = re.compile(r"countPage\s*=\s*(?:parseInt\(\s*)?[\"']?(\d{1,6})")
_CURRENT = re.compile(r"currentPage\s*=\s*(?:parseInt\(\s*)?[\"']?(\d{1,6})")
_WRITTEN = re.compile(
    r"""["'](?:<a\b[^<>]{0,80}?href=\\?["']?)?(?:\./)?(?P<stem>[A-Za-z][\w-]{0,40})_["']\s*\+"""
    r"""[^;]{0,80}?["']\.(?P<suffix>\w{2,5})"""
)
# "index" + "_" + … is written in pieces.
_JOINED = re.compile(r"""["']\s*\+\s*["']""")
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
        for call in _CALL.finditer(page.text):
            pages, current = _number(call["pages"], page.text), _number(call["current"], page.text)
            if pages is not None and current is not None:
                total = _total(call["rest"], pages, len(self.rows(page)))
                return _numbered(first, pages, current, call["stem"], call["suffix"], total or by_links.total)
        script = _JOINED.sub("", page.text)
        count, current_page, written = _COUNT.search(script), _CURRENT.search(script), _WRITTEN.search(script)
        if count is None or current_page is None:
            return by_links
        # Where the names are written by a script of another file, they are the usual ones or found missing.
        stem, suffix = (written["stem"], written["suffix"]) if written else ("index", usual_suffix(page, first))
        return _numbered(first, int(count[1]), int(current_page[1]), stem, suffix, by_links.total)

    def pages_of_article(self, page: Page) -> int:
        """As the script says that cuts long articles (``t20151009_67430_1.html`` is the second page)."""
        own = urlsplit(page.url).path.rpartition("/")[2].partition(".")[0]
        counts = [_number(call["pages"], page.text) or 1 for call in _CALL.finditer(page.text) if call["stem"] == own]
        return max(counts, default=1)


def _number(written: str, text: str) -> int | None:
    """The number that ``written`` is, or to which ``text`` sets the variable of that name."""
    if written.isdigit():
        return int(written)
    found = re.search(rf"\b{re.escape(written)}\s*=\s*(?:parseInt\(\s*)?[\"']?(\d{{1,6}})", text)
    return int(found[1]) if found else None


def _total(rest: str, pages: int, rows: int) -> int | None:
    """The number of rows among the further arguments of a call, if one can be that.

    Some give a class or the width of the pager there: a list of several pages has more rows than
    those before the last can hold.
    """
    number = _LAST_NUMBER.search(rest)
    return int(number[1]) if number and pages > 1 and int(number[1]) > (pages - 1) * max(1, rows) else None


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
