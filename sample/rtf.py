"""Renders a report as RTF, which many portals serve under the name .doc."""

from __future__ import annotations

from sample.generator import SampleReport
from sample.layout import Grid, GridCell, grids, statistics_grid

_WIDTH = 9000  # twentieths of a point
_BORDERS = "".join(rf"\clbrdr{side}\brdrs\brdrw10" for side in "tlbr")


def render(sample: SampleReport) -> bytes:
    """Return the report as an RTF file; the same report gives the same bytes."""
    tables = grids(sample.report)
    parts = [r"{\rtf1\ansi\ansicpg936\deff0{\fonttbl{\f0\fnil\fcharset134 SimSun;}}\f0\fs24"]
    parts.append(_paragraph(sample.report.title, r"\qc\b"))
    parts += [_paragraph(text) for text in sample.preamble]
    for section in sample.report.sections:
        parts.append(_paragraph(section.heading, r"\ql\b"))
        if section.number in tables:
            parts.append(_table(tables[section.number]))
        parts += [_paragraph(text) for text in sample.paragraphs(section.number)]
    if sample.report.indicators:
        parts.append(_table(statistics_grid(sample.report)))
    return ("\n".join(parts) + "}").encode("ascii")


def _paragraph(text: str, style: str = r"\qj") -> str:
    return rf"\pard\plain\f0\fs24{style} {_text(text)}\par"


def _text(text: str) -> str:
    written = []
    for character in text:
        if character in "\\{}":
            written.append(f"\\{character}")
        elif character < "\x80":
            written.append(character)
        else:
            # RTF counts in signed UTF-16 units.
            units = character.encode("utf-16-le")
            for start in range(0, len(units), 2):
                unit = int.from_bytes(units[start : start + 2], "little", signed=True)
                written.append(rf"\u{unit}?")
    return "".join(written)


def _table(grid: Grid) -> str:
    """Rows in which a cell that spans several is named in each of them."""
    unit = _WIDTH / sum(grid.widths)
    ends = [round(unit * sum(grid.widths[: column + 1])) for column in range(len(grid.widths))]
    rows: list[list[tuple[GridCell, str]]] = [[] for _ in range(grid.row_count)]
    for cell in grid.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            merged = "" if cell.row_span == 1 else r"\clvmgf" if row == cell.row else r"\clvmrg"
            rows[row].append((cell, merged))
    lines = []
    for row, cells in enumerate(rows):
        cells.sort(key=lambda entry: entry[0].column)
        heads = "".join(
            rf"{merged}{_BORDERS}\cellx{ends[cell.column + cell.column_span - 1]}" for cell, merged in cells
        )
        texts = "".join(
            rf"\pard\intbl\plain\f0\fs18\qc {_text(cell.text) if cell.row == row else ''}\cell" for cell, _ in cells
        )
        lines.append(rf"\trowd\trgaph60{heads}{texts}\row")
    return "\n".join(lines)
