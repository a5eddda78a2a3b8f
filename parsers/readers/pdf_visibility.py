"""Which characters a reader of the page can see: what is painted over, cut off or white on white is not printed."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from parsers.readers.pdf_characters import UNKNOWN, Character, gap, rows_of
from parsers.readers.pdf_rules import Drawing
from parsers.readers.pdf_view import Box, View

_SCALE = 2.0
_MAX_PIXELS = 16_000_000
_CONTRAST = 24
_LEGIBLE = 80  # of 255: white on a ground no darker than this can be seen and hardly read
_SLIM = 4  # pixels: the ink of a 1 this slim may stand all in one half of its box, which is known roughly
_BAND = 20.0  # points: areas are looked up by bands of this height
_WHOLE = 0.8  # of a character's width and height must be left by clipping
_MAX_CLIPS = 64
_MAX_AREAS = 3000
_MOST = 0.5  # share of the page from which a picture is a scan of it


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as painted: grey values by row, ``scale`` pixels per point."""

    grey: bytes
    stride: int
    width: int
    height: int
    scale: float


def seen(
    page: pdfium.PdfPage, characters: Sequence[Character], view: View, drawing: Drawing
) -> tuple[list[Character], int]:
    """Characters that can be seen, and how many cannot.

    Digits that something may cut off or cover, and white characters, are looked up on the painted
    page. White characters that do not show are not printed, unless they go on a figure that does; on
    the picture of a scanned page they are the layer of a text recogniser. Any other hidden digit
    stays as U+FFFD, and so does a white one on a light ground: a figure stands there that nobody can read.
    """
    clips: dict[int, Box | None] = {}
    # Clip paths within forms are in the form's own space: what these hide shows on the painted page.
    cut = {
        id(item)
        for item in characters
        if item.text.isdecimal() and drawing.painted.get(item.source, -1) >= 0 and _cut_off(item, view, clips)
    }
    doubtful = [item for item in _doubtful(characters, view, drawing) if id(item) not in cut]
    hidden: set[int] = set()
    if doubtful:
        painted = _paint(page, view)
        scanned = any(_area(box) > _MOST * view.width * view.height for box in drawing.pictures)
        hidden = {id(item) for item in doubtful if (item.pale and scanned) or not _visible(painted, item, view)}
        cut |= {
            id(item)
            for item in doubtful
            if item.pale
            and item.text.isdecimal()
            and id(item) not in hidden
            and not _visible(painted, item, view, _LEGIBLE)
        }
    if not hidden and not cut:
        return list(characters), 0
    dropped = {id(item) for item in characters if item.pale and id(item) in hidden}
    dropped -= _going_on(characters, dropped)
    kept = []
    for item in characters:
        if id(item) in dropped:
            continue
        if id(item) in hidden or id(item) in cut:
            item.text = UNKNOWN
        kept.append(item)
    return kept, len(dropped)


def _going_on(characters: Sequence[Character], dropped: set[int]) -> set[int]:
    """Those of the hidden digits that stand in one figure with others."""
    going_on: set[int] = set()
    if not dropped:
        return going_on
    for row in rows_of([item for item in characters if item.text.isdecimal()]):
        for order in (row, row[::-1]):
            for before, item in pairwise(order):
                left, right = (before, item) if before.x0 <= item.x0 else (item, before)
                follows = id(before) not in dropped or id(before) in going_on
                if id(item) in dropped and follows and not gap(left, right):
                    going_on.add(id(item))
    return going_on


