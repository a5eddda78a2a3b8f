"""The characters that a PDF page prints, and how they join to lines.

A character counts only if a reader of the page can see it and its font says which one it
is. Whatever is there in part, twice over, or without a known meaning stands as U+FFFD: a
figure that holds one cannot be read, and is not misread.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from operator import attrgetter

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from parsers.document import UnreadableDocumentError
from parsers.readers import pdfium_calls as calls
from parsers.readers.pdf_fonts import Fonts
from parsers.readers.pdf_view import Box, View

MAX_CHARACTERS = 20_000
UNKNOWN = "\ufffd"
_LOOSEST = 2.5  # in type sizes: no loose box of a single character is wider or higher
_SAME_LINE = 0.4  # in type sizes: lines of neighbouring columns may be half a line apart
_FLAT = 0.5  # in type sizes
_LEVEL = 0.2  # points between characters of one line
_SKEW = math.tan(math.radians(5))
_INVISIBLE_MODES = frozenset({pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium_c.FPDF_TEXTRENDERMODE_CLIP})
_PALE = 245  # of 255, in each of red, green and blue
_WORD_GAP = 0.28  # in type sizes: wider white within a line is a blank
_DIGIT_GAP = 0.35  # in advances: digits further apart do not make one number
_OTHER_SIZE = 0.15  # of the bigger: digits that differ more in size, such as a mark's, make no number
_DIGIT_INK_GAP = 0.55  # in type sizes, between the ink of two digits
_WIDE_PITCH = 1.15  # in type sizes, between the middles of two digits as wide as high
_OVERPRINT = 0.15  # in type sizes: the same character this close is printed twice to look bold
_CROWDED = 0.3  # in type sizes: digits closer than this cannot be told apart
_FIGURE = frozenset("0123456789")
_WIDE_FIGURE = frozenset("０１２３４５６７８９")
_FIGURE_LIKE = _FIGURE | {UNKNOWN}
_BLANKS = frozenset((0x20, 0x0D, 0x0A, 0xA0, 0x3000, 0xFFFE))
_FIRST_SURROGATE = 0xD800
_SLANTED = -1
_left = attrgetter("x0")


@dataclass(slots=True)
class Character:
    """One printed character: upright box by advance and line height, box of its ink, size of type.

    ``turn`` counts quarter turns clockwise against the page's other text; ``pale`` is printed in
    white or nearly transparent. ``source`` is the address of its text object while the page is open.
    """

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    ink: Box
    turn: int = 0
    pale: bool = False
    source: int = 0

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the box."""
        return (self.x0 + self.x1) / 2, (self.top + self.bottom) / 2


@dataclass(slots=True)
class PageText:
    """What a page prints: its characters, the view that sets most of them upright, and how many are not printed."""

    characters: list[Character]
    view: View
    invisible: int = 0


def read_characters(page: pdfium.PdfPage, number: int, fonts: Fonts) -> PageText:
    """Read page ``number``; raises UnreadableDocumentError past MAX_CHARACTERS."""
    view = View.of(page)
    text_page = page.get_textpage()
    try:
        count = pdfium_c.FPDFText_CountChars(text_page)
        if count > MAX_CHARACTERS:
            raise UnreadableDocumentError("too_big", f"page {number} has {count} characters")
        found, invisible = _collect(calls.address_of(text_page.raw), count, view, fonts)
    finally:
        text_page.close()
    directions = Counter(character.turn for character in found)
    # Text at a slant across the page is a watermark, unless most of the page stands at a slant.
    slanted = directions.pop(_SLANTED, 0)
    if directions:
        view = replace(view, turn=directions.most_common(1)[0][0])
    if view.turn or slanted:
        for character in found:
            box = view.from_shown((character.x0, character.top, character.x1, character.bottom))
            character.x0, character.top, character.x1, character.bottom = box
            character.ink = view.from_shown(character.ink)
            if character.turn != _SLANTED or slanted > len(found) / 2:
                character.turn = (max(character.turn, 0) - view.turn) % 4
    width, height = view.size
    characters = [
        item
        for item in found
        if item.turn != _SLANTED and item.x1 > 0 and item.bottom > 0 and item.x0 < width and item.top < height
    ]
    return PageText(characters, view, invisible + len(found) - len(characters))


