"""Two documents of one organ and year: figures that differ between them."""

from __future__ import annotations

from decimal import Decimal

from checks.labels import cell_label
from checks.rule import rule
from parsers.report import Finding, Reading, Report

RULE = rule("documents.disagree")
RULES = (RULE,)

_LISTED = 5


def compare(report: Report, url: str, other: Report, other_url: str) -> Finding | None:
    """Return a finding that names the cells in which both print numbers and these differ, else None."""
    others = dict(other.readings())
    differing = []
    for cell, reading in report.readings():
        other_reading = others.get(cell)
        if other_reading is None or _same(reading, other_reading):
            continue
        here, there = number(reading), number(other_reading)
        if here is not None and there is not None and here != there:
            differing.append((cell, str(here), str(there)))
    if not differing:
        return None
    differing.sort()
    named = "；".join(f"{cell_label(cell)}为{here}与{there}" for cell, here, there in differing[:_LISTED])
    more = f"等{len(differing)}格" if len(differing) > _LISTED else ""
    return Finding(
        rule=RULE.code,
        severity="warning",
        cause="unknown",
        message=f"同一报告的两个文件数值不一致：{named}{more}。文件：{url} 与 {other_url}",
        cells=tuple(cell for cell, _, _ in differing),
        expected="；".join(here for _, here, _ in differing),
        actual="；".join(there for _, _, there in differing),
        evidence=f"{url}\n{other_url}",
    )


def number(reading: Reading | None) -> Decimal | None:
    """The figure of a cell, exactly; None where there is no number (never 0 for it)."""
    if reading is None or reading.kind != "number" or reading.number is None:
        return None
    return Decimal(str(reading.number))


def _same(reading: Reading, other: Reading) -> bool:
    """Whether two cells give the same, told without the cost of exact figures."""
    return type(reading.number) is type(other.number) and reading.number == other.number
