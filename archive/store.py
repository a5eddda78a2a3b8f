"""The store: one SQLite archive with its captures beside it."""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal, Required, TypedDict, Unpack

from sqlite_utils import Database

from archive import backup, lookups, packing, times
from archive.closing import Closing
from archive.errors import ArchiveError, DamagedArchiveError, code_of, of_database
from archive.lock import exclusive, holder
from archive.schema import migrations
from archive.transactions import transaction
from archive.warc import (
    Exchange,
    Location,
    WarcFile,
    capture_url,
    information,
    payload_in,
    read_payload,
    read_record,
    target_url,
)
from archive.writing import RecordWriter, Write
from parsers.extract import Origin
from parsers.hosts import host_and_port, is_web
from parsers.media import sniff

logger = logging.getLogger(__name__)

Role = Literal["document", "page"]

_BUSY_TIMEOUT_MS = 30_000
_SHORTEST_PREFIX = 4
_CACHE_KB = 65_536
CLOCK_MAY_BE_BEHIND = 3600.0
"""Seconds by which a clock may have been set back; a larger step is an error of the clock."""
DESPITE_CLOCK = "NIANBAO_DESPITE_CLOCK"
_NOT_AN_ARCHIVE = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


@dataclass(frozen=True, slots=True)
class Capture:
    """One capture that has a document. ``fetched_at`` is UTC ISO 8601."""

    url: str
    sha256: str
    fetched_at: str
    http_status: int | None
    etag: str | None
    last_modified: str | None
    portal_id: str | None


class About(TypedDict, total=False):
    """What is known of a capture beside its address and payload.

    ``fetched_at`` is any ISO 8601 time. ``role`` 'page' marks list pages, which are kept but not
    extracted. ``request_body`` is what was sent with ``method``; the capture's address tells it.
    ``reads_like`` is the SHA-256 of an earlier document of this address that is read the same:
    what was read of that one stands for this one too.
    """

    fetched_at: Required[str]
    portal_id: str | None
    http_status: int | None
    request_headers: Iterable[tuple[str, str]] | None
    response_headers: Iterable[tuple[str, str]] | None
    etag: str | None
    last_modified: str | None
    origin: Origin | None
    role: Role
    reads_like: str | None
    method: str
    request_body: bytes


@dataclass(slots=True, eq=False)
class Kept:
    """A capture on its way into the archive: its record is being written, the database knows nothing yet.

    ``written`` gives the record's place once it is on disk, None where there is none to write.
    ``document`` is the capture whose record holds the payload, if the database does not know it.
    """

    run_id: str
    url: str
    sha256: str | None
    about: About
    media_type: str = ""
    bytes: int = 0
    written: Future[Location] | None = None
    document: Kept | None = None


