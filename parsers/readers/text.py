"""Plain text and Markdown → document, tables as tab- or pipe-separated lines.

Such files are renderings of a page: cells at the start and the end of rows get lost or
added, so their tables are never aligned.
"""

from __future__ import annotations

import re

from parsers.document import Block, Cell, Document, Paragraph, Place, Table
from parsers.normalise import tidy
from parsers.readers.encoding import decode

_RULE_CELL = re.compile(r":?-{2,}:?")
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+")
_EMPHASIS = re.compile(r"^(\*\*|__)(.+)\1$")
_LONGEST_LABEL = 60


def read_text(payload: bytes) -> Document:
    """Read a text file in either dialect."""
    text, _encoding = decode(payload)
    document = Document(media_type="text/plain")
    rows: list[tuple[int, list[str]]] = []

    def close_table() -> None:
        if rows:
            document.blocks.append(_table(rows, len(document.tables) + 1))
            rows.clear()

    for number, line in enumerate(text.splitlines(), start=1):
        cells = _cells(line)
        if cells is None:
            if line.strip():
                close_table()
                document.blocks.append(_paragraph(line, number))
            continue
        if rows and number > rows[-1][0] + 1:
            close_table()
        if all(_RULE_CELL.fullmatch(cell) or not cell for cell in cells) and any(cells):
            if rows:
                rows[-1] = (number, rows[-1][1])
            continue
        rows.append((number, cells))
    close_table()
    return document


def _cells(line: str) -> list[str] | None:
    """Cells of a table line, None for prose."""
    if "|" in line and line.strip().startswith("|"):
        inner = line.strip().removeprefix("|")
        return [tidy(cell) for cell in inner.removesuffix("|").split("|")]
    if "\t" in line:
        cells = [tidy(cell) for cell in line.rstrip("\r\n").split("\t")]
        if any(len(cell) > _LONGEST_LABEL for cell in cells) or sum(bool(cell) for cell in cells) == 0:
            return None
        # A tab that only indents a line of prose makes no table.
        if len(cells) == 2 and not cells[0]:
            return None
        return cells
    return None


def _paragraph(line: str, number: int) -> Block:
    words = line.strip()
    heading = bool(_MARKDOWN_HEADING.match(words))
    words = _MARKDOWN_HEADING.sub("", words)
    if match := _EMPHASIS.match(words):
        words = match[2]
    return Paragraph(tidy(words), heading=heading, place=Place(line=number))


def _table(rows: list[tuple[int, list[str]]], number: int) -> Table:
    cells = [
        Cell(text, row, column, place=Place(table=number, row=row + 1, column=column + 1, line=line))
        for row, (line, texts) in enumerate(rows)
        for column, text in enumerate(texts)
    ]
    return Table(cells, aligned=False, place=Place(table=number, line=rows[0][0]))
