"""Rows of list pages, and how they are cut into pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a list: ``link`` is a path on the same host or an absolute URL, ``date`` ISO."""

    title: str
    link: str
    date: str

    def anchor_text(self, characters: int) -> str:
        """The title as lists print it, cut off after ``characters``."""
        return self.title if len(self.title) <= characters else self.title[:characters] + "..."


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """Sort rows by date, the newest first."""
    return sorted(rows, key=lambda row: (row.date, row.title), reverse=True)


def pages(folder: str, rows: list[Row], size: int) -> Iterator[tuple[int, str, list[Row]]]:
    """Yield (number from 0, path, rows) of each page; the first has the folder's own path."""
    for number in range(page_count(rows, size)):
        path = folder if number == 0 else f"{folder}index_{number}.html"
        yield number, path, rows[number * size : (number + 1) * size]


def page_count(rows: list[Row], size: int) -> int:
    """How many pages the rows fill; an empty list has one page."""
    return max(1, -(-len(rows) // size))
