"""Dates that no calendar has: 13月, 2月30日, 202020年."""

from __future__ import annotations

import calendar
import re

from checks.prose import Prose, trimmed
from checks.rule import rule
from parsers.report import Finding

RULE = rule("text.impossible_date")
RULES = (RULE,)

_LONG_YEAR = re.compile(r"(?<![\d.\-/])20\d{3,6}年(?=\d|度|[,，])")
_DATE = re.compile(
    r"(?<![\d.\-/])(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>\d{1,2})月(?:份|(?P<day>\d{1,3})[日号])?(?![\d嫂])"
)
_LEAP = 2024


def check_prose(prose: Prose) -> list[Finding]:
    """Find each impossible date once."""
    found: dict[str, Finding] = {}
    for section, text in (*prose.sections.items(), (0, prose.preamble)):
        if "月" not in text and "年" not in text:
            continue
        for printed in _impossible(text):
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
    found = [match.group() + _rest(text, match.end()) for match in _LONG_YEAR.finditer(text)]
    for match in _DATE.finditer(text):
        month, day, year = int(match["month"]), match["day"], match["year"]
        dated = bool(year or day or match.group().endswith("份"))
        if not dated or (text[match.start() - 1 : match.start()] == "年" and not year and len(found)):
            continue
        if not 1 <= month <= 12 or (
            day and not 1 <= int(day) <= calendar.monthrange(int(year) if year else _LEAP, month)[1]
        ):
            found.append(match.group())
    return found


def _rest(text: str, at: int) -> str:
    match = re.compile(r"\d{1,2}月(?:\d{1,2}日)?").match(text, at)
    return match.group() if match else ""
