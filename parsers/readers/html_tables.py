"""Tables of a page: rows that hold data, and rows that only lay prose and other tables out.

Portals set whole pages in tables, and reports come with their headings, prose and several
forms merged into one table. So what a row is for is decided row by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bs4 import NavigableString, Tag

from parsers.normalise import squeeze, tidy
from parsers.readers.grid import SpanningCell
from parsers.readers.page_index import PageIndex
from parsers.readers.visible import BLOCKS, PICTURE, Visibility, is_picture, shown_text
from parsers.sections import ordinal_heading

_ESSAY = 200
_CELLS = ("td", "th")
_SEVERAL = 2
_SPAN = re.compile(r"\s*(\d{1,6})")
_PAGE_BREAK = re.compile(r"#PAGE_?BREAK#|_ueditor_page_break_tag_|\[!--page--\]|\[NextPage\]", re.I)
MAX_DEPTH = 200
_SHORTEST_HEADING = 4


@dataclass(slots=True)
class Row:
    """A row as marked up: its visible cells with their marks, and the row group that it stands in."""

    section: int
    cells: list[tuple[Tag, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    flows: bool = False
    """Whether it lays out prose or tables instead of holding data."""


def break_pages(text: str) -> str:
    """Text with a line break in place of the marks at which portals split an article into pages."""
    return _PAGE_BREAK.sub("\n", text) if "#" in text or "[" in text or "_ueditor" in text else text


def cell_text(cell: Tag, marks: int, visibility: Visibility) -> str:
    """Visible text of a cell, a line per block; pictures leave a mark, so that no cell with one is blank."""
    contents = cell.contents
    if not contents:
        return ""
    if len(contents) == 1 and type(contents[0]) is NavigableString:
        # A string of the tree would keep all of the tree in memory.
        text = str(contents[0])
        return text if text.isdigit() and not marks else break_pages(shown_text(text, marks))
    parts: list[str] = []

    def visit(element: Tag, marks: int, depth: int) -> None:
        if depth > MAX_DEPTH:
            parts.append(PICTURE)
            return
        for child in element.contents:
            if type(child) is NavigableString:
                parts.append(break_pages(shown_text(child, marks)))
                continue
            if not isinstance(child, Tag):
                continue
            name = child.name
            if name == "br":
                parts.append("\n")
                continue
            inside = visibility.enter(child, marks)
            if inside is None:
                if name == "input":
                    parts.append(_input_text(child))
                elif is_picture(child):
                    parts.append(PICTURE)
                continue
            if name in BLOCKS:
                parts.append("\n")
                visit(child, inside, depth + 1)
                parts.append("\n")
            elif is_picture(child):
                parts.append(PICTURE)
            else:
                visit(child, inside, depth + 1)

    visit(cell, marks, 0)
    return "".join(parts)


def _input_text(field_element: Tag) -> str:
    kind = str(field_element.get("type", "text")).lower()
    return str(field_element.get("value", "")) if kind in ("text", "number", "tel") else ""


def read_rows(table: Tag, marks: int, visibility: Visibility, holding: frozenset[int]) -> list[Row]:
    """Visible rows of a table in printed order, its foot last; rows of tables inside it are not its own.

    ``holding`` are the ids of the elements that hold a table of several cells.
    """
    rows: list[Row] = []
    feet: list[Row] = []
    sections = 0

    def add_cell(row: Row, cell: Tag, marks: int) -> None:
        inside = visibility.enter(cell, marks)
        if inside is not None:
            row.cells.append((cell, inside))

    def gather(element: Tag, marks: int, into: list[Row], section: int, depth: int) -> None:
        nonlocal sections
        implied: Row | None = None
        for child in element.contents:
            if not isinstance(child, Tag):
                continue
            name = child.name
            if name in _CELLS:
                # Browsers open a row for cells that stand outside one.
                if implied is None:
                    implied = Row(section)
                    into.append(implied)
                add_cell(implied, child, marks)
                continue
            inside = visibility.enter(child, marks)
            if inside is None or name in ("table", "caption", "colgroup", "col") or depth > MAX_DEPTH:
                continue
            if name == "tr":
                implied = None
                row = Row(section)
                into.append(row)
                gather_cells(row, child, inside, depth + 1)
            else:
                grouped = name in ("tbody", "thead", "tfoot")
                sections += grouped
                gather(child, inside, feet if name == "tfoot" else into, sections if grouped else section, depth + 1)

    def gather_cells(row: Row, element: Tag, marks: int, depth: int) -> None:
        for child in element.contents:
            if not isinstance(child, Tag):
                continue
            if child.name in _CELLS:
                if not child.attrs:
                    row.cells.append((child, marks))
                else:
                    add_cell(row, child, marks)
            elif child.name != "table" and depth <= MAX_DEPTH:
                inside = visibility.enter(child, marks)
                if inside is not None:
                    gather_cells(row, child, inside, depth + 1)

    gather(table, marks, rows, 0, 0)
    rows += feet
    for row in rows:
        _read_texts(row, visibility, holding)
    return rows


def _read_texts(row: Row, visibility: Visibility, holding: frozenset[int]) -> None:
    if not holding.isdisjoint([id(cell) for cell, _marks in row.cells]):
        row.flows = True
        return
    row.texts = [cell_text(cell, marks, visibility) for cell, marks in row.cells]
    row.flows = _lays_out(row.texts)


def _lays_out(texts: list[str]) -> bool:
    """Whether cells hold an essay, or a section heading with nothing but prose beside it."""
    if max(map(len, texts), default=0) > _ESSAY and any(
        len(text) > _ESSAY and len(squeeze(text)) > _ESSAY for text in texts
    ):
        return True
    perhaps = [text for text in texts if len(text) >= _SHORTEST_HEADING or not text.isascii()]
    if not any(map(_heads_section, perhaps)):
        return False
    printed = [words for text in texts if (words := squeeze(text))]
    return len(printed) == 1 or all(len(words) > 60 or words.startswith("(单位") for words in printed[1:])


def _heads_section(text: str) -> bool:
    words = squeeze(text)
    return len(words) >= _SHORTEST_HEADING and ordinal_heading(words) is not None


def holders_of_tables(page: PageIndex) -> frozenset[int]:
    """Ids of the elements that hold a table of several cells, up to the root."""
    cells: dict[int, int] = {}
    for cell in page.named(*_CELLS):
        # Above an element of several cells all are.
        element = cell.parent
        while element is not None and (count := cells.get(id(element), 0)) < _SEVERAL:
            cells[id(element)] = count + 1
            element = element.parent
    holding: set[int] = set()
    for table in page.named("table"):
        element = table.parent if cells.get(id(table), 0) >= _SEVERAL else None
        while element is not None and id(element) not in holding:
            holding.add(id(element))
            element = element.parent
    return frozenset(holding)


def chunks(rows: list[Row]) -> Iterator[list[Row]]:
    """Runs of rows of one kind; rows of a single cell each make no table."""
    run: list[Row] = []
    for row in rows:
        if run and run[-1].flows != row.flows:
            yield _settled(run)
            run = []
        run.append(row)
    if run:
        yield _settled(run)


def _settled(run: list[Row]) -> list[Row]:
    if not run[0].flows and all(len(row.cells) < 2 for row in run):
        for row in run:
            row.flows = True
    return run


def spanning_rows(run: list[Row]) -> list[list[SpanningCell]]:
    """Cells with their spans; as in browsers no cell spans out of its row group."""
    last_of_section = {row.section: index for index, row in enumerate(run)}
    rows = []
    for index, row in enumerate(run):
        left = last_of_section[row.section] - index + 1
        cells = []
        for (cell, _marks), text in zip(row.cells, row.texts, strict=True):
            spans = cell.attrs
            if spans and ("rowspan" in spans or "colspan" in spans):
                down = _span(cell, "rowspan")
                cells.append(SpanningCell(tidy(text), min(down, left) if down else left, _span(cell, "colspan")))
            else:
                cells.append(SpanningCell(tidy(text)))
        rows.append(cells)
    return rows


def _span(cell: Tag, attribute: str) -> int:
    value = cell.attrs.get(attribute)
    if value is None or value == "1":
        return 1
    match = _SPAN.match(str(value))
    return int(match[1]) if match else 1
