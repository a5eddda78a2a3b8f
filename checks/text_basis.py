"""A legal basis that had been replaced when the report was written."""

from __future__ import annotations

import re
from functools import cache

from checks.prose import Prose, trimmed
from checks.rule import rule
from checks.text_words import words
from parsers.report import Finding

RULE = rule("text.superseded_basis")
RULES = (RULE,)


@cache
def _bases() -> tuple[tuple[re.Pattern[str], re.Pattern[str], int, str, str], ...]:
    return tuple(
        (re.compile(entry["old"]), re.compile(entry["new"]), entry["from"], entry["name"], entry["replaced_by"])
        for entry in words()["basis"]
    )


def check_prose(prose: Prose) -> list[Finding]:
    """Look for what was replaced before the report's year ended; silent where what replaced it is cited as well."""
    text = prose.text
    if "号" not in text and "有关事项的通知" not in text:
        return []
    found = []
    for old, new, first, name, replaced_by in _bases():
        if prose.report.year < first:
            continue
        match = old.search(text)
        if match and not new.search(text):
            section = next((number for number, part in prose.sections.items() if old.search(part)), None)
            found.append(
                Finding(
                    rule=RULE.code,
                    severity="warning",
                    cause=prose.cause,
                    message=f"{prose.report.year}年度报告以{name}为依据，该文件已由{replaced_by}取代",
                    cells=(f"sections.{section}",) if section else (),
                    expected=replaced_by,
                    actual=match.group(),
                    evidence=trimmed(_sentence(text, match.start()), match.group()),
                    key=name,
                )
            )
    return found


def _sentence(text: str, at: int) -> str:
    start = max(text.rfind("。", 0, at), text.rfind("\n", 0, at)) + 1
    ends = [end for mark in "。\n" if (end := text.find(mark, at)) >= 0]
    return text[start : min(ends) + 1 if ends else len(text)].strip()
