"""The journal of a worker's crawl: each capture that it noted, so that the one archive can note it as well."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from archive.store import About, Archive, Kept
from archive.transactions import transaction
from archive.warc import Location
from cluster.tables import Rows
from parsers.extract import Origin

_ORIGIN = ("url", "title", "published_on", "publisher", "landing_url", "file_name")
_COLUMNS = {
    "url": "TEXT",
    "sha256": "TEXT",
    "media_type": "TEXT",
    "bytes": "INTEGER",
    "warc": "TEXT",
    "offset": "INTEGER",
    "length": "INTEGER",
    "first_fetched_at": "TEXT",
    "fetched_at": "TEXT",
    "http_status": "INTEGER",
    "etag": "TEXT",
    "last_modified": "TEXT",
    "role": "TEXT",
    "reads_like": "TEXT",
    "has_origin": "INTEGER",
    **{f"origin_{name}": "TEXT" for name in _ORIGIN},
}


class JournalledArchive(Archive):
    """The archive of a worker's crawl, which keeps a journal of what it notes."""

    def __init__(self, path: Path, db: Database) -> None:
        super().__init__(path, db)
        # It begins without originals of its own: what it knows of is elsewhere.
        self.captures_dir.mkdir(parents=True, exist_ok=True)
        db.execute(f"CREATE TABLE IF NOT EXISTS _journal ({', '.join(map(' '.join, _COLUMNS.items()))})")

    def note(self, kept: Kept) -> str | None:
        """Note a capture, and that it was noted."""
        with transaction(self.db):
            digest = super().note(kept)
            marks = ", ".join("?" * len(_COLUMNS))
            self.db.conn.execute(f"INSERT INTO _journal VALUES ({marks})", _row(kept))
        return digest

    def journal(self) -> Rows:
        """All that was noted, in order."""
        return Rows(_COLUMNS, self.db.conn.execute("SELECT * FROM _journal ORDER BY rowid").fetchall())


def replay(rows: Rows, portal_id: str, run_id: str) -> Iterator[Kept]:
    """What a journal says was noted, to be noted again as part of the run ``run_id``."""
    for values in rows.rows:
        row = dict(zip(rows.columns, values, strict=True))
        about: About = {
            "fetched_at": row["fetched_at"],
            "portal_id": portal_id,
            "http_status": row["http_status"],
            "etag": row["etag"],
            "last_modified": row["last_modified"],
            "role": row["role"],
            "reads_like": row["reads_like"],
            "origin": Origin(**{name: row[f"origin_{name}"] for name in _ORIGIN}) if row["has_origin"] else None,
        }
        kept = Kept(run_id, row["url"], row["sha256"], about, row["media_type"], row["bytes"])
        if row["warc"] is not None:
            written: Future[Location] = Future()
            written.set_result(Location(row["warc"], row["offset"], row["length"]))
            first: About = {"fetched_at": row["first_fetched_at"]}
            kept.document = Kept(
                run_id, row["url"], row["sha256"], first, row["media_type"], row["bytes"], written=written
            )
        yield kept


def _row(kept: Kept) -> tuple[Any, ...]:
    about, document = kept.about, kept.document
    where: tuple[Any, ...] = (None, None, None, None)
    if document is not None and document.written is not None:
        place = document.written.result()
        where = (place.warc, place.offset, place.length, document.about["fetched_at"])
    origin = about.get("origin")
    return (
        *(kept.url, kept.sha256, kept.media_type, kept.bytes),
        *where,
        *(about["fetched_at"], about.get("http_status"), about.get("etag"), about.get("last_modified")),
        *(about.get("role", "document"), about.get("reads_like"), origin is not None),
        *(getattr(origin, name, None) for name in _ORIGIN),
    )
