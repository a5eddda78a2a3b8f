"""How fast documents become reports: end to end, stage by stage, and how workers and memory scale.

Run from the checkout: ``python benchmarks/import_documents.py [--documents N] [--scaling]``.
"""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import checks  # noqa: E402
from archive import times  # noqa: E402
from archive.extraction import extract_pending  # noqa: E402
from archive.reports import Extracted, store_extractions  # noqa: E402
from archive.store import Archive  # noqa: E402
from parsers.document import UnreadableDocumentError  # noqa: E402
from parsers.extract import PARSER_VERSION, Origin, extract  # noqa: E402
from parsers.readers import read  # noqa: E402
from parsers.recognise import identify, refusal_by_content  # noqa: E402
from parsers.report import Report  # noqa: E402
from parsers.sections import read_sections  # noqa: E402
from parsers.tables import read_tables  # noqa: E402
from sample import docx, html, pdf  # noqa: E402
from sample.generator import SampleReport, generate  # noqa: E402

ROUNDS = 3
TWO_WORKERS_AT_LEAST = 1.7
WINDOW = 100  # documents: the first ones warm up, the next and the last ones are compared
SAMPLE_SECONDS = 0.2
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


def write_documents(folder: Path, count: int) -> list[Path]:
    """Write ``count`` different reports in turn as HTML, PDF and DOCX, and the real cases if they are there."""
    samples = (sample for seed in itertools.count(2019) for sample in generate(seed).phase(1))
    kinds = itertools.cycle(RENDERERS.items())
    written = []
    for number, sample, (suffix, render) in zip(range(count), samples, kinds, strict=False):
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


@dataclass(slots=True)
class Imported:
    """One import: seconds, and the peak of resident megabytes over the first and the last documents."""

    seconds: float = 0.0
    first_mb: float = 0.0
    last_mb: float = 0.0


def import_with(folder: Path, workers: int) -> Imported:
    """Read every captured document of ``folder`` with so many workers, in a process of its own.

    The captures are made before the clock starts: what is compared is reading, storing and indexing.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.import_documents", "--extract", str(folder), "--workers", str(workers)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise click.ClickException(f"the extraction failed: {done.stderr.strip()[-500:]}")
    return Imported(*map(float, done.stdout.split()))


def extract_once(folder: Path, workers: int) -> Imported:
    """Capture the files of ``folder`` into a new archive, then extract them and watch the memory."""
    result = Imported()
    with tempfile.TemporaryDirectory() as working, Archive.open(Path(working) / "archive.db") as archive:
        with archive.write_lock():
            run_id = archive.begin_run("benchmark")
            files = sorted(path for path in folder.iterdir() if path.is_file())
            for path in files:
                origin = Origin(file_name=path.name)
                archive.record_capture(run_id, None, path.read_bytes(), fetched_at=times.now(), origin=origin)
            watch = _MemoryWatch()
            with watch:
                began = time.perf_counter()
                extract_pending(archive, run_id, workers=workers, progress=lambda outcome: watch.advance())
                result.seconds = time.perf_counter() - began
        result.first_mb, result.last_mb = watch.peaks(len(files))
    return result


class _MemoryWatch(threading.Thread):
    """Samples the resident memory of this process and of all that it started."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._done = 0
        self._samples: list[tuple[int, float]] = []
        self._over = threading.Event()

    def __enter__(self) -> _MemoryWatch:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self.join()

    def advance(self) -> None:
        """Count a document as done."""
        self._done += 1

    def run(self) -> None:
        while not self._over.wait(SAMPLE_SECONDS):
            self._samples.append((self._done, sum(map(_resident_mb, _family(os.getpid())))))

    def peaks(self, documents: int) -> tuple[float, float]:
        """Peaks over the hundred documents after the warm-up, and over the last hundred."""
        window = min(WINDOW, documents // 4)
        first = [mb for done, mb in self._samples if window <= done < 2 * window]
        last = [mb for done, mb in self._samples if done >= documents - window]
        return max(first, default=0.0), max(last, default=0.0)


def _family(pid: int) -> list[int]:
    """A process and all its descendants, as Linux lists them."""
    found = [pid]
    for one in found:
        for task in Path(f"/proc/{one}/task").glob("*/children"):
            with suppress(OSError):
                found += map(int, task.read_text().split())
    return found


def _resident_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@click.command()
@click.option("--documents", type=click.IntRange(min=3), default=72, show_default=True, help="Sample files to write.")
@click.option("--rounds", type=click.IntRange(min=1), default=ROUNDS, show_default=True)
@click.option("--scaling", is_flag=True, help="Compare two workers with one, and watch the memory.")
@click.option("--extract", "folder_to_extract", type=click.Path(path_type=Path), hidden=True)
@click.option("--workers", default=2, hidden=True)
def main(documents: int, rounds: int, scaling: bool, folder_to_extract: Path | None, workers: int) -> None:
    """Print documents per second and milliseconds by stage, or how two workers compare with one.

    Medians of all rounds.
    """
    if folder_to_extract is not None:
        imported = extract_once(folder_to_extract, workers)
        click.echo(f"{imported.seconds} {imported.first_mb} {imported.last_mb}")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_documents(folder, documents)
        if scaling:
            print_scaling(folder, len(files), rounds)
            return
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


def print_scaling(folder: Path, documents: int, rounds: int) -> None:
    """Print how many times as fast two workers are as one, and how the memory goes."""
    ratios, flat = [], []
    for _round in range(rounds):
        one, two = import_with(folder, 1), import_with(folder, 2)
        ratios.append(one.seconds / two.seconds)
        flat += [one.last_mb - one.first_mb, two.last_mb - two.first_mb]
        for workers, imported in ((1, one), (2, two)):
            click.echo(
                f"{workers} worker(s)  {documents} documents in {imported.seconds:7.1f} s, peak memory "
                f"{imported.first_mb:.0f} MB over the first hundred, {imported.last_mb:.0f} MB over the last"
            )
    ratio = statistics.median(ratios)
    click.echo(f"two workers against one   {ratio:5.2f} × (limit ≥ {TWO_WORKERS_AT_LEAST:g})")
    click.echo(f"memory, last over first   {statistics.median(flat):+5.0f} MB (limit ≤ 0)")


if __name__ == "__main__":
    main()
