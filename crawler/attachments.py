"""Documents that an article links to: attachments, embedded viewers, download links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import lxml.html
from lxml import etree

from crawler import phrases, urls
from crawler.page import Page, squeeze
from parsers.normalise import whole_number

MAX_ATTACHMENTS = 30
_SIDES = ("width", "height")
_FRAMES = {"iframe": "src", "frame": "src", "embed": "src", "object": "data"}
_DATA = ("data-value", "data-url", "data-src", "data-href", "data-pdf", "data-file")
_LINKS = ("a", "area", "form", "*[@onclick]", *_FRAMES)
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
_LEAST_SIDE = 100
_LONGEST_NAME = 120
_MOST_FIELDS = 30
_SHOWN_NAMES = ("showname", "showName", "filename", "fileName")
_MARKED = ("appendix", "needdownload", "download")
_PAGE_SUFFIXES = ("html", "htm", "shtml", "jhtml")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A document that a page links to; ``name`` is what the link calls the file.

    ``guessed`` is one of which only the link's words say that it is a file. ``form`` is what has
    to be posted to get it, None where its address alone is enough.
    """

    url: str
    name: str
    guessed: bool = False
    form: str | None = None


def find(page: Page) -> list[Attachment]:
    """The documents that the body of ``page`` links to, each once, in order."""
    found: dict[str, Attachment] = {}
    here = urls.key(page.url)
    nodes = _MAY_LEAD["data-" in page.lowered](page.root)
    for node in cast("list[lxml.html.HtmlElement]", nodes):
        for one in _of(page, node):
            key = urls.key(one.url) + (one.form or "")
            if key in found or (key == here and one.form is None) or _is_around(node):
                continue
            found[key] = one
        if len(found) >= MAX_ATTACHMENTS:
            break
    return list(found.values())


def _of(page: Page, node: lxml.html.HtmlElement) -> Iterator[Attachment]:
    """The documents to which ``node`` leads."""
    for target in _targets(node):
        if url := page.join(target):
            yield Attachment(url, _name(node, url))
    if node.tag == "form" and (posted := _form(page, node)):
        yield posted
    elif node.tag in ("a", "area", "button", "span", "div", "input") and (url := _unlike_a_file(page, node)):
        url = viewed_file(url) or url
        yield Attachment(url, _name(node, url), guessed=not urls.is_file(url))


def _unlike_a_file(page: Page, node: lxml.html.HtmlElement) -> str | None:
    """The address of what a link calls a file though its address, or the want of one, does not say so."""
    if node.tag not in ("a", "area") and node.get("onclick") is None:
        return None
    written = page.join(node.get("href") or "")
    url = page.target(node)
    if url is None or (written and urls.is_file(written)):
        return None
    if written is None and (urls.is_file(url) or viewed_file(url)):
        return url
    if urls.extension(url) in _PAGE_SUFFIXES or urlsplit(url).path.endswith("/"):
        return None
    said = (node.get("title"), node.get("download"), "".join(node.itertext()), node.get("value"))
    words = [squeeze(text)[-_LONGEST_NAME:] for text in said if text]
    return url if any(phrases.pattern("attachments", "called_a_file").search(text) for text in words) else None


def _form(page: Page, form: lxml.html.HtmlElement) -> Attachment | None:
    """The document that a form of hidden fields gives when it is posted."""
    if (form.get("method") or "get").lower() != "post" or not form.get("action"):
        return None
    inputs = [node for node in form.iter("input", "select", "textarea") if node.get("name")]
    if any(node.tag != "input" or (node.get("type") or "text").lower() not in ("hidden", "submit") for node in inputs):
        return None
    buttons = [node.get("value") or "" for node in form.iter("input") if node.get("type") in ("submit", "button")]
    words = squeeze("".join((*form.itertext(), *buttons)))
    url = page.join(form.get("action") or "")
    # Some systems put whole pages into a form.
    if url is None or len(words) > _LONGEST_NAME or not 1 <= len(inputs) <= _MOST_FIELDS:
        return None
    if not urls.is_file(url) and not phrases.pattern("attachments", "called_a_file").search(words):
        return None
    fields = [(node.get("name"), node.get("value") or "") for node in inputs if (node.get("type") or "") == "hidden"]
    name = next((value for _, value in fields if urls.is_file(f"http://file.invalid/{value}")), "")
    return Attachment(url, name or words, form=urlencode(fields, encoding=page.encoding))


def pictures(page: Page) -> list[Attachment]:
    """The pictures in the body of ``page``, for articles whose tables are pictures.

    None where the page has a table of figures or leads to a document: the pictures are ornament.
    """
    if any(sum(1 for _ in table.iter("td")) >= _TABLE_CELLS for table in page.root.iter("table")):
        return []
    if any(not one.guessed for one in find(page)):
        return []
    found: dict[str, Attachment] = {}
    for node in page.root.iter("img", "a"):
        url = _picture(page, node)
        if url is None or _is_around(node) or not _is_in_body(node) or len(found) >= MAX_ATTACHMENTS:
            continue
        found.setdefault(urls.key(url), Attachment(url, _name(node, url)))
    # A thumbnail is left out where it leads to the whole picture.
    shown = {url for anchor in page.root.iter("a") if _picture(page, anchor) for url in _inside(page, anchor)}
    return [one for one in found.values() if urls.key(one.url) not in shown]


def _inside(page: Page, anchor: lxml.html.HtmlElement) -> Iterator[str]:
    own = _picture(page, anchor)
    for image in anchor.iter("img"):
        if (url := _picture(page, image)) and url != own:
            yield urls.key(url)


def _picture(page: Page, node: lxml.html.HtmlElement) -> str | None:
    """The address of the picture that ``node`` shows or leads to, None if it may be none of a page."""
    if node.tag == "a":
        url = page.join(node.get("href") or "")
        return url if url and urls.extension(url) in phrases.words("attachments", "pictures") else None
    sides = [whole_number((node.get(side) or "").removesuffix("px")) for side in _SIDES]
    if any(side is not None and side < _LEAST_SIDE for side in sides):
        return None
    # Pages that load their pictures late keep the address in data, and something small in its place.
    for name in ("data-original", "data-src", "data-lazy-src", "lay-src", "_src", "src"):
        url = page.join(node.get(name) or "")
        if url is None or _ICON.search(url):
            continue
        named = urls.extension(url) in phrases.words("attachments", "pictures")
        if named or phrases.pattern("attachments", "picture_service").search(url):
            return url
    return None


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
        if value and (urls.extension(value) in phrases.words("attachments", "extensions") or urls.is_file(value)):
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
