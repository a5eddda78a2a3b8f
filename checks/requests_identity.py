"""Table 三: requests that came in equal requests that were dealt with, in each column."""

from __future__ import annotations

from checks.relations import Relation, evaluate, holds, request_term
from checks.rule import rule
from parsers import forms
from parsers.report import Finding, Report

RULE = rule("requests.identity")
RULES = (RULE,)


def check(report: Report) -> list[Finding]:
    """Try the relation that the form prints in its head on all seven columns."""
    if not report.requests:
        return []
    rows = [report.requests.get(row, {}) for row in ("new", "carried_in", "handled_total", "carried_out")]
    return evaluate(
        RULE,
        [
            _column(report, applicant)
            for applicant in forms.APPLICANTS
            if not holds([row.get(applicant) for row in rows[:2]], [row.get(applicant) for row in rows[2:]])
        ],
    )


def relations(report: Report) -> list[Relation]:
    """The relation of each column."""
    return [_column(report, applicant) for applicant in forms.APPLICANTS]


def _column(report: Report, applicant: str) -> Relation:
    return Relation(
        where=f"表三“{forms.APPLICANTS[applicant].zh}”列",
        left=(
            request_term(report.requests, "new", applicant, "新收"),
            request_term(report.requests, "carried_in", applicant, "上年结转"),
        ),
        right=(
            request_term(report.requests, "handled_total", applicant, "办理结果总计"),
            request_term(report.requests, "carried_out", applicant, "结转下年度"),
        ),
    )
