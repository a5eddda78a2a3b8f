"""A report is published after the year it reports on; an earlier date casts doubt on date or year."""

from __future__ import annotations

from checks.rule import rule
from parsers.report import Finding, Report

RULE = rule("identity.published_early")
RULES = (RULE,)


def check(report: Report) -> list[Finding]:
    """Compare the date that the portal states with the end of the reporting year; without a date nothing is said."""
    if report.published_on is None or report.published_on > f"{report.year}-12-31":
        return []
    same_year = report.published_on.startswith(str(report.year))
    return [
        Finding(
            rule=RULE.code,
            severity="note" if same_year else "warning",
            cause="unknown",
            message=f"门户标明的发布日期{report.published_on}早于{report.year}年结束，发布日期或报告年度可能有误",
            expected=f"{report.year + 1}-01-01以后",
            actual=report.published_on,
        )
    ]
