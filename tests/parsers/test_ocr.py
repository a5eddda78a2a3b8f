"""Scans, read with the extra ``ocr``; without it, or without a Chinese font, these tests are skipped."""

import io
import os
import socketserver
import subprocess
import sys
import threading

import pytest
from PIL import Image

from parsers.document import Table, UnreadableDocumentError
from parsers.extract import Origin, Refusal, explain, extract, extract_scan
from parsers.readers import ocr, read
from parsers.report import Report
from sample import pdf as sample_pdf
from sample.generator import generate
from tests.parsers import scanned_forms

pytestmark = [
    pytest.mark.skipif(not ocr.available(), reason="the extra ocr is not installed: pip install 'nianbao[ocr]'"),
    pytest.mark.skipif(scanned_forms.font_file() is None, reason="this machine has no Chinese font to draw scans with"),
]
if ocr.available():
    import cv2
    import numpy as np

    from parsers.readers.ocr import cells, engine, raster, rules
    from parsers.readers.ocr import page as page_reader


@pytest.fixture(scope="module")
def sample():
    return next(
        item
        for item in generate().reports
        if item.report.edition == "2021" and item.organ.scale == "city" and item.report.year == 2023
    )


@pytest.fixture(scope="module")
def pages(sample):
    return scanned_forms.draw_report(sample)


def bound(pages, resolution=150):
    stream = io.BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:], resolution=resolution)
    return stream.getvalue()


def wrong_figures(truth, found):
    """Cells whose number is not the printed one."""
    printed = dict(truth.readings())
    return {
        name: reading.number
        for name, reading in found.readings()
        if reading.kind == "number" and reading.number != printed[name].number
    }


@pytest.fixture(scope="module")
def report(pages):
    return extract_scan(bound(pages), Origin(url="http://www.yunting.gov.cn/a.pdf"))


def test_a_scanned_report_is_read_and_its_confirmed_figures_kept(sample, report):
    assert isinstance(report, Report)
    assert (report.year, report.edition, report.status) == (2023, "2021", "partial")
    assert report.title == sample.report.title
    assert not wrong_figures(sample.report, report)
    kept = {name for name, reading in report.readings() if reading.kind == "number"}
    assert len({name for name in kept if name.startswith("requests")}) == 175
    assert len({name for name in kept if name.startswith("reviews")}) == 15


def test_what_was_recognised_is_marked_and_what_is_unconfirmed_named(report):
    assert all(reading.recognition is not None for _name, reading in report.readings())
    assert {problem.rule for problem in report.problems} == {"extraction.ocr", "extraction.ocr_unconfirmed"}
    (unconfirmed,) = [problem for problem in report.problems if problem.rule == "extraction.ocr_unconfirmed"]
    assert len(unconfirmed.cells) == 10


def test_places_lead_back_to_the_page(report):
    place = report.requests["new"]["total"].place
    assert place.page == 2
    x0, top, x1, bottom = place.box
    assert 400 < x0 < x1 < 560
    assert 60 < top < bottom < 200


def test_without_the_recogniser_a_scan_is_refused_with_the_way_out(pages):
    outcome = extract(bound(pages), Origin())
    assert isinstance(outcome, Refusal)
    assert outcome.reason == "scanned"
    assert "nianbao[ocr]" in outcome.detail


def test_text_pages_keep_their_text_and_only_pictures_are_recognised(sample, pages):
    pypdf = pytest.importorskip("pypdf")
    writer = pypdf.PdfWriter()
    text = pypdf.PdfReader(io.BytesIO(sample_pdf.render(sample)))
    writer.add_page(text.pages[0])
    writer.add_page(pypdf.PdfReader(io.BytesIO(bound(pages[1:]))).pages[0])
    stream = io.BytesIO()
    writer.write(stream)
    plain = explain(stream.getvalue(), Origin()).outcome
    assert isinstance(plain, Report)
    assert [problem.message for problem in plain.problems if problem.rule == "extraction.scanned_pages"]
    assert not plain.requests
    full = extract_scan(stream.getvalue(), Origin())
    assert full.title == sample.report.title
    assert len(full.requests) == 25
    assert not wrong_figures(sample.report, full)
    assert not [problem for problem in full.problems if problem.rule == "extraction.scanned_pages"]


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "WEBP", "GIF", "TIFF"])
def test_pictures_of_every_kind_are_decoded(kind):
    picture, draw = scanned_forms.page()
    scanned_forms.write(draw, "二、主动公开政府信息情况", 100, 40)
    stream = io.BytesIO()
    small = picture.crop((0, 0, scanned_forms.WIDTH, 300))
    small.save(stream, kind, **({"save_all": True, "append_images": [small]} if kind == "TIFF" else {}))
    document = read(stream.getvalue(), scans=True)
    assert document.pages == (2 if kind == "TIFF" else 1)
    assert {paragraph.text for paragraph in document.paragraphs} == {"二、主动公开政府信息情况"}


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded():
    stream = io.BytesIO()
    Image.new("1", (9000, 9000)).save(stream, "PNG")
    with pytest.raises(UnreadableDocumentError) as caught:
        read(stream.getvalue(), scans=True)
    assert caught.value.reason == "too_big"


