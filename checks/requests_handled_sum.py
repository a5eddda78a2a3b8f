"""Table 三, each column: the total handled is the sum of the rows （一） to （六）."""

from __future__ import annotations

from checks.rule import Relation, Rule, judge
from parsers import forms
from parsers.report import Finding, Report

_FORMULA = "办理结果（一）至（六）各行之和＝（七）总计"
_SINGLE = "other"
_SUB_ROWS = tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "other_handling")
_OTHERS = {_SINGLE, *_SUB_ROWS}
_COMMON = tuple(
    code
    for code, row in forms.REQUEST_ROWS.items()
    if row.group is not None and code not in _OTHERS and code != "handled_total"
)


def check(report: Report) -> list[Finding]:
    """Return the columns of table 三 whose printed total is not the sum of the rows above it."""
    if not report.requests:
        return []
    rows = _COMMON + _other_rows(report)
    relations = [
        Relation(
            where=f"表三“{applicant.zh}”列",
            left=tuple(f"requests.{row}.{code}" for row in rows),
            right=(f"requests.handled_total.{code}",),
            left_label="（一）至（六）各行之和{total}",
            right_label="（七）总计{}",
        )
        for code, applicant in forms.APPLICANTS.items()
    ]
    return judge(RULE.code, _FORMULA, report, relations)


def _other_rows(report: Report) -> tuple[str, ...]:
    # What was printed decides, for tables of one edition turn up in reports of the other.
    if any(row in report.requests for row in _SUB_ROWS):
        return _SUB_ROWS
    if _SINGLE in report.requests or report.requests_edition == "2019":
        return (_SINGLE,)
    return _SUB_ROWS


RULE = Rule(
    code="requests.handled_sum",
    label="表三办理结果合计",
    label_en="Table 3: total handled equals the sum of its rows",
    formula=_FORMULA,
    check=check,
)
