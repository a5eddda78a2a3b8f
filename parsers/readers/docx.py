"""DOCX → document: a walk of word/document.xml that honours gridSpan and vMerge."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from lxml import etree

from parsers.document import Block, Document, Paragraph, Table, UnreadableDocumentError
from parsers.normalise import tidy
from parsers.readers.grid import SpanningCell, lay_out

MAX_XML = 50 * 1024 * 1024
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)


def read_docx(payload: bytes) -> Document:
    """Read a Word document. Raises UnreadableDocumentError ``broken_docx`` or ``too_big``."""
    body = _body(payload)
    document = Document(media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document")
    document.blocks = list(_blocks(body, document))
    return document


def _body(payload: bytes) -> etree._Element:
    try:
        with zipfile.ZipFile(io.BytesIO(payload)) as archive:
            entry = archive.getinfo("word/document.xml")
            if entry.file_size > MAX_XML:
                raise UnreadableDocumentError("too_big", f"word/document.xml unpacks to {entry.file_size} bytes")
            with archive.open(entry) as stream:
                xml = stream.read(MAX_XML + 1)
    except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise UnreadableDocumentError("broken_docx", f"no readable Word document: {error}") from error
    if len(xml) > MAX_XML:
        raise UnreadableDocumentError("too_big", "word/document.xml unpacks to more than it declares")
    try:
        root = etree.fromstring(xml, _PARSER)
    except etree.XMLSyntaxError as error:
        raise UnreadableDocumentError("broken_docx", f"word/document.xml: {error}") from error
    body = root.find(f"{_W}body")
    if body is None:
        raise UnreadableDocumentError("broken_docx", "word/document.xml has no body")
    return body


def _blocks(parent: etree._Element, document: Document) -> Iterator[Block]:
    tables = 0
    for element in parent.iter(f"{_W}p", f"{_W}tbl"):
        if any(ancestor.tag == f"{_W}tbl" for ancestor in element.iterancestors()):
            continue
        if element.tag == f"{_W}tbl":
            tables += 1
            yield _table(element, tables)
            continue
        style = element.find(f"{_W}pPr/{_W}pStyle")
        name = str(style.get(f"{_W}val", "")).lower() if style is not None else ""
        heading = name.startswith(("heading", "title", "1", "2"))
        for line in _text(element).split("\n"):
            if line := tidy(line):
                if heading and not document.title_candidates and len(line) < 120:
                    document.title_candidates.append(line)
                yield Paragraph(line, heading=heading)


def _text(element: etree._Element) -> str:
    parts = []
    for node in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr"):
        if node.tag == f"{_W}t":
            run = node.getparent()
            raised = run.find(f"{_W}rPr/{_W}vertAlign") if run is not None else None
            is_mark = raised is not None and raised.get(f"{_W}val") == "superscript"
            text = node.text or ""
            parts.append(text.translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")) if is_mark else text)
        else:
            parts.append("\t" if node.tag == f"{_W}tab" else "\n")
    return "".join(parts)


def _table(table: etree._Element, number: int) -> Table:
    """Turn vertical merges (restart … continue) into row spans."""
    rows: list[list[SpanningCell]] = []
    open_merges: dict[int, tuple[int, int]] = {}
    for row_index, row in enumerate(table.iterchildren(f"{_W}tr")):
        cells: list[SpanningCell] = []
        column = _before(row)
        if column:
            cells.append(SpanningCell("", 1, column))
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue
            span = _span(cell)
            merge = cell.find(f"{_W}tcPr/{_W}vMerge")
            if merge is not None and merge.get(f"{_W}val", "continue") == "continue" and column in open_merges:
                origin_row, origin_cell = open_merges[column]
                origin = rows[origin_row][origin_cell]
                rows[origin_row][origin_cell] = SpanningCell(origin.text, origin.row_span + 1, origin.column_span)
            else:
                open_merges.pop(column, None)
                if merge is not None:
                    open_merges[column] = (row_index, len(cells))
                text = "\n".join(_text(paragraph) for paragraph in cell.iter(f"{_W}p"))
                cells.append(SpanningCell(tidy(text), 1, span))
            column += span
        rows.append(cells)
    return lay_out(rows, number)


def _before(row: etree._Element) -> int:
    skipped = row.find(f"{_W}trPr/{_W}gridBefore")
    value = skipped.get(f"{_W}val", "0") if skipped is not None else "0"
    return min(int(value), 50) if value.isdigit() else 0


def _span(cell: etree._Element) -> int:
    span = cell.find(f"{_W}tcPr/{_W}gridSpan")
    value = span.get(f"{_W}val", "1") if span is not None else "1"
    return max(int(value), 1) if value.isdigit() and len(value) < 5 else 1
