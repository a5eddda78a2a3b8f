"""Numbering that restarts, skips or repeats, of the sections and within them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from checks.numerals import read_han
from checks.prose import MOST_FINDINGS, Prose, trimmed
from checks.rule import rule
from checks.text_words import pattern
from parsers.normalise import squeeze
from parsers.report import Finding

RULE = rule("text.numbering")
RULES = (RULE,)

_HAN = "一二三四五六七八九十"
# Levels from the top; each begins anew under one above it.
_LEVELS = (
    re.compile(rf"^(?P<n>[{_HAN}]{{1,3}})、"),
    re.compile(rf"^\((?P<n>[{_HAN}]{{1,3}})\)"),
    re.compile(r"^(?P<n>\d{1,2})[.、](?!\d)"),
    re.compile(r"^\((?P<n>\d{1,2})\)"),
)
_INLINE = re.compile(rf"(?:^|(?<=[,:;。)]))(?P<n>[{_HAN}]{{1,2}})是(?!否)")
_HEADING = re.compile(rf"^第?(?P<n>[{_HAN}]{{1,2}})(?:部分)?[、.:]")
_SHORT_HEAD = 40


def check_prose(prose: Prose) -> list[Finding]:
    """Follow the enumerators of the sections' headings, of the lines in them and of 一是, 二是 in a line."""
    found = list(_headings(prose))
    for number, text in prose.sections.items():
        said: set[str] = set()
        for why, line in (*_lines(text), *_inline(text)):
            if why not in said and len(found) < MOST_FINDINGS:
                said.add(why)
                found.append(_finding(prose, f"sections.{number}", why, trimmed(line)))
    return found


def _headings(prose: Prose) -> Iterator[Finding]:
    """The ordinals that the sections' headings print against each other."""
    printed = [
        (section, read_han(match["n"]))
        for section in prose.report.sections
        if (match := _HEADING.match(squeeze(section.heading)))
    ]
    for (before, ordinal), (section, next_ordinal) in pairwise(printed):
        if ordinal is None or next_ordinal is None or section.number <= before.number:
            continue
        if next_ordinal != ordinal + (section.number - before.number):
            yield _finding(
                prose,
                f"sections.{section.number}",
                f"部分编号由“{_ordinal(before.heading)}”到“{_ordinal(section.heading)}”不连续",
                f"{before.heading.strip()}\n{section.heading.strip()}",
            )
            return

    shifts = {ordinal - section.number for section, ordinal in printed if ordinal is not None}
    if len(printed) > 2 and len(shifts) == 1 and shifts != {0}:
        first = printed[0][0]
        yield _finding(
            prose,
            f"sections.{first.number}",
            f"各部分编号整体错位：第{first.number}部分印作“{_ordinal(first.heading)}”",
            first.heading.strip(),
        )


def _ordinal(heading: str) -> str:
    match = _HEADING.match(squeeze(heading))
    return match.group() if match else heading[:4]


def _lines(text: str) -> Iterator[tuple[str, str]]:
    last: list[tuple[int, str]] = [(0, "")] * len(_LEVELS)
    before = ""
    for line in text.split("\n"):
        for level, enumerator in enumerate(_LEVELS):
            match = enumerator.match(line)
            if match is None:
                continue
            number = int(match["n"]) if match["n"].isdigit() else read_han(match["n"])
            if number is None:
                break
            previous, printed = last[level]
            if previous and number != previous + 1 and not (number == 1 and _opens_anew(before, level)):
                what = "重新开始" if number == 1 else "重复" if number == previous else "不连续"
                yield f"编号由“{printed}”到“{match.group()}”{what}", line
            last[level] = (number, match.group())
            last[level + 1 :] = [(0, "")] * (len(_LEVELS) - level - 1)
            break
        if line:
            before = line


def _opens_anew(before: str, level: int) -> bool:
    """Whether the line before is the head of a list of its own, so that counting from 1 is in order."""
    if any(enumerator.match(before) for enumerator in _LEVELS[level : level + 1]):
        # An enumerated line is a head only if it is short and ends like one.
        return before.endswith(":")
    return len(before) <= _SHORT_HEAD or bool(pattern("numbering", "heads").search(before[-_SHORT_HEAD:]))


def _inline(text: str) -> Iterator[tuple[str, str]]:
    for line in text.split("\n"):
        if "是" not in line:
            continue
        previous, printed = 0, ""
        for match in _INLINE.finditer(line):
            number = read_han(match["n"]) or 0
            if previous and number not in (1, previous + 1):
                what = "重复" if number == previous else "不连续"
                yield f"编号由“{printed}”到“{match.group()}”{what}", line[max(0, match.start() - 60) :]
                break
            if previous == 0 and number != 1:
                break
            previous, printed = number, match.group()


def _finding(prose: Prose, cell: str, why: str, evidence: str) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="note",
        cause=prose.cause,
        message=f"第{cell.removeprefix('sections.')}部分：{why}",
        cells=(cell,),
        actual=why,
        evidence=evidence,
        key=why,
    )
