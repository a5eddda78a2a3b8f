"""What a PDF page visibly prints: rotated, spaced out, printed twice, hidden, cut off, without a map to Unicode."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
import reportlab
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from parsers.document import Document, UnreadableDocumentError
from parsers.readers.pdf import read_pdf
from parsers.tables import TableReadings, read_tables
from tests.parsers.drawn_forms import SIZE, Write, draw, drawn, is_figure, one_by_one, plain
from tests.parsers.files import FONT
from tests.parsers.printed_forms import all_rows
from tests.parsers.test_tables import PATIENT, assert_all_read, differences, distinct, figures

TRUTH = distinct("2021")
TABLES = all_rows(TRUTH, "2021", "2021")
pdfmetrics.registerFont(TTFont("Vera", str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")))


def forms_drawn(write: Write = plain, prepare: Callable[[Canvas], None] = lambda canvas: None) -> Document:
    def pages(canvas: Canvas) -> None:
        for rows in TABLES:
            prepare(canvas)
            draw(canvas, rows, write=write)
            canvas.showPage()

    return read_pdf(drawn(pages))


def figures_only(write: Write) -> Write:
    def written(canvas: Canvas, x: float, y: float, text: str) -> None:
        (write if is_figure(text) else plain)(canvas, x, y, text)

    return written


def assert_nothing_read(read: TableReadings) -> None:
    """No figure is read, and none passes for a blank."""
    tables = (read.disclosures, read.requests, read.reviews)
    kinds = {cell.kind for table in tables for cells in table.values() for cell in cells.values()}
    assert kinds == {"unreadable"}
    assert read.problems


# Ways to turn a page ----------------------------------------------------------------------


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_pages_turned_by_their_rotate_entry(rotation: int) -> None:
    def turn(canvas: Canvas) -> None:
        canvas.setPageRotation(rotation)

    def pages(canvas: Canvas) -> None:
        for rows in TABLES:
            turn(canvas)
            # reportlab swaps the sides of a page that it turns sideways.
            draw(canvas, rows, top=560 if rotation % 180 else 800)
            canvas.showPage()

    read = read_tables(read_pdf(drawn(pages, (842, 842) if rotation % 180 else (595, 842))))
    assert_all_read(read, TRUTH)


@pytest.mark.parametrize("angle", [90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90])
def test_pages_whose_text_stands_sideways(angle: int, rotation: int) -> None:
    def pages(canvas: Canvas) -> None:
        for rows in TABLES:
            canvas.setPageRotation(rotation)
            canvas.translate(450, 450)
            canvas.rotate(angle)
            canvas.translate(-300, -400)
            draw(canvas, rows)
            canvas.showPage()

    document = read_pdf(drawn(pages, (900, 900)))
    read = read_tables(document)
    assert_all_read(read, TRUTH)
    for cell in (read.requests["new"]["natural_person"], read.requests["carried_out"]["total"]):
        assert cell.place.box is not None
        x0, top, x1, bottom = cell.place.box
        assert 0 <= x0 < x1 <= 900
        assert 0 <= top < bottom <= 900
    # The box is where a viewer shows the cell: along a column, not along a row, when text stands sideways.
    first, last = (read.requests["new"][code].place.box for code in ("natural_person", "total"))
    assert first is not None
    assert last is not None
    sideways = (angle + rotation) % 180 == 90
    assert (abs(first[0] - last[0]) < 1) == sideways


def test_words_set_sideways_in_a_cell() -> None:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFont(FONT, SIZE)
        canvas.saveState()
        canvas.translate(x + SIZE, y - 10)
        canvas.rotate(90)
        canvas.drawString(0, 0, text)
        canvas.restoreState()

    def page(canvas: Canvas) -> None:
        plain(canvas, 60, 700, "本机关主动公开政府信息")
        canvas.grid([50, 100, 200], [500, 600, 680])
        write(canvas, 60, 630, "规章")
        plain(canvas, 120, 630, "12")

    [table] = read_pdf(drawn(page)).tables
    assert [cell.text for cell in table.cells][:2] == ["规章", "12"]


def test_a_watermark_at_a_slant_is_no_part_of_the_tables() -> None:
    def mark(canvas: Canvas) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 40)
        canvas.setFillGray(0.8)
        canvas.translate(100, 400)
        canvas.rotate(40)
        canvas.drawString(0, 0, "样本2024样本2024")
        canvas.restoreState()

    assert_all_read(read_tables(forms_drawn(prepare=mark)), TRUTH)


def test_forms_within_forms_keep_their_coordinates() -> None:
    def pages(canvas: Canvas) -> None:
        for number, rows in enumerate(TABLES):
            canvas.beginForm(f"inner{number}")
            draw(canvas, rows, left=0, top=700)
            canvas.endForm()
            canvas.beginForm(f"outer{number}")
            canvas.translate(10, 20)
            canvas.scale(0.5, 0.5)
            canvas.doForm(f"inner{number}")
            canvas.endForm()
            canvas.translate(40, 50)
            canvas.scale(1.9, 1.9)
            canvas.doForm(f"outer{number}")
            canvas.showPage()

    assert_all_read(read_tables(read_pdf(drawn(pages))), TRUTH)


# Spacing ----------------------------------------------------------------------------------


@pytest.mark.parametrize("spread", [-0.05, 0, 0.05, 0.1])
def test_digits_drawn_one_by_one_make_a_number(spread: float) -> None:
    assert_all_read(read_tables(forms_drawn(figures_only(one_by_one(spread)))), TRUTH)


@pytest.mark.parametrize("spread", [0.4, 0.6, 0.8])
def test_digits_far_apart_make_none(spread: float) -> None:
    assert_nothing_read(read_tables(forms_drawn(figures_only(one_by_one(spread)))))


@pytest.mark.parametrize("advance", [0.3, 0.45, 0.6, 0.8, 1.2])
def test_any_spacing_is_read_right_or_not_at_all(advance: float) -> None:
    assert differences(read_tables(forms_drawn(figures_only(one_by_one(advance - 0.5)))), TRUTH) == []


def test_a_number_that_runs_on_out_of_the_table_is_not_read() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 100, 120], [600, 620])
        plain(canvas, 60, 606, "规章")
        plain(canvas, 102, 606, "1234567")

    [table] = read_pdf(drawn(page)).tables
    assert "\ufffd" in table.cells[1].text


def test_a_number_that_runs_on_into_the_next_cell_is_read_in_neither() -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 100, 120, 140, 200], [600, 620])
        plain(canvas, 60, 606, "规章")
        plain(canvas, 102, 606, "1234567")
        plain(canvas, 160, 606, "8")

    [table] = read_pdf(drawn(page)).tables
    label, first, second, third = (cell.text for cell in table.cells)
    assert (label, third) == ("规章", "8")
    assert "\ufffd" in first
    assert "\ufffd" in second


# Printed twice, or over each other -----------------------------------------------------------


def twice(offset: float) -> Write:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        plain(canvas, x, y, text)
        plain(canvas, x + offset, y + offset / 3, text)

    return write


@pytest.mark.parametrize("offset", [0, 0.2, 0.5, 1.0])
def test_bold_by_printing_twice(offset: float) -> None:
    assert_all_read(read_tables(forms_drawn(twice(offset))), TRUTH)


def test_digits_printed_over_others_are_not_read() -> None:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        plain(canvas, x, y, text)
        plain(canvas, x, y, text.translate(str.maketrans("0123456789", "9876543210")))

    assert_nothing_read(read_tables(forms_drawn(figures_only(write))))


# Invisible ----------------------------------------------------------------------------------


def invisible(canvas: Canvas, x: float, y: float, text: str) -> None:
    line = canvas.beginText(x, y)
    line.setFont(FONT, SIZE)
    line.setTextRenderMode(3)
    line.textOut(text)
    line.setTextRenderMode(0)
    canvas.drawText(line)


def white(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.setFillGray(1)
    plain(canvas, x, y, text)
    canvas.setFillGray(0)


def clipped_away(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.saveState()
    path = canvas.beginPath()
    path.rect(x - 30, y - 30, 10, 10)
    canvas.clipPath(path, stroke=0)
    plain(canvas, x, y, text)
    canvas.restoreState()


def covered(canvas: Canvas, x: float, y: float, text: str) -> None:
    plain(canvas, x, y, text)
    canvas.setFillGray(1)
    canvas.rect(x - 1, y - 2, SIZE * len(text), 9, stroke=0, fill=1)
    canvas.setFillGray(0)


def off_the_page(canvas: Canvas, x: float, y: float, text: str) -> None:
    plain(canvas, x + 2000, y, text)


@pytest.mark.parametrize("hide", [invisible, white, clipped_away, covered, off_the_page])
@pytest.mark.parametrize("beside", [0, 5, 40])
def test_hidden_digits_never_change_a_figure(hide: Write, beside: float) -> None:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        plain(canvas, x, y, text)
        hide(canvas, x + beside, y, "9")

    read = read_tables(forms_drawn(figures_only(write)))
    assert differences(read, TRUTH) == []
    if hide in (invisible, off_the_page):
        assert_all_read(read, TRUTH)


@pytest.mark.parametrize("hide", [clipped_away, covered])
def test_figures_hidden_altogether_are_no_blanks(hide: Write) -> None:
    assert_nothing_read(read_tables(forms_drawn(figures_only(hide))))


@pytest.mark.parametrize("hidden", [True, False])
def test_figures_of_a_layer_are_read_only_where_it_shows(hidden: bool) -> None:
    def page(canvas: Canvas) -> None:
        canvas.grid([50, 130, 190, 250], [600, 630])
        plain(canvas, 60, 606, "行政规范性文件")
        plain(canvas, 140, 606, "4")
        # Optional content is marked; the resources say which layer it belongs to.
        canvas._code.append("/OC /Layer BDC")
        plain(canvas, 200, 606, "7")
        canvas._code.append("EMC")

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(drawn(page)))
    layer = writer._add_object(
        DictionaryObject({NameObject("/Type"): NameObject("/OCG"), NameObject("/Name"): TextStringObject("figures")})
    )
    shown = DictionaryObject({NameObject("/OFF"): ArrayObject([layer] if hidden else [])})
    writer.root_object[NameObject("/OCProperties")] = DictionaryObject(
        {NameObject("/OCGs"): ArrayObject([layer]), NameObject("/D"): shown}
    )
    resources = writer.pages[0]["/Resources"].get_object()
    resources[NameObject("/Properties")] = DictionaryObject({NameObject("/Layer"): layer})
    writer.write(buffer := io.BytesIO())
    [table] = read_pdf(buffer.getvalue()).tables
    assert [cell.text for cell in table.cells] == ["行政规范性文件", "4", "\ufffd" if hidden else "7"]


def with_annotation(kind: str, drawing: bytes, *, flags: int = 4) -> list[str]:
    """Cells of a row, 规章 | 4 | blank, on a page with an annotation over its last two cells that draws ``drawing``."""

    def page(canvas: Canvas) -> None:
        canvas.grid([50, 130, 190, 250], [600, 630])
        plain(canvas, 60, 606, "规章")
        plain(canvas, 140, 606, "4")

    writer = pypdf.PdfWriter(clone_from=io.BytesIO(drawn(page)))
    box = ArrayObject([NumberObject(at) for at in (131, 601, 249, 629)])
    form = DecodedStreamObject()
    form.set_data(drawing)
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): box,
            NameObject("/Resources"): writer.pages[0]["/Resources"],
        }
    )
    annotation = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject(f"/{kind}"),
            NameObject("/Rect"): box,
            NameObject("/F"): NumberObject(flags),
            NameObject("/AP"): DictionaryObject({NameObject("/N"): writer._add_object(form)}),
        }
    )
    writer.pages[0][NameObject("/Annots")] = ArrayObject([writer._add_object(annotation)])
    writer.write(buffer := io.BytesIO())
    [table] = read_pdf(buffer.getvalue()).tables
    return [cell.text for cell in table.cells]


SEVENTY_SEVEN = b"BT /F1 7 Tf 200 606 Td (77) Tj ET"
HIDDEN = 2


@pytest.mark.parametrize("kind", ["Widget", "FreeText", "Stamp"])
def test_what_annotations_print_is_read(kind: str) -> None:
    assert with_annotation(kind, SEVENTY_SEVEN) == ["规章", "4", "77"]
    assert with_annotation(kind, SEVENTY_SEVEN, flags=HIDDEN) == ["规章", "4", ""]


def test_links_and_notes_print_nothing() -> None:
    assert with_annotation("Link", SEVENTY_SEVEN) == ["规章", "4", ""]


def test_a_figure_that_an_annotation_covers_is_not_read() -> None:
    assert with_annotation("Square", b"1 g 131 601 58 28 re f") == ["规章", "\ufffd", ""]


@pytest.mark.parametrize(("width", "height"), [(4.2, 12.0), (40.0, 4.0)])
def test_figures_cut_off_are_not_read(width: float, height: float) -> None:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(x - 1, y - 2, width, height)
        canvas.clipPath(path, stroke=0)
        plain(canvas, x, y, text)
        canvas.restoreState()

    assert_nothing_read(read_tables(forms_drawn(figures_only(write))))


def test_clips_around_whole_figures_take_nothing() -> None:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.saveState()
        path = canvas.beginPath()
        path.rect(x - 2, y - 3, 38, 13)
        canvas.clipPath(path, stroke=0)
        plain(canvas, x, y, text)
        canvas.restoreState()

    assert_all_read(read_tables(forms_drawn(figures_only(write))), TRUTH)


def test_white_on_a_dark_ground_is_printed() -> None:
    def dark(canvas: Canvas) -> None:
        canvas.setFillGray(0.2)
        canvas.rect(0, 0, 595, 842, fill=1, stroke=0)
        canvas.setFillGray(1)

    assert_all_read(read_tables(forms_drawn(prepare=dark)), TRUTH)


def test_fills_behind_text_hide_nothing_and_rule_nothing() -> None:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFillGray(0.9)
        canvas.setStrokeGray(0.9)
        canvas.rect(x - 1, y - 2, SIZE * len(text), 9, stroke=1, fill=1)
        canvas.setStrokeGray(0)
        canvas.setFillGray(0)
        plain(canvas, x, y, text)

    assert_all_read(read_tables(forms_drawn(figures_only(write))), TRUTH)


@pytest.mark.parametrize("hide", [invisible, white])
def test_the_text_layer_of_a_scan_is_not_read(hide: Write) -> None:
    def pages(canvas: Canvas) -> None:
        for rows in TABLES:
            canvas.drawInlineImage(_grey_noise(), 0, 0, 595, 842)
            draw(canvas, rows, rules="none", write=hide)
            canvas.showPage()

    with pytest.raises(UnreadableDocumentError) as caught:
        read_pdf(drawn(pages))
    assert caught.value.reason == "scanned"
    assert "invisible" in caught.value.detail


def _grey_noise() -> Image.Image:
    return Image.effect_noise((120, 170), 60).convert("RGB")


# Fonts --------------------------------------------------------------------------------------


def with_figures_in_vera(keep_map: bool) -> bytes:
    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFont("Vera", SIZE)
        canvas.drawString(x, y, text)

    def pages(canvas: Canvas) -> None:
        for rows in TABLES:
            draw(canvas, rows, write=figures_only(write))
            canvas.showPage()

    payload = drawn(pages)
    assert b"/ToUnicode" in payload
    return payload if keep_map else payload.replace(b"/ToUnicode", b"/NoUnicode")


def test_a_font_with_a_map_is_read() -> None:
    assert_all_read(read_tables(read_pdf(with_figures_in_vera(keep_map=True))), TRUTH)


def test_a_font_without_a_map_is_not_read_and_the_report_says_so() -> None:
    document = read_pdf(with_figures_in_vera(keep_map=False))
    assert_nothing_read(read_tables(document))
    assert any("无法辨认" in warning for warning in document.warnings)


@pytest.mark.parametrize("keep_map", [True, False])
def test_a_composite_font_without_a_map_is_not_read(keep_map: bool) -> None:
    weasyprint = pytest.importorskip("weasyprint")
    cells = "<tr><td>1023</td><td>45</td></tr>" * 3
    style = "table {border-collapse: collapse} td {border: 1px solid black; width: 5em}"
    page = f"<style>{style}</style><table>{cells}</table>"
    payload = weasyprint.HTML(string=page).write_pdf(uncompressed_pdf=True)
    assert b"/ToUnicode" in payload
    document = read_pdf(payload if keep_map else payload.replace(b"/ToUnicode", b"/NoUnicode"))
    texts = {cell.text for table in document.tables for cell in table.cells}
    assert texts == ({"1023", "45"} if keep_map else {"\ufffd" * 4, "\ufffd" * 2})


# All together -------------------------------------------------------------------------------

WAYS: dict[str, Write] = {
    "plain": plain,
    "one by one": one_by_one(0.0),
    "spaced": one_by_one(0.08),
    "far apart": one_by_one(0.4),
    "tight": one_by_one(-0.1),
    "twice": twice(0.3),
    "hidden": invisible,
    "white": white,
    "covered": covered,
    "clipped": clipped_away,
}


@settings(max_examples=50, phases=[Phase.generate], **PATIENT)  # type: ignore[arg-type]
@given(figures(), st.data())
def test_however_drawn_a_figure_is_right_or_absent(form: tuple, data: st.DataObject) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    seed = random.Random(data.draw(st.integers(0, 999)))
    chosen = data.draw(st.lists(st.sampled_from(sorted(WAYS)), min_size=1, max_size=4))
    rules = data.draw(st.sampled_from(["all", "all", "horizontal", "none"]))
    align = data.draw(st.sampled_from(["left", "right", "centre"]))
    shown: set[str] = {way for way in chosen if way not in ("hidden", "white")}

    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        WAYS[seed.choice(chosen) if is_figure(text) else "plain"](canvas, x, y, text)

    def pages(canvas: Canvas) -> None:
        for rows in all_rows(truth, two, three):
            draw(canvas, rows, rules=rules, align=align, write=write)
            canvas.showPage()

    wrong = differences(read_tables(read_pdf(drawn(pages))), truth)
    # A figure in white on white is not printed: what it leaves is a blank.
    wrong = [line for line in wrong if shown == set(chosen) or " read as blank" not in line]
    assert not wrong, wrong
