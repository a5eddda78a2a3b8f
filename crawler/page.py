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
_PROSE = etree.XPath(
    "descendant::text()[not(parent::script or parent::style or ancestor::a or ancestor::select"
    " or ancestor::noscript or ancestor::template or ancestor::head)]"
)
_ROW_LEVELS = 4
_MAX_ROW_TEXT = 600
_DATE = re.compile(r"(?<!\d)(20\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)\s*日?")
_SHORT_DATE = re.compile(r"[\[(（]?(?<!\d)\d{1,2}[-/]\d{1,2}(?!\d)[\])）]?\s*$")
_SPACE = re.compile(r"[\s\u00a0\u200b\u3000\ufeff]+")
_SCRIPT_TARGET = re.compile(
    r"""(?:window\.|self\.|top\.|document\.|parent\.)*location(?:\.href)?\s*(?:=|\.(?:replace|assign)\()\s*["']([^"'+]+)["'](?!\s*\+)"""
)
_CLICK_TARGET = re.compile(
    r"""(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\(|(?:window\.)?\bopen\()\s*["']([^"'+]+)["'](?!\s*\+)"""
)
_POSITION = re.compile(r"(?:(?:当前|所在|现在)的?位置|^\s*位置)是?\s*[:：]?")
_OPTION_TARGET = re.compile(r"(?:https?:)?//|[./]|[\w./-]+\.s?html?$|[\w-]+/$")
_TARGET_DATA = ("data-url", "data-href", "data-link")
_LONGEST_CHARACTER = 4
_CALLED_WITH = re.compile(r"""\w\s*\([^()]*?["']?\b(\d{1,4})["']?\s*[,)]""")
_NEARLY_EMPTY = 400
_SHORT = 3000
_FEWEST_SESSIONS = 4


