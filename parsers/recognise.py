"""Is it a report; whose, of which year, published when, for the office or the whole area."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from parsers.compilations import several_reports
from parsers.divisions import read_prefix
from parsers.document import Document, Paragraph
from parsers.hosts import host_and_port, is_web
from parsers.normalise import fold, squeeze
from parsers.organs import classify
from parsers.report import Finding, Section
from parsers.sections import match_heading, read_sections
from parsers.tables import TableReadings, read_tables
from parsers.titles import Title, is_organ_name, phrases, read_title, refusal_by_title, title_parts

# The whole dates must be there: converters lose digits, and 自202011日起 names no month.
_TO = r"(?:起|开始)?[,、]?(?:至|到|-|—|~|―|–)+"
# The digits stand before the look behind them, so that the text is searched for them alone.
_PERIOD = re.compile(
    rf"(20(?<!\d20)[0-4]\d)(?:年1月1日|\.0?1\.0?1(?!\d)){_TO}(?:(20[0-4]\d)[年.]|本年|当年)?12(?:月31日|\.31(?!\d))"
)
_STATED_PERIOD = re.compile(r"统计(?:期限|时间|周期|范围|区间)(?:为|是|:)?(20[0-4]\d)年度?(?!\d)")
_YEAR = re.compile(r"(?<!\d)(20[0-4]\d)年")
_ORGAN_SUFFIXES = "局|委|委员会|办|办公室|办公厅|厅|政府|办事处|中心|院|站|队|镇|乡|街道|处|社|县|市|区"
_ORGAN = rf"(?![本我各全该贵])[\u4e00-\u9fff]{{2,30}}?(?:{_ORGAN_SUFFIXES})"
_BASIS = "(?:根据|按照|依据|依照)"
_COMPILED_BY = re.compile(
    rf"(?:本(?:年度)?报告由|由|请(?:直接)?(?:与|向)|联系)({_ORGAN})(?:{_BASIS}|编制|组织|负责|联系|咨询|反映)"
)
_ACCORDING_TO = re.compile(rf"(?:^|[。;:])({_ORGAN}){_BASIS}(?:新修订的)?[《〈]?(?:中华人民共和国)?政府信息公开条例")
_STATED_ORGAN = re.compile(
    rf"^(?:编制|发布|公开|填报|报送|公布)(?:机构|机关|单位|部门)(?:名称)?(?:\(盖章\))?:({_ORGAN})(?:\(盖章\))?$"
)
# 县政务公开办: an office of whatever county this is.
_INCOMPLETE = re.compile(r"^[省市县区旗镇乡州]")
_DATE_LINE = re.compile(
    r"^20[0-4]\d(?:年\d{1,2}月\d{1,2}日|([.-])\d{1,2}\1\d{1,2})$"
    r"|^二[〇○零O0][〇○零一二三四五六七八九]{2}年[一二三四五六七八九十]{1,2}月[一二三四五六七八九十]{1,3}日$"
)
_SEAL = re.compile(r"\((?:盖章|公章|印章|章)\)$")
_SIGNED = re.compile(r"^(?P<organ>[\u4e00-\u9fff]{2,40}?)20[0-4]\d年\d{1,2}月\d{1,2}日$")
# The date that a list prints beside a title.
_LISTED_DATE = re.compile(r"[\[(]?20\d\d[-./年]\d{1,2}[-./月]\d{1,2}日?[\])]?$|[\[(]\d{1,2}[-./]\d{1,2}[\])]$")
_AREA = re.compile(
    r"综合(?:了)?(?:各|全|\S{0,8}(?:乡|镇|部门|街道))"
    r"|(?:汇总|包括|涵盖|含)(?:了)?(?:全[省市县区旗州]|\S{0,12}各(?:乡|镇|街道|部门|县|区))"
)
_SENTENCE = re.compile(r"[,，;；。]")
_LABELLED = re.compile(r"^(?:标题|名称|题名|题目)[:：]")
# The title of an official letter, perhaps with the sender's name before it.
_LETTER = re.compile(
    r"[\u4e00-\u9fff]{0,30}关于.{4,80}的(?:通知|通报|函|复函|意见|批复|请示|公告|通告)(?:\(.{0,20}\))?"
)
# How an organ speaks of itself.
_SELF = re.compile("(?:我|本)(局|镇|乡|街道|街|委|厅|办|县|区|市|院|中心|省|旗|州)")
_OF_AREAS = frozenset("县区市省旗州")
_SELF_NAMES = {"街": "街道", "委": "委员会"}
_SITE = re.compile(r"([\u4e00-\u9fff]{2,20}?(?:人民政府|政府))(?:门户)?(?:网站|网|信息公开(?:平台|网|专栏)?)?")
_THIS_REPORT = re.compile("本报告|本年度报告|本年报|编制|汇编|汇总形成|综合形成|所列数据|统计数据|数据统计")
_TELLS_OTHERS = re.compile("督促|指导|要求|督办|培训|按时|印发|检查|组织各")
_LAST_LINES = 12
_FREE_FORM_LENGTH = 400
_SHORT_PAGE = 400
_CELLS_OF_A_REPORT = 20
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
    named: tuple[str, ...] = ()
    """Names that tell where the organ is, most trustworthy first (:attr:`parsers.report.Report.named`)."""
    doubts: tuple[Finding, ...] = ()


def foreign_host(url: str | None, *, trusted: bool) -> str | None:
    """Host of an address that no government vouches for, None where the host is acceptable.

    Copies of reports stand on hijacked and spam domains, so an organ is asserted only for
    hosts under gov.cn and those of registered portals.
    """
    if not url or trusted or not is_web(url):
        return None
    place = host_and_port(url)
    if place is None:
        return url.partition("://")[2][:80] or url[:80]
    host = place[0]
    return None if host == "gov.cn" or host.endswith(".gov.cn") else host


def refusal_by_page(markup: Callable[[], str], document: Document) -> tuple[str, str] | None:
    """(reason, detail) for challenge and error pages, None otherwise; ``markup`` gives the page's, if it is needed."""
    text = squeeze(document.text[: 4 * _SHORT_PAGE])
    if len(text) >= _SHORT_PAGE:
        return None
    if sum(len(table.cells) for table in document.tables) >= _CELLS_OF_A_REPORT:
        # All of its words may be in its tables, and its page may carry a protection service's scripts.
        return None
    payload_text = markup()
    pattern = next((pattern for pattern in _patterns("challenge") if pattern.search(payload_text)), None)
    if pattern:
        return "challenge", f"防护页面（{pattern.pattern}），未取得原文"
    if not document.tables:
        where = squeeze(" ".join(document.title_candidates)) + "|" + text
        found = next((match for pattern in _patterns("error_page") if (match := pattern.search(where))), None)
        if found and "信息公开" not in text[:80]:
            return "error_page", f"错误页面：“{found.group()}”"
    return None


