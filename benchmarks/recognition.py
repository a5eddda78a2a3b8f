"""How well scans are read, by printer and damage: figures that printed sums can bear out, all others, seconds, memory.

    python -m benchmarks.recognition [--reports 10] [--dpi 150 200] [--how clean noisy] [--printer reportlab docx html]

The reports are dealt out to the printers, so that each prints others. Needs the extra ``ocr`` and, by printer,
LibreOffice (``docx``) or Chromium (``html``).
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.scans import SPOILT, scan
from parsers.confirmation import borne_out
from parsers.extract import Origin, Refusal, extract_scan
from parsers.report import Report
from parsers.titles import read_title
from sample import docx, html, pdf
from sample.generator import SampleReport, generate

_STYLE = "table{border-collapse:collapse;width:100%}td{border:1px solid;padding:2px;font-size:10pt}h1{font-size:18pt}"


def samples(count: int) -> list[SampleReport]:
    """The reports with the most requests, one an organ before any organ comes again."""
    busiest = sorted(generate().reports, key=lambda item: -(item.report.requests["new"]["total"].number or 0))
    seen: Counter[str] = Counter()
    turns = []
    for item in busiest:
        turns.append(seen[item.report.organ])
        seen[item.report.organ] += 1
    return [item for _turn, item in sorted(zip(turns, busiest, strict=True), key=lambda pair: pair[0])][:count]


def by_word_processor(sample: SampleReport) -> bytes:
    """The DOCX rendering as LibreOffice prints it."""
    return _printed(docx.render(sample), ".docx", ["soffice", "--headless", "--convert-to", "pdf"])


def by_browser(sample: SampleReport) -> bytes:
    """The HTML rendering as Chromium prints it."""
    page = f"<h1>{escape(sample.report.title)}</h1>{html.render(sample)}"
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    source = f"<!doctype html><meta charset=utf-8><style>{_STYLE}</style>{page}".encode()
    return _printed(source, ".html", [*browser, "--print-to-pdf=source.pdf"])


def _printed(source: bytes, suffix: str, command: list[str]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"source{suffix}")
        path.write_bytes(source)
        subprocess.run([*command, str(path)], cwd=folder, check=True, capture_output=True, timeout=120)
        return path.with_suffix(".pdf").read_bytes()


PRINTERS: dict[str, Callable[[SampleReport], bytes]] = {
    "reportlab": pdf.render,
    "docx": by_word_processor,
    "html": by_browser,
}


@dataclass(slots=True)
class Tally:
    """What became of the printed figures of scans.

    ``cells`` and ``right`` count all cells by table, blank ones included. Figures of tables 三 and 四 through
    which complete relations hold as printed are ``confirmable``: of these ``exact`` were read and ``null`` were
    not. All others, those of table 二 among them, are ``unconfirmable``; nothing bears them out, so they must be
    ``withheld``. ``wrong`` are wrong in silence. ``others`` counts refusals and wrong organs and years, which are
    wrong in silence as a whole.
    """

    cells: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    confirmable: int = 0
    exact: int = 0
    null: int = 0
    unconfirmable: int = 0
    withheld: int = 0
    wrong: int = 0
    others: Counter[str] = field(default_factory=Counter)
    losses: list[str] = field(default_factory=list)
    pages: int = 0
    wall: float = 0.0
    processor: float = 0.0
    memory: float = 0.0

    def add(self, truth: Report, found: Report | Refusal) -> None:
        """Count the cells of ``truth`` by what became of them."""
        sure = borne_out(truth.requests, truth.reviews)
        printed = {name for name, reading in truth.readings() if reading.kind == "number"}
        self.cells.update(name.partition(".")[0] for name, _reading in truth.readings())
        self.confirmable += len(printed & sure)
        self.unconfirmable += len(printed - sure)
        if isinstance(found, Refusal):
            self.null += len(printed & sure)
            self.withheld += len(printed - sure)
            self.others[f"refused {found.reason}"] += 1
            self.losses.append(f"{truth.title}: {found.reason}: {found.detail}")
            return
        if wrong := (found.year != truth.year) + (found.organ not in (truth.organ, *_organ_in_title(truth))):
            self.others["wrong identity"] += wrong
            self.losses.append(f"WRONG {truth.title}: taken for {found.organ} {found.year}")
        readings = dict(found.readings())
        lost = set()
        for name, reading in truth.readings():
            seen = readings.pop(name, None)
            number = seen.number if seen is not None and seen.kind == "number" else None
            blank = number is None and reading.number is None and seen is not None and seen.kind == "blank"
            if blank or (number is not None and number == reading.number):
                self.right[name.partition(".")[0]] += 1
                self.exact += name in sure and not blank
            elif number is None:
                lost.add(name)
                self.null += name in printed & sure
                self.withheld += name in printed - sure
            else:
                self.wrong += 1
                self.losses.append(f"WRONG {truth.title} {name}: {reading.number} read as {number}")
        self.wrong += sum(seen.kind == "number" for seen in readings.values())
        self._explain(truth, found, lost)

    def _explain(self, truth: Report, found: Report, lost: set[str]) -> None:
        for problem in found.problems:
            cells = lost.intersection(problem.cells)
            if cells and not any(cell.startswith("disclosures") for cell in cells):
                self.losses.append(f"{truth.title}: {len(cells)} cells: {problem.message}: {problem.evidence}")
            lost -= cells
        rows = sorted({name.rpartition(".")[0] for name in lost if not name.startswith("disclosures")})
        if rows:
            self.losses.append(f"{truth.title}: null without a finding of its own: {', '.join(rows)}")

    def __str__(self) -> str:
        others = "".join(f", {count} {what}" for what, count in self.others.items())
        pages = max(self.pages, 1)
        cells = self.cells.total()
        return (
            f"confirmable {_share(self.exact, self.confirmable)} exact, {self.null} null; "
            f"unconfirmable {_share(self.withheld, self.unconfirmable)} withheld; "
            f"{self.wrong} wrong in silence{others}; all cells {_share(self.right.total(), cells)} right; "
            f"{self.pages} pages, {self.wall / pages:.1f} s ({self.processor / pages:.1f} of the processor) each, "
            f"{self.memory:.0f} MB"
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):5.1f} % of {whole}"


def _organ_in_title(truth: Report) -> Iterator[str]:
    """The organ's name as the title prints it."""
    if (title := read_title(truth.title)) and title.organ:
        yield title.organ


