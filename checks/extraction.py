"""Names of what the parsers report while reading; they raise these findings themselves."""

from __future__ import annotations

from checks.rule import rule, texts

RULES = tuple(rule(code) for code in texts() if code.startswith("extraction."))
