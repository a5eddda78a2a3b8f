"""How fast documents are read, as ratios against other programs' work on the same bytes in the same run.

Ratios are of this process's processor time (user and system), so that other programs' load distorts them least;
both sides are measured in turn, and the medians given.

Run from the checkout: ``python -m benchmarks.speeds``; ``make bench-extraction`` prints it below
the table of the corpus.
"""

from __future__ import annotations

import gc
import io
import logging
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pdfplumber
from bs4 import BeautifulSoup

import checks
from archive.sandbox import Sandbox
from benchmarks.corpus.build import build, chosen
from benchmarks.corpus.scoring import score
from benchmarks.corpus.truth import CorpusDocument
from benchmarks.drawn_pdfs import Dialect, draw_document
from benchmarks.portal_frame import framed as framed_page
from parsers.document import Cell, Document, Table
from parsers.extract import Origin, extract
from parsers.readers.pdf import read_pdf
from parsers.report import Report
from parsers.tables import read_tables

PDF_AT_LEAST = 5.0
HTML_AT_MOST = 1.5
POOL_AT_MOST_MS = 20.0
ROUNDS = 9
_FEW = 3
_PDF_DIALECTS = ("pdf-plain", "pdf-short-pages")
_PDF_PRODUCERS = ("chromium", "libreoffice", "weasyprint")
_DRAWN = Dialect(*[""] * 12, size=8.0, pad=2.0, share=1.0)
_HTML_DIALECTS = (
    "hand/html-inline-word",
    "hand/html-mixed",
    "hand/html-inline-plain",
    "hand/html-container-trs",
    "hand/html-container-jpaas",
    "hand/html-container-hanweb",
)
_BY_WORD_PROCESSOR = frozenset(["html-inline-word", "html-mixed"])


@dataclass(frozen=True, slots=True)
class Speed:
    """A measured ratio or time and its limit."""

    name: str
    value: float
    limit: float
    at_least: bool
    unit: str = "×"
    note: str = ""

    @property
    def held(self) -> bool:
        """Whether the limit is kept."""
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        verdict = "" if self.held else "   FELL SHORT"
        return f"{self.name:<58} {self.value:7.2f} {self.unit:<2} (limit {sign} {self.limit:g}) {self.note}{verdict}"


# pdfminer warns of every font without a box.
logging.getLogger("pdfminer").setLevel(logging.ERROR)


def _seconds(work: Callable[[], object], clock: Callable[[], float] = time.process_time) -> float:
    """Seconds of this process's own work, so that other programs' load does not count.

    Nor does the garbage of what was measured before: a bare tree is all cycles, left for the collector.
    """
    gc.collect()
    began = clock()
    work()
    return clock() - began


def _documents(dialects: Sequence[str], seed: int, count: int) -> list[CorpusDocument]:
    keys = [one for one in chosen(()) if one.key in dialects]
    return list(build(keys, seed, count, tell=lambda line: None))


def pdf_documents(seed: int, count: int) -> Iterator[tuple[str, list[CorpusDocument]]]:
    """Documents of each program that makes PDF here, reportlab first."""
    drawn = [draw_document(number, _DRAWN)[0] for number in range(seed, seed + count * len(_PDF_DIALECTS))]
    yield "reportlab", drawn
    for producer in _PDF_PRODUCERS:
        yield producer, _documents([f"{producer}/{dialect}" for dialect in _PDF_DIALECTS], seed, count)


def pdf_speed(producer: str, documents: Sequence[CorpusDocument], rounds: int) -> Speed | None:
    """Our reader against ``extract_tables`` on all pages, both with the cells that come out right."""
    if not documents:
        return None
    ratios = []
    for _round in range(rounds):
        ours = _seconds(lambda: [read_pdf(document.payload) for document in documents])
        plain = _seconds(lambda: [_extract_tables(document.payload) for document in documents])
        ratios.append(plain / ours)
    exact = plain_exact = cells = 0
    for document in documents:
        ours_score = score(extract(document.payload, Origin()), document.truth)
        exact, cells = exact + ours_score.exact, cells + ours_score.cells
        plain_exact += _plainly_exact(document)
    note = f"cells right: {exact}/{cells}, of extract_tables: {plain_exact}/{cells}"
    name = f"PDF of {producer}, against pdfplumber's extract_tables"
    return Speed(name, statistics.median(ratios), PDF_AT_LEAST, True, note=note)


def _extract_tables(payload: bytes) -> list[list[list[str | None]]]:
    with pdfplumber.open(io.BytesIO(payload)) as opened:
        return [table for page in opened.pages for table in page.extract_tables()]