def read(payload: bytes) -> tuple[Report | Refusal, float, float, float]:
    """Read a scan; return what was read, seconds by the clock and of the processor, peak memory in MB."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = extract_scan(payload, Origin())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found, time.perf_counter() - wall, time.process_time() - cpu, memory


def main() -> None:
    """Print a line for each printer, resolution and damage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=10)
    parser.add_argument("--dpi", type=int, nargs="+", default=[150, 200])
    parser.add_argument("--how", nargs="+", choices=list(SPOILT), default=["clean"])
    parser.add_argument("--printer", nargs="+", choices=list(PRINTERS), default=list(PRINTERS))
    parser.add_argument("--losses", action="store_true", help="also print which cells were lost, and why")
    arguments = parser.parse_args()
    printers = arguments.printer
    chosen = [(printers[at % len(printers)], item) for at, item in enumerate(samples(arguments.reports))]
    printed = [(printer, item, PRINTERS[printer](item)) for printer, item in chosen]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for dpi in arguments.dpi:
            for how in arguments.how:
                tallies = {printer: Tally() for printer in printers}
                for seed, (printer, item, payload) in enumerate(printed):
                    tally = tallies[printer]
                    found, seconds, processor, peak = pool.apply(read, (scan(payload, dpi, how, seed),))
                    tally.add(item.report, found)
                    tally.pages += len(pdfium.PdfDocument(payload))
                    tally.wall, tally.processor = tally.wall + seconds, tally.processor + processor
                    tally.memory = max(tally.memory, peak)
                for printer, tally in tallies.items():
                    print(f"{printer:9} {dpi} dpi {how:12} {tally}", flush=True)
                    if arguments.losses or tally.wrong:
                        for loss in tally.losses:
                            print(f"    {loss}", flush=True)


if __name__ == "__main__":
    main()
