"""Is it a report; whose, of which year, published when, for the office or the whole area."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

from parsers.compilations import several_reports
from parsers.document import Document, Paragraph
from parsers.normalise import fold, squeeze
from parsers.organs import classify
from parsers.report import Section
from parsers.sections import match_heading
from parsers.tables import TableReadings
from parsers.titles import Title, is_organ_name, phrases, read_title, refusal_by_title

_PERIOD = re.compile(r"(20[0-4]\d)年1月1日(?:起|开始)?(?:至|到|-|—|~|－)+(?:(20[0-4]\d)年)?12月31日")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)年")
_COMPILED_BY = re.compile(
    r"(?:本(?:年度)?报告由|由|请(?:直接)?(?:与|向)|联系)([\u4e00-\u9fff]{2,30}?(?:局|委|委员会|办|办公室|办公厅|厅|政府|办事处|中心|院|站|队))"
    r"(?:根据|按照|依据|编制|组织|负责|联系|咨询|反映)"
)
_DATE_LINE = re.compile(r"^20[0-4]\d年\d{1,2}月\d{1,2}日$")
_FREE_FORM_LENGTH = 400
_SHORT_PAGE = 400
_MANY_HEADINGS = 3
_COVER_LINES = 12


@dataclass(frozen=True, slots=True)
class Identity:
    """What a document says of itself as a report."""

    organ: str | None
    year: int | None
    title: str
    stated: bool
    """Whether a title names it as an annual report on disclosure."""


def foreign_host(url: str | None, *, trusted: bool) -> str | None:
    """Host of an address that no government vouches for, None where the host is acceptable.

    Copies of reports stand on hijacked and spam domains, so an organ is asserted only for
    hosts under gov.cn and those of registered portals.
    """
    host = (urlsplit(url).hostname or "") if url else ""
    if not host or trusted or host == "gov.cn" or host.endswith(".gov.cn"):
        return None
    return host


def refusal_by_page(payload_text: str, document: Document) -> tuple[str, str] | None:
    """(reason, detail) for challenge and error pages, None otherwise."""
    pattern = next((pattern for pattern in _challenges() if pattern.search(payload_text)), None)
    text = squeeze(document.text)
    if pattern and len(text) < _SHORT_PAGE:
        return "challenge", f"防护页面（{pattern.pattern}），未取得原文"
    if len(text) < _SHORT_PAGE and not document.tables:
        where = squeeze(" ".join(document.title_candidates)) + text
        word = next((word for word in phrases()["error_page"] if squeeze(word) in where), None)
        if word and "信息公开" not in text[:80]:
            return "error_page", f"错误页面：“{word}”"
    return None


@cache
def _challenges() -> list[re.Pattern[str]]:
    return [re.compile(pattern) for pattern in phrases()["challenge"]]


def titles_of(document: Document, stated: Sequence[str | None]) -> list[str]:
    """All titles, best first: the document's own first lines, its format's, the linking page's."""
    return [*cover_titles(document), *document.title_candidates, *(title for title in stated if title)]


def cover_titles(document: Document) -> list[str]:
    """Titles set as lines before the first section, broken lines joined."""
    lines: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Paragraph):
            break
        if match_heading(block.text) or len(lines) >= _COVER_LINES:
            break
        lines.append(block.text)
    found = []
    for index, line in enumerate(lines):
        for count in (1, 2, 3):
            joined = "".join(lines[index : index + count])
            if len(squeeze(joined)) > 70 or (count > 1 and len(squeeze(line)) > 40):
                break
            title = read_title(joined)
            if title and title.complete:
                found.append((title.organ is not None, title.year is not None, -count, -index, joined))
    found.sort(reverse=True)
    return [entry[-1] for entry in found[:1]]


def identify(
    document: Document, sections: Sequence[Section], stated: Sequence[str | None], publisher: str | None
) -> Identity:
    """Read organ and year, each from the most trustworthy place that has it.

    Organ: title, signature, preamble, then what the portal states as publisher. Year:
    title, statistics period, then the year most often named in section 一. Never the URL or
    a page's date.
    """
    titles = [title for text in titles_of(document, stated) if (title := read_title(text)) and title.complete]
    organ = next((title.organ for title in titles if title.organ), None)
    year = next((title.year for title in titles if title.year), None)
    organ = organ or _signature(document) or _compiled_by(document)
    if organ is None and publisher and is_organ_name(squeeze(publisher)) and classify(squeeze(publisher))[1] != "other":
        organ = squeeze(publisher)
    year = year or _period(document) or _usual_year(sections)
    return Identity(organ, year, _title_text(titles, organ, year), bool(titles))


