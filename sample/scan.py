"""Renders a report as pictures, as a scanner would leave it.

The glyphs are those of the machine's own Chinese font; without one the pictures have no text.
"""

from __future__ import annotations

import time
from io import BytesIO
from itertools import pairwise

import pypdfium2
from PIL import Image

from parsers.readers.pdf_system_fonts import use_system_fonts
from sample import pdf
from sample.generator import SampleReport

_DOTS_PER_INCH = 150
_QUALITY = 70


def render_pdf(sample: SampleReport) -> bytes:
    """Return the report as a PDF whose pages are pictures and hold no text."""
    first, *rest = _pages(sample)
    buffer = BytesIO()
    moment = time.gmtime(0)
    first.save(
        buffer,
        "PDF",
        save_all=True,
        append_images=rest,
        resolution=_DOTS_PER_INCH,
        quality=_QUALITY,
        creationDate=moment,
        modDate=moment,
    )
    return buffer.getvalue()


def render_pictures(sample: SampleReport, count: int) -> list[bytes]:
    """Return the report as ``count`` JPEG pictures, each of some pages one below the other."""
    pages = _pages(sample)
    cuts = [round(number * len(pages) / count) for number in range(count + 1)]
    return [_below(pages[start:end]) for start, end in pairwise(cuts)]


def _pages(sample: SampleReport) -> list[Image.Image]:
    # Reading a PDF in the same process leaves frames in the place of the glyphs.
    use_system_fonts()
    document = pypdfium2.PdfDocument(pdf.render(sample))
    return [page.render(scale=_DOTS_PER_INCH / 72, grayscale=True).to_pil().convert("L") for page in document]


def _below(pages: list[Image.Image]) -> bytes:
    whole = Image.new("L", (pages[0].width, sum(page.height for page in pages)), 255)
    top = 0
    for page in pages:
        whole.paste(page, (0, top))
        top += page.height
    buffer = BytesIO()
    whole.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
