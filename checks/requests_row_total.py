"""Table 三, each printed row: the total is the sum of the six kinds of applicants."""

from __future__ import annotations

from checks.labels import row_label
from checks.rule import Relation, Rule, judge
from parsers import forms
from parsers.report import Finding, Report

_FORMULA = "自然人＋商业企业＋科研机构＋社会公益组织＋法律服务机构＋其他＝总计"
_APPLICANTS = tuple(code for code in forms.APPLICANTS if code != "total")


def check(report: Report) -> list[Finding]:
    """Return the rows of table 三 whose printed total is not the sum of their applicants."""
    relations = [
        Relation(
            where=f"表三“{row_label(row)}”行",
            left=tuple(f"requests.{row}.{code}" for code in _APPLICANTS),
            right=(f"requests.{row}.total",),
            left_label="各类申请人之和{total}",
            right_label="总计{}",
        )
        for row in forms.REQUEST_ROWS
        if row in report.requests
    ]
    return judge(RULE.code, _FORMULA, report, relations)


RULE = Rule(
    code="requests.row_total",
    label="表三各行总计",
    label_en="Table 3: row total equals the sum of applicants",
    formula=_FORMULA,
    check=check,
)
