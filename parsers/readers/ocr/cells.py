"""What stands in a ruled cell: nothing, or lines of text, each recognised by itself.

Whether a cell is blank is told by its ink, never by the recogniser. A figure is looked at
twice: alone, and twice side by side as if it were a longer one. The two pictures lead the
recogniser astray in different ways (a lone 7 may read as 1, a pair does not), so what both
say counts as agreed. Where they differ a third look, at a softened pair, decides.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from parsers.document import Recognition
from parsers.readers.ocr.engine import Text, recognise
from parsers.readers.ocr.raster import Pixels
from parsers.readers.pdf_characters import UNKNOWN
from parsers.readers.pdf_view import Box

_INSET = 1.2  # points between the middle of a rule and the cell's own paper
_NEARER = 0.9  # points: how much nearer to a rule print may stand, where white parts them
_SPECK = 2.4  # points: nothing that is read is smaller both ways but points, which stand between digits
_WIDE_LEFT = 0.8  # share of a cell's width beyond which a line along its border is its rule
_HIGH_LEFT = 0.92  # share of its height: in a low row a 1 beside the border is nearly as high
_RULE_THICK = 2.0  # points
_SLIVER = 0.4  # points: what is narrower, runs along a side and is taller than all print in the cell is left of a rule
_LIP = 1.2  # points: what is flatter and lies along a level border is left of its rule, not of print
_FLAT = 0.45  # in heights of a line: what is lower is part of the line beside it
_ONE_LINE = 1.15  # in heights of a line: two pieces that are together no higher are parts of one
_MARGIN = 0.15  # in heights of a line: paper left around it
_BESIDE = 0.25  # in heights of a line: paper between the two copies of a figure
_FIGURE = frozenset("0123456789.,+-/%—–-")
_LONGEST_FIGURE = 16
_LONGEST_SIGN = 2
_SURE = 0.6
_SLASH = "/"
_STROKES = frozenset("1/Il|丨丿")  # what a lone stroke is read as
_LEAST_SLANT = 0.18  # in heights: how far a slash leans over; a 1 stands upright
_THIN = 0.35  # in heights: the widest row of pixels of a slash
_LEAST_ROWS = 8  # pixels: a lower stroke has no slant to speak of
_STRAIGHT = 0.08  # in heights: how far its middle strays from a line
_WIDEST_GAP = 0.9  # in heights of a line: white that parts two figures

Part = tuple[int, int, int, int]
"""Pixel box (x0, y0, x1, y1) of a piece of print within its cell."""


@dataclass(slots=True)
class _Seen:
    """A cell's lines as pictures.

    ``cut``: print touches its border, so that some may be lost; ``aside``: its left or right one, where
    more than an edge may be. ``covered``: only a seal prints. ``apart``: wide white parts the pieces of
    its only line.
    """

    lines: list[Pixels]
    cut: bool = False
    aside: bool = False
    covered: bool = False
    apart: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """A cell's text and how it was recognised."""

    text: str
    recognition: Recognition


def read_cells(boxes: Sequence[Box], dark: Pixels, inks: tuple[Pixels, Pixels], scale: float) -> list[Read]:
    """Read the cells with these boxes (in points).

    ``dark`` is the page without what is red, ``inks`` are the masks of all print and of the print in
    ``dark``, ``scale`` counts pixels a point.
    """
    seen = [_look(box, dark, inks, scale) for box in boxes]
    first = iter(recognise([_padded(line) for cell in seen for line in cell.lines]))
    looked = [[next(first) for _ in cell.lines] for cell in seen]
    short = [len(texts) == 1 and _is_short(texts[0].text) for texts in looked]
    pairs = iter(recognise([_paired(cell.lines[0]) for cell, chosen in zip(seen, short, strict=True) if chosen]))
    looks = [[*texts, next(pairs)] if chosen else list(texts) for texts, chosen in zip(looked, short, strict=True)]
    torn = [chosen and not _agree(*texts) for texts, chosen in zip(looks, short, strict=True)]
    third = iter(
        recognise([_paired(_softened(cell.lines[0])) for cell, again in zip(seen, torn, strict=True) if again])
    )
    return [
        _figure(cell, [*texts, next(third)] if again else texts) if chosen else _words(cell, texts)
        for cell, texts, chosen, again in zip(seen, looks, short, torn, strict=True)
    ]


