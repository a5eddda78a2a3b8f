"""What pages gather from the whole archive, remembered until the archive changes."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from datasette.app import Datasette

from publish.completeness import cut_short, watched
from publish.metadata import DATABASE

SECONDS = 120.0
"""For how long what is remembered may be behind an archive that is being written."""
ENTRIES = 2_000

_Made = TypeVar("_Made")
_Version = tuple[tuple[int, int], ...]


class _Memory:
    def __init__(self) -> None:
        self.entries: OrderedDict[object, tuple[_Version, float, asyncio.Future[tuple[Any, bool]]]] = OrderedDict()


_memories: WeakKeyDictionary[Datasette, _Memory] = WeakKeyDictionary()


def data_version(datasette: Datasette) -> _Version:
    """Size and time of the database's files, which any commit changes."""
    path = datasette.get_database(DATABASE).path or ""
    found = []
    for file in (Path(path), Path(f"{path}-wal")):
        try:
            stat = file.stat()
        except OSError:
            continue
        found.append((stat.st_mtime_ns, stat.st_size))
    return tuple(found)


async def remembered(datasette: Datasette, key: object, make: Callable[[], Awaitable[_Made]]) -> _Made:
    """Return what ``make`` gave for ``key``; it is asked again once the archive has changed.

    While an archive is being written, an answer is kept for :data:`SECONDS` all the same; what was cut short
    is kept no longer anywhere. Readers who come together share one answer. What raised is not kept.
    """
    entries = _memories.setdefault(datasette, _Memory()).entries
    version, now = data_version(datasette), time.monotonic()
    known = entries.get(key)
    if known is not None:
        then, moment, future = known
        lasts = then == version and not _is_cut(future)
        if (lasts or now - moment < SECONDS) and not _is_lost(future):
            entries.move_to_end(key)
            return await _shared(future)
    task = asyncio.ensure_future(_watched(make))
    entries[key] = (version, now, task)
    if len(entries) > ENTRIES:
        entries.popitem(last=False)
    return await _shared(task)


async def _watched(make: Callable[[], Awaitable[_Made]]) -> tuple[_Made, bool]:
    with watched() as watch:
        made = await make()
    return made, watch.cut


async def _shared(future: asyncio.Future[tuple[_Made, bool]]) -> _Made:
    made, cut = await asyncio.shield(future)
    if cut:
        cut_short()
    return made


def _is_cut(future: asyncio.Future[tuple[Any, bool]]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None and future.result()[1]


def _is_lost(future: asyncio.Future[Any]) -> bool:
    if not future.done():
        return future.get_loop() is not asyncio.get_running_loop()
    return future.cancelled() or future.exception() is not None


def forget(datasette: Datasette) -> None:
    """Forget what was remembered for the site."""
    _memories.pop(datasette, None)
