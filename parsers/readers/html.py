"""HTML pages → document. BeautifulSoup builds the tree; everything after is one walk of it."""

from __future__ import annotations

import re
from itertools import chain

from bs4 import NavigableString, Tag

from parsers.compilations import different_reports
from parsers.document import Document, Paragraph, Table, UnreadableDocumentError
from parsers.normalise import squeeze, tidy
from parsers.readers.article import Placed, article, is_aside, is_body
from parsers.readers.collector import collector_paused
from parsers.readers.embedded import attached_file, embedded_article, embedded_metadata
from parsers.readers.encoding import decode
from parsers.readers.grid import lay_out
from parsers.readers.html_tables import break_pages, chunks, holders_of_tables, read_rows, spanning_rows
from parsers.readers.page_facts import read_dates, read_metas
from parsers.readers.page_index import PageIndex
from parsers.readers.page_numbers import further_pages
from parsers.readers.page_tree import PageTree, whole_tree
from parsers.readers.visible import BLOCKS, Mark, shown_text
from parsers.sections import section_headings

_MAX_DEPTH = 500  # of calls, two to an element
_WHITE = re.compile(r"[ \t\r\n\f\u00a0\u3000]+")
_SPACE_BUT_LINES = re.compile(r"[ \t\r\f\u00a0\u3000]+")
_LONGEST_TITLE = 120
_ENOUGH_HEADINGS = 3
_LONG = 100
_CELL_OPENS = re.compile(r"<t[dh]\b")
_CELL_CLOSES = re.compile(r"</(?:t[dhr]|table|tbody)\b")


@collector_paused()
def read_html(payload: bytes) -> Document:
    """Read a page. Navigation around the report is left out where the report can be told from it.

    ``metadata['attachment']`` is the address, as printed, of a file that the page shows or
    offers in place of a text, ``metadata['further_pages']`` what says that the article goes on
    on other pages. Raises UnreadableDocumentError ``truncated`` or ``too_big``.
    """
    text, _encoding = decode(payload)
    if _is_cut(text):
        raise UnreadableDocumentError("truncated", "the page ends within a table; fetch it again")
    # The parser ends a page at a NUL.
    text = text.replace("\x00", "")
    document = Document(media_type="text/html")
    tree = PageTree(text)
    page = tree.index
    read_metas(page, document)
    walk = _Walk(tree, page)
    placed = walk.placed
    whole = None if _has_sections(placed) else PageIndex(whole_tree(text))
    if whole and (carried := embedded_article(whole)):
        embedded_metadata(whole, document)
        inner_tree = PageTree(carried, tree.style_sheet)
        inner = _Walk(inner_tree, inner_tree.index, walk)
        if _has_sections(inner.placed):
            placed = inner.placed
        elif not any(len(item.words) > _LONG for item in placed):
            placed = [*placed, *inner.placed]
        walk.titles += inner.titles
    read_dates(walk.placed, document)
    document.title_candidates += walk.titles
    if titles := page.named("title"):
        document.title_candidates += filter(None, [tidy(titles[0].get_text())])
    blocks = article(placed)
    document.blocks = [item.block for item in blocks]
    if different_reports(everything := Document("text/html", [item.block for item in placed if not item.linked])):
        # The page of several reports is none of them: what tells so must not be cut away.
        document.blocks = everything.blocks
    if further := further_pages(text, page):
        document.metadata["further_pages"] = further
    if not _has_sections(blocks) and (file := attached_file(whole or PageIndex(whole_tree(text)))):
        document.metadata["attachment"] = file
    page.discard()
    return document


def _is_cut(text: str) -> bool:
    """Whether the page breaks off within a table, where its last figure may have lost digits."""
    if "</html" in text or "</body" in text:
        return False
    end = text.lower()
    if "</html" in end or "</body" in end:
        return False
    if end.rfind("<table") > end.rfind("</table"):
        return True
    if "<table" not in end:
        return False
    opened = max((match.start() for match in _CELL_OPENS.finditer(end)), default=-1)
    closed = max((match.start() for match in _CELL_CLOSES.finditer(end)), default=-1)
    return opened > closed


def _has_sections(placed: list[Placed]) -> bool:
    return len(section_headings([item.block for item in placed if not item.linked])) >= _ENOUGH_HEADINGS


