"""How long the pages that add up take on a generated archive, beside the queries that they make.

Run from the checkout: ``python -m benchmarks.site_places [--reports 200000] [--archive FILE]``.

Each page is asked for three times with nothing remembered, on the archive as it is written and on a
copy that carries the sums of its places; ``cold`` is the middle one, ``ratio`` that over the time of
its queries, and ``warm`` the middle of five readers after it.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from datasette.app import Datasette
from datasette.database import Database as SiteDatabase
from sqlite_utils import Database

from archive import schema
from parsers import forms
from publish import memory
from publish.figures import write_rollup
from publish.serve import build_app

PROVINCES, CITIES, COUNTIES, YEARS = 31, 13, 8, 5
SHA256 = "0" * 64


def _places() -> Iterator[tuple[str, str, str, str]]:
    for province in range(PROVINCES):
        for city in range(CITIES):
            for county in range(COUNTIES):
                code = f"{11 + province:02}{1 + city:02}{1 + county:02}"
                yield f"虚构{province}省", f"虚构{province}之{city}市", f"虚构{code}县", code


def generate(path: Path, reports: int) -> None:
    """Make an archive of about ``reports`` reports with 25 rows of requests each."""
    schema.migrations.apply(Database(path))
    rng = random.Random(2021)
    places = list(_places())
    db = sqlite3.connect(path)
    db.execute("pragma foreign_keys=off")
    db.execute("pragma synchronous=off")
    rows = list(forms.REQUEST_ROWS)[:25]
    portals = [(f"p-{number}", f"虚构{number}门户", "ok") for number in range(3000)]
    with db:
        db.executemany("insert into portals (id, name, status) values (?, ?, ?)", portals)
        for number in range(reports // YEARS):
            province, city, county, code = places[number % len(places)]
            organ = f"o-{number:06}"
            db.execute(
                "insert into organs (id, name, division_code, province, city, county, level, kind, portal_id) "
                "values (?, ?, ?, ?, ?, ?, 'county', 'department', ?)",
                (organ, f"{county}第{number}局", code, province, city, county, f"p-{number % 3000}"),
            )
            for year in range(2025 - YEARS, 2025):
                _report(db, rng, organ, year, rows)
            db.execute("insert into coverage (organ_id, year, state) values (?, 2025, 'missing')", (organ,))
    with db:
        db.execute("analyze")
    db.close()


def _report(db: sqlite3.Connection, rng: random.Random, organ: str, year: int, rows: list[str]) -> None:
    report = f"{organ}-{year}"
    db.execute(
        "insert into reports (id, organ_id, year, edition, title, status, document_sha256, content_sha256, "
        "captured_at, parser_version, scope) values (?, ?, ?, '2021', ?, 'complete', ?, ?, ?, '1', 'office')",
        (report, organ, year, f"{organ} {year}", SHA256, SHA256, f"{year + 1}-03-{rng.randint(1, 28):02}T00:00:00Z"),
    )
    db.executemany(
        "insert into requests (report_id, item, natural_person, total) values (?, ?, ?, ?)",
        [(report, item, count := rng.randint(0, 40), count) for item in rows],
    )
    db.executemany(
        "insert into reviews (report_id, proceeding, corrected, total) values (?, ?, 1, 3)",
        [(report, proceeding) for proceeding in forms.PROCEEDINGS],
    )
    db.execute("insert into coverage (organ_id, year, state) values (?, ?, 'complete')", (organ, year))
    if rng.random() < 0.5:
        db.execute(
            "insert into findings (id, report_id, rule, severity, cause, message, cells) "
            "values (?, ?, 'requests.row_total', 'error', 'source', '不符', '[]')",
            (f"f-{report}", report),
        )


class _Queries:
    """Adds up the time of the queries that a site makes."""

    def __init__(self, database: SiteDatabase) -> None:
        self.seconds = 0.0
        self._execute = database.execute
        database.execute = self._timed

    async def _timed(self, *arguments: Any, **options: Any) -> Any:
        begun = time.perf_counter()
        try:
            return await self._execute(*arguments, **options)
        finally:
            self.seconds += time.perf_counter() - begun


async def _measure(site: Datasette, paths: list[str]) -> None:
    await site.client.get("/robots.txt")
    queries = _Queries(site.get_database("archive"))
    for path in paths:
        cold, shares, warm = [], [], []
        text = ""
        for _ in range(3):
            memory.forget(site)
            queries.seconds = 0.0
            cold.append(await _ask(site, path))
            shares.append(queries.seconds)
        for _ in range(5):
            warm.append(await _ask(site, path))
        text = (await site.client.get(path)).text
        late = "  (a count took too long and was left out)" if "未及" in text else ""
        took, asked = statistics.median(cold), statistics.median(shares)
        click.echo(
            f"  {path:<44} cold {took * 1000:7.0f} ms  queries {asked * 1000:7.0f} ms  ratio {took / asked:4.1f}  "
            f"warm {statistics.median(warm) * 1000:5.0f} ms{late}"
        )


async def _ask(site: Datasette, path: str) -> float:
    begun = time.perf_counter()
    response = await site.client.get(path)
    if response.status_code != 200:
        raise click.ClickException(f"{path}: {response.status_code}")
    return time.perf_counter() - begun


@click.command()
@click.option("--reports", default=200_000, show_default=True, help="How many reports to generate.")
@click.option(
    "--archive", type=click.Path(path_type=Path), help="Keep the generated archive here, or use the one here."
)
def main(reports: int, archive: Path | None) -> None:
    """Generate an archive and time the pages of places, portals and organs."""
    with tempfile.TemporaryDirectory() as folder:
        path = archive or Path(folder) / "archive.db"
        if not path.exists():
            begun = time.perf_counter()
            generate(path, reports)
            click.echo(f"generated in {time.perf_counter() - begun:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
        province, city, county, _ = next(_places())
        places = ["/-/place", f"/-/place/{province}", f"/-/place/{province}/{city}"]
        pages = [
            "/",
            *places,
            f"{places[-1]}/{county}",
            "/-/portals",
            "/-/about",
            "/-/findings",
            "/archive/organs/o-000000",
        ]
        click.echo("as it is written:")
        asyncio.run(_measure(build_app(path), pages))
        copy = Path(folder) / "published.db"
        shutil.copyfile(path, copy)
        begun = time.perf_counter()
        with sqlite3.connect(copy) as db:
            write_rollup(db)
        click.echo(
            f"with the sums of its places ({time.perf_counter() - begun:.0f} s to add up, "
            f"{(copy.stat().st_size - path.stat().st_size) / 1e6:.0f} MB):"
        )
        asyncio.run(_measure(build_app(copy, immutable=True), pages))


if __name__ == "__main__":
    main()
