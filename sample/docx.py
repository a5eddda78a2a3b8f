"""Renders a report as a DOCX file with truly merged table cells."""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document

from sample.generator import SampleReport
from sample.layout import Grid, grids, statistics_grid

_EPOCH = (1980, 1, 1, 0, 0, 0)


def render(sample: SampleReport) -> bytes:
    """Return the report as a DOCX file; the same report gives the same bytes."""
    document = Document()
    properties = document.core_properties
    properties.title, properties.author = sample.report.title, sample.organ.name
    if sample.report.published_on:
        properties.created = properties.modified = datetime.fromisoformat(sample.report.published_on)
    document.add_paragraph(sample.report.title, style="Title")
    for text in sample.preamble:
        document.add_paragraph(text)
    tables = grids(sample.report)
    for section in sample.report.sections:
        document.add_paragraph().add_run(section.heading).bold = True
        if section.number in tables:
            _add_table(document, tables[section.number])
        for text in sample.paragraphs(section.number):
            document.add_paragraph(text)
    if sample.report.indicators:
        _add_table(document, statistics_grid(sample.report))
    buffer = BytesIO()
    document.save(buffer)
    return _with_fixed_times(buffer)


def _add_table(document: Document, grid: Grid) -> None:
    table = document.add_table(grid.row_count, len(grid.widths), style="Table Grid")
    places = [row.cells for row in table.rows]
    for cell in grid.cells:
        place = places[cell.row][cell.column]
        if cell.row_span > 1 or cell.column_span > 1:
            place = place.merge(places[cell.row + cell.row_span - 1][cell.column + cell.column_span - 1])
        place.text = cell.text


def _with_fixed_times(packed: BytesIO) -> bytes:
    """Repack a ZIP file without the time of day that its members carry."""
    repacked = BytesIO()
    with ZipFile(packed) as source, ZipFile(repacked, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(ZipInfo(name, _EPOCH), source.read(name), compress_type=ZIP_DEFLATED)
    return repacked.getvalue()
