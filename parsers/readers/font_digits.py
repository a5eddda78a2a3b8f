"""Which codes of an embedded font draw digits, as the font itself has it.

A PDF states beside each font, in its ToUnicode map, which characters its codes mean. That map may be
wrong by mistake or on purpose; the font's own table of characters and the names of its glyphs tell too.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from pdfminer.cmapdb import CMapParser, FileUnicodeMap
from pdfminer.pdftypes import PDFStream, resolve1
from pdfminer.psparser import PSLiteral

from parsers.readers.cff_digits import is_cff, read_cff_digits

_TRUETYPE = (b"\x00\x01\x00\x00", b"true")
_TYPE1 = b"%!"
_OPENTYPE = b"OTTO"
_COMMON_ENCODINGS = ("WinAnsiEncoding", "MacRomanEncoding", "StandardEncoding")
_DIGITS = range(0x30, 0x3A)
_NAMES = {
    name: str(digit)
    for digit, name in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
}
_NAMED = re.compile(rb"\bdup\s+(\d{1,3})\s*/(zero|one|two|three|four|five|six|seven|eight|nine)\s+put\b")
_UNICODE_TABLES = {(0, 3), (0, 4), (3, 1), (3, 10)}
_SEGMENTED, _GROUPED = 4, 12
_HEADER_BYTES = 65_536


def tells_digits(program: bytes) -> bool:
    """Whether a font program names the glyphs of any digits itself."""
    if program.startswith(_TYPE1):
        return bool(_NAMED.search(program[:_HEADER_BYTES]))
    if cff := _cff(program):
        return bool(read_cff_digits(cff).by_glyph)
    return program.startswith(_TRUETYPE) and bool(_digit_glyphs(program))


def contradicted(font: Mapping[str, Any]) -> bool:
    """Whether a font dictionary maps a code to another character than the digit that its font draws for it."""
    stream = resolve1(font.get("ToUnicode"))
    drawn = _drawn_digits(font)
    if not drawn or not isinstance(stream, PDFStream):
        return False
    mapped = FileUnicodeMap()
    CMapParser(mapped, io.BytesIO(stream.get_data())).run()
    return any(mapped.cid2unichr.get(code, digit) != digit for code, digit in drawn.items())


def _drawn_digits(font: Mapping[str, Any]) -> dict[int, str]:
    """The digit that each code draws, as far as font program and glyph names tell."""
    encoding = resolve1(font.get("Encoding"))
    if isinstance(encoding, dict) and "Differences" in encoding:
        return dict(_differences(resolve1(encoding["Differences"])))
    descendants = resolve1(font.get("DescendantFonts"))
    inner = resolve1(descendants[0]) if descendants else font
    descriptor = resolve1(inner.get("FontDescriptor")) or {}
    stream = resolve1(descriptor.get("FontFile2") or descriptor.get("FontFile3") or descriptor.get("FontFile"))
    if not isinstance(stream, PDFStream):
        return {}
    program = stream.get_data()
    if program.startswith(_TYPE1) and encoding is None:
        named = _NAMED.findall(program[:_HEADER_BYTES])
        return {int(code): _NAMES[name.decode()] for code, name in named}
    identity = isinstance(encoding, PSLiteral) and encoding.name in ("Identity-H", "Identity-V")
    if cff := _cff(program):
        digits = read_cff_digits(cff)
        if descendants:
            # Of a program whose glyphs have names, codes are glyphs.
            return digits.by_glyph if identity else {}
        return digits.by_code if encoding is None else _in_common_encodings(encoding, digits.by_glyph)
    if not descendants or not identity or not program.startswith(_TRUETYPE):
        return {}
    glyphs = _digit_glyphs(program)
    to_glyph = resolve1(inner.get("CIDToGIDMap"))
    if not isinstance(to_glyph, PDFStream):
        return glyphs
    table = to_glyph.get_data()
    codes = struct.unpack(f">{len(table) // 2}H", table[: len(table) // 2 * 2])
    return {code: glyphs[glyph] for code, glyph in enumerate(codes) if glyph in glyphs}


def _cff(program: bytes) -> bytes:
    """The CFF program in a font program, by itself or in an OpenType font; empty where there is none."""
    if program.startswith(_OPENTYPE):
        try:
            start = _table(program, b"CFF ")
        except struct.error:
            start = None
        program = program[start:] if start is not None else b""
    return program if is_cff(program) else b""


def _in_common_encodings(encoding: Any, by_glyph: Mapping[int, str]) -> dict[int, str]:
    """The digits by code of an encoding that a PDF names: the common ones have them where ASCII has."""
    named = resolve1(encoding.get("BaseEncoding")) if isinstance(encoding, dict) else encoding
    known = isinstance(named, PSLiteral) and named.name in _COMMON_ENCODINGS
    return {ord(digit): digit for digit in by_glyph.values()} if known else {}


def _differences(entries: Any) -> Iterator[tuple[int, str]]:
    code = 0
    for entry in map(resolve1, entries or ()):
        if isinstance(entry, int):
            code = entry
        elif isinstance(entry, PSLiteral):
            if digit := _NAMES.get(str(entry.name)):
                yield code, digit
            code += 1


def _digit_glyphs(program: bytes) -> dict[int, str]:
    """Glyphs of the digits by the ``cmap`` table of a TrueType font; none where one glyph stands for several."""
    found: dict[int, str] = {}
    try:
        start = _table(program, b"cmap")
        if start is None:
            return found
        (count,) = struct.unpack_from(">H", program, start + 2)
        for index in range(count):
            platform, encoding, offset = struct.unpack_from(">HHI", program, start + 4 + 8 * index)
            if (platform, encoding) not in _UNICODE_TABLES:
                continue
            for code in _DIGITS:
                glyph = _glyph(program, start + offset, code)
                if glyph and found.setdefault(glyph, chr(code)) != chr(code):
                    return {}
    except struct.error:
        return {}
    return found


def _table(program: bytes, tag: bytes) -> int | None:
    (count,) = struct.unpack_from(">H", program, 4)
    for index in range(count):
        name, _checksum, offset, _length = struct.unpack_from(">4sIII", program, 12 + 16 * index)
        if name == tag:
            return int(offset)
    return None


def _glyph(program: bytes, at: int, code: int) -> int:
    """Glyph of a code in a ``cmap`` subtable of format 4 or 12, 0 for none."""
    (kind,) = struct.unpack_from(">H", program, at)
    if kind == _GROUPED:
        (groups,) = struct.unpack_from(">I", program, at + 12)
        for index in range(groups):
            first, last, glyph = struct.unpack_from(">III", program, at + 16 + 12 * index)
            if first <= code <= last:
                return int(glyph + code - first)
            if first > code:
                break
    elif kind == _SEGMENTED:
        (double,) = struct.unpack_from(">H", program, at + 6)
        for index in range(0, double, 2):
            (last,) = struct.unpack_from(">H", program, at + 14 + index)
            if last < code:
                continue
            first, delta, offset = (
                struct.unpack_from(">H", program, at + 16 + double * part + index)[0] for part in (1, 2, 3)
            )
            if first > code:
                return 0
            if not offset:
                return int(code + delta) & 0xFFFF
            (glyph,) = struct.unpack_from(">H", program, at + 16 + double * 3 + index + offset + 2 * (code - first))
            return int(glyph + delta) & 0xFFFF if glyph else 0
    return 0
