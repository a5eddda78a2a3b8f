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
ABOVE, MORE = 5, 50
"""It must be so many times the figure of any other year, and so much more, in the figure's own unit."""
BELOW, LESS = 10, 100
"""Or such a part of the figure of every other year, and so much less: quiet years are commoner than busy ones."""
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
    highest, lowest = max(number for _, number in history), min(number for _, number in history)
    above = actual + 1 >= ABOVE * (highest + 1) and actual - highest >= MORE
    below = (actual + 1) * BELOW <= lowest + 1 and lowest - actual >= LESS
    far = abs(math.log10(actual + 1) - centre) >= _DEVIATIONS * _NORMAL * deviation
    if not (far and (above or below)):
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
