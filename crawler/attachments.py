"""Documents that an article links to: attachments, embedded viewers, download links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, unquote, urlsplit

import lxml.html
from lxml import etree

from crawler import phrases, urls
from crawler.page import Page

MAX_ATTACHMENTS = 30
_FRAMES = {"iframe": "src", "frame": "src", "embed": "src", "object": "data"}
_DATA = ("data-value", "data-url", "data-src", "data-href", "data-pdf", "data-file")
_LINKS = ("a[@href]", *_FRAMES)
_MARKED_LINKS = (*_LINKS, f"*[{' or '.join(f'@{name}' for name in _DATA)}]")
_MAY_LEAD = {
    has_data: etree.XPath(" | ".join(f"descendant-or-self::{what}" for what in whats))
    for has_data, whats in ((False, _LINKS), (True, _MARKED_LINKS))
}
"""What may lead to a document; a page without data attributes need not be searched for them."""
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:header|footer|foot|nav|navbar|menu|sidebar|breadcrumb)(?:$|[\s_-])", re.IGNORECASE
)
_BODY = re.compile(r"content|article|editor|zoom|news|text|detail|vsb|ucap|wenzhang|main", re.IGNORECASE)
_ICON = re.compile(
    r"(?:^|[/_-])(?:icons?|logo|ico|btn|button|qr|qrcode|ewm|banner|bg|arrow)(?:[\d_.-]|/)", re.IGNORECASE
)
_TABLE_CELLS = 20
_SHOWN_NAMES = ("showname", "showName", "filename", "fileName")
_MARKED = ("appendix", "needdownload", "download")
_PAGE_SUFFIXES = ("html", "htm", "shtml", "jhtml")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that a page links to; ``name`` is what the link calls the file."""

    url: str
    name: str


def find(page: Page) -> list[Attachment]:
    """The documents that the body of ``page`` links to, each once, in order."""
    found: dict[str, Attachment] = {}
    nodes = _MAY_LEAD["data-" in page.lowered](page.root)
    for node in cast("list[lxml.html.HtmlElement]", nodes):
        for target in _targets(node):
            url = urls.join(page.base, target)
            if url is None or urls.key(url) in found or urls.key(url) == urls.key(page.url) or _is_around(node):
                continue
            found[urls.key(url)] = Attachment(url, _name(node, url))
        if len(found) >= MAX_ATTACHMENTS:
            break
    return list(found.values())


def pictures(page: Page) -> list[Attachment]:
    """The pictures in the body of ``page``, for articles whose tables are pictures.

    None where the page has a table of figures or leads to a document: the pictures are ornament.
    """
    if any(sum(1 for _ in table.iter("td")) >= _TABLE_CELLS for table in page.root.iter("table")) or find(page):
        return []
    found: dict[str, Attachment] = {}
    for node in page.root.iter("img"):
        url = urls.join(page.base, node.get("src") or "")
        if url is None or _is_around(node) or not _is_in_body(node) or len(found) >= MAX_ATTACHMENTS:
            continue
        if urls.extension(url) in phrases.words("attachments", "pictures") and not _ICON.search(url):
            found.setdefault(urls.key(url), Attachment(url, _name(node, url)))
    return list(found.values())


def viewed_file(url: str) -> str | None:
    """The document that the viewer page ``url`` shows (``…/viewer.html?file=…``), if it is one."""
    query = parse_qs(urlsplit(url).query)
    for value in (values[0] for key, values in query.items() if key.lower() in ("file", "src", "url", "filepath")):
        if urls.is_file(urls.join(url, unquote(value)) or ""):
            return urls.join(url, unquote(value))
    return None


def _targets(node: lxml.html.HtmlElement) -> Iterator[str]:
    href = node.get("href") or ""
    if node.tag == "a" and href:
        url = urls.join("http://base.invalid/", href) or ""
        marked = any(node.get(name) is not None for name in _MARKED)
        if url and (urls.is_file(url) or (marked and urls.extension(url) not in _PAGE_SUFFIXES)):
            yield href
        elif url and (viewed := viewed_file(url)):
            yield viewed.replace("http://base.invalid", "", 1)
    if node.tag in _FRAMES and (source := node.get(_FRAMES[node.tag])):
        url = urls.join("http://base.invalid/", source) or ""
        if viewed := viewed_file(url):
            yield viewed.replace("http://base.invalid", "", 1)
        elif urls.is_file(url):
            yield source
    for name in _DATA:
        value = node.get(name)
        if value and urls.extension(value) in phrases.words("attachments", "extensions"):
            yield value


def _name(node: lxml.html.HtmlElement, url: str) -> str:
    for value in (node.get("download"), node.get("title"), "".join(node.itertext()), node.get("alt")):
        if value and value.strip() and value not in ("true", "download"):
            return " ".join(value.split())[:200]
    parameters = parse_qs(urlsplit(url).query)
    shown = next((parameters[name][-1] for name in _SHOWN_NAMES if name in parameters), "")
    return shown or unquote(urlsplit(url).path.rpartition("/")[2])


def _is_in_body(node: lxml.html.HtmlElement) -> bool:
    """Whether ``node`` stands in an element that by its name holds an article's text."""
    return any(_BODY.search(f"{parent.get('class')} {parent.get('id')}") for parent in node.iterancestors())


def _is_around(node: lxml.html.HtmlElement) -> bool:
    """Whether ``node`` stands in what surrounds the body: header, footer, navigation."""
    return any(
        parent.tag in ("header", "footer", "nav") or _AROUND.search(f"{parent.get('class')} {parent.get('id')}")
        for parent in node.iterancestors()
    )
