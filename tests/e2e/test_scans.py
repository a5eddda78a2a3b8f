"""A folder of scans through the whole command: refused without the extra ``ocr``, read once it is there."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import pytest
from PIL import Image
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from parsers.readers import ocr
from sample import html
from sample.generator import SampleReport
from sample.pdf import FONT
from tests.e2e import files, program
from tests.parsers import scanned_forms

pytestmark = [
    pytest.mark.skipif(not ocr.available(), reason="the extra ocr is not installed: pip install 'nianbao[ocr]'"),
    pytest.mark.skipif(scanned_forms.font_file() is None, reason="this machine has no Chinese font to draw scans with"),
]
SCANS = ("one.pdf", "two.pdf", "three.jpg", "four.tiff")
MIXED, TEXT = "five.pdf", "six.html"


def bound(pages: Sequence[Image.Image]) -> bytes:
    stream = io.BytesIO()
    pages[0].save(stream, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return stream.getvalue()


def mixed(sample: SampleReport) -> bytes:
    """A PDF with a page of text, and one that is a picture."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pagesize=A4)
    canvas.setFont(FONT, 14)
    canvas.drawString(60, 760, sample.report.title)
    for number, section in enumerate(sample.report.sections[:3]):
        canvas.drawString(60, 700 - 60 * number, section.heading)
    canvas.showPage()
    picture = scanned_forms.draw_short(sample)[1]
    height = A4[0] * picture.height / picture.width
    canvas.setPageSize((A4[0], height))
    canvas.drawImage(ImageReader(picture), 0, 0, A4[0], height)
    canvas.showPage()
    canvas.save()
    return stream.getvalue()


@dataclass(frozen=True)
class Imported:
    """An archive of scans, what the commands said, and the reports by file name."""

    folder: Path
    before: str
    """Output of the import without the extra."""
    unread: list[tuple[str, int]]
    """Titles then in the archive, with their figures of table 四."""
    after: str
    """Output of the import with it."""
    samples: dict[str, SampleReport]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    folder = tmp_path_factory.mktemp("scans")
    (folder / "files").mkdir()
    reports = [item for item in files.reports() if item.report.edition == "2021"]
    # One report of each organ, so that each scan is a report of its own.
    chosen = [next(group) for _organ, group in groupby(reports, key=lambda item: item.report.organ)]
    samples = dict(zip((*SCANS, MIXED, TEXT), chosen, strict=False))
    for name, sample in samples.items():
        (folder / "files" / name).write_bytes(as_file(name, sample))
    # A module that is None cannot be imported, as where it is not installed.
    (folder / "without").mkdir()
    (folder / "without" / "sitecustomize.py").write_text("import sys\nsys.modules['rapidocr'] = None\n")
    before = program.run(folder, "import", "files", before=folder / "without").stdout
    unread = program.query(
        folder,
        "SELECT title, (SELECT count(total) FROM reviews WHERE report_id = reports.id) FROM reports ORDER BY title",
    )
    after = program.run(folder, "import", "files").stdout
    return Imported(folder, before, unread, after, samples)


def as_file(name: str, sample: SampleReport) -> bytes:
    if name == TEXT:
        return files.page(sample.report.title, html.render(sample)).encode()
    if name == MIXED:
        return mixed(sample)
    pages = scanned_forms.draw_short(sample)
    stream = io.BytesIO()
    if name.endswith(".pdf"):
        return bound(pages)
    if name.endswith(".jpg"):
        scanned_forms.on_one_page(pages).save(stream, "JPEG", quality=90)
    else:
        pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw")
    return stream.getvalue()


def test_without_the_extra_scans_are_refused_with_the_way_out(imported: Imported) -> None:
    for name in SCANS:
        assert name in imported.before
    assert imported.before.count("nianbao[ocr]") >= len(SCANS)
    mixed_report, text_report = (imported.samples[name].report for name in (MIXED, TEXT))
    assert imported.unread == sorted([(mixed_report.title, 0), (text_report.title, 3)])


def test_with_the_extra_the_next_import_reads_them(imported: Imported) -> None:
    assert "Refused" not in imported.after
    assert f"{len(imported.samples)} of {len(imported.samples)} files were imported before" in imported.after
    assert program.query(imported.folder, "SELECT count(*) FROM refusals") == [(0,)]
    titles = program.query(imported.folder, "SELECT title FROM reports ORDER BY title")
    assert titles == sorted((sample.report.title,) for sample in imported.samples.values())
    for name, sample in imported.samples.items():
        rows = program.query(
            imported.folder,
            "SELECT proceeding, upheld, corrected, other, pending, total FROM reviews "
            "WHERE report_id = (SELECT id FROM reports WHERE title = ?)",
            sample.report.title,
        )
        printed = {
            proceeding: tuple(cells[outcome].number for outcome in ("upheld", "corrected", "other", "pending", "total"))
            for proceeding, cells in sample.report.reviews.items()
        }
        assert {proceeding: tuple(cells) for proceeding, *cells in rows} == printed, name


def test_what_was_recognised_is_said_and_is_not_read_again(imported: Imported) -> None:
    noted = program.query(
        imported.folder,
        "SELECT title FROM findings JOIN reports ON reports.id = report_id WHERE rule = 'extraction.ocr'",
    )
    recognised = [imported.samples[name].report.title for name in (*SCANS, MIXED)]
    assert sorted(title for (title,) in noted) == sorted(recognised)
    before = program.dump(imported.folder)
    program.run(imported.folder, "import", "files")
    program.run(imported.folder, "import", "files", before=imported.folder / "without")
    after = program.dump(imported.folder)
    built = ("reports", "reviews", "findings", "refusals", "versions")
    assert program.differences(before, after, built) == {}


def test_a_scan_that_was_named_is_no_success_without_the_extra(imported: Imported, tmp_path: Path) -> None:
    scan = imported.folder / "files" / "three.jpg"
    done = program.run(tmp_path, "import", scan, before=imported.folder / "without", status=1)
    assert "nianbao[ocr]" in done.stdout


def test_explain_shows_a_scan_as_it_was_recognised(imported: Imported) -> None:
    scan = imported.folder / "files" / "two.pdf"
    done = program.run(imported.folder, "explain", scan, "--json", "--pictures", "drawn")
    told = json.loads(done.stdout)
    total = told["report"]["reviews"]["reconsideration"]["total"]
    assert total["number"] == imported.samples["two.pdf"].report.reviews["reconsideration"]["total"].number
    assert total["recognition"]["agreed"] is True
    pages = sorted((imported.folder / "drawn").iterdir())
    assert len(pages) == 2
    with Image.open(pages[1]) as picture:
        x0, top, _x1, _bottom = total["place"]["box"]
        # The found cell is outlined in green on the page's picture, which stands below a head.
        assert (26, 127, 55) in {
            picture.getpixel((round(2 * x0) + dx, round(2 * top) + 100 + dy)) for dx in range(4) for dy in range(4)
        }
