"""HTML pages → document. BeautifulSoup builds the tree; everything after is one walk of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Comment, NavigableString, Tag
from bs4.element import PreformattedString

from parsers.dates import iso_date, labelled_date
from parsers.document import Block, Document, Paragraph, Place, Table, UnreadableDocumentError
from parsers.normalise import squeeze, tidy
from parsers.readers.encoding import decode
from parsers.readers.grid import SpanningCell, lay_out
from parsers.sections import match_heading

MAX_DEPTH = 400
_SKIPPED = frozenset(
    """
    script style noscript template iframe object embed svg canvas select option textarea button input nav head title
    meta link
    """.split()
)
_BLOCKS = frozenset(
    """
    address article aside blockquote body caption center dd details dialog div dl dt fieldset figcaption figure
    footer form h1 h2 h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr
    ul ucapcontent
    """.split()
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_WHITE = re.compile(r"[ \t\r\n\f\u00a0\u3000]+")
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_END_OF_ARTICLE = re.compile(
    r"^(?:【?(?:打印|关闭|返回|分享)|扫一扫|上一篇|下一篇|相关(?:链接|信息|阅读|文档|稿件)|附件[:：]?$|责任编辑|来源[:：]|版权所有|主办(?:单位)?[:：])"
)
_ENOUGH_HEADINGS = 3


@dataclass(slots=True)
class _Placed:
    """A block with the element that it came from, to find the element that holds the report."""

    block: Block
    element: Tag


def read_html(payload: bytes) -> Document:
    """Read a page. Navigation around the report is left out where the report can be told from it.

    Raises UnreadableDocumentError ``truncated`` or ``too_big``.
    """
    text, _encoding = decode(payload)
    if _is_cut(text):
        raise UnreadableDocumentError("truncated", "the page ends within a table; fetch it again")
    soup = BeautifulSoup(text, "lxml")
    document = Document(media_type="text/html")
    _read_head(soup, document)
    placed = list(_walk(soup.body or soup, _Counter()))
    _read_article_date(placed, document)
    document.title_candidates += _page_titles(soup, placed)
    document.blocks = [item.block for item in _article(placed)]
    return document


def _is_cut(text: str) -> bool:
    """Whether the page breaks off within a table, where its last figure may have lost digits."""
    end = text.lower()
    return "</html" not in end and "</body" not in end and end.rfind("<table") > end.rfind("</table")


class _Counter:
    """Numbers the tables in document order."""

    def __init__(self) -> None:
        self.tables = 0

    def next_table(self) -> int:
        self.tables += 1
        return self.tables


def _read_head(soup: BeautifulSoup, document: Document) -> None:
    for meta in soup.find_all("meta", limit=200):
        name, content = str(meta.get("name", "")).lower(), tidy(str(meta.get("content", "")))
        if not content or content == "null":
            continue
        if name == "articletitle":
            document.title_candidates.append(content)
        elif name == "pubdate" and (date := iso_date(content)):
            document.metadata.setdefault("published_on", date)
        elif name == "contentsource":
            document.metadata.setdefault("publisher", content)


def _page_titles(soup: BeautifulSoup, placed: list[_Placed]) -> list[str]:
    titles = [
        item.block.text
        for item in placed
        if isinstance(item.block, Paragraph) and item.block.heading and len(item.block.text) < 120
    ]
    if soup.title and (title := tidy(soup.title.get_text())):
        titles.append(title)
    return titles


def _read_article_date(placed: list[_Placed], document: Document) -> None:
    """Date that the page states beside a label such as 发布日期, if its head does not."""
    if "published_on" in document.metadata:
        return
    for item in placed:
        text = item.block.text if isinstance(item.block, Paragraph) else ""
        if isinstance(item.block, Table):
            text = " ".join(cell.text for cell in item.block.cells[:24])
        if text and len(text) < 400 and (date := labelled_date(text)):
            document.metadata["published_on"] = date
            return


def _article(placed: list[_Placed]) -> list[_Placed]:
    """The blocks inside the innermost element that holds the section headings.

    The whole page where there are too few headings to tell.
    """
    headings = [
        item for item in placed if isinstance(item.block, Paragraph) and match_heading(item.block.text) is not None
    ]
    if len({heading.number for item in headings if (heading := _heading(item)) is not None}) < _ENOUGH_HEADINGS:
        return placed
    common: list[Tag] | None = None
    for item in headings:
        path = [item.element, *item.element.parents][::-1]
        common = path if common is None else [a for a, b in zip(common, path, strict=False) if a is b]
    if not common:
        return placed
    holder = common[-1]
    inside = [item for item in placed if any(holder is element for element in (item.element, *item.element.parents))]
    title = _title_before(placed, inside)
    last = next(
        (
            index
            for index, item in enumerate(inside)
            if isinstance(item.block, Paragraph)
            and item is not headings[0]
            and index > inside.index(headings[-1])
            and _END_OF_ARTICLE.match(item.block.text.strip())
        ),
        len(inside),
    )
    return [*title, *inside[:last]]


def _heading(item: _Placed):  # type: ignore[no-untyped-def]
    return match_heading(item.block.text) if isinstance(item.block, Paragraph) else None


def _title_before(placed: list[_Placed], inside: list[_Placed]) -> list[_Placed]:
    """Headings of the page that stand before the report's own element."""
    first = placed.index(inside[0])
    return [
        item
        for item in placed[:first]
        if isinstance(item.block, Paragraph) and "信息公开" in item.block.text and "报告" in squeeze(item.block.text)
    ][-1:]


