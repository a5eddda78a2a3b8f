"""Which documents were being read when a command was killed: one of them may be what killed it.

Reading is done in processes of its own, so a document hardly ever ends the command itself.
Should one do it all the same (the system kills the command for want of memory, the machine
stops), every later command would end at the same place. So a mark is kept of what is being
read, and taken back with the result or when the command stops in good order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archive.store import Archive

Key = tuple[str, str]
"""SHA-256 and URL of a document."""


def left_over(archive: Archive, parser_version: str) -> dict[Key, int]:
    """Return how many commands were killed while reading each document with ``parser_version``."""
    rows = archive.db.conn.execute(
        "SELECT sha256, url, count FROM _attempts WHERE parser_version = ?", (parser_version,)
    )
    return {(sha256, url): count for sha256, url, count in rows}


def begin(archive: Archive, keys: Sequence[Key], parser_version: str) -> None:
    """Mark documents as being read."""
    with archive.db.atomic():
        archive.db.conn.executemany(
            "INSERT INTO _attempts (sha256, url, parser_version, count) VALUES (?, ?, ?, 1) "
            "ON CONFLICT (sha256, url) DO UPDATE SET "
            "count = iif(parser_version = excluded.parser_version, count + 1, 1), "
            "parser_version = excluded.parser_version",
            [(*key, parser_version) for key in keys],
        )


def finish(archive: Archive, keys: Iterable[Key]) -> None:
    """Forget all attempts at documents, in the transaction of the caller that stores their outcome."""
    archive.db.conn.executemany("DELETE FROM _attempts WHERE sha256 = ? AND url = ?", keys)


def take_back(archive: Archive, keys: Sequence[Key]) -> None:
    """Undo :func:`begin` for documents that the command stopped reading in good order."""
    with archive.db.atomic():
        archive.db.conn.executemany("UPDATE _attempts SET count = count - 1 WHERE sha256 = ? AND url = ?", keys)
        archive.db.conn.execute("DELETE FROM _attempts WHERE count < 1")
