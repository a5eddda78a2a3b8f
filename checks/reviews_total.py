"""Table 四: each proceeding's total is the sum of its four outcomes."""

from __future__ import annotations

from checks.relations import Relation, evaluate, holds, review_term
from checks.rule import rule
from parsers import forms
from parsers.report import Finding, Report

RULE = rule("reviews.total")
RULES = (RULE,)

_PARTS = tuple(code for code in forms.OUTCOMES if code != "total")


def check(report: Report) -> list[Finding]:
    """Try the sum on all three proceedings."""
    if not report.reviews:
        return []
    return evaluate(
        RULE,
        [
            _proceeding(report, proceeding)
            for proceeding in forms.PROCEEDINGS
            if not holds(
                [report.reviews.get(proceeding, {}).get(outcome) for outcome in _PARTS],
                [report.reviews.get(proceeding, {}).get("total")],
            )
        ],
    )


def _proceeding(report: Report, proceeding: str) -> Relation:
    terms = [review_term(report.reviews, proceeding, outcome) for outcome in forms.OUTCOMES]
    return Relation(f"表四“{forms.PROCEEDINGS[proceeding].zh}”", tuple(terms[:-1]), (terms[-1],))
