"""Sums that the form demands, and what to say where they fail or cannot be tried.

A blank is never 0. Where cells are printed blank, a relation fails only if it fails whatever
number of cases the blanks stand for; where it holds with the blanks read as 0 it is said so, and
where the blanks leave it open it is not checkable.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from checks.rule import Rule
from parsers import forms
from parsers.report import Finding, Reading, Readings

_MANY_TERMS = 7
_NAMED_CELLS = 5
_INNER_QUOTES = str.maketrans("“”", "‘’")
_PRINTED_AS_MISSING = ("blank", "placeholder")
_WITH_BLANKS_AS_ZERO = "blanks-as-zero"


class Term(NamedTuple):
    """A cell in a relation: its field, its name within the relation and in full, its reading if any."""

    field: str
    label: str
    name: str
    reading: Reading | None

    @property
    def missing(self) -> bool:
        """Whether the cell gives no number."""
        reading = self.reading
        if reading is None or reading.number is None or reading.kind != "number":
            return True
        return isinstance(reading.number, float) and not math.isfinite(reading.number)

    @property
    def printed_blank(self) -> bool:
        """Whether the source prints nothing, or a dash, in the cell."""
        return self.reading is not None and self.reading.kind in _PRINTED_AS_MISSING

    @property
    def value(self) -> Decimal:
        """The number exactly as printed; raises ValueError where there is none."""
        if self.reading is None or self.reading.number is None:
            raise ValueError(f"{self.field} has no number")
        return Decimal(str(self.reading.number))


@dataclass(frozen=True, slots=True)
class Relation:
    """Two sides whose sums must be equal; ``where`` names the row or column for people."""

    where: str
    left: tuple[Term, ...]
    right: tuple[Term, ...]

    @property
    def difference(self) -> Decimal:
        """What the left side is above the right; blanks count for nothing."""
        return _sum(self.left) - _sum(self.right)

    @property
    def terms(self) -> tuple[Term, ...]:
        """The cells of both sides."""
        return (*self.left, *self.right)


def holds(left: Iterable[Reading | None], right: Iterable[Reading | None]) -> bool:
    """Whether both sides are whole numbers throughout and their sums equal: told at little cost.

    False says nothing by itself; :func:`evaluate` tells what is the matter.
    """
    return _difference(left, right) == 0


def fails(left: Iterable[Reading | None], right: Iterable[Reading | None]) -> bool:
    """Whether both sides are whole numbers throughout and their sums differ: told at little cost."""
    return bool(_difference(left, right))


def _difference(left: Iterable[Reading | None], right: Iterable[Reading | None]) -> int | None:
    difference = 0
    for sign, side in ((1, left), (-1, right)):
        for reading in side:
            if reading is None or type(reading.number) is not int or reading.kind != "number":
                return None
            difference += sign * reading.number
    return difference


def evaluate(rule: Rule, relations: Iterable[Relation]) -> list[Finding]:
    """Try each relation: an error for each that fails, one note for all that cannot be tried.

    A further note names those that hold only if what is printed blank is read as 0.
    """
    findings: list[Finding] = []
    untried: list[Relation] = []
    as_zero: list[Relation] = []
    for relation in relations:
        left, right = _total(relation.left), _total(relation.right)
        if left is not None and right is not None:
            if left != right:
                findings.append(_failure(rule, relation, Decimal(left), Decimal(right)))
            continue
        known_left, known_right = _sum(relation.left), _sum(relation.right)
        if any(term.missing and not term.printed_blank for term in relation.terms):
            untried.append(relation)
        elif _impossible(relation, known_left, known_right):
            findings.append(_failure(rule, relation, known_left, known_right))
        elif known_left == known_right:
            as_zero.append(relation)
        else:
            untried.append(relation)
    if as_zero:
        findings.append(_as_zero(rule, as_zero))
    if untried:
        findings.append(_note(rule, untried))
    return findings


def _sum(terms: Iterable[Term]) -> Decimal:
    return sum((term.value for term in terms if not term.missing), Decimal(0))


def _impossible(relation: Relation, left: Decimal, right: Decimal) -> bool:
    """Whether no numbers of cases in the blanks, which are on one side alone, make the sides equal."""
    on_left, on_right = (any(term.missing for term in side) for side in (relation.left, relation.right))
    return (not on_right and left > right) if on_left else right > left


def _total(terms: Sequence[Term]) -> Decimal | int | None:
    """The sum of the numbers exactly as printed, None where one is missing."""
    total: Decimal | int = 0
    for _field, _label, _name, reading in terms:
        if reading is None or reading.number is None or reading.kind != "number":
            return None
        number = reading.number
        if type(number) is not int and not math.isfinite(number):
            return None
        total += number if type(number) is int else Decimal(str(number))
    return total


def request_term(requests: Readings, row: str, applicant: str, label: str) -> Term:
    """The cell of table 三 in ``row`` under ``applicant``."""
    field, name = _request_names(row, applicant)
    cells = requests.get(row)
    return Term(field, label, name, cells.get(applicant) if cells else None)


@cache
def _request_names(row: str, applicant: str) -> tuple[str, str]:
    name = f"表三“{request_row_name(row)}”行“{forms.APPLICANTS[applicant].zh}”列"
    return f"requests.{row}.{applicant}", name


def review_term(reviews: Readings, proceeding: str, outcome: str) -> Term:
    """The cell of table 四 for ``proceeding`` and ``outcome``."""
    label = forms.OUTCOMES[outcome].zh
    name = f"表四“{forms.PROCEEDINGS[proceeding].zh}”的“{label}”"
    return Term(f"reviews.{proceeding}.{outcome}", label, name, reviews.get(proceeding, {}).get(outcome))


@cache
def request_row_name(row: str) -> str:
    """Short printed name of a row of table 三, with the enumerators that tell it from its namesakes."""
    label = forms.REQUEST_ROWS[row]
    words = re.split("[（、]", label.zh)[0].translate(_INNER_QUOTES)
    if label.group is None:
        return words
    group = forms.REQUEST_GROUPS[label.group].enumerator if label.group != "results" else ""
    return f"{group}{label.enumerator}{words}"


def _failure(rule: Rule, relation: Relation, left: Decimal, right: Decimal) -> Finding:
    sure = all(term.reading is not None and term.reading.sure for term in relation.terms)
    whatever = "（空白格不论为何数）" if any(term.missing for term in relation.terms) else ""
    return Finding(
        rule=rule.code,
        severity="error",
        cause="source" if sure else "unknown",
        message=f"{relation.where}：{_side(relation.left, left)}，与{_side(relation.right, right)}不符{whatever}",
        cells=tuple(term.field for term in relation.terms),
        expected=number_text(left),
        actual=number_text(right),
    )


def _note(rule: Rule, untried: Sequence[Relation]) -> Finding:
    missing = _missing(untried)
    as_printed = all(term.printed_blank for term in missing)
    why = "原文为空" if as_printed else "没有读到数字"
    return Finding(
        rule=rule.code,
        severity="note",
        cause="source" if as_printed else "extraction",
        message=f"无法核对：{rule.label}（{len(untried)}处）；缺少数字的单元格：{_names(missing)}，{why}",
        cells=tuple(term.field for term in missing),
    )


def _as_zero(rule: Rule, relations: Sequence[Relation]) -> Finding:
    missing = _missing(relations)
    return Finding(
        rule=rule.code,
        severity="note",
        cause="source",
        message=f"把原文的空白读作0才成立：{rule.label}（{len(relations)}处）；空白的单元格：{_names(missing)}",
        cells=tuple(term.field for term in missing),
        key=_WITH_BLANKS_AS_ZERO,
    )


def _missing(relations: Sequence[Relation]) -> list[Term]:
    return list({term.field: term for relation in relations for term in relation.terms if term.missing}.values())


def _names(terms: Sequence[Term]) -> str:
    rest = f"等{len(terms)}格" if len(terms) > _NAMED_CELLS else ""
    return "、".join(term.name for term in terms[:_NAMED_CELLS]) + rest


def _side(terms: Sequence[Term], total: Decimal) -> str:
    if len(terms) == 1:
        return f"{terms[0].label}{_shown(terms[0])}"
    shown = [term for term in terms if len(terms) <= _MANY_TERMS or (not term.missing and term.value)]
    zeros = "为0或空白" if any(term.missing for term in terms) else "为0"
    if not shown:
        return f"{terms[0].label}至{terms[-1].label}各行均{zeros}，合计0"
    others = f"（其余各行{zeros}）" if len(shown) < len(terms) else ""
    return "＋".join(f"{term.label}{_shown(term)}" for term in shown) + f"{others}＝{number_text(total)}"


def _shown(term: Term) -> str:
    return "空白" if term.missing else number_text(term.value)


def number_text(number: Decimal) -> str:
    """A number as people write it: 3, not 3.0."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
