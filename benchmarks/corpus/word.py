"""DOCX sources: the form as WordprocessingML with merged cells, for Word itself and for LibreOffice to convert."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from benchmarks.corpus.dialects import Source, dialect
from benchmarks.corpus.markup import is_figure
from benchmarks.corpus.reports import FilledReport, fill
from parsers.document import Cell
from parsers.readers.grid import lay_out
from tests.parsers.printed_forms import Rows

_NAMESPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)
_WIDTHS = {
    4: (2600, 2200, 2200, 2200),
    10: (700, 1300, 2600, *[650] * 7),
    15: (610,) * 15,
}
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Style:
    """How a Word file is set: rules of tables ('all', 'horizontal', 'none'), page, heads repeated on each page.

    ``run`` gives the XML of a text's runs; ``can_split`` lets rows break over pages.
    """

    rules: str = "all"
    landscape: bool = False
    repeat_heads: bool = False
    can_split: bool = True
    size: int = 21
    shade: str = ""
    page_height: int = 16838
    vertical_groups: bool = False
    run: Callable[[str, int], str] | None = None
    page_numbers: bool = False
    before: tuple[str, ...] = ()


def run(text: str, size: int) -> str:
    """One run."""
    return (
        f'<w:r><w:rPr><w:rFonts w:eastAsia="Noto Serif CJK SC"/><w:sz w:val="{size}"/></w:rPr>'
        f'<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    )


def runs_by_kind(text: str, size: int) -> str:
    """A run for each stretch of digits and of other text, as input methods leave them."""
    parts: list[str] = []
    for character in text:
        if parts and parts[-1][-1].isdigit() == character.isdigit():
            parts[-1] += character
        else:
            parts.append(character)
    return "".join(run(part, size) for part in parts)


def paragraph(text: str, style: Style, *, centred: bool = False, size: int | None = None) -> str:
    """A paragraph."""
    aligned = '<w:pPr><w:jc w:val="center"/></w:pPr>' if centred else ""
    inner = (style.run or run)(text, size or style.size) if text else ""
    return f"<w:p>{aligned}{inner}</w:p>"


def table(rows: Rows, style: Style, heads: int) -> str:
    """A table with gridSpan and vMerge."""
    grid = lay_out(rows, 1)
    widths = _WIDTHS.get(grid.column_count) or (9200 // grid.column_count,) * grid.column_count
    sides = {
        "all": ("top", "left", "bottom", "right", "insideH", "insideV"),
        "horizontal": ("top", "bottom", "insideH"),
        "none": (),
    }[style.rules]
    borders = "".join(f'<w:{side} w:val="single" w:sz="4"/>' for side in sides)
    lines = []
    for index, cells in enumerate(grid.rows()):
        properties = "" if style.can_split else "<w:cantSplit/>"
        if style.repeat_heads and index < heads:
            properties += "<w:tblHeader/>"
        lines.append(
            f"<w:tr><w:trPr>{properties}</w:trPr>"
            + "".join(_cell(cell, index, widths, style, index < heads) for cell in cells)
            + "</w:tr>"
        )
    columns = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    return (
        f'<w:tbl><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:tblBorders>{borders}</w:tblBorders>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{"".join(lines)}</w:tbl>'
    )


def _cell(cell: Cell, row: int, widths: Sequence[int], style: Style, head: bool) -> str:
    width = sum(widths[cell.column : cell.column + cell.column_span])
    properties = f'<w:tcW w:w="{width}" w:type="dxa"/>'
    if cell.column_span > 1:
        properties += f'<w:gridSpan w:val="{cell.column_span}"/>'
    starts = cell.row == row
    if cell.row_span > 1:
        properties += '<w:vMerge w:val="restart"/>' if starts else "<w:vMerge/>"
    if style.shade and head:
        properties += f'<w:shd w:val="clear" w:fill="{style.shade}"/>'
    if style.vertical_groups and cell.row_span > 4 and cell.column_span == 1:
        properties += '<w:textDirection w:val="tbRlV"/>'
    properties += '<w:vAlign w:val="center"/>'
    text = cell.text if starts else ""
    size = style.size if is_figure(text) else min(style.size, 18)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(text, style, centred=True, size=size)}</w:tc>"


def docx(report: FilledReport, style: Style = Style(), tables: dict[int, str] | None = None) -> bytes:
    """A whole report; ``tables`` replaces the XML of the tables by section."""
    return package(body(report, style, tables), style)


def body(report: FilledReport, style: Style, tables: dict[int, str] | None = None) -> str:
    """The XML of a report's paragraphs and tables."""
    rows = report.rows()
    if tables is None:
        tables = {number: table(rows[number], style, 3 if number > 2 else 0) for number in rows}
    parts = [paragraph(text, style) for text in style.before]
    if style.before:
        parts.append('<w:p><w:r><w:br w:type="page"/></w:r></w:p>')
    parts += [paragraph(report.title, style, centred=True, size=36)]
    parts += [paragraph(text, style) for text in report.text.preamble]
    for section, heading in report.headings().items():
        parts.append(paragraph(heading, style))
        if section in tables:
            parts.append(tables[section])
        parts += [paragraph(text, style) for text in report.paragraphs(section)]
    return "".join(parts)


def package(content: str, style: Style = Style()) -> bytes:
    """A DOCX file around the XML of a body."""
    width, height = 11906, style.page_height
    turned = ' w:orient="landscape"' if style.landscape else ""
    if style.landscape:
        width, height = 16838, 11906
    section = (
        f'<w:sectPr><w:pgSz w:w="{width}" w:h="{height}"{turned}/>'
        '<w:pgMar w:top="1300" w:right="1300" w:bottom="1300" w:left="1300"/></w:sectPr>'
    )
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="{_NAMESPACE}"><w:body>{content}{section}</w:body>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", _TYPES),
            ("_rels/.rels", RELATIONS),
            ("word/document.xml", f"{xml}</w:document>"),
        ):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), text, compress_type=zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


STYLES = {
    "plain": Style(),
    "runs": Style(run=runs_by_kind),
    "heads-repeated": Style(repeat_heads=True, page_height=11000),
    "short-pages": Style(page_height=10000),
    "rows-whole": Style(can_split=False, page_height=10000),
    "landscape": Style(landscape=True),
    "horizontal-rules": Style(rules="horizontal"),
    "no-rules": Style(rules="none"),
    "shaded": Style(shade="D9E2F3"),
    "vertical-groups": Style(vertical_groups=True),
    "small-type": Style(size=15),
}
_NO_LINES = ("no-rules", "horizontal-rules")


def _register(name: str, style: Style) -> None:
    def make(rng: random.Random) -> Source:
        report = fill(rng)
        return Source(docx(report, style), report.truth())

    dialect("hand", f"docx-{name}", ".docx")(make)
    dialect("libreoffice", f"pdf-{name}", ".pdf")(make)


for _name, _style in STYLES.items():
    _register(_name, _style)


def _plain(rng: random.Random) -> Source:
    report = fill(rng)
    return Source(docx(report, STYLES["runs"]), report.truth())


for _suffix in (".html", ".doc", ".rtf", ".odt", ".docx"):
    dialect("libreoffice", f"to-{_suffix[1:]}", _suffix)(_plain)
