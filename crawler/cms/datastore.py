"""Lists kept as XML in a page or an answer: ``<datastore>`` with records in CDATA (Hanweb, TrueCMS)."""

from __future__ import annotations

import re
from html import unescape

from crawler import urls
from crawler.cms.static import dated
from crawler.page import Link, Page

_MAX_RECORDS = 5000
_RECORD = re.compile(r"<record>\s*(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?\s*</record>", re.DOTALL | re.IGNORECASE)
_NEXT_GROUP = re.compile(r"<nextgroup>(.*?)</nextgroup>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"""href\s*=\s*["']?([^"'>\s]+)""", re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(\d{1,7})\s*</totalrecord>", re.IGNORECASE)


def rows(text: str, page_url: str) -> list[Link]:
    """The rows of the data stores in ``text``: one link of each record, with the record's date."""
    found: dict[str, Link] = {}
    for number, match in enumerate(_RECORD.finditer(text)):
        if number >= _MAX_RECORDS:
            break
        # Each record on its own: one with broken markup must not spoil its neighbours.
        markup = match[1] if "<" in match[1] else unescape(match[1])
        record = Page(page_url, f"<html><body><table>{markup}</table></body></html>".encode("utf-8", "replace"))
        row = next(iter(dated(record)), None) or next(iter(record.links), None)
        if row is not None:
            found.setdefault(urls.key(row.url), row)
    return list(found.values())


def next_group(text: str) -> str | None:
    """The address, as written, from which the data store in ``text`` says that it goes on."""
    group = _NEXT_GROUP.search(text)
    href = _HREF.search(group[1]) if group else None
    return href[1].replace("&amp;", "&") if href else None


def total(text: str) -> int | None:
    """The number of records that the data store in ``text`` declares."""
    match = _TOTAL.search(text)
    return int(match[1]) if match else None
