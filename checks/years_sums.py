"""Table 二 from one year to the next: documents in force, and in the form of 2019 the numbers of items."""

from __future__ import annotations

from decimal import Decimal

from checks.labels import cell_label
from checks.neighbours import CELLS, Neighbour, text_of
from checks.rule import Rule, rule
from parsers.report import Finding

IN_FORCE = rule("years.in_force")
ITEMS = rule("years.items")
RULES = (IN_FORCE, ITEMS)

_IN_FORCE = tuple(name for name in CELLS if name.endswith(".in_force"))
_PRIOR = tuple(name for name in CELLS if name.endswith(".prior_items"))


def check_year(report: Neighbour, before: Neighbour) -> list[Finding]:
    """Compare with ``before``, the report of the year before, where both print every figure concerned."""
    if not report.comparable(before):
        return []
    found = [_in_force(report, before, name) for name in _IN_FORCE] + [_items(report, before, name) for name in _PRIOR]
    return [finding for finding in found if finding]


def _in_force(report: Neighbour, before: Neighbour, name: str) -> Finding | None:
    """现行有效 last year, plus 制发, minus 废止, against 现行有效."""
    row = name.rpartition(".")[0]
    issued, repealed = f"{row}.issued", f"{row}.repealed"
    old, new, gone, actual = (
        before.number(name), report.number(issued), report.number(repealed), report.number(name),
    )  # fmt: skip
    if old is None or new is None or gone is None or actual is None or old + new - gone == actual:
        return None
    expected = old + new - gone
    return _difference(
        IN_FORCE,
        report,
        before,
        (issued, repealed, name),
        (name,),
        f"{before.year}年报告{cell_label(name)}{text_of(old)}，加{report.year}年制发{text_of(new)}，"
        f"减废止{text_of(gone)}，得{text_of(expected)}；{report.year}年报告所列为{text_of(actual)}，差额未见说明",
        expected,
        actual,
    )


def _items(report: Neighbour, before: Neighbour, name: str) -> Finding | None:
    """上一年项目数量 of the year before with its 本年增/减, against 上一年项目数量."""
    change = f"{name.rpartition('.')[0]}.change"
    old, altered, actual = before.number(name), before.number(change), report.number(name)
    if old is None or altered is None or actual is None or old + altered == actual:
        return None
    expected = old + altered
    return _difference(
        ITEMS,
        report,
        before,
        (name,),
        (name, change),
        f"{before.year}年报告{cell_label(name)}{text_of(old)}，本年增减{text_of(altered)}，得{text_of(expected)}；"
        f"{report.year}年报告{cell_label(name)}为{text_of(actual)}",
        expected,
        actual,
    )


def _difference(
    which: Rule,
    report: Neighbour,
    before: Neighbour,
    cells: tuple[str, ...],
    other_cells: tuple[str, ...],
    message: str,
    expected: Decimal,
    actual: Decimal,
) -> Finding:
    sure = all(report.sure(name) for name in cells) and all(before.sure(name) for name in other_cells)
    return Finding(
        rule=which.code,
        severity="warning",
        cause="source" if sure else "unknown",
        message=message,
        cells=cells,
        expected=text_of(expected),
        actual=text_of(actual),
        other_report_id=before.report_id,
        other_cells=other_cells,
    )
