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


def read_rules(printed: Pixels, scale: float, number: int) -> list[Edge]:
    """Rules of page ``number`` in points, from its mask of ink with ``scale`` pixels a point.

    Raises UnreadableDocumentError (``too_big``) where rules cross too often.
    """
    level = _rules(printed, scale, "h")
    # A stroke of a big letter is as high as a row; only rules meet rules.
    edges = [*level, *(rule for rule in _rules(printed, scale, "v") if _meets(rule, level))] if level else []
    edges = merge_edges(edges, SNAP, SNAP, _LONGEST_GAP, _LONGEST_GAP) if edges else []
    vertical = sum(rule["orientation"] == "v" for rule in edges)
    if vertical * (len(edges) - vertical) > MAX_CROSSINGS:
        raise UnreadableDocumentError("too_big", f"page {number} has more than {MAX_CROSSINGS} crossings of rules")
    return close_ends(edges)


def _meets(upright: Edge, level: list[Edge]) -> bool:
    return any(
        rule["x0"] - SNAP <= upright["x0"] <= rule["x1"] + SNAP
        and upright["top"] - SNAP <= rule["top"] <= upright["bottom"] + SNAP
        for rule in level
    )


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