def _collect(text_page: int, count: int, view: View, fonts: Fonts) -> tuple[list[Character], int]:
    """Characters on the page as viewers show it, ``turn`` against left to right, and how many are not printed.

    The loose box is the type's own (advance by line height): it tells gaps and lines alike for a
    full stop and for a Han character, which ink boxes do not.
    """
    get_object, get_loose_box, has_no_map = calls.text_object, calls.loose_box, calls.has_no_map
    get_ink_box = calls.ink_box
    box = pdfium_c.FS_RECTF()
    box_given = ctypes.byref(box)
    sides = [ctypes.c_double() for _ in range(4)]
    sides_given = [ctypes.byref(side) for side in sides]
    read_style = _StyleReader(text_page, view, fonts)
    styles: dict[int, _Style] = {}
    found: list[Character] = []
    invisible = 0
    upright, page_left, page_top = not view.rotation, view.left, view.top
    source = 0
    for index, code in enumerate(_codes(text_page, count)):
        if code in _BLANKS:
            continue
        item = get_object(text_page, index)
        # Blanks and line ends that PDFium generates belong to no object.
        if not item or not get_loose_box(text_page, index, box_given):
            continue
        if item != source:
            source = item
            known = styles.get(item)
            style = styles[item] = known or read_style(item, index)
            loosest = _LOOSEST * style.size
        if style.hidden:
            invisible += 1
            continue
        if style.mapless or (style.doubtful and 0x30 <= code <= 0x39) or code < 32 or has_no_map(text_page, index) == 1:
            text = UNKNOWN
        else:
            text = chr(code) if code < _FIRST_SURROGATE else _text(code)
        left, bottom, right, top = box.left, box.bottom, box.right, box.top
        if upright and left <= right and bottom <= top:
            x0, y0, x1, y1 = loose = left - page_left, page_top - top, right - page_left, page_top - bottom
        else:
            x0, y0, x1, y1 = loose = view.box(left, bottom, right, top)
        wide = right - left > loosest or top - bottom > loosest
        ink = loose
        if wide or style.pale or text in _FIGURE:
            get_ink_box(text_page, index, *sides_given)
            ink = view.box(sides[0].value, sides[2].value, sides[1].value, sides[3].value)
            # In vertical writing PDFium leaves the loose box unscaled; ink will do there.
            if wide and style.size:
                x0, y0, x1, y1 = ink
        found.append(Character(text, x0, y0, x1, y1, style.size, ink, style.direction, style.pale, source))
    return found, invisible


def _codes(text_page: int, count: int) -> Sequence[int]:
    """Unicode of each character of the page."""
    text = (ctypes.c_ushort * (count + 1))()
    # Characters beyond the first plane, and those that PDFium leaves out of a page's text, shift the rest.
    if calls.text_of_page(text_page, 0, count, text) == count + 1:
        codes = text[:count]
        if not any(_FIRST_SURROGATE <= code <= 0xDFFF for code in codes):
            return codes
    return [calls.unicode_of(text_page, index) for index in range(count)]


@dataclass(slots=True)
class _Style:
    """Of a text object: whether it is not painted at all, or painted white.

    ``mapless`` is whether its font tells no Unicode, ``doubtful`` whether it draws other digits than the file says.
    """

    hidden: bool
    pale: bool
    mapless: bool
    doubtful: bool
    size: float
    direction: int


