"""What checking costs: a full run over archives of two sizes, and a run after a hundred reports were altered.

``python -m benchmarks.checking [--sizes 10000,100000]``. Processor time is what is compared; wall time is told
beside it. Archives are made anew, or kept with ``--folder``.
"""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import click

from archive.checking import check
from archive.store import Archive
from benchmarks.corpus.synthetic_archive import alter, build

ALTERED = 100
GROWTH_ALLOWED = 1.5
INCREMENT_ALLOWED = 0.01


def _measure(path: Path) -> dict[str, float]:
    """A full run, then one after some reports were altered, in this process."""
    with Archive.open(path) as archive:
        stages: Counter[str] = Counter()
        told = [time.process_time()]

        def progress(stage: str, _count: int) -> None:
            now = time.process_time()
            stages[stage] += now - told[0]  # type: ignore[assignment]
            told[0] = now

        cpu, wall = time.process_time(), time.monotonic()
        summary = check(archive, everything=True, progress=progress)
        full = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
        ids = [row[0] for row in archive.db.conn.execute("SELECT id FROM reports ORDER BY id")]
        chosen = sorted(random.Random(3).sample(ids, min(ALTERED, len(ids))))
        cpu, wall = time.process_time(), time.monotonic()
        alter(archive, chosen)
        built = time.process_time() - cpu
        again = check(archive)
        increment = {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}
        found = archive.db.conn.execute("SELECT count(*) FROM findings").fetchone()[0]
    return {
        "reports": len(ids),
        "full_cpu": full["cpu"],
        "full_wall": full["wall"],
        "increment_cpu": increment["cpu"],
        "increment_wall": increment["wall"],
        "increment_build_cpu": built,
        "compared": summary.compared,
        "compared_again": again.compared,
        "findings": found,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **{f"stage_{name}": seconds for name, seconds in stages.items()},
    }


@click.command()
@click.option("--sizes", default="10000,100000", show_default=True)
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep the archives here.")
@click.option("--measure", type=click.Path(path_type=Path), hidden=True)
def main(sizes: str, folder: Path | None, measure: Path | None) -> None:
    """Measure each size in a process of its own and print the ratios."""
    if measure:
        print(json.dumps(_measure(measure)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        results = []
        for size in map(int, sizes.split(",")):
            place = (folder or Path(temporary)) / str(size)
            place.mkdir(parents=True, exist_ok=True)
            began = time.monotonic()
            if not (place / "archive.db").exists():
                build(place / "archive.db", size, checked=False)
            print(f"{size:,} reports made in {time.monotonic() - began:.0f} s", flush=True)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.checking", "--measure", str(place / "archive.db")],
                check=True,
                capture_output=True,
                text=True,
                env=os.environ,
            )
            result = json.loads(done.stdout)
            results.append(result)
            _tell(result)
            if not folder:
                (place / "archive.db").unlink()
        if len(results) > 1:
            first, last = results[0], results[-1]
            growth = (last["full_cpu"] / last["reports"]) / (first["full_cpu"] / first["reports"])
            print(f"cost per report, {last['reports']:,} against {first['reports']:,}: {growth:.2f} "
                  f"(at most {GROWTH_ALLOWED})")  # fmt: skip
        share = results[-1]["increment_cpu"] / results[-1]["full_cpu"]
        print(f"after {ALTERED} altered reports: {share:.2%} of a full run (at most {INCREMENT_ALLOWED:.0%})")


def _tell(result: dict[str, float]) -> None:
    count = result["reports"]
    print(
        f"{count:,} reports: full run {result['full_cpu']:.1f} s of processor time ({result['full_wall']:.1f} s wall), "
        f"{1000 * result['full_cpu'] / count:.2f} ms and {count / result['full_wall']:.0f} per second; "
        f"{result['findings']:,} findings; {result['megabytes']:.0f} MB"
    )
    stages = {name.removeprefix("stage_"): value for name, value in result.items() if name.startswith("stage_")}
    print("  " + ", ".join(f"{name} {1000 * seconds / count:.2f} ms per report" for name, seconds in stages.items()))
    print(
        f"  after {ALTERED} altered: {result['increment_cpu']:.2f} s of processor time "
        f"({result['increment_wall']:.2f} s wall; building them {result['increment_build_cpu']:.2f} s), "
        f"{result['compared_again']:.0f} reports compared",
        flush=True,
    )


if __name__ == "__main__":
    main()
