"""Table 四, each proceeding: the total is the sum of its four outcomes."""

from __future__ import annotations

from checks.rule import Relation, Rule, judge
from parsers import forms
from parsers.report import Finding, Report

_FORMULA = "结果维持＋结果纠正＋其他结果＋尚未审结＝总计"
_OUTCOMES = tuple(code for code in forms.OUTCOMES if code != "total")


def check(report: Report) -> list[Finding]:
    """Return the proceedings of table 四 whose printed total is not the sum of their outcomes."""
    if not report.reviews:
        return []
    relations = [
        Relation(
            where=f"表四“{proceeding.zh}”",
            left=tuple(f"reviews.{code}.{outcome}" for outcome in _OUTCOMES),
            right=(f"reviews.{code}.total",),
            left_label="结果维持{}＋结果纠正{}＋其他结果{}＋尚未审结{}＝{total}",
            right_label="总计{}",
        )
        for code, proceeding in forms.PROCEEDINGS.items()
    ]
    return judge(RULE.code, _FORMULA, report, relations)


RULE = Rule(
    code="reviews.total",
    label="表四总计",
    label_en="Table 4: total equals the sum of outcomes",
    formula=_FORMULA,
    check=check,
)
