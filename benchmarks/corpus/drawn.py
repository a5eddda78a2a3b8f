"""PDF dialects drawn at known places, and what is done to finished PDF files: turned, stripped, scanned."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from functools import partial

import pypdf
import reportlab.rl_config
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject
from reportlab.pdfgen.canvas import Canvas

from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.printed import PRINTINGS, Printing, source_page
from benchmarks.corpus.reports import FilledReport, fill
from parsers.readers.pdf_system_fonts import use_system_fonts
from tests.parsers.drawn_forms import SIZE, Write, draw, drawn, is_figure, one_by_one, plain
from tests.parsers.files import FONT

reportlab.rl_config.invariant = 1  # no dates and random identifiers: the same seed gives the same bytes
_PROSE_SIZE = 10.5
_LEADING = 16.0
_LEFT, _TOP, _BOTTOM, _CHARACTERS = 40.0, 790.0, 60.0, 48
Drawing = dict[str, object]


class _Pages:
    """A canvas that is written from top to bottom, page by page."""

    def __init__(self, canvas: Canvas, drawing: Drawing) -> None:
        self.canvas, self.drawing, self.y = canvas, drawing, _TOP

    def text(self, text: str, size: float = _PROSE_SIZE) -> None:
        for at in range(0, len(text), _CHARACTERS):
            if self.y < _BOTTOM:
                self.turn()
            self.canvas.setFont(FONT, size)
            self.canvas.drawString(_LEFT, self.y, text[at : at + _CHARACTERS])
            self.y -= _LEADING

    def table(self, rows: object, height: float) -> None:
        if self.y - height < _BOTTOM:
            self.turn()
        self.y = draw(self.canvas, rows, left=_LEFT, top=self.y + 6, **self.drawing) - _LEADING  # type: ignore[arg-type]

    def turn(self) -> None:
        self.canvas.setFont(FONT, 9)
        self.canvas.drawCentredString(297, 25, f"- {self.canvas.getPageNumber()} -")
        self.canvas.showPage()
        self.y = _TOP


def _draw_report(report: FilledReport, drawing: Drawing, canvas: Canvas) -> None:
    pages = _Pages(canvas, drawing)
    pages.text(report.title, 14)
    for text in report.text.preamble:
        pages.text(text)
    rows = report.rows()
    for section, heading in report.headings().items():
        if section == 3:
            pages.turn()
        pages.text(heading)
        if section in rows:
            pages.table(rows[section], {2: 380.0, 3: 620.0, 4: 120.0}[section])
        for text in report.paragraphs(section):
            pages.text(text)
    pages.turn()


def _drawn(drawing: Drawing, expect: str, rng: random.Random) -> Source:
    report = fill(rng)
    return Source(drawn(partial(_draw_report, report, drawing)), report.truth(expect=expect))


def _figures_only(write: Write) -> Write:
    """Draw figures in one way and labels plainly: spread labels would run into the next cell."""

    def choose(canvas: Canvas, x: float, y: float, text: str) -> None:
        (write if is_figure(text) else plain)(canvas, x, y, text)

    return choose


_DRAWINGS: dict[str, tuple[Drawing, str]] = {
    "ruled": ({}, "exact"),
    "horizontal-rules": ({"rules": "horizontal"}, "exact"),
    "head-rules": ({"rules": "head"}, "exact"),
    "no-rules": ({"rules": "none"}, "exact"),
    "no-rules-right": ({"rules": "none", "align": "right"}, "exact"),
    "no-rules-left": ({"rules": "none", "align": "left"}, "exact"),
    "characters-apart": ({"write": one_by_one(0.0)}, "exact"),
    "characters-spread": ({"write": _figures_only(one_by_one(0.15))}, "exact"),
    "characters-tight": ({"write": one_by_one(-0.04)}, "exact"),
    # Digits half their width apart: one number, or several.
    "characters-far-apart": ({"write": _figures_only(one_by_one(0.5))}, "right_or_null"),
}
for _name, (_drawing, _expect) in _DRAWINGS.items():
    add("reportlab", f"pdf-{_name}", ".pdf", partial(_drawn, _drawing, _expect))


def _overprinted(canvas: Canvas, x: float, y: float, text: str) -> None:
    """Bold by printing twice, a little apart."""
    plain(canvas, x, y, text)
    plain(canvas, x + 0.03 * SIZE, y, text)


add("reportlab", "pdf-overprinted", ".pdf", partial(_drawn, {"write": _overprinted}, "exact"))


# What is done to finished files ------------------------------------------------------------------

Change = Callable[[pypdf.PdfWriter], None]


def _changed(change: Change, payload: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(payload))
    change(writer)
    writer.write(buffer := io.BytesIO())
    return buffer.getvalue()


def _turned(writer: pypdf.PdfWriter) -> None:
    """Content drawn lying, the page's rotation sets it upright."""
    for page in writer.pages:
        page.rotate(90)
        page.transfer_rotation_to_content()
        page.rotate(-90)


