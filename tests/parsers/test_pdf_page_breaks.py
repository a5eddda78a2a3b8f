"""Tables cut by page breaks within a row, in the head, with heads printed again, with numbers between."""

from __future__ import annotations

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from parsers import forms
from parsers.document import Cell, Document, Paragraph, Place, Table
from parsers.readers.grid import SpanningCell, lay_out
from parsers.readers.pdf import read_pdf
from parsers.tables import TableReadings, read_tables
from tests.parsers.files import pdf, pdf_table
from tests.parsers.printed_forms import Rows, all_rows, cut, zero_figures
from tests.parsers.test_tables import PATIENT, assert_all_read, differences, distinct, figures


def cut_within(rows: Rows, at: int, characters: int, figures_above: bool) -> tuple[Rows, Rows]:
    """Cut a table within row ``at``: labels after some characters, figures above or below the break."""
    head, _ = cut(rows, at + 1)
    _, tail = cut(rows, at)

    def part(text: str, upper: bool) -> str:
        figure = text in ("", "无") or not any("\u4e00" <= character <= "\u9fff" for character in text)
        if figure:
            return text if upper == figures_above else ""
        return text[:characters] if upper else text[characters:]

    whole = [c for c in lay_out(rows, 1).cells if c.row <= at < c.row + c.row_span]
    above = iter([c for c in whole if c.row == at])
    head[-1] = [SpanningCell(part(next(above).text, True), c.row_span, c.column_span) for c in head[-1]]
    below = {c.column: c for c in whole}
    placed = [c for c in lay_out(tail, 1).cells if c.row == 0]
    tail[0] = [
        SpanningCell(part(below[c.column].text, False) if below[c.column].row == at else "", p.row_span, p.column_span)
        for c, p in zip(placed, tail[0], strict=True)
    ]
    return head, tail


def read_parts(*parts: Rows, bottom_rule: bool = True) -> TableReadings:
    flow: list[object] = []
    for part in parts:
        flow += [pdf_table(part, bottom_rule=bottom_rule), None]
    return read_tables(read_pdf(pdf(flow)))  # type: ignore[arg-type]


@pytest.mark.parametrize("figures_above", [True, False])
@pytest.mark.parametrize("bottom_rule", [True, False])
@pytest.mark.parametrize("at", range(3, 28))
def test_rows_of_table_three_cut_within(at: int, bottom_rule: bool, figures_above: bool) -> None:
    truth = distinct("2021")
    three = all_rows(truth, "2021", "2021")[1]
    for characters in (3, 8):
        read = read_parts(*cut_within(three, at, characters, figures_above), bottom_rule=bottom_rule)
        assert_all_read(read, {"requests": truth["requests"]})


@settings(max_examples=60, phases=[Phase.generate], **PATIENT)  # type: ignore[arg-type]
@given(figures(), st.integers(0, 2), st.data())
def test_cut_anywhere_within_is_read_or_given_up(form: tuple, which: int, data: st.DataObject) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    rows = all_rows(truth, two, three)[which]
    at = data.draw(st.integers(1, len(rows) - 1))
    parts = cut_within(rows, at, data.draw(st.integers(1, 12)), data.draw(st.booleans()))
    read = read_parts(*parts, bottom_rule=data.draw(st.booleans()))
    wrong = differences(read, truth)
    assert not wrong, wrong
    name = ("disclosures", "requests", "reviews")[which]
    lost = set(truth[name]) - set(getattr(read, name))
    assert not lost or read.problems, lost


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("which", [1, 2])
def test_the_head_itself_cut(which: int, at: int) -> None:
    truth = distinct("2021")
    name = ("disclosures", "requests", "reviews")[which]
    read = read_parts(*cut(all_rows(truth, "2021", "2021")[which], at))
    assert_all_read(read, {name: truth[name]})


@pytest.mark.parametrize("which", [1, 2])
def test_the_heads_words_cut(which: int) -> None:
    truth = distinct("2021")
    name = ("disclosures", "requests", "reviews")[which]
    read = read_parts(*cut_within(all_rows(truth, "2021", "2021")[which], 2, 2, True))
    assert_all_read(read, {name: truth[name]})


@pytest.mark.parametrize("bottom_rule", [True, False])
def test_heads_printed_again_over_three_pages(bottom_rule: bool) -> None:
    truth = distinct("2021")
    three = all_rows(truth, "2021", "2021")[1]
    first, rest = cut(three, 10)
    second, third = cut(rest, 9)
    read = read_parts(first, [*three[:3], *second], [*three[:3], *third], bottom_rule=bottom_rule)
    assert_all_read(read, {"requests": truth["requests"]})


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_the_first_heads_of_table_two_printed_again_above_items_of_other_articles(edition: str) -> None:
    truth = distinct(edition)
    rows = all_rows(truth, edition, edition)[0]
    for at in range(2, len(rows)):
        read = read_parts(rows[:at], [*rows[:2], *rows[at:]])
        assert_all_read(read, {"disclosures": truth["disclosures"]})


