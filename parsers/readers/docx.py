"""DOCX → document: a walk of word/document.xml that honours gridSpan and vMerge."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from lxml import etree

from parsers.document import Block, Document, Paragraph, Table, UnreadableDocumentError
from parsers.normalise import tidy, whole_number
from parsers.readers.grid import SpanningCell, lay_out
from parsers.readers.prose_rows import prose_rows
from parsers.readers.zip_errors import ZIP_ERRORS

MAX_XML = 50 * 1024 * 1024
MAX_PARTS = 50
_TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_W = f"{{{_TRANSITIONAL}}}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
# What was moved away or deleted with changes tracked is no longer part of the text.
_GONE = {f"{_W}moveFrom", f"{_W}del", _FALLBACK}
_MARKS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)


def read_docx(payload: bytes, read_part: Callable[[bytes], Document] | None = None) -> Document:
    """Read a Word document; files that it takes its text from are read with ``read_part``.

    Raises UnreadableDocumentError ``broken_docx`` or ``too_big``, or what ``read_part`` raises.
    """
    body = _body(payload)
    document = Document(media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    parts = _Parts(payload, read_part) if body.find(f".//{_W}altChunk") is not None else None
    document.blocks = list(_blocks(body, document, parts))
    return document


class _Parts:
    """The files inside of a document whose text Word shows in place of ``altChunk``, as converters write them."""

    def __init__(self, payload: bytes, read: Callable[[bytes], Document] | None) -> None:
        self._payload = payload
        self._read = read
        self._read_so_far = 0

    def document(self, relation: str) -> Document:
        """The file that a relation of the main part names."""
        self._read_so_far += 1
        if self._read is None or self._read_so_far > MAX_PARTS:
            raise UnreadableDocumentError("broken_docx", "the text stands in files inside of the document")
        try:
            with zipfile.ZipFile(io.BytesIO(self._payload)) as archive:
                relations = etree.fromstring(archive.read("word/_rels/document.xml.rels"), _PARSER)
                target = next(str(entry.get("Target")) for entry in relations if entry.get("Id") == relation)
                name = target.removeprefix("/") if target.startswith("/") else f"word/{target}"
                if archive.getinfo(name).file_size > MAX_XML:
                    raise UnreadableDocumentError("too_big", f"{name[:60]} unpacks to more than {MAX_XML} bytes")
                content = archive.read(name)
        except (StopIteration, etree.XMLSyntaxError, *ZIP_ERRORS) as error:
            raise UnreadableDocumentError(
                "broken_docx", f"a file inside of the document is missing: {error}"
            ) from error
        return self._read(content)


def _body(payload: bytes) -> etree._Element:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > MAX_XML:
                raise UnreadableDocumentError("too_big", f"word/document.xml unpacks to {entry.file_size} bytes")
            with archive.open(entry) as stream:
                xml = stream.read(MAX_XML + 1)
    except ZIP_ERRORS as error:
        raise UnreadableDocumentError("broken_docx", f"no readable Word document: {error}") from error
    if len(xml) > MAX_XML:
        raise UnreadableDocumentError("too_big", "word/document.xml unpacks to more than it declares")
    try:
        # Office writes the standard's strict form under other names for the same elements.
        root = etree.fromstring(xml.replace(_STRICT.encode(), _TRANSITIONAL.encode()), _PARSER)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocumentError("broken_docx", f"word/document.xml: {error}") from error
    body = root.find(f"{_W}body")
    if body is None:
        raise UnreadableDocumentError("broken_docx", "word/document.xml has no body")
    return body


def _blocks(parent: etree._Element, document: Document, parts: _Parts | None) -> Iterator[Block]:
    numbers = itertools.count(1)
    for element in parent.iter(f"{_W}p", f"{_W}tbl", f"{_W}altChunk"):
        if _ancestor(element, f"{_W}tbl") is not None or _is_gone(element):
            continue
        if element.tag == f"{_W}altChunk":
            assert parts is not None
            inner = parts.document(str(element.get(_RELATION, "")))
            document.title_candidates += inner.title_candidates
            yield from (_renumbered(block, numbers) for block in inner.blocks)
        elif element.tag == f"{_W}tbl":
            yield from _tables(element, numbers, document)
        else:
            yield from _paragraphs(element, document)


def _renumbered(block: Block, numbers: Iterator[int]) -> Block:
    """A block of a file inside, its table counted as one of the whole document."""
    if isinstance(block, Paragraph):
        return block
    number = next(numbers)
    cells = [replace(cell, place=replace(cell.place, table=number)) for cell in block.cells]
    return replace(block, cells=cells, place=replace(block.place, table=number))


def _paragraphs(element: etree._Element, document: Document) -> Iterator[Paragraph]:
    style = element.find(f"{_W}pPr/{_W}pStyle")
    name = str(style.get(f"{_W}val", "")).lower() if style is not None else ""
    heading = name.startswith(("heading", "title", "1", "2"))
    for line in _text(element).split("\n"):
        if line := tidy(line):
            if heading and not document.title_candidates and len(line) < 120:
                document.title_candidates.append(line)
            yield Paragraph(line, heading=heading)


def _tables(table: etree._Element, numbers: Iterator[int], document: Document) -> Iterator[Block]:
    """A table and the tables within its cells; a frame of one column is read as what it frames."""
    inner = [nested for nested in table.iter(f"{_W}tbl") if _ancestor(nested, f"{_W}tbl") is table]
    rows = _rows(table)
    if inner and all(len(_cells(row)) <= 1 for row in rows):
        for element in table.iter(f"{_W}p", f"{_W}tbl"):
            if _ancestor(element, f"{_W}tbl") is not table or _is_gone(element):
                continue
            if element.tag == f"{_W}tbl":
                yield from _tables(element, numbers, document)
            else:
                yield from _paragraphs(element, document)
        return
    yield from _rows_and_prose(rows, numbers, document)
    for nested in inner:
        if any(node.text for node in nested.iter(f"{_W}t")):
            yield from _tables(nested, numbers, document)


def _rows_and_prose(rows: Sequence[etree._Element], numbers: Iterator[int], document: Document) -> Iterator[Block]:
    """A table, cut where its rows are headings or prose; what spans over a cut goes on in a blank cell."""
    lone = [_lone_cell(row) for row in rows]
    prose = prose_rows([None if cell is None else "\n".join(_cell_lines(cell)) for cell in lone])
    if not any(prose):
        yield _table(rows, next(numbers))
        return
    for is_prose, run in itertools.groupby(range(len(rows)), key=prose.__getitem__):
        if is_prose:
            for cell in (lone[row] for row in run):
                for paragraph in _cell_paragraphs(cell) if cell is not None else ():
                    yield from _paragraphs(paragraph, document)
        else:
            yield _table([rows[row] for row in run], next(numbers))


def _lone_cell(row: etree._Element) -> etree._Element | None:
    """The only cell of a row that prints anything; None where several do, or none."""
    printed = (cell for cell in _cells(row) if _cell_text(cell))
    first = next(printed, None)
    return first if next(printed, None) is None else None


def _ancestor(element: etree._Element, tag: str) -> etree._Element | None:
    return next(element.iterancestors(tag), None)


def _is_gone(element: etree._Element) -> bool:
    return any(ancestor.tag in _GONE for ancestor in element.iterancestors())


def _text(paragraph: etree._Element) -> str:
    parts = []
    for node in paragraph.iter(*_TEXT_NODES):
        # Text boxes hold paragraphs of their own inside of a paragraph.
        if _ancestor(node, f"{_W}p") is not paragraph or _is_gone(node):
            continue
        run = node.getparent()
        properties = run.find(f"{_W}rPr") if run is not None else None
        if properties is not None and _is_on(properties.find(f"{_W}vanish")):
            continue
        if node.tag == f"{_W}t":
            raised = properties.find(f"{_W}vertAlign") if properties is not None else None
            is_mark = raised is not None and raised.get(f"{_W}val") == "superscript"
            text = node.text or ""
            parts.append(text.translate(_MARKS) if is_mark else text)
        else:
            parts.append(_TEXT_NODES[str(node.tag)])
    return "".join(parts)


# A symbol from a font of its own has no text that could be told.
_TEXT_NODES = {
    f"{_W}t": "",
    f"{_W}tab": "\t",
    f"{_W}br": "\n",
    f"{_W}cr": "\n",
    f"{_W}noBreakHyphen": "-",
    f"{_W}sym": "\ufffd",
}


def _is_on(toggle: etree._Element | None) -> bool:
    return toggle is not None and toggle.get(f"{_W}val", "true") not in ("0", "false", "off")


def _rows(table: etree._Element) -> list[etree._Element]:
    """The rows of a table that are not deleted; content controls may stand around rows."""
    return [
        row
        for row in table.iter(f"{_W}tr")
        if _ancestor(row, f"{_W}tbl") is table and row.find(f"{_W}trPr/{_W}del") is None
    ]


def _cells(row: etree._Element) -> list[etree._Element]:
    return [cell for cell in row.iter(f"{_W}tc") if _ancestor(cell, f"{_W}tr") is row]


def _cell_paragraphs(cell: etree._Element) -> list[etree._Element]:
    return [
        paragraph
        for paragraph in cell.iter(f"{_W}p")
        if _ancestor(paragraph, f"{_W}tc") is cell and not _is_gone(paragraph)
    ]


def _cell_lines(cell: etree._Element) -> list[str]:
    return [line for paragraph in _cell_paragraphs(cell) for line in _text(paragraph).split("\n")]


def _cell_text(cell: etree._Element) -> str:
    return tidy("\n".join(_cell_lines(cell)))


def _table(table_rows: Sequence[etree._Element], number: int) -> Table:
    """Turn vertical merges (restart … continue) into row spans, old horizontal ones into column spans."""
    rows: list[list[SpanningCell]] = []
    open_merges: dict[int, tuple[int, int]] = {}
    for row_index, row in enumerate(table_rows):
        cells: list[SpanningCell] = []
        column = _before(row)
        continued = False
        if column:
            cells.append(SpanningCell("", 1, column))
        for cell in _cells(row):
            span = _span(cell)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            beside = cell.find(f"{_W}tcPr/{_W}hMerge")
            sideways = beside is not None and beside.get(f"{_W}val", "continue") == "continue"
            if sideways and continued:
                # The row above has stretched the cell that goes on here.
                column += span
                continue
            continued = False
            if sideways and cells:
                before = cells[-1]
                cells[-1] = SpanningCell(before.text, before.row_span, before.column_span + span)
            elif merge is not None and merge.get(f"{_W}val", "continue") == "continue" and column in open_merges:
                origin_row, origin_cell = open_merges[column]
                origin = rows[origin_row][origin_cell]
                rows[origin_row][origin_cell] = SpanningCell(origin.text, origin.row_span + 1, origin.column_span)
                continued = True
            else:
                open_merges.pop(column, None)
                if merge is not None:
                    open_merges[column] = (row_index, len(cells))
                cells.append(SpanningCell(_cell_text(cell), 1, span))
            column += span
        rows.append(cells)
    return lay_out(rows, number)


def _before(row: etree._Element) -> int:
    skipped = row.find(f"{_W}trPr/{_W}gridBefore")
    value = skipped.get(f"{_W}val", "0") if skipped is not None else "0"
    return min(whole_number(value) or 0, 50)


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    value = span.get(f"{_W}val", "1") if span is not None else "1"
    return max(whole_number(value) or 1, 1) if len(value) < 5 else 1
