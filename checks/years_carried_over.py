"""What one year hands over the next takes up: 结转下年度继续办理 is the next report's 上年结转."""

from __future__ import annotations

from checks.labels import cell_label
from checks.neighbours import Neighbour, text_of
from checks.rule import rule
from parsers import forms
from parsers.report import Finding

RULE = rule("years.carried_over")
RULES = (RULE,)

_NAMED_CELLS = 5


def check_year(report: Neighbour, before: Neighbour) -> list[Finding]:
    """Compare all seven columns with ``before``, the report of the year before.

    Nothing is said where the two cover different ground, or where either has no table.
    """
    if not report.comparable(before):
        return []
    found: list[Finding] = []
    untried: list[tuple[str, str]] = []
    for applicant in forms.APPLICANTS:
        taken, handed = f"requests.carried_in.{applicant}", f"requests.carried_out.{applicant}"
        if taken not in report.cells or handed not in before.cells:
            continue
        actual, expected = report.number(taken), before.number(handed)
        if actual is None or expected is None:
            untried.append((taken, handed))
        elif actual != expected:
            explained = report.corrections[0] if report.corrections else None
            found.append(
                Finding(
                    rule=RULE.code,
                    severity="warning" if explained else "error",
                    cause="source" if report.sure(taken) and before.sure(handed) else "unknown",
                    message=f"{before.year}年报告{cell_label(handed)}为{text_of(expected)}，"
                    f"{report.year}年报告{cell_label(taken)}为{text_of(actual)}，两年不衔接"
                    + ("；报告对上年数字另有说明" if explained else ""),
                    cells=(taken,),
                    expected=text_of(expected),
                    actual=text_of(actual),
                    evidence=explained,
                    other_report_id=before.report_id,
                    other_cells=(handed,),
                )
            )
    if untried:
        found.append(_note(report, before, untried))
    return found


def _note(report: Neighbour, before: Neighbour, untried: list[tuple[str, str]]) -> Finding:
    missing = [
        (owner, name)
        for taken, handed in untried
        for owner, name in ((report, taken), (before, handed))
        if owner.number(name) is None
    ]
    as_printed = all(owner.cells[name].kind in ("blank", "placeholder") for owner, name in missing)
    names = "、".join(f"{owner.year}年{cell_label(name)}" for owner, name in missing[:_NAMED_CELLS])
    rest = f"等{len(missing)}格" if len(missing) > _NAMED_CELLS else ""
    return Finding(
        rule=RULE.code,
        severity="note",
        cause="source" if as_printed else "extraction",
        message=f"无法核对：{RULE.label}（{len(untried)}列）；缺少数字的单元格：{names}{rest}，"
        + ("原文为空" if as_printed else "没有读到数字"),
        cells=tuple(taken for taken, _ in untried),
        other_report_id=before.report_id,
        other_cells=tuple(handed for _, handed in untried),
    )
