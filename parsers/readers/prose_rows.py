"""Rows of a table that hold no data: headings, titles and prose of reports set in one table or sheet."""

from __future__ import annotations

from collections.abc import Sequence

from parsers.normalise import squeeze
from parsers.sections import match_heading
from parsers.titles import read_title

_LONGEST_CELL = 45


def prose_rows(lines: Sequence[str | None]) -> list[bool]:
    """Which rows are prose, given the text of each row that prints but one cell, None for the others.

    Headings of sections, titles of reports and what is too long for a cell are; so are the short
    lines between them, such as sub-headings. The line of an article above the heads of its block is not.
    """
    prose = [line is not None and _is_prose(line) for line in lines]
    start = 0
    while start < len(lines):
        end = start
        while end < len(lines) and lines[end] is not None:
            end += 1
        known = [row for row in range(start, end) if prose[row]]
        if known:
            last = end if end == len(lines) else known[-1]
            for row in range(known[0], last):
                prose[row] = True
        start = end + 1
    return prose


def _is_prose(text: str) -> bool:
    if len(squeeze(text)) > _LONGEST_CELL or any(match_heading(line) for line in text.splitlines()):
        return True
    title = read_title(text)
    return title is not None and title.complete
