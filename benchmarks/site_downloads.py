"""How fast CSV leaves the site, in each of its editions, against the ``sqlite3`` shell writing the same rows."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.parse import urlencode
from urllib.request import urlopen

from sqlite_utils import Database

from publish.dictionary import dictionary

TABLES = ("reports", "requests", "disclosures")
AT_LEAST = 0.5
_ROUNDS = 3
_CHUNK = 1 << 20
# What a cell of text begins with that a spreadsheet takes for a formula: the download puts an apostrophe before it.
_FORMULAS = "61, 43, 45, 64, 9, 10, 13, 65309, 65291, 65293, 65312"
_MEASURE = "requests.new.total"


@dataclass(frozen=True, slots=True)
class _Edition:
    """One file of the site, and the statements that write the same in the shell: its cells guarded, and as they are."""

    name: str
    path: str
    guarding: str
    plain: str


@dataclass(frozen=True, slots=True)
class Rate:
    """Seconds of one file in turns: from the site, from the shell guarding cells as the site does, and not guarding."""

    name: str
    rows: int
    bytes: int
    site: list[float]
    guarding: list[float]
    plain: list[float]

    @property
    def share(self) -> float:
        """The site's rate over that of the shell writing the same CSV: the median of the turns."""
        return _share(self.guarding, self.site)

    def __str__(self) -> str:
        fell_short = "" if self.share >= AT_LEAST else f"  under {AT_LEAST:g}"
        return (
            f"CSV of {self.name:<28} {self.rows:>10,} rows {self.bytes / 1e6:7.1f} MB  "
            f"site {self.rows / median(self.site):9,.0f} rows/s  "
            f"sqlite3 {self.rows / median(self.guarding):9,.0f} rows/s  "
            f"ratio {self.share:4.2f} (without the guard against formulas {_share(self.plain, self.site):4.2f})"
            f"{fell_short}"
        )


def _share(shell: list[float], site: list[float]) -> float:
    return median(one / other for one, other in zip(shell, site, strict=True))


def rates(address: str, database: Path) -> Iterator[Rate]:
    """Measure each edition, the site and the shell in turns; nothing where there is no shell."""
    if shutil.which("sqlite3") is None:
        return
    db = Database(database)
    for edition in _editions(db):
        site, guarding, plain = [], [], []
        size = _download(f"{address}/-/export/archive/{edition.path}")
        for _round in range(_ROUNDS):
            began = time.perf_counter()
            _download(f"{address}/-/export/archive/{edition.path}")
            site.append(time.perf_counter() - began)
            guarding.append(_shell(database, edition.guarding))
            plain.append(guarding[-1] if edition.plain == edition.guarding else _shell(database, edition.plain))
        yield Rate(edition.name, _rows(database, edition.plain), size, site, guarding, plain)
    db.close()


def _editions(db: Database) -> Iterator[_Edition]:
    for table in TABLES:
        guarding, plain = (f"{_select(db, table, guard=guard)}{_order(table)}" for guard in (True, False))
        programs = f"select * from {table}{_order(table)}"
        yield _Edition(f"all {table}", f"{table}.csv", guarding, plain)
        yield _Edition(f"all {table}, codes", f"{table}.csv?_header=code", guarding, plain)
        yield _Edition(f"all {table}, raw", f"{table}.csv?_raw=on", programs, programs)
    [(province, year)] = db.execute(
        "select o.province, r.year from reports as r join organs as o on o.id = r.organ_id where o.province <> '' "
        "group by 1, 2 order by count(*) desc limit 1"
    ).fetchall()
    quoted = "'{}'".format(province.replace("'", "''"))
    of_province = f"organ_id in (select id from organs where province = {quoted})"
    for name, arguments, condition in (
        ("province", {"_province": province}, of_province),
        ("year", {"_year": year}, f"year = {year}"),
    ):
        chosen = f" where t.report_id in (select id from reports where {condition})"
        selects = (_select(db, "requests", guard=guard) + chosen for guard in (True, False))
        yield _Edition(f"requests of a {name}", f"requests.csv?{urlencode(arguments)}", *selects)
    figures = _slice()
    yield _Edition("a measure of all organs", f"slice.csv?measure={_MEASURE}", figures, figures)


def _slice() -> str:
    """The site's own query of a measure over the years; of what it computes rates with, the shell knows nothing."""
    query = dictionary().queries["slice"]
    sql = query.sql.replace("rate_json(", "coalesce(").replace(":measure", f"'{_MEASURE}'")
    return re.sub(r":[a-z]+", "''", sql)


def _order(table: str) -> str:
    """How the site orders the table; by its key where nothing else is said, as it lies there."""
    described = dictionary().tables[table]
    column = described.sort or described.sort_desc
    return f" order by {column}{' desc' if described.sort_desc else ''}" if column else ""


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


def _rows(database: Path, sql: str) -> int:
    counting = ["sqlite3", "-readonly", str(database), f"select count(*) from ({sql})"]
    return int(subprocess.run(counting, capture_output=True, check=True, text=True).stdout)
