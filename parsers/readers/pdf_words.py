"""Words of a printed line: characters without white between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from parsers.document import Cell
from parsers.readers.pdf_characters import Character, gap, join
from parsers.readers.pdf_view import Box
from parsers.values import read_value


@dataclass(slots=True)
class Word:
    """Characters without white between them."""

    characters: list[Character]
    text: str
    box: Box

    @property
    def x0(self) -> float:
        """Left end, in points."""
        return self.box[0]

    @property
    def x1(self) -> float:
        """Right end, in points."""
        return self.box[2]

    def at(self, share: float) -> float:
        """Place between its left end at 0 and its right end at 1."""
        return self.x0 + share * (self.x1 - self.x0)

    @property
    def height(self) -> float:
        """Middle between top and bottom, in points from the top of the page."""
        return (self.box[1] + self.box[3]) / 2

    @property
    def size(self) -> float:
        """Size of its type, in points."""
        return max(self.characters[0].size, 4.0)

    @property
    def is_value(self) -> bool:
        """Whether it is a number or stands for one that is missing."""
        return _kind(self.text) in ("number", "placeholder")


def words_of(row: Sequence[Character]) -> list[Word]:
    """The words of a line, left to right."""
    runs: list[list[Character]] = [[row[0]]]
    for left, right in pairwise(row):
        if gap(left, right):
            runs.append([right])
        else:
            runs[-1].append(right)
    return [_word(run) for run in runs]


def _word(run: list[Character]) -> Word:
    return Word(run, join(run), box_of(run))


def box_of(run: Sequence[Character]) -> Box:
    """Box around characters."""
    return min(c.x0 for c in run), min(c.top for c in run), max(c.x1 for c in run), max(c.bottom for c in run)


def _kind(text: str) -> str:
    return read_value(Cell(text, 0, 0), change=True).kind
