"""Table 三: each row's total is the sum of the six kinds of applicants."""

from __future__ import annotations

from checks.relations import Relation, evaluate, holds, request_row_name, request_term
from checks.rule import rule
from parsers import forms
from parsers.report import Finding, Report

RULE = rule("requests.row_total")
RULES = (RULE,)

_PARTS = tuple(code for code in forms.APPLICANTS if code != "total")


def check(report: Report) -> list[Finding]:
    """Try the sum on each row found, in printed order."""
    return evaluate(
        RULE,
        [
            _row(report, row)
            for row in forms.REQUEST_ROWS
            if (cells := report.requests.get(row)) is not None
            and not holds([cells.get(applicant) for applicant in _PARTS], [cells.get("total")])
        ],
    )


def relations(report: Report) -> list[Relation]:
    """The relation of each row found."""
    return [_row(report, row) for row in forms.REQUEST_ROWS if row in report.requests]


def _row(report: Report, row: str) -> Relation:
    terms = [
        request_term(report.requests, row, applicant, forms.APPLICANTS[applicant].zh) for applicant in forms.APPLICANTS
    ]
    return Relation(f"表三“{request_row_name(row)}”行", tuple(terms[:-1]), (terms[-1],))
