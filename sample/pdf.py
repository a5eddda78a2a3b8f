"""Renders a report as a PDF: prose over several pages, tables cut by page breaks."""

from __future__ import annotations

from html import escape
from io import BytesIO
from itertools import accumulate
from typing import Any

from reportlab.lib import colors
from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from sample.generator import SampleReport
from sample.layout import Grid, grids, statistics_grid

FONT = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(FONT))

_TEXT = ParagraphStyle("text", fontName=FONT, fontSize=15, leading=27, firstLineIndent=30, wordWrap="CJK")
_HEADING = ParagraphStyle("heading", parent=_TEXT, fontSize=16, spaceBefore=6, keepWithNext=False)
_TITLE = ParagraphStyle(
    "title", parent=_TEXT, fontSize=20, leading=32, firstLineIndent=0, alignment=TA_CENTER, spaceAfter=18
)
_CELL = ParagraphStyle("cell", fontName=FONT, fontSize=9, leading=12, alignment=TA_CENTER, wordWrap="CJK")
_CELL_PADDING = 3
_SIDES = ("LEFT", "RIGHT", "TOP", "BOTTOM")
_WIDTH = A4[0] - 2 * 26 * mm


class GridTable(Table):
    """A ruled table that page breaks cut anywhere between rows, through merged cells too.

    reportlab's own table never cuts through a merged cell, which published reports do.
    ``heights`` are the rows' heights in points where known.
    """

    def __init__(self, grid: Grid, heights: list[float] | None = None) -> None:
        self.grid = grid
        unit = _WIDTH / sum(grid.widths)
        columns = [unit * share for share in grid.widths]
        texts: list[list[Any]] = [[""] * len(columns) for _ in range(grid.row_count)]
        style: list[tuple[Any, ...]] = [
            ("GRID", (0, 0), (-1, -1), 0.6, colors.black),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            *((f"{side}PADDING", (0, 0), (-1, -1), _CELL_PADDING) for side in _SIDES),
        ]
        for cell in grid.cells:
            texts[cell.row][cell.column] = Paragraph(escape(cell.text), _CELL)
            last = (cell.column + cell.column_span - 1, cell.row + cell.row_span - 1)
            style.append(("SPAN", (cell.column, cell.row), last))
        self.heights = _row_heights(grid, columns) if heights is None else heights
        super().__init__(texts, colWidths=columns, rowHeights=self.heights, style=style)

    def split(self, availWidth: float, availHeight: float) -> list[Flowable]:  # noqa: N803
        """Cut after the last row that fits; an empty list asks for a new page."""
        fitting = sum(height <= availHeight for height in accumulate(self.heights))
        if not 0 < fitting < self.grid.row_count:
            return []
        above, below = self.grid.cut(fitting)
        return [GridTable(above, self.heights[:fitting]), GridTable(below, self.heights[fitting:])]


def _row_heights(grid: Grid, columns: list[float]) -> list[float]:
    """Heights in points that hold every cell's text; labels set vertically fit anyway."""
    heights = [20.0] * grid.row_count
    for cell in sorted(grid.cells, key=lambda cell: cell.row_span):
        width = sum(columns[cell.column : cell.column + cell.column_span]) - 2 * _CELL_PADDING
        needed = Paragraph(escape(cell.text), _CELL).wrap(width, A4[1])[1] + 2 * _CELL_PADDING
        rows = slice(cell.row, cell.row + cell.row_span)
        missing = max(0.0, needed - sum(heights[rows])) / cell.row_span
        heights[rows] = [height + missing for height in heights[rows]]
    return heights


def render(sample: SampleReport) -> bytes:
    """Return the report as a PDF file; the same report gives the same bytes."""
    tables = grids(sample.report)
    story: list[Flowable] = [Paragraph(escape(sample.report.title), _TITLE)]
    story += [Paragraph(escape(text), _TEXT) for text in sample.preamble]
    for section in sample.report.sections:
        story.append(Paragraph(escape(section.heading), _HEADING))
        if section.number in tables:
            story += [GridTable(tables[section.number]), Spacer(0, 10)]
        story += [Paragraph(escape(text), _TEXT) for text in sample.paragraphs(section.number)]
    if sample.report.indicators:
        story.append(GridTable(statistics_grid(sample.report)))
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=26 * mm,
        rightMargin=26 * mm,
        topMargin=30 * mm,
        bottomMargin=28 * mm,
        title=sample.report.title,
        author=sample.organ.name,
        invariant=1,
    )
    document.build(story, onFirstPage=_page_number, onLaterPages=_page_number)
    return buffer.getvalue()


def _page_number(canvas: Any, document: Any) -> None:
    canvas.setFont(FONT, 11)
    canvas.drawCentredString(A4[0] / 2, 15 * mm, f"- {document.page} -")