class _StyleReader:
    """Reads the styles of the text objects of one page."""

    def __init__(self, text_page: int, view: View, fonts: Fonts) -> None:
        self._text_page = text_page
        self._view = view
        self._fonts = fonts
        self._colour = [ctypes.c_uint() for _ in range(4)]
        self._colour_given = [ctypes.byref(part) for part in self._colour]
        self._matrix = pdfium_c.FS_MATRIX()
        self._matrix_given = ctypes.byref(self._matrix)
        self._scales: dict[tuple[float, float], tuple[float, int]] = {}
        # By address, which is the font's own as long as the page is open.
        self._known_fonts: dict[int | None, tuple[bool, bool]] = {None: (False, False)}

    def __call__(self, item: int, index: int) -> _Style:
        hidden = calls.render_mode(item) in _INVISIBLE_MODES
        pale = False
        if calls.fill_colour(item, *self._colour_given):
            red, green, blue, alpha = self._colour
            hidden = hidden or alpha.value < 8
            pale = alpha.value < 64 or (red.value >= _PALE and green.value >= _PALE and blue.value >= _PALE)
        scale, direction = 1.0, 0
        if calls.character_matrix(self._text_page, index, self._matrix_given):
            key = (self._matrix.a, self._matrix.b)
            known = self._scales.get(key)
            if known is None:
                known = self._scales[key] = math.hypot(*key), _direction(*key, self._view)
            scale, direction = known
        size = abs(scale * calls.font_size(self._text_page, index))
        font = calls.font_of(item)
        known_font = self._known_fonts.get(font)
        if known_font is None:
            known_font = self._known_fonts[font] = self._fonts.mapless(font), self._fonts.digits_doubtful(font)
        return _Style(hidden, pale, *known_font, size, direction)


def _direction(a: float, b: float, view: View) -> int:
    """Quarter turns clockwise from left to right in which text runs on the shown page, or _SLANTED."""
    x0, y0 = view.shown(0.0, 0.0)
    x1, y1 = view.shown(a, b)
    dx, dy = x1 - x0, y1 - y0
    if abs(dy) <= _SKEW * abs(dx):
        return 0 if dx >= 0 else 2
    if abs(dx) <= _SKEW * abs(dy):
        return 1 if dy > 0 else 3
    return _SLANTED


def _text(code: int) -> str:
    """The character, U+FFFD where the font tells no Unicode for its glyph."""
    private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
    return UNKNOWN if private or _FIRST_SURROGATE <= code <= 0xDFFF or code > 0x10FFFF else chr(code)


# Lines ----------------------------------------------------------------------------------


def rows_of(characters: Sequence[Character]) -> list[list[Character]]:
    """Group characters into printed lines, top to bottom, each left to right.

    A character joins the nearest line whose middle lies clearly within half a line's height. What is
    printed twice to look bold counts once.
    """
    if len(characters) == 1:
        return [list(characters)]
    ordered = sorted(characters, key=_height)
    nearest = max(min(item.size for item in ordered), 4.0) * _SAME_LINE
    if _height(ordered[-1]) - _height(ordered[0]) <= 2 * nearest:
        return [_once(sorted(ordered, key=_left))]
    rows: list[list[Character]] = []
    middles: list[float] = []
    best, chosen_at = -1, -math.inf
    # Of some fonts only the ink is known, and that of 一 or a full stop is not half as high as its line:
    # it joins a line once all lines are known.
    flat = [item for item in ordered if item.bottom - item.top < _FLAT * item.size]
    if len(flat) == len(ordered):
        flat = []
    for character in ordered:
        if flat and character.bottom - character.top < _FLAT * character.size:
            continue
        y = (character.top + character.bottom) / 2
        if best >= 0 and y - chosen_at <= _LEVEL:
            # Between two lines, rounding would send the parts of one word both ways.
            rows[best].append(character)
            continue
        near = max(character.size, 4.0) * _SAME_LINE
        best, chosen_at, distance = -1, y, near
        for row in range(max(len(rows) - 3, 0), len(rows)):
            if (off := abs(middles[row] - y)) <= distance:
                best, distance = row, off
        if best < 0:
            best = len(rows)
            rows.append([])
            middles.append(y)
        rows[best].append(character)
    for character in flat:
        y = (character.top + character.bottom) / 2
        best = min(range(len(rows)), key=lambda row: abs(middles[row] - y))
        if abs(middles[best] - y) > max(character.size, 4.0) * _SAME_LINE:
            best = sum(middle < y for middle in middles)
            rows.insert(best, [])
            middles.insert(best, y)
        rows[best].append(character)
    return [_once(sorted(row, key=_left)) for row in rows]


