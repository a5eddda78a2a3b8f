"""What a rule is: a stable code with its names, and a formula where it is arithmetic."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that findings refer to.

    ``code`` is stable across versions, ``label`` its Chinese and ``label_en`` its English
    name. ``formula`` states the relation in the codes of :mod:`parsers.forms`, None where
    the rule is no arithmetic relation.
    """

    code: str
    label: str
    label_en: str
    formula: str | None = None
