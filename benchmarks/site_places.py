"""How long the pages that add up take on a generated archive, beside the queries that they make.

Run from the checkout: ``python -m benchmarks.site_places [--reports 200000] [--archive FILE]``.

Each page is asked for three times with nothing remembered, on the archive as it is written and on a
copy that carries the sums of its places; ``cold`` is the middle one, ``ratio`` that over the time of
its queries, and ``warm`` the middle of five readers after it.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from datasette.app import Datasette
from datasette.database import Database as SiteDatabase

from benchmarks.corpus.synthetic_archive import build
from publish import memory
from publish.figures import write_rollup
from publish.serve import build_app


def _place(path: Path) -> tuple[str, str, str, str]:
    """The province, city and county with the most organs, and an organ of theirs."""
    with closing(sqlite3.connect(path)) as db:
        row = db.execute(
            "select province, city, county, max(id) from organs where county is not null "
            "group by 1, 2, 3 order by count(*) desc, 1, 2, 3 limit 1"
        ).fetchone()
    return str(row[0]), str(row[1]), str(row[2]), str(row[3])


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
            build(path, reports)
            click.echo(f"generated in {time.perf_counter() - begun:.0f} s, {path.stat().st_size / 1e6:.0f} MB")
        province, city, county, organ = _place(path)
        places = ["/-/place", f"/-/place/{province}", f"/-/place/{province}/{city}"]
        pages = [
            "/",
            *places,
            f"{places[-1]}/{county}",
            "/-/portals",
            "/-/about",
            "/-/findings",
            f"/archive/organs/{organ}",
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