@pytest.mark.parametrize(("payload", "reason"), [(b"\x89PNG\r\n\x1a\n" + bytes(60), "broken_picture")])
def test_what_only_begins_like_a_picture_is_refused(payload, reason):
    with pytest.raises(UnreadableDocumentError) as caught:
        read(payload, scans=True)
    assert caught.value.reason == reason


def test_a_torn_picture_is_refused():
    stream = io.BytesIO()
    picture, draw = scanned_forms.page()
    scanned_forms.write(draw, "年度报告", 100)
    picture.save(stream, "PNG")
    with pytest.raises(UnreadableDocumentError) as caught:
        read(stream.getvalue()[:4000], scans=True)
    assert caught.value.reason == "truncated"


def test_a_white_page_is_a_scan_without_text():
    stream = io.BytesIO()
    Image.new("L", (600, 800), 255).save(stream, "PNG")
    with pytest.raises(UnreadableDocumentError) as caught:
        read(stream.getvalue(), scans=True)
    assert caught.value.reason == "scanned"


# Parts -------------------------------------------------------------------------------


def a_table(value="0", size=24, fill=0):
    """Four by three cells of 40 by 25 points at 200 dpi, ``value`` in each of the last column but one row."""
    page = Image.new("L", (1654, 1000), 255)
    draw = scanned_forms.ImageDraw.Draw(page)
    for row in range(5):
        draw.line((100, 100 + 70 * row, 560, 100 + 70 * row), fill=0, width=3)
    for column in range(4):
        x = (100, 250, 400, 560)[column]
        draw.line((x, 100, x, 380), fill=0, width=3)
    draw.text((470, 120), value, fill=fill, font=scanned_forms.font(size))
    return np.asarray(page)


SCALE = 200 / 72


@pytest.mark.parametrize("degrees", [-2.0, -0.7, 0.0, 1.1, 2.0])
def test_a_page_askew_is_set_straight(degrees):
    grey = np.vstack([a_table(), a_table()])
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    askew = cv2.warpAffine(grey, turn, (width, height), borderValue=255)
    straight = raster.straightened(raster.Raster(askew, askew, SCALE, SCALE))
    found = rules.read_rules(straight.grey, rules.ink(straight.grey, SCALE), SCALE, 1)
    level = [edge for edge in found if edge["orientation"] == "h"]
    assert len(level) == 10
    assert all(edge["width"] > 150 for edge in level)
    corner = straight.shown((36.0, 36.0, 202.0, 137.0))
    x, y = turn @ np.array([100, 100, 1]) / SCALE
    assert corner[0] == pytest.approx(x, abs=6)
    assert corner[1] == pytest.approx(y, abs=6)


def test_rules_are_found_and_the_strokes_of_letters_are_none():
    page = a_table("国土")
    found = rules.read_rules(page, rules.ink(page, SCALE), SCALE, 1)
    assert sum(edge["orientation"] == "h" for edge in found) == 5
    assert sum(edge["orientation"] == "v" for edge in found) == 4


def read_cell(grey, dark=None):
    dark = grey if dark is None else dark
    box = (400 / SCALE, 100 / SCALE, 560 / SCALE, 170 / SCALE)
    return cells.read_cells([box], dark, (rules.ink(grey, SCALE), rules.ink(dark, SCALE)), SCALE)[0]


@pytest.mark.parametrize("value", ["0", "7", "1", "8", "17", "108", "1558", "12.5"])
def test_a_figure_is_read_alike_at_two_looks(value):
    seen = read_cell(a_table(value))
    assert (seen.text, seen.recognition.agreed) == (value, True)


def test_a_slash_is_no_one():
    seen = read_cell(a_table("/"))
    assert (seen.text, seen.recognition.agreed) == ("/", True)


@pytest.mark.parametrize("value", ["1", "7", "4", "-", "0"])
def test_no_figure_is_a_slash(value):
    assert read_cell(a_table(value)).text != "/"


def test_a_cell_without_ink_is_blank_and_one_with_dust_too():
    page = a_table("").copy()
    assert read_cell(page).text == ""
    page[140:142, 480:482] = 0
    assert read_cell(page).text == ""


def test_a_figure_that_runs_over_its_rule_is_not_read():
    page = Image.fromarray(a_table("").copy())
    scanned_forms.ImageDraw.Draw(page).text((535, 120), "1008", fill=0, font=scanned_forms.font(24))
    assert "\ufffd" in read_cell(np.asarray(page)).text


def test_a_cell_in_which_only_a_seal_prints_is_not_blank():
    covered = a_table("5")
    assert "\ufffd" in read_cell(covered, dark=a_table("")).text


def test_figures_set_far_apart_are_not_drawn_together():
    assert "\ufffd" in read_cell(a_table("1    2")).text


LOW = 37  # pixels of a row that is no higher than a line of print


