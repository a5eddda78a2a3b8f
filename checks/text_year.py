"""A year left over from last year's text: the organ's doings told of a year that is not the report's."""

from __future__ import annotations

import re

from checks.prose import Prose, Sentence, trimmed
from checks.rule import rule
from checks.text_words import pattern, words
from parsers.report import Finding

RULE = rule("text.stale_year")
RULES = (RULE,)

_YEAR = re.compile(r"(?<![\d〔\[(（])(20[0-4]\d)年(?:度)?(?!\d|以来|以前|以后|之前|之后|起|至|底|末|初|前|后|间|[-—~])")
_AT_THE_END = re.compile(r"截[至止]到?(20[0-4]\d)年(?:12月31日|12月底|底|年底)")
_BEGINS = ",:;。、()!?"
_BOOK_TITLE = re.compile("《[^》]{0,80}》|〈[^〉]{0,80}〉|“[^”]{0,80}”")
_OLDEST = 4
_IMPROVEMENTS = 5
_NEAR = 16


def check_prose(prose: Prose) -> list[Finding]:
    """Find sentences whose subject is the organ's work in another year, and titles that bear one."""
    year = prose.report.year
    found: dict[tuple[str, int], Finding] = {}
    for sentence in prose.sentences:
        text = sentence.text
        if "20" not in text or "年" not in text:
            continue
        if sentence.section == _IMPROVEMENTS and (plan := _stale_plan(prose, sentence)):
            found[sentence.cell, prose.report.year] = plan
        stale = _stale_year(text, prose)
        if stale is not None and (sentence.cell, stale) not in found:
            found[sentence.cell, stale] = _finding(prose, sentence, stale)
    match = pattern("year", "title_of_preamble").search(prose.preamble) if prose.preamble else None
    if match and _is_other(int(match["year"]), year) and f"{year}年" not in prose.preamble[: match.start() + 40]:
        found["", int(match["year"])] = Finding(
            rule=RULE.code,
            severity="warning",
            cause=prose.cause,
            message=f"{year}年度报告的引言称公布的是{match['year']}年的报告，可能沿用了其他年度的文稿",
            expected=str(year),
            actual=match["year"],
            evidence=trimmed(prose.preamble, match["year"]),
            key=match["year"],
        )
    return list(found.values())


def _finding(prose: Prose, sentence: Sentence, stale: int) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="warning",
        cause=prose.cause,
        message=f"{prose.report.year}年度报告的第{sentence.section}部分以{stale}年叙述本机关工作，可能沿用了其他年度的文稿",
        cells=(sentence.cell,),
        expected=str(prose.report.year),
        actual=str(stale),
        evidence=prose.quote(sentence, str(stale)),
        key=str(stale),
    )


def _stale_plan(prose: Prose, sentence: Sentence) -> Finding | None:
    """2024年，我局将继续… in the section on improvements of the report for 2024, which is written in 2025."""
    own = prose.report.year
    match = pattern("year", "stale_plan").search(sentence.text)
    if match is None or int(match["year"]) != own or not _begins_clause(sentence.text[: match.start()]):
        return None
    return Finding(
        rule=RULE.code,
        severity="warning",
        cause=prose.cause,
        message=f"{own}年度报告的第{sentence.section}部分把{own}年作为下一步的计划，可能沿用了上年度的文稿",
        cells=(sentence.cell,),
        expected=str(own + 1),
        actual=str(own),
        evidence=prose.quote(sentence, str(own)),
        key=f"plan-{own}",
    )


def _is_other(year: int, own: int) -> bool:
    return year != own and own - _OLDEST <= year <= own + 1


def _stale_year(text: str, prose: Prose) -> int | None:
    own = prose.report.year
    title = pattern("year", "title").search(text)
    if title and _is_other(int(title["year"]), own) and f"{own}年" not in text:
        return int(title["year"])
    # What stands in quotation marks is a name; its length is kept.
    text = _BOOK_TITLE.sub(lambda match: "《" + "·" * (len(match.group()) - 2) + "》", text)
    if f"{own}年" in text or pattern("year", "comparison").search(text) or not pattern("year", "matters").search(text):
        return None
    for match in _AT_THE_END.finditer(text):
        year = int(match[1])
        rest = text[match.end() :].lstrip(",")
        if _is_other(year, own) and year < own and (_subject(rest, prose) or pattern("year", "activities").match(rest)):
            return year
    for match in _YEAR.finditer(text):
        year = int(match[1])
        if not _is_other(year, own):
            continue
        before, rest = text[: match.start()], text[match.end() :].lstrip(",的")
        clause = re.split("[,;:。]", rest, maxsplit=1)[0]
        if pattern("year", "naming").search(clause[:_NEAR]):
            continue
        if _ends_with_self(before, prose) and pattern("year", "activities").match(rest):
            return year
        if not _begins_clause(before):
            continue
        if year > own and pattern("year", "plans").search(rest):
            continue
        subject = _subject(rest, prose)
        if pattern("year", "activities").match(rest[subject:]):
            return year
        if subject and pattern("year", "deeds").search(rest[subject : subject + _NEAR]):
            return year
    return None


def _begins_clause(before: str) -> bool:
    """Whether what follows begins a clause, or the body after a heading on the same line."""
    return not before or before[-1] in _BEGINS or before.endswith(tuple(words()["year"]["openers"]))


def _ends_with_self(before: str, prose: Prose) -> bool:
    """Whether the organ is named right before the year: 我局2023年度未收取费用."""
    tail = before[-_NEAR:]
    match = next((found for found in pattern("year", "selves").finditer(tail) if found.end() == len(tail)), None)
    return match is not None or (len(tail) > 3 and prose.report.organ.endswith(tail[-4:]))


def _subject(rest: str, prose: Prose) -> int:
    """Length of the organ's own name, or 我局 and the like, with which ``rest`` begins; 0 where it begins with none."""
    match = pattern("year", "selves").match(rest)
    if match:
        return match.end()
    organ = prose.report.organ
    for length in range(min(len(organ), 20), 2, -1):
        if rest.startswith(organ[-length:]):
            return length
    return 0
