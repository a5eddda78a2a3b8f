"""The rules printed on a picture of a page, as edges for the table finder."""

from __future__ import annotations

import cv2
import numpy as np
from pdfplumber.table import merge_edges

from parsers.document import UnreadableDocumentError
from parsers.readers.ocr.raster import Pixels
from parsers.readers.pdf_rules import MAX_CROSSINGS, SNAP, Edge, close_ends, edge

_FADED = 1.2  # points: a rule that fades for less goes on
_LONGEST_GAP = 6.0  # points between two pieces of one rule
_SHORTEST = {"h": 36.0, "v": 10.0}  # points: no stroke of a letter is as wide, few are as high
_THICKEST = 4.0
_NEIGHBOURHOOD = 9.0  # points around a pixel that make its background
_DARKER = 14  # than its background must ink be
_SPECK = 1.2  # points
_FEW_SPECKS = 400
_CORNER = 1.5  # points by which rules are prolonged to meet
_TALLER = 60.0  # points: than any stroke of a letter, or those of two lines that all but touch
_ENDS = 0.8  # points: how closely a short rule ends on those that it runs between
_IN_LINE = 1.5  # points
_FADING = 0.4  # of the way from a rule's ink to the paper: what is paler parts a stroke from a rule
_WANDERS = 2  # pixels
_ATTACHED = 0.3  # of a line's length: strokes that join it so often make it one of a letter
_HARDLY_ATTACHED = 0.12
_STROKE = 14.0  # points: no stroke that a rule runs on into is longer
_OPEN = 3  # rules that end at one height are an open end of a table


def ink(plane: Pixels, scale: float) -> Pixels:
    """Mask (255 where printed) of what is darker than the paper around it, whatever the light."""
    smooth = cv2.GaussianBlur(plane, (3, 3), 0)
    block = max(int(_NEIGHBOURHOOD * scale) | 1, 15)
    return cv2.adaptiveThreshold(smooth, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY_INV, block, _DARKER)


def is_specked(printed: Pixels, scale: float) -> bool:
    """Whether a page shows more specks than its points and commas can be."""
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(printed)
    specks = int(np.count_nonzero(stats[1:count, 2:4].max(axis=1) < _SPECK * scale))
    return specks > _FEW_SPECKS and specks > (count - 1) / 3


def read_rules(plane: Pixels, printed: Pixels, scale: float, number: int) -> list[Edge]:
    """Rules of page ``number`` in points, from the page and its mask of ink with ``scale`` pixels a point.

    Raises UnreadableDocumentError (``too_big``) where rules cross too often.
    """
    level = _rules(printed, scale, "h")
    edges = [*level, *_without_strokes(_rules(printed, scale, "v"), level, plane, printed, scale)] if level else []
    edges = merge_edges(edges, SNAP, SNAP, _LONGEST_GAP, _LONGEST_GAP) if edges else []
    vertical = sum(rule["orientation"] == "v" for rule in edges)
    if vertical * (len(edges) - vertical) > MAX_CROSSINGS:
        raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_CROSSINGS} crossings of rules")
    return close_ends(edges)


def _without_strokes(
    upright: list[Edge], level: list[Edge], plane: Pixels, printed: Pixels, scale: float
) -> list[Edge]:
    """The upright rules without the strokes of letters, which are as high as a low row.

    A rule meets level rules. It is long, or runs unbroken from one of them to another with white beside it, or
    goes on from one that does.
    """
    kept: list[Edge] = []
    column: list[Edge] = []
    sure = False
    meeting = [
        (rule, crossed, joined)
        for rule in upright
        if (crossed := _crossed(rule, level)) and (joined := _joined(rule, crossed, printed, scale)) <= _ATTACHED
    ]
    # Pieces of one rule stand in one line, each where the one before ends.
    for rule, crossed, joined in sorted(meeting, key=lambda seen: (round(seen[0]["x0"] / _IN_LINE), seen[0]["top"])):
        goes_on = column and (
            abs(rule["x0"] - column[-1]["x0"]) <= _IN_LINE and rule["top"] <= column[-1]["bottom"] + _LONGEST_GAP
        )
        if not goes_on:
            kept += column if sure else []
            column, sure = [], False
        column.append(rule)
        sure = (
            sure
            or rule["height"] > _TALLER
            or (joined <= _HARDLY_ATTACHED and _runs_between(rule, crossed, plane, scale))
        )
    kept += column if sure else []
    crossing = {id(rule): crossed for rule, crossed, _joined_share in meeting}
    return [_without_tails(rule, crossing[id(rule)], kept) for rule in kept]


