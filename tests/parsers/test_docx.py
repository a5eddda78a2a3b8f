"""Word documents: merged cells, headings, marks, and hostile files."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from email.message import EmailMessage

import docx
import pytest
from hypothesis import HealthCheck, given, settings

from parsers.document import UnreadableDocumentError
from parsers.extract import Origin, extract
from parsers.media import sniff
from parsers.readers import read
from parsers.readers.docx import MAX_XML, read_docx
from parsers.report import Report
from parsers.tables import read_tables
from tests.parsers.files import raise_last_character, word
from tests.parsers.hostile_files import word_xml
from tests.parsers.printed_forms import all_rows, cell, page, review_rows, zero_figures
from tests.parsers.test_tables import assert_all_read, distinct, figures


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_merged_cells(edition: str) -> None:
    truth = distinct(edition)
    two, three, four = all_rows(truth, edition, edition)
    payload = word(["一、总体情况", two, "三、收到和处理政府信息公开申请情况", three, four])
    document = read_docx(payload)
    assert_all_read(read_tables(document), truth)
    assert [p.text for p in document.paragraphs] == ["一、总体情况", "三、收到和处理政府信息公开申请情况"]
    assert sniff(payload) == document.media_type


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(figures())
def test_printed_forms_come_back(form: tuple) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    assert_all_read(read_tables(read_docx(word(all_rows(truth, two, three)))), truth)


def test_spans_are_kept() -> None:
    rows = [[cell("甲", 2, 2), cell("乙")], [cell("丙")], [cell("丁"), cell("戊", 1, 2)]]
    [table] = read_docx(word([rows])).tables
    assert [(c.text, c.row, c.column, c.row_span, c.column_span) for c in table.cells] == [
        ("甲", 0, 0, 2, 2),
        ("乙", 0, 2, 1, 1),
        ("丙", 1, 2, 1, 1),
        ("丁", 2, 0, 1, 1),
        ("戊", 2, 1, 1, 2),
    ]


def test_a_raised_footnote_mark_is_never_glued_to_a_figure() -> None:
    figures = zero_figures("2021")["reviews"]
    figures["reconsideration"]["total"] = "358"
    payload = raise_last_character(word([review_rows(figures)]), "358")
    reading = read_tables(read_docx(payload)).reviews["reconsideration"]["total"]
    assert (reading.kind, reading.number, reading.printed) == ("unreadable", None, "35⁸")


@pytest.mark.parametrize("number", ["²", "①", "9" * 5000, "", "-1", "x"])
def test_spans_that_are_no_numbers_are_none(number: str) -> None:
    spans = f'<w:trPr><w:gridBefore w:val="{number}"/></w:trPr>'
    cell_of = f'<w:tc><w:tcPr><w:gridSpan w:val="{number}"/></w:tcPr><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc>'
    payload = word_xml(f"<w:tbl><w:tr>{spans}{cell_of}{cell_of}</w:tr></w:tbl>")
    [table] = read(payload).tables
    assert [one.column_span for one in table.cells if one.text] == [1, 1]


def test_title_style_gives_a_title_candidate() -> None:
    document = docx.Document()
    document.add_heading("明川市林业局2024年政府信息公开工作年度报告", 0)
    document.add_paragraph("正文。")
    document.save(buffer := io.BytesIO())
    assert read_docx(buffer.getvalue()).title_candidates == ["明川市林业局2024年政府信息公开工作年度报告"]


def test_a_table_within_a_cell_does_not_break_the_outer_one() -> None:
    document = docx.Document()
    table = document.add_table(2, 2)
    table.cell(0, 0).text = "规章"
    table.cell(1, 0).add_table(1, 2)
    document.save(buffer := io.BytesIO())
    [outer] = read_docx(buffer.getvalue()).tables
    assert (outer.row_count, outer.column_count) == (2, 2)


def zipped(name: str, content: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return buffer.getvalue()


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><document>&b;</document>'


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"PK\x03\x04 cut", "broken_docx"),
        (zipped("other.xml", b"<a/>"), "broken_docx"),
        (zipped("word/document.xml", b"<w:document"), "broken_docx"),
        (zipped("word/document.xml", b"<document/>"), "broken_docx"),
        (zipped("word/document.xml", BOMB), "broken_docx"),
        (zipped("word/document.xml", b" " * (MAX_XML + 1)), "too_big"),
    ],
    ids=["cut", "no document", "cut xml", "no body", "entities", "bomb"],
)
def test_hostile_files(payload: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        read_docx(payload)
    assert caught.value.reason == reason


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
STRICT = 'xmlns:w="http://purl.oclc.org/ooxml/wordprocessingml/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def raw(body: str, namespace: str = W) -> bytes:
    xml = f"<w:document {namespace} {MC}><w:body>{body}</w:body></w:document>"
    return zipped("word/document.xml", xml.encode())


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r>"


def one_cell(content: str) -> str:
    """Text of a cell with this content, beside another cell."""
    other = f"<w:tc><w:p>{run('规章')}</w:p></w:tc>"
    table = f"<w:tbl><w:tr>{other}<w:tc><w:p>{content}</w:p></w:tc></w:tr></w:tbl>"
    [table_read] = read_docx(raw(table)).tables
    return table_read.cells[1].text


BOX = f"<w:txbxContent><w:p>{run('12')}</w:p></w:txbxContent>"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (run("1") + run("2"), "12"),
        (f"<w:del>{run('9')}</w:del><w:ins>{run('12')}</w:ins>", "12"),
        (f"<w:moveFrom>{run('9')}</w:moveFrom>{run('12')}", "12"),
        (run("9", "<w:vanish/>") + run("12", '<w:vanish w:val="0"/>'), "12"),
        (f"<w:r><w:noBreakHyphen/></w:r>{run('12')}", "-12"),
        (f'<w:r><w:sym w:font="Wingdings" w:char="F081"/></w:r>{run("12")}', "\ufffd12"),
        (
            f"<w:r><mc:AlternateContent><mc:Choice>{BOX}</mc:Choice><mc:Fallback>{BOX}</mc:Fallback>"
            "</mc:AlternateContent></w:r>",
            "12",
        ),
    ],
    ids=["runs", "deleted", "moved away", "hidden", "hyphen", "symbol", "text box"],
)
def test_a_figure_is_what_word_shows(content: str, text: str) -> None:
    assert one_cell(content) == text


def row(*texts: str, properties: str = "") -> str:
    cells = "".join(f"<w:tc><w:p>{run(text)}</w:p></w:tc>" for text in texts)
    return f"<w:tr><w:trPr>{properties}</w:trPr>{cells}</w:tr>"


def test_rows_in_content_controls_and_deleted_rows() -> None:
    control = f"<w:sdt><w:sdtContent>{row('行政许可', '3')}</w:sdtContent></w:sdt>"
    deleted = row("规章", "9", properties="<w:del/>")
    [table] = read_docx(raw(f"<w:tbl>{row('规章', '1')}{deleted}{control}</w:tbl>")).tables
    assert [[cell.text for cell in cells] for cells in table.rows()] == [["规章", "1"], ["行政许可", "3"]]


def test_a_frame_around_the_form_is_no_table() -> None:
    inner = f"<w:tbl>{row('规章', '1')}</w:tbl>"
    frame = f"<w:tbl><w:tr><w:tc><w:p>{run('一、总体情况')}</w:p>{inner}<w:p/></w:tc></w:tr></w:tbl>"
    document = read_docx(raw(frame))
    assert [paragraph.text for paragraph in document.paragraphs] == ["一、总体情况"]
    assert [[cell.text for cell in cells] for cells in document.tables[0].rows()] == [["规章", "1"]]


def test_old_horizontal_merges() -> None:
    merged = (
        f'<w:tc><w:tcPr><w:hMerge w:val="restart"/></w:tcPr><w:p>{run("第二十条")}</w:p></w:tc>'
        "<w:tc><w:tcPr><w:hMerge/></w:tcPr><w:p/></w:tc>"
    )
    [table] = read_docx(raw(f"<w:tbl><w:tr>{merged}</w:tr>{row('规章', '1')}</w:tbl>")).tables
    assert [(c.text, c.column, c.column_span) for c in table.cells] == [
        ("第二十条", 0, 2),
        ("规章", 0, 1),
        ("1", 1, 1),
    ]


def test_the_strict_form_of_the_standard() -> None:
    [table] = read_docx(raw(f"<w:tbl>{row('规章', '1')}</w:tbl>", STRICT)).tables
    assert table.cells[1].text == "1"


def with_parts(body: str, **parts: bytes) -> bytes:
    relations = "".join(f'<Relationship Id="{name}" Type="aFChunk" Target="{name}.bin"/>' for name in parts)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        xml = f'<w:document {W} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>'
        archive.writestr("word/document.xml", f"{xml}{body}</w:body></w:document>")
        archive.writestr(
            "word/_rels/document.xml.rels",
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{relations}</Relationships>',
        )
        for name, content in parts.items():
            archive.writestr(f"word/{name}.bin", content)
    return buffer.getvalue()


CHUNK = '<w:altChunk r:id="{}"/>'


def mhtml(page: bytes) -> bytes:
    message = EmailMessage()
    message.set_content("x")
    message.add_related(page, "text", "html")
    return message.as_bytes()


@pytest.mark.parametrize("wrap", [bytes, mhtml], ids=["html", "mhtml"])
def test_text_from_files_inside_as_converters_write_it(wrap: Callable[[bytes], bytes]) -> None:
    truth = distinct("2021")
    report = extract(
        with_parts(CHUNK.format("a"), a=wrap(page("明川市林业局2024年政府信息公开工作年度报告", truth))), Origin()
    )
    assert isinstance(report, Report), report
    assert (report.organ, report.year, report.status) == ("明川市林业局", 2024, "complete")
    assert {name: reading.printed for name, reading in report.readings()} == {
        f"{table}.{row}.{column}": text
        for table, rows in truth.items()
        for row, cells in rows.items()
        for column, text in cells.items()
    }


def test_tables_of_files_inside_are_counted_through() -> None:
    inner = b"<html><body><table><tr><td>a</td><td>1</td></tr></table></body></html>"
    body = f"<w:tbl>{row('规章', '1')}</w:tbl>{CHUNK.format('a')}<w:tbl>{row('规章', '2')}</w:tbl>"
    tables = read(with_parts(body, a=inner)).tables
    assert [table.place.table for table in tables] == [1, 2, 3]
    assert [table.cells[0].place.table for table in tables] == [1, 2, 3]


@pytest.mark.parametrize(
    ("relation", "content", "reason"),
    [
        ("b", b"<html><p>x</html>", "broken_docx"),
        ("a", b"%PDF-1.4 x", "unsupported_format"),
        ("a", with_parts(CHUNK.format("a"), a=b"<html><p>x</html>"), "broken_docx"),
    ],
    ids=["missing", "of a format not read", "inside of one inside"],
)
def test_files_inside_that_are_not_read_are_told(relation: str, content: bytes, reason: str) -> None:
    with pytest.raises(UnreadableDocumentError) as caught:
        read(with_parts(CHUNK.format(relation), a=content))
    assert caught.value.reason == reason
