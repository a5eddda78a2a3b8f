"""Sums that the form demands, and what to say where they fail or cannot be tried.

A relation is tried only where every cell in it is a number: a blank is never 0.
"""

from __future__ import annotations

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


class Term(NamedTuple):
    """A cell in a relation: its field, its name within the relation and in full, its reading if any."""

    field: str
    label: str
    name: str
    reading: Reading | None

    @property
    def missing(self) -> bool:
        """Whether the cell gives no number."""
        return self.reading is None or self.reading.number is None or self.reading.kind != "number"

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
    def terms(self) -> tuple[Term, ...]:
        """The cells of both sides."""
        return (*self.left, *self.right)


def evaluate(rule: Rule, relations: Iterable[Relation]) -> list[Finding]:
    """Try each relation: an error for each that fails, one note for all that cannot be tried."""
    findings: list[Finding] = []
    untried: list[Relation] = []
    for relation in relations:
        left, right = _total(relation.left), _total(relation.right)
        if left is None or right is None:
            untried.append(relation)
        elif left != right:
            findings.append(_failure(rule, relation, Decimal(left), Decimal(right)))
    if untried:
        findings.append(_note(rule, untried))
    return findings


def _total(terms: Sequence[Term]) -> Decimal | int | None:
    """The sum of the numbers exactly as printed, None where one is missing."""
    total: Decimal | int = 0
    for _field, _label, _name, reading in terms:
        if reading is None or reading.number is None or reading.kind != "number":
            return None
        number = reading.number
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
    return Finding(
        rule=rule.code,
        severity="error",
        cause="source" if sure else "unknown",
        message=f"{relation.where}：{_side(relation.left, left)}，与{_side(relation.right, right)}不符",
        cells=tuple(term.field for term in relation.terms),
        expected=_text(left),
        actual=_text(right),
    )


def _note(rule: Rule, untried: Sequence[Relation]) -> Finding:
    missing = list({term.field: term for relation in untried for term in relation.terms if term.missing}.values())
    as_printed = all(term.reading is not None and term.reading.kind in _PRINTED_AS_MISSING for term in missing)
    names = "、".join(term.name for term in missing[:_NAMED_CELLS])
    rest = f"等{len(missing)}格" if len(missing) > _NAMED_CELLS else ""
    why = "原文为空" if as_printed else "没有读到数字"
    return Finding(
        rule=rule.code,
        severity="note",
        cause="source" if as_printed else "extraction",
        message=f"无法核对：{rule.label}（{len(untried)}处）；缺少数字的单元格：{names}{rest}，{why}",
        cells=tuple(term.field for term in missing),
    )


def _side(terms: Sequence[Term], total: Decimal) -> str:
    if len(terms) == 1:
        return f"{terms[0].label}{_text(total)}"
    shown = [term for term in terms if len(terms) <= _MANY_TERMS or term.value]
    if not shown:
        return f"{terms[0].label}至{terms[-1].label}各行均为0，合计0"
    others = "（其余各行为0）" if len(shown) < len(terms) else ""
    return "＋".join(f"{term.label}{_text(term.value)}" for term in shown) + f"{others}＝{_text(total)}"


def _text(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
