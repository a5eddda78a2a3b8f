"""What people and programs leave in Word files: tracked changes, frames, automatic numbers, files under false names."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from xml.sax.saxutils import escape

from benchmarks.corpus import markup, word
from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.markup import Habit, is_figure, plain_page
from benchmarks.corpus.reports import FilledReport, fill
from benchmarks.corpus.word import STYLES, Style, docx, package, paragraph, run, table
from parsers.readers.grid import SpanningCell
from tests.parsers.html_dialects import INLINES, LABELS
from tests.parsers.printed_forms import Rows, cut

_LETTER = (
    "关于报送政府信息公开工作年度报告的函",
    "市政务公开办：",
    "现将我单位政府信息公开工作年度报告随函报送，请审阅。",
)
Run = Callable[[str, int], str]
_STYLE = Style()


def _run_xml(properties: str, text: str, size: int) -> str:
    return f'<w:r><w:rPr>{properties}<w:sz w:val="{size}"/></w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def _tracked(text: str, size: int) -> str:
    """A figure that was corrected with changes tracked: the old one deleted, the new one inserted."""
    if not is_figure(text):
        return run(text, size)
    old = f'<w:del w:id="1" w:author="a"><w:r><w:delText>{len(text)}7</w:delText></w:r></w:del>'
    return f'{old}<w:ins w:id="2" w:author="a">{run(text, size)}</w:ins>'


def _hidden(text: str, size: int) -> str:
    return run(text, size) + _run_xml("<w:vanish/>", "9", size)


def _split(text: str, size: int) -> str:
    """A run for each character, between them marks of the spelling check and bookmarks."""
    marks = '<w:proofErr w:type="spellStart"/>', '<w:bookmarkStart w:id="3" w:name="b"/><w:bookmarkEnd w:id="3"/>'
    return "".join(run(character, size) + marks[index % 2] for index, character in enumerate(text))


def _in_fields(text: str, size: int) -> str:
    """A figure as the result of a formula field: its code is no text."""
    if not is_figure(text):
        return run(text, size)
    begin, separate, end = (f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>' for kind in ("begin", "separate", "end"))
    code = '<w:r><w:instrText xml:space="preserve"> =SUM(LEFT) \\# "0" </w:instrText></w:r>'
    return f"{begin}{code}{separate}{run(text, size)}{end}"


def _in_controls(text: str, size: int) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{run(text, size)}</w:sdtContent></w:sdt>" if text else ""


def _in_links(text: str, size: int) -> str:
    return f'<w:hyperlink w:anchor="x">{run(text, size)}</w:hyperlink>' if is_figure(text) else run(text, size)


def _padded(text: str, size: int) -> str:
    return run(f" \u3000{text}\u00a0", size) if is_figure(text) else run(text, size)


def _broken_labels(text: str, size: int) -> str:
    """Labels broken by hand, a line for each two characters."""
    if is_figure(text) or size >= _STYLE.size:
        return run(text, size)
    return "<w:r><w:br/></w:r>".join(run(text[at : at + 2], size) for at in range(0, len(text), 2))


_RUNS: dict[str, Run] = {
    "tracked": _tracked,
    "hidden": _hidden,
    "split-runs": _split,
    "fields": _in_fields,
    "controls": _in_controls,
    "links": _in_links,
    "padded": _padded,
    "broken-labels": _broken_labels,
}


def _with_runs(write: Run, rng: random.Random) -> Source:
    report = fill(rng)
    return Source(docx(report, Style(run=write)), report.truth())


for _name, _write in _RUNS.items():
    add("hand", f"docx-{_name}", ".docx", partial(_with_runs, _write))


# Tables ------------------------------------------------------------------------------------------


def _tables(report: FilledReport, build: Callable[[Rows], str]) -> bytes:
    return docx(report, _STYLE, {section: build(rows) for section, rows in report.rows().items()})


def _frame(rows: Rows) -> str:
    """A table of one cell around the table."""
    return (
        '<w:tbl><w:tblPr/><w:tblGrid><w:gridCol w:w="9200"/></w:tblGrid><w:tr><w:tc><w:tcPr/>'
        f"{table(rows, _STYLE, 0)}<w:p/></w:tc></w:tr></w:tbl>"
    )


def _two_tables(rows: Rows) -> str:
    at = max(markup.heads_of(rows), len(rows) // 2)
    if at >= len(rows):
        return table(rows, _STYLE, 0)
    return "<w:p/>".join(table(part, _STYLE, 0) for part in cut(rows, at))


def _old_merges(rows: Rows) -> str:
    """Cells merged sideways as programs of the nineties wrote it: each column a cell, hMerge in each."""
    xml = table(rows, _STYLE, 0)

    def unmerge(match: re.Match[str]) -> str:
        count = int(match[2])
        first = f'{match[1]}<w:hMerge w:val="restart"/>{match[3]}'
        more = f'<w:tc><w:tcPr><w:hMerge w:val="continue"/>{_vertical(match[1] + match[3])}</w:tcPr><w:p/></w:tc>'
        return first + more * (count - 1)

    return re.sub(r'(<w:tc><w:tcPr><w:tcW [^>]*/>)<w:gridSpan w:val="(\d+)"/>(.*?</w:tc>)', unmerge, xml)


def _vertical(xml: str) -> str:
    found = re.search(r"<w:vMerge[^>]*/>", xml)
    return found.group() if found else ""


def _in_box(rows: Rows) -> str:
    """The table in a text box, which Word writes twice: for itself and for programs before it."""
    inner = f"<w:txbxContent>{table(rows, _STYLE, 0)}<w:p/></w:txbxContent>"
    return (
        '<w:p><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
        '<mc:Choice Requires="wps"><w:drawing>'
        '<wps:txbx xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape">'
        f"{inner}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict>"
        f'<v:textbox xmlns:v="urn:schemas-microsoft-com:vml">{inner}</v:textbox></w:pict></mc:Fallback>'
        "</mc:AlternateContent></w:r></w:p>"
    )


def _rows_in_controls(rows: Rows) -> str:
    xml = table(rows, _STYLE, 0)
    return re.sub(r"(<w:tr>.*?</w:tr>)", r"<w:sdt><w:sdtPr/><w:sdtContent>\1</w:sdtContent></w:sdt>", xml)


def _without_vertical_merges(rows: Rows) -> str:
    """Groups as a cell in their first row and empty cells below, not merged."""
    return re.sub(r'<w:vMerge w:val="restart"/>|<w:vMerge/>', "", table(rows, _STYLE, 0))


def _one_row_deleted(rows: Rows) -> str:
    """A row that was deleted with changes tracked, still in the file."""
    xml = table(rows, _STYLE, 0)
    at = xml.rindex("<w:tr>")
    gone = re.sub(r"(<w:t [^>]*>)\d+(</w:t>)", r"\g<1>77\2", xml[at : xml.rindex("</w:tr>") + 7])
    gone = gone.replace("<w:trPr>", '<w:trPr><w:del w:id="4" w:author="a"/>', 1)
    gone = re.sub(r"<w:vMerge[^>]*/>", "", gone)
    return xml[:at] + gone + xml[at:] if "vMerge" not in xml[at:] else xml


_TABLES: dict[str, Callable[[Rows], str]] = {
    "framed": _frame,
    "two-tables": _two_tables,
    "old-merges": _old_merges,
    "text-box": _in_box,
    "rows-in-controls": _rows_in_controls,
    "groups-unmerged": _without_vertical_merges,
    "row-deleted": _one_row_deleted,
}


def _with_tables(build: Callable[[Rows], str], rng: random.Random) -> Source:
    report = fill(rng)
    return Source(_tables(report, build), report.truth())


for _name, _build in _TABLES.items():
    add("hand", f"docx-{_name}", ".docx", partial(_with_tables, _build))


def _merged(rng: random.Random) -> Source:
    """Everything in one table, headings and prose as its rows."""
    report = fill(rng)
    rows = report.rows()
    lines: Rows = []
    for section, heading in report.headings().items():
        lines.append([SpanningCell(heading, 1, 15)])
        lines += [[SpanningCell(text, 1, 15)] for text in report.paragraphs(section)]
        for row in rows.get(section, []):
            lines.append(row)
    body = paragraph(report.title, _STYLE, centred=True) + table(lines, _STYLE, 0) + "<w:p/>"
    return Source(package(body), report.truth())


def _section_a_cell(rng: random.Random) -> Source:
    """One table: a row for each section, its heading and prose in one cell, the form's rows below."""
    report = fill(rng)
    rows = report.rows()
    width = '<w:tcW w:w="9200" w:type="dxa"/><w:gridSpan w:val="15"/>'
    parts = []
    for section, heading in report.headings().items():
        lines = "".join(paragraph(line, _STYLE) for line in (heading, *report.paragraphs(section)))
        parts.append(f"<w:tr><w:tc><w:tcPr>{width}</w:tcPr>{lines}</w:tc></w:tr>")
        if section in rows:
            xml = table(rows[section], _STYLE, 0)
            parts.append(xml[xml.index("</w:tblGrid>") + 12 : xml.rindex("</w:tbl>")])
    columns = '<w:gridCol w:w="610"/>' * 15
    whole = f"<w:tbl><w:tblPr/><w:tblGrid>{columns}</w:tblGrid>{''.join(parts)}</w:tbl><w:p/>"
    return Source(package(paragraph(report.title, _STYLE, centred=True) + whole), report.truth())