def _without_tails(upright: Edge, crossed: list[float], others: list[Edge]) -> Edge:
    """A rule without the strokes of letters that stand in line with it right beyond its ends."""
    top, bottom = upright["top"], upright["bottom"]

    def is_tail(side: str, length: float) -> bool:
        ends = sum(abs(other[side] - upright[side]) <= _IN_LINE for other in others)
        return SNAP < length < _STROKE and ends < _OPEN

    first, last = min(crossed) - _CORNER, max(crossed) + _CORNER
    if is_tail("top", first - top):
        top = first
    if is_tail("bottom", bottom - last):
        bottom = last
    return edge(upright["x0"], top, upright["x1"], bottom) if bottom - top > _CORNER else upright


def _runs_between(upright: Edge, crossed: list[float], plane: Pixels, scale: float) -> bool:
    """Whether a rule is as dark all the way from one level rule to another.

    Between a stroke and the rules above and below is paler paper.
    """
    first, last = min(crossed), max(crossed)
    if first == last or upright["top"] + _CORNER > first + _ENDS or upright["bottom"] - _CORNER < last - _ENDS:
        return False
    x, top, bottom = (round(value * scale) for value in (upright["x0"], first, last))
    corner = round(_CORNER * scale)
    darkest = plane[top : bottom + 1, max(x - _WANDERS, 0) : x + _WANDERS + 1].min(axis=1)
    beside = plane[top : bottom + 1, max(x - corner, 0) : x + corner + 1]
    ink, paper = float(np.median(darkest)), float(np.percentile(beside, 95))
    return bool(darkest.max() <= ink + _FADING * (paper - ink))


def _joined(upright: Edge, crossed: list[float], printed: Pixels, scale: float) -> float:
    """Share of a line's length at which something joins it from a side, apart from the rules that it meets."""
    # What a rule runs on to beyond the last that it meets is print.
    ends = (min(crossed), max(crossed)) if len(crossed) > 1 else (upright["top"], upright["bottom"])
    x, top, bottom = (round(value * scale) for value in (upright["x0"], *ends))
    top = max(top, 0)
    reach = round(_THICKEST * scale)
    strip = printed[top:bottom, max(x - reach, 0) : x + reach + 1] > 0
    rows: Pixels = np.ones(len(strip), dtype=bool)
    corner = round(_CORNER * scale)
    for y in crossed:
        at = round(y * scale) - top
        rows[max(at - corner, 0) : max(at + corner + 1, 0)] = False
    strip = strip[rows]
    if not strip.size:
        return 1.0
    share = strip.mean(axis=0)
    left = right = int(share.argmax())
    while left > 0 and share[left] > 1 / 2:
        left -= 1
    while right < len(share) - 1 and share[right] > 1 / 2:
        right += 1
    return max(float(share[max(left - 1, 0)]), float(share[min(right + 1, len(share) - 1)]))


def _crossed(upright: Edge, level: list[Edge]) -> list[float]:
    """Heights of the level rules that an upright one meets."""
    return [
        rule["top"]
        for rule in level
        if rule["x0"] - SNAP <= upright["x0"] <= rule["x1"] + SNAP
        and upright["top"] - SNAP <= rule["top"] <= upright["bottom"] + SNAP
    ]


def _rules(printed: Pixels, scale: float, way: str) -> list[Edge]:
    length = max(int(_SHORTEST[way] * scale), 3)
    gap = max(int(_FADED * scale), 1)

    def along(pixels: int) -> Pixels:
        return np.ones((1, pixels) if way == "h" else (pixels, 1), np.uint8)

    across: Pixels = np.ones((3, 1) if way == "h" else (1, 3), np.uint8)
    bridged = cv2.morphologyEx(cv2.dilate(printed, across), cv2.MORPH_CLOSE, along(gap))
    mask = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, along(length))
    count, _labels, stats, _centres = cv2.connectedComponentsWithStats(mask)
    edges = []
    for x, y, width, height, area in stats[1:count]:
        long, thick = (width, height) if way == "h" else (height, width)
        # A level rule on a page that is not quite flat is higher than thick.
        if area / long > _THICKEST * scale or thick > long:
            continue
        x0, top, x1, bottom = (float(value) / scale for value in (x, y, x + width, y + height))
        if way == "h":
            edges.append(edge(x0 - _CORNER, (top + bottom) / 2, x1 + _CORNER, (top + bottom) / 2))
        else:
            edges.append(edge((x0 + x1) / 2, top - _CORNER, (x0 + x1) / 2, bottom + _CORNER))
    return edges
