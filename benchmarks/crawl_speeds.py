"""What crawling costs, as ratios in one run: speed, traffic of a repeat, requests per report, memory.

Run from the checkout: ``python -m benchmarks.crawl_speeds`` or ``make bench-crawl``. Exit status 1 if a
limit is not kept.

``fetching`` sets the crawl itself (discovery, lists, WARC files, frontier; documents are read
after it and are not in it) against a bare Scrapy spider that follows the same links and stores
bodies, on the same server, in alternating rounds.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from benchmarks.plain_portal import COUNTERS, Shape, serving
from benchmarks.speeds import Speed
from tests.crawler.portals.measured import measure, served

FETCHING_AT_LEAST = 0.7
REPEAT_AT_MOST = 0.05
REQUESTS_AT_MOST = 2.0
MEMORY_AT_MOST = 1.1
SITES = ("S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S12")
_EARLY = 5_000


def fetching(documents: int, rounds: int) -> Iterator[Speed]:
    """Pages a second, ours by the bare spider's, and the same of processor time."""
    by_clock, by_work = [], []
    with serving(Shape(documents)) as url:
        for _round in range(rounds):
            bare, ours = (_crawl(which, url) for which in ("bare", "ours"))
            by_clock.append(ours["pages"] / ours["seconds"] * bare["seconds"] / bare["pages"])
            by_work.append(ours["pages"] / ours["cpu"] * bare["cpu"] / bare["pages"])
    note = f"median of {rounds} rounds, {min(by_clock):.2f} to {max(by_clock):.2f}"
    yield Speed(
        "fetching, against a bare Scrapy spider", statistics.median(by_clock), FETCHING_AT_LEAST, True, note=note
    )
    note = f"{min(by_work):.2f} to {max(by_work):.2f}; threads included"
    yield Speed("the same by processor time", statistics.median(by_work), FETCHING_AT_LEAST, True, note=note)


def repeating(documents: int) -> Iterator[Speed]:
    """Bytes of a crawl without changes by those of the first, and documents that it read again."""
    with serving(Shape(documents, validators=True)) as url, _folder() as folder:
        portals = folder / "portals.toml"
        portals.write_text(
            f'[[portal]]\nid = "plain"\nname = "云汐区人民政府"\nstart = ["{url}"]\ndelay = 0\n', "utf-8"
        )
        sent = []
        for _time in range(2):
            before = _counted(url)["bytes"]
            _nianbao("crawl", "--portals", str(portals), "--archive", str(folder / "archive.db"))
            sent.append(_counted(url)["bytes"] - before)
        read_again = _read_in_last_run(folder / "archive.db")
    note = f"{sent[1]} of {sent[0]} bytes"
    yield Speed("a repeat crawl, bytes by the first's", sent[1] / sent[0], REPEAT_AT_MOST, False, note=note)
    yield Speed("a repeat crawl, documents read again", read_again, 0, False, unit="")


def asking(sites: tuple[str, ...]) -> Iterator[Speed]:
    """Requests on each simulated portal by the fewest that find all its reports; then a second crawl."""
    for key in sites:
        with _folder() as folder, served(key, speed=20.0) as server:
            found = measure(folder, server, key, extract=True)
            measure(folder, server, key, extract=True)
            read_again = _read_in_last_run(folder / "archive.db")
        note = f"{found.requests} requests, {found.minimum} needed, {found.expected} reports"
        yield Speed(f"{key}: requests by the fewest", found.ratio, REQUESTS_AT_MOST, False, note=note)
        yield Speed(f"{key}: documents read again by a second crawl", read_again, 0, False, unit="")


def remembering(documents: int) -> Iterator[Speed]:
    """Memory at the end of a long crawl by that early in it."""
    with serving(Shape(documents, per_page=100, whole=False)) as url:
        done = _crawl("ours", url)
    held = {int(count): float(size) for count, size in (line.split() for line in str(done["told"]).splitlines())}
    early, late = held[_EARLY], held[max(held)]
    note = f"{early:.0f} MB after {_EARLY} pages, {late:.0f} MB after {max(held)}, at most {max(held.values()):.0f}"
    yield Speed("memory, late by early", late / early, MEMORY_AT_MOST, False, note=note)


def _crawl(which: str, url: str) -> dict[str, float]:
    with _folder() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.crawlers", which, url, str(folder)],
            capture_output=True,
            text=True,
            check=True,
            env=_environment(),
        )
        return {**json.loads(done.stdout), "told": done.stderr}


def _nianbao(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "nianbao", *arguments], check=True, capture_output=True, env=_environment())


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _counted(url: str) -> dict[str, int]:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(url.rstrip("/") + COUNTERS) as answer:
        counted: dict[str, int] = json.load(answer)
    return counted


def _read_in_last_run(archive: Path) -> int:
    connection = sqlite3.connect(archive)
    try:
        query = "SELECT count(*) FROM _extractions WHERE run_id = (SELECT max(id) FROM runs)"
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@click.command()
@click.option("--rounds", default=5, show_default=True, help="Alternating rounds of the comparison with Scrapy.")
@click.option("--documents", default=1500, show_default=True, help="Reports of the portal that both crawl.")
@click.option("--long", "many", default=50_000, show_default=True, help="Reports of the crawl whose memory is watched.")
@click.option("--site", "sites", multiple=True, type=click.Choice(SITES), help="Only these; all if none.")
@click.option(
    "--only",
    multiple=True,
    type=click.Choice(["fetching", "repeating", "asking", "remembering"]),
    help="Only this part.",
)
def main(rounds: int, documents: int, many: int, sites: tuple[str, ...], only: tuple[str, ...]) -> None:
    """Measure, and print each ratio beside its limit."""
    parts: dict[str, Callable[[], Iterator[Speed]]] = {
        "fetching": lambda: fetching(documents, rounds),
        "repeating": lambda: repeating(300),
        "asking": lambda: asking(sites or SITES),
        "remembering": lambda: remembering(many),
    }
    held = True
    for name, part in parts.items():
        if only and name not in only:
            continue
        for speed in part():
            click.echo(str(speed))
            held = held and speed.held
    sys.exit(int(not held))


if __name__ == "__main__":
    main()
