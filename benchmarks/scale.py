"""How what a report costs grows with the archive: ``python -m benchmarks.scale [--sizes 10000,100000,1000000]``.

Archives of fictional reports are generated, or taken from ``--folder``. Whole runs go over every report: the search
index built anew, a publication, its downloads, ``check --all`` up to ``--whole-check`` reports. Marginal runs bring a
batch of new reports of organs from all over the archive into it: next year's, printed as HTML, imported, read again,
and checked; what is compared is their cost in an archive of that size. ``serve`` asks for pages of reports and organs
of the publication.

Each stage is a process of its own, which works on a copy of the archive, or on the archive itself where that is
larger than ``--copy-below``: then the batch stays in it. Compared is processor time, in the main process alone: what
the readers' processes take follows from the document, whatever the archive holds, and would hide growth.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from archive import checking
from archive.extraction import extract_pending
from archive.reports import index_sections
from archive.store import Archive
from benchmarks.corpus.synthetic_archive import TODAY, build, coming
from benchmarks.import_documents import RENDERERS
from nianbao import importing

LIMIT = 1.3
"""A report may cost so much more in the largest archive than in the smallest."""
_PAGES = 60
_MARGINAL, _WHOLE = "marginal", "whole"


@dataclass(slots=True)
class Stage:
    """A stage: what it is, whether over the ``whole`` archive or ``marginal``, and how it is run."""

    name: str
    kind: str
    run: Callable[[Path, Path], int]
    """Takes the archive and a folder of the size's own; returns how many reports, or requests, it was for."""


@dataclass(slots=True)
class Cost:
    """What a stage cost: seconds of the processor and by the clock, the peak of memory, and for how many units."""

    cpu: float
    wall: float
    megabytes: float
    units: int

    @property
    def milliseconds(self) -> float:
        """Processor time of one report."""
        return 1000 * self.cpu / self.units


# Stages --------------------------------------------------------------------------------------


def _write(archive_path: Path, folder: Path, count: int, seed: int) -> None:
    """Print the batch as files."""
    files = folder / "batch"
    files.mkdir()
    with Archive.open(archive_path) as archive:
        for number, sample in enumerate(coming(archive, count, seed)):
            (files / f"{number:06}.html").write_bytes(RENDERERS[".html"](sample))


def _import(archive_path: Path, folder: Path) -> int:
    """As ``nianbao import`` does, the checks left out: captured, read, stored, summed up."""
    from nianbao.cli import _counts

    with Archive.open(archive_path) as archive, archive.write_lock():
        run_id = archive.begin_run("import")
        for source in importing.sources([folder / "batch"], None):
            importing.capture(archive, run_id, source)
        summary = extract_pending(archive, run_id, workers=1)
        _counts(archive)
        archive.finish_run(run_id)
    if summary.errors or summary.refused:
        raise click.ClickException(f"the batch was not taken: {summary.errors[:3]}, {summary.refused}")
    return summary.reports


def _parse(archive_path: Path, _folder: Path) -> int:
    """As ``nianbao parse`` does with the batch: its documents read again, the reports built again."""
    with Archive.open(archive_path) as archive, archive.write_lock():
        run_id = archive.begin_run("parse")
        with archive.db.atomic():
            archive.db.conn.execute(
                "UPDATE _extractions SET stale = 1 WHERE (sha256, url) IN (SELECT sha256, url FROM captures"
                " WHERE run_id = (SELECT max(id) FROM runs WHERE command = 'import'))"
            )
        summary = extract_pending(archive, run_id, workers=1)
        archive.finish_run(run_id)
    return summary.reports


def _check(archive_path: Path, _folder: Path) -> int:
    with Archive.open(archive_path) as archive, archive.write_lock():
        units = checking.due(archive)
        checking.check(archive, today=TODAY)
    return units


def _check_all(archive_path: Path, _folder: Path) -> int:
    with Archive.open(archive_path) as archive, archive.write_lock():
        checking.check(archive, everything=True, today=TODAY)
        return _count(archive.db.conn)


def _search(archive_path: Path, _folder: Path) -> int:
    with Archive.open(archive_path) as archive, archive.write_lock():
        index_sections(archive)
        return _count(archive.db.conn)


def _publish(archive_path: Path, folder: Path) -> int:
    from publish.publication import publish

    made = publish(archive_path, folder / "published", downloads=False, keep=1)
    return made.tables["reports"]


