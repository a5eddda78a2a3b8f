"""PDF and Word files made from the rows of :mod:`tests.parsers.printed_forms`."""

from __future__ import annotations

import io
from collections.abc import Sequence

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Table, TableStyle

from parsers.readers.grid import lay_out
from tests.parsers.printed_forms import Rows

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))
_PROSE = ParagraphStyle("prose", fontName=FONT, fontSize=11, leading=18, firstLineIndent=22, wordWrap="CJK")


def _wrapped(text: str, width: int) -> str:
    if text.isdigit():
        return text
    return "\n".join(text[at : at + width] for at in range(0, len(text), width)) or ""


def pdf_table(rows: Rows, *, bottom_rule: bool = True, size: float = 6.5) -> Table:
    """A ruled table with merged cells; without ``bottom_rule`` its last row stays open below."""
    grid = lay_out(rows, 1)
    width = grid.column_count
    column = 480 / width
    data = [[""] * width for _ in range(grid.row_count)]
    style: list[tuple[object, ...]] = [
        ("FONT", (0, 0), (-1, -1), FONT, size, size + 1.5),
        ("LINEABOVE", (0, 0), (-1, -1), 0.5, "black"),
        ("LINEBEFORE", (0, 0), (-1, -1), 0.5, "black"),
        ("LINEAFTER", (-1, 0), (-1, -1), 0.5, "black"),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ("LEFTPADDING", (0, 0), (-1, -1), 2),
        ("RIGHTPADDING", (0, 0), (-1, -1), 2),
    ]
    if bottom_rule:
        style.append(("LINEBELOW", (0, -1), (-1, -1), 0.5, "black"))
    for cell in grid.cells:
        data[cell.row][cell.column] = _wrapped(cell.text, int((column * cell.column_span - 4) / size))
        if cell.row_span > 1 or cell.column_span > 1:
            end = (cell.column + cell.column_span - 1, cell.row + cell.row_span - 1)
            style.append(("SPAN", (cell.column, cell.row), end))
    return Table(data, colWidths=[column] * width, style=TableStyle(style))


def pdf(parts: Sequence[str | Table | None], *, password: str | None = None) -> bytes:
    """A PDF of paragraphs and tables; None breaks the page."""
    buffer = io.BytesIO()
    flowables: list[Flowable] = [
        Paragraph(part, _PROSE) if isinstance(part, str) else part or PageBreak() for part in parts
    ]
    template = SimpleDocTemplate(buffer, pagesize=A4, topMargin=50, bottomMargin=50, encrypt=password)

    def page_number(canvas: object, template: SimpleDocTemplate) -> None:
        canvas.setFont(FONT, 9)  # type: ignore[attr-defined]
        canvas.drawCentredString(A4[0] / 2, 25, f"- {template.page} -")  # type: ignore[attr-defined]

    template.build(flowables, onFirstPage=page_number, onLaterPages=page_number)
    return buffer.getvalue()


def word(parts: Sequence[str | Rows]) -> bytes:
    """A Word document of paragraphs and tables with gridSpan and vMerge."""
    document = docx.Document()
    for part in parts:
        if isinstance(part, str):
            document.add_paragraph(part)
            continue
        grid = lay_out(part, 1)
        table = document.add_table(grid.row_count, grid.column_count)
        for cell in grid.cells:
            corner = table.cell(cell.row + cell.row_span - 1, cell.column + cell.column_span - 1)
            merged = table.cell(cell.row, cell.column)
            if cell.row_span > 1 or cell.column_span > 1:
                merged = merged.merge(corner)
            merged.text = cell.text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def raise_last_character(payload: bytes, text: str) -> bytes:
    """Set the last character of the run that reads ``text`` as superscript."""
    document = docx.Document(io.BytesIO(payload))
    cells = [cell for table in document.tables for row in table.rows for cell in row.cells]
    [paragraph] = [cell.paragraphs[0] for cell in cells if cell.text == text]
    paragraph.runs[0].text = text[:-1]
    mark = paragraph.add_run(text[-1])
    properties = mark._r.get_or_add_rPr()
    align = OxmlElement("w:vertAlign")
    align.set(qn("w:val"), "superscript")
    properties.append(align)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
