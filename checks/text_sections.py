"""Sections 五 and 六 that say nothing: empty, 无, or a phrase."""

from __future__ import annotations

import re

from checks.prose import Prose
from checks.rule import rule
from parsers import forms
from parsers.report import Finding

RULE = rule("text.section_empty")
RULES = (RULE,)

_SHORTEST = 10
_FIRST_YEAR_OF_THE_FORM = 2019
_MARKS = re.compile(r"[^\w]|_")
_INCOMPLETE = ("extraction.further_pages", "extraction.scanned_pages", "extraction.unreadable_text")


def check_prose(prose: Prose) -> list[Finding]:
    """Measure the two sections; one whose heading was not found is not judged."""
    report = prose.report
    if report.year < _FIRST_YEAR_OF_THE_FORM or not prose.sections.keys() >= {1, 5}:
        return []
    if any(problem.rule in _INCOMPLETE for problem in report.problems):
        return []
    found = []
    for number in (5, 6):
        text = prose.sections.get(number)
        if text is None:
            continue
        said = _MARKS.sub("", text)
        if len(said) >= _SHORTEST:
            continue
        what = f"只有“{said}”" if said else "没有内容"
        found.append(
            Finding(
                rule=RULE.code,
                severity="warning" if number == 5 else "note",
                cause=prose.cause if said else "unknown",
                message=f"第{number}部分“{forms.SECTIONS[number].zh}”{what}",
                cells=(f"sections.{number}",),
                actual=said,
                evidence=text or None,
            )
        )
    return found