def _agree(alone: Text, paired: Text) -> bool:
    """Whether a sign and two of it side by side read alike, and surely."""
    return _half(paired) == _folded(alone.text) and alone.score >= _SURE


def _words(cell: _Seen, texts: Sequence[Text]) -> Read:
    if not cell.lines:
        return Read(UNKNOWN if cell.covered or cell.cut else "", Recognition(1.0, agreed=True))
    text = "\n".join(item.text or UNKNOWN for item in texts)
    score = min(item.score for item in texts)
    # Words that stand on their rule are words still; a figure may be another without its foot.
    return Read(text + UNKNOWN if cell.aside else text, Recognition(round(score, 3), agreed=False))


def _figure(cell: _Seen, looks: Sequence[Text]) -> Read:
    """What two of up to three looks agree on; what the first says where none do."""
    alone, *paired = looks
    if _folded(alone.text) in _STROKES and not cell.cut and _is_slash(cell.lines[0]):
        # The recogniser takes a slash for a 1, at every look; as with white, its shape tells.
        return Read(_SLASH, Recognition(1.0, agreed=True))
    read = [_folded(alone.text), *map(_half, paired)]
    text = next((one for one in read if one and read.count(one) > 1), None)
    scores = [look.score for look, one in zip(looks, read, strict=True) if one == text]
    printed = alone.text or UNKNOWN if text in (None, read[0]) else text
    # Figures set apart may be two, which the recogniser would draw together.
    doubtful = cell.cut or cell.apart
    score = max(scores) if text else alone.score
    return Read(f"{printed}{UNKNOWN}" if doubtful else printed, Recognition(round(score, 3), agreed=text is not None))


def _half(look: Text) -> str | None:
    """What stands twice in a picture of a pair; None where its halves differ."""
    text = _folded(look.text)
    middle = len(text) // 2
    return text[:middle] if text and text[:middle] == text[middle:] else None


