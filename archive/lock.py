"""One writer at a time: an advisory lock beside the archive that dies with its process."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from archive.errors import ArchiveError


@contextmanager
def write_lock(archive: Path) -> Iterator[None]:
    """Hold the archive's write lock; raises ArchiveError at once where another process has it."""
    path = archive.with_name(archive.name + ".lock")
    with path.open("a+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            stream.seek(0)
            holder = stream.read().strip() or "unknown"
            raise ArchiveError(
                f"another nianbao command (process {holder}) is writing {archive}; wait for it or stop it"
            ) from error
        stream.seek(0)
        stream.truncate()
        stream.write(str(os.getpid()))
        stream.flush()
        yield
