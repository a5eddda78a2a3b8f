"""Page space of a PDF → the page as people read it, in points from its top left corner."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2 as pdfium

Box = tuple[float, float, float, float]
"""(x0, top, x1, bottom) in points."""


@dataclass(frozen=True, slots=True)
class View:
    """How a page is looked at.

    ``width`` and ``height`` are those of the page as a viewer shows it, in points; ``turn`` counts
    the quarter turns clockwise by which its text then still stands rotated. :meth:`upright`
    undoes these too.
    """

    left: float
    bottom: float
    right: float
    top: float
    rotation: int
    width: float
    height: float
    turn: int = 0

    @classmethod
    def of(cls, page: pdfium.PdfPage) -> View:
        """View of a page as viewers show it."""
        width, height = page.get_size()
        left, bottom, right, top = page.get_bbox()
        return cls(left, bottom, right, top, page.get_rotation(), width, height)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the upright page."""
        return (self.height, self.width) if self.turn % 2 else (self.width, self.height)

    def shown(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of page space to the page as viewers show it."""
        if self.rotation == 90:
            return y - self.bottom, x - self.left
        if self.rotation == 180:
            return self.right - x, y - self.bottom
        if self.rotation == 270:
            return self.top - y, self.right - x
        return x - self.left, self.top - y

    def upright(self, x: float, y: float) -> tuple[float, float]:
        """Map a point of page space to the page turned so that its text stands upright."""
        x, y = self.shown(x, y)
        if self.turn == 1:
            return y, self.width - x
        if self.turn == 2:
            return self.width - x, self.height - y
        if self.turn == 3:
            return self.height - y, x
        return x, y

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """Upright box of two opposite corners in page space, ``x0`` <= ``x1``."""
        if not self.rotation and not self.turn:
            return x0 - self.left, self.top - max(y0, y1), x1 - self.left, self.top - min(y0, y1)
        ax, ay = self.upright(x0, y0)
        bx, by = self.upright(x1, y1)
        return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)

    def from_shown(self, box: Box) -> Box:
        """Map a box on the page as viewers show it to the upright page."""
        x0, top, x1, bottom = box
        if self.turn == 1:
            return top, self.width - x1, bottom, self.width - x0
        if self.turn == 2:
            return self.width - x1, self.height - bottom, self.width - x0, self.height - top
        if self.turn == 3:
            return self.height - bottom, x0, self.height - top, x1
        return box

    def as_shown(self, box: Box) -> Box:
        """Map an upright box back to the page as viewers show it."""
        x0, top, x1, bottom = box
        if self.turn == 1:
            return self.width - bottom, x0, self.width - top, x1
        if self.turn == 2:
            return self.width - x1, self.height - bottom, self.width - x0, self.height - top
        if self.turn == 3:
            return top, self.height - x1, bottom, self.height - x0
        return box


def rounded(box: Box) -> Box:
    """Box to a tenth of a point, as places are stored."""
    x0, top, x1, bottom = box
    return round(x0, 1), round(top, 1), round(x1, 1), round(bottom, 1)