def _downloads(_archive_path: Path, folder: Path) -> int:
    from publish.publication import _write_downloads, current, downloads_of

    database = current(folder / "published")
    _write_downloads(database, lambda _step: None)
    shutil.rmtree(downloads_of(database))
    with closing(sqlite3.connect(database)) as db:
        return _count(db)


def _serve(_archive_path: Path, folder: Path) -> int:
    """Pages of reports, organs and evidence, and searches for one place's reports, from all over the archive."""
    from publish.publication import current
    from publish.serve import build_published

    database = current(folder / "published")
    with closing(sqlite3.connect(database)) as db:
        low, high = db.execute("SELECT min(rowid), max(rowid) FROM reports").fetchone()
        rng = random.Random(5)
        chosen = [
            db.execute("SELECT id, organ_id FROM reports WHERE rowid = ?", (rng.randint(low, high),)).fetchone()
            for _ in range(_PAGES)
        ]
    paths = [f"/archive/reports/{report}" for report, _ in chosen]
    paths += [f"/archive/organs/{organ}" for _, organ in chosen]

    async def ask() -> None:
        site = build_published(database)
        for path in paths:
            response = await site.client.get(path)
            if response.status_code != 200:
                raise click.ClickException(f"{path}: {response.status_code}")

    asyncio.run(ask())
    return len(paths)


