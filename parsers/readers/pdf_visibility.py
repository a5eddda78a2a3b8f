"""Which characters a reader of the page can see: what is painted over, cut off or white on white is not printed."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from parsers.readers.pdf_characters import UNKNOWN, Character, gap, rows_of
from parsers.readers.pdf_rules import Drawing
from parsers.readers.pdf_view import Box, View

_SCALE = 2.0
_MAX_PIXELS = 16_000_000
_CONTRAST = 24
_BAND = 20.0  # points: areas are looked up by bands of this height
_SLACK = 0.5  # points
_MAX_CLIPS = 64
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
    page. A hidden digit beside a visible one belongs to a figure that is cut off: it stays, as
    U+FFFD. On the picture of a scanned page white text is the layer of a text recogniser.
    """
    doubtful = _doubtful(characters, view, drawing)
    if not doubtful:
        return list(characters), 0
    painted = _paint(page, view)
    scanned = any(_area(box) > _MOST * view.width * view.height for box in drawing.pictures)
    hidden = {id(item) for item in doubtful if (item.pale and scanned) or not _visible(painted, item, view)}
    if not hidden:
        return list(characters), 0
    cut = _cut(characters, hidden)
    kept = []
    for item in characters:
        if id(item) in cut:
            item.text = UNKNOWN
        elif id(item) in hidden:
            continue
        kept.append(item)
    return kept, len(hidden) - len(cut)


def _doubtful(characters: Sequence[Character], view: View, drawing: Drawing) -> list[Character]:
    """White characters, and digits within forms, clipped, or under something painted later."""
    covers: dict[int, list[tuple[int, Box]]] = {}
    for order, box in drawing.areas:
        for band in range(int(max(box[1], 0) // _BAND), int(min(box[3], view.size[1]) // _BAND) + 1):
            covers.setdefault(band, []).append((order, box))
    clips: dict[int, Box | None] = {}
    doubtful = []
    for item in characters:
        if item.pale:
            doubtful.append(item)
        elif item.text.isdecimal():
            painted = drawing.painted.get(item.source, -1)
            x, y = item.middle
            if (
                painted < 0
                or any(
                    order > painted and box[0] <= x <= box[2] and box[1] <= y <= box[3]
                    for order, box in covers.get(int(y // _BAND), ())
                )
                or _clipped(item, view, clips)
            ):
                doubtful.append(item)
    return doubtful


def _clipped(item: Character, view: View, clips: dict[int, Box | None]) -> bool:
    if item.source not in clips:
        clips[item.source] = _clip_box(item.source, view)
    clip = clips[item.source]
    if clip is None:
        return False
    x0, top, x1, bottom = item.ink
    return x0 < clip[0] - _SLACK or top < clip[1] - _SLACK or x1 > clip[2] + _SLACK or bottom > clip[3] + _SLACK


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


def _cut(characters: Sequence[Character], hidden: set[int]) -> set[int]:
    """Hidden digits that go on a visible figure of the same print."""
    cut: set[int] = set()
    for row in rows_of([item for item in characters if item.text.isdecimal()]):
        for order in (row, row[::-1]):
            visible: Character | None = None
            for item in order:
                if id(item) not in hidden:
                    visible = item
                elif visible is not None and not item.pale:
                    left, right = sorted((visible, item), key=lambda character: character.x0)
                    if not gap(left, right):
                        cut.add(id(item))
                        visible = item
    return cut


def _area(box: Box) -> float:
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def _paint(page: pdfium.PdfPage, view: View) -> Picture:
    scale = min(_SCALE, (_MAX_PIXELS / max(view.width * view.height, 1.0)) ** 0.5)
    bitmap = page.render(scale=scale, grayscale=True, may_draw_forms=False)
    try:
        return Picture(bytes(bitmap.buffer), bitmap.stride, bitmap.width, bitmap.height, scale)
    finally:
        bitmap.close()


def _visible(picture: Picture, item: Character, view: View) -> bool:
    """Whether the character's ink shows on its ground at all four sides."""
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
    if lightest - darkest < _CONTRAST:
        return False
    ordered = sorted(wide)
    ground_light = ordered[len(ordered) // 2] * 2 > lightest + darkest or not item.pale
    high, wide_part = max((down - up) // 3, 1), max((right - left) // 3, 1)
    sides = (
        b"".join(rows[:high]),
        b"".join(rows[-high:]),
        b"".join(row[:wide_part] for row in rows),
        b"".join(row[-wide_part:] for row in rows),
    )
    if ground_light:
        return all(lightest - min(side) >= _CONTRAST for side in sides)
    return all(max(side) - darkest >= _CONTRAST for side in sides)