def _height(character: Character) -> float:
    return character.top + character.bottom


def _once(row: list[Character]) -> list[Character]:
    """A line without overprint; digits that stand in each other are unknown."""
    kept: list[Character] = []
    last = -math.inf
    for character in row:
        size = character.size
        # Nothing before stands further right than the last one.
        if character.x0 - last >= _CROWDED * (size if size > 1.0 else 1.0):
            kept.append(character)
            last = character.x0
            continue
        for position in range(len(kept) - 1, max(len(kept) - 4, -1), -1):
            before = kept[position]
            size = max(min(character.size, before.size), 1.0)
            apart = character.x0 - before.x0
            if apart <= _OVERPRINT * size and character.text == before.text:
                break
            if apart < _CROWDED * size and character.text in _FIGURE_LIKE and before.text in _FIGURE_LIKE:
                kept[position] = replace(before, text=UNKNOWN)
                break
        else:
            kept.append(character)
            last = character.x0
    return kept


def gap(left: Character, right: Character) -> bool:
    """Whether there is visible white between two neighbours on a line.

    Digits are told apart by their advance and by their ink: a number must stand as one, set in one size.
    """
    white = right.x0 - left.x1
    if left.text in _FIGURE and right.text in _FIGURE:
        if abs(left.size - right.size) > _OTHER_SIZE * max(left.size, right.size):
            return True
        advance = min(left.x1 - left.x0, right.x1 - right.x0)
        if white > _DIGIT_GAP * max(advance, 1.0):
            return True
        return right.ink[0] - left.ink[2] > _DIGIT_INK_GAP * max(min(left.size, right.size), 4.0)
    if left.text in _WIDE_FIGURE and right.text in _WIDE_FIGURE:
        # Set as wide as high, whatever of that their ink takes up.
        return right.middle[0] - left.middle[0] > _WIDE_PITCH * max(left.size, right.size, 4.0)
    if white <= _WORD_GAP * 4.0:
        return False
    return white > _WORD_GAP * max(min(left.size, right.size), right.x1 - right.x0, 4.0)


def join(row: Sequence[Character]) -> str:
    """Text of a line, blanks where there is white between characters."""
    if not row:
        return ""
    parts = [row[0].text]
    for left, right in pairwise(row):
        if gap(left, right):
            parts.append(" ")
        parts.append(right.text)
    return "".join(parts)


def text_of(characters: Sequence[Character]) -> str:
    """Text of a cell: its lines from top to bottom, then those set sideways, each way by itself."""
    if len(characters) == 1:
        return characters[0].text
    turns = sorted({character.turn for character in characters})
    if turns == [0]:
        return "\n".join(join(row) for row in rows_of(characters))
    parts = []
    for turn in turns:
        turned = [_turned(character) for character in characters if character.turn == turn]
        parts += [join(row) for row in rows_of(turned)]
    return "\n".join(parts)


def _turned(character: Character) -> Character:
    """A character set sideways, its coordinates turned so that it stands upright."""

    def turn(box: Box) -> Box:
        x0, top, x1, bottom = box
        if character.turn == 1:
            return top, -x1, bottom, -x0
        if character.turn == 2:
            return -x1, -bottom, -x0, -top
        if character.turn == 3:
            return -bottom, x0, -top, x1
        return box

    x0, top, x1, bottom = turn((character.x0, character.top, character.x1, character.bottom))
    return Character(character.text, x0, top, x1, bottom, character.size, turn(character.ink), 0, character.pale)
