"""What the reading pool costs, how an import scales over processors, and whether its memory stays flat.

Run from the checkout on an idle machine: ``python benchmarks/reading_pool.py [--documents N]``.
"""

from __future__ import annotations

import os
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archive.sandbox import Sandbox  # noqa: E402
from benchmarks.import_documents import write_documents  # noqa: E402
from parsers.extract import Origin, extract  # noqa: E402

_SAMPLES_PER_SECOND = 5
_RESIDENT = re.compile(r"VmRSS:\s+(\d+) kB")


def overhead(files: list[Path]) -> Iterator[tuple[str, float, float]]:
    """Per format: median milliseconds in this process, and what the pool adds when given one file at a time."""
    documents = [(path.suffix, (path.read_bytes(), Origin(file_name=path.name))) for path in files]
    inside: dict[str, list[float]] = defaultdict(list)
    added: dict[str, list[float]] = defaultdict(list)
    with Sandbox(extract, 1) as sandbox:
        # Caches are filled on both sides first.
        list(sandbox.results(document for _suffix, document in documents))
        for _suffix, document in documents:
            extract(*document)
        for suffix, document in documents:
            began = time.perf_counter()
            extract(*document)
            here = time.perf_counter() - began
            began = time.perf_counter()
            list(sandbox.results([document]))
            inside[suffix].append(here * 1000)
            added[suffix].append((time.perf_counter() - began - here) * 1000)
    for suffix, times in inside.items():
        yield suffix, statistics.median(times), statistics.median(added[suffix])


class Import:
    """One ``nianbao import`` into a new archive, confined to some processors."""

    def __init__(self, folder: Path, processors: set[int], workers: int) -> None:
        self.samples: list[tuple[int, int, int]] = []
        with tempfile.TemporaryDirectory() as working:
            began = time.perf_counter()
            process = subprocess.Popen(
                [sys.executable, "-m", "nianbao", "import", str(folder), "--workers", str(workers)],
                cwd=working,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=lambda: os.sched_setaffinity(0, processors),
            )
            while process.poll() is None:
                self._sample(Path(working) / "archive.db", process.pid)
                time.sleep(1 / _SAMPLES_PER_SECOND)
            self.seconds = time.perf_counter() - began
        if process.returncode:
            raise click.ClickException(f"the import ended with exit status {process.returncode}")

    def _sample(self, database: Path, session: int) -> None:
        """Note (documents read, megabytes of the command, megabytes of all its processes)."""
        try:
            connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)
            ((read,),) = connection.execute("SELECT count(*) FROM _extractions").fetchall()
            connection.close()
        except sqlite3.Error:
            return
        resident = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(stat.read_text().rpartition(")")[2].split()[3]) == session:
                    resident[int(stat.parent.name)] = int(_RESIDENT.findall((stat.parent / "status").read_text())[0])
            except (OSError, IndexError):
                continue
        self.samples.append((read, resident.get(session, 0) // 1000, sum(resident.values()) // 1000))

    def peak(self, first: int, last: int) -> tuple[int, int]:
        """Most megabytes of the command, and of all its processes, while documents ``first`` to ``last`` were read."""
        there = [sample for sample in self.samples if first <= sample[0] <= last]
        return max((one for _n, one, _all in there), default=0), max((every for _n, _one, every in there), default=0)


@click.command()
@click.option("--documents", type=click.IntRange(min=200), default=1000, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
def main(documents: int, rounds: int) -> None:
    """Print the pool's cost a document, the rate on one and on two processors, and memory early and late."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_documents(folder, documents)
        click.echo("format     ms in this process   ms that the pool adds")
        for suffix, inside, added in overhead(files[:60]):
            click.echo(f"{suffix:<10} {inside:18.1f} {added:23.1f}")
        processors = sorted(os.sched_getaffinity(0))[:2]
        ratios = []
        for _ in range(rounds):
            one = Import(folder, {processors[0]}, 1)
            both = Import(folder, set(processors), 2)
            ratios.append(one.seconds / both.seconds)
            click.echo(f"one processor {one.seconds:.1f} s, two {both.seconds:.1f} s: {ratios[-1]:.2f} times the rate")
        click.echo(f"median {statistics.median(ratios):.2f}")
        count = len(files)
        for label, (command, every) in {
            "first": both.peak(50, 150),
            "last": both.peak(count - 100, count),
        }.items():
            click.echo(f"{label} hundred: command {command} MB, all processes {every} MB")


if __name__ == "__main__":
    main()
