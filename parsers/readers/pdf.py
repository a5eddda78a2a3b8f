"""PDF → document: pdfplumber's table finder, fed with pypdfium2's characters and paths.

pypdfium2 reads these files several times faster than pdfminer; pdfplumber's finder stays
the table engine. PDFium may abort the whole process on a hostile file, so this reader is
run in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

import pypdfium2 as pdfium

from parsers.document import Block, Document, Table, UnreadableDocumentError
from parsers.normalise import squeeze
from parsers.readers.collector import collector_paused
from parsers.readers.pdf_characters import UNKNOWN, Character, join, read_characters, rows_of
from parsers.readers.pdf_fonts import Fonts
from parsers.readers.pdf_open_tables import find_open_tables
from parsers.readers.pdf_rules import read_drawing
from parsers.readers.pdf_system_fonts import replace_system_fonts
from parsers.readers.pdf_tables import fill, find_cells
from parsers.readers.pdf_view import View, rounded
from parsers.readers.pdf_visibility import seen
from parsers.readers.prose import Line, paragraphs
from parsers.sections import match_heading

MAX_PAGES = 60
MAX_BYTES = 20 * 1024 * 1024
MAX_SIDE = 14_400  # points: the format's own limit for a page's side
_TAIL = 2048
_PAGE_NUMBER = re.compile(r"[-—–－―~·.\s]*(?:第\s*)?\d{1,3}(?:\s*页)?(?:[/共\s]*\d{1,3}\s*页?)?[-—–－―~·.\s]*")
_MARGIN = 0.12  # share of the page's height at top and bottom where a lone number is a page number
_SAME_PLACE = 3.0  # points: a running head stands this exactly at the same height on its pages


@dataclass(slots=True)
class _Page:
    """What one page prints: lines and tables from top to bottom, and characters not seen or not known.

    ``columns`` are those of a table without rules. ``margins`` holds for the lines in its margins,
    by id, their words without digits and their height.
    """

    items: list[Line | Table] = field(default_factory=list)
    margins: dict[int, tuple[str, int]] = field(default_factory=dict)
    columns: list[tuple[float, float]] = field(default_factory=list)
    characters: int = 0
    invisible: int = 0
    unknown: int = 0


@collector_paused()
def read_pdf(payload: bytes) -> Document:
    """Read a PDF that has text.

    Raises UnreadableDocumentError with reason ``truncated``, ``encrypted``, ``broken_pdf``,
    ``too_big`` or ``scanned``.
    """
    if len(payload) > MAX_BYTES:
        raise UnreadableDocumentError("too_big", f"PDF of {len(payload)} bytes; at most {MAX_BYTES} are read")
    if b"%%EOF" not in payload[-_TAIL:]:
        raise UnreadableDocumentError("truncated", "the PDF has no end mark; fetch it again")
    replace_system_fonts()
    try:
        pdf = pdfium.PdfDocument(payload)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocumentError("encrypted", "the PDF asks for a password") from error
        raise UnreadableDocumentError("broken_pdf", f"PDFium cannot open it: {error}") from error
    try:
        return _read(pdf, Fonts(payload))
    except pdfium.PdfiumError as error:
        raise UnreadableDocumentError("broken_pdf", f"PDFium cannot read a page: {error}") from error
    finally:
        pdf.close()


def _read(pdf: pdfium.PdfDocument, fonts: Fonts) -> Document:
    count = len(pdf)
    if count > MAX_PAGES:
        raise UnreadableDocumentError("too_big", f"{count} pages; at most {MAX_PAGES} are read")
    document = Document(media_type="application/pdf", pages=count)
    pages: list[_Page] = []
    tables = 0
    for number in range(1, count + 1):
        page = pdf[number - 1]
        try:
            pages.append(_read_page(page, number, tables, fonts, pages[-1] if pages else None))
        finally:
            page.close()
        tables += sum(isinstance(item, Table) for item in pages[-1].items)
    if not any(page.characters for page in pages):
        hidden = "with nothing but an invisible text layer" if any(page.invisible for page in pages) else "without text"
        raise UnreadableDocumentError("scanned", f"{count} pages {hidden}; install nianbao[ocr] to read scans")
    running = _running_lines(pages)
    lines = [item for page in pages for item in page.items if id(item) not in running]
    document.blocks = list(_blocks(lines))
    document.warnings = list(_warnings(pages))
    return document


def _warnings(pages: Sequence[_Page]) -> Iterator[str]:
    for number, page in enumerate(pages, start=1):
        if page.invisible and not page.characters:
            yield f"第{number}页只有看不见的文字层（扫描件），未采用"
        elif page.unknown:
            yield f"第{number}页有{page.unknown}个字符无法辨认（字体没有对应的字符编码，或数字重叠、残缺）"


def _read_page(
    page: pdfium.PdfPage, number: int, tables_before: int, fonts: Fonts, before: _Page | None = None
) -> _Page:
    width, height = page.get_size()
    if max(width, height) > MAX_SIDE:
        raise UnreadableDocumentError("too_big", f"page {number} measures {width:.0f} × {height:.0f} points")
    text = read_characters(page, number, fonts)
    result = _Page(characters=len(text.characters), invisible=text.invisible)
    if not text.characters:
        return result
    view = text.view
    drawing = read_drawing(page, number, view)
    tables = find_cells(drawing.edges, view)
    characters = text.characters
    if tables or any(item.pale for item in characters):
        characters, hidden = seen(page, characters, view, drawing)
        result.characters = len(characters)
        result.invisible += hidden
    result.unknown = sum(item.text == UNKNOWN for item in characters)
    items: list[tuple[float, Line | Table]] = []
    inside: set[int] = set()
    for boxes in tables:
        filled = fill(boxes, characters, view, number, tables_before + 1)
        if filled is None:
            continue
        table, used = filled
        inside |= used
        tables_before += 1
        items.append((min(box[1] for box in boxes), table))
    prose = [item for index, item in enumerate(characters) if index not in inside and item.turn == 0]
    rows = rows_of(prose) if prose else []
    opened = find_open_tables(rows, drawing.edges, view, number, tables_before, before.columns if before else [])
    if opened.tables:
        items += opened.tables
        result.columns = opened.columns
        prose = [item for item in prose if id(item) not in opened.used]
        rows = rows_of(prose) if prose else []
    width, height = view.size
    for line in _lines(rows, number, view):
        if line.top < height * _MARGIN or line.bottom > height * (1 - _MARGIN):
            if _PAGE_NUMBER.fullmatch(line.text):
                continue
            words = re.sub(r"\d", "", squeeze(line.text))
            result.margins[id(line)] = words, round(line.top / _SAME_PLACE)
        items.append((line.top, line))
    items.sort(key=lambda item: item[0])
    result.items = [item for _top, item in items]
    return result


def _running_lines(pages: Sequence[_Page]) -> set[int]:
    """Ids of the heads and feet printed again: outermost lines that an earlier page has at the same height.

    The first one stays, it may be the title.
    """
    before: set[tuple[str, int]] = set()
    running: set[int] = set()
    for page in pages:
        here: set[tuple[str, int]] = set()
        for ordered in (page.items, page.items[::-1]):
            for item in ordered:
                key = page.margins.get(id(item))
                if key is None or not isinstance(item, Line) or match_heading(item.text):
                    break
                words, height = key
                here.add(key)
                if before.isdisjoint({(words, height - 1), key, (words, height + 1)}):
                    break
                running.add(id(item))
        before |= here
    return running


def _blocks(items: Sequence[Line | Table]) -> Iterator[Block]:
    """Join lines to paragraphs; a paragraph may run on over a page break, not over a table."""
    run: list[Line] = []
    for item in items:
        if isinstance(item, Table):
            yield from paragraphs(run)
            run = []
            yield item
        else:
            run.append(item)
    yield from paragraphs(run)


def _lines(rows: Sequence[Sequence[Character]], page: int, view: View) -> list[Line]:
    lines = []
    for row in rows:
        box = (
            min(item.x0 for item in row),
            min(item.top for item in row),
            max(item.x1 for item in row),
            max(item.bottom for item in row),
        )
        size = median(item.size for item in row) or median(item.bottom - item.top for item in row)
        shown = rounded(view.as_shown(box))
        lines.append(Line(join(row), page, *box, size=size, page_width=view.size[0], shown=shown))
    return lines
