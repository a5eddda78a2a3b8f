"""Reports drawn in dialects: each trait alone, traits at random, and the ones that once misled the reader."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import ImageFont
from reportlab.pdfgen.canvas import Canvas

from benchmarks.corpus.scoring import Score, score
from benchmarks.drawn_pdfs import LOSSY, Dialect, draw_document
from parsers import forms
from parsers.document import Table
from parsers.extract import Origin, extract
from parsers.readers.frame_font import frame_font
from parsers.readers.pdf import read_pdf
from parsers.tables import TableReadings, read_tables
from tests.parsers.drawn_forms import drawn, plain
from tests.parsers.test_tables import PATIENT

PLAIN = Dialect("", "", "", "", "", "Helvetica", "", "", "", "", "", "", size=8.0, pad=2.0, share=1.0)


def read(seed: int, dialect: Dialect | None = None) -> tuple[Score, Dialect]:
    document, drawn_in = draw_document(seed, dialect)
    return score(extract(document.payload, Origin(file_name=document.file_name)), document.truth), drawn_in


@pytest.mark.parametrize(
    "trait",
    [
        {"rules": "thin boxes"},
        {"rules": "short pieces"},
        {"rules": "dashed"},
        {"rules": "double rules"},
        {"rules": "rules that fall short"},
        {"lacking": "no rule at breaks", "breaks": "very short pages"},
        {"lacking": "no outer rules"},
        {"fills": "filled behind text"},
        {"writing": "spaced 1", "size": 6.0},
        {"writing": "in halves", "breaks": "short pages"},
        {"frame": "form in form", "beside": "watermark"},
        {"frame": "form", "writing": "condensed", "figures_font": "Times-Roman", "size": 7.0, "fills": "stripes"},
        {"turned": "sideways", "page": "landscape"},
        {"turned": "crop box"},
    ],
    ids=str,
)
def test_each_trait_alone_loses_nothing(trait: dict[str, object]) -> None:
    result, _dialect = read(7, replace(PLAIN, **trait))  # type: ignore[arg-type]
    assert (result.wrong, result.exact) == (0, result.cells), result.details


@settings(max_examples=15, phases=[Phase.generate], **PATIENT)  # type: ignore[arg-type]
@given(st.integers(0, 1 << 40))
def test_traits_at_random_never_make_a_wrong_figure(seed: int) -> None:
    result, dialect = read(seed)
    wrong = [line for line in result.details if line.startswith("WRONG")]
    assert not wrong, (dialect, wrong)
    if not LOSSY.intersection(dialect.traits()):
        assert result.exact >= 0.9 * result.cells, (dialect, result.details)


@pytest.mark.parametrize("rules", ["no rules", "horizontal rules"])
@pytest.mark.parametrize("align", ["", "left", "right"])
def test_tables_without_vertical_rules(rules: str, align: str) -> None:
    found = Score()
    for seed in range(4, 7):
        found.add(read(seed, replace(PLAIN, rules=rules, align=align))[0])
    assert found.wrong == 0
    assert found.exact > 0.85 * found.cells


@pytest.mark.parametrize("rules", ["", "no rules"])
@pytest.mark.parametrize("cells", ["figures wrapped", "two figures in one"])
def test_of_two_figures_in_one_cell_neither_counts(rules: str, cells: str) -> None:
    found = Score()
    for seed in range(4, 7):
        found.add(read(seed, replace(PLAIN, rules=rules, cells=cells, breaks="row cut"))[0])
    assert found.wrong == 0
    # Without rules the lines of one such cell cannot be told from rows of their own.
    assert found.exact > (0.02 if rules else 0.3) * found.cells


@pytest.mark.parametrize("rules", ["", "no rules", "horizontal rules"])
def test_figures_that_paint_covers_are_not_read(rules: str) -> None:
    found, plain_ = Score(), Score()
    for seed in range(1, 5):
        found.add(read(seed, replace(PLAIN, rules=rules, beside="covered text"))[0])
        plain_.add(read(seed, replace(PLAIN, rules=rules))[0])
    assert (found.wrong, found.unexplained) == (0, 0)
    # They are there: what stands beside them is given up.
    assert found.null > plain_.null


def pages_without_vertical_rules(*pages: Callable[[Canvas], None]) -> TableReadings:
    """Read pages drawn one after another."""

    def draw_all(canvas: Canvas) -> None:
        for page in pages:
            page(canvas)
            canvas.showPage()

    return read_tables(read_pdf(drawn(draw_all)))


def printed_row(canvas: Canvas, y: float, label: str, figures: Sequence[str]) -> None:
    if label:
        plain(canvas, 60, y, label)
    for at, text in enumerate(figures):
        figure(canvas, 240 + 44 * at, y, text, 7)


def applicant_heads(canvas: Canvas, y: float) -> None:
    for at, label in enumerate(forms.APPLICANTS.values()):
        plain(canvas, 236 + 44 * at, y, label.zh[:4])
        plain(canvas, 236 + 44 * at, y - 9, label.zh[4:])


def test_a_blank_row_at_the_end_of_a_page_without_rules_takes_its_figures_from_the_next() -> None:
    def first(canvas: Canvas) -> None:
        applicant_heads(canvas, 780)
        printed_row(canvas, 740, "1.属于国家秘密", "1234567")
        printed_row(canvas, 720, "4.保护第三方合法权益", ("4", "", "", "", "", "", "4"))
        printed_row(canvas, 700, "5.属于三类内部事务信息", ())

    def second(canvas: Canvas) -> None:
        printed_row(canvas, 780, "", ("1", "", "", "1", "", "", "2"))
        printed_row(canvas, 760, "6.属于四类过程性信息", "3111118")

    read = pages_without_vertical_rules(first, second).requests
    assert [cell.number for cell in read["denied_third_party"].values()] == [4, None, None, None, None, None, 4]
    assert [cell.number for cell in read["denied_internal_affairs"].values()] == [1, None, None, 1, None, None, 2]
    assert [cell.number for cell in read["denied_process_information"].values()] == [3, 1, 1, 1, 1, 1, 8]


def test_words_below_the_last_row_of_a_page_without_rules_keep_its_figures_from_it() -> None:
    def first(canvas: Canvas) -> None:
        applicant_heads(canvas, 780)
        printed_row(canvas, 740, "1.属于国家秘密", "1234567")
        printed_row(canvas, 720, "4.保护第三方合法权益", ())
        printed_row(canvas, 700, "5.属于三类内", ())

    def second(canvas: Canvas) -> None:
        printed_row(canvas, 780, "", "1111116")
        printed_row(canvas, 760, "6.属于四类过程性信息", "3111118")

    read = pages_without_vertical_rules(first, second).requests
    assert {cell.number for cell in read["denied_third_party"].values()} == {None}


@pytest.mark.parametrize("off", [5.0, -5.0])
@pytest.mark.parametrize("rest", ["77", "7\ue007"])
def test_what_stands_beside_a_row_and_not_level_with_it_may_be_its_own(off: float, rest: str) -> None:
    def page(canvas: Canvas) -> None:
        applicant_heads(canvas, 780)
        printed_row(canvas, 740, "1.属于国家秘密", "1234567")
        printed_row(canvas, 720, "4.保护第三方合法权益", ("", "", "", "", "", "", "4"))
        plain(canvas, 240, 720 + off, rest)
        printed_row(canvas, 700, "5.属于三类内部事务信息", "1234567")

    read = pages_without_vertical_rules(page).requests
    assert {cell.kind for cell in read["denied_third_party"].values()} == {"unreadable"}
    for row in ("denied_state_secret", "denied_internal_affairs"):
        assert [cell.number for cell in read[row].values()] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.parametrize("off", [6.0, -6.0])
def test_figures_above_or_below_an_item_may_be_the_rest_of_its_own(off: float) -> None:
    def page(canvas: Canvas) -> None:
        plain(canvas, 60, 780, "第二十条第（一）项")
        printed_row(canvas, 760, "信息内容", ())
        for at, head in enumerate(("本年制发件数", "本年废止件数", "现行有效件数")):
            plain(canvas, 200 + 100 * at, 760, head)
        for y, label in ((740, "规章"), (700, "行政规范性文件")):
            plain(canvas, 60, y, label)
            for at, text in enumerate(("11", "12", "13")):
                figure(canvas, 200 + 100 * at, y, text, 7)
        figure(canvas, 300, 700 + off, "34", 7)

    read = pages_without_vertical_rules(page)
    assert [cell.number for cell in read.disclosures["regulations"].values()] == [11, 12, 13]
    assert {cell.number for cell in read.disclosures["normative_documents"].values()} == {None}


def test_an_item_beside_no_figures_is_no_blank_where_some_stand_below_it() -> None:
    def page(canvas: Canvas) -> None:
        plain(canvas, 60, 780, "第二十条第（一）项")
        printed_row(canvas, 760, "信息内容", ())
        for at, head in enumerate(("本年制发件数", "本年废止件数", "现行有效件数")):
            plain(canvas, 200 + 100 * at, 760, head)
        for y, label in ((740, "规章"), (700, "行政规范性文件")):
            plain(canvas, 60, y, label)
            for at, text in enumerate(("11", "12", "13")):
                figure(canvas, 200 + 100 * at, y - (14 if y == 740 else 0), text, 7)

    read = pages_without_vertical_rules(page)
    assert {cell.kind for cell in read.disclosures["regulations"].values()} == {"unreadable"}
    assert [cell.number for cell in read.disclosures["normative_documents"].values()] == [11, 12, 13]


def table_of(draw_page: object) -> Table:
    [table] = read_pdf(drawn(draw_page)).tables  # type: ignore[arg-type]
    return table


def figure(canvas: Canvas, x: float, y: float, text: str, size: float) -> None:
    canvas.setFont("Helvetica", size)
    canvas.drawString(x, y, text)


def test_digits_of_another_size_make_no_number_with_their_neighbours() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 100, 160], [600, 620])
        plain(canvas, 60, 606, "规章")
        figure(canvas, 110, 606, "12", 9)
        figure(canvas, 110 + 2 * 5.004, 606, "3", 6)

    assert [cell.text for cell in table_of(page).cells] == ["规章", "12 3"]


def test_a_stamp_in_a_blank_cell_is_no_figure() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 130, 190, 250], [600, 630])
        plain(canvas, 60, 606, "行政规范性文件")
        figure(canvas, 140, 606, "4", 7)
        figure(canvas, 192, 606, "2024", 20)

    label, value, stamped = (cell.text for cell in table_of(page).cells)
    assert (label, value) == ("行政规范性文件", "4")
    assert "\ufffd" in stamped


def test_columns_of_a_table_stay_where_they_are_beside_those_of_another() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 147.6, 200], [700, 720])
        canvas.grid([50, 150, 200], [600, 620])
        plain(canvas, 60, 706, "规章")
        plain(canvas, 60, 606, "规章")
        figure(canvas, 145.9, 606, "1", 7)

    above, below = read_pdf(drawn(page)).tables
    assert [cell.text for cell in above.cells] == ["规章", ""]
    assert "1" in below.cells[0].text
    assert below.cells[1].text == ""


def test_the_standard_fonts_keep_their_own_advances() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 100, 160], [600, 620])
        plain(canvas, 60, 606, "规章")
        x = 104.0
        for character in "12345":
            figure(canvas, x, 606, character, 9)
            x += 9 * 0.556

    assert [cell.text for cell in table_of(page).cells] == ["规章", "12345"]


def test_the_stand_in_font_is_a_font() -> None:
    font = ImageFont.truetype(io.BytesIO(frame_font()), 100)
    assert font.getlength("1") == 50
    assert font.getlength("政") == 100
    for character in "1政Ａ，":
        left, top, right, bottom = font.getbbox(character)
        assert right > left
        assert bottom > top


@pytest.mark.parametrize("apart", [8.0, 60.0])
def test_figures_of_table_four_on_two_lines_are_not_read(apart: float) -> None:
    def page(canvas: Canvas) -> None:
        xs = [40 + 34 * at for at in range(15)]
        for at, label in zip((2, 7, 12), forms.PROCEEDINGS.values(), strict=True):
            plain(canvas, xs[at] - 20, 790, label.zh)
        for x, label in zip(xs, [*forms.OUTCOMES.values()] * 3, strict=True):
            plain(canvas, x, 770, label.zh[:2])
            plain(canvas, x, 762, label.zh[2:])
        for x, text in zip(xs, "111030000011114", strict=True):
            figure(canvas, x, 740, text, 7)
        figure(canvas, xs[0], 740 - apart, "2", 7)

    reviews = pages_without_vertical_rules(page).reviews
    read = [cell.number for outcomes in reviews.values() for cell in outcomes.values()]
    assert read == ([None] * 15 if apart < 10 else [1, 1, 1, 0, 3, 0, 0, 0, 0, 0, 1, 1, 1, 1, 4])