@cache
def _patterns(name: str) -> list[re.Pattern[str]]:
    return [re.compile(pattern) for pattern in phrases()[name]]


def titles_of(document: Document, stated: Sequence[str | None]) -> list[str]:
    """All titles, best first: the document's own first lines, its format's, the linking page's."""
    return [*cover_titles(document), *document.title_candidates, *(title for title in stated if title)]


def cover_titles(document: Document) -> list[str]:
    """Titles set as lines before the first section, broken lines joined."""
    found = []
    for index, count, joined in _cover_lines(document):
        title = read_title(joined)
        # A line of navigation and a title without an organ make no organ.
        if title and count > 1 and title.organ and classify(title.organ)[1] == "other":
            continue
        if title and title.complete:
            found.append((title.organ is not None, title.year is not None, -count, -index, joined))
    found.sort(reverse=True)
    return [entry[-1] for entry in found[:1]]


def _cover_lines(document: Document) -> Iterator[tuple[int, int, str]]:
    """(index, count, text) of every run of up to three lines before the first section that may be a title."""
    lines: list[str] = []
    for block in document.blocks:
        if not isinstance(block, Paragraph):
            break
        if match_heading(block.text) or len(lines) >= _COVER_LINES:
            break
        lines.append(block.text)
    for index, line in enumerate(lines):
        for count in (1, 2, 3):
            joined = "".join(lines[index : index + count])
            if len(squeeze(joined)) > 70 or (count > 1 and len(squeeze(line)) > 40):
                break
            yield index, count, joined