def _doubtful(characters: Sequence[Character], view: View, drawing: Drawing) -> list[Character]:
    """White characters, and digits within forms, in layers or under something painted later."""
    if len(drawing.areas) > _MAX_AREAS:
        return [item for item in characters if item.pale or item.text.isdecimal()]
    covers: dict[int, list[tuple[int, Box]]] = {}
    for order, box in drawing.areas:
        for band in range(int(max(box[1], 0) // _BAND), int(min(box[3], view.size[1]) // _BAND) + 1):
            covers.setdefault(band, []).append((order, box))
    doubtful = []
    for item in characters:
        if item.pale:
            doubtful.append(item)
        elif item.text.isdecimal():
            painted = drawing.painted.get(item.source, -1)
            x, y = item.middle
            if painted < 0 or any(
                order > painted and box[0] <= x <= box[2] and box[1] <= y <= box[3]
                for order, box in covers.get(int(y // _BAND), ())
            ):
                doubtful.append(item)
    return doubtful


def _cut_off(item: Character, view: View, clips: dict[int, Box | None]) -> bool:
    """Whether clipping takes away a good part of the character."""
    if item.source not in clips:
        clips[item.source] = _clip_box(item.source, view)
    clip = clips[item.source]
    if clip is None:
        return False
    x0, top, x1, bottom = item.ink
    wide = (min(x1, clip[2]) - max(x0, clip[0])) / max(x1 - x0, 0.1)
    high = (min(bottom, clip[3]) - max(top, clip[1])) / max(bottom - top, 0.1)
    return min(wide, high) < _WHOLE


def _clip_box(source: int, view: View) -> Box | None:
    """Upright box that all clip paths of a text object leave open, None where it has none."""
    clip_path = pdfium_c.FPDFPageObj_GetClipPath(ctypes.cast(source, pdfium_c.FPDF_PAGEOBJECT))
    count = pdfium_c.FPDFClipPath_CountPaths(clip_path) if clip_path else 0
    if count < 1:
        return None
    left, top, right, bottom = -math.inf, -math.inf, math.inf, math.inf
    x, y = ctypes.c_float(), ctypes.c_float()
    for path in range(min(count, _MAX_CLIPS)):
        points = []
        for index in range(min(pdfium_c.FPDFClipPath_CountPathSegments(clip_path, path), _MAX_CLIPS)):
            pdfium_c.FPDFPathSegment_GetPoint(pdfium_c.FPDFClipPath_GetPathSegment(clip_path, path, index), x, y)
            points.append(view.upright(x.value, y.value))
        if points:
            left, right = max(left, min(x for x, _y in points)), min(right, max(x for x, _y in points))
            top, bottom = max(top, min(y for _x, y in points)), min(bottom, max(y for _x, y in points))
    return left, top, right, bottom


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _paint(page: pdfium.PdfPage, view: View) -> Picture:
    scale = min(_SCALE, (_MAX_PIXELS / max(view.width * view.height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    try:
        return Picture(bytes(bitmap.buffer), bitmap.stride, bitmap.width, bitmap.height, scale)
    finally:
        bitmap.close()


def _visible(picture: Picture, item: Character, view: View, contrast: int = _CONTRAST) -> bool:
    """Whether the character's ink shows on its ground, above and below, left and right."""
    x0, top, x1, bottom = (side * picture.scale for side in view.as_shown(item.ink))
    left, right = max(int(x0), 0), min(int(x1) + 1, picture.width)
    up, down = max(int(top), 0), min(int(bottom) + 1, picture.height)
    if right - left < 1 or down - up < 1:
        return False
    around = slice(max(left - 2, 0), min(right + 2, picture.width))
    grey, stride = picture.grey, picture.stride
    rows = [grey[y * stride + left : y * stride + right] for y in range(up, down)]
    wide = b"".join(
        grey[y * stride + around.start : y * stride + around.stop]
        for y in range(max(up - 2, 0), min(down + 2, picture.height))
    )
    lightest, darkest = max(wide), min(wide)
    if lightest - darkest < contrast:
        return False
    ordered = sorted(wide)
    ground_light = ordered[len(ordered) // 2] * 2 > lightest + darkest or not item.pale
    middle_row, middle_column = (down - up + 1) // 2, (right - left + 1) // 2
    if right - left <= _SLIM:
        middle_column = right - left
    halves = (
        b"".join(rows[:middle_row]),
        b"".join(rows[-middle_row:]),
        b"".join(row[:middle_column] for row in rows),
        b"".join(row[-middle_column:] for row in rows),
    )
    if ground_light:
        return all(lightest - min(half) >= contrast for half in halves)
    return all(max(half) - darkest >= contrast for half in halves)
