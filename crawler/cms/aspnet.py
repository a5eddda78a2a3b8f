"""SiteFactory and other ASP.NET portals: static lists; some turn pages only by posting the page's own form.

SiteFactory's pager are plain links (``Index_2.aspx``). Where the only pager is ``__doPostBack``, the
form is posted with its hidden fields, as a browser does; each answer is a whole page with the
fields for the next.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crawler import phrases, urls
from crawler.cms.base import Answer, Listing, NextPage, Paging
from crawler.cms.static import Static, dated
from crawler.page import Page, squeeze

_MARKS = re.compile(r"__viewstate|__dopostback|pe\.begin\.pagination|/category_\d+/")
_POST_BACK = re.compile(r"__doPostBack\(\s*'([^']*)'\s*,\s*'([^']*)'\s*\)")
_MAX_PAGES = 200
_MAX_FORM = 400_000


class AspNet(Static):
    """Portals made with ASP.NET, SiteFactory among them."""

    name = "aspnet"
    precedence = 11

    def recognise(self, page: Page) -> bool:
        """By the form of ASP.NET pages, or SiteFactory's addresses and comments."""
        url = page.url.lower()
        return bool(_MARKS.search(page.lowered)) or bool(_MARKS.search(url)) or ".aspx" in url

    def paging(self, page: Page, first: str) -> Paging:
        """By links; by the form only where there are no links."""
        by_links = super().paging(page, first)
        if by_links.next_pages or urls.key(page.url) != urls.key(first):
            return by_links
        further = _next_form(page, {"page": 1})
        return Paging((further,) if further else (), by_links.pages, by_links.total)

    def listing(self, answer: Answer) -> Listing:
        """The rows of a page that was reached by the form."""
        page = Page(answer.url, answer.body)
        rows = tuple(dated(page))
        further = _next_form(page, answer.state) if answer.brings_new(rows) else None
        return Listing(rows, (further,) if further else (), page=page)


def _next_form(page: Page, state: Mapping[str, Any]) -> NextPage | None:
    """The form of ``page`` posted by its “next page”."""
    if state["page"] >= _MAX_PAGES:
        return None
    for anchor in page.root.iter("a"):
        text = squeeze("".join(anchor.itertext()) or anchor.get("title") or "")
        call = _POST_BACK.search(f"{anchor.get('href')} {anchor.get('onclick')}")
        if call is None or text not in phrases.words("anchors", "next_page"):
            continue
        form = next((node for node in anchor.iterancestors("form")), None)
        if form is None:
            return None
        fields = {
            node.get("name"): node.get("value") or ""
            for node in form.iter("input")
            if node.get("name") and (node.get("type") or "text").lower() in ("hidden", "text")
        }
        fields |= {"__EVENTTARGET": call[1], "__EVENTARGUMENT": call[2]}
        target = urls.join(page.base, form.get("action") or page.url)
        if target is None or sum(map(len, fields.values())) > _MAX_FORM:
            return None
        return NextPage.form(target, fields, {"page": state["page"] + 1})
    return None