@dataclass(frozen=True, slots=True)
class Link:
    """One link of a page.

    ``text`` is the visible text without a date, ``title`` its ``@title`` or the ``@alt`` of
    its image, ``date`` the ISO date that stands in the same row, ``publisher`` the organ that
    the row names, which only lists kept as data do. Links with the same ``group`` stand in one
    list or table of the page.
    """

    url: str
    text: str
    title: str
    date: str | None
    markup: str = ""
    publisher: str | None = None
    group: int | None = None

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
        self.text, self.encoding = _decoded(body[:MAX_MARKUP])

    def join(self, link: str) -> str | None:
        """The absolute address of ``link`` as it stands on this page."""
        return urls.join(self.base, link, self.encoding)

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
    def prose(self) -> str:
        """What a reader sees that is no link: an article without the menus around it."""
        return " ".join("".join(cast("list[str]", _PROSE(self.root))).split())

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
            if node.tag == "option" and not _OPTION_TARGET.match(target or ""):
                continue
            url = self.target(node)
            if url is None:
                continue
            found.append(replace(_link(node, url), group=self._group(node)))
            if len(found) >= MAX_LINKS:
                break
        for node in self.root.xpath(
            "//*[@onclick or @data-url or @data-href][not(self::a or self::area or self::option)]"
        ):
            # Rows that are links by script alone; what holds a link of its own is none.
            if len(found) < MAX_LINKS and next(node.iter("a"), None) is None and (url := self.target(node)):
                found.append(replace(_link(node, url), group=self._group(node)))
        for target, text in scripts.links(self.text):
            if url := self.join(target):
                found.append(Link(url, " ".join(text.split()), "", None))
        return self._without_sessions(found)

    def target(self, node: lxml.html.HtmlElement) -> str | None:
        """Where ``node`` leads: by its address, by data that scripts use, or by what a click on it does."""
        written = node.get("value") if node.tag == "option" else node.get("href")
        if url := self.join(written or ""):
            return url
        if click := _CLICK_TARGET.search(f"{node.get('onclick')} {written}"):
            return self.join(click[1])
        if made := self._made_by_script(node):
            return self.join(made)
        data = next((value for name in _TARGET_DATA if (value := node.get(name))), None)
        return self.join(data) if data and _OPTION_TARGET.match(data) else None

    def _group(self, node: lxml.html.HtmlElement) -> int | None:
        """A number for the list or table in which ``node`` stands, None outside of any."""
        for parent in node.iterancestors("ul", "ol", "dl", "table"):
            return self._groups.setdefault(parent, len(self._groups))
        return None

    @cached_property
    def _groups(self) -> dict[lxml.html.HtmlElement, int]:
        return {}

    def _without_sessions(self, links: list[Link]) -> list[Link]:
        """``links`` without a parameter that most of them carry under a session's name."""
        own = [link.url for link in links if urls.host(link.url) == urls.host(self.url)]
        for name in phrases.words("urls", "session_names"):
            carried = re.compile(rf"(?i){re.escape(name)}=[^&]*")
            values = [part for url in own for part in urls.query(url).split("&") if carried.fullmatch(part)]
            # What differs from link to link of one page names no site either.
            at_random = len(set(values)) * 5 >= len(values) * 4
            if len(values) >= _FEWEST_SESSIONS and (at_random or len(values) * 2 > len(own)):
                links = [replace(link, url=urls.drop(link.url, carried)) for link in links]
        return links

    def _made_by_script(self, node: lxml.html.HtmlElement) -> str | None:
        for call in (node.get("onclick"), node.get("href")):
            if call and "(" in call and (made := scripts.called(self.text, call)):
                return made
        return None

    @cached_property
    def turns_by_unknown_script(self) -> bool:
        """Whether “next page” calls a script with the number of a further page, and where that leads is not known."""
        for node in self.root.iter("a", "span", "li", "button"):
            call = f"{node.get('onclick') or ''} {node.get('href') or ''}"
            turns = any(int(number) > 1 for number in _CALLED_WITH.findall(call))
            if turns and self.target(node) is None:
                text = squeeze("".join(_texts(node)) or node.get("title") or "")
                if text in phrases.words("anchors", "next_page"):
                    return True
        return False

    @cached_property
    def frames(self) -> list[str]:
        """Addresses of the page's frames."""
        sources = (node.get("src") or node.get("data-src") for node in self.root.iter("iframe", "frame"))
        return [url for source in sources if source and (url := self.join(source))]

    @cached_property
    def scripts(self) -> list[str]:
        """Addresses of the scripts on the page's own host that may be its own, not some library."""
        sources = (node.get("src") or "" for node in self.root.iter("script"))
        own = (url for source in sources if source and (url := self.join(source)))
        library = phrases.pattern("urls", "library")
        return [url for url in own if urls.host(url) == urls.host(self.url) and not library.search(url)]

    @cached_property
    def redirect(self) -> str | None:
        """Where a meta refresh or the script of a nearly empty page sends the visitor."""
        for node in self.root.iter("meta"):
            if (node.get("http-equiv") or "").lower() == "refresh":
                target = re.search(r"url\s*=\s*[\"']?([^\"'\s>]+)", node.get("content") or "", re.IGNORECASE)
                if target and (url := self.join(target[1])):
                    return url
        if len(self.visible_text) < _NEARLY_EMPTY and not self.links:
            for node in self.root.iter("script", "body"):
                script = _SCRIPT_TARGET.search((node.get("onload") if node.tag == "body" else node.text) or "")
                if script and (url := self.join(script[1])):
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
    return _decoded(body)[0]


def _decoded(body: bytes) -> tuple[str, str]:
    """Text of ``body``, and the encoding in which such a page sends what is typed into it."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace"), "utf-8"
    for encoding, name in (("utf-8-sig", "utf-8"), ("gb18030", "gb18030")):
        try:
            return body.decode(encoding), name
        except UnicodeDecodeError:
            continue
    candidates = [
        (body.decode(encoding, "replace"), name) for encoding, name in (("utf-8-sig", "utf-8"), ("gb18030", "gb18030"))
    ]
    return min(candidates, key=lambda one: one[0].count("\ufffd"))


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
