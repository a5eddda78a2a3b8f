"""Compound files, in which old office programs keep their streams ([MS-CFB]): whether one can be read to an end.

Each stream is a chain of sectors, every sector naming the next. A chain that leads back into itself has no
end, and libraries follow it until the memory is used up.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator

_HEADER = struct.Struct("<30xHH6xIIIIIIIII")
_FIRST_PLACES = 76
_PLACES = 109
_LAST = 0xFFFFFFFA  # numbers from here on are no sectors but marks, the end of a chain among them
_SIZES = {9: 512, 12: 4096}
_ENTRY = 128
_NO_ENTRY, _ROOT = 0, 5


def has_endless_chain(payload: bytes) -> bool:
    """Whether a chain of sectors in the compound file ``payload`` leads back into itself.

    A file that is broken in any other way is left to whoever reads it.
    """
    if len(payload) < _FIRST_PLACES + 4 * _PLACES:
        return False
    fields = _HEADER.unpack_from(payload)
    size = _SIZES.get(fields[0])
    if size is None:
        return False
    directory, cutoff, small, places = fields[4], fields[6], fields[7], fields[9]
    table = array("I")
    numbers = _numbers(payload, 0, _PLACES, _FIRST_PLACES)
    listed = _Chain(payload, size, places)
    numbers.extend(listed)
    for number in numbers:
        # A table longer than the file says nothing more of its sectors.
        if len(table) * size > len(payload):
            break
        if number < _LAST:
            table.extend(_sector(payload, size, number))
    chains = _Chains(table)
    if listed.endless or chains.endless(directory) or chains.endless(small):
        return True
    small_table = array("I")
    for number in _followed(table, small):
        small_table.extend(_sector(payload, size, number))
    small_chains = _Chains(small_table)
    for number in _followed(table, directory):
        start = (number + 1) * size
        for at in range(start, min(start + size, len(payload)) - _ENTRY + 1, _ENTRY):
            kind, first = payload[at + 66], int.from_bytes(payload[at + 116 : at + 120], "little")
            length = int.from_bytes(payload[at + 120 : at + 124], "little")
            is_small = kind != _ROOT and length < cutoff
            if kind != _NO_ENTRY and (small_chains if is_small else chains).endless(first):
                return True
    return False


class _Chain:
    """The sectors of the table itself that stand in no header: the last number of each sector names the next."""

    def __init__(self, payload: bytes, size: int, first: int) -> None:
        self._payload, self._size, self._next = payload, size, first
        self.endless = False

    def __iter__(self) -> Iterator[int]:
        seen: set[int] = set()
        while self._next < _LAST:
            if self._next in seen:
                self.endless = True
                return
            seen.add(self._next)
            numbers = _sector(self._payload, self._size, self._next)
            if len(numbers) * 4 < self._size:
                return
            yield from numbers[:-1]
            self._next = numbers[-1]


def _sector(payload: bytes, size: int, number: int) -> array[int]:
    return _numbers(payload, (number + 1) * size, size // 4)


def _numbers(payload: bytes, start: int, count: int, offset: int = 0) -> array[int]:
    """Up to ``count`` numbers of four bytes, as many as the file has."""
    content = payload[start + offset : start + offset + 4 * count]
    found = array("I")
    found.extend(number for (number,) in struct.iter_unpack("<I", content[: len(content) // 4 * 4]))
    return found


class _Chains:
    """The chains of a table; each sector is looked at once, however many chains lead through it."""

    def __init__(self, table: array[int]) -> None:
        self._table = table
        self._walk = array("I", bytes(4 * len(table)))
        self._walks = 0

    def endless(self, first: int) -> bool:
        """Whether the chain from ``first`` leads back into itself."""
        self._walks += 1
        while first < len(self._table):
            if self._walk[first]:
                # Met before: in this walk it is a circle, in an earlier one it came to an end.
                return self._walk[first] == self._walks
            self._walk[first] = self._walks
            first = self._table[first]
        return False


def _followed(table: array[int], first: int) -> Iterator[int]:
    """The sectors of a chain that is known to end."""
    while first < len(table):
        yield first
        first = table[first]
