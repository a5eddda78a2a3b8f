"""How fast documents become reports: end to end, and stage by stage.

Run from the checkout: ``python benchmarks/import_documents.py [--documents N]``; how an import
scales over processors is measured by ``benchmarks/reading_pool.py``.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import checks  # noqa: E402
from archive import times  # noqa: E402
from archive.reports import Extracted, store_extractions  # noqa: E402
from archive.store import Archive  # noqa: E402
from parsers.divisions import PROVINCES, by_code  # noqa: E402
from parsers.document import UnreadableDocumentError  # noqa: E402
from parsers.extract import PARSER_VERSION, Origin, extract  # noqa: E402
from parsers.readers import read  # noqa: E402
from parsers.recognise import identify, refusal_by_content  # noqa: E402
from parsers.report import Report  # noqa: E402
from parsers.sections import read_sections  # noqa: E402
from parsers.tables import read_tables  # noqa: E402
from sample import docx, html, pdf  # noqa: E402
from sample.generator import YEARS, History, SampleReport  # noqa: E402
from sample.organs import ORGANS, Region  # noqa: E402

ROUNDS = 3
BATCH_DOCUMENTS = 50
CASES = next(
    (found for folder in ROOT.parents if (found := folder / "shared" / "cases").is_dir()),
    ROOT.parent / "shared" / "cases",
)
STAGES = ("capture", "read", "tables", "sections and recognise", "checks", "store and index")


def _page(sample: SampleReport) -> bytes:
    title = sample.report.title
    head = f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}<body><h1>{title}</h1>{html.render(sample)}</body></html>".encode()


RENDERERS: dict[str, Callable[[SampleReport], bytes]] = {".html": _page, ".pdf": pdf.render, ".docx": docx.render}


def _samples() -> Iterator[SampleReport]:
    """Reports of organs of one county after the other, so that hardly two documents are of one organ and year."""
    codes = (
        f"{province}{city:02}{county:02}" for province in PROVINCES for city in range(1, 30) for county in range(90)
    )
    counties = (found for code in codes if (found := by_code(code)) and found.level == "county" and not found.until)
    for number, county in enumerate(counties):
        city = county.city or county.province
        region = Region(county.province.name, city.name, county.name, county.code)
        organ = ORGANS[number % len(ORGANS)]
        organ = replace(organ, name=region.full_name + organ.short, region=region)
        history = History(organ, seed=number, position=number)
        yield from (history.report(year, printed_organ=organ.name) for year in YEARS)


def write_documents(folder: Path, count: int) -> list[Path]:
    """Write ``count`` reports, of different organs and years, in turn as HTML, PDF and DOCX.

    The real cases are added if they are there.
    """
    kinds = itertools.cycle(RENDERERS.items())
    written = []
    for number, sample, (suffix, render) in zip(range(count), _samples(), kinds, strict=False):
        path = folder / f"{number:05}{suffix}"
        path.write_bytes(render(sample))
        written.append(path)
    for case in sorted(CASES.glob("*/*")):
        if case.suffix in (*RENDERERS, ".txt"):
            path = folder / f"case_{case.name}"
            path.write_bytes(case.read_bytes())
            written.append(path)
    return written


def import_seconds(folder: Path) -> float:
    """Wall time of ``nianbao import`` of a folder into a new archive."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as working:
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "nianbao", "import", str(folder)],
            cwd=working,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - began
    if done.returncode:
        raise click.ClickException(f"the import failed: {done.stderr.strip()}")
    return seconds


class Stopwatch:
    """Adds up seconds by name."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Count the time spent within to ``name``."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - began


def stage_seconds(payloads: Sequence[tuple[str, bytes]]) -> dict[str, float]:
    """Seconds that each stage takes over all documents (name, bytes), one after the other in this process.

    Storing builds the reports' rows, which runs their checks once more.
    """
    watch = Stopwatch()
    read_documents: list[Extracted] = []
    with tempfile.TemporaryDirectory() as working, Archive.open(Path(working) / "archive.db") as archive:
        run_id = archive.begin_run("benchmark")
        with archive.write_lock():
            for name, payload in payloads:
                origin = Origin(file_name=name)
                with watch.running("capture"):
                    sha256 = archive.record_capture(run_id, None, payload, fetched_at=times.now(), origin=origin)
                assert sha256
                _read_in_stages(payload, origin, watch)
                outcome = extract(payload, origin)
                if isinstance(outcome, Report):
                    with watch.running("checks"):
                        checks.run(outcome)
                read_documents.append(Extracted(sha256, f"urn:sha256:{sha256}", outcome, PARSER_VERSION))
            with watch.running("store and index"):
                for start in range(0, len(read_documents), BATCH_DOCUMENTS):
                    store_extractions(archive, read_documents[start : start + BATCH_DOCUMENTS], run_id)
    return watch.seconds


def _read_in_stages(payload: bytes, origin: Origin, watch: Stopwatch) -> None:
    try:
        with watch.running("read"):
            document = read(payload)
    except UnreadableDocumentError:
        return
    with watch.running("tables"):
        tables = read_tables(document)
    with watch.running("sections and recognise"):
        stated = [origin.title, origin.file_name]
        sections = read_sections(document.blocks)
        identity = identify(document, sections, stated, document.metadata.get("publisher"))
        refusal_by_content(identity, document, sections, tables, stated)


# Workers and memory ------------------------------------------------------------------------


@click.command()
@click.option("--documents", type=click.IntRange(min=3), default=72, show_default=True, help="Sample files to write.")
@click.option("--rounds", type=click.IntRange(min=1), default=ROUNDS, show_default=True)
def main(documents: int, rounds: int) -> None:
    """Print documents per second and milliseconds by stage, medians of all rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_documents(folder, documents)
        payloads = [(path.name, path.read_bytes()) for path in files]
        imports = [import_seconds(folder) for _ in range(rounds)]
    stages = [stage_seconds(payloads) for _ in range(rounds)]

    seconds = statistics.median(imports)
    click.echo(f"documents               {len(files)}, {rounds} rounds, {os.cpu_count()} cores")
    click.echo(f"nianbao import          {seconds:8.2f} s   {len(files) / seconds:8.1f} documents/s")
    click.echo("\nstage, one process      ms a document   share")
    medians = {stage: statistics.median(one[stage] for one in stages) for stage in STAGES}
    for stage, spent in medians.items():
        share = spent / sum(medians.values())
        click.echo(f"{stage:<23} {spent / len(files) * 1000:12.2f} {share:8.0%}")


if __name__ == "__main__":
    main()
