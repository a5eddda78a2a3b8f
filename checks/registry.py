"""Finding the rules: every module of this package that declares ``RULES`` takes part.

A rule module declares ``RULES``, a tuple of :class:`~checks.rule.Rule`, and, where the
rule is checked on a single report, ``check``: a function from report to findings, or
``check_prose``: one from the report's prose, which is cut into sentences once for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from checks.prose import Prose
from checks.rule import Rule
from parsers.report import Finding, Report

Check = Callable[[Report], list[Finding]]
ProseCheck = Callable[[Prose], list[Finding]]


@dataclass(frozen=True, slots=True)
class Registry:
    """The rules by code, and the checks in the order of their modules' names."""

    rules: dict[str, Rule]
    checks: tuple[Check, ...]
    prose_checks: tuple[ProseCheck, ...]


@cache
def load() -> Registry:
    """Load all rule modules; raises ValueError where two of them declare the same code."""
    package = import_module(__package__)
    rules: dict[str, Rule] = {}
    checks: list[Check] = []
    prose_checks: list[ProseCheck] = []
    for name in sorted(info.name for info in iter_modules(package.__path__)):
        module = import_module(f"{__package__}.{name}")
        declared: tuple[Rule, ...] = getattr(module, "RULES", ())
        for rule in declared:
            if rule.code in rules:
                raise ValueError(f"checks/{name}.py declares {rule.code}, which another module already declares")
            rules[rule.code] = rule
        if declared and hasattr(module, "check"):
            checks.append(module.check)
        if declared and hasattr(module, "check_prose"):
            prose_checks.append(module.check_prose)
    return Registry(rules, tuple(checks), tuple(prose_checks))
