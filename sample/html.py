"""Renders a report as the HTML that portals paste into their pages."""

from __future__ import annotations

import re
from html import escape

from sample.generator import SampleReport
from sample.layout import Grid, GridCell, grids, statistics_grid

_DIGITS = re.compile(r"[0-9]+")


def render(sample: SampleReport) -> str:
    """Return the report's body: preamble, headings, prose and tables.

    Styles 0 and 1 are plain markup, 2 and 3 what a word processor leaves: every run of
    digits in an element of its own, vertical labels broken by hand. Odd styles misalign
    the heads of table 二 of edition 2019.
    """
    pasted = sample.style >= 2
    misaligned = bool(sample.style % 2) and sample.report.disclosures_edition == "2019"
    tables = grids(sample.report, misaligned)
    parts = [_paragraph(text, pasted) for text in sample.preamble]
    for section in sample.report.sections:
        parts.append(_heading(section.heading, pasted))
        if section.number in tables:
            parts.append(table(tables[section.number], pasted))
        parts += [_paragraph(text, pasted) for text in sample.paragraphs(section.number)]
    if sample.report.indicators:
        parts.append(table(statistics_grid(sample.report), pasted))
    return "\n".join(parts)


def table(grid: Grid, pasted: bool) -> str:
    """Return ``grid`` as an HTML table with real row and column spans."""
    rows = "\n".join("<tr>" + "".join(_cell(cell, pasted) for cell in row) + "</tr>" for row in grid.rows())
    attributes = 'class="MsoTableGrid" border="1" cellspacing="0"' if pasted else 'border="1" width="100%"'
    return f"<table {attributes}><tbody>\n{rows}\n</tbody></table>"


def text(printed: str) -> str:
    """Return text as HTML."""
    return escape(printed)


def _cell(cell: GridCell, pasted: bool) -> str:
    spans = f' rowspan="{cell.row_span}"' if cell.row_span > 1 else ""
    spans += f' colspan="{cell.column_span}"' if cell.column_span > 1 else ""
    text = escape(cell.text)
    if cell.vertical and pasted:
        text = "<br/>".join(text)
    if not pasted:
        return f"<td{spans}>{text or '&nbsp;'}</td>"
    style = ' style="border:solid windowtext 1px;padding:0 7px"'
    return f'<td{spans}{style} valign="center"><p class="MsoNormal">{_runs(text)}</p></td>'


def _heading(text: str, pasted: bool) -> str:
    if pasted:
        return f'<p class="MsoNormal"><span style="font-family:黑体;font-size:21px">{escape(text)}</span></p>'
    return f'<p style="text-indent:2em"><strong>{escape(text)}</strong></p>'


def _paragraph(text: str, pasted: bool) -> str:
    if pasted:
        return f'<p class="MsoNormal" style="text-indent:43px">{_runs(escape(text))}</p>'
    return f'<p style="text-indent:2em">{escape(text)}</p>'


def _runs(text: str) -> str:
    inner = _DIGITS.sub(r'<span lang="EN-US" style="font-family:Times New Roman">\g<0></span>', text)
    return f'<span style="font-family:仿宋_GB2312">{inner}</span>'
