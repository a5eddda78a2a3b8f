"""Whether the organ and year of a scanned report may be believed.

A report filed under a wrong organ or year is wrong in silence as a whole. What was read off
a picture is believed where the link, the file name or the portal states the same, where a
page with text does, or where the title was recognised alike at two looks and the rest of the
document bears it out, or the recogniser was all but certain of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from parsers.document import Document, Paragraph
from parsers.normalise import squeeze
from parsers.recognise import Identity
from parsers.titles import read_title

_SURE = 0.85
_CERTAIN = 0.98


def doubt(
    identity: Identity, document: Document, stated: Sequence[str | None], publisher: str | None
) -> tuple[str, str] | None:
    """(reason, detail) where organ or year may be misread, None where they may be believed."""
    if not any(paragraph.recognition for paragraph in document.paragraphs):
        return None
    titles = [title for text in stated if text and (title := read_title(text))]
    organs = [*(title.organ for title in titles), squeeze(publisher) if publisher else None]
    years = [str(title.year) for title in titles if title.year]
    if identity.organ and not _believed(identity.organ, [name for name in organs if name], document):
        return "organ_unknown", f"扫描件中编制机关识读为“{identity.organ}”，未能得到印证"
    if identity.year and not _believed(str(identity.year), years, document):
        return "year_unknown", f"扫描件中报告年度识读为“{identity.year}”，未能得到印证"
    return None


def _believed(name: str, stated: Sequence[str], document: Document) -> bool:
    if name in stated:
        return True
    # A link may shorten the name of its organ; one that says something else speaks against it.
    if stated and not any(name.endswith(other) or other.endswith(name) for other in stated):
        return False
    within = [paragraph for paragraph in document.paragraphs if name in squeeze(paragraph.text)]
    if any(paragraph.recognition is None for paragraph in within):
        return True
    return any(
        seen.agreed and seen.score >= (_SURE if len(within) > 1 else _CERTAIN)
        for paragraph in within
        if (seen := paragraph.recognition) is not None and _names_report(paragraph, document)
    )


def _names_report(paragraph: Paragraph, document: Document) -> bool:
    """Whether a paragraph is part of the title: it reads as one, or as the line above one does."""
    lines = document.paragraphs
    at = next(index for index, other in enumerate(lines) if other is paragraph)
    return any(
        read_title("".join(line.text for line in lines[max(at - before, 0) : at + after + 1]))
        for before, after in ((0, 0), (0, 1), (1, 0), (1, 1))
    )
