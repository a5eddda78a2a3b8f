"""Pages drawn with their cells."""

from __future__ import annotations

import io

from PIL import Image

from parsers.extract import Origin, explain
from parsers.pictures import HEAD, MARGIN, SCALE, draw_pages
from parsers.report import Report
from sample import pdf
from sample.generator import generate

GREEN, BLUE = (26, 127, 55), (9, 105, 218)


def test_numbers_are_framed_green_and_labels_blue() -> None:
    payload = pdf.render(generate().reports[0])
    explanation = explain(payload, Origin())
    assert explanation.document is not None
    assert isinstance(explanation.outcome, Report)
    pages = [Image.open(io.BytesIO(page)) for page in draw_pages(payload, explanation.document, explanation.outcome)]
    assert len(pages) == explanation.document.pages
    numbers = [reading.place for _name, reading in explanation.outcome.readings() if reading.kind == "number"]
    labels = [row.place for row in explanation.tables.trace if row.kind == "disclosures"]
    assert numbers
    assert labels
    for places, colour in ((numbers, GREEN), (labels, BLUE)):
        for place in places:
            assert place.page is not None
            assert place.box is not None
            x = round((place.box[0] + place.box[2]) / 2 * SCALE)
            top = round(place.box[1] * SCALE) + HEAD
            column = [pages[place.page - 1].getpixel((x, y)) for y in range(top, top + 5)]
            assert colour in column


def test_the_margin_prints_what_was_read_in_its_colour() -> None:
    payload = pdf.render(generate().reports[0])
    explanation = explain(payload, Origin())
    assert explanation.document is not None
    assert isinstance(explanation.outcome, Report)
    place = explanation.outcome.requests["new"]["total"].place
    assert place.page is not None
    assert place.box is not None
    pages = list(draw_pages(payload, explanation.document, explanation.outcome))
    picture = Image.open(io.BytesIO(pages[place.page - 1]))
    y = round((place.box[1] + place.box[3]) / 2 * SCALE) + HEAD
    beside = picture.crop((picture.width - MARGIN, y - 8, picture.width, y + 8))
    assert GREEN in {colour for _count, colour in beside.getcolors(1 << 20) or ()}


def test_without_a_report_every_cell_is_framed_alike() -> None:
    payload = pdf.render(generate().reports[0])
    document = explain(payload, Origin()).document
    assert document is not None
    page = next(number for number in range(1, 9) if any(table.place.page == number for table in document.tables))
    picture = Image.open(io.BytesIO(list(draw_pages(payload, document, None))[page - 1]))
    page_only = picture.crop((0, HEAD, picture.width, picture.height))
    colours = {colour for _count, colour in page_only.getcolors(1 << 20) or ()}
    assert BLUE in colours
    assert GREEN not in colours
