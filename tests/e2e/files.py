"""Files to import: the sample's reports as its portals print them, and files that are no report."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from io import BytesIO
from pathlib import Path

from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from sample import docx, files, html, pdf
from sample.generator import SampleReport, generate

SUFFIXES = (".html", ".docx", ".pdf")
RENDERERS = {".html": lambda sample: page(sample.report.title, html.render(sample)).encode(), ".docx": docx.render,
             ".pdf": pdf.render}  # fmt: skip
SPARE_PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f6"
    "45400000000049454e44ae426082"
)


def page(title: str, body: str) -> str:
    """A bare HTML page."""
    head = f'<head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    return f"<!DOCTYPE html><html>{head}<body><h1>{escape(title)}</h1>{body}</body></html>"


def reports() -> Sequence[SampleReport]:
    """The sample's reports of phase 1, always in the same order."""
    return generate().phase(1)


def write_reports(folder: Path, count: int) -> list[Path]:
    """Write ``count`` different reports into ``folder``, one in three a PDF, one a DOCX file."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number, sample in enumerate(reports()[:count]):
        suffix = SUFFIXES[number % len(SUFFIXES)]
        path = folder / f"{number:03}{suffix}"
        path.write_bytes(RENDERERS[suffix](sample))
        written.append(path)
    return written


def blank_form() -> bytes:
    """The form with nothing filled in."""
    return files.blank_form(reports()[0])


def encrypted_pdf() -> bytes:
    """A PDF that opens with a password only."""
    buffer = BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("geheim", canPrint=0))
    canvas.drawString(72, 720, "2023")
    canvas.save()
    return buffer.getvalue()


def truncated_pdf() -> bytes:
    """The first half of a PDF."""
    whole = pdf.render(reports()[0])
    return whole[: len(whole) // 2]
