"""Rates computed from printed cells, with the parts that they are computed from."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib import resources
from typing import Literal

from publish.language import either

Lacking = Literal["", "cell", "zero", "contradiction"]
"""Why a rate has no value: a cell without a number, nothing to divide by, or a part larger than the whole."""


@dataclass(frozen=True, slots=True)
class Term:
    """A cell that is added, or subtracted where ``sign`` is -1."""

    field: str
    sign: int


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate as ``rates.toml`` defines it."""

    code: str
    label: str
    label_en: str
    formula: str
    formula_en: str
    numerator: tuple[Term, ...]
    denominator: tuple[Term, ...]

    @property
    def name(self) -> str:
        """Label in the page's language."""
        return either(self.label, self.label_en)

    @property
    def formula_here(self) -> str:
        """Formula in the page's language."""
        return either(self.formula, self.formula_en)

    @property
    def fields(self) -> tuple[str, ...]:
        """Every cell that it is computed from."""
        return tuple(term.field for term in (*self.numerator, *self.denominator))


@dataclass(frozen=True, slots=True)
class RateView:
    """A rate of one report; ``value`` is a fraction from 0 to 1, None where ``lacking`` says why.

    ``numerator`` and ``denominator`` are None where one of their cells has no number.
    """

    rate: Rate
    numerator: float | None
    denominator: float | None
    value: float | None
    lacking: Lacking

    @property
    def percent(self) -> str:
        """The value with one decimal place, such as ``61.5%``; empty where there is none."""
        return "" if self.value is None else f"{self.value:.1%}"


def _term(text: str) -> Term:
    return Term(text.removeprefix("-"), -1 if text.startswith("-") else 1)


@cache
def rates() -> dict[str, Rate]:
    """Return the rates by code, in the order in which they are shown."""
    entries = tomllib.loads(resources.files("publish").joinpath("rates.toml").read_text("utf-8"))
    return {
        code: Rate(
            code=code,
            numerator=tuple(_term(term) for term in entry.pop("numerator")),
            denominator=tuple(_term(term) for term in entry.pop("denominator")),
            **entry,
        )
        for code, entry in entries.items()
    }


def _sum(terms: tuple[Term, ...], value: Callable[[str], float | None]) -> float | None:
    total: float = 0
    for term in terms:
        number = value(term.field)
        if number is None:
            return None
        total += term.sign * number
    return total


def compute(rate: Rate, value: Callable[[str], float | None]) -> RateView:
    """Compute ``rate`` from the numbers of a report's cells, None standing for a cell without one."""
    numerator, denominator = _sum(rate.numerator, value), _sum(rate.denominator, value)
    if numerator is None or denominator is None:
        return RateView(rate, numerator, denominator, None, "cell")
    if denominator == 0 and numerator == 0:
        return RateView(rate, numerator, denominator, None, "zero")
    if not 0 <= numerator <= denominator:
        return RateView(rate, numerator, denominator, None, "contradiction")
    # The quotient of whole numbers is rounded once, and so is that of fractions.
    whole = isinstance(numerator, int) and isinstance(denominator, int)
    quotient = numerator / denominator if whole else float(Fraction(numerator) / Fraction(denominator))
    return RateView(rate, numerator, denominator, quotient, "")


def compute_all(value: Callable[[str], float | None]) -> list[RateView]:
    """Compute every rate."""
    return [compute(rate, value) for rate in rates().values()]


def rate_cells(code: str | None) -> str:
    """Return the cells that a rate is computed from, as JSON: form, row and field of each; for queries."""
    rate = rates().get(code or "")
    return json.dumps([field.split(".") for field in dict.fromkeys(rate.fields)] if rate else [])


def rate_json(code: str | None, cells: str | None) -> str | None:
    """Return a rate as JSON with ``value`` in per cent, ``numerator`` and ``denominator``; for queries.

    ``cells`` is a JSON object of numbers by field. None where there is no such rate.
    """
    rate = rates().get(code or "")
    if rate is None or not cells:
        return None
    known = json.loads(cells)
    view = compute(rate, known.get)
    value = None if view.value is None else round(view.value * 100, 2)
    return json.dumps({"value": value, "numerator": view.numerator, "denominator": view.denominator})