def identify(
    document: Document, sections: Sequence[Section], stated: Sequence[str | None], publisher: str | None
) -> Identity:
    """Read organ and year, each from the most trustworthy place that has it.

    Organ: title, signature, preamble, then what the portal states as publisher. Year:
    title, statistics period, then the year most often named in section 一. Never the URL or
    a page's date.
    """
    texts = titles_of(document, stated)
    titles = [title for text in texts if (title := read_title(text)) and title.complete]
    period = _period(document)
    year = _year_of(titles, period)
    uploader = squeeze(publisher) if publisher and is_organ_name(squeeze(publisher)) else None
    own = [*(title.organ for title in titles), _signature(document), _compiled_by(document)]
    organ = next(filter(None, own), None)
    if organ is None and uploader and _borne_out(uploader, document):
        organ = uploader
    if year is None and not any(title.year for title in titles):
        year = period or _usual_year(sections, document.metadata.get("published_on"))
    named = [*own, *_places_in_text(organ, document), uploader, *_sites(texts)]
    return Identity(
        organ,
        year,
        _title_text(titles, organ, year),
        bool(titles),
        tuple(dict.fromkeys(name for name in named if name and name != organ)),
        _doubts(year, period),
    )


def _doubts(year: int | None, period: int | None) -> tuple[Finding, ...]:
    """What speaks against the year: a period left from another year's report, in the title's stead or the text's."""
    if year is None or period in (None, year):
        return ()
    message = f"标题年度为{year}年，正文统计期限为{period}年；按标题收录，可能是沿用旧稿"
    return (Finding("identity.period_differs", "warning", "source", message, expected=str(year), actual=str(period)),)


def _year_of(titles: Sequence[Title], period: int | None) -> int | None:
    """Year of the best title that states one; None where another title and the period agree on another.

    A heading left from last year's report says one thing, and everything else says another.
    """
    years = list(dict.fromkeys(title.year for title in titles if title.year))
    if len(years) > 1 and period in years and period != years[0]:
        return None
    return years[0] if years else None


def _borne_out(uploader: str, document: Document) -> bool:
    """Whether the text agrees that the stated publisher wrote it, who may only have uploaded it.

    It names it, or speaks of itself as 我局 where the publisher is a 局, and never as something else.
    """
    if classify(uploader)[1] == "other":
        return False
    text = _words(document)
    selves = {_SELF_NAMES.get(word, word) for word in _SELF.findall(text)}
    if classify(uploader)[1] != "government":
        selves -= _OF_AREAS  # 我县 is what its 局 says too
    base = re.sub("(?<=办)公室$|(?:人民)?政府$|办事处$", "", uploader)
    own = {word for word in selves if base.endswith(word)}
    return selves == own if selves else uploader in text


def _places_in_text(organ: str | None, document: Document) -> list[str]:
    """The one of several divisions called as the organ's, if the text names one with its city or province."""
    candidates = {prefix.division for prefix in read_prefix(organ)} if organ else set()
    if len(candidates) < 2:
        return []
    text = _words(document)
    written = [
        division.full_name
        for division in sorted(candidates)
        if any(
            f"{name}{division.name}" in text
            for above in (division.city, division.province)
            if above
            for name in (above.name, above.short)
        )
    ]
    return written if len(written) == 1 else []


