"""The archive: one SQLite file, the WARC files beside it, and the way in for captures."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

from sqlite_utils import Database

import checks
from archive.errors import ArchiveError
from archive.lock import write_lock
from archive.schema import migrations
from archive.version import program_version
from archive.warc import Headers, Position, WarcFile, read_payload
from parsers import forms
from parsers.extract import Origin
from parsers.media import sniff

__all__ = ["Archive", "ArchiveError", "Capture", "Origin", "now"]

_BUSY_TIMEOUT = 30_000  # milliseconds
_LOCAL = "file:"


def now() -> str:
    """The present moment in UTC, ISO 8601 to the second, as all times of the archive."""
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer to a request for an address, or one imported file."""

    url: str
    sha256: str
    fetched_at: str
    http_status: int | None
    etag: str | None
    last_modified: str | None


class Archive:
    """An open archive. ``db`` is its database, ``captures_dir`` the folder of its WARC files."""

    def __init__(self, path: Path, db: Database) -> None:
        self.path = path
        self.db = db
        self.captures_dir = path.parent / "captures"
        self._warcs: dict[str, WarcFile] = {}
        self._locked = False

    @classmethod
    def open(cls, path: Path, *, create: bool = True) -> Archive:
        """Open an archive for writing, bringing an older one up to date.

        Raises ArchiveError where the file is missing (and ``create`` is false), is no
        archive, or was written by a newer program.
        """
        if not path.exists() and not create:
            raise ArchiveError(
                f"{path} does not exist; run 'nianbao crawl' or 'nianbao import' first, or name another --archive"
            )
        if not path.parent.exists():
            raise ArchiveError(f"the folder {path.parent} does not exist; create it or name another --archive")
        try:
            connection = sqlite3.connect(path, timeout=_BUSY_TIMEOUT / 1000)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
            db = Database(connection)
            _refuse_foreign(db, path)
            migrations.apply(db)
            _fill_lookups(db)
        except sqlite3.DatabaseError as error:
            raise ArchiveError(f"{path} cannot be opened as an archive: {error}") from error
        return cls(path, db)

    @classmethod
    def read_only(cls, path: Path) -> Archive:
        """Open an archive without the right to change it; raises ArchiveError as :meth:`open`."""
        if not path.exists():
            raise ArchiveError(
                f"{path} does not exist; run 'nianbao crawl' or 'nianbao import' first, or name another --archive"
            )
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
            connection.execute("SELECT count(*) FROM sqlite_master")
        except sqlite3.DatabaseError as error:
            raise ArchiveError(f"{path} cannot be opened as an archive: {error}") from error
        return cls(path, Database(connection))

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the WARC files and the database."""
        for warc in self._warcs.values():
            warc.close()
        self._warcs.clear()
        self.db.close()

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """Hold off every other writing command; raises ArchiveError where one is at work.

        A command that holds the lock may take it again for a part of its work.
        """
        if self._locked:
            yield
            return
        with write_lock(self.path):
            self._locked = True
            try:
                yield
            finally:
                self._locked = False

    # Runs and portals ------------------------------------------------------------------

    def begin_run(self, command: str) -> str:
        """Open a run and return its id: the moment it began and a random end."""
        started = now()
        run_id = f"{started.replace('-', '').replace(':', '').replace('Z', '')}-{secrets.token_hex(3)}"
        self.db["runs"].insert({"id": run_id, "command": command, "started_at": started, "version": program_version()})
        return run_id

    def finish_run(self, run_id: str) -> None:
        """Close a run."""
        with self.db.atomic():
            self.db.conn.execute("UPDATE runs SET finished_at = ? WHERE id = ?", (now(), run_id))
        if warc := self._warcs.pop(run_id, None):
            warc.close()

    def sync_portals(self, portals: Iterable[Mapping[str, Any]]) -> None:
        """Take over the registry's entries; what was learned of a portal stays.

        An entry has ``id``, ``name``, ``start`` (addresses), and where known ``division``,
        ``cms``, ``province``, ``city`` and ``county``.
        """
        with self.db.atomic():
            for portal in portals:
                self.db.conn.execute(
                    "INSERT INTO portals (id, name, start_url, division_code, cms) VALUES (?, ?, ?, ?, ?)"
                    " ON CONFLICT (id) DO UPDATE SET name = excluded.name, start_url = excluded.start_url,"
                    " division_code = excluded.division_code, cms = coalesce(excluded.cms, cms)",
                    (
                        portal["id"],
                        portal["name"],
                        next(iter(portal["start"]), None),
                        portal.get("division"),
                        portal.get("cms"),
                    ),
                )
                places = [portal.get(key) for key in ("province", "city", "county")]
                self.db.conn.execute(
                    "INSERT INTO _portal_places (portal_id, start_urls, province, city, county)"
                    " VALUES (?, ?, ?, ?, ?) ON CONFLICT (portal_id) DO UPDATE SET start_urls = excluded.start_urls,"
                    " province = excluded.province, city = excluded.city, county = excluded.county",
                    (portal["id"], json.dumps(list(portal["start"])), *places),
                )

    # Captures ---------------------------------------------------------------------------

    def record_capture(
        self,
        run_id: str,
        url: str,
        payload: bytes | None,
        *,
        fetched_at: str,
        portal_id: str | None = None,
        http_status: int | None = None,
        request_headers: Headers | None = None,
        response_headers: Headers | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        origin: Origin | None = None,
        role: Literal["document", "page"] = "document",
    ) -> str | None:
        """Keep one answer as sent and return the SHA-256 of its payload.

        The WARC record is durable before the database knows of it. ``payload`` None stands
        for an answer without one: 304 refers to the payload last kept, anything else to
        none. A ``document`` may be a report and will be read, a ``page`` only led to one.
        """
        last = self.last_capture(url) if payload is None and http_status == 304 else None
        digest = hashlib.sha256(payload).hexdigest() if payload is not None else last.sha256 if last else None
        known = self._known(digest) if digest else None
        position = None
        if payload is not None:
            position = self._write(
                run_id,
                url,
                payload,
                f"sha256:{digest}",
                known,
                http_status,
                request_headers,
                response_headers,
                fetched_at,
            )
        with self.db.atomic():
            if position and payload is not None:
                self.db.conn.execute(
                    "INSERT INTO documents (sha256, media_type, bytes, warc, offset, length, first_captured_at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
                    (
                        digest,
                        sniff(payload),
                        len(payload),
                        position.warc,
                        position.offset,
                        position.length,
                        fetched_at,
                    ),
                )
            self.db.conn.execute(
                "INSERT INTO captures (run_id, portal_id, url, http_status, sha256, fetched_at, etag, last_modified)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (run_id, portal_id, url, http_status, digest, fetched_at, etag, last_modified),
            )
            if role == "document" and digest:
                stated = origin or Origin()
                self.db.conn.execute(
                    "INSERT INTO _origins (url, title, published_on, publisher, landing_url, file_name)"
                    " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (url) DO UPDATE SET title = excluded.title,"
                    " published_on = excluded.published_on, publisher = excluded.publisher,"
                    " landing_url = excluded.landing_url, file_name = excluded.file_name",
                    (
                        url,
                        stated.title,
                        stated.published_on,
                        stated.publisher,
                        stated.landing_url,
                        stated.file_name,
                    ),
                )
        return digest

    def _write(
        self,
        run_id: str,
        url: str,
        payload: bytes,
        digest: str,
        known: tuple[str, str] | None,
        status: int | None,
        request_headers: Headers | None,
        response_headers: Headers | None,
        date: str,
    ) -> Position | None:
        """Append the WARC records; the position of a new payload, None where it is known."""
        if status is None and known:
            return None
        warc = self._warc(run_id)
        if status is None:
            return warc.write_resource(url, payload, sniff(payload), date)
        parts = urlsplit(url)
        target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        warc.write_request(url, "GET", target, request_headers or [("Host", parts.netloc)], date)
        if known:
            warc.write_revisit(url, digest, known, status, response_headers or [], date)
            return None
        return warc.write_response(url, payload, status, response_headers or [], date)

    def _warc(self, run_id: str) -> WarcFile:
        if run_id not in self._warcs:
            self._warcs[run_id] = WarcFile(self.captures_dir, run_id, f"nianbao/{program_version()}")
        return self._warcs[run_id]

    def _known(self, digest: str) -> tuple[str, str] | None:
        """Address and time at which a payload was first kept, None where it is new."""
        row = self.db.conn.execute(
            "SELECT c.url, d.first_captured_at FROM documents d JOIN captures c ON c.sha256 = d.sha256"
            " WHERE d.sha256 = ? ORDER BY c.id LIMIT 1",
            (digest,),
        ).fetchone()
        return (row[0], row[1]) if row else None

    def last_capture(self, url: str) -> Capture | None:
        """The latest capture of an address that has a payload."""
        row = self.db.conn.execute(
            "SELECT url, sha256, fetched_at, http_status, etag, last_modified FROM captures"
            " WHERE url = ? AND sha256 IS NOT NULL ORDER BY fetched_at DESC, id DESC LIMIT 1",
            (url,),
        ).fetchone()
        return Capture(*row) if row else None

    def payload(self, sha256: str) -> bytes:
        """The bytes of a document exactly as published.

        Raises ArchiveError where it is unknown, its WARC file is missing, or what is stored
        there is not what was kept.
        """
        row = self.db.conn.execute("SELECT warc, offset, length FROM documents WHERE sha256 = ?", (sha256,)).fetchone()
        if row is None:
            raise ArchiveError(f"no document {sha256}; 'nianbao status' and the table documents list what there is")
        payload = read_payload(self.captures_dir, Position(*row))
        if hashlib.sha256(payload).hexdigest() != sha256:
            raise ArchiveError(f"{self.captures_dir / row[0]}: the record at offset {row[1]} is not document {sha256}")
        return payload

    def resolve(self, prefix: str) -> str:
        """The full SHA-256 of the one document that begins so; raises ArchiveError otherwise."""
        found = [
            row[0]
            for row in self.db.conn.execute(
                "SELECT sha256 FROM documents WHERE sha256 >= ? AND sha256 < ? LIMIT 2",
                (prefix.lower(), prefix.lower() + "g"),
            )
        ]
        if len(found) != 1:
            raise ArchiveError(f"{'no' if not found else 'more than one'} document begins with {prefix}")
        return str(found[0])


def is_local(url: str) -> bool:
    """Whether a capture's address stands for an imported local file."""
    return url.startswith(_LOCAL)


