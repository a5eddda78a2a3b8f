"""The font that stands in for missing ones is never seen in pictures of pages."""

import io

import pypdfium2 as pdfium
import pytest
from PIL import Image
from reportlab.lib.pagesizes import A5
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from parsers.document import Document
from parsers.pictures import HEAD, SCALE, draw_pages
from parsers.readers.pdf import read_pdf
from parsers.readers.pdf_system_fonts import replace_system_fonts, use_system_fonts
from tests.parsers.files import FONT


def of_text(*texts):
    """A PDF with a page for each text, in a font that it does not carry."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A5)
    for text in texts:
        canvas.setFont(FONT, 24)
        canvas.drawString(40, 400, text)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()


def of_picture(stamp):
    """A PDF whose page is a picture under a few characters of text, as scanners' programs print."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A5)
    canvas.drawImage(ImageReader(Image.new("L", (420, 595), 230)), 0, 0, *A5)
    canvas.setFont(FONT, 24)
    canvas.drawString(40, 400, stamp)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


def rendered(page):
    return page.render(scale=1.0, grayscale=True).to_numpy().tobytes()


def truth(payload):
    use_system_fonts()
    with pdfium.PdfDocument(payload) as pdf:
        return [rendered(page) for page in pdf]


def recognised(payload):
    """Pages of a PDF as the recogniser is shown them."""
    shown = []

    def scans(page, _number, _tables):
        shown.append(rendered(page))
        return []

    read_pdf(payload, scans)
    return shown


@pytest.fixture(autouse=True)
def fonts_of_the_machine():
    yield
    use_system_fonts()


def test_the_stand_in_draws_otherwise_than_the_fonts_of_the_machine():
    payload = of_text("政府信息公开")
    clean = truth(payload)
    replace_system_fonts()
    with pdfium.PdfDocument(payload) as pdf:
        assert [rendered(page) for page in pdf] != clean


def test_a_page_to_recognise_shows_its_print_whatever_was_read_before():
    payload, other = of_picture("政府信息公开2024"), of_text("政府信息公开2024", "年度报告")
    clean = truth(payload)
    read_pdf(other)
    read_pdf(payload)
    assert recognised(payload) == clean
    read_pdf(other)
    assert recognised(payload) == clean


def test_a_document_left_open_lends_its_fonts_to_none():
    payload = of_picture("政府信息公开2024")
    clean = truth(payload)
    replace_system_fonts()
    with pdfium.PdfDocument(payload) as left_open:
        framed = [rendered(page) for page in left_open]
        assert framed != clean
        assert recognised(payload) == clean


def test_evidence_shows_the_print_whatever_was_read_before():
    payload = of_text("政府信息公开2024")
    use_system_fonts()
    with pdfium.PdfDocument(payload) as pdf:
        clean = pdf[0].render(scale=SCALE).to_pil().convert("RGB")
    document = read_pdf(payload)
    assert isinstance(document, Document)
    for _again in range(2):
        (page,) = draw_pages(payload, Document(media_type="application/pdf", pages=1), None)
        with Image.open(io.BytesIO(page)) as picture:
            assert picture.crop((0, HEAD, clean.width, HEAD + clean.height)).tobytes() == clean.tobytes()
        read_pdf(payload)


def test_reading_puts_the_stand_in_back_after_pictures():
    payload = of_text("政府信息公开2024")
    replace_system_fonts()
    with pdfium.PdfDocument(payload) as pdf:
        framed = [rendered(page) for page in pdf]
    use_system_fonts()
    read_pdf(payload)
    with pdfium.PdfDocument(payload) as pdf:
        assert [rendered(page) for page in pdf] == framed
