"""Table 三, each column: new and carried-in requests equal handled and carried-out ones."""

from __future__ import annotations

from checks.rule import Relation, Rule, judge
from parsers import forms
from parsers.report import Finding, Report

_FORMULA = "新收＋上年结转＝办理结果总计＋结转下年度"


def check(report: Report) -> list[Finding]:
    """Return what contradicts the relation printed in the head of table 三."""
    if not report.requests:
        return []
    relations = [
        Relation(
            where=f"表三“{applicant.zh}”列",
            left=(f"requests.new.{code}", f"requests.carried_in.{code}"),
            right=(f"requests.handled_total.{code}", f"requests.carried_out.{code}"),
            left_label="新收{}＋上年结转{}＝{total}",
            right_label="办理结果总计{}＋结转下年度{}＝{total}",
        )
        for code, applicant in forms.APPLICANTS.items()
    ]
    return judge(RULE.code, _FORMULA, report, relations)


RULE = Rule(
    code="requests.identity",
    label="表三收支平衡",
    label_en="Table 3: received equals handled plus carried over",
    formula=_FORMULA,
    check=check,
)
