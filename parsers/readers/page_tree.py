"""The tree of a page: BeautifulSoup over the elements that can matter to what shows.

Building the tree is most of the cost of reading a page, and most elements of a page out of
a word processor only set type. So libxml2 parses the page, what never shows and what only
sets type is taken out there, and BeautifulSoup gets what is left, in one pass.
"""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup, NavigableString, Tag
from bs4.builder import HTMLTreeBuilder
from bs4.element import AttributeDict, PageElement
from lxml import etree

from parsers.document import UnreadableDocumentError
from parsers.readers.page_index import PageIndex
from parsers.readers.visible import PICTURES, SKIPPED, Visibility

# What never shows; headings of the page and pictures are asked for by others.
_GONE = SKIPPED - PICTURES - frozenset(["head", "title", "meta", "input", "noframes"])
_SETTING_TYPE = frozenset("span font b strong em i u big small tt o:p".split())
MAX_ELEMENTS = 200_000
_TAKEN_OUT = "taken-out"
_WORD_CLASS = "Mso"
_KEPT_ATTRIBUTES = frozenset("class id hidden href type value name content property color".split())
_SPANS = frozenset(["rowspan", "colspan"])
# White space between these shows as little as what stands beside them.
_FRAMES = frozenset("table tbody thead tfoot tr ul ol dl head html".split())
_FRAMED = frozenset("tbody thead tfoot tr td th li dt dd col colgroup meta title".split())
_ASCII_SPACES = BeautifulSoup.ASCII_SPACES
_MOST_SHEETS = 50
_SIZES = frozenset(["width", "height"])


class PageTree:
    """A parsed page: its tree without what never shows, and what is visible by its style sheets.

    Raises UnreadableDocumentError ``too_big`` past MAX_ELEMENTS.
    """

    def __init__(self, markup: str, style_sheet: str = "") -> None:
        root = _parsed(markup)
        self.style_sheet = style_sheet
        if root is not None:
            sheets = [element.text or "" for element in root.iter("style")]
            self.style_sheet += "\n".join(sheets[:_MOST_SHEETS])
        self.visibility = Visibility(self.style_sheet)
        if root is not None:
            _reduce(root, self.visibility)
            if sum(1 for _element in root.iter()) > MAX_ELEMENTS:
                raise UnreadableDocumentError("too_big", f"the page shows more than {MAX_ELEMENTS} elements")
        # Not BeautifulSoup's own parser: the markup reaches it through the builder.
        builder = _ReadyTree(root, self.visibility)
        self.index = PageIndex(BeautifulSoup("", builder=builder), builder.by_name, builder.nodes)


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
        if not element.attrib or visibility.only_sets_type(_attributes(element), plain=plain):
            element.tag = _TAKEN_OUT
    for cell in root.iter("td", "th"):
        if len(cell) == 1 and _is_whole_content(cell, cell[0], visibility, plain=plain):
            cell[0].tag = _TAKEN_OUT
    etree.strip_tags(root, _TAKEN_OUT)


def _is_whole_content(cell: etree._Element, child: etree._Element, visibility: Visibility, *, plain: bool) -> bool:
    """Whether a cell's text is all in one paragraph, as word processors write it."""
    if child.tag != "p" or (cell.text and cell.text.strip()) or (child.tail and child.tail.strip()):
        return False
    attributes = _attributes(child)
    named = attributes.get("id") or not attributes.get("class", _WORD_CLASS).startswith(_WORD_CLASS)
    return not named and visibility.only_sets_type(attributes, plain=plain)


def _attributes(element: etree._Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.items()}


class _Builder(HTMLTreeBuilder):
    features = ("html",)
    is_xml = False

    def __init__(self) -> None:
        super().__init__(multi_valued_attributes={}, store_line_numbers=False, attribute_dict_class=AttributeDict)


class _Element(Tag):
    """A tag of a tree that is only read: it keeps what is its own, and shares what all of the builder's tags have."""

    def __init__(self, name: str, attributes: dict[str, Any], parent: Tag, previous: PageElement) -> None:
        self.name = name
        self.attrs = attributes
        self.contents = []
        _put(self, parent, previous)


def _put(node: PageElement, parent: Tag, previous: PageElement) -> None:
    """Do what ``setup`` does for the node that comes next, and make it a child of its parent."""
    siblings = parent.contents
    node.parent = parent
    node.previous_element = previous
    previous.next_element = node
    node.next_element = node.next_sibling = None
    if siblings:
        before = node.previous_sibling = siblings[-1]
        before.next_sibling = node
    else:
        node.previous_sibling = None
    siblings.append(node)


def _shared() -> dict[str, object]:
    """What BeautifulSoup gives a tag besides its name, attributes, contents and place in the tree."""
    given = vars(Tag(builder=_Builder(), name="p"))
    own = vars(_Element("p", {}, Tag(name="p"), Tag(name="p")))
    return {name: value for name, value in given.items() if name not in own}


for _name, _value in _shared().items():
    setattr(_Element, _name, _value)


class _ReadyTree(_Builder):
    """Hands BeautifulSoup the events of a tree that is parsed already."""

    def __init__(self, root: etree._Element | None, visibility: Visibility) -> None:
        super().__init__()
        self._root = root
        self._visibility = visibility
        self.by_name: dict[str, list[Tag]] = {}
        self.nodes: list[PageElement] = []

    def feed(self, markup: object) -> None:
        """Build the tree; what ``markup`` says was parsed before.

        Elements come closed and nested, so they are put into the tree as they come, without
        BeautifulSoup's search for the tag that an end tag closes.
        """
        if self._root is None or self.soup is None:
            return
        parent: Tag = self.soup
        last: PageElement = self.soup
        by_name, nodes = self.by_name, self.nodes
        attributes = self._attributes
        kept_lines = 0
        for event, element in etree.iterwalk(self._root, events=("start", "end")):
            tag = element.tag
            if event == "start":
                given = element.items()
                child = _Element(tag, attributes(tag, given) if given else {}, parent, last)
                by_name.setdefault(tag, []).append(child)
                nodes.append(child)
                parent = last = child
                kept_lines += tag == "pre"
                text, framing = element.text, _FRAMES
            else:
                assert parent.parent is not None
                parent = parent.parent
                kept_lines -= tag == "pre"
                text, framing = element.tail, _FRAMED
            if not text:
                continue
            if text.isspace():
                if tag in framing:
                    continue
                if not kept_lines and not text.strip(_ASCII_SPACES):
                    text = "\n" if "\n" in text else " "
            # The class's own constructor sets the string up beside nothing first.
            string = str.__new__(NavigableString, text)
            _put(string, parent, last)
            nodes.append(string)
            last = string

    def _attributes(self, tag: str, given: list[tuple[str, str]]) -> dict[str, str]:
        """Those of an element's attributes that can matter to what shows."""
        attributes = {}
        for name, value in given:
            if name in _KEPT_ATTRIBUTES or (name in _SIZES and tag in PICTURES):
                attributes[name] = value
            elif name == "style":
                if self._visibility.matters(value):
                    attributes[name] = value
            elif name in _SPANS and value != "1":
                attributes[name] = value
        return attributes
