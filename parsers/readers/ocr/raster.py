"""Pages as pictures: rendered from a PDF or decoded from a picture file, in bounds and upright."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from parsers.document import UnreadableDocumentError
from parsers.pictures import DAMAGE
from parsers.readers.pdf_view import Box, rounded

DPI = 200
MAX_PIXELS = 60_000_000
"""Pixels that a picture file may have; a page of A3 scanned at 600 dpi has 70 million."""
MAX_FRAMES = 30
_WORKING_PIXELS = 16_000_000
_PAGE_WIDTH, _LYING_WIDTH = 595.0, 842.0  # points: a page of A4, upright and lying
_LYING = 1.2  # times as wide as high, and many pixels: a page on its side, not a cutting
_CUTTING = 1400  # pixels
_MOST_ENLARGED = 2.5
_WIDEST_SKEW = 3.0  # degrees
_STEPS = (0.5, 0.1, 0.02)  # degrees, coarse to fine
_PROFILE_WIDTH = 800
_BRIGHT = 130  # of 255
_STRAIGHT = 0.04  # degrees: less moves no point of a page by more than a pixel

Pixels = Any
"""A numpy array of bytes, rows by columns: 0 is black, 255 white."""


@dataclass(frozen=True, slots=True)
class Raster:
    """A page as picture.

    ``grey`` shows all that is printed; in ``dark`` red is as white as paper, so that a seal does
    not hide the figures beneath it. ``scale`` counts pixels a point, where a picture file is taken
    for a page of A4; ``unit`` counts pixels a unit of the source, which is a point of a PDF and a
    pixel of a picture file. ``to_source`` maps the straightened page to the page as it was.
    """

    grey: Pixels
    dark: Pixels
    scale: float
    unit: float
    to_source: Pixels | None = None

    @property
    def height(self) -> float:
        """Height in points."""
        return float(self.grey.shape[0] / self.scale)

    def shown(self, box: Box) -> Box:
        """Map a box in points of this page to the source as viewers show it, in the source's units."""
        corners: Pixels = np.array([[(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]]) * self.scale
        if self.to_source is not None:
            corners = cv2.transform(corners, self.to_source)
        xs, ys = (corners[0] / self.unit).T
        return rounded((float(xs.min()), float(ys.min()), float(xs.max()), float(ys.max())))


def of_page(page: Any) -> Raster:
    """Render a PDF page; never more than a bounded number of pixels, however large the page is."""
    width, height = page.get_size()
    scale = min(DPI / 72, math.sqrt(_WORKING_PIXELS / max(width * height, 1.0)))
    picture = page.render(scale=scale, may_draw_forms=True, rev_byteorder=True).to_numpy()
    return _raster(np.ascontiguousarray(picture[..., :3]) if picture.ndim == 3 else picture, scale, scale)


def of_picture(payload: bytes) -> Iterator[Raster]:
    """Yield the pages of a picture file; only a TIFF has more than one.

    Raises UnreadableDocumentError with reason ``too_big`` before anything is decoded, and
    ``truncated`` or ``broken_picture`` for a file that cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(payload)) as picture:
            frames = getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1
            if frames > MAX_FRAMES:
                raise UnreadableDocumentError("too_big", f"a picture of {frames} pages; at most {MAX_FRAMES} are read")
            for frame in range(frames):
                picture.seek(frame)
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise UnreadableDocumentError(
                        "too_big", f"a picture of {width} × {height} pixels; at most {MAX_PIXELS:,} are read"
                    )
                yield _scaled(np.asarray(_flattened(picture)))
    except Image.DecompressionBombError as error:
        raise UnreadableDocumentError("too_big", f"the picture unpacks to too many pixels: {error}") from error
    except UnidentifiedImageError as error:
        raise UnreadableDocumentError("broken_picture", "the file begins like a picture and is none") from error
    except DAMAGE as error:
        raise UnreadableDocumentError("truncated", f"the picture cannot be decoded: {error}") from error


def _flattened(picture: Image.Image) -> Image.Image:
    """Upright, on white paper, in grey or in colour with eight bits each."""
    shown = ImageOps.exif_transpose(picture)
    if shown.mode.startswith("I") or shown.mode == "F":
        values = np.asarray(shown, dtype=np.float32)
        low, high = float(values.min()), float(values.max())
        return Image.fromarray(((values - low) * (255 / max(high - low, 1.0))).astype(np.uint8))
    if shown.mode in ("1", "L"):
        return shown.convert("L")
    if shown.has_transparency_data:
        paper = Image.new("RGBA", shown.size, "white")
        return Image.alpha_composite(paper, shown.convert("RGBA")).convert("RGB")
    return shown.convert("RGB")


def _scaled(picture: Pixels) -> Raster:
    """A picture states no size that can be trusted: its width is taken for that of a page."""
    height, width = picture.shape[:2]
    points = _LYING_WIDTH if width > _LYING * height and width >= _CUTTING else _PAGE_WIDTH
    unit = min(DPI / 72 * points / width, _MOST_ENLARGED, math.sqrt(_WORKING_PIXELS / (width * height)))
    size = max(round(width * unit), 1), max(round(height * unit), 1)
    resized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if unit < 1 else cv2.INTER_CUBIC)
    return _raster(resized, size[0] / points, unit)


def _raster(picture: Pixels, scale: float, unit: float) -> Raster:
    if picture.ndim == 2:
        return Raster(picture, picture, scale, unit)
    red, green, blue = cv2.split(picture)
    # The redder a bright dot, the whiter. A dark one is print, which compression tinges beneath a seal.
    whitened = cv2.add(red, cv2.subtract(red, cv2.max(green, blue)))
    dark: Pixels = np.where(red > _BRIGHT, whitened, red)
    return Raster(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), dark, scale, unit)


def straightened(raster: Raster) -> Raster:
    """Turn the page so that its lines run level."""
    angle = _skew(raster.grey)
    if abs(angle) < _STRAIGHT:
        return raster
    height, width = raster.grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    grey, dark = (
        cv2.warpAffine(plane, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=255)
        for plane in (raster.grey, raster.dark)
    )
    return Raster(grey, dark, raster.scale, raster.unit, cv2.invertAffineTransform(turn))


def without_specks(raster: Raster) -> Raster:
    """Take away what is no bigger than a pixel or two; strokes of letters stay."""
    grey = cv2.medianBlur(raster.grey, 3)
    dark = grey if raster.dark is raster.grey else cv2.medianBlur(raster.dark, 3)
    return replace(raster, grey=grey, dark=dark)


def _skew(grey: Pixels) -> float:
    """Degrees by which to turn the page: where rows of pixels differ most, lines and rules run level."""
    height, width = grey.shape
    factor = _PROFILE_WIDTH / width
    if factor < 1:
        grey = cv2.resize(grey, (_PROFILE_WIDTH, max(round(height * factor), 1)), interpolation=cv2.INTER_AREA)
    ink = 255 - grey
    ink[ink < 64] = 0
    height, width = ink.shape
    centre = (width / 2, height / 2)

    def contrast(angle: float) -> float:
        turned = cv2.warpAffine(ink, cv2.getRotationMatrix2D(centre, angle, 1.0), (width, height))
        profile = turned.sum(axis=1, dtype=np.float64)
        return float(np.square(np.diff(profile)).sum())

    best, reach = 0.0, _WIDEST_SKEW
    for step in _STEPS:
        turns = round(reach / step)
        best = max((best + turn * step for turn in range(-turns, turns + 1)), key=contrast)
        reach = step
    return best