def test_heads_above_an_item_of_their_own_are_those_of_another_table() -> None:
    truth = distinct("2021")
    rows = all_rows(truth, "2021", "2021")[0]
    other = all_rows(zero_figures("2021", "7"), "2021", "2021")[0]
    read = read_parts(rows, other[:4])
    # Printed twice and not the same: which counts cannot be told.
    assert {cell.number for cell in read.disclosures["regulations"].values()} == {None}
    assert {cell.kind for cell in read.disclosures["administrative_fees"].values()} == {"number"}


def page_table(page: int, *texts: str) -> Table:
    cells = [Cell(text, 0, column, 1, 1, Place(page=page)) for column, text in enumerate(texts)]
    return Table(cells, place=Place(page=page))


def requests_of(*blocks: Table | Paragraph) -> dict:  # type: ignore[type-arg]
    head = page_table(1, "申请人情况", *(label.zh for label in forms.APPLICANTS.values()))
    return read_tables(Document("application/pdf", blocks=[head, *blocks])).requests


BLANK = ("",) * 7
FIGURES = (*"123456", "21")


def test_a_blank_row_at_the_end_of_a_page_takes_nothing_from_the_next() -> None:
    read = requests_of(page_table(1, "2.重复申请", *BLANK), page_table(2, "3.要求提供公开出版物", *FIGURES))
    assert {cell.kind for cell in read["rejected_duplicate"].values()} == {"blank"}
    assert [cell.number for cell in read["rejected_publication"].values()] == [1, 2, 3, 4, 5, 6, 21]


def test_figures_overleaf_without_a_label_of_their_own() -> None:
    parts = page_table(1, "2.重复申请", *BLANK), page_table(2, "", *FIGURES)
    assert [cell.number for cell in requests_of(*parts)["rejected_duplicate"].values()] == [1, 2, 3, 4, 5, 6, 21]
    foot = Paragraph("明川市人民政府公报", place=Place(page=1))
    read = requests_of(parts[0], foot, parts[1])
    assert [cell.number for cell in read["rejected_duplicate"].values()] == [1, 2, 3, 4, 5, 6, 21]
    heading = Paragraph("四、政府信息公开行政复议、行政诉讼情况", place=Place(page=1))
    read = requests_of(parts[0], heading, parts[1])
    assert {cell.kind for cell in read["rejected_duplicate"].values()} <= {"blank", "unreadable"}


def test_figures_overleaf_on_another_grid_leave_the_row_unreadable() -> None:
    read = requests_of(page_table(1, "2.重复申请", *BLANK), page_table(2, "", "", *FIGURES))
    assert {cell.kind for cell in read["rejected_duplicate"].values()} == {"unreadable"}


def test_figures_on_both_pages_make_no_number() -> None:
    read = requests_of(page_table(1, "2.重复申请", "1", *BLANK[1:]), page_table(2, "", "2", *FIGURES[1:]))
    assert read["rejected_duplicate"]["natural_person"].kind == "unreadable"


def test_figures_overleaf_below_a_row_that_has_its_own_leave_both_unread() -> None:
    own = ("4", *BLANK[:5], "4")
    read = requests_of(page_table(1, "4.保护第三方合法权益", *own), page_table(2, "", "", "1", *BLANK[:4], "1"))
    assert {cell.number for cell in read["denied_third_party"].values()} == {None}
    read = requests_of(page_table(1, "4.保护第三方合法权益", *own), page_table(2, "■", "", "1", *BLANK[:4], "1"))
    assert {cell.number for cell in read["denied_third_party"].values()} == {None}


def test_figures_left_over_between_two_pages_leave_the_row_above_them_unread() -> None:
    head = page_table(1, "申请人情况", *(label.zh for label in forms.APPLICANTS.values()))
    row, after = page_table(1, "2.重复申请", *BLANK), page_table(2, "3.要求提供公开出版物", *FIGURES)
    figures = "1 2 3 4 5 6 21", "1 2 3 4 5 6 21 4.无正当理由大量反复申请 0"
    for text, kind in (
        *((text, "unreadable") for text in figures),
        ("- 2 -", "blank"),
        ("明川市人民政府公报", "blank"),
    ):
        between = Paragraph(text, place=Place(page=2))
        read = read_tables(Document("application/pdf", blocks=[head, row, between, after]))
        assert {cell.kind for cell in read.requests["rejected_duplicate"].values()} == {kind}
        assert [cell.number for cell in read.requests["rejected_publication"].values()] == [1, 2, 3, 4, 5, 6, 21]
        named = {name for problem in read.problems for name in problem.cells}
        assert ("requests.rejected_duplicate.total" in named) == (kind == "unreadable")


def test_tables_of_pages_apart_are_not_one() -> None:
    read = requests_of(page_table(1, "2.重复申请", *BLANK), page_table(3, "", *FIGURES))
    assert {cell.kind for cell in read["rejected_duplicate"].values()} <= {"blank", "unreadable"}
