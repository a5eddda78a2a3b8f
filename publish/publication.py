"""Read-only copies of the archive for serving: made aside, tried, then put in place at once.

A folder of publications holds ``archive-<moment>.db`` with its manifest ``archive-<moment>.json`` and
downloads ``downloads-<moment>/``, the link ``current`` to the database being served, and the link
``captures`` to the archive's captures, from which evidence is shown.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from archive.errors import of_database, of_system
from archive.lock import exclusive
from archive.schema import migrations
from archive.store import Archive, program_version
from publish import counts, figures, findings_page
from publish.dictionary import dictionary
from publish.errors import SiteError
from publish.first_pages import ask_first_pages
from publish.metadata import DATABASE
from publish.search_index import OLDEST_FIRST, write_search_index
from publish.table_files import ExportFailedError, Fractions, export

CURRENT, CAPTURES = "current", "captures"
_SLICED = ("reports", "organs", "disclosures", "requests", "reviews", "indicators", "findings", "changes")
_SEARCH_SUFFIX = ".search"
_CACHE_KB = 262_144
_SORTING = "SQLITE_TMPDIR"
_COUNT_MS = 600_000


@dataclass(frozen=True, slots=True)
class Download:
    """A file for people to take away: its path below the downloads, what it is a slice by, and its size.

    Paths are plain ASCII, which every program can ask for; ``label`` names year or province.
    """

    path: str
    label: str
    bytes: int
    sha256: str


@dataclass(slots=True)
class Publication:
    """A copy of the archive as its manifest describes it; ``tables`` counts the rows of each public table."""

    file: str
    created_at: str
    version: str
    bytes: int
    sha256: str
    tables: dict[str, int]
    downloads: list[Download] = field(default_factory=list)

    def words(self) -> dict[str, object]:
        """What to tell whoever made it."""
        return {
            self.file: "",
            "reports": self.tables["reports"],
            "bytes": self.bytes,
            "SHA-256": self.sha256,
            "downloads": len(self.downloads),
        }

    @classmethod
    def load(cls, database: Path) -> Publication:
        """Read the manifest beside ``database``. Raises SiteError if there is none or it is no manifest."""
        manifest = database.with_suffix(".json")
        try:
            data: dict[str, Any] = json.loads(manifest.read_text("utf-8"))
            return cls(**{**data, "downloads": [Download(**download) for download in data["downloads"]]})
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise SiteError(f"{manifest} is no manifest of a publication ({error}): publish again") from error


def downloads_of(database: Path) -> Path:
    """The folder of the files that were written with ``database``."""
    return database.with_name(f"downloads-{_moment(database)}")


def current(folder: Path) -> Path:
    """Return the database that ``folder`` offers now. Raises SiteError if there is none."""
    link = folder / CURRENT
    try:
        target = folder / link.readlink()
    except OSError as error:
        raise SiteError(f"nothing is published in {folder}: run 'nianbao publish {folder}' first") from error
    if not target.is_file():
        raise SiteError(f"{target} is gone: run 'nianbao publish {folder}' again")
    return target


def publish(
    archive_path: Path,
    folder: Path,
    *,
    keep: int = 2,
    downloads: bool = True,
    advance: Callable[[str], None] = lambda _step: None,
) -> Publication:
    """Copy the archive into ``folder``, optimise and try the copy, and put it in place of the one before.

    What is being served goes on being served whatever fails here. Copies beyond ``keep`` are
    removed, the oldest first. Raises SiteError where the copy cannot be made or does not pass its
    trial, ArchiveError where there is no archive or another command publishes to ``folder``.
    """
    with Archive.read_only(archive_path) as archive:
        captures = archive.captures_dir.resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with exclusive(folder / ".lock", folder):
            _remove_unfinished(folder)
            _link(captures, folder / CAPTURES)
            moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            made = _make(archive_path, folder, moment, downloads=downloads, advance=advance)
            _link(Path(made.file), folder / CURRENT)
            _prune(folder, keep)
    except sqlite3.Error as error:
        raise SiteError(str(of_database(f"cannot publish {archive_path} to {folder}", error))) from error
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise SiteError(str(of_system(f"cannot publish to {folder}{where}", error))) from error
    except ExportFailedError as error:
        raise SiteError(f"cannot publish to {folder}: {error}") from error
    return made


def _make(
    archive_path: Path, folder: Path, moment: str, *, downloads: bool, advance: Callable[[str], None]
) -> Publication:
    database = folder / f"archive-{moment}.db"
    try:
        _copy(archive_path, database)
        advance("copied")
        _optimise(database)
        advance("optimised")
        _count(database)
        advance("counted")
        files = _write_downloads(database, advance) if downloads else []
        made = Publication(
            file=database.name,
            created_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            version=program_version(),
            bytes=database.stat().st_size,
            sha256=_sha256(database),
            tables=_counts(database),
            downloads=files,
        )
        text = json.dumps(asdict(made), ensure_ascii=False, indent=1) + "\n"
        database.with_suffix(".json").write_text(text, "utf-8")
        database.chmod(0o444)
        asyncio.run(_try(database))
        advance("tried")
    except BaseException:
        _remove(database)
        raise
    return made


def _copy(archive_path: Path, target: Path) -> None:
    """Write the public rows of the archive, as they are at one moment, to the new database ``target``.

    Rows come in the order of their tables and indexes afterwards, so that nothing need be moved again.
    The search index is put in order in a file of its own, whose free space goes with it.
    """
    search = target.with_suffix(_SEARCH_SUFFIX)
    try:
        with closing(_aside(target)) as db:
            db.execute("ATTACH ? AS source", (f"{archive_path.resolve().as_uri()}?mode=ro",))
            db.execute("ATTACH ? AS search", (str(search),))
            db.execute("PRAGMA search.journal_mode=OFF")
            with _whole(db):
                _copy_tables(db)
                db.execute(_schema_of(db, "sections_fts").replace("TABLE ", "TABLE search.", 1))
                _copy_search(db, "source", "search")
        with closing(_aside(search)) as db:
            db.execute("INSERT INTO sections_fts (sections_fts) VALUES ('optimize')")
        with closing(_aside(target)) as db:
            db.execute("ATTACH ? AS search", (f"{search.resolve().as_uri()}?mode=ro",))
            with _whole(db):
                _copy_search(db, "search", "main")
    finally:
        search.unlink(missing_ok=True)


@contextmanager
def _sorting_in(folder: Path) -> Iterator[None]:
    """Have SQLite sort in ``folder``, which has room for a publication, and not where temporary files go else."""
    before = os.environ.get(_SORTING)
    os.environ[_SORTING] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SORTING]
        else:
            os.environ[_SORTING] = before


def _aside(database: Path) -> sqlite3.Connection:
    """Open a database that nobody reads yet, and that is made again should this process not end well."""
    db = sqlite3.connect(f"file:{quote(str(database))}", uri=True, isolation_level=None)
    for pragma in ("foreign_keys=OFF", "journal_mode=OFF", "synchronous=OFF", f"cache_size=-{_CACHE_KB}"):
        db.execute(f"PRAGMA {pragma}")
    return db


@contextmanager
def _whole(db: sqlite3.Connection) -> Iterator[None]:
    """One transaction: all that is read within is of one moment."""
    db.execute("BEGIN")
    yield
    db.execute("COMMIT")


def _schema_of(db: sqlite3.Connection, name: str) -> str:
    ((sql,),) = db.execute("SELECT sql FROM source.sqlite_master WHERE name = ?", (name,)).fetchall()
    return str(sql)


def _copy_tables(db: sqlite3.Connection) -> None:
    """Make the tables of ``source`` and fill those that are public; bookkeeping stays empty."""
    schema = db.execute(
        "SELECT type, name, sql FROM source.sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' "
        "AND name NOT LIKE 'sections_fts_%' ORDER BY type <> 'table', rowid"
    ).fetchall()
    for kind, name, sql in schema:
        if kind != "trigger":
            db.execute(sql)
        public = not name.startswith("_") or name == migrations.migrations_table
        if kind == "table" and public and name != "sections_fts":
            order = f" ORDER BY {OLDEST_FIRST}" if name == "reports" else ""
            db.execute(f"INSERT INTO main.{name} SELECT * FROM source.{name}{order}")


def _copy_search(db: sqlite3.Connection, source: str, target: str) -> None:
    """Copy the tables behind the search index as they are; ``target`` has an empty one."""
    for part in ("config", "data", "docsize", "idx"):
        db.execute(f"DELETE FROM {target}.sections_fts_{part}")
        db.execute(f"INSERT INTO {target}.sections_fts_{part} SELECT * FROM {source}.sections_fts_{part}")


def _optimise(database: Path) -> None:
    """Add the sums of places and indexes for what readers ask, and let SQLite know its tables."""
    with _sorting_in(database.parent), closing(_aside(database)) as db:
        # The newest reports and their findings, for the feeds.
        db.execute("CREATE INDEX reports_newest ON reports(captured_at DESC, id)")
        figures.write_rollup(db)
        findings_page.write_rollup(db)
        write_search_index(db)
        db.execute("ANALYZE")
        [(state,)] = db.execute("PRAGMA quick_check(1)").fetchall()
        if state != "ok":
            raise SiteError(
                f"the copy {database} is damaged: {state}; run 'nianbao verify' to see whether the archive is whole"
            )


def _count(database: Path) -> None:
    """Have the site over the copy count what its pages count, without hurry, and keep that in it."""
    from publish.serve import build_app

    site = build_app(database, immutable=True, query_ms=_COUNT_MS)
    try:
        gathered = asyncio.run(counts.gather(site))
    finally:
        site.get_database(DATABASE).close()
    with closing(_aside(database)) as db, _whole(db):
        counts.write(db, gathered)
    with database.open("rb") as stream:
        os.fsync(stream.fileno())


def _write_downloads(database: Path, advance: Callable[[str], None]) -> list[Download]:
    folder = downloads_of(database)
    labels = {}
    fractions: Fractions = {}
    with Archive.read_only(database) as archive:
        for path, label, where in _slices(archive):
            labels[path] = label
            export(
                archive, folder / path, where, lambda _table: None, headings="zh", tables=_SLICED, fractions=fractions
            )
            advance(path)
        try:
            export(archive, folder / "parquet", None, lambda _table: None, format_="parquet", fractions=fractions)
            advance("parquet")
        except ExportFailedError:
            # Whole tables as Parquet are for those who installed the extra.
            shutil.rmtree(folder / "parquet", ignore_errors=True)
    return [
        Download(name, labels.get(name.rpartition("/")[0], ""), path.stat().st_size, _sha256(path))
        for path in sorted(folder.rglob("*"))
        if path.is_file() and (name := path.relative_to(folder).as_posix())
    ]


def _slices(archive: Archive) -> Iterator[tuple[str, str, str]]:
    for (year,) in archive.db.conn.execute("SELECT DISTINCT year FROM reports ORDER BY year").fetchall():
        yield f"years/{year}", f"{year} 年度", f"year = {int(year)}"
    provinces = (
        "SELECT province, min(substr(division_code, 1, 2)) FROM organs WHERE province IS NOT NULL "
        "GROUP BY province ORDER BY 2, 1"
    )
    for number, (province, code) in enumerate(archive.db.conn.execute(provinces).fetchall(), start=1):
        quoted = province.replace("'", "''")
        name = f"{code}0000" if code else f"other-{number}"
        yield f"provinces/{name}", province, f"organ_id IN (SELECT id FROM organs WHERE province = '{quoted}')"


async def _try(database: Path) -> None:
    """Ask the site over the copy for its first pages. Raises SiteError where it does not serve them."""
    from publish.serve import build_published

    site = build_published(database)
    try:
        await ask_first_pages(site)
    finally:
        site.get_database(DATABASE).close()


def _counts(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as db:
        return {name: int(db.execute(f"SELECT count(*) FROM {name}").fetchone()[0]) for name in dictionary().tables}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _moment(database: Path) -> str:
    return database.stem.partition("-")[2]


def _link(target: Path, link: Path) -> None:
    """Make ``link`` lead to ``target``, from one moment to the next."""
    unfinished = link.with_name(f".{link.name}.new")
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(target)
    unfinished.replace(link)


def _prune(folder: Path, keep: int) -> None:
    served = current(folder).name
    older = sorted((path for path in folder.glob("archive-*.db") if path.name != served), reverse=True)
    for database in older[keep - 1 :]:
        _remove(database)


def _remove_unfinished(folder: Path) -> None:
    """Remove what a command left that was killed."""
    for database in folder.glob("archive-*.db"):
        if not database.with_suffix(".json").exists():
            _remove(database)


def _remove(database: Path) -> None:
    for suffix in (".db", ".db-journal", _SEARCH_SUFFIX, ".json"):
        database.with_suffix(suffix).unlink(missing_ok=True)
    shutil.rmtree(downloads_of(database), ignore_errors=True)