class _Walk:
    """One pass over a page: its paragraphs and data tables in reading order, and its headings.

    ``around`` is the page that carried this one in a script.
    """

    def __init__(self, tree: PageTree, page: PageIndex, around: _Walk | None = None) -> None:
        self.placed: list[Placed] = []
        self.titles: list[str] = []
        self.tables: int = around.tables if around else 0
        self._visibility = tree.visibility
        self._holding = holders_of_tables(page)
        self._roles: dict[tuple[object, ...], str] = {}
        self._line: list[str] = []
        self._lines: list[tuple[str, bool, bool]] = []
        self._plain = False
        self._heading = False
        self._aside: Tag | None = None
        self._body: Tag | None = None
        root = next(iter(page.named("body")), page.soup)
        self._visit(root, root, 0, 0)
        self._flush(root)

    def _visit(self, element: Tag, holder: Tag, marks: int, depth: int) -> None:
        if depth > _MAX_DEPTH:
            return
        for child in element.contents:
            # Comments, declarations and the texts of scripts are of types of their own.
            if type(child) is NavigableString:
                self._text(child, marks)
                continue
            if not isinstance(child, Tag):
                continue
            name = child.name
            if name == "br":
                self._end_line()
                continue
            inside = self._visibility.enter(child, marks)
            if inside is None:
                continue
            if name == "table":
                self._flush(holder)
                self._table(child, inside, depth + 1)
            elif name in BLOCKS:
                self._flush(holder)
                self._block(child, inside, depth + 1)
            else:
                self._visit(child, holder, inside, depth + 1)

    def _block(self, element: Tag, marks: int, depth: int) -> None:
        aside, body = self._aside, self._body
        self._classify(element)
        before = len(self.placed)
        self._visit(element, element, marks, depth + 1)
        self._flush(element)
        self._aside, self._body = aside, body
        if element.name in ("h1", "h2", "h3", "h4", "h5", "h6"):
            title = "".join(
                squeeze(item.block.text) for item in self.placed[before:] if isinstance(item.block, Paragraph)
            )
            if 0 < len(title) < _LONGEST_TITLE:
                self.titles.append(title)

    def _classify(self, element: Tag) -> None:
        attributes = element.attrs
        key = (element.name, attributes.get("class"), attributes.get("id"))
        role = self._roles.get(key)
        if role is None:
            role = self._roles[key] = "body" if is_body(element) else "aside" if is_aside(element) else "any"
        if role == "body":
            self._body, self._aside = element, None
        elif role == "aside":
            self._aside = element

    def _text(self, node: NavigableString, marks: int) -> None:
        text = shown_text(node, marks)
        if not text:
            return
        text = _SPACE_BUT_LINES.sub(" ", text) if marks & Mark.LINES else break_pages(_WHITE.sub(" ", text))
        if "\n" not in text:
            self._piece(text, marks)
            return
        first, *rest = text.split("\n")
        self._piece(first, marks)
        for line in rest:
            self._end_line()
            self._piece(line, marks)

    def _piece(self, text: str, marks: int) -> None:
        if not text:
            return
        self._line.append(text)
        if not text.isspace():
            self._plain = self._plain or not marks & Mark.LINK
            self._heading = self._heading or bool(marks & Mark.HEADING)

    def _end_line(self) -> None:
        if self._line:
            self._lines.append(("".join(self._line).strip(), not self._plain, self._heading))
            self._line = []
            self._plain = self._heading = False

    def _flush(self, element: Tag) -> None:
        self._end_line()
        if not self._lines:
            return
        lines, self._lines = self._lines, []
        for line, linked, heading in lines:
            if line:
                self._place(Paragraph(line, heading=heading), element, linked=linked)

    def _place(self, block: Paragraph | Table, element: Tag, *, linked: bool = False) -> None:
        self.placed.append(Placed(block, element, linked, self._aside, self._body))

    def _table(self, table: Tag, marks: int, depth: int) -> None:
        aside, body = self._aside, self._body
        self._classify(table)
        for caption in table.find_all("caption", recursive=False, limit=3):
            inside = self._visibility.enter(caption, marks)
            if inside is not None:
                self._block(caption, inside, depth + 1)
        for run in chunks(read_rows(table, marks, self._visibility, self._holding)):
            if run[0].flows:
                for cell, inside in chain.from_iterable(row.cells for row in run):
                    self._block(cell, inside, depth + 1)
            else:
                self.tables += 1
                self._place(lay_out(spanning_rows(run), self.tables), table)
        self._aside, self._body = aside, body