class Archive(Closing):
    """An open archive; use :meth:`open`.

    ``db`` is the SQLite database. Methods that write expect the caller to hold
    :meth:`write_lock` for the whole of its command.
    """

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self.db = db
        self._writers: dict[tuple[str, int], RecordWriter] = {}
        self._unnoted: dict[str, Kept] = {}
        self._locked = 0
        self.elsewhere: Callable[[Location], bytes] | None = None
        """Gives the record at a place in a WARC file that does not stand in the captures folder."""

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Archive:
        """Open the archive at ``path``, bringing an older one up to date after a copy of it was made beside it.

        Raises ArchiveError if there is none and ``create`` is false, if the file is
        something else, or if a newer program wrote it.
        """
        path = Path(path)
        if not path.exists() and not create:
            raise ArchiveError(f"no archive at {path}: name one with --archive, or crawl or import first")
        if not path.parent.is_dir():
            raise ArchiveError(f"no folder {path.parent} for the archive: create it first")
        try:
            connection = sqlite3.connect(str(path), timeout=_BUSY_TIMEOUT_MS / 1000)
        except sqlite3.OperationalError as error:
            raise of_database(f"cannot open {path}", error) from error
        try:
            packing.register(connection)
            db = Database(connection)
            _prepare(db, path)
        except sqlite3.DatabaseError as error:
            connection.close()
            code = code_of(error)
            damaged = code == sqlite3.SQLITE_CORRUPT or (
                code == sqlite3.SQLITE_NOTADB and any((path.parent / "captures").glob("*.warc.gz"))
            )
            if damaged:
                raise DamagedArchiveError(f"{path} is damaged ({error}): restore it from a copy") from error
            if code in _NOT_AN_ARCHIVE:
                raise ArchiveError(f"cannot use {path} as an archive: {error}; name another file") from error
            raise of_database(f"cannot open {path}", error) from error
        except BaseException:
            connection.close()
            raise
        return cls(path, db)

    @classmethod
    def read_only(cls, path: Path) -> Archive:
        """Open an archive without the right to change it. Raises ArchiveError as :meth:`open`."""
        path = Path(path)
        if not path.is_file():
            raise ArchiveError(f"no archive at {path}: name one with --archive, or crawl or import first")
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
            packing.register(connection)
            db = Database(connection)
            if migrations.migrations_table not in db.table_names():
                raise ArchiveError(f"{path} is a database of another program: name another file with --archive")
            if migrations.pending(db):
                raise ArchiveError(f"{path} is of an older version: 'nianbao check' brings it up to date")
        except sqlite3.DatabaseError as error:
            if code_of(error) in _NOT_AN_ARCHIVE:
                raise ArchiveError(f"cannot use {path} as an archive: {error}; name another file") from error
            raise of_database(f"cannot open {path}", error) from error
        return cls(path, db)

    @property
    def captures_dir(self) -> Path:
        """The folder of WARC files."""
        return self.path.parent / "captures"

    def close(self) -> None:
        """Close the database and the WARC files."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        self.db.close()

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """Be the one command that writes; may be nested.

        Raises ArchiveError if another command is writing.
        """
        if self._locked:
            yield
            return
        with exclusive(_lock_file(self.path), self.path):
            self._locked += 1
            try:
                yield
            finally:
                self._locked -= 1

    def writer(self) -> str | None:
        """The command that is writing, such as ``since 2026-01-31T08:00:00Z, pid 4711``; None if none is."""
        return holder(_lock_file(self.path))

    def begin_run(self, command: str) -> str:
        """Record the start of a run of ``command`` and return its id.

        Moments decide which version of a report is the later one, so none may be earlier than those of
        the run before. Raises ArchiveError if the clock is far behind that run.
        """
        self._go_on_in_time()
        started = times.now()
        run_id = f"{started.replace('-', '').replace(':', '')}-{secrets.token_hex(3)}"
        self.db["runs"].insert({"id": run_id, "command": command, "started_at": started, "version": program_version()})
        return run_id

    def finish_run(self, run_id: str) -> None:
        """Record the end of a run."""
        self.db["runs"].update(run_id, {"finished_at": times.now()})

    def _go_on_in_time(self) -> None:
        execute = self.db.conn.execute
        (latest,) = execute(
            "SELECT max(moment) FROM (SELECT max(started_at) AS moment FROM runs UNION ALL"
            " SELECT max(finished_at) FROM runs UNION ALL SELECT max(fetched_at) FROM captures"
            # A run that was killed has no end, but captures.
            " WHERE portal_id IS NOT NULL AND run_id = (SELECT id FROM runs ORDER BY started_at DESC LIMIT 1))"
        ).fetchone()
        if latest is None or latest <= (present := times.now()):
            return
        if times.seconds_between(present, latest) > CLOCK_MAY_BE_BEHIND and not os.environ.get(DESPITE_CLOCK):
            raise ArchiveError(
                f"the clock says {present}, but the last run in {self.path} was at {latest}: set the clock; if it was"
                f" wrong at that run, restore the copy from before it, or set {DESPITE_CLOCK}=1 to count on from there"
            )
        times.go_on_from(latest)
        logger.warning("the clock is behind the last run (%s): what is captured is dated from there on", latest)

    def sync_portals(self, portals: Iterable[Mapping[str, Any]]) -> None:
        """Bring ``portals`` up to the registry; what runs have said of them stays.

        Keys are those of the portal file: id, name, start (or start_url), division (or
        division_code), cms, province, city, county.
        """
        with self.db.atomic():
            for portal in portals:
                starts = portal.get("start") or []
                self.db["portals"].upsert(
                    {
                        "id": portal["id"],
                        "name": portal["name"],
                        "start_url": portal.get("start_url") or (starts[0] if starts else None),
                        "division_code": portal.get("division_code") or portal.get("division"),
                        "cms": portal.get("cms"),
                    },
                    pk="id",
                )
                self.db["_portal_places"].upsert(
                    {"portal_id": portal["id"]}
                    | {place: portal.get(place) for place in ("province", "city", "county")},
                    pk="portal_id",
                )

    def record_capture(
        self,
        run_id: str,
        url: str | None,
        payload: bytes | None,
        **about: Unpack[About],
    ) -> str | None:
        """Keep one answer of a portal, or one imported file, and return its SHA-256.

        See :meth:`keep`. Raises ArchiveError if the files cannot be written or the time is none.
        """
        return self.note(self.keep(run_id, url, payload, **about))

    def keep(self, run_id: str, url: str | None, payload: bytes | None, **about: Unpack[About]) -> Kept:
        """Begin to write one answer of a portal, or one imported file; :meth:`note` ends it.

        ``payload`` is the decoded body, None where there is none. Without ``http_status`` it is
        an imported file, whose ``url`` may be None. Only the body of a 2xx answer is kept as a
        document; 304 repeats the document of the URL's last capture. Raises ArchiveError if
        ``fetched_at`` is no time.
        """
        about["fetched_at"] = times.normalise(about["fetched_at"])
        status, method, body = about.get("http_status"), about.get("method", "GET"), about.get("request_body", b"")
        if status is not None and not 200 <= status < 300:
            payload = None
        asked = url
        url = url and capture_url(url, method, body)
        if payload is None:
            if url is None:
                raise ValueError("a capture needs a url or a payload")
            last = self.last_capture(url, about.get("portal_id")) if status == 304 else None
            if last is not None:
                # A server that says 304 need not say again by what it knew.
                about["etag"] = about.get("etag") or last.etag
                about["last_modified"] = about.get("last_modified") or last.last_modified
            return Kept(run_id, url, last.sha256 if last else None, about)
        digest = hashlib.sha256(payload).hexdigest()
        # Files of unknown origin are told apart by content; their names say nothing.
        url = url or f"urn:sha256:{digest}"
        kept = Kept(run_id, url, digest, about, sniff(payload), len(payload))
        exchange = (
            None
            if status is None
            else Exchange(
                url=asked or url,
                fetched_at=about["fetched_at"],
                status=status,
                request_headers=tuple(about.get("request_headers") or ()),
                response_headers=tuple(about.get("response_headers") or ()),
                method=method,
                request_body=body,
            )
        )
        self._begin_writing(kept, payload, exchange)
        return kept

    def note(self, kept: Kept) -> str | None:
        """Note in the database what was kept, once it is on disk, and return its SHA-256.

        Raises ArchiveError if the files cannot be written.
        """
        about, digest, execute = kept.about, kept.sha256, self.db.conn.execute
        if self._unnoted.get(digest or "") is kept:
            del self._unnoted[digest or ""]
        if kept.written is not None:
            kept.written.result()
        with transaction(self.db):
            if (document := kept.document) is not None and document.written is not None:
                execute(
                    "INSERT OR IGNORE INTO documents (sha256, media_type, bytes, warc, offset, length,"
                    " first_captured_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (
                        digest,
                        document.media_type,
                        document.bytes,
                        *astuple(document.written.result()),
                        document.about["fetched_at"],
                    ),
                )
                self._note_found(digest, document.written.result())
            if kept.media_type:
                execute(
                    "UPDATE documents SET first_captured_at = ? WHERE sha256 = ? AND first_captured_at > ?",
                    (about["fetched_at"], digest, about["fetched_at"]),
                )
            capture_id = execute(
                "INSERT INTO captures (run_id, portal_id, url, http_status, sha256, fetched_at, etag, "
                "last_modified) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    kept.run_id,
                    about.get("portal_id"),
                    kept.url,
                    about.get("http_status"),
                    digest,
                    about["fetched_at"],
                    about.get("etag"),
                    about.get("last_modified"),
                ),
            ).lastrowid
            if about.get("reads_like"):
                self._carry_over(about["reads_like"], digest, kept.url)
            if about.get("role") == "page":
                self._note_page(capture_id, kept.url, digest)
            elif digest is not None:
                execute(
                    # By way of the captures, whose addresses are indexed; all that was read was captured.
                    "INSERT OR IGNORE INTO _outdated_reports SELECT e.report_id FROM captures c "
                    "CROSS JOIN _extractions e ON e.sha256 = c.sha256 AND e.url = c.url "
                    "WHERE c.url = ? AND e.report_id IS NOT NULL",
                    (kept.url,),
                )
            origin = about.get("origin")
            if origin is not None:
                self._note_origin(kept.url, origin)
        return digest

    def _note_page(self, capture_id: int | None, url: str, digest: str | None) -> None:
        """Note that a capture is of a list or navigation page, and so were others of the same bytes.

        Of a capture that only its WARC file tells of, nothing else says that it was no document.
        """
        execute = self.db.conn.execute
        same = (digest, url)
        read = "FROM _extractions WHERE sha256 = ? AND url = ?"
        if not execute(f"SELECT 1 {read} AND report_id IS NOT NULL", same).fetchone():
            execute("DELETE FROM refusals WHERE sha256 = ? AND url = ?", same)
            execute(f"DELETE {read}", same)
            execute("INSERT OR IGNORE INTO _page_captures SELECT id FROM captures WHERE sha256 = ? AND url = ?", same)
        execute("INSERT OR IGNORE INTO _page_captures VALUES (?)", (capture_id,))

    def last_capture(self, url: str, portal_id: str | None = None) -> Capture | None:
        """Return the latest capture of ``url`` whose document is there, of ``portal_id`` if given."""
        row = self.db.conn.execute(
            "SELECT url, sha256, fetched_at, http_status, etag, last_modified, portal_id FROM captures "
            "WHERE url = ? AND sha256 IS NOT NULL AND (? IS NULL OR portal_id = ?) "
            "AND sha256 NOT IN (SELECT sha256 FROM _lost_documents) "
            "ORDER BY fetched_at DESC, id DESC LIMIT 1",
            (url, portal_id, portal_id),
        ).fetchone()
        return Capture(*row) if row else None

    def payload(self, sha256: str) -> bytes:
        """Return the bytes of a document, verified against its hash.

        Raises ArchiveError if the archive has no such document or its file is damaged.
        """
        location, size = self._location(sha256)
        if self.elsewhere is not None and not (self.captures_dir / location.warc).exists():
            where = f"{location.warc} at offset {location.offset}"
            return payload_in(self.elsewhere(location), sha256, size, where)
        return read_payload(self.captures_dir, location, sha256, size)

    def warc(self, sha256: str) -> bytes:
        """Return a WARC file with the one record that holds a document, as it was captured.

        Raises ArchiveError as :meth:`payload` does.
        """
        location, size = self._location(sha256)
        record = read_record(self.captures_dir, location, sha256, size)
        return information(f"{sha256}.warc.gz", {"software": f"nianbao/{program_version()}"}) + record

    def _location(self, sha256: str) -> tuple[Location, int]:
        row = self.db.conn.execute(
            "SELECT warc, offset, length, bytes FROM documents WHERE sha256 = ?", (sha256,)
        ).fetchone()
        if row is None:
            raise ArchiveError(f"no document {sha256} in {self.path}")
        warc, offset, length, size = row
        return Location(warc, offset, length), size

    def resolve(self, prefix: str) -> str:
        """Return the one SHA-256 of a document that begins with ``prefix``.

        Raises ArchiveError if there is none, or more than one.
        """
        prefix = prefix.strip().lower()
        if len(prefix) < _SHORTEST_PREFIX or not set(prefix) <= set("0123456789abcdef"):
            raise ArchiveError(f"{prefix!r} is no SHA-256: give at least {_SHORTEST_PREFIX} hex digits")
        found = self.db.conn.execute(
            "SELECT sha256 FROM documents WHERE sha256 >= ? AND sha256 < ? LIMIT 2", (prefix, prefix + "g")
        ).fetchall()
        if not found:
            raise ArchiveError(f"no document {prefix} in {self.path}")
        if len(found) > 1:
            raise ArchiveError(f"several documents in {self.path} begin with {prefix}: give more digits")
        return str(found[0][0])

    def origin(self, url: str) -> Origin:
        """Return what linking pages said of ``url``; ``trusted`` is left false."""
        row = self.db.conn.execute(
            "SELECT title, published_on, publisher, landing_url, file_name FROM _origins WHERE url = ?",
            (url,),
        ).fetchone()
        title, published_on, publisher, landing_url, file_name = row or (None,) * 5
        return Origin(
            url=url if is_web(url) else None,
            title=title,
            published_on=published_on,
            publisher=publisher,
            landing_url=landing_url,
            file_name=file_name,
        )

    def is_crawled(self, url: str) -> bool:
        """Whether a portal's crawl captured ``url``."""
        query = "SELECT 1 FROM captures WHERE url = ? AND portal_id IS NOT NULL LIMIT 1"
        return self.db.conn.execute(query, (url,)).fetchone() is not None

    def _begin_writing(self, kept: Kept, payload: bytes, exchange: Exchange | None) -> None:
        known = self.db.conn.execute(
            "SELECT url, fetched_at FROM captures WHERE sha256 = ?1 "
            "AND NOT EXISTS (SELECT 1 FROM _lost_documents WHERE sha256 = ?1) ORDER BY id LIMIT 1",
            (kept.sha256,),
        ).fetchone()
        if known is None and (same := self._unnoted.get(kept.sha256 or "")):
            # Being written at this moment: whichever of the two is noted first notes the document.
            known, kept.document = (same.url, same.about["fetched_at"]), same
        elif known is None:
            self._unnoted[kept.sha256 or ""] = kept.document = kept
        write: Write
        if exchange is None:
            if known is not None:
                # The first record still has the payload of an imported file; nothing to add.
                return
            write = partial(
                WarcFile.write_resource,
                url=kept.url,
                fetched_at=kept.about["fetched_at"],
                payload=payload,
                media_type=kept.media_type,
            )
        elif known is None:
            write = partial(WarcFile.write_response, exchange=exchange, payload=payload)
        else:
            write = partial(
                WarcFile.write_revisit,
                exchange=exchange,
                payload=payload,
                first_url=target_url(known[0]),
                first_date=known[1],
            )
        kept.written = self._writer(kept.run_id).submit(write)

    def _note_found(self, sha256: str | None, location: Location) -> None:
        """Let a document that was lost be read where it was written anew."""
        found = self.db.conn.execute("DELETE FROM _lost_documents WHERE sha256 = ?", (sha256,))
        if found.rowcount:
            self.db.conn.execute(
                "UPDATE documents SET warc = ?, offset = ?, length = ? WHERE sha256 = ?", (*astuple(location), sha256)
            )

    def _writer(self, run_id: str) -> RecordWriter:
        key = (run_id, os.getpid())
        if key not in self._writers:
            if not self.captures_dir.is_dir() and self.db.conn.execute("SELECT 1 FROM documents LIMIT 1").fetchone():
                raise ArchiveError(
                    f"{self.captures_dir} is missing, with the originals of {self.path} in it: mount it or restore it;"
                    " if it is lost, 'nianbao verify --repair' has them fetched again"
                )
            info = {"software": f"nianbao {program_version()}", "format": "WARC File Format 1.1"}
            file = WarcFile(self.captures_dir / f"{run_id}-{os.getpid()}.warc.gz", info)
            self._writers[key] = RecordWriter(file)
        return self._writers[key]

    def _carry_over(self, before: str | None, sha256: str | None, url: str) -> None:
        """Let what was read of the document ``before`` at ``url`` stand for ``sha256`` too."""
        self.db.conn.execute(
            "INSERT OR IGNORE INTO _extractions (sha256, url, parser_version, run_id, organ_id, portal_id,"
            " report_id, report, stale, organ_name, content_sha256, status, figures) SELECT ?, url,"
            " parser_version, run_id, organ_id, portal_id, report_id, report, stale, organ_name, content_sha256,"
            " status, figures FROM _extractions WHERE sha256 = ? AND url = ?",
            (sha256, before, url),
        )
        self.db.conn.execute(
            "INSERT OR IGNORE INTO refusals (sha256, url, reason, detail)"
            " SELECT ?, url, reason, detail FROM refusals WHERE sha256 = ? AND url = ?",
            (sha256, before, url),
        )
        refused = self.db.conn.execute("SELECT reason FROM refusals WHERE sha256 = ? AND url = ?", (sha256, url))
        for (reason,) in refused.fetchall():
            self.keep_latest_refusal(url, reason)

    def keep_latest_refusal(self, url: str, reason: str) -> None:
        """Of the documents at ``url`` that were refused for ``reason`` leave only the latest.

        A page with a visitors' counter is another document at every crawl, and refused each time.
        """
        self.db.conn.execute(
            "DELETE FROM refusals WHERE url = ?1 AND reason = ?2 AND sha256 <> ("
            "SELECT r.sha256 FROM refusals r JOIN captures c ON c.url = r.url AND c.sha256 = r.sha256 "
            "WHERE r.url = ?1 AND r.reason = ?2 ORDER BY c.fetched_at DESC, c.id DESC LIMIT 1)",
            (url, reason),
        )

    def _note_origin(self, url: str, origin: Origin) -> None:
        """Remember what a landing page says of ``url``.

        Of several pages that link to one file the one that dates it earliest tells of it, whichever was
        fetched first; a page fetched again may correct itself.
        """
        self.db.conn.execute(
            _NOTE_ORIGIN,
            (url, origin.title, origin.published_on, origin.publisher, origin.landing_url, origin.file_name),
        )


