"""One writer at a time: an advisory lock beside the archive."""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive import times
from archive.errors import ArchiveError, of_system

_TRIES = 4
_SECONDS_BETWEEN_TRIES = 0.05
_NOTE = 60


@contextmanager
def exclusive(path: Path, what: Path) -> Iterator[None]:
    """Hold the lock file ``path`` for writing to ``what``; the kernel frees it if the process dies.

    The file stays, with the last holder's pid and start in it; that says nothing about who holds it.
    Raises ArchiveError if another process holds it, or if the file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
            raise of_system(f"cannot write {path}", error) from error
        raise ArchiveError(
            f"cannot write {path} ({error.strerror}): run nianbao as the user to whom the archive belongs"
        ) from error
    try:
        if not _taken(descriptor, fcntl.LOCK_EX):
            raise ArchiveError(
                f"another nianbao command ({_noted(descriptor)}) is writing {what}; wait for it or stop it"
            )
        try:
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"{os.getpid()} {times.now()}\n".encode(), 0)
        except OSError as error:
            raise of_system(f"cannot write {path}", error) from error
        yield
    finally:
        os.close(descriptor)


def holder(path: Path) -> str | None:
    """Who holds the lock file ``path``, such as ``since 2026-01-31T08:00:00Z, pid 4711``; None if nobody does.

    Looks without taking: the probe shares the lock for an instant, for which :func:`exclusive` waits.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return None if _taken(descriptor, fcntl.LOCK_SH, tries=1) else _noted(descriptor)
    finally:
        os.close(descriptor)


def _taken(descriptor: int, how: int, tries: int = _TRIES) -> bool:
    for attempt in range(tries):
        if attempt:
            time.sleep(_SECONDS_BETWEEN_TRIES)
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return True
    return False


def _noted(descriptor: int) -> str:
    pid, _, since = os.pread(descriptor, _NOTE, 0).decode("ascii", "replace").strip().partition(" ")
    return f"{f'since {since}, ' if since else ''}pid {pid or 'unknown'}"