def _folded(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _is_slash(line: Pixels) -> bool:
    """Whether a picture shows one straight thin stroke that leans to the right."""
    _threshold, ink = cv2.threshold(line, 0, 1, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)
    rows = [np.flatnonzero(row) for row in ink]
    rows = [row for row in rows if row.size]
    height = len(rows)
    if height < _LEAST_ROWS or any(row[-1] - row[0] >= row.size + 1 for row in rows):
        return False
    if max(row.size for row in rows) > _THIN * height:
        return False
    middles = np.array([(row[0] + row[-1]) / 2 for row in rows])
    slope, start = np.polyfit(np.arange(height), middles, 1)
    strays = np.abs(middles - (start + slope * np.arange(height))).max()
    return bool(-slope >= _LEAST_SLANT and strays <= max(_STRAIGHT * height, 1.5))


def _is_short(text: str) -> bool:
    """Whether this may be a figure: it reads as one, or as a sign or two that a figure may be mistaken for."""
    return len(text) <= _LONGEST_SIGN or (len(text) <= _LONGEST_FIGURE and set(_folded(text)) <= _FIGURE)


def _softened(line: Pixels) -> Pixels:
    return cv2.GaussianBlur(line, (3, 3), 0)


def _padded(line: Pixels) -> Pixels:
    margin = max(round(_MARGIN * line.shape[0]), 1)
    return cv2.copyMakeBorder(line, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=_paper(line))


def _paired(line: Pixels) -> Pixels:
    white = np.full((line.shape[0], max(round(_BESIDE * line.shape[0]), 1)), _paper(line), np.uint8)
    return _padded(np.hstack([line, white, line]))


def _paper(line: Pixels) -> int:
    return int(np.percentile(line, 90))


def _look(box: Box, dark: Pixels, inks: tuple[Pixels, Pixels], scale: float) -> _Seen:
    height, width = dark.shape
    x0, x1 = (min(max(round(x * scale), 0), width) for x in (box[0] + _INSET, box[2] - _INSET))
    y0, y1 = (min(max(round(y * scale), 0), height) for y in (box[1] + _INSET, box[3] - _INSET))
    if x1 - x0 < 3 or y1 - y0 < 3:
        return _Seen([])
    reach = round(_NEARER * scale)
    y0, y1 = (_nearest_white(inks[1][:, x0:x1], y, step, reach) for y, step in ((y0, -1), (y1 - 1, 1)))
    y1 += 1
    all_printed, printed = (mask[y0:y1, x0:x1] for mask in inks)
    parts, cut, aside = _parts(printed, scale)
    if not parts:
        covered, cut_too, _aside = _parts(all_printed, scale)
        return _Seen([], cut or cut_too, covered=bool(covered))
    paper = dark[y0:y1, x0:x1]
    lines = _lines(parts)
    apart = len(lines) == 1 and _widest_gap(parts) > _WIDEST_GAP * (lines[0][3] - lines[0][1])
    return _Seen([paper[top:bottom, left:right] for left, top, right, bottom in lines], cut, aside, apart=apart)


def _nearest_white(printed: Pixels, row: int, step: int, reach: int) -> int:
    """A row of pixels free of print, from ``row`` towards the rule; ``row`` itself where the print runs on to it.

    In low rows print stands nearer to the rules than a cell's paper is usually taken.
    """
    width = printed.shape[1]
    for near in range(row, row + step * (reach + 1), step):
        if not 0 <= near < len(printed) or (dots := np.count_nonzero(printed[near])) > width / 2:
            break
        if not dots:
            return near
    return row


def _widest_gap(parts: Sequence[Part]) -> int:
    widest, reach = 0, None
    for left, _top, right, _bottom in sorted(parts):
        if reach is not None:
            widest = max(widest, left - reach)
        reach = right if reach is None else max(reach, right)
    return widest


def _parts(printed: Pixels, scale: float) -> tuple[list[Part], bool, bool]:
    """Boxes of the connected pieces of print in a cell, whether one touches its border, and whether at a side.

    What is left of the cell's rules along its border does not count.
    """
    height, width = printed.shape
    count, labels, stats, _centres = cv2.connectedComponentsWithStats(printed, connectivity=8)
    speck, thick, lip = (size * scale for size in (_SPECK, _RULE_THICK, _LIP))
    inset = round(thick)
    within = set(np.unique(labels[inset : height - inset, inset : width - inset]).tolist())
    tallest = max((stats[piece][3] for piece in within if piece), default=0)
    parts, cut, aside = [], False, False
    for piece, (x, y, w, h, _area) in enumerate(stats[1:count].tolist(), start=1):
        along_h = y == 0 or y + h == height
        along_v = x == 0 or x + w == width
        if (along_h or along_v) and piece not in within:
            wide, high = w >= _WIDE_LEFT * width, h >= _HIGH_LEFT * height
            level = along_h and ((wide and h <= thick) or (w > h and h <= lip))
            upright = along_v and high and w <= thick
            upright |= along_v and w <= max(_SLIVER * scale, 1) and h > max(tallest, height / 2)
            if level or upright or (wide and high) or (min(w, h) <= 2 and max(w, h) <= speck):
                continue
        if max(w, h) < speck:
            continue
        cut = cut or along_h or along_v
        aside = aside or along_v
        parts.append((x, y, x + w, y + h))
    return parts, cut, aside


def _lines(parts: Sequence[Part]) -> list[Part]:
    """Boxes of the lines that pieces of print make, top to bottom.

    Any white parts two lines: in narrow cells they all but touch. Pieces that are flat, or together
    no higher than a line, are the strokes of 三 and the halves of 公, and make one.
    """
    bands: list[list[int]] = []
    for _left, top, _right, bottom in sorted(parts, key=lambda part: part[1]):
        if bands and top <= bands[-1][1]:
            bands[-1][1] = max(bands[-1][1], bottom)
        else:
            bands.append([top, bottom])
    while len(bands) > 1:
        tallest = max(bottom - top for top, bottom in bands)
        heights = [lower[1] - upper[0] for upper, lower in pairwise(bands)]
        upper = min(range(len(heights)), key=heights.__getitem__)
        if heights[upper] > _ONE_LINE * tallest:
            flat = min(range(len(bands)), key=lambda index: bands[index][1] - bands[index][0])
            if bands[flat][1] - bands[flat][0] >= _FLAT * tallest:
                break
            gaps = [lower[0] - above[1] for above, lower in pairwise(bands)]
            below = flat == 0 or (flat < len(bands) - 1 and gaps[flat] < gaps[flat - 1])
            upper = flat if below else flat - 1
        bands[upper : upper + 2] = [[bands[upper][0], bands[upper + 1][1]]]
    boxes = []
    for top, bottom in bands:
        inside = [part for part in parts if top <= (part[1] + part[3]) / 2 <= bottom]
        if inside:
            boxes.append((min(p[0] for p in inside), top, max(p[2] for p in inside), bottom))
    return boxes
