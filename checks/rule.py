"""What a rule is, and the arithmetic that rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from checks.labels import cell_label
from parsers.report import Finding, Reading, Report

Check = Callable[[Report], list[Finding]]

_LISTED = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: stable code, labels, formula. ``check`` is None for what parsers or the archive find."""

    code: str
    label: str
    label_en: str
    formula: str | None = None
    check: Check | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """Two sums of cells that the form holds equal, and how people are told of them.

    ``where`` names the place ("表三“总计”列"); ``left_label`` and ``right_label`` name the
    sums, with a ``{}`` for each figure and, last, one for the sum if there are several.
    """

    where: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    left_label: str
    right_label: str

    @property
    def cells(self) -> tuple[str, ...]:
        """All fields involved."""
        return self.left + self.right


def number(reading: Reading | None) -> Decimal | None:
    """Return the figure of a cell, exactly; None where there is no number (never 0 for it)."""
    if reading is None or reading.kind != "number" or reading.number is None:
        return None
    return Decimal(str(reading.number))


def judge(rule: str, formula: str, report: Report, relations: Sequence[Relation]) -> list[Finding]:
    """Hold ``report`` against ``relations``: an error for each that fails, one note for all unchecked."""
    readings = dict(report.readings())
    findings: list[Finding] = []
    missing: dict[str, None] = {}
    unchecked = 0
    for relation in relations:
        values = {cell: number(readings.get(cell)) for cell in relation.cells}
        absent = [cell for cell in relation.cells if values[cell] is None]
        if absent:
            unchecked += 1
            missing.update(dict.fromkeys(absent))
            continue
        left = [value for cell in relation.left if (value := values[cell]) is not None]
        right = [value for cell in relation.right if (value := values[cell]) is not None]
        if sum(left) == sum(right):
            continue
        sure = all(readings[cell].sure for cell in relation.cells)
        findings.append(
            Finding(
                rule=rule,
                severity="error",
                cause="source" if sure else "unknown",
                message=(
                    f"{relation.where}：{_side(relation.left_label, left)}，"
                    f"与{_side(relation.right_label, right)} 不符"
                ),
                cells=relation.cells,
                expected=_text(sum(left, Decimal(0))),
                actual=_text(sum(right, Decimal(0))),
            )
        )
    if unchecked:
        findings.append(_not_checkable(rule, formula, readings, list(missing), unchecked, len(relations)))
    return findings


def _not_checkable(
    rule: str, formula: str, readings: dict[str, Reading], missing: Sequence[str], unchecked: int, total: int
) -> Finding:
    as_printed = all(
        cell in readings and readings[cell].kind in ("blank", "placeholder") for cell in missing
    )
    return Finding(
        rule=rule,
        severity="note",
        cause="source" if as_printed else "extraction",
        message=f"无法核对：“{formula}”共{total}项，其中{unchecked}项缺少数据：{_names(missing)}",
        cells=tuple(missing),
    )


def _names(cells: Sequence[str]) -> str:
    names = "、".join(cell_label(cell) for cell in cells[:_LISTED])
    return names if len(cells) <= _LISTED else f"{names}等{len(cells)}格"


def _side(label: str, values: Iterable[Decimal]) -> str:
    figures = list(values)
    return label.format(*map(_text, figures), total=_text(sum(figures, Decimal(0))))


def _text(value: Decimal | int) -> str:
    value = Decimal(value)
    return f"{value:f}" if value != value.to_integral_value() else str(int(value))
