"""What readers of a published archive wait for each kind of page, alone and many at once.

Run from the checkout: ``make bench-site``, which generates an archive of 200,000 reports first, or
``python -m benchmarks.site_load --archive FILE``. The site is served as it is deployed, by ``nianbao serve
--published``; ``wrk`` asks, ``readers`` at once.

For each kind: the queries of its pages by themselves (median, p95, those of a first request), the first request of
each of some addresses by one reader (p50, p95), then p50, p95 and the longest under each number of readers, who ask
for thousands of addresses where a kind has so many, and else also for answers that the site keeps. ``ratio`` is
the p95 of first requests over what the page may take, five times its queries and 30 ms: above 1 it falls short.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import click

from benchmarks.bare_queries import Bare, Queries, percentile
from benchmarks.corpus.synthetic_archive import build
from benchmarks.load_tool import Load, load, require_tool
from benchmarks.site_downloads import AT_LEAST, rates
from benchmarks.site_evidence import AT_MOST_MS, make_archive, waits
from benchmarks.site_pages import Pages
from publish.publication import current, publish

TIMES_QUERY, PLUS_MS = 5.0, 30.0
AT_TEN_MS = 1000.0
SEARCH_MS = 100.0
_SEARCH = "search, two characters"
_FEW = 30
"""Addresses of a kind whose queries are timed by themselves, and that are asked for a first time."""
_START_SECONDS = 120
_REST_SECONDS = 1.0


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def served(*arguments: str) -> Iterator[str]:
    """Start ``nianbao serve`` in a process of its own; yields its address."""
    address = f"http://127.0.0.1:{(port := _free_port())}"
    process = subprocess.Popen(
        [sys.executable, "-m", "nianbao", "serve", "--port", str(port), *arguments],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < _START_SECONDS:
        if process.poll() is not None:
            raise click.ClickException("the site ended at once; run 'nianbao serve' to see why")
        try:
            with urlopen(f"{address}/robots.txt") as response:
                response.read()
                return
        except URLError:
            time.sleep(0.2)
    raise click.ClickException("the site did not start")


def _first_requests(address: str, paths: list[str]) -> list[float]:
    """Milliseconds of each address, asked for by one reader for the first time."""
    taken: list[float] = []
    for path in paths:
        began = time.perf_counter()
        with urlopen(f"{address}{path}") as response:
            response.read()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _allowed(bare: Bare) -> float:
    return TIMES_QUERY * bare.p95_first + PLUS_MS


def _faults(kind: str, bare: Bare | None, first: list[float], loads: dict[int, Load]) -> Iterator[str]:
    if bare and percentile(first, 95) > _allowed(bare):
        yield f"over {TIMES_QUERY:g} x queries + {PLUS_MS:g} ms"
    if 10 in loads and loads[10].longest > AT_TEN_MS:
        yield f"longest at 10 readers {loads[10].longest:.0f} ms"
    if kind == _SEARCH and percentile(first, 95) > SEARCH_MS:
        yield f"search over {SEARCH_MS:g} ms"
    if silent := [str(count) for count, one in loads.items() if not one.requests]:
        yield f"no answer within the time at {', '.join(silent)} readers: measure for more --seconds"
    if failed := sum(one.failed for one in loads.values()):
        yield f"{failed} requests failed"


def _line(kind: str, bare: Bare | None, first: list[float], loads: dict[int, Load]) -> str:
    queries = f"{bare.p50:8.1f}{bare.p95:8.1f}{bare.p95_first:8.1f}{bare.count:4}" if bare else " " * 28
    queries += f" |{percentile(first, 50):8.0f}{percentile(first, 95):8.0f}"
    shown = "".join(f"{one.p50:8.0f}{one.p95:8.0f}{one.longest:8.0f}" for one in loads.values())
    ratio = f"{percentile(first, 95) / _allowed(bare):7.2f}" if bare else " " * 7
    faults = "; ".join(_faults(kind, bare, first, loads))
    return f"{kind:<24}{queries} |{shown} |{ratio}  {faults}"


def _heads(readers: tuple[int, ...]) -> str:
    over = f"{'':<24}{'queries alone, ms':>28} |{'first, ms':>16} |" + "".join(
        f"{f'{count} readers, ms':>24}" for count in readers
    )
    names = f"{'page':<24}{'p50':>8}{'p95':>8}{'first':>8}{'no.':>4} |{'p50':>8}{'p95':>8} |"
    names += f"{'p50':>8}{'p95':>8}{'longest':>8}" * len(readers)
    return f"{over} |\n{names} |{'ratio':>7}"


def _loaded() -> str:
    return f"load of the machine {' '.join(f'{number:.1f}' for number in os.getloadavg())}, {os.cpu_count()} processors"


@click.command()
@click.option(
    "--archive",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Use this archive; it is generated if it is missing.",
)
@click.option("--reports", default=200_000, show_default=True, help="Reports of an archive that is generated.")
@click.option("--publication", type=click.Path(file_okay=False, path_type=Path), help="Publish here, or use this one.")
@click.option("--readers", multiple=True, type=int, default=(1, 10, 50), show_default=True)
@click.option("--seconds", default=3.0, show_default=True, help="For each kind and number of readers.")
@click.option("--only", multiple=True, help="Kinds of page whose names begin so.")
@click.option("--workers", default=2, show_default=True, help="Processes of the site.")
@click.option("--live", is_flag=True, help="Serve the archive itself, as it is while it is written.")
@click.option("--seed", default=2024, show_default=True)
def main(
    archive: Path | None,
    reports: int,
    publication: Path | None,
    readers: tuple[int, ...],
    seconds: float,
    only: tuple[str, ...],
    workers: int,
    live: bool,
    seed: int,
) -> None:
    """Publish an archive, serve it, and print what each kind of page, whole tables and evidence take."""
    require_tool()
    with tempfile.TemporaryDirectory() as folder:
        archive = archive or Path(folder) / "archive.db"
        if not archive.exists():
            begun = time.perf_counter()
            build(archive, reports)
            click.echo(f"generated in {time.perf_counter() - begun:.0f} s")
        publication = publication or Path(folder) / "published"
        if not (publication / "current").exists():
            begun = time.perf_counter()
            made = publish(archive, publication, downloads=False)
            click.echo(f"published in {time.perf_counter() - begun:.0f} s, {made.bytes / 1e6:.0f} MB")
        database = current(publication)
        _tell_size(database)
        kinds = _kinds(database, seed, only)
        arguments = ["--archive", str(archive)] if live else ["--published", str(publication)]
        if workers > 1:
            arguments += ["--workers", str(workers)]
        queries = None if live else Queries(database)
        click.echo(_loaded())
        click.echo(_heads(readers))
        with served(*arguments) as address:
            fell_short = asyncio.run(_measure(address, kinds, queries, readers, seconds))
            for rate in rates(address, database) if not only else ():
                click.echo(str(rate))
                fell_short |= rate.share < AT_LEAST
        if not only:
            fell_short |= _evidence(Path(folder))
        click.echo(_loaded())
    sys.exit(int(fell_short))


def _evidence(folder: Path) -> bool:
    """Print how long evidence takes; whether any kind fell short."""
    archive = make_archive(folder)
    publish(archive, folder / "evidence", downloads=False)
    with served("--published", str(folder / "evidence")) as address:
        found = waits(address, archive)
    for wait in found:
        click.echo(str(wait))
    return any(wait.p95 > AT_MOST_MS for wait in found)


async def _measure(
    address: str,
    kinds: dict[str, list[str]],
    queries: Queries | None,
    readers: tuple[int, ...],
    seconds: float,
) -> bool:
    """Print a line for each kind; whether any fell short."""
    fell_short = False
    for kind, paths in kinds.items():
        bare = await queries.measure(paths[:_FEW]) if queries else None
        # Pages that readers asked for who have left are still being made.
        await asyncio.sleep(_REST_SECONDS)
        first = _first_requests(address, paths[:_FEW])
        rest = paths[_FEW:] if len(paths) > 4 * _FEW else paths
        loads = {count: load(address, rest, count, seconds) for count in readers}
        click.echo(_line(kind, bare, first, loads))
        fell_short |= any(_faults(kind, bare, first, loads))
    return fell_short


def _kinds(database: Path, seed: int, only: tuple[str, ...]) -> dict[str, list[str]]:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        kinds = Pages(db, seed).kinds()
    finally:
        db.close()
    return {
        kind: paths
        for kind, paths in kinds.items()
        if paths and (not only or any(kind.startswith(name) for name in only))
    }


def _tell_size(database: Path) -> None:
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        counts = [
            (table, db.execute(f"select count(*) from {table}").fetchone()[0])
            for table in ("reports", "organs", "sections", "requests", "findings", "changes", "portals")
        ]
    finally:
        db.close()
    click.echo(", ".join(f"{count:,} {table}" for table, count in counts))


if __name__ == "__main__":
    main()