def _sites(texts: Sequence[str]) -> list[str]:
    """The governments whose sites the titles name after the document's own title."""
    parts = (squeeze(part) for text in texts for part in title_parts(text))
    return [match[1] for part in parts if (match := _SITE.fullmatch(part))]


def _title_text(titles: Sequence[Title], organ: str | None, year: int | None) -> str:
    whole = [title.text for title in titles if title.organ == organ and title.year == year]
    # A sentence that announces the report is no title, though it names organ and year like one.
    others = [title.text for title in titles if not _SENTENCE.search(title.text)]
    text = next(iter((*whole, *others, *(title.text for title in titles))), "")
    return _LABELLED.sub("", text) or f"{organ or ''}{year or ''}年政府信息公开工作年度报告"


def _signature(document: Document) -> str | None:
    """Organ of a signature block: its name beside or above the date, at the end or beneath the title.

    None where two blocks name different organs.
    """
    lines = [squeeze(paragraph.text) for paragraph in document.paragraphs]
    ends = [*lines[:_COVER_LINES], "", *lines[-_LAST_LINES:]] if len(lines) > _COVER_LINES + _LAST_LINES else lines
    signed = [above for above, line in pairwise(ends) if _DATE_LINE.match(line)]
    signed += [match["organ"] for line in ends if (match := _SIGNED.match(line))]
    organs = {organ for words in signed if _is_organ(organ := _SEAL.sub("", words))}
    return organs.pop() if len(organs) == 1 else None


def _is_organ(name: str) -> bool:
    return is_organ_name(name) and classify(name)[1] != "other"


def _compiled_by(document: Document) -> str | None:
    lines: list[str] = []
    for paragraph in document.paragraphs[:_COVER_LINES]:
        line = squeeze(paragraph.text)
        if match_heading(line):
            break
        if (stated := _STATED_ORGAN.match(line)) and _is_organ(stated[1]):
            return stated[1]
        lines.append(line)
    for pattern, preamble in ((_COMPILED_BY, "".join(lines)), (_ACCORDING_TO, "。".join(lines))):
        for match in pattern.finditer(preamble):
            if _is_organ(match[1]) and not _INCOMPLETE.match(match[1]):
                return match[1]
    return None


def _period(document: Document) -> int | None:
    """Year of the statistics period 20XX年1月1日…12月31日, if the document states exactly one."""
    text = _words(document)
    years = {int(match[1]) for match in _PERIOD.finditer(text) if match[2] is None or match[2] == match[1]}
    years |= {int(match[1]) for match in _STATED_PERIOD.finditer(text)}
    return years.pop() if len(years) == 1 else None


def _usual_year(sections: Sequence[Section], published_on: str | None) -> int | None:
    """The year of which section 一 speaks, None in doubt: years are left over from older reports and plans.

    No other may be named half as often, and it cannot come after the page's publication.
    """
    text = next((section.text for section in sections if section.number == 1), "")
    counts = Counter(int(year) for year in _YEAR.findall(fold(text).replace(" ", ""))).most_common(2)
    if not counts or (len(counts) == 2 and counts[0][1] < 2 * counts[1][1] + 1):
        return None
    year = counts[0][0]
    return None if published_on and year > int(published_on[:4]) else year


def scope(organ: str, document: Document) -> str | None:
    """'area' where the figures cover a whole area, 'office' where they cover the organ alone.

    A government reports for its area. An office or department reports for itself unless its
    preamble says that it draws the area's reports together.
    """
    kind = classify(organ)[1]
    if kind in ("government", "township"):
        return "area"
    opening = squeeze("".join(paragraph.text for paragraph in document.paragraphs[:_COVER_LINES]))
    if "政府办公" in organ and any(_covers_area(sentence) for sentence in re.split("[。;]", opening)):
        return "area"
    return "office" if kind == "department" else None


