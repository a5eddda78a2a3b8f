"""The twelve simulated portals crawled by a Dask cluster on this machine, against the same by one process.

Run from the checkout: ``python -m benchmarks.cluster``; it takes half an hour. Compares all rows,
with two and four workers and with a worker killed in the middle, and tells how the times compare.
Exit status 1 if a row differs that does not differ between two crawls by one process either: some
portals put a session's number into every page, or ask for a code now and then. On a machine that is busy
otherwise, a document may take longer to read than is allowed; timeouts are counted.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click

from sample.portals.server import PortalServer
from tests.cluster.local import LocalCluster, children, wait_for
from tests.cluster.rows import rows
from tests.crawler.portals.kills import SITES
from tests.e2e import program
from tests.e2e.program import Dump

_FAST = 1e6
_VISITS = 1000
_SECONDS = 1800
_SESSION = re.compile(r"(?:;jsessionid|[?&]sid)=\w+")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")
_CRAWL = ("crawl", "--portals", "portals.toml", "--timeout", "300")
_SUM = (
    "SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM reports), (SELECT count(*) FROM versions),"
    " (SELECT count(*) FROM findings), (SELECT count(*) FROM refusals WHERE reason = 'timeout')"
)


@dataclass
class Crawled:
    """What one way of crawling gave: seconds of each command, all rows, and counts; whether a worker was killed."""

    seconds: list[float]
    rows: Dump
    counts: tuple[int, ...]
    killed: bool = False


def crawled(folder: Path, sites: tuple[str, ...], turns: int, workers: int = 0, *, kill: bool = False) -> Crawled:
    """Crawl ``sites`` so many times into ``folder``, by ``workers`` of a cluster if there are any.

    With ``kill`` one of these is killed in the middle of the first crawl.
    """
    folder.mkdir()
    server = PortalServer(sites, speed=_FAST)
    server.visits = itertools.repeat(_VISITS)
    portals = server.portal_file(folder / "portals.toml")
    portals.write_text(re.sub(r"(?m)^delay = .*$", "delay = 0", portals.read_text("utf-8")), "utf-8")
    with server:
        killed = False
        if not workers:
            seconds = [_timed(folder, server) for _ in range(turns)]
        else:
            scratch = folder.with_name(f"{folder.name}-cluster")
            scratch.mkdir()
            with LocalCluster(scratch, workers, threads=2, proxy=server.proxy_url) as cluster:
                wait_for(lambda: cluster.log().count("Registered to") >= workers)
                seconds = [_timed(folder, server, cluster, kill=kill and not turn) for turn in range(turns)]
                killed = any(worker.poll() is not None for worker in cluster.workers)
        return Crawled(seconds, rows(folder), program.query(folder, _SUM)[0], killed)


def _timed(folder: Path, server: PortalServer, cluster: LocalCluster | None = None, *, kill: bool = False) -> float:
    began = time.monotonic()
    machines = ("--cluster", cluster.address) if cluster else ()
    asked = len(server.log)
    command = program.start(folder, *_CRAWL, *machines, proxy=server.proxy_url)
    if cluster and kill:
        wait_for(lambda: len(server.log) > asked + 150, 300)
        wait_for(lambda: any(_is_at_work(worker) for worker in cluster.workers))
        next(worker for worker in cluster.workers if _is_at_work(worker)).kill()
    done = program.finish(command, _SECONDS)
    if done.returncode not in (0, 1):
        raise click.ClickException(done.stderr)
    return time.monotonic() - began


def _is_at_work(worker: subprocess.Popen[bytes]) -> bool:
    return "cluster.crawling_process" in children(worker)


def differing(one: Dump, other: Dump, *, hashes: bool = True) -> dict[str, int]:
    """How many rows of each table only one of two archives has; without ``hashes`` these and sessions do not count."""
    if not hashes:
        one, other = ({table: _plain(found) for table, found in dump.items()} for dump in (one, other))
    return {table: len(found) for table, found in program.differences(one, other).items()}


def _plain(found: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return [
        tuple(_HASH.sub("", _SESSION.sub("", value)) if isinstance(value, str) else value for value in row)
        for row in found
    ]


@click.command()
@click.option("--site", "sites", multiple=True, type=click.Choice(SITES), help="Only this site; may be repeated.")
@click.option("--turns", default=2, show_default=True, help="How many crawls, one after the other.")
@click.option("--control/--no-control", default=True, help="Also how two crawls by one process differ.")
def main(sites: tuple[str, ...], turns: int, control: bool) -> None:
    """Crawl in every way, and print a line for each."""
    sites = sites or SITES
    with tempfile.TemporaryDirectory() as top:
        one = crawled(Path(top) / "one", sites, turns)
        _tell(f"{len(sites)} portals: captures, reports, versions, findings, timeouts {one.counts}")
        _tell(f"{'one process':<24} {_times(one, one)}")
        known = differing(one.rows, crawled(Path(top) / "once-more", sites, turns).rows) if control else {}
        if control:
            _tell(f"rows that differ between two crawls by one process: {known or 'none'}")
        fell_short = False
        for workers, kill in ((2, False), (2, True), (4, False)):
            found = crawled(Path(top) / f"{workers}-{kill}", sites, turns, workers, kill=kill)
            strict, plain = (differing(one.rows, found.rows, hashes=hashes) for hashes in (True, False))
            bad = control and any(count > known.get(table, 0) for table, count in strict.items())
            fell_short |= bool(plain) or bad or found.killed != kill
            name = f"{workers} workers{', one killed' if kill else ''}"
            verdict = "same rows" if not strict else f"rows differ: {strict}; without hashes: {plain or 'none'}"
            _tell(f"{name:<24} {_times(found, one)}   {found.counts}   {verdict}")
    sys.exit(int(fell_short))


def _times(found: Crawled, one: Crawled) -> str:
    ratios = zip(found.seconds, one.seconds, strict=True)
    return "   then ".join(f"{seconds:6.1f} s, {before / seconds:5.2f} times as fast" for seconds, before in ratios)


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