def _count(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM reports").fetchone()[0])


STAGES = {
    stage.name: stage
    for stage in (
        Stage("import", _MARGINAL, _import),
        Stage("parse", _MARGINAL, _parse),
        Stage("check", _MARGINAL, _check),
        Stage("check-all", _WHOLE, _check_all),
        Stage("search", _WHOLE, _search),
        Stage("publish", _WHOLE, _publish),
        Stage("downloads", _WHOLE, _downloads),
        Stage("serve", _MARGINAL, _serve),
    )
}


# Measuring -----------------------------------------------------------------------------------


def _measure(stage: Stage, archive_path: Path, folder: Path) -> Cost:
    """Run a stage in this process."""
    began, wall = time.process_time(), time.monotonic()
    units = stage.run(archive_path, folder)
    cpu, took = time.process_time() - began, time.monotonic() - wall
    # What getrusage tells begins with the memory of the process that began this one.
    peak = next(line for line in Path("/proc/self/status").read_text("ascii").splitlines() if line.startswith("VmHWM"))
    return Cost(cpu, took, int(peak.split()[1]) / 1024, units)


def _apart(name: str, archive_path: Path, folder: Path) -> Cost:
    """Run a stage in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.scale", "--measure", name, "--folder", str(folder), str(archive_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    if done.returncode:
        raise click.ClickException(f"{name} failed: {done.stderr.strip()[-2000:]}")
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def bytes_by_table(path: Path) -> dict[str, float]:
    """Bytes per report of each table with its indexes, the largest first."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
        reports = _count(db)
        # Pages, not bytes: dbstat adds those of a table up in 32 bits.
        [(page_size,)] = db.execute("PRAGMA page_size")
        rows = db.execute(
            "SELECT CASE WHEN m.tbl_name LIKE 'sections_fts%' THEN 'sections_fts' ELSE m.tbl_name END,"
            " sum(d.pageno) FROM dbstat d JOIN sqlite_master m ON m.name = d.name"
            " WHERE d.aggregate = TRUE GROUP BY 1 ORDER BY 2 DESC"
        ).fetchall()
    return {name: pages * page_size / reports for name, pages in rows}


def exponent(points: list[tuple[float, float]]) -> float:
    """The slope of cost over size by least squares, both as logarithms: 0 for a cost that does not grow."""
    logs = [(math.log(size), math.log(max(cost, 1e-9))) for size, cost in points]
    mean_size = sum(size for size, _ in logs) / len(logs)
    mean_cost = sum(cost for _, cost in logs) / len(logs)
    spread = sum((size - mean_size) ** 2 for size, _ in logs)
    return sum((size - mean_size) * (cost - mean_cost) for size, cost in logs) / spread if spread else 0.0


def _one_size(path: Path, size: int, batch: int, seed: int, stages: list[str], copy_below: int) -> dict[str, Cost]:
    """Run the stages over the archive of one size, in order."""
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(dir=path.parent, prefix="run-") as name:
        folder = Path(name)
        used = path
        if path.stat().st_size < copy_below:
            used = folder / "archive.db"
            shutil.copyfile(path, used)
        # Generated reports have no originals; without the folder for them nothing more would be taken.
        with Archive.read_only(used) as archive:
            archive.captures_dir.mkdir(exist_ok=True)
        if {"import", "parse", "check"} & set(stages):
            _write(used, folder, batch, seed)
        for stage in stages:
            costs[stage] = cost = _apart(stage, used, folder)
            print(
                f"{size:>9,} {stage:<10} {STAGES[stage].kind:<9} {cost.units:>9,}  {cost.milliseconds:>9.3f} ms each"
                f"  ({cost.cpu:.1f} s of processor time, {cost.wall:.1f} s wall)  {cost.megabytes:.0f} MB",
                flush=True,
            )
        if (folder / "published").is_dir():
            from publish.publication import current

            _tell_bytes("published", current(folder / "published"))
    return costs


def _tell_bytes(what: str, path: Path) -> None:
    tables = bytes_by_table(path)
    shown = ", ".join(f"{name} {size:,.0f}" for name, size in list(tables.items())[:14])
    whole = f"{path.stat().st_size / 1e6:,.0f} MB, {sum(tables.values()):,.0f} bytes per report"
    print(f"  {what}: {whole}: {shown}", flush=True)


def _compare(costs: dict[int, dict[str, Cost]]) -> bool:
    """Print the growth of each stage; whether all keep to the limit."""
    sizes = sorted(costs)
    print(f"\n{'stage':<12}" + "".join(f"{size:>13,}" for size in sizes) + f"{'ratio':>9}{'exponent':>10}{'MB':>8}")
    kept = True
    for stage in STAGES:
        points = [(size, costs[size][stage]) for size in sizes if stage in costs[size]]
        if not points:
            continue
        told = "".join(
            f"{costs[size][stage].milliseconds:>10.3f} ms" if stage in costs[size] else f"{'—':>13}" for size in sizes
        )
        ratio = points[-1][1].milliseconds / points[0][1].milliseconds
        slope = exponent([(size, cost.milliseconds) for size, cost in points])
        kept &= ratio <= LIMIT
        over = "" if ratio <= LIMIT else f"  more than {LIMIT}"
        print(f"{stage:<12}{told}{ratio:>9.2f}{slope:>10.3f}{points[-1][1].megabytes:>8.0f}{over}")
    return kept


@click.command()
@click.option("--sizes", default="10000,100000,1000000", show_default=True)
@click.option("--batch", default=1_000, show_default=True, help="New reports that marginal stages bring.")
@click.option("--seed", default=7, show_default=True, help="Another batch, for an archive that has one already.")
@click.option("--stages", default="import,parse,check,search,publish,serve", show_default=True,
              help=f"Of {', '.join(STAGES)}.")  # fmt: skip
@click.option("--whole-check", default=0, show_default=True, help="Also check all reports of archives up to this size.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep, or find, archives here.")
@click.option("--copy-below", default=8_000, show_default=True, help="Work on copies of archives below so many MB.")
@click.option("--measure", hidden=True)
@click.argument("path", type=click.Path(path_type=Path), required=False)
def main(
    sizes: str, batch: int, seed: int, stages: str, whole_check: int, folder: Path | None, copy_below: int,
    measure: str | None, path: Path | None,
) -> None:  # fmt: skip
    """Measure each size and print growth; exit status 1 where a report costs more than LIMIT times as much."""
    if measure and path and folder:
        cost: Any = _measure(STAGES[measure], path, folder)
        print(json.dumps({name: getattr(cost, name) for name in cost.__slots__}))
        return
    with tempfile.TemporaryDirectory() as temporary:
        costs: dict[int, dict[str, Cost]] = {}
        for size in map(int, sizes.split(",")):
            place = (folder or Path(temporary)) / str(size)
            archive_path = place / "archive.db"
            if not archive_path.exists():
                place.mkdir(parents=True, exist_ok=True)
                began = time.process_time()
                build(place / "making.db", size)
                (place / "making.db").rename(archive_path)
                print(
                    f"{size:,} reports generated in {time.process_time() - began:.0f} s of processor time", flush=True
                )
            _tell_bytes(f"archive of {size:,}", archive_path)
            wanted = [name for name in STAGES if name in stages.split(",")]
            if size <= whole_check:
                wanted = [*wanted, "check-all"]
            costs[size] = _one_size(archive_path, size, batch, seed, wanted, copy_below * 1_000_000)
    sys.exit(0 if _compare(costs) else 1)


if __name__ == "__main__":
    main()
