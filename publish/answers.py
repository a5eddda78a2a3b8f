"""Answers of a publication kept in memory: an address has the same answer for as long as it is served."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass

MOST_BYTES = 64_000_000
"""Of all answers that one process keeps; the one asked for longest ago goes first."""
AROUND_BYTES = 3_000
"""About what an answer takes beside its body: its headers, its place among the others. Many are a few bytes long."""
LARGEST_BYTES = 500_000
"""Of one answer: pages are smaller, and what is larger is written while it is read."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer with the status 200."""

    headers: list[tuple[bytes, bytes]]
    body: bytes

    @property
    def size(self) -> int:
        """Bytes of memory, about."""
        return len(self.body) + AROUND_BYTES


class Answers:
    """Answers by what tells them apart; what several ask for at once is made for the first of them."""

    def __init__(self) -> None:
        self._kept: OrderedDict[object, Answer] = OrderedDict()
        self._bytes = 0
        self._making: dict[object, asyncio.Future[Answer | None]] = {}

    async def find(self, key: object) -> Answer | None:
        """Return the answer, once it is made where somebody is making it; None where it must be made.

        Who gets None makes it and calls :meth:`made` in any case.
        """
        if (making := self._making.get(key)) is not None:
            return await making
        if (known := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return known
        self._making[key] = asyncio.get_running_loop().create_future()
        return None

    def made(self, key: object, answer: Answer | None) -> None:
        """Keep an answer; None says that there is none to be kept. Only the first call for an answer counts."""
        making = self._making.pop(key, None)
        if making is None:
            return
        making.set_result(answer)
        if answer is None:
            return
        self._kept[key] = answer
        self._bytes += answer.size
        while self._bytes > MOST_BYTES:
            _key, oldest = self._kept.popitem(last=False)
            self._bytes -= oldest.size
