"""Files that hold more than one report, such as a county's bound volume of its departments' reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from parsers.document import Document, Table
from parsers.normalise import squeeze
from parsers.sections import match_heading
from parsers.titles import Title, read_title

_LONGEST_TITLE = 70
_LINES = 3  # a title may be broken over this many lines
_MANY_HEADINGS = 3


@dataclass(slots=True)
class _Part:
    """What follows a title, or the start of another run of headings."""

    title: Title | None = None
    headings: int = 0
    last_heading: int = 0
    tables: int = 0

    @property
    def is_report(self) -> bool:
        return self.headings >= _MANY_HEADINGS or (self.headings > 0 and self.tables > 0)


def several_reports(document: Document) -> str | None:
    """Say why a document holds several reports, None where it holds one.

    Two titles that name different organs or years, each with sections of its own, are two
    reports. So are two runs of section headings with tables each; without tables the first run
    is a list of contents.
    """
    parts = [part for part in _parts(document) if part.is_report]
    if different := _different(parts):
        return different
    runs = [part for part in parts if part.headings >= _MANY_HEADINGS and part.tables]
    return f"文件含{len(runs)}组带表格的章节，像是多份报告" if len(runs) > 1 else None


def different_reports(document: Document) -> str | None:
    """Say which titles of a document name different reports, each with sections of its own; None where none do."""
    return _different([part for part in _parts(document) if part.is_report])


def _different(parts: list[_Part]) -> str | None:
    titles = [part.title for part in parts if part.title]
    for title in titles[1:]:
        if _differ(titles[0], title):
            return f"文件含多份报告：“{titles[0].text[:40]}”和“{title.text[:40]}”"
    return None


def _differ(one: Title, other: Title) -> bool:
    years = one.year and other.year and one.year != other.year
    organs = one.organ and other.organ and not (one.organ.endswith(other.organ) or other.organ.endswith(one.organ))
    return bool(years or organs)


def _parts(document: Document) -> Iterator[_Part]:
    part = _Part()
    lines: list[str] = []
    for block in document.blocks:
        if isinstance(block, Table):
            part.tables += 1
            lines = []
            continue
        heading = match_heading(block.text)
        if heading:
            lines = []
            # Headings that begin anew, once the later ones and their tables have passed.
            if heading.number <= 2 and part.last_heading >= 4 and part.tables:
                yield part
                part = _Part()
            part.headings += 1
            part.last_heading = max(part.last_heading, heading.number)
            continue
        lines = [*lines[1 - _LINES :], block.text]
        title = _title(lines)
        if title and part.headings:
            yield part
            part = _Part(title)
        elif title and (part.title is None or not part.title.organ):
            part.title = title
    yield part


def _title(lines: list[str]) -> Title | None:
    """The title that the last line or lines make, if they name an organ or a year."""
    if len(lines[-1]) > 2 * _LONGEST_TITLE:
        return None
    for count in range(1, len(lines) + 1):
        text = "".join(lines[-count:])
        if not ("公" in text and "报" in text):
            continue
        if len(squeeze(text)) > _LONGEST_TITLE:
            break
        title = read_title(text)
        if title and title.complete and (title.organ or title.year):
            return title
    return None