def _lying(writer: pypdf.PdfWriter) -> None:
    """Content turned by a quarter on every page, and no rotation that sets it upright."""
    for page in writer.pages:
        page.rotate(90)
        page.transfer_rotation_to_content()


def _shifted_box(writer: pypdf.PdfWriter) -> None:
    """Pages whose origin is not at their corner."""
    for page in writer.pages:
        page.add_transformation(pypdf.Transformation().translate(130, 57))
        for box in (page.mediabox, page.cropbox):
            left, bottom, right, top = (float(side) for side in box)
            box.lower_left, box.upper_right = (left + 130, bottom + 57), (right + 130, top + 57)


def _half_size(writer: pypdf.PdfWriter) -> None:
    for page in writer.pages:
        page.scale_by(0.5)


def _without_unicode_maps(writer: pypdf.PdfWriter) -> None:
    """Fonts that say how characters look and not which they are."""
    for item in writer._objects:
        if isinstance(item, DictionaryObject) and "/ToUnicode" in item:
            del item[NameObject("/ToUnicode")]


def _owner_password(writer: pypdf.PdfWriter) -> None:
    writer.encrypt("", "owner", algorithm="AES-128")


def _with_forms(writer: pypdf.PdfWriter) -> None:
    """Each page's content in a form that the page draws, as stamping programs leave it."""
    for page in writer.pages:
        content = page.get_contents()
        assert content is not None
        form = pypdf.generic.StreamObject()
        form.set_data(content.get_data())
        form.update(
            {
                NameObject("/Type"): NameObject("/XObject"),
                NameObject("/Subtype"): NameObject("/Form"),
                NameObject("/BBox"): ArrayObject([FloatObject(side) for side in page.mediabox]),
                NameObject("/Resources"): page["/Resources"],
            }
        )
        shown = pypdf.generic.StreamObject()
        shown.set_data(b"q /Whole Do Q")
        resources = DictionaryObject(
            {NameObject("/XObject"): DictionaryObject({NameObject("/Whole"): writer._add_object(form)})}
        )
        page[NameObject("/Resources")] = resources
        page[NameObject("/Contents")] = writer._add_object(shown)


def _source(printing: Printing, expect: str, reasons: tuple[str, ...], rng: random.Random) -> Source:
    report = fill(rng)
    return Source(source_page(report, printing).encode(), report.truth(expect=expect, reasons=reasons))


_UNREADABLE = ("no_text", "no_content", "not_report", "scanned", "unreadable_text", "garbled", "organ_unknown")
_CHANGES: dict[str, tuple[Change, str, tuple[str, ...]]] = {
    "turned": (_turned, "exact", ()),
    "lying": (_lying, "right_or_null", _UNREADABLE),
    "shifted-box": (_shifted_box, "exact", ()),
    "half-size": (_half_size, "exact", ()),
    "no-unicode-maps": (_without_unicode_maps, "right_or_null", _UNREADABLE),
    "owner-password": (_owner_password, "exact", ()),
    "in-forms": (_with_forms, "exact", ()),
}
for _name, (_change, _expect, _reasons) in _CHANGES.items():
    add(
        "chromium",
        f"pdf-{_name}",
        ".pdf",
        partial(_source, PRINTINGS["plain"], _expect, _reasons),
        partial(_changed, _change),
    )


def _scan(dpi: int, tilt: float, noise: float, quality: int, payload: bytes) -> bytes:
    """Pages as pictures in a PDF: grey, tilted by degrees, speckled, compressed as JPEG."""
    import pypdfium2
    from PIL import Image

    use_system_fonts()
    pages = []
    opened = pypdfium2.PdfDocument(payload)
    for number in range(len(opened)):
        picture = opened[number].render(scale=dpi / 72, grayscale=True).to_pil()
        if tilt:
            picture = picture.rotate(tilt, resample=Image.Resampling.BICUBIC, fillcolor=255)
        if noise:
            speckles = Image.effect_noise(picture.size, 255 * noise).convert("L")
            picture = Image.blend(picture, speckles, noise)
        pages.append(picture)
    opened.close()
    pages[0].save(
        buffer := io.BytesIO(), "PDF", save_all=True, append_images=pages[1:], resolution=dpi, quality=quality
    )
    return buffer.getvalue()


SCANS = {
    "clean-150": (150, 0.0, 0.0, 90),
    "clean-200": (200, 0.0, 0.0, 90),
    "tilted-200": (200, 0.7, 0.0, 80),
    "noisy-200": (200, 0.0, 0.12, 60),
    "poor-120": (120, 0.4, 0.08, 35),
}
for _name, _quality in SCANS.items():
    add(
        "rasteriser",
        f"scan-{_name}",
        ".pdf",
        partial(_source, PRINTINGS["plain"], "right_or_null", ("scanned",)),
        partial(_scan, *_quality),
    )
