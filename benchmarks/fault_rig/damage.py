"""Damage to what is stored: WARC files cut off or overwritten, pages of the database overwritten."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

from archive.verification import warcs
from benchmarks.fault_rig.verdict import Case, judge
from benchmarks.fault_rig.workloads import WORKLOADS, Stage, Workload, query

_PAGES_PER_COMMAND = 6
_RECORDS_PER_COMMAND = 3
_KINDS = ("zeros", "noise", "another page")


def warc_cases(stage: Stage, folder: Path, seed: int, _moments: int) -> Iterator[Case]:
    """The last member cut off, and seeded records overwritten, before each command."""
    for workload in WORKLOADS:
        if not stage.is_due(workload):
            continue
        yield _damaged_captures(stage, folder, workload, "WARC truncated", f"{workload.name} {seed}", _truncate)
        for number in range(_RECORDS_PER_COMMAND):
            rng = random.Random(f"{seed}/{workload.name}/{number}")
            damage = partial(_overwrite_record, rng)
            where = f"{workload.name} {seed}/{number}"
            yield _damaged_captures(stage, folder, workload, "WARC record damaged", where, damage)


def _damaged_captures(
    stage: Stage, folder: Path, workload: Workload, fault: str, seed: str, damage: Callable[[Path], str]
) -> Case:
    stage.fresh(workload, folder)
    case = Case(fault, workload.command, seed)
    file = damage(folder)
    case.take("on the damage", stage.run(folder, *workload.arguments))
    told = stage.run(folder, "verify")
    if told.status != 1 or file not in told.errors:
        case.unexplained.append(f"verify does not name {file}: {told.status} {told.errors[-200:]}")
    repaired = stage.run(folder, "verify", "--repair")
    lost = query(folder / "archive.db", "SELECT sha256 FROM _lost_documents")
    if any(sha256 not in repaired.errors for (sha256,) in lost):
        case.unexplained.append("verify --repair does not say what is lost")
    if lost:
        # What the portals still have comes again; of what they have not, the reading stays.
        stage.run(folder, *_crawl_of(workload))
    case.completed = case.take("next run", stage.run(folder, *workload.arguments), (0, 1))
    _judge_without(case, folder, stage, workload)
    return case


def _crawl_of(workload: Workload) -> tuple[str, ...]:
    return next(one.arguments for one in WORKLOADS if one.command == "crawl")


def _judge_without(case: Case, folder: Path, stage: Stage, workload: Workload) -> None:
    """As :func:`judge`, but for originals that no portal has any more: their rows must be there, and it is said."""
    gone = {row[0] for row in query(folder / "archive.db", "SELECT sha256 FROM _lost_documents")}
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    if gone:
        case.losses = [loss for loss in case.losses if not any(sha256 in loss for sha256 in gone)]
        case.losses = [loss for loss in case.losses if "no whole record" not in loss]
        case.said.append(f"{len(gone)} originals no longer exist anywhere; verify names them")


def _truncate(folder: Path) -> str:
    """Cut the last member of the file off that has most documents, in its middle."""
    path = _fullest(folder)
    records = [part for part in warcs.read(path) if isinstance(part, warcs.Record) and part.sha256]
    last = records[-1]
    with path.open("r+b") as file:
        file.truncate(last.offset + last.length // 2)
    return path.name


def _overwrite_record(rng: random.Random, folder: Path) -> str:
    rows = query(folder / "archive.db", "SELECT warc, offset, length FROM documents ORDER BY sha256")
    warc, offset, length = rng.choice(rows)
    at = rng.randrange(length // 4, length * 3 // 4)
    with (folder / "captures" / warc).open("r+b") as file:
        file.seek(offset + at)
        file.write(rng.randbytes(min(32, length - at)))
    return str(warc)


def _fullest(folder: Path) -> Path:
    query_ = "SELECT warc FROM documents GROUP BY warc ORDER BY count(*) DESC, warc LIMIT 1"
    return folder / "captures" / query(folder / "archive.db", query_)[0][0]


def page_cases(stage: Stage, folder: Path, seed: int, _moments: int) -> Iterator[Case]:
    """Seeded pages of the database overwritten before each command: verify finds it, or nothing is wrong."""
    for workload in WORKLOADS:
        for number in range(_PAGES_PER_COMMAND):
            if not stage.is_due(workload):
                continue
            yield _damaged_page(stage, folder, workload, f"{seed}/{workload.name}/{number}", _KINDS[number % 3])


def _damaged_page(stage: Stage, folder: Path, workload: Workload, seed: str, kind: str) -> Case:
    stage.fresh(workload, folder)
    page, owner = _overwrite_page(folder / "archive.db", random.Random(seed), kind)
    case = Case(f"page: {kind}", workload.command, f"{seed} page {page} of {owner}")
    case.take("on the damage", stage.run(folder, *workload.arguments))
    repaired = stage.run(folder, "verify", "--repair")
    if "Traceback" in repaired.errors:
        case.unexplained.append(f"verify --repair: {repaired.last_line[:300]}")
    told = [line for line in repaired.errors.splitlines() if "some may be lost" in line]
    case.said += told
    if any("the next crawl finds again" in line for line in told):
        stage.run(folder, *_crawl_of(workload))
    case.completed = case.take("next run", stage.run(folder, *workload.arguments))
    judge(case, folder, stage.before(workload), stage.undisturbed(workload))
    return case


def _overwrite_page(path: Path, rng: random.Random, kind: str) -> tuple[int, str]:
    """Overwrite a page that is in use, the first left out; return its number and what it belongs to."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA journal_mode=DELETE")
        (size,) = db.execute("PRAGMA page_size").fetchone()
        owners = _owners(db)
        db.execute("PRAGMA journal_mode=WAL")
    page = rng.choice(sorted(owners))
    with path.open("r+b") as file:
        if kind == "another page":
            file.seek((rng.choice(sorted(owners)) - 1) * size)
            written = file.read(size)
        else:
            written = bytes(size) if kind == "zeros" else rng.randbytes(size)
        file.seek((page - 1) * size)
        file.write(written)
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    return page, owners[page]


def _owners(db: sqlite3.Connection) -> dict[int, str]:
    """Which table or index each page belongs to, where SQLite can tell; else only that it is a page."""
    try:
        return dict(db.execute("SELECT pageno, name FROM dbstat WHERE pageno > 1").fetchall())
    except sqlite3.OperationalError:
        (count,) = db.execute("PRAGMA page_count").fetchone()
        return dict.fromkeys(range(2, count + 1), "an unknown table")
