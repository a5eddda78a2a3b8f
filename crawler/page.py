"""A fetched page as the crawler sees it: decoded text, links, dates, titles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import cast

import lxml.html
from lxml import etree

from crawler import phrases, scripts, urls

MAX_MARKUP = 4_000_000
MAX_LINKS = 4000
_HIDDEN = ("script", "style", "noscript", "template", "head")
_VISIBLE = etree.XPath(
    "descendant-or-self::text()[not(parent::script or parent::style"
    " or ancestor::noscript or ancestor::template or ancestor::head)]",
    smart_strings=False,
)
_PLAINLY_VISIBLE = etree.XPath(
    "text() | *[not(self::head)]/descendant::text()[not(parent::script or parent::style)]", smart_strings=False
)
"""The same of a whole page that has neither ``noscript`` nor ``template``: ancestors need not be asked."""
_TITLES = tuple(map(etree.XPath, ("//h1", "//*[@id='title']", "//*[@class='title']", "//h2", "//h3")))
_ROW_LEVELS = 4
_MAX_ROW_TEXT = 600
_DATE = re.compile(r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*日?")
_SHORT_DATE = re.compile(r"[\[(（]?(?<!\d)\d{1,2}[-/]\d{1,2}(?!\d)[\])）]?\s*$")
_SPACE = re.compile(r"[\s\u00a0\u200b\u3000\ufeff]+")
_SCRIPT_TARGET = re.compile(
    r"""(?:window\.|self\.|top\.|document\.|parent\.)*location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*["']([^"'+]+)["']"""
)
_CLICK_TARGET = re.compile(r"""(?:location(?:\.href)?\s*=|window\.open\()\s*["']([^"'+]+)["']""")
_POSITION = re.compile(r"(?:(?:当前|所在|现在)的?位置|^\s*位置)是?\s*[:：]?")
_NEARLY_EMPTY = 400
_SHORT = 3000
_FEWEST_SESSIONS = 4


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a page.

    ``text`` is the visible text without a date, ``title`` its ``@title`` or the ``@alt`` of
    its image, ``date`` the ISO date that stands in the same row, ``publisher`` the organ that
    the row names, which only lists kept as data do.
    """

    url: str
    text: str
    title: str
    date: str | None
    markup: str = ""
    publisher: str | None = None

    @property
    def label(self) -> str:
        """The fuller of the two texts: lists cut the visible one short and keep ``@title`` whole."""
        cut = phrases.pattern("anchors", "truncated").search(self.text)
        if self.title and (cut or not self.text or len(squeeze(self.title)) > len(squeeze(self.text))):
            return self.title
        return self.text

    @property
    def texts(self) -> tuple[str, ...]:
        """Both texts, those that are not empty."""
        return tuple(text for text in (self.text, self.title) if text)


class Page:
    """A page: ``url`` after redirects, ``text`` decoded by what the bytes are, not by what is declared."""

    def __init__(self, url: str, body: bytes) -> None:
        self.url = url
        self.text = decode(body[:MAX_MARKUP])

    @cached_property
    def lowered(self) -> str:
        """The text in lower case: searching it is much faster than disregarding case."""
        return self.text.lower()

    @cached_property
    def root(self) -> lxml.html.HtmlElement:
        """The parsed document; an empty one if there is nothing to parse."""
        parser = lxml.html.HTMLParser(encoding="utf-8")
        markup = self.text.replace("\x00", "").encode("utf-8", "replace")
        try:
            return lxml.html.document_fromstring(markup or b"<html></html>", parser=parser)
        except etree.ParserError:
            return lxml.html.document_fromstring(b"<html></html>")

    @cached_property
    def base(self) -> str:
        """The address that links are relative to."""
        for node in self.root.iter("base"):
            if node.get("href") and (joined := urls.join(self.url, node.get("href"))):
                return joined
        return self.url

    @cached_property
    def visible_text(self) -> str:
        """What a reader sees, white space runs as one blank."""
        plain = not ("<noscript" in self.lowered or "<template" in self.lowered)
        parts = cast("list[str]", _PLAINLY_VISIBLE(self.root)) if plain else _texts(self.root)
        return " ".join("".join(parts).split())

    @cached_property
    def metas(self) -> dict[str, str]:
        """The ``meta`` values by lower-case name; values a template left as ``null`` are dropped."""
        found: dict[str, str] = {}
        for node in self.root.iter("meta"):
            name, content = node.get("name") or "", (node.get("content") or "").strip()
            if name and content and content.lower() != "null":
                found.setdefault(name.lower(), content)
        return found

    @cached_property
    def links(self) -> list[Link]:
        """Links in order: anchors, areas, options of a select that carry an address, menus in scripts."""
        found = []
        for node in self.root.iter("a", "area", "option"):
            target = node.get("value") if node.tag == "option" else node.get("href")
            if node.tag == "option" and not re.match(r"(?:https?:)?//|[./]|[\w./-]+\.s?html?$|[\w-]+/$", target or ""):
                continue
            url = urls.join(self.base, target or "")
            if url is None and (click := _CLICK_TARGET.search(f"{node.get('onclick')} {target}")):
                url = urls.join(self.base, click[1])
            if url is None and (made := self._made_by_script(node)):
                url = urls.join(self.base, made)
            if url is None:
                continue
            found.append(_link(node, url))
            if len(found) >= MAX_LINKS:
                break
        for target, text in scripts.links(self.text):
            if url := urls.join(self.base, target):
                found.append(Link(url, " ".join(text.split()), "", None))
        return self._without_sessions(found)

    def _without_sessions(self, links: list[Link]) -> list[Link]:
        """``links`` without a parameter that most of them carry under a session's name."""
        own = [link.url for link in links if urls.host(link.url) == urls.host(self.url)]
        for name in phrases.words("urls", "session_names"):
            carried = re.compile(rf"(?i){re.escape(name)}=[^&]*")
            bearers = sum(1 for url in own if any(carried.fullmatch(part) for part in urls.query(url).split("&")))
            if bearers >= _FEWEST_SESSIONS and bearers * 2 > len(own):
                links = [replace(link, url=urls.drop(link.url, carried)) for link in links]
        return links

    def _made_by_script(self, node: lxml.html.HtmlElement) -> str | None:
        for call in (node.get("onclick"), node.get("href")):
            if call and "(" in call and (made := scripts.called(self.text, call)):
                return made
        return None

    @cached_property
    def frames(self) -> list[str]:
        """Addresses of the page's frames."""
        sources = (node.get("src") for node in self.root.iter("iframe", "frame"))
        return [url for source in sources if source and (url := urls.join(self.base, source))]

    @cached_property
    def redirect(self) -> str | None:
        """Where a meta refresh or the script of a nearly empty page sends the visitor."""
        for node in self.root.iter("meta"):
            if (node.get("http-equiv") or "").lower() == "refresh":
                target = re.search(r"url\s*=\s*[\"']?([^\"'\s>]+)", node.get("content") or "", re.IGNORECASE)
                if target and (url := urls.join(self.base, target[1])):
                    return url
        if len(self.visible_text) < _NEARLY_EMPTY and not self.links:
            for node in self.root.iter("script"):
                script = _SCRIPT_TARGET.search(node.text or "")
                if script and (url := urls.join(self.base, script[1])):
                    return url
        return None

    @cached_property
    def breadcrumb(self) -> list[str]:
        """The names of the path to this page as printed beside 当前位置, outermost first."""
        for node in self.root.iter():
            if not isinstance(node.tag, str) or node.tag in _HIDDEN or not _POSITION.search(node.text or ""):
                continue
            text = "".join(_texts(node))
            if len(squeeze(_POSITION.sub("", text))) < 2 and node.getparent() is not None:
                text = "".join(_texts(node.getparent()))
            text = _POSITION.split(text, maxsplit=1)[-1]
            parts = [squeeze(part) for part in re.split(r"[>＞»›/→]+", text[:400])]
            return [part for part in parts if part]
        return []

    @cached_property
    def titles(self) -> list[str]:
        """What may be the page's own title, the most trustworthy first."""
        found = [self.metas.get("articletitle", "")]
        for path in _TITLES:
            found += ["".join(_texts(node)) for node in cast("list[lxml.html.HtmlElement]", path(self.root))[:2]]
        found += [node.text or "" for node in list(self.root.iter("title"))[:1]]
        return [" ".join(text.split()) for text in found if squeeze(text)]

    @cached_property
    def published_on(self) -> str | None:
        """The ISO date of publication that the page states, None if it states none."""
        stated = find_date(self.metas.get("pubdate", ""))
        if stated is None and (match := phrases.pattern("details", "date").search(self.visible_text)):
            stated = _iso(match[1], match[2], match[3])
        return stated

    @cached_property
    def publisher(self) -> str | None:
        """The organ that the page names as its source."""
        if source := self.metas.get("contentsource"):
            return source
        match = phrases.pattern("details", "publisher").search(self.visible_text)
        return match[1] if match else None

    @property
    def is_missing(self) -> bool:
        """Whether this is a page that says, with status 200, that there is no such page."""
        missing = phrases.pattern("details", "missing")
        size = len(self.visible_text)
        if size < _NEARLY_EMPTY:
            return bool(missing.search(self.visible_text))
        return size < _SHORT and any(missing.search(title) for title in self.titles)


def looks_like_html(body: bytes) -> bool:
    """Whether ``body`` is markup, told by its beginning."""
    head = body[:16384].lstrip(b"\xef\xbb\xbf \t\r\n")[:1024].lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<script", b"<body", b"<meta", b"<!--")) or (
        b"<html" in head or b"<table" in head or b"<div" in head or b"<a " in head
    )