def a_low_table(*rows, size=33):
    """Two columns of 120 points at 200 dpi, a row of texts each as high as its line, as word processors set them."""
    page = Image.new("L", (900, 140 + LOW * len(rows)), 255)
    draw = scanned_forms.ImageDraw.Draw(page)
    for number, texts in enumerate(rows):
        for column, text in enumerate(texts):
            top = 100 + LOW * number + LOW / 2
            draw.text((112 + 333 * column, top), text, fill=0, font=scanned_forms.font(size), anchor="lm")
    for row in range(len(rows) + 1):
        draw.line((100, 100 + LOW * row, 766, 100 + LOW * row), fill=0, width=2)
    for column in range(3):
        draw.line((100 + 333 * column, 100, 100 + 333 * column, 100 + LOW * len(rows)), fill=0, width=2)
    return np.asarray(page)


def tables_of(grey):
    plain = raster.Raster(grey, grey, SCALE, SCALE)
    return [item for _top, item in page_reader.read_page(plain, 1, 0) if isinstance(item, Table)]


def test_strokes_that_all_but_touch_the_rules_of_a_low_row_are_no_rules():
    (table,) = tables_of(a_low_table(("信息内容", "10"), ("国土中十", "7"), ("行政强制", "3"), ("申请其他", "0")))
    assert [[cell.text for cell in row] for row in table.rows()] == [
        ["信息内容", "10"],
        ["国土中十", "7"],
        ["行政强制", "3"],
        ["申请其他", "0"],
    ]


def test_a_rule_of_a_single_row_parts_two_figures():
    (table,) = tables_of(a_low_table(("90", "1632")))
    assert [cell.text for cell in table.cells] == ["90", "1632"]


@pytest.mark.parametrize("value", ["1", "7", "0", "10"])
@pytest.mark.parametrize("shift", [-9, -6, 0, 6, 9])
def test_a_figure_at_the_border_is_read_or_doubted_and_never_taken_for_white(value, shift):
    page = Image.fromarray(a_low_table(("", "")))
    draw = scanned_forms.ImageDraw.Draw(page)
    draw.text((104 if shift else 112, 100 + LOW / 2 + shift), value, fill=0, font=scanned_forms.font(33), anchor="lm")
    grey = np.asarray(page)
    box = (100 / SCALE, 100 / SCALE, 433 / SCALE, (100 + LOW) / SCALE)
    (seen,) = cells.read_cells([box], grey, (rules.ink(grey, SCALE),) * 2, SCALE)
    assert seen.text == value or "\ufffd" in seen.text


@pytest.mark.parametrize(("height", "width", "cut"), [(24, 1, False), (15, 1, True), (24, 4, True)])
def test_a_sliver_beside_a_figure_is_left_of_a_rule_only_where_taller_and_thin(height, width, cut):
    printed = np.zeros((44, 50), np.uint8)
    printed[12:32, 18:31] = 1
    printed[10 : 10 + height, 50 - width :] = 1
    parts, is_cut, _aside = cells._parts(printed, SCALE)
    assert is_cut == cut
    assert (18, 12, 31, 32) in parts


@pytest.mark.parametrize(
    ("parts", "lines"),
    [
        ([(0, 0, 30, 30), (0, 31, 30, 60)], 2),
        ([(0, 0, 30, 30), (5, 31, 25, 60), (0, 61, 30, 90)], 3),
        ([(0, 0, 30, 4), (4, 13, 26, 17), (0, 27, 30, 31), (0, 37, 30, 68)], 2),
        ([(0, 0, 30, 14), (3, 16, 27, 31), (40, 1, 70, 30)], 1),
        ([(0, 0, 30, 31), (2, 36, 28, 49), (2, 51, 28, 66), (0, 72, 30, 103)], 3),
    ],
    ids=["all but touching", "three", "strokes of 三 above a whole", "halves beside a whole", "halves between wholes"],
)
def test_lines_part_at_any_white_and_characters_do_not(parts, lines):
    assert len(cells._lines(parts)) == lines


def test_the_same_picture_is_read_once_and_other_pictures_are_not_taken_for_it():
    zero, eight = (a_table(value)[110:165, 410:550] for value in "08")
    assert [item.text for item in engine.recognise([zero, eight, zero, eight])] == ["0", "8", "0", "8"]


RECOGNISE = """
import time
import numpy
from parsers.readers.ocr import engine
engine.recognise([numpy.full((48, 100), 255, numpy.uint8)])
time.sleep(12)
"""


def test_recognising_tells_nobody():
    """The runtime's own messages to its maker, which go out some seconds after the first use, are off."""
    asked = []

    class Proxy(socketserver.BaseRequestHandler):
        def handle(self):
            asked.append(self.request.recv(200))

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Proxy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
        proxies = dict.fromkeys(names, f"http://127.0.0.1:{server.server_address[1]}")
        subprocess.run([sys.executable, "-c", RECOGNISE], env={**os.environ, **proxies}, check=True, timeout=120)
        server.shutdown()
    assert asked == []