# Walking the tree ----------------------------------------------------------------------


def _walk(root: Tag, counter: _Counter) -> Iterator[_Placed]:
    """Yield paragraphs and data tables in reading order."""
    buffer: list[str] = []

    def flush(element: Tag) -> Iterator[_Placed]:
        text = "".join(buffer)
        buffer.clear()
        heading = element.name in _HEADINGS or any(parent.name in _HEADINGS for parent in list(element.parents)[:3])
        for line in text.split("\n"):
            if line := line.strip():
                yield _Placed(Paragraph(line, heading=heading), element)

    def visit(element: Tag, holder: Tag, depth: int) -> Iterator[_Placed]:
        if depth > MAX_DEPTH:
            return
        for child in element.children:
            if isinstance(child, NavigableString):
                if not isinstance(child, (Comment, PreformattedString)):
                    buffer.append(_WHITE.sub(" ", child))
                continue
            if not isinstance(child, Tag) or child.name in _SKIPPED or _is_hidden(child):
                continue
            if child.name == "br":
                buffer.append("\n")
            elif child.name == "table" and _is_data_table(child):
                yield from flush(holder)
                yield _Placed(_read_table(child, counter.next_table()), child)
            elif child.name in _BLOCKS:
                yield from flush(holder)
                yield from visit(child, child, depth + 1)
                yield from flush(child)
            else:
                yield from visit(child, holder, depth + 1)

    yield from visit(root, root, 0)
    yield from flush(root)


def _is_hidden(element: Tag) -> bool:
    return element.has_attr("hidden") or bool(_HIDDEN.search(str(element.get("style", ""))))


def _is_data_table(table: Tag) -> bool:
    """Whether a table holds data: no table within it, more than one cell, no cell like an essay."""
    if table.find("table") is not None:
        return False
    cells = table.find_all(["td", "th"], limit=2)
    if len(cells) < 2:
        return False
    essay = next((cell for cell in table.find_all("td") if len(cell.find_all("p", limit=8)) >= 8), None)
    return essay is None


def _read_table(table: Tag, number: int) -> Table:
    rows = [
        [
            SpanningCell(_cell_text(cell), _span(cell, "rowspan"), _span(cell, "colspan"))
            for cell in row.find_all(["td", "th"], recursive=False)
            if not _is_hidden(cell)
        ]
        for row in table.find_all("tr")
        if not _is_hidden(row)
    ]
    return lay_out(rows, number)


def _span(cell: Tag, attribute: str) -> int:
    match = re.match(r"\s*(\d{1,6})", str(cell.get(attribute, "1")))
    return int(match[1]) if match else 1


def _cell_text(cell: Tag) -> str:
    parts: list[str] = []
    for node in cell.descendants:
        if isinstance(node, NavigableString):
            if isinstance(node, (Comment, PreformattedString)):
                continue
            parents = [parent.name for parent in _parents_within(node, cell)]
            if any(name in _SKIPPED for name in parents) or any(
                _is_hidden(parent) for parent in _parents_within(node, cell)
            ):
                continue
            # A footnote mark must not become a digit of the figure before it.
            parts.append(node.translate(_SUPERSCRIPTS) if "sup" in parents else str(node))
        elif isinstance(node, Tag) and (node.name == "br" or node.name in _BLOCKS):
            parts.append("\n")
    return tidy("".join(parts))


def _parents_within(node: NavigableString, cell: Tag) -> list[Tag]:
    parents = []
    for parent in node.parents:
        if parent is cell:
            break
        parents.append(parent)
    return parents


__all__ = ["Place", "read_html"]