def decode(body: bytes) -> str:
    """Text of ``body``: UTF-8 if it is that, else GB 18030; what the page declares is often wrong."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    candidates = [body.decode(encoding, "replace") for encoding in ("utf-8-sig", "gb18030")]
    return min(candidates, key=lambda text: text.count("\ufffd"))


def squeeze(text: str) -> str:
    """``text`` without any white space, as phrases are compared."""
    return _SPACE.sub("", text)


def find_date(text: str) -> str | None:
    """The first full date in ``text`` as an ISO date, None if there is no valid one."""
    match = _DATE.search(text)
    return _iso(match[1], match[2], match[3]) if match else None


def _iso(year: str, month: str, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _link(node: lxml.html.HtmlElement, url: str) -> Link:
    raw = "".join(_texts(node))
    text = _SHORT_DATE.sub("", _DATE.sub(" ", raw)) if find_date(raw) or _SHORT_DATE.search(raw) else raw
    alt = next((image.get("alt") or "" for image in node.iter("img")), "")
    markup = f"{node.get('appendix') or ''}|{node.get('needdownload') or ''}|{node.get('download') or ''}"
    return Link(
        url=url,
        text=" ".join(text.split()),
        title=" ".join((node.get("title") or alt).split()),
        date=find_date(raw) or _row_date(node),
        markup=markup.strip("|"),
    )


def _row_date(node: lxml.html.HtmlElement) -> str | None:
    """The date beside a link: in the smallest enclosing element that holds no other link."""
    own = node.get("href")
    for _ in range(_ROW_LEVELS):
        parent = node.getparent()
        if parent is None or parent.tag in ("body", "html"):
            return None
        for anchor in parent.iter("a"):
            if anchor.get("href") not in (own, None):
                return None
        text = ""
        for part in parent.itertext():
            text += part[:_MAX_ROW_TEXT]
            if len(text) > _MAX_ROW_TEXT:
                return None
        if found := find_date(text):
            return found
        node = parent
    return None


def _texts(node: lxml.html.HtmlElement) -> Iterator[str]:
    return iter(cast("list[str]", _VISIBLE(node)))
