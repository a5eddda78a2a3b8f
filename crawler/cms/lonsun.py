"""Lonsun EX8/EX9: lists are markup that ``/site/label/8888`` gives for an organ, a type and a category.

``type=3`` is the column of annual reports of an organ; ``type=4&action=rel`` shows all organs,
each of which has such a column. Links with ``timeFrame`` only show a part of the same list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from crawler import phrases, urls
from crawler.cms.base import Answer, Branch, Listing, NextPage, Paging
from crawler.cms.static import Static, dated
from crawler.page import Link, Page, squeeze

_MARKS = re.compile(
    r"Ls\.(?<!\wLs\.)(?:ajax|pagination)\b|xxgk_navli|/site/label/8888|/public/column/\d+|/public/content/\d+"
)
_LABEL = re.compile(
    r"""["']([^"'\s]*/site/label/8888\?[^"'\s]*)["']((?:\s*\+\s*(?:["'][^"'\s]*["']|[\w.$]+(?:\(\))?))*)"""
)
_PIECE = re.compile(r"""["']([^"']*)["']""")
_CALL = re.compile(
    r"""["']([^"'\s?]*/site/label/8888(?:\?[^"'\s]*)?)["'][^{}]{0,200}?\bdata\s*:\s*\{([^{}]*)\}""", re.DOTALL
)
_FIELD = re.compile(r"""["']?(\w+)["']?\s*:\s*(?:'([^']*)'|"([^"]*)"|([\w.-]+))""")
_PAGES = re.compile(r"""\bpageCount["']?\s*[:=]\s*["']?(\d{1,5})""")
_PAGED = re.compile(r"""\bpaged\s*=\s*["']?(\d{1,5})""")
_TOTAL = re.compile(r"""\btotal["']?\s*[:=]\s*["']?(\d{1,7})""")
_ORGAN = re.compile(r"^(https?://[^?#]*/public/column/)(\d+)")
_RELATION = re.compile(r"[?&]action=rel(?:&|$)")
_ARTICLE = re.compile(r"/public/\d+/(\d+)\.html$")
_IN_LIST = "publicInfoList"
_FEWEST_ORGANS = 2
_USUAL_SIZE = 15
_SIZE = re.compile(r"\d{1,5}")


class Lonsun(Static):
    """Lonsun's platforms, above all in Anhui."""

    name = "lonsun"
    precedence = 45

    def recognise(self, page: Page) -> bool:
        """By its script objects, its label service or its addresses."""
        return bool(_MARKS.search(page.text)) or "/public/column/" in page.url

    def rows(self, page: Page) -> list[Link]:
        """Dated links; those that only choose a year are none."""
        return [row for row in super().rows(page) if not self.is_view(row.url)]

    def is_view(self, url: str) -> bool:
        """Whether ``url`` only shows one year of a list."""
        return "timeFrame=" in url

    def same_as(self, url: str) -> str:
        """``/public/<organ>/<id>.html`` is ``/public/content/<id>``."""
        return _ARTICLE.sub(r"/public/content/\1", url)

    def branches(self, page: Page) -> list[Branch]:
        """The list that fills the page; on the page of all organs each organ's column of reports."""
        found = []
        fields = _label(page.text)
        if fields is not None:
            for name, value in _of_address(page.url).items():
                # A script may join what the page's own address says to the service's.
                fields[name] = fields.get(name) or value
        if fields is not None and (url := urls.join(page.base, fields.pop("", ""))):
            state = {"url": url, "fields": fields, "page": 1, "pages": _page_count(page.text), "total": None}
            found.append(Branch(_request(state)))
        return found + self._organs(page)

    def _organs(self, page: Page) -> list[Branch]:
        if not _RELATION.search(page.url):
            return []
        organs: dict[str, str] = {}
        for link in page.links:
            match = _ORGAN.match(link.url)
            if match and phrases.pattern("anchors", "organ_name").search(squeeze(link.label)):
                organs.setdefault(match[1] + match[2], link.label)
        if len(organs) < _FEWEST_ORGANS:
            return []
        return [Branch(NextPage(f"{url}?type=3&action=list"), name, organ=name) for url, name in organs.items()]

    def paging(self, page: Page, first: str) -> Paging:
        """By links, where the page has its rows itself."""
        return Paging() if _label(page.text) is not None else super().paging(page, first)

    def listing(self, answer: Answer) -> Listing:
        """The rows in the markup of the answer, and the request for the next page."""
        part, state = answer.fragment(answer.text), answer.state
        rows = tuple(row for row in dated(part) if not self.is_view(row.url))
        total = _TOTAL.search(answer.text)
        count = _page_count(answer.text) or state["pages"]
        declared = int(total[1]) if total else state["total"]
        more = state["page"] < count if count else _may_be_full(rows, state["fields"].get("pageSize"))
        more = more or (declared is not None and answer.collected(rows) < declared)
        onward: tuple[NextPage, ...] = ()
        if more and answer.brings_new(rows):
            onward = (_request({**state, "page": state["page"] + 1, "pages": count, "total": declared}),)
        return Listing(rows, onward, pages=count, total=declared, page=part)


def _may_be_full(rows: Sequence[Link], size: str | None) -> bool:
    """Whether a page of ``rows`` may be followed by another, where its size is ``size`` as the script writes it.

    Where that is a variable, and its value unknown, any page with rows may.
    """
    if not size:
        return len(rows) >= _USUAL_SIZE
    return len(rows) >= int(size) if _SIZE.fullmatch(size) else bool(rows)


def _label(text: str) -> dict[str, str] | None:
    """The parameters with which the page asks for its list; under "" the service's address."""
    # Where a script joins pieces, what stands in them is known; what it puts between them is not.
    found = [(match[1] + "".join(_PIECE.findall(match[2])), "") for match in _LABEL.finditer(text)]
    found += [(match[1], match[2]) for match in _CALL.finditer(text)]
    candidates = []
    for address, data in found:
        try:
            parts = urlsplit(address.replace("&amp;", "&"))
        except ValueError:
            continue
        fields = dict(parse_qsl(parts.query, keep_blank_values=True))
        fields |= {field[1]: field[2] or field[3] or field[4] or "" for field in _FIELD.finditer(data)}
        candidates.append({"": urlunsplit((*parts[:3], "", "")), **fields})
    return next((found for found in candidates if _IN_LIST.lower() in found.get("labelName", "").lower()), None)


def _of_address(url: str) -> dict[str, str]:
    """What ``/public/column/<organ>?type=…&catId=…`` says of its list."""
    match = _ORGAN.match(url)
    query = {name: value for name, value in parse_qsl(urlsplit(url).query) if name in ("type", "catId", "action")}
    return {"organId": match[2], **query} if match else {}


def _request(state: Mapping[str, Any]) -> NextPage:
    fields = {name: value for name, value in state["fields"].items() if name != "_"}
    fields["pageIndex"] = str(state["page"])
    return NextPage.script(f"{state['url']}?{urlencode(fields)}", state)


def _page_count(text: str) -> int | None:
    """How many pages ``text`` says there are: in so many words, or by the highest number of its pager."""
    if declared := _PAGES.search(text):
        return int(declared[1])
    return max((int(match[1]) for match in _PAGED.finditer(text)), default=None)
