"""Dates that no calendar has: 13月, 2月30日, 202020年."""

from __future__ import annotations

import calendar
import re

from checks.prose import MOST_FINDINGS, Prose, trimmed
from checks.rule import rule
from parsers.report import Finding

RULE = rule("text.impossible_date")
RULES = (RULE,)

_LONG_YEAR = re.compile(r"(?<![\d.\-/])20\d{3,6}年(?:\d{1,2}月(?:\d{1,2}日)?|(?=度|,))")
_DATE = re.compile(
    r"(?<![\d.\-/])(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>\d{1,2})月(?:份|(?P<day>\d{1,3})[日号])?(?!\d)"
)
_LEAP = 2024


def check_prose(prose: Prose) -> list[Finding]:
    """Find each impossible date once."""
    found: dict[str, Finding] = {}
    for section, text in (*prose.sections.items(), (0, prose.preamble)):
        if "月" not in text and "年" not in text:
            continue
        for printed in _impossible(text)[: MOST_FINDINGS - len(found)]:
            found.setdefault(
                printed,
                Finding(
                    rule=RULE.code,
                    severity="warning",
                    cause=prose.cause,
                    message=f"日期“{printed}”不存在",
                    cells=(f"sections.{section}",) if section else (),
                    actual=printed,
                    evidence=trimmed(next(line for line in text.split("\n") if printed in line), printed),
                    key=printed,
                ),
            )
    return list(found.values())


def _impossible(text: str) -> list[str]:
    found = [match.group() for match in _LONG_YEAR.finditer(text)]
    for match in _DATE.finditer(text):
        month, day, year = int(match["month"]), match["day"], match["year"]
        if not (year or day or match.group().endswith("份")):
            continue
        last = calendar.monthrange(int(year) if year else _LEAP, month)[1] if 1 <= month <= 12 else 0
        if not 1 <= (int(day) if day else 1) <= last:
            found.append(match.group())
    return found
