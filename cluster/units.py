"""Units of a cluster's crawl: one portal each, with what it needs and the attempts at it, in the shared storage.

    cluster/units/ARCHIVE/PORTAL/SERIAL/known/        what the archive knows of the portal
    cluster/units/ARCHIVE/PORTAL/SERIAL/ATTEMPT/      what one worker's attempt gave; finished.json comes last

A worker that is lost leaves an attempt that is not finished, and another worker makes one of its
own. Of the finished attempts the merge takes one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote

from archive.store import Archive
from cluster.storage import Storage
from crawler.result import PortalResult

_TOP = "cluster/units"
_KNOWN = "known"
_FINISHED = "finished.json"


@dataclass(frozen=True, slots=True)
class Unit:
    """The crawl of one portal that follows the ``serial - 1`` of this portal merged before."""

    archive_id: str
    portal_id: str
    serial: int

    @property
    def folder(self) -> str:
        """Where the unit stands in the storage."""
        return f"{_TOP}/{self.archive_id}/{quote(self.portal_id, safe='')}/{self.serial:06}"

    @property
    def known(self) -> str:
        """Where stands what the archive knows of the portal."""
        return f"{self.folder}/{_KNOWN}"


@dataclass(frozen=True, slots=True)
class Finished:
    """A finished attempt: its folder, what it came to, its WARC files, and the state that it began at."""

    folder: str
    result: PortalResult
    warcs: tuple[str, ...]
    state: str

    @property
    def attempt(self) -> str:
        """The name of the attempt."""
        return self.folder.rpartition("/")[2]

    def write(self, storage: Storage) -> None:
        """Say that the attempt is finished: its last file."""
        told = {"result": asdict(self.result), "warcs": self.warcs, "state": self.state}
        storage.write(f"{self.folder}/{_FINISHED}", json.dumps(told).encode())


def archive_id(archive: Archive) -> str:
    """The id of the archive's first run, by which archives that share a storage are told apart."""
    return str(archive.db.conn.execute("SELECT id FROM runs ORDER BY rowid LIMIT 1").fetchone()[0])


def next_unit(archive: Archive, portal_id: str) -> Unit:
    """The unit that is to be done next for a portal."""
    query = "SELECT coalesce(max(serial), 0) + 1 FROM _units WHERE portal_id = ?"
    serial: int = archive.db.conn.execute(query, (portal_id,)).fetchone()[0]
    return Unit(archive_id(archive), portal_id, serial)


def finished(storage: Storage, unit: Unit) -> Finished | None:
    """The finished attempt at ``unit`` that counts, None if there is none yet."""
    for name in storage.names(unit.folder):
        folder = f"{unit.folder}/{name}"
        if name != _KNOWN and _FINISHED in storage.names(folder):
            told: dict[str, Any] = json.loads(storage.read(f"{folder}/{_FINISHED}"))
            # Names of files, whatever the storage says.
            warcs = tuple(PurePosixPath(name).name for name in told["warcs"])
            return Finished(folder, PortalResult(**told["result"]), warcs, told["state"])
    return None


def all_units(storage: Storage, archive: Archive) -> Iterator[Unit]:
    """Every unit of ``archive`` in the storage, those of each portal in order."""
    own = archive_id(archive)
    for portal in storage.names(f"{_TOP}/{own}"):
        for serial in storage.names(f"{_TOP}/{own}/{portal}"):
            if serial.isdigit():
                yield Unit(own, unquote(portal), int(serial))
