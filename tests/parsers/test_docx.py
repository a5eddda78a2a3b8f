"""Word documents: merged cells, headings, marks, and hostile files."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from hypothesis import HealthCheck, given, settings

from parsers.document import UnreadableDocumentError
from parsers.media import sniff
from parsers.readers.docx import MAX_XML, read_docx
from parsers.tables import read_tables
from tests.parsers.files import raise_last_character, word
from tests.parsers.printed_forms import all_rows, cell, review_rows, zero_figures
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
