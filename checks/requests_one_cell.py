"""Table 三: a single cell that would explain every sum that fails, without a claim that it is wrong."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

from checks.labels import cell_label
from checks.relations import Relation, fails, number_text
from checks.requests_handled_sum import relations as sums
from checks.requests_identity import relations as identities
from checks.requests_row_total import relations as row_totals
from checks.rule import rule
from parsers import forms
from parsers.report import Finding, Report

RULE = rule("requests.one_cell")
RULES = (RULE,)

_PARTS = tuple(code for code in forms.APPLICANTS if code != "total")


def check(report: Report) -> list[Finding]:
    """Look for the one cell whose change would mend all sums that fail, or for one case in the wrong column."""
    if not report.requests or not _anything_fails(report):
        return []
    tried = [
        relation
        for relation in (*identities(report), *sums(report), *row_totals(report))
        if not any(term.missing for term in relation.terms)
    ]
    failing = [index for index, relation in enumerate(tried) if relation.difference]
    if len(failing) < 2:
        return []
    mended = _mending(tried, failing)
    if len(mended) == 1:
        return [_one_cell(report, *mended[0], len(failing))]
    return _misfiled([tried[index] for index in failing])


def _anything_fails(report: Report) -> bool:
    # Cheap, for nearly all reports end here; a column's sum seldom fails without its balance or a row.
    rows = report.requests
    if any(fails([cells.get(code) for code in _PARTS], [cells.get("total")]) for cells in rows.values()):
        return True
    new, before, handled, after = (rows.get(row, {}) for row in ("new", "carried_in", "handled_total", "carried_out"))
    return any(fails([new.get(c), before.get(c)], [handled.get(c), after.get(c)]) for c in forms.APPLICANTS)


def _mending(tried: list[Relation], failing: list[int]) -> list[tuple[str, Decimal]]:
    """Cells that stand in just the relations that fail, and what must be added to them."""
    counted: Counter[str] = Counter(term.field for relation in tried for term in relation.terms)
    changes: dict[str, list[Decimal]] = {}
    for index in failing:
        relation = tried[index]
        for sign, side in ((1, relation.left), (-1, relation.right)):
            for term in side:
                changes.setdefault(term.field, []).append(-sign * relation.difference)
    return [
        (field, wanted[0])
        for field, wanted in changes.items()
        if len(wanted) == len(failing) == counted[field] and len(set(wanted)) == 1
    ]


def _one_cell(report: Report, field: str, change: Decimal, failing: int) -> Finding:
    _table, row, column = field.split(".")
    reading = report.requests[row][column]
    now = Decimal(str(reading.number))
    return Finding(
        rule=RULE.code,
        severity="note",
        cause="unknown",
        message=(
            f"{cell_label(field)}如由{number_text(now)}改为{number_text(now + change)}，"
            f"表三不符的{failing}处即全部相符；这只是推测，原件哪一格有误须由编制机关说明"
        ),
        cells=(field,),
        expected=number_text(now + change),
        actual=number_text(now),
    )


def _misfiled(failing: list[Relation]) -> list[Finding]:
    """Two columns that fail by the same number in opposite directions: cases filed under another applicant."""
    if len(failing) != 2 or failing[0].difference != -failing[1].difference:
        return []
    cases = number_text(abs(failing[0].difference))
    where = "与".join(relation.where.removeprefix("表三") for relation in failing)
    return [
        Finding(
            rule=RULE.code,
            severity="note",
            cause="unknown",
            message=f"表三{where}的差额大小相等、方向相反，可能有{cases}件归入了不同的申请人类别；这只是推测",
            cells=tuple(term.field for relation in failing for term in relation.terms),
            key="misfiled",
        )
    ]
