"""The place of a cell in its source: a picture of the page, the table, or the lines around it.

Runs in a process of its own under limits, since what it reads is foreign.
"""

from __future__ import annotations

from dataclasses import dataclass

from parsers import media
from parsers.document import Cell, Document, Place, Table, UnreadableDocumentError
from parsers.pictures import draw_cell, draw_cell_on_picture
from parsers.readers import package, read
from parsers.readers.encoding import decode

MAX_ROWS = 120
MAX_CELLS = 4_000
LINES_AROUND = 6
MAX_TEXT = 400
_PICTURES = {media.PNG, media.JPEG, media.GIF, media.TIFF, media.BMP, media.WEBP}


@dataclass(frozen=True, slots=True)
class SourceCell:
    """A cell of the source's table as text; ``marked`` is the one asked for."""

    text: str
    rows: int = 1
    columns: int = 1
    marked: bool = False


@dataclass(frozen=True, slots=True)
class SourceTable:
    """The source's table, at most MAX_ROWS rows around the marked cell. ``cut`` where there are more."""

    rows: tuple[tuple[SourceCell, ...], ...]
    cut: bool


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Lines of a text with their numbers from 1, and the number of the marked one."""

    lines: tuple[tuple[int, str], ...]
    marked: int


def picture(payload: bytes, place: Place) -> bytes:
    """Return a PNG of the page on which ``place`` is outlined.

    Raises UnreadableDocumentError where the file has no such page, and LookupError where
    ``place`` has no box.
    """
    if place.box is None:
        raise LookupError("the cell has no box")
    payload = _inner(payload, {media.PDF, *_PICTURES})
    if media.sniff(payload) == media.PDF:
        return draw_cell(payload, place.page or 1, place.box)
    return draw_cell_on_picture(payload, place.box)


def excerpt(payload: bytes, place: Place) -> SourceTable | SourceLines:
    """Return the table around ``place``, or the lines where the source is plain text.

    Raises UnreadableDocumentError where the file cannot be read, and LookupError where there is
    no such cell in it.
    """
    if place.line is not None and media.sniff(payload) == media.TEXT:
        return _lines(decode(payload)[0], place.line)
    document = read(payload)
    table, cell = _find(document, place)
    return _table(table, cell)


def _inner(payload: bytes, wanted: set[str]) -> bytes:
    found = [member.payload for member in package.members(payload) if media.sniff(member.payload) in wanted]
    if len(found) > 1:
        raise LookupError("several files inside may be the one")
    return found[0] if found else payload


def _lines(text: str, number: int) -> SourceLines:
    lines = text.splitlines()
    if not 1 <= number <= len(lines):
        raise LookupError("the text has no such line")
    first = max(1, number - LINES_AROUND)
    shown = lines[first - 1 : number + LINES_AROUND]
    return SourceLines(tuple((at, _short(line)) for at, line in enumerate(shown, start=first)), number)


def _find(document: Document, place: Place) -> tuple[Table, Cell]:
    for table in document.tables:
        for cell in table.cells:
            if cell.place == place:
                return table, cell
    raise LookupError("the document has no such cell")


def _table(table: Table, marked: Cell) -> SourceTable:
    starts = sorted({cell.row for cell in table.cells})
    at = starts.index(marked.row)
    first = max(0, min(at - MAX_ROWS // 2, len(starts) - MAX_ROWS))
    shown = starts[first : first + MAX_ROWS]
    covered: set[tuple[int, int]] = set()
    rows: list[tuple[SourceCell, ...]] = []
    count = 0
    for row in shown:
        line: list[SourceCell] = []
        column = 0
        for cell in sorted((cell for cell in table.cells if cell.row == row), key=lambda cell: cell.column):
            while column < cell.column:
                if (row, column) not in covered:
                    line.append(SourceCell(""))
                column += 1
            spanned = [other for other in shown if row <= other < cell.row + max(1, cell.row_span)]
            covered |= {(other, at) for other in spanned for at in range(cell.column, cell.column + cell.column_span)}
            line.append(
                SourceCell(_short(cell.text.strip()), max(1, len(spanned)), max(1, cell.column_span), cell is marked)
            )
            column = cell.column + cell.column_span
        count += len(line)
        if count > MAX_CELLS:
            raise UnreadableDocumentError("too_big", "the table has too many cells to be shown")
        rows.append(tuple(line))
    return SourceTable(tuple(rows), cut=len(shown) < len(starts))


def _short(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"
