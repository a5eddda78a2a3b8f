"""A TrueType font in which every character is an empty frame, half an em wide for Latin and an em for Han.

Empty, so that a watermark's characters hide no more than its strokes would.
"""

from __future__ import annotations

import struct

_EM = 1000
_ASCENT, _DESCENT = 860, -140
_HALF, _FULL = 1, 2  # glyphs; glyph 0 stands for what is not mapped
_WIDTHS = (_EM, _EM // 2, _EM)
_MARGIN = 40
_HEIGHT = 700  # of a figure
_LINE = 70
_LATIN = ((0x21, 0x7E), (0xA1, 0x2E7F))
_HAN = ((0x3001, 0xD7FF), (0xE000, 0xFFFD), (0x20000, 0x3FFFD))


def frame_font() -> bytes:
    """The font as a file."""
    glyphs = [_frame(width - _MARGIN, 0 if width < _EM else _DESCENT + _MARGIN) for width in _WIDTHS]
    places = [sum(map(len, glyphs[:count])) for count in range(len(glyphs) + 1)]
    box = (_MARGIN, _DESCENT, _EM - _MARGIN, _ASCENT)
    count = len(glyphs)
    tables = {
        b"cmap": _characters(),
        b"glyf": b"".join(glyphs),
        b"head": struct.pack(">IIIIHHqqhhhhHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 3, _EM, 0, 0, *box, 0, 8, 2, 1, 0),
        b"hhea": struct.pack(">IhhhHhhhhhhhhhhhH", 0x10000, _ASCENT, _DESCENT, 0, _EM, *(0,) * 11, count),
        b"hmtx": b"".join(struct.pack(">Hh", width, _MARGIN) for width in _WIDTHS),
        b"loca": struct.pack(f">{count + 1}I", *places),
        b"maxp": struct.pack(">IHHHHHHHHHHHHHH", 0x10000, count, 8, 2, 0, 0, 1, *(0,) * 8),
        b"post": struct.pack(">IIhhIIIII", 0x30000, 0, 0, 0, 0, 0, 0, 0, 0),
    }
    directory, content = b"", b""
    start = 12 + 16 * len(tables)
    for tag, table in sorted(tables.items()):
        directory += struct.pack(">4sIII", tag, 0, start + len(content), len(table))
        content += table + b"\0" * (-len(table) % 4)
    return struct.pack(">IHHHH", 0x10000, len(tables), 0, 0, 0) + directory + content


def _frame(right: int, bottom: int) -> bytes:
    """A glyph of two contours of four points each: clockwise without, the other way round within."""
    left, top = _MARGIN, _HEIGHT
    outer = [(left, bottom), (left, top), (right, top), (right, bottom)]
    inner = [
        (left + _LINE, bottom + _LINE),
        (right - _LINE, bottom + _LINE),
        (right - _LINE, top - _LINE),
        (left + _LINE, top - _LINE),
    ]
    points = outer + inner
    steps = [(x - before[0], y - before[1]) for before, (x, y) in zip([(0, 0), *points], points, strict=False)]
    glyph = struct.pack(">hhhhh", 2, left, bottom, right, top)
    glyph += struct.pack(">HHH8B", len(outer) - 1, len(points) - 1, 0, *(1,) * len(points))
    glyph += struct.pack(">8h", *(x for x, _y in steps)) + struct.pack(">8h", *(y for _x, y in steps))
    return glyph + b"\0" * (-len(glyph) % 4)


def _characters() -> bytes:
    """A map of format 13: one glyph for all characters of a range."""
    ranges = sorted([(*span, _HALF) for span in _LATIN] + [(*span, _FULL) for span in _HAN])
    groups = b"".join(struct.pack(">III", *group) for group in ranges)
    table = struct.pack(">HHIII", 13, 0, 16 + len(groups), 0, len(ranges)) + groups
    return struct.pack(">HHHHI", 0, 1, 3, 10, 12) + table
