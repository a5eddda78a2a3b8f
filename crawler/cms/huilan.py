"""Huilan's eportal: pages of a list are ``/eportal/ui?pageId=…&currentPage=2&moduleId=…``.

The pager links to them, or calls a script with the number of the page; then the address is
made from another page's address that the page itself shows.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import urls
from crawler.cms.base import NextPage, Paging
from crawler.cms.static import Static
from crawler.page import Page

_MARKS = re.compile(r"/eportal/ui\?|/eportal/(?:uiFramework|fileDir)|staticRequest=(?<!\wstaticRequest=)")
_ADDRESS = re.compile(r"""["']([^"'\s<>]*/?eportal/ui\?[^"'\s<>]*\bmoduleId=[^"'\s<>]*)["']""")
_CALL = re.compile(r"""javascript:\s*(?:next|goPage|toPage|page)\w*\(\s*['"]?(\d{1,4})['"]?\s*\)""", re.IGNORECASE)
_PAGES = re.compile(r"(?:共|/)\s*(\d{1,4})\s*页")
_MAX_PAGES = 200


class Huilan(Static):
    """Huilan's portals."""

    name = "huilan"
    precedence = 14

    def recognise(self, page: Page) -> bool:
        """By its module addresses and files."""
        return bool(_MARKS.search(page.text)) or "/eportal/ui?" in page.url

    def paging(self, page: Page, first: str) -> Paging:
        """The pages of the list's own module."""
        by_links = super().paging(page, first)
        addresses = [urls.join(page.base, match[1].replace("&amp;", "&")) for match in _ADDRESS.finditer(page.text)]
        turning = [url for url in addresses if url and "currentPage=" in url]
        if not turning:
            return by_links
        module = parse_qs(urlsplit(turning[0]).query).get("moduleId")
        same = [url for url in turning if parse_qs(urlsplit(url).query).get("moduleId") == module]
        numbers = {int(match[1]) for match in _CALL.finditer(page.text)}
        declared = _PAGES.search(page.visible_text)
        last = min(int(declared[1]) if declared else max(numbers, default=0), _MAX_PAGES)
        found = {urls.key(url): NextPage(url) for url in (*same, *(_turned(same[0], n) for n in range(2, last + 1)))}
        found.pop(urls.key(_turned(same[0], 1)), None)
        found.pop(urls.key(page.url), None)
        return Paging((*by_links.next_pages, *found.values()), int(declared[1]) if declared else None, by_links.total)


def _turned(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = [(name, str(number) if name == "currentPage" else value) for name, value in parse_qsl(parts.query, True)]
    return urlunsplit((*parts[:3], urlencode(query), ""))
