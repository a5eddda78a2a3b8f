"""PDF: ruled tables over page breaks, text that is no table, and files that cannot be read."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pdfplumber
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.pdfgen.canvas import Canvas

from parsers import forms
from parsers.document import Table, UnreadableDocumentError
from parsers.readers.pdf import MAX_PAGES, read_pdf
from parsers.tables import read_tables
from tests.parsers.files import FONT, pdf, pdf_table
from tests.parsers.printed_forms import all_rows, cut, zero_figures
from tests.parsers.test_cases import CASES
from tests.parsers.test_tables import assert_all_read, distinct, figures


@pytest.mark.parametrize("edition", ["2019", "2021"])
@pytest.mark.parametrize("bottom_rule", [True, False])
@pytest.mark.parametrize("at", [None, 5, 9, 22])
def test_tables_over_page_breaks(edition: str, bottom_rule: bool, at: int | None) -> None:
    truth = distinct(edition)
    two, three, four = all_rows(truth, edition, edition)
    parts: list[object] = ["一、总体情况", "本机关主动公开政府信息。", "二、主动公开政府信息情况"]
    parts += [pdf_table(two), "三、收到和处理政府信息公开申请情况"]
    for part in cut(three, at) if at else [three]:
        parts += [pdf_table(part, bottom_rule=bottom_rule), None]
    parts += ["四、政府信息公开行政复议、行政诉讼情况", pdf_table(four)]
    document = read_pdf(pdf(parts))  # type: ignore[arg-type]
    assert_all_read(read_tables(document), truth)
    assert [p.text for p in document.paragraphs][-1] == "四、政府信息公开行政复议、行政诉讼情况"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(figures(), st.integers(3, 20), st.booleans())
def test_printed_forms_come_back(form: tuple, at: int, bottom_rule: bool) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    tables = all_rows(truth, two, three)
    head, tail = cut(tables[1], at)
    parts = [pdf_table(tables[0]), None, pdf_table(head, bottom_rule=bottom_rule), None]
    parts += [pdf_table(tail), pdf_table(tables[2])]
    assert_all_read(read_tables(read_pdf(pdf(parts))), truth)


def test_places_lie_on_the_page() -> None:
    truth = distinct("2021")
    read = read_tables(read_pdf(pdf([None, pdf_table(all_rows(truth, "2021", "2021")[1])]))).requests
    first, last = read["new"]["natural_person"].place, read["carried_out"]["total"].place
    assert first.box is not None
    assert last.box is not None
    assert first.page == last.page
    assert first.box[0] < last.box[0]
    assert first.box[1] < first.box[3] <= last.box[1] < last.box[3] < 842


def test_page_numbers_and_broken_lines() -> None:
    long = "明川市林业局认真落实条例要求，主动公开各类政府信息，规范办理公开申请，稳步推进平台建设，加强监督保障。" * 3
    document = read_pdf(pdf(["一、总体情况", long, None, "二、主动公开政府信息情况", "无。"]))
    assert [p.text for p in document.paragraphs] == ["一、总体情况", long, "二、主动公开政府信息情况", "无。"]


def test_a_paragraph_runs_on_over_a_page_break() -> None:
    long = "明川市林业局认真落实条例要求，主动公开各类政府信息，规范办理公开申请，稳步推进平台建设，加强监督保障。" * 60
    document = read_pdf(pdf([long]))
    assert document.pages is not None
    assert document.pages > 1
    assert [p.text for p in document.paragraphs] == [long]


def test_a_frame_around_prose_is_no_table() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setFont(FONT, 11)
    canvas.rect(60, 600, 400, 150)
    canvas.drawString(80, 700, "本机关主动公开政府信息3条。")
    canvas.save()
    document = read_pdf(buffer.getvalue())
    assert document.tables == []
    assert document.text == "本机关主动公开政府信息3条。"


def test_shaded_backgrounds_make_no_tables() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer)
    canvas.setFont(FONT, 11)
    for line in range(6):
        canvas.setFillGray(0.9)
        canvas.rect(60, 700 - 30 * line, 400, 20, stroke=0, fill=1)
        canvas.setFillGray(0)
        canvas.drawString(70, 705 - 30 * line, f"第{line}行文字")
    canvas.save()
    assert read_pdf(buffer.getvalue()).tables == []


def reason(payload: bytes) -> str:
    with pytest.raises(UnreadableDocumentError) as caught:
        read_pdf(payload)
    assert caught.value.detail
    return caught.value.reason


def test_files_that_cannot_be_read() -> None:
    whole = pdf(["明川市林业局2024年政府信息公开工作年度报告", "一、总体情况"])
    assert reason(whole[: len(whole) // 2]) == "truncated"
    assert reason(pdf(["总体情况"], password="geheim")) == "encrypted"
    assert reason(b"%PDF-1.4\nnothing here\n%%EOF") == "broken_pdf"
    canvas = Canvas(scan := io.BytesIO())
    canvas.rect(60, 600, 400, 150, fill=1)
    canvas.save()
    assert reason(scan.getvalue()) == "scanned"
    assert reason(pdf(["页", None] * (MAX_PAGES + 1))) == "too_big"


def test_a_net_of_rules_is_refused_in_bounded_time() -> None:
    canvas = Canvas(buffer := io.BytesIO())
    for step in range(140):
        canvas.line(10, 10 + 5 * step, 570, 10 + 5 * step)
        canvas.line(10 + 4 * step, 10, 10 + 4 * step, 800)
    canvas.drawString(20, 20, "x")
    canvas.save()
    assert reason(buffer.getvalue()) == "too_big"


# Cross-check with pdfplumber's own reader ----------------------------------------------------


def figure_rows(rows: list[list[str]]) -> set[tuple[str, ...]]:
    """Rows that print figures after a label, without white space and blanks."""
    found = set()
    for row in rows:
        cells = tuple(text for cell in row if (text := re.sub(r"\s", "", cell)))
        figures = [text for text in cells if re.fullmatch(r"[\d.]+", text)]
        if figures and len(cells) - len(figures) <= 3 and cells[-1] == figures[-1]:
            found.add(cells[len(cells) - len(figures) - 1 if len(cells) > len(figures) else 0 :])
    return found


@pytest.mark.parametrize("path", sorted((CASES / "pdf").glob("*.pdf")), ids=lambda path: path.stem)
def test_tables_agree_with_pdfplumber(path: Path) -> None:
    with pdfplumber.open(path) as plumber:
        plain = [
            [cell or "" for cell in row] for page in plumber.pages for table in page.extract_tables() for row in table
        ]
    document = read_pdf(path.read_bytes())
    ours = [[cell.text for cell in row] for table in document.tables for row in table.rows()]
    expected = figure_rows(plain)
    assert len(expected) > 25
    assert figure_rows(ours) == expected


def test_forms_made_here_agree_with_pdfplumber() -> None:
    truth = zero_figures("2021", "12")
    payload = pdf([pdf_table(rows) for rows in all_rows(truth, "2021", "2021")[1:]])
    with pdfplumber.open(io.BytesIO(payload)) as plumber:
        plain = [[c or "" for c in row] for page in plumber.pages for t in page.extract_tables() for row in t]
    document = read_pdf(payload)
    assert all(isinstance(table, Table) for table in document.tables)
    ours = [[cell.text for cell in row] for table in document.tables for row in table.rows()]
    assert len(figure_rows(plain)) > len(forms.REQUEST_ROWS) // 2
    assert figure_rows(ours) == figure_rows(plain)
