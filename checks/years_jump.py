"""A figure far from all that the organ has reported in other years: a slipped digit, or news."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from checks.labels import cell_label
from checks.neighbours import CELLS, Neighbour, text_of
from checks.rule import rule
from parsers.report import Finding

RULE = rule("years.jump")
RULES = (RULE,)

LEAST_YEARS = 3
"""How many other years are needed."""
LEAST_DIFFERENCE = 50
"""How far, in the figure's own unit, it must be from that of any other year."""
LEAST_FACTOR = 5
"""How many times the figure of any other year, or what part of it."""
# The modified z-score of Iglewicz and Hoaglin (1993).
_DEVIATIONS = 3.5
# The median absolute deviation of a normal distribution times this is its standard deviation.
_NORMAL = 1.4826

_MEASURED = (
    *(name for name in CELLS if name in ("requests.new.total", "requests.handled_total.total")),
    *(name for name in CELLS if name.endswith((".in_force", ".total_disclosed", ".decisions", ".amount"))),
)


def check_history(report: Neighbour, others: Sequence[Neighbour]) -> list[Finding]:
    """Compare with ``others``, the organ's reports of all other years; too few of them, and nothing is said."""
    found = (_jump(report, [one for one in others if report.comparable(one)], name) for name in _MEASURED)
    return [finding for finding in found if finding]


def _jump(report: Neighbour, others: Sequence[Neighbour], name: str) -> Finding | None:
    actual = report.number(name)
    history = [(one.year, number) for one in others if one.sure(name) and (number := one.number(name)) is not None]
    if actual is None or actual < 0 or len(history) < LEAST_YEARS or any(number < 0 for _, number in history):
        return None
    usual = median(number for _, number in history)
    logarithms = [math.log10(number + 1) for _, number in history]
    centre = median(logarithms)
    deviation = median(abs(one - centre) for one in logarithms)
    own = math.log10(actual + 1)
    if (
        abs(own - centre) < _DEVIATIONS * _NORMAL * deviation
        or min(abs(own - one) for one in logarithms) < math.log10(LEAST_FACTOR)
        or min(abs(actual - number) for _, number in history) < LEAST_DIFFERENCE
    ):
        return None
    listed = "、".join(f"{year}年{text_of(number)}" for year, number in sorted(history))
    return Finding(
        rule=RULE.code,
        severity="warning",
        cause="unknown" if report.sure(name) else "extraction",
        message=f"{report.year}年{cell_label(name)}为{text_of(actual)}，与本机关其他年度相差悬殊"
        f"（中位数{text_of(usual)}；{listed}）",
        cells=(name,),
        expected=text_of(usual),
        actual=text_of(actual),
    )
