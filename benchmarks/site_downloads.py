"""How fast whole tables leave the site as CSV, against the ``sqlite3`` shell writing the same rows and columns."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from sqlite_utils import Database

from publish.dictionary import dictionary

TABLES = ("reports", "requests", "disclosures")
AT_LEAST = 0.5
_ROUNDS = 2
_CHUNK = 1 << 20
# What a cell of text begins with that a spreadsheet takes for a formula: the download puts an apostrophe before it.
_FORMULAS = "61, 43, 45, 64, 9, 10, 13, 65309, 65291, 65293, 65312"


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds of a whole table: from the site, from the shell, and from the shell guarding cells as the site does."""

    table: str
    rows: int
    bytes: int
    site: float
    shell: float
    guarding: float

    @property
    def share(self) -> float:
        """The site's rate over that of the shell writing the same CSV."""
        return self.guarding / self.site

    def __str__(self) -> str:
        fell_short = "" if self.share >= AT_LEAST else f"  under {AT_LEAST:g}"
        return (
            f"CSV of all {self.table:<12} {self.rows:>10,} rows {self.bytes / 1e6:7.0f} MB  "
            f"site {self.rows / self.site:9,.0f} rows/s  sqlite3 {self.rows / self.guarding:9,.0f} rows/s  "
            f"ratio {self.share:4.2f} (without the guard against formulas {self.shell / self.site:4.2f}){fell_short}"
        )


def rates(address: str, database: Path) -> Iterator[Rate]:
    """Measure each of TABLES, the site and the shell in turn; nothing where there is no shell."""
    if shutil.which("sqlite3") is None:
        return
    db = Database(database)
    for table in TABLES:
        plain, guarding = _select(db, table, guard=False), _select(db, table, guard=True)
        seconds: list[tuple[float, float, float]] = []
        size = 0
        for _round in range(_ROUNDS):
            began = time.perf_counter()
            size = _download(f"{address}/-/export/archive/{table}.csv")
            seconds.append((time.perf_counter() - began, _shell(database, plain), _shell(database, guarding)))
        yield Rate(table, db[table].count, size, *(min(one) for one in zip(*seconds, strict=True)))
    db.close()


def _download(address: str) -> int:
    size = 0
    with urlopen(address) as response:
        while chunk := response.read(_CHUNK):
            size += len(chunk)
    return size


def _select(db: Database, table: str, *, guard: bool) -> str:
    """The statement for the columns of the download, labels beside codes."""
    foreign = {key.column: key for key in db[table].foreign_keys}
    columns: list[str] = []
    for column in db[table].columns:
        text = column.type == "TEXT"
        columns.append(_guarded(f"t.{column.name}") if guard and text else f"t.{column.name}")
        key = foreign.get(column.name)
        name = (
            dictionary().tables[key.other_table].name_column if key and key.other_table in dictionary().tables else ""
        )
        if key and name:
            label = f"(select {name} from {key.other_table} where {key.other_column} = t.{column.name})"
            columns.append(_guarded(label) if guard else label)
    return f"select {', '.join(columns)} from {table} as t"


def _guarded(expression: str) -> str:
    return f"iif(unicode({expression}) in ({_FORMULAS}), '''', '') || {expression}"


def _shell(database: Path, sql: str) -> float:
    began = time.perf_counter()
    subprocess.run(["sqlite3", "-readonly", "-csv", str(database), sql], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
