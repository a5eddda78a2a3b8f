"""Checks: a report in, findings out. What does not add up is said, never corrected."""

from __future__ import annotations

from checks.prose import Prose
from checks.registry import load
from checks.rule import Rule
from parsers.report import Finding, Report

RULES: dict[str, Rule] = load().rules
"""Every rule that a finding may refer to, by code."""


def run(report: Report) -> list[Finding]:
    """Return all findings on one report: those made while reading it, then each check's."""
    registry = load()
    found = [*report.problems, *(finding for check in registry.checks for finding in check(report))]
    if report.sections:
        prose = Prose.of(report)
        found += (finding for check in registry.prose_checks for finding in check(prose))
    return found


__all__ = ["RULES", "Rule", "run"]