def _refuse_foreign(db: Database, path: Path) -> None:
    tables = set(db.table_names())
    if tables and migrations.migrations_table not in tables:
        raise ArchiveError(f"{path} is a SQLite file but no archive of this program; name another --archive")
    known = {migration.name for migration in migrations._migrations}
    newer = [migration.name for migration in migrations.applied(db) if migration.name not in known]
    if newer:
        raise ArchiveError(f"{path} was written by a newer nianbao ({newer[0]}); upgrade the program")


def _fill_lookups(db: Database) -> None:
    """Bring the labels of all codes up to date with the form's definitions and the rules."""
    tables: dict[str, dict[str, forms.Label]] = {
        "items": forms.ITEMS,
        "measures": forms.MEASURES,
        "request_items": forms.REQUEST_ROWS,
        "applicants": forms.APPLICANTS,
        "proceedings": forms.PROCEEDINGS,
        "outcomes": forms.OUTCOMES,
    }
    with db.atomic():
        for table, labels in tables.items():
            for label in labels.values():
                row: dict[str, object] = {
                    "code": label.code,
                    "label": label.zh,
                    "label_en": label.en,
                    "position": label.position,
                }
                if table == "measures":
                    row["unit"] = label.unit
                if table == "request_items":
                    group = forms.REQUEST_GROUPS.get(label.group or "")
                    row |= {"group_label": group.zh if group else None, "group_label_en": group.en if group else None}
                _upsert(db, table, row)
        for rule in checks.RULES.values():
            _upsert(
                db,
                "rules",
                {"code": rule.code, "label": rule.label, "label_en": rule.label_en, "formula": rule.formula},
            )


def _upsert(db: Database, table: str, row: dict[str, object]) -> None:
    columns = list(row)
    changes = ", ".join(f"{column} = excluded.{column}" for column in columns[1:])
    different = " OR ".join(f"{column} IS NOT excluded.{column}" for column in columns[1:])
    db.conn.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        f" ON CONFLICT ({columns[0]}) DO UPDATE SET {changes} WHERE {different}",
        tuple(row.values()),
    )
