"""Printed lines → paragraphs, for formats that only know lines on pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parsers.document import Paragraph, Place, Recognition, weakest
from parsers.sections import match_heading

_INDENT = 1.2  # in widths of a character
_SHORT = 2.0
_TEXT_WIDTH = 0.8  # of a page: no text area ends further left, so a line that does is a short one


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line: text, page, box in points from the upright page's top left, size of its type.

    ``shown`` is its box on the page as viewers show it.
    """

    text: str
    page: int
    x0: float
    top: float
    x1: float
    bottom: float
    size: float
    page_width: float
    shown: tuple[float, float, float, float]
    recognition: Recognition | None = None

    @property
    def place(self) -> Place:
        """Place of the line in the source."""
        return Place(page=self.page, box=self.shown)


def paragraphs(lines: Sequence[Line]) -> Iterator[Paragraph]:
    """Join lines to paragraphs.

    A line begins a new one where it is indented, set in another size, or follows a line
    that ends well before the right margin; headings always stand alone.
    """
    if not lines:
        return
    left = min(line.x0 for line in lines)
    right = max(*(line.x1 for line in lines), *(_TEXT_WIDTH * line.page_width for line in lines))
    run: list[Line] = []
    for line in lines:
        if run and _breaks(run[-1], line, left, right):
            yield _paragraph(run)
            run = []
        run.append(line)
    if run:
        yield _paragraph(run)


def _breaks(before: Line, line: Line, left: float, right: float) -> bool:
    return (
        line.x0 - left > _INDENT * line.size
        or right - before.x1 > _SHORT * before.size
        or abs(before.size - line.size) > 0.25 * before.size
        or match_heading(before.text) is not None
        or match_heading(line.text) is not None
    )


def _paragraph(lines: Sequence[Line]) -> Paragraph:
    text = lines[0].text
    for line in lines[1:]:
        both_latin = text[-1:].isascii() and line.text[:1].isascii() and text[-1:].isalnum() and line.text[:1].isalpha()
        text += (" " if both_latin else "") + line.text
    return Paragraph(text, place=lines[0].place, recognition=weakest(*(line.recognition for line in lines)))