_SAID = ("title", "published_on", "publisher", "landing_url", "file_name")
_EARLIER = (
    "(_origins.landing_url <> excluded.landing_url"
    " AND (_origins.published_on IS NULL, coalesce(_origins.published_on, ''), _origins.landing_url)"
    " < (excluded.published_on IS NULL, coalesce(excluded.published_on, ''), excluded.landing_url))"
)
_NOTE_ORIGIN = (
    f"INSERT INTO _origins (url, {', '.join(_SAID)}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET "
    + ", ".join(
        f"{name} = iif({_EARLIER}, coalesce({name}, excluded.{name}), coalesce(excluded.{name}, {name}))"
        for name in _SAID
    )
)


def web_host(url: str) -> str | None:
    """Return the lower-case host (with port) of an http(s) URL, None for anything else."""
    place = host_and_port(url)
    if place is None:
        return None
    host, port = place
    return host if port is None else f"{host}:{port}"


def _lock_file(path: Path) -> Path:
    return path.with_name(path.name + ".lock")


def _prepare(db: Database, path: Path) -> None:
    tables = set(db.table_names())
    if tables and migrations.migrations_table not in tables:
        raise ArchiveError(f"{path} is a database of another program: name another file with --archive")
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    if {migration.name for migration in migrations.applied(db)} - known:
        raise ArchiveError(f"{path} was written by a newer nianbao: update this one (or name another file)")
    db.conn.execute(f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}")
    db.conn.execute("PRAGMA journal_mode=WAL")
    db.conn.execute("PRAGMA synchronous=NORMAL")
    db.conn.execute("PRAGMA foreign_keys=ON")
    # Reports are written all over the tables, whose pages would be read again and again from a small cache.
    db.conn.execute(f"PRAGMA cache_size=-{_CACHE_KB}")
    if pending := migrations.pending(db):
        # A command of the version before may be at work on the tables that are about to change.
        with exclusive(_lock_file(path), path):
            if tables:
                _back_up(db, path, pending[0].name)
            migrations.apply(db)
    lookups.fill(db)


def _back_up(db: Database, path: Path, migration: str) -> None:
    kept = path.with_name(f"{path.name}.before-{migration}")
    if not kept.exists():
        backup.copy(db.conn, kept)


def program_version() -> str:
    """Return the version of the installed program, 'unreleased' from a bare checkout."""
    try:
        return importlib.metadata.version("nianbao")
    except importlib.metadata.PackageNotFoundError:
        return "unreleased"