def _covers_area(sentence: str) -> bool:
    """Whether a sentence says that this report draws the area's together; offices also tell others to report."""
    return bool(_AREA.search(sentence) and _THIS_REPORT.search(sentence) and not _TELLS_OTHERS.search(sentence))


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
    if not identity.stated and not _any_number(tables) and (letter := _letter(document)):
        return "notice", f"文首是公文标题：{letter[:80]}"
    if several := several_reports(document):
        return "several_reports", several
    looks_like_one = (
        len({section.number for section in sections}) >= _MANY_HEADINGS or tables.cell_count >= _CELLS_OF_A_REPORT
    )
    text = "" if looks_like_one else _words(document)
    if not identity.stated and not looks_like_one:
        return "not_report", "既无年度报告标题，也无法定章节和表格"
    if not looks_like_one and _is_list(document):
        return "list_page", "页面列出多份年度报告，不是报告本身"
    if not looks_like_one and (len(text) < _FREE_FORM_LENGTH or text.count("公开") < 3):
        if file := document.metadata.get("attachment"):
            return "attachment_only", f"页面只有{len(text)}字，报告正文在文件中：{file}"
        return "no_content", f"页面只有{len(text)}字，报告正文可能在附件中"
    if identity.organ is None:
        return "organ_unknown", "标题、落款和前言都没有写明编制机关"
    if identity.year is None:
        return "year_unknown", "标题和统计期限都没有写明报告年度"
    return None


def _words(document: Document) -> str:
    """All prose without white space. By the paragraph, since each is asked about elsewhere too."""
    return "".join([squeeze(paragraph.text) for paragraph in document.paragraphs])


def _letter(document: Document) -> str | None:
    """The title of an official letter on disclosure with which a document begins, such as how to write the report."""
    lines = (squeeze(joined) for _index, _count, joined in _cover_lines(document))
    return next((line for line in lines if "公开" in line and _LETTER.fullmatch(line)), None)


def looks_like_report(document: Document) -> bool:
    """Whether a file among others is a report: it has the form's sections or tables, or says so and is long."""
    sections = {section.number for section in read_sections(document.blocks)}
    if len(sections) >= _MANY_HEADINGS or read_tables(document).cell_count >= _CELLS_OF_A_REPORT:
        return True
    return bool(cover_titles(document)) and len(_words(document)) >= _FREE_FORM_LENGTH


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
    lines = (_LISTED_DATE.sub("", squeeze(paragraph.text)) for paragraph in document.paragraphs)
    titles = [title for line in lines if (title := read_title(line)) and title.complete]
    # The page of one report may name it as heading, in its text and as attachment.
    return len({(title.organ, title.year) for title in titles}) >= 3


@dataclass(frozen=True, slots=True)
class Testimony:
    """What one place of a document, or a page that leads to it, says of the report's organ and year."""

    place: str
    text: str
    organ: str | None
    year: int | None


def testimony(document: Document, stated: Sequence[str | None], publisher: str | None) -> list[Testimony]:
    """Every place that :func:`identify` looks at, most trustworthy first, for people who ask where a name is from."""
    own = cover_titles(document)
    places = [
        *(("title in the text", text) for text in own),
        *(("title of the format", text) for text in document.title_candidates),
        *(("title of the link or file name", text) for text in stated if text),
    ]
    told = []
    for place, text in places:
        title = read_title(text)
        whole = title if title and title.complete else None
        told.append(Testimony(place, text, whole.organ if whole else None, whole.year if whole else None))
    told.append(Testimony("signature", "", _signature(document), None))
    told.append(Testimony("preamble", "", _compiled_by(document), None))
    told.append(Testimony("stated publisher", publisher or "", squeeze(publisher) if publisher else None, None))
    told.append(Testimony("statistics period", "", None, _period(document)))
    return told
