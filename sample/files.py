"""The reports' attachments, rendered once."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from parsers.report import Reading, Readings, Section
from sample import docx, pdf
from sample.generator import SampleReport


class Files:
    """Renders attachments when first asked for, and keeps them."""

    def __init__(self) -> None:
        self._rendered: dict[tuple[str, int], bytes] = {}

    def of(self, sample: SampleReport) -> bytes:
        """Return the file that goes with ``sample``, PDF or DOCX as its delivery says."""
        if sample.key not in self._rendered:
            render = docx.render if sample.delivery == "page_docx" else pdf.render
            self._rendered[sample.key] = render(sample)
        return self._rendered[sample.key]


@cache
def files_of_seed(seed: int) -> Files:
    """Return the one collection that all servers of a seed share in this process."""
    return Files()


def extension(sample: SampleReport) -> str:
    """Return the file name extension of ``sample``'s file, with its dot."""
    return ".docx" if sample.delivery == "page_docx" else ".pdf"


def blank_form(like: SampleReport) -> bytes:
    """Return the form with nothing filled in, as a notice about compiling reports carries it."""
    report = replace(
        like.report,
        organ="",
        title="（行政机关名称）20××年政府信息公开工作年度报告",
        sections=[
            Section(part.number, part.heading, "（文字描述）" if part.text else "") for part in like.report.sections
        ],
        disclosures=_emptied(like.report.disclosures),
        requests=_emptied(like.report.requests),
        reviews=_emptied(like.report.reviews),
    )
    return docx.render(replace(like, report=report, preamble=()))


def _emptied(table: Readings) -> Readings:
    return {row: dict.fromkeys(cells, Reading("blank")) for row, cells in table.items()}