def _plainly_exact(document: CorpusDocument) -> int:
    """Cells that are right when the tables come from ``extract_tables`` and all else is ours."""
    blocks = []
    for rows in _extract_tables(document.payload):
        cells = [
            Cell((text or "").replace("\n", ""), row, column)
            for row, texts in enumerate(rows)
            for column, text in enumerate(texts)
            if text is not None
        ]
        blocks.append(Table(cells))
    tables = read_tables(Document("application/pdf", blocks=list(blocks)))
    report = Report("", 0, "", disclosures=tables.disclosures, requests=tables.requests, reviews=tables.reviews)
    read = {name: reading.number for name, reading in report.readings()}
    return sum(read.get(name) == due for name, due in document.truth.cells.items())


def html_speed(name: str, pages: Sequence[bytes], rounds: int) -> Speed | None:
    """Bytes to checked report against one bare parse of the same bytes, one after the other."""
    if not pages:
        return None
    ratios = []
    for _round in range(rounds):
        for page in pages:
            ours = _seconds(lambda payload=page: _checked(payload))  # type: ignore[misc]
            bare = _seconds(lambda payload=page: BeautifulSoup(payload, "lxml"))  # type: ignore[misc]
            ratios.append(ours / bare)
    sizes = f"{min(map(len, pages)) / 1000:.0f}–{max(map(len, pages)) / 1000:.0f} kB"
    return Speed(
        f"{name}, against a bare BeautifulSoup parse", statistics.median(ratios), HTML_AT_MOST, False, note=sizes
    )


def html_speeds(documents: Sequence[CorpusDocument], further: Sequence[Path], rounds: int) -> Iterator[Speed | None]:
    """Speeds of pages as portals serve them, of articles without a frame, and of each ``further`` page."""
    framed = [framed_page(document.payload.decode()).encode() for document in documents]
    yield html_speed("HTML as portals serve it", framed, rounds)
    typed = [document.payload for document in documents if document.dialect in _BY_WORD_PROCESSOR]
    yield html_speed("HTML article alone, from a word processor", typed, rounds)
    yield html_speed(
        "HTML article alone", [item.payload for item in documents if item.dialect not in _BY_WORD_PROCESSOR], rounds
    )
    for path in further:
        yield html_speed(path.stem, [path.read_bytes()], rounds)


def _checked(payload: bytes) -> None:
    outcome = extract(payload, Origin())
    if isinstance(outcome, Report):
        checks.run(outcome)


def pool_overhead(documents: Sequence[CorpusDocument], rounds: int) -> Speed:
    """Milliseconds that a document costs more in a pool of one process than in this one."""
    work = [(document.payload, Origin(file_name=document.file_name)) for document in documents]
    overheads = []
    with Sandbox(extract, 1) as sandbox:
        list(sandbox.results(work))  # the process is up and warm
        for _round in range(rounds):
            inside = _seconds(lambda: list(sandbox.results(work)), time.perf_counter)
            here = _seconds(lambda: [extract(payload, origin) for payload, origin in work], time.perf_counter)
            overheads.append((inside - here) / len(work) * 1000)
    return Speed(
        "pool of processes, more than in-process", statistics.median(overheads), POOL_AT_MOST_MS, False, unit="ms"
    )


def measure(seed: int, count: int, rounds: int = ROUNDS, further: Sequence[Path] = ()) -> list[Speed]:
    """All speeds that can be measured with the renderers installed; ``further`` are pages to measure beside them."""
    # Many pages seldom instead of few often: what is remembered of one is no help with the next.
    pages = _documents(_HTML_DIALECTS, seed, count * _FEW)
    found = [pdf_speed(*made, min(rounds, _FEW)) for made in pdf_documents(seed, count)]
    found += html_speeds(pages, further, max(rounds // _FEW, 1))
    found.append(pool_overhead(pages, rounds))
    return [one for one in found if one is not None]


@click.command()
@click.option("--seed", default=2021, show_default=True)
@click.option("--count", default=3, show_default=True, help="Documents of each dialect.")
@click.option("--rounds", default=ROUNDS, show_default=True)
@click.option("--page", "pages", multiple=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def main(seed: int, count: int, rounds: int, pages: tuple[Path, ...]) -> None:
    """Print the speeds, medians of all rounds; each PAGE is an HTML file to be measured too."""
    for speed in measure(seed, count, rounds, pages):
        click.echo(str(speed))


if __name__ == "__main__":
    main()