add("hand", "docx-one-table", ".docx", _merged)
add("hand", "docx-section-a-cell", ".docx", _section_a_cell)


def _numbered(rng: random.Random) -> Source:
    """Headings whose numbers Word makes: the text has none."""
    report = fill(rng)
    xml = docx(report)
    plain = _unzip(xml)
    for heading in report.headings().values():
        numbered = '<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr>'
        at = plain.index(f">{escape(heading)}<")
        start = plain.rindex("<w:p>", 0, at)
        plain = plain[:start] + numbered + plain[start + 5 :].replace(heading, heading[2:], 1)
    return Source(_repack(plain), report.truth())


def _unzip(payload: bytes) -> str:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(payload)) as archive:
        return archive.read("word/document.xml").decode()


def _repack(xml: str) -> bytes:
    body = xml[xml.index("<w:body>") + 8 : xml.rindex("<w:sectPr>")]
    return package(body)


add("hand", "docx-numbered-headings", ".docx", _numbered)
add("libreoffice", "pdf-two-tables", ".pdf", partial(_with_tables, _two_tables))
add("libreoffice", "pdf-groups-unmerged", ".pdf", partial(_with_tables, _without_vertical_merges))
add("libreoffice", "to-doc-two-tables", ".doc", partial(_with_tables, _two_tables))
add("libreoffice", "to-rtf-short-pages", ".rtf", lambda rng: _with_style(STYLES["short-pages"], rng))
add("libreoffice", "pdf-covering-letter", ".pdf", lambda rng: _with_style(replace(_STYLE, before=_LETTER), rng))


