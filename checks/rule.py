"""What a rule is: a stable code with its names, what it means, and a formula where it is arithmetic."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

Scope = Literal["report", "archive"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that findings refer to.

    ``code`` is stable across versions, ``label`` its Chinese and ``label_en`` its English
    name. ``meaning`` says what the rule asks and why, ``limits`` where it may be mistaken or
    says nothing; both are for the rule's page. ``formula`` states the relation in the codes of
    :mod:`parsers.forms`, None where the rule is no arithmetic relation. ``scope`` is 'report'
    where one report and its documents suffice, 'archive' where its past, its neighbours, its
    captures or the calendar count.
    """

    code: str
    label: str
    label_en: str
    meaning: str
    meaning_en: str
    limits: str
    limits_en: str
    formula: str | None = None
    scope: Scope = "report"


@cache
def texts() -> dict[str, dict[str, Any]]:
    """Return the entries of ``rules.toml`` by code."""
    return tomllib.loads(resources.files("checks").joinpath("rules.toml").read_text("utf-8"))


def rule(code: str) -> Rule:
    """Return the rule of this code as ``rules.toml`` words it; raises KeyError where it has none."""
    return Rule(code=code, **texts()[code])
