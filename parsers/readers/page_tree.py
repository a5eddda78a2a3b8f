"""The tree of a page: BeautifulSoup over the elements that can matter to what shows.

Building the tree is most of the cost of reading a page, and most elements of a page out of
a word processor only set type. So libxml2 parses the page, what never shows and what only
sets type is taken out there, and BeautifulSoup gets what is left, in one pass.
"""

from __future__ import annotations

from bs4 import BeautifulSoup
from bs4.builder import HTMLTreeBuilder
from lxml import etree

from parsers.readers.visible import PICTURES, SKIPPED, Visibility

# What never shows; headings of the page and pictures are asked for by others.
_GONE = SKIPPED - PICTURES - frozenset(["head", "title", "meta", "input", "noframes"])
_SETTING_TYPE = frozenset("span font b strong em i u big small tt o:p".split())
_TAKEN_OUT = "taken-out"
_KEPT_ATTRIBUTES = frozenset(
    """
    class id style hidden rowspan colspan href title type value name content property width height download alt src
    """.split()
)


class PageTree:
    """A parsed page: its tree without what never shows, and what is visible by its style sheets."""

    def __init__(self, markup: str, style_sheet: str = "") -> None:
        root = _parsed(markup)
        self.style_sheet = style_sheet
        if root is not None:
            sheets = [element.text or "" for element in root.iter("style")]
            self.style_sheet += "\n".join(sheets[:_MOST_SHEETS])
        self.visibility = Visibility(self.style_sheet)
        if root is not None:
            _reduce(root, self.visibility)
        # Not BeautifulSoup's own parser: the markup reaches it through the builder.
        self.soup = BeautifulSoup("", builder=_ReadyTree(root))


_MOST_SHEETS = 50


def whole_tree(markup: str) -> BeautifulSoup:
    """The tree of all elements of a page, scripts and menus included."""
    return BeautifulSoup(markup, "lxml", multi_valued_attributes=None, store_line_numbers=False)


def _parsed(markup: str) -> etree._Element | None:
    if not markup.strip():
        return None
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    parser.feed(markup.encode("utf-8", "replace"))
    try:
        return parser.close()
    except etree.XMLSyntaxError:  # nothing but comments
        return None


def _reduce(root: etree._Element, visibility: Visibility) -> None:
    """Take out elements that never show, and the tags of those that only set type."""
    etree.strip_elements(root, *_GONE, with_tail=False)
    plain = not any(visibility.conceals(style) for element in root.iter("*") if (style := element.get("style")))
    for element in list(root.iter(*_SETTING_TYPE)):
        attributes = dict(element.items())
        if not attributes or visibility.only_sets_type(attributes, plain=plain):
            element.tag = _TAKEN_OUT
    etree.strip_tags(root, _TAKEN_OUT)


class _ReadyTree(HTMLTreeBuilder):
    """Hands BeautifulSoup the events of a tree that is parsed already."""

    features = ("html",)
    is_xml = False

    def __init__(self, root: etree._Element | None) -> None:
        super().__init__(multi_valued_attributes={}, store_line_numbers=False)
        self._root = root

    def feed(self, markup: object) -> None:
        """Build the tree; what ``markup`` says was parsed before."""
        if self._root is None or self.soup is None:
            return
        start, end, data = self.soup.handle_starttag, self.soup.handle_endtag, self.soup.handle_data
        for event, element in etree.iterwalk(self._root, events=("start", "end")):
            if event == "start":
                attributes = {name: value for name, value in element.items() if name in _KEPT_ATTRIBUTES}
                start(element.tag, None, None, attributes)
                if element.text:
                    data(element.text)
            else:
                end(element.tag)
                if element.tail:
                    data(element.tail)
