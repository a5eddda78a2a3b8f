"""Which glyphs of a CFF font program are digits, by the names that the program gives them.

After Adobe's technical notes 5176 (Compact Font Format) and 5177 (CID-keyed fonts, whose glyphs have no names).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

_DIGIT_SIDS = range(17, 27)  # zero to nine among the standard strings
_OWN_SIDS = 391  # the first string that a program brings itself
_ROS = 0x0C1E  # only CID-keyed programs have it
_CHARSET, _ENCODING, _CHARSTRINGS = 15, 16, 17
_LAST_ISO_ADOBE = 228
_STANDARD = 0  # as encoding, and as charset ISOAdobe
_EXPERT, _EXPERT_SUBSET = 1, 2
_SUPPLEMENT = 0x80
_MOST_GLYPHS = 65_536
_NAMES = (b"zero", b"one", b"two", b"three", b"four", b"five", b"six", b"seven", b"eight", b"nine")


@dataclass(frozen=True, slots=True)
class CffDigits:
    """The digits of a font program: by glyph, and by code in the program's own encoding."""

    by_glyph: dict[int, str]
    by_code: dict[int, str]


NONE = CffDigits({}, {})


def is_cff(program: bytes) -> bool:
    """Whether a font program is CFF: version 1, its header at least four bytes, offsets of one to four."""
    return len(program) > 4 and program[0] == 1 and program[2] >= 4 and 1 <= program[3] <= 4


def read_cff_digits(program: bytes) -> CffDigits:
    """Read the digits of a CFF font program; none where it is damaged or names no glyphs."""
    try:
        return _read(program)
    except (struct.error, IndexError, ValueError):
        return NONE


def _read(program: bytes) -> CffDigits:
    _names, at = _index(program, program[2])
    tops, at = _index(program, at)
    strings, _at = _index(program, at)
    top = dict(_dictionary(tops[0]))
    if _ROS in top or _CHARSTRINGS not in top:
        return NONE
    (glyphs,) = struct.unpack_from(">H", program, top[_CHARSTRINGS])
    sids = _charset(program, top.get(_CHARSET, _STANDARD), glyphs)
    digits = {sid: str(sid - _DIGIT_SIDS[0]) for sid in _DIGIT_SIDS}
    digits |= {_OWN_SIDS + at: str(_NAMES.index(name)) for at, name in enumerate(strings) if name in _NAMES}
    by_glyph = {glyph: digits[sid] for glyph, sid in sids.items() if sid in digits}
    return CffDigits(by_glyph, _encoded(program, top.get(_ENCODING, _STANDARD), by_glyph, digits))


def _index(program: bytes, at: int) -> tuple[list[bytes], int]:
    """The entries of an INDEX, and where it ends."""
    (count,) = struct.unpack_from(">H", program, at)
    if not count:
        return [], at + 2
    size = program[at + 2]
    if not 1 <= size <= 4:
        raise ValueError("an INDEX with offsets of no known size")
    table = at + 3
    data = table + (count + 1) * size - 1
    if data >= len(program):
        raise ValueError("an INDEX that ends beyond the program")
    ends = [int.from_bytes(program[place : place + size]) for place in range(table, data + 1, size)]
    return [program[data + start : data + end] for start, end in pairwise(ends)], data + ends[-1]


def _dictionary(data: bytes) -> Iterator[tuple[int, int]]:
    """Operators of a DICT with their last operand, where it is an integer; 0 for real numbers."""
    at, operand = 0, 0
    while at < len(data):
        first = data[at]
        if first <= 21:
            at += 1
            if first == 12:
                first = 0x0C00 | data[at]
                at += 1
            yield first, operand
            operand = 0
        elif first == 28:
            (operand,) = struct.unpack_from(">h", data, at + 1)
            at += 3
        elif first == 29:
            (operand,) = struct.unpack_from(">i", data, at + 1)
            at += 5
        elif first == 30:
            at += 1
            while data[at] & 0x0F != 0x0F:
                at += 1
            at += 1
            operand = 0
        elif first <= 246:
            operand = first - 139
            at += 1
        else:
            sign, base = (1, 247) if first <= 250 else (-1, 251)
            operand = sign * ((first - base) * 256 + data[at + 1] + 108)
            at += 2


def _charset(program: bytes, at: int, glyphs: int) -> dict[int, int]:
    """SID of the name of each glyph but the first, ``.notdef``."""
    if at == _STANDARD:
        return {glyph: glyph for glyph in range(1, min(glyphs, _LAST_ISO_ADOBE + 1))}
    if at in (_EXPERT, _EXPERT_SUBSET):
        return {}
    kind = program[at]
    if kind == 0:
        return dict(enumerate(struct.unpack_from(f">{glyphs - 1}H", program, at + 1), start=1))
    if kind not in (1, 2):
        raise ValueError("a charset of no known format")
    sids: dict[int, int] = {}
    glyph, at = 1, at + 1
    form = ">HB" if kind == 1 else ">HH"
    while glyph < min(glyphs, _MOST_GLYPHS):
        first, left = struct.unpack_from(form, program, at)
        at += struct.calcsize(form)
        sids.update((glyph + step, first + step) for step in range(left + 1) if glyph + step < glyphs)
        glyph += left + 1
    return sids


def _encoded(program: bytes, at: int, by_glyph: dict[int, str], digits: dict[int, str]) -> dict[int, str]:
    """The digit of each code that draws one."""
    if at == _STANDARD:
        return {ord(digit): digit for digit in by_glyph.values()}
    if at == _EXPERT:
        return {}
    kind, count = program[at], program[at + 1]
    at += 2
    if at + (count if kind & ~_SUPPLEMENT == 0 else 2 * count) > len(program):
        raise ValueError("an encoding that ends beyond the program")
    codes: dict[int, int] = {}
    if kind & ~_SUPPLEMENT == 0:
        codes = {code: glyph for glyph, code in enumerate(program[at : at + count], start=1)}
        at += count
    else:
        glyph = 1
        for first, left in struct.iter_unpack("BB", program[at : at + 2 * count]):
            codes.update((first + step, glyph + step) for step in range(left + 1))
            glyph += left + 1
        at += 2 * count
    found = {code: by_glyph[glyph] for code, glyph in codes.items() if glyph in by_glyph}
    if kind & _SUPPLEMENT:
        for step in range(program[at]):
            code, sid = struct.unpack_from(">BH", program, at + 1 + 3 * step)
            if sid in digits:
                found[code] = digits[sid]
    return found
