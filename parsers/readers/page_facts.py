"""What a page states about itself beside its text: titles, publisher, date of publication."""

from __future__ import annotations

import re
from collections.abc import Sequence

from parsers.dates import iso_date
from parsers.document import Document, Paragraph, Table
from parsers.normalise import fold, squeeze, tidy
from parsers.readers.article import Placed
from parsers.readers.page_index import PageIndex
from parsers.sections import match_heading

_TITLE_METAS = frozenset(["articletitle"])
_DATE_METAS = frozenset(["pubdate", "publishdate", "publish_date", "publishtime", "article:published_time"])
_PUBLISHER_METAS = frozenset(["contentsource"])
_LONGEST_LINE = 400
_FIRST_CELLS = 48
_DAY = r"20\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}(?!\d)"
_COMPACT = re.compile(r"(?<!\d)(20\d{2})(0[1-9]|1[0-2])([0-3]\d)(?=\d{6}(?!\d)|\D|$)")
_AFTER_LABEL = rf"\s*[】\])]?\s*[:：]?\s*[\[【(]?\s*({_DAY})"
# Best first. A date of making or of the last change is not the date of publication.
_LABELLED = tuple(
    re.compile(words + _AFTER_LABEL)
    for words in (
        r"(?:发\s*布|发\s*文|公\s*布|公\s*开|发\s*表|刊\s*登|上\s*网|提\s*交)\s*(?:日\s*期|时\s*间)",
        r"(?<![\u4e00-\u9fff])(?:日\s*期|时\s*间)",
        r"(?:录\s*入|信\s*息|添\s*加|更\s*新)\s*(?:日\s*期|时\s*间)",
    )
)


def read_metas(page: PageIndex, document: Document) -> None:
    """Take what the page's own ``meta`` elements state."""
    for meta in page.named("meta")[:200]:
        name = str(meta.get("name") or meta.get("property") or "").strip().lower()
        content = tidy(str(meta.get("content", "")))
        if not name or not content or content == "null":
            continue
        if name in _TITLE_METAS:
            document.title_candidates.append(content)
        elif name in _DATE_METAS and (date := iso_date(content) or _compact_date(content)):
            document.metadata.setdefault("published_on", date)
        elif name in _PUBLISHER_METAS:
            document.metadata.setdefault("publisher", content)
    for custom in page.named("publishtime")[:1]:
        if date := iso_date(custom.get_text()):
            document.metadata.setdefault("published_on", date)


def _compact_date(text: str) -> str | None:
    match = _COMPACT.match(text)
    return iso_date("-".join(match.groups())) if match else None


def read_dates(placed: Sequence[Placed], document: Document) -> None:
    """Date of publication that the page prints beside a label, if its head states none.

    Looked for before the first section, then in the whole page: prose names other dates.
    """
    if "published_on" in document.metadata:
        return
    first = next(
        (
            index
            for index, item in enumerate(placed)
            if isinstance(item.block, Paragraph) and not item.linked and match_heading(item.block.text)
        ),
        len(placed),
    )
    for items in (placed[:first], placed[first:]):
        text = fold("\n".join(line for item in items if (line := _line(item))))
        for pattern in _LABELLED:
            date = next((date for match in pattern.finditer(text) if (date := iso_date(match[1]))), None)
            if date:
                document.metadata["published_on"] = date
                return


def _line(item: Placed) -> str:
    if isinstance(item.block, Table):
        return " ".join(cell.text for cell in item.block.cells[:_FIRST_CELLS] if len(cell.text) < _LONGEST_LINE)
    text = item.block.text
    return text if len(text) < _LONGEST_LINE and not squeeze(text).endswith("。") else ""
