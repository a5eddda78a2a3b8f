"""Names of what the parsers report of a report's own identity; they raise these findings themselves."""

from __future__ import annotations

from checks.rule import rule

RULES = (rule("identity.period_differs"),)