def _with_style(style: Style, rng: random.Random) -> Source:
    report = fill(rng)
    return Source(docx(report, style), report.truth())


add("hand", "docx-covering-letter", ".docx", lambda rng: _with_style(replace(_STYLE, before=_LETTER), rng))


# Other files under Word's names ------------------------------------------------------------------


def _page_as_doc(rng: random.Random) -> Source:
    """A page saved under the name .doc, as portals' export buttons make it."""
    report = fill(rng)
    return Source(plain_page(report, Habit(label=LABELS["word"], value=INLINES["word"])).encode(), report.truth())


def _web_archive(rng: random.Random) -> Source:
    """Word's web archive: MIME with the page in base64."""
    report = fill(rng)
    page = base64.encodebytes(plain_page(report, charset="gb2312").encode("gb18030")).decode()
    mime = (
        'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="----=_Next"\r\n\r\n'
        "------=_Next\r\nContent-Location: file:///C:/1.htm\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Type: text/html; charset="gb2312"\r\n\r\n{page}\r\n------=_Next--\r\n'
    )
    return Source(mime.encode(), report.truth())


def _flat(rng: random.Random) -> Source:
    """The parts of a DOCX file in one XML file, Word's "flat OPC"."""
    report = fill(rng)
    xml = re.sub(r"<\?xml[^>]*\?>", "", _unzip(docx(report)))
    kinds = {
        "/_rels/.rels": ("application/vnd.openxmlformats-package.relationships+xml", word.RELATIONS),
        "/word/document.xml": (
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
            xml,
        ),
    }
    parts = "".join(
        f'<pkg:part pkg:name="{name}" pkg:contentType="{kind}"><pkg:xmlData>'
        f"{re.sub(r'<[?]xml[^>]*[?]>', '', content)}</pkg:xmlData></pkg:part>"
        for name, (kind, content) in kinds.items()
    )
    package_xml = f'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage">{parts}</pkg:package>'
    text = f'<?xml version="1.0" encoding="UTF-8"?><?mso-application progid="Word.Document"?>{package_xml}'
    return Source(text.encode(), report.truth())


def _word_2003(rng: random.Random) -> Source:
    """The XML of Word 2003: other names for the same elements, sections as elements around them."""
    report = fill(rng)
    xml = _unzip(docx(report))
    body = xml[xml.index("<w:body>") + 8 : xml.index("</w:body>")]
    body = body.replace("<w:vMerge", "<w:vmerge").replace("<w:hMerge", "<w:hmerge")
    text = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
        '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml" '
        'xmlns:wx="http://schemas.microsoft.com/office/word/2003/auxHint">'
        f"<w:body><wx:sect>{body}</wx:sect></w:body></w:wordDocument>"
    )
    return Source(text.encode(), report.truth())


def _without_merges(rng: random.Random) -> Source:
    """LibreOffice writes this format without the cells that span down."""
    report = fill(rng)
    return Source(docx(report), report.truth(expect="right_or_null"))


add("hand", "doc-word-2003-xml", ".doc", _word_2003)
add("libreoffice", "to-word-2003-xml", ".xml", _without_merges)
add("hand", "doc-page", ".doc", _page_as_doc)
add("hand", "doc-web-archive", ".doc", _web_archive)
add("hand", "doc-flat-xml", ".doc", _flat)
