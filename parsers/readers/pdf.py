"""PDF → document: pdfplumber's table finder, fed with pypdfium2's characters and paths.

pypdfium2 reads these files several times faster than pdfminer; pdfplumber's finder stays
the table engine. PDFium may abort the whole process on a hostile file, so this reader is
run in a process of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median

import pypdfium2 as pdfium

from parsers.document import Document, Table, UnreadableDocumentError
from parsers.readers.collector import collector_paused
from parsers.readers.paged import Columns, Item, Page, blocks
from parsers.readers.pdf_annotations import with_annotations
from parsers.readers.pdf_characters import UNKNOWN, Character, join, read_characters, rows_of
from parsers.readers.pdf_fonts import Fonts
from parsers.readers.pdf_open_tables import find_open_tables
from parsers.readers.pdf_rules import Drawing, read_drawing
from parsers.readers.pdf_system_fonts import replace_system_fonts, use_system_fonts
from parsers.readers.pdf_tables import fill, find_cells
from parsers.readers.pdf_view import View, rounded
from parsers.readers.pdf_visibility import seen
from parsers.readers.prose import Line

MAX_PAGES = 60
MAX_BYTES = 20 * 1024 * 1024
MAX_SIDE = 14_400  # points: the format's own limit for a page's side
_TAIL = 2048
MAX_SCANNED_PAGES = 30
_FEW_CHARACTERS = 40  # on a picture of a page: what a scanner's program stamps on it
_MOST_OF_PAGE = 0.5
_OUTLINES = 50  # drawn paths: text set as outlines, not a few rules

PageReader = Callable[[pdfium.PdfPage, int, int], list[Item]]
"""Reads a page that is a picture: its number and the number of tables before it → lines and tables."""


@collector_paused()
def read_pdf(payload: bytes, scans: PageReader | None = None) -> Document:
    """Read a PDF: pages with text by their text, pages that are pictures by ``scans`` where given.

    Raises UnreadableDocumentError with reason ``truncated``, ``encrypted``, ``broken_pdf``,
    ``too_big`` or ``scanned``.
    """
    if len(payload) > MAX_BYTES:
        raise UnreadableDocumentError("too_big", f"PDF of {len(payload)} bytes; at most {MAX_BYTES} are read")
    if b"%%EOF" not in payload[-_TAIL:]:
        raise UnreadableDocumentError("truncated", "the PDF has no end mark; fetch it again")
    if scans is None:
        replace_system_fonts()
    else:
        # Pages that are to be recognised must show what they print.
        use_system_fonts()
    try:
        pdf = pdfium.PdfDocument(payload)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise UnreadableDocumentError("encrypted", "the PDF asks for a password") from error
        raise UnreadableDocumentError("broken_pdf", f"PDFium cannot open it: {error}") from error
    try:
        return _read(pdf, Fonts(payload), scans)
    except pdfium.PdfiumError as error:
        raise UnreadableDocumentError("broken_pdf", f"PDFium cannot read a page: {error}") from error
    finally:
        pdf.close()


def _read(pdf: pdfium.PdfDocument, fonts: Fonts, scans: PageReader | None) -> Document:
    count = len(pdf)
    if count > MAX_PAGES:
        raise UnreadableDocumentError("too_big", f"{count} pages; at most {MAX_PAGES} are read")
    document = Document(media_type="application/pdf", pages=count)
    pages: list[Page] = []
    tables = 0
    for number in range(1, count + 1):
        page, whole = with_annotations(pdf, number)
        try:
            pages.append(_read_page(page, number, tables, fonts, pages[-1] if pages else None))
            pages[-1].annotations_lost = not whole
            if pages[-1].scanned:
                document.scanned.append(number)
                if scans:
                    _recognise(pages[-1], page, document.scanned, tables, scans)
        finally:
            page.close()
        tables += sum(isinstance(item, Table) for item in pages[-1].items)
    if scans and any(page.scanned for page in pages):
        document.scanned = []
        if not any(page.items for page in pages):
            raise UnreadableDocumentError("scanned", f"{count} pages in which no text could be recognised")
    elif not any(page.characters for page in pages):
        hidden = "with nothing but an invisible text layer" if any(page.invisible for page in pages) else "without text"
        raise UnreadableDocumentError("scanned", f"{count} pages {hidden}; install nianbao[ocr] to read scans")
    document.blocks = list(blocks(pages))
    document.warnings = list(_warnings(pages, recognised=scans is not None))
    return document


def _recognise(result: Page, page: pdfium.PdfPage, scanned: Sequence[int], tables: int, scans: PageReader) -> None:
    """Put what is recognised on a page in the place of the little text that it has."""
    if len(scanned) > MAX_SCANNED_PAGES:
        raise UnreadableDocumentError("too_big", f"more than {MAX_SCANNED_PAGES} pages are pictures")
    items = scans(page, scanned[-1], tables)
    if items or not result.characters:
        result.margins.clear()
        result.columns = Columns()
        result.arrange(items, page.get_size()[1])


def _warnings(pages: Sequence[Page], *, recognised: bool) -> Iterator[str]:
    for number, page in enumerate(pages, start=1):
        if page.annotations_lost:
            yield f"第{number}页的表单域或批注无法读取"
        if recognised and page.scanned:
            continue
        if page.invisible and not page.characters:
            yield f"第{number}页只有看不见的文字层（扫描件），未采用"
        elif page.unknown:
            yield f"第{number}页有{page.unknown}个字符无法辨认（字体没有对应的字符编码，或数字重叠、残缺）"


def _read_page(page: pdfium.PdfPage, number: int, tables_before: int, fonts: Fonts, before: Page | None = None) -> Page:
    width, height = page.get_size()
    if max(width, height) > MAX_SIDE:
        raise UnreadableDocumentError("too_big", f"page {number} measures {width:.0f} × {height:.0f} points")
    text = read_characters(page, number, fonts)
    result = Page(characters=len(text.characters), invisible=text.invisible)
    if not text.characters:
        result.scanned = bool(text.invisible) or _is_drawn(page, number)
        return result
    view = text.view
    drawing = read_drawing(page, number, view)
    result.scanned = len(text.characters) < _FEW_CHARACTERS and _pictured(drawing, view)
    tables = find_cells(drawing.edges, view)
    characters, hidden = seen(page, text.characters, view, drawing)
    result.characters = len(characters)
    result.invisible += hidden
    result.unknown = sum(item.text == UNKNOWN for item in characters)
    items: list[Item] = []
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
    opened = find_open_tables(rows, drawing.edges, view, number, tables_before, before.columns if before else None)
    result.columns = opened.columns
    if opened.tables:
        items += opened.tables
        prose = [item for item in prose if id(item) not in opened.used]
        rows = rows_of(prose) if prose else []
    items += [(line.top, line) for line in _lines(rows, number, view)]
    result.arrange(items, view.size[1])
    return result


def _is_drawn(page: pdfium.PdfPage, number: int) -> bool:
    """Whether a page without text shows a picture, or text set as outlines."""
    try:
        drawing = read_drawing(page, number, View.of(page))
    except UnreadableDocumentError:
        return False
    return bool(drawing.pictures) or drawing.paths >= _OUTLINES


def _pictured(drawing: Drawing, view: View) -> bool:
    """Whether a picture makes up most of the page."""
    width, height = view.size
    return any((x1 - x0) * (bottom - top) >= _MOST_OF_PAGE * width * height for x0, top, x1, bottom in drawing.pictures)


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
