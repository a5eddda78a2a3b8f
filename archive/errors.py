"""The archive's own errors, and words for those of the system: what was wrong, where, what to do."""

from __future__ import annotations

import errno
import sqlite3


class ArchiveError(Exception):
    """A foreseeable failure; the message is one line: what was wrong, where, what to do."""


class DamagedArchiveError(ArchiveError):
    """The database's own pages are damaged, or what they hold cannot be unpacked."""


_AGAIN = "then run the same command again: it goes on from there"
_FULL = f"free space on its disk, {_AGAIN}"
_RIGHTS = f"check rights and that its disk may be written, {_AGAIN}"
_REPAIR = "restore it from a copy, or run 'nianbao verify --repair' to rebuild it"
_OF_SYSTEM = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EROFS: _RIGHTS,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.EIO: f"the disk may be failing: look into the system's journal, {_AGAIN}",
    errno.ENOENT: f"restore it from a copy or mount its disk, {_AGAIN}",
    errno.EEXIST: f"move away what stands there, {_AGAIN}",
    errno.ENOTDIR: f"move away what stands there, {_AGAIN}",
    errno.EISDIR: f"move away what stands there, {_AGAIN}",
    errno.EMFILE: f"raise the limit of open files (ulimit -n), {_AGAIN}",
}
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_READONLY: _RIGHTS,
    sqlite3.SQLITE_CANTOPEN: _RIGHTS,
    sqlite3.SQLITE_PERM: _RIGHTS,
    # Also what SQLite says where its log cannot grow.
    sqlite3.SQLITE_IOERR: f"free space on its disk and check that it works, {_AGAIN}",
    sqlite3.SQLITE_BUSY: f"another program is using it: wait for it, {_AGAIN}",
    sqlite3.SQLITE_CORRUPT: _REPAIR,
    sqlite3.SQLITE_NOTADB: _REPAIR,
}
_UNDECODABLE = "Could not decode to UTF-8"
_PRIMARY = 0xFF
"""The lowest byte of SQLite's extended result codes is the code itself."""


def is_foreseeable(error: OSError) -> bool:
    """Whether an operator can do something about ``error``."""
    return error.errno in _OF_SYSTEM


def of_system(what: str, error: OSError) -> ArchiveError:
    """The error to raise where the system refuses; ``what`` says what was tried and names the file."""
    remedy = _OF_SYSTEM.get(error.errno or 0, "check rights and disk")
    return ArchiveError(f"{what}: {error.strerror or error}; {remedy}")


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code. Text that is no UTF-8, which Python finds and SQLite does not, is damage, too."""
    if str(error).startswith(_UNDECODABLE):
        return sqlite3.SQLITE_CORRUPT
    return (getattr(error, "sqlite_errorcode", None) or 0) & _PRIMARY


def of_database(path: object, error: sqlite3.Error) -> ArchiveError:
    """The error to raise where the database ``path`` cannot be read or written."""
    remedy = _OF_SQLITE.get(code_of(error), "run 'nianbao verify' to see whether it is whole")
    kind = DamagedArchiveError if remedy == _REPAIR else ArchiveError
    return kind(f"{path}: {error}; {remedy}")
