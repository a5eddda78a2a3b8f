"""How well scans are read: cells right, null and wrong in silence, seconds and memory, by resolution and damage.

    python benchmarks/recognition.py [--reports 10] [--dpi 150 200] [--how clean noisy] [--printer reportlab]

Needs the extras ``ocr`` and ``sample``; other printers need LibreOffice (``docx``) or Chromium (``html``).
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
from pathlib import Path

from benchmarks.scans import SPOILT, scan
from parsers.extract import Origin, Refusal, extract_scan
from parsers.report import Report
from sample import docx, html, pdf
from sample.generator import SampleReport, generate


def samples(count: int) -> list[SampleReport]:
    """Reports of the busiest organs first, each of another year or edition."""
    reports = generate().reports
    return sorted(reports, key=lambda item: -(item.report.requests["new"]["total"].number or 0))[:count]


def by_word_processor(sample: SampleReport) -> bytes:
    """The DOCX rendering as LibreOffice prints it."""
    return _printed(docx.render(sample), ".docx", ["soffice", "--headless", "--convert-to", "pdf"])


def by_browser(sample: SampleReport) -> bytes:
    """The HTML rendering as Chromium prints it."""
    page = "".join(f"<p>{text}</p>" for text in (f"<h1>{sample.report.title}</h1>", *sample.preamble)) + html.article(
        sample
    )
    style = "<style>table{border-collapse:collapse}td{border:1px solid;padding:2px}</style>"
    browser = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
    return _printed(f"<meta charset=utf-8>{style}{page}".encode(), ".html", [*browser, "--print-to-pdf=source.pdf"])


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


def score(truth: Report, found: Report | Refusal) -> Counter[str]:
    """Count the cells of ``truth`` by what became of them; a wrong organ or year is wrong in silence too."""
    counts: Counter[str] = Counter()
    if isinstance(found, Refusal):
        cells = sum(1 for _ in truth.readings())
        return Counter({"cells": cells, "null": cells, f"refused {found.reason}": 1})
    counts["wrong identity"] += (found.year != truth.year) + (found.organ not in (truth.organ, *truth_names(truth)))
    readings = dict(found.readings())
    for name, reading in truth.readings():
        seen = readings.pop(name, None)
        number = seen.number if seen is not None and seen.kind == "number" else None
        counts["cells"] += 1
        checkable = not name.startswith("disclosures")
        counts["checkable"] += checkable
        if number is None:
            blank = reading.number is None and seen is not None and seen.kind == "blank"
            counts["right" if blank else "null"] += 1
            counts["right and checkable"] += blank and checkable
        else:
            right = number == reading.number
            counts["right" if right else "wrong"] += 1
            counts["right and checkable"] += right and checkable
            if not right:
                print(f"    WRONG {truth.title} {name}: {reading.number} read as {number}", flush=True)
    counts["wrong"] += sum(seen.kind == "number" for seen in readings.values())
    return counts


def truth_names(truth: Report) -> Iterator[str]:
    """The organ's name as the title prints it."""
    from parsers.titles import read_title

    if (title := read_title(truth.title)) and title.organ:
        yield title.organ


def read(payload: bytes) -> tuple[Report | Refusal, float, float, float]:
    """Read a scan; return what was read, seconds by the clock and of the processor, peak memory in MB."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = extract_scan(payload, Origin())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found, time.perf_counter() - wall, time.process_time() - cpu, memory


def main() -> None:
    """Print a line for each resolution and damage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reports", type=int, default=10)
    parser.add_argument("--dpi", type=int, nargs="+", default=[150, 200])
    parser.add_argument("--how", nargs="+", choices=list(SPOILT), default=list(SPOILT))
    parser.add_argument("--printer", choices=list(PRINTERS), default="reportlab")
    arguments = parser.parse_args()
    chosen = samples(arguments.reports)
    printed = [PRINTERS[arguments.printer](sample) for sample in chosen]
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        for dpi in arguments.dpi:
            for how in arguments.how:
                counts: Counter[str] = Counter()
                wall = cpu = memory = 0.0
                pages = 0
                for seed, (sample, payload) in enumerate(zip(chosen, printed, strict=True)):
                    scanned = scan(payload, dpi, how, seed)
                    pages += scanned.count(b"/Type /Page\n") or scanned.count(b"/Type /Page ")
                    found, seconds, processor, peak = pool.apply(read, (scanned,))
                    counts += score(sample.report, found)
                    wall, cpu, memory = wall + seconds, cpu + processor, max(memory, peak)
                cells, checkable = counts["cells"], max(counts["checkable"], 1)
                share = {name: 100 * counts[name] for name in ("right", "right and checkable")}
                others = {name: count for name, count in counts.items() if name.startswith(("refused", "wrong i"))}
                print(
                    f"{arguments.printer} {dpi} dpi {how:13} {cells} cells: {share['right'] / cells:5.1f} %"
                    f" right ({share['right and checkable'] / checkable:.1f} of the checkable), {counts['null']} null,"
                    f" {counts['wrong']} wrong in silence {others or ''}; {wall / max(pages, 1):.1f} s"
                    f" ({cpu / max(pages, 1):.1f} of the processor) a page, {memory:.0f} MB",
                    flush=True,
                )


if __name__ == "__main__":
    main()
