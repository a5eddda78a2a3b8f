"""The queries that pages make, timed by themselves on one bare connection to the same file."""

from __future__ import annotations

import sqlite3
import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from datasette.app import Datasette
from datasette.database import Database

from publish import memory, reading
from publish.connection import open_readonly, prepare
from publish.metadata import DATABASE, SETTINGS
from publish.serve import build_published

_Made = tuple[str, Any, bool]
"""A query, its parameters, and whether rows beyond those that a page shows are left."""


@dataclass(frozen=True, slots=True)
class Bare:
    """Milliseconds of a kind's queries: those made at every request, and those that are remembered after the first."""

    p50: float
    p95: float
    p95_first: float
    count: int


class Queries:
    """A site in this process over a publication, whose queries are written down as pages are asked for."""

    def __init__(self, database: Path) -> None:
        self._site: Datasette = build_published(database)
        self._bare = open_readonly(database, immutable=True)
        self._bare.execute(f"pragma cache_size=-{SETTINGS['cache_size_kb']}")
        prepare(self._bare)
        self._made: list[_Made] = []
        served = self._site.get_database(DATABASE)
        made, execute = self._made, Database.execute

        async def written_down(
            database: Database, sql: str, params: Any = None, truncate: bool = False, **options: Any
        ) -> Any:
            if database is served:
                made.append((sql, params, truncate))
            return await execute(database, sql, params, truncate=truncate, **options)

        # Datasette's own, behind what the site makes of a query before it is asked.
        Database.execute = written_down

        class WrittenDown(reading.Reader):
            def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
                made.append((sql, params, False))
                return super().rows(sql, *params)

        reading.Reader = WrittenDown  # type: ignore[misc]

    async def measure(self, paths: Iterable[str]) -> Bare:
        """Ask for each page twice, with nothing remembered and again, and time the queries of both by themselves."""
        first: list[float] = []
        always: list[float] = []
        count = 0
        for path in paths:
            memory.forget(self._site)
            began_with = await self._ask(path)
            asked_again = await self._ask(path)
            always.append(self._timed(asked_again))
            # The same queries again, unless something is remembered.
            first.append(self._timed(began_with) if len(began_with) > len(asked_again) else always[-1])
            count = max(count, len(asked_again))
        return Bare(statistics.median(always), percentile(always, 95), percentile(first, 95), count)

    async def _ask(self, path: str) -> list[_Made]:
        self._made.clear()
        response = await self._site.client.get(path)
        if response.status_code != 200:
            raise click.ClickException(f"{path} answers {response.status_code}")
        return list(self._made)

    def _timed(self, made: list[_Made]) -> float:
        """Milliseconds of the queries, whose pages the site has just read into the system's memory."""
        return min(self._run(made) for _ in range(2))

    def _run(self, made: list[_Made]) -> float:
        began = time.perf_counter()
        for sql, params, truncate in made:
            try:
                cursor = self._bare.execute(sql, params or {})
                cursor.fetchmany(int(SETTINGS["max_returned_rows"]) + 1) if truncate else cursor.fetchall()
            except sqlite3.Error as error:
                raise click.ClickException(f"{error}: {sql}") from error
        return (time.perf_counter() - began) * 1000


def percentile(numbers: list[float], percent: float) -> float:
    """The smallest of ``numbers`` that at least ``percent`` of a hundred do not exceed."""
    ordered = sorted(numbers)
    return ordered[max(0, -(-len(ordered) * int(percent) // 100) - 1)]
