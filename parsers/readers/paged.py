"""What paged formats have in common: page numbers, running heads, prose that goes on over a page break."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from parsers.document import Block, Table
from parsers.normalise import squeeze
from parsers.readers.prose import Line, paragraphs
from parsers.sections import match_heading

_PAGE_NUMBER = re.compile(r"[-—–－―~·.\s]*(?:第\s*)?\d{1,3}(?:\s*页)?(?:[/共\s]*\d{1,3}\s*页?)?[-—–－―~·.\s]*")
_MARGIN = 0.12  # share of the page's height at top and bottom where a lone number is a page number
_SAME_PLACE = 3.0  # points: a running head stands this exactly at the same height on its pages

Item = tuple[float, Line | Table]
"""A line or table with its top, in points of the upright page."""


@dataclass(slots=True)
class Columns:
    """Left and right ends of the columns of tables without rules that may go on overleaf, without heads.

    ``measures`` are those of table 二 as its last heads have them, ``applicants`` those of table 三,
    ``outcomes`` those of a table 四 whose figures are still to come. ``cut`` is what the page prints of the
    label of its last row, where that is no whole label.
    """

    measures: list[tuple[float, float]] = field(default_factory=list)
    applicants: list[tuple[float, float]] = field(default_factory=list)
    outcomes: list[tuple[float, float]] = field(default_factory=list)
    cut: str = ""


@dataclass(slots=True)
class Page:
    """What one page prints: lines and tables from top to bottom, and characters not seen or not known.

    ``columns`` are those of tables without rules. ``margins`` holds for the lines in its margins,
    by id, their words without digits and their height. ``scanned`` is whether the page is a picture,
    ``annotations_lost`` whether something is printed over it that could not be read.
    """

    items: list[Line | Table] = field(default_factory=list)
    margins: dict[int, tuple[str, int]] = field(default_factory=dict)
    columns: Columns = field(default_factory=Columns)
    characters: int = 0
    invisible: int = 0
    unknown: int = 0
    scanned: bool = False
    annotations_lost: bool = False

    def arrange(self, items: Iterable[Item], height: float) -> None:
        """Take the page's lines and tables in, from top to bottom and without its number."""
        kept = []
        for top, item in items:
            if isinstance(item, Line) and (item.top < height * _MARGIN or item.bottom > height * (1 - _MARGIN)):
                if _PAGE_NUMBER.fullmatch(item.text):
                    continue
                words = re.sub(r"\d", "", squeeze(item.text))
                self.margins[id(item)] = words, round(item.top / _SAME_PLACE)
            kept.append((top, item))
        kept.sort(key=lambda entry: entry[0])
        self.items = [item for _top, item in kept]


def blocks(pages: Sequence[Page]) -> Iterator[Block]:
    """Join lines to paragraphs; a paragraph may run on over a page break, not over a table."""
    running = _running_lines(pages)
    run: list[Line] = []
    for item in (item for page in pages for item in page.items if id(item) not in running):
        if isinstance(item, Table):
            yield from paragraphs(run)
            run = []
            yield item
        else:
            run.append(item)
    yield from paragraphs(run)


def _running_lines(pages: Sequence[Page]) -> set[int]:
    """Ids of the heads and feet printed again: outermost lines that an earlier page has at the same height.

    The first one stays, it may be the title.
    """
    before: set[tuple[str, int]] = set()
    running: set[int] = set()
    for page in pages:
        here: set[tuple[str, int]] = set()
        for ordered in (page.items, page.items[::-1]):
            for item in ordered:
                key = page.margins.get(id(item))
                if key is None or not isinstance(item, Line) or match_heading(item.text):
                    break
                words, height = key
                here.add(key)
                if before.isdisjoint({(words, height - 1), key, (words, height + 1)}):
                    break
                running.add(id(item))
        before |= here
    return running
