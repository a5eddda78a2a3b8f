"""Files that reports are attached as: made when first asked for, and shared by all servers of a process."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from sample import docx, html, ofd, pdf, rar, rtf, scan
from sample.generator import SampleReport

_LOCK = threading.RLock()
_MADE: dict[tuple[str, str], bytes] = {}


Reading = Literal["exact", "converted", "unpacked", "pictures", "unreadable"]
"""How the tables can be read: in the file itself, after conversion by an office program, after
unpacking by another, from pictures of text only, or not at all with what is at hand."""


@dataclass(frozen=True)
class File:
    """A file: ``extension`` with its dot, and ``make``, which returns its bytes.

    ``key`` tells files with the same bytes; the bytes are made once for each.
    """

    extension: str
    make: Callable[[], bytes] = field(compare=False, repr=False)
    key: str
    reading: Reading = "exact"

    @property
    def body(self) -> bytes:
        """The bytes."""
        place = self.extension, self.key
        with _LOCK:
            if place not in _MADE:
                _MADE[place] = self.make()
            return _MADE[place]

    @property
    def sha256(self) -> str:
        """Hash of the bytes."""
        return hashlib.sha256(self.body).hexdigest()


def pdf_file(sample: SampleReport) -> File:
    """Return the report as a PDF."""
    return _file(sample, ".pdf", pdf.render)


def docx_file(sample: SampleReport, extension: str = ".docx") -> File:
    """Return the report as a DOCX, under another ``extension`` if given (WPS writes .wps)."""
    return _file(sample, extension, docx.render)


def _file(
    sample: SampleReport, extension: str, render: Callable[[SampleReport], bytes], reading: Reading = "exact"
) -> File:
    return File(extension, lambda: render(sample), f"{render.__module__}.{render.__name__}/{_key(sample)}", reading)


def _key(sample: SampleReport) -> str:
    return f"{sample.organ.key}/{sample.report.year}/{sample.report.content_sha256()}"


def rtf_file(sample: SampleReport, extension: str = ".doc") -> File:
    """Return the report as RTF, by default under the name that portals give it."""
    return _file(sample, extension, rtf.render, "converted")


def word_page_file(sample: SampleReport) -> File:
    """Return the report as the web page that Word saves, under the name .doc."""
    return _file(sample, ".doc", _word_page)


def _word_page(sample: SampleReport) -> bytes:
    title = html.text(sample.report.title)
    head = (
        '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">\n'
        '<head><meta http-equiv="Content-Type" content="text/html; charset=gb2312">\n'
        f"<meta name=ProgId content=Word.Document><title>{title}</title></head>\n<body lang=ZH-CN>\n"
    )
    body = f"<div class=Section1><p class=MsoNormal align=center><b>{title}</b></p>\n{html.render(sample)}</div>"
    return (head + body + "</body></html>").encode("gb18030")


def ofd_file(sample: SampleReport) -> File:
    """Return the report's prose as an OFD."""
    return _file(sample, ".ofd", ofd.render, "unreadable")


def rar_file(sample: SampleReport) -> File:
    """Return a RAR archive with the report as a PDF inside.

    A DOCX, which is a ZIP file, makes some unpackers take an archive that only stores it for ZIP.
    """
    return _file(sample, ".rar", _packed, "unpacked")


def scan_file(sample: SampleReport) -> File:
    """Return the report as a PDF of pictures."""
    return _file(sample, ".pdf", scan.render_pdf, "pictures")


def picture_files(sample: SampleReport, count: int) -> list[File]:
    """Return the report as ``count`` JPEG pictures."""

    def one(number: int) -> File:
        def render(sample: SampleReport) -> bytes:
            return scan.render_pictures(sample, count)[number]

        return File(".jpg", lambda: render(sample), f"{number}/{_key(sample)}", "pictures")

    return [one(number) for number in range(count)]


def _packed(sample: SampleReport) -> bytes:
    return rar.pack({f"{sample.report.year}nb.pdf": pdf.render(sample)})
