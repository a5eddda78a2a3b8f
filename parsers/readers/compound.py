"""Compound files, in which old office programs keep their streams ([MS-CFB]): whether one can be read to an end, and
what is in a stream.

Each stream is a chain of sectors, every sector naming the next. A chain that leads back into itself has no
end, and libraries follow it until the memory is used up.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

_HEADER = struct.Struct("<30xHH6xIIIIIIIII")
_FIRST_PLACES = 76
_PLACES = 109
_LAST = 0xFFFFFFFA  # numbers from here on are no sectors but marks, the end of a chain among them
_SIZES = {9: 512, 12: 4096}
_ENTRY = 128
_NO_ENTRY, _STREAM, _ROOT = 0, 2, 5
_SMALL = 64


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of the directory: a stream or a storage, with its first sector and its bytes."""

    name: str
    kind: int
    first: int
    length: int


class CompoundFile:
    """A compound file with the table of its sectors.

    What else than :meth:`has_endless_chain` follows chains is for files where none is.
    """

    def __init__(self, payload: bytes, size: int, fields: tuple[int, ...]) -> None:
        self._payload, self._size = payload, size
        self._directory, self._cutoff, self._small, places = fields[4], fields[6], fields[7], fields[9]
        self._table = array("I")
        numbers = _numbers(payload, 0, _PLACES, _FIRST_PLACES)
        listed = _Chain(payload, size, places)
        numbers.extend(listed)
        for number in numbers:
            # A table longer than the file says nothing more of its sectors.
            if len(self._table) * size > len(payload):
                break
            if number < _LAST:
                self._table.extend(_sector(payload, size, number))
        self._listed_endless = listed.endless

    @classmethod
    def of(cls, payload: bytes) -> CompoundFile | None:
        """Return the file in ``payload``; None where there is none."""
        if len(payload) < _FIRST_PLACES + 4 * _PLACES:
            return None
        fields = _HEADER.unpack_from(payload)
        size = _SIZES.get(fields[0])
        return cls(payload, size, fields) if size else None

    def has_endless_chain(self) -> bool:
        """Whether any chain leads back into itself; what else may be broken is left to whoever reads the file."""
        chains = _Chains(self._table)
        if self._listed_endless or chains.endless(self._directory) or chains.endless(self._small):
            return True
        small_chains = _Chains(self._small_table())
        return any(
            (small_chains if self._is_small(entry) else chains).endless(entry.first) for entry in self._entries()
        )

    def _entries(self) -> Iterator[_Entry]:
        for number in _followed(self._table, self._directory):
            start = (number + 1) * self._size
            for at in range(start, min(start + self._size, len(self._payload)) - _ENTRY + 1, _ENTRY):
                entry = self._payload[at : at + _ENTRY]
                if entry[66] != _NO_ENTRY:
                    name = entry[:64].decode("utf-16-le", "replace").partition("\0")[0]
                    first, length = (int.from_bytes(entry[place : place + 4], "little") for place in (116, 120))
                    yield _Entry(name, entry[66], first, length)

    def stream(self, *names: str) -> bytes:
        """Return the first stream that has one of ``names``, in whatever case; empty where there is none."""
        found = {entry.name.casefold(): entry for entry in reversed(list(self._entries())) if entry.kind == _STREAM}
        return next((self._content(found[name.casefold()]) for name in names if name.casefold() in found), b"")

    def _content(self, entry: _Entry) -> bytes:
        """The bytes of a stream, as many as the file has."""
        if not self._is_small(entry):
            return self._chained(entry.first)[: entry.length]
        container = next((self._chained(root.first) for root in self._entries() if root.kind == _ROOT), b"")
        places = _followed(self._small_table(), entry.first)
        return b"".join(container[place * _SMALL : (place + 1) * _SMALL] for place in places)[: entry.length]

    def _is_small(self, entry: _Entry) -> bool:
        return entry.kind != _ROOT and entry.length < self._cutoff

    def _chained(self, first: int) -> bytes:
        size = self._size
        return b"".join(
            self._payload[(number + 1) * size : (number + 2) * size] for number in _followed(self._table, first)
        )

    def _small_table(self) -> array[int]:
        table = array("I")
        for number in _followed(self._table, self._small):
            table.extend(_sector(self._payload, self._size, number))
        return table


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