def _title_text(titles: Sequence[Title], organ: str | None, year: int | None) -> str:
    whole = next((title.text for title in titles if title.organ == organ and title.year == year), None)
    return whole or next((title.text for title in titles), "") or f"{organ or ''}{year or ''}年政府信息公开工作年度报告"


def _signature(document: Document) -> str | None:
    """Organ of a signature block: its name on a line of its own above a line with the date."""
    lines = [squeeze(paragraph.text) for paragraph in document.paragraphs][-6:]
    for above, line in pairwise(lines):
        if _DATE_LINE.match(line) and is_organ_name(above) and classify(above)[1] != "other":
            return above
    return None


def _compiled_by(document: Document) -> str | None:
    preamble = ""
    for paragraph in document.paragraphs[:_COVER_LINES]:
        if match_heading(paragraph.text):
            break
        preamble += squeeze(paragraph.text)
    for match in _COMPILED_BY.finditer(preamble):
        if is_organ_name(match[1]) and classify(match[1])[1] != "other":
            return match[1]
    return None


def _period(document: Document) -> int | None:
    """Year of the statistics period 20XX年1月1日…12月31日, if the document states exactly one."""
    years = {
        int(match[1]) for match in _PERIOD.finditer(squeeze(document.text)) if match[2] is None or match[2] == match[1]
    }
    return years.pop() if len(years) == 1 else None


def _usual_year(sections: Sequence[Section]) -> int | None:
    text = next((section.text for section in sections if section.number == 1), "")
    counts = Counter(int(year) for year in _YEAR.findall(fold(text).replace(" ", ""))).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] == counts[1][1]):
        return None
    return counts[0][0]


def scope(organ: str, document: Document) -> str | None:
    """'area' where the figures cover a whole area, 'office' where they cover the organ alone.

    A government reports for its area. An office or department reports for itself unless its
    preamble says that it draws the area's reports together.
    """
    kind = classify(organ)[1]
    if kind in ("government", "township"):
        return "area"
    opening = squeeze("".join(paragraph.text for paragraph in document.paragraphs[:_COVER_LINES]))
    if "办公" in organ and re.search(r"综合(?:了)?(?:各|全|\S{0,8}(?:乡|镇|部门|街道))", opening):
        return "area"
    return "office" if kind == "department" else None


def refusal_by_content(
    identity: Identity,
    document: Document,
    sections: Sequence[Section],
    tables: TableReadings,
    stated: Sequence[str | None],
) -> tuple[str, str] | None:
    """(reason, detail) where the content is no report, None where it is one."""
    nameless = identity.organ is None or identity.year is None
    if tables.cell_count and not _any_number(tables) and (nameless or _unfilled(document, sections)):
        return "blank_form", "表格全部为空，是未填写的表式"
    titles = titles_of(document, stated)
    refusal = refusal_by_title(titles[:2])
    if refusal:
        return refusal
    if several := several_reports(document):
        return "several_reports", several
    text = squeeze(document.text)
    looks_like_one = len({section.number for section in sections}) >= _MANY_HEADINGS or tables.cell_count >= 20
    if not identity.stated and not looks_like_one:
        return "not_report", "既无年度报告标题，也无法定章节和表格"
    if not looks_like_one and (len(text) < _FREE_FORM_LENGTH or text.count("公开") < 3):
        return "no_content", f"页面只有{len(text)}字，报告正文可能在附件中"
    if not looks_like_one and _is_list(document):
        return "list_page", "页面列出多份年度报告，不是报告本身"
    if identity.organ is None:
        return "organ_unknown", "标题、落款和前言都没有写明编制机关"
    if identity.year is None:
        return "year_unknown", "标题和统计期限都没有写明报告年度"
    return None


def _any_number(tables: TableReadings) -> bool:
    return any(
        reading.kind == "number"
        for table in (tables.disclosures, tables.requests, tables.reviews)
        for cells in table.values()
        for reading in cells.values()
    )


def _unfilled(document: Document, sections: Sequence[Section]) -> bool:
    prose = sum(len(squeeze(section.text)) for section in sections)
    return prose < 200 or "文字描述" in document.text


def _is_list(document: Document) -> bool:
    named = [paragraph for paragraph in document.paragraphs if (title := read_title(paragraph.text)) and title.complete]
    return len(named) >= 3
