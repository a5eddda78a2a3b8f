"""Work that is done for only so many readers at once: others wait for their turn, though not for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import WeakKeyDictionary

from datasette.app import Datasette

AT_ONCE = 4
WAITING = 100
"""Readers who may wait; more are turned away."""
SECONDS = 10.0
"""For how long anybody waits."""


class Turns:
    """The turns of one kind of work; who came first has the first."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self.taken = 0
        """Readers for whom the work is being done."""

    async def take(self) -> Callable[[], None] | None:
        """Wait for a turn. Returns what gives it back, and does nothing when called again; None where there is none."""
        if self._free.locked() and self._waiting >= WAITING:
            return None
        self._waiting += 1
        try:
            async with asyncio.timeout(SECONDS):
                await self._free.acquire()
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1
        self.taken += 1
        held = True

        def give_back() -> None:
            nonlocal held
            if held:
                held = False
                self.taken -= 1
                self._free.release()

        return give_back


_turns: WeakKeyDictionary[Datasette, Turns] = WeakKeyDictionary()


def turns(datasette: Datasette) -> Turns:
    """The turns of the site's downloads."""
    return _turns.setdefault(datasette, Turns())
