"""Plain text and Markdown → document, tables as tab- or pipe-separated lines or a cell per line.

Such files are renderings of a page: cells at the start and the end of rows get lost or
added, so their tables are never aligned.
"""

from __future__ import annotations

import re

from parsers.document import Block, Cell, Document, Paragraph, Place, Table
from parsers.normalise import tidy
from parsers.readers import cell_lines
from parsers.readers.encoding import decode

_RULE_CELL = re.compile(r":?-{2,}:?")
_MARKDOWN_HEADING = re.compile(r"^#{1,6}\s+")
_EMPHASIS = re.compile(r"^(\*\*|__)(.+)\1$")
_LONGEST_LABEL = 60
Row = list[tuple[int, str]]


def read_text(payload: bytes) -> Document:
    """Read a text file in any of the dialects."""
    text, _encoding = decode(payload)
    document = Document(media_type="text/plain")
    rows: list[Row] = []

    def close_table() -> None:
        if rows:
            document.blocks.append(_table(rows, len(document.tables) + 1))
            rows.clear()

    lines = text.splitlines()
    index = last = 0
    while index < len(lines):
        line, number = lines[index], index + 1
        after_table = bool(rows) or (bool(document.blocks) and isinstance(document.blocks[-1], Table))
        if run := cell_lines.take(lines, index, goes_on=after_table):
            close_table()
            rows.extend([(cell.line, cell.text) for cell in row] for row in run[0])
            close_table()
            index = run[1]
            continue
        index += 1
        after = lines[index] if index < len(lines) else ""
        cells = _cells(line, among_rows=bool(rows) or _separated(after))
        if cells is None:
            if line.strip():
                close_table()
                document.blocks.append(_paragraph(line, number))
            continue
        if rows and number > last + 1:
            close_table()
        last = number
        if all(_RULE_CELL.fullmatch(cell) or not cell for cell in cells) and any(cells):
            continue
        rows.append([(number, cell) for cell in cells])
    close_table()
    return document


def _halved(line: str) -> bool:
    """Whether one bar divides the line into two short cells, as the head of table 四 is."""
    return line.count("|") == 1 and all(0 < len(cell.strip()) <= _LONGEST_LABEL for cell in line.split("|"))


def _separated(line: str) -> bool:
    """Whether bars divide the line into short cells, as in a table row without an outer bar."""
    return line.count("|") >= 2 and all(len(cell.strip()) <= _LONGEST_LABEL for cell in line.split("|"))


def _cells(line: str, *, among_rows: bool) -> list[str] | None:
    """Cells of a table line, None for prose.

    Without a bar at either end a line is only a row ``among_rows``: alone it is a breadcrumb.
    """
    words = line.strip()
    if (
        words.startswith("|")
        or (_separated(words) and (words.endswith("|") or among_rows))
        or (among_rows and _halved(words))
    ):
        return [tidy(cell) for cell in words.removeprefix("|").removesuffix("|").split("|")]
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


def _table(rows: list[Row], number: int) -> Table:
    cells = [
        Cell(text, row, column, place=Place(table=number, row=row + 1, column=column + 1, line=line))
        for row, texts in enumerate(rows)
        for column, (line, text) in enumerate(texts)
    ]
    return Table(cells, aligned=False, place=Place(table=number, line=rows[0][0][0]))
