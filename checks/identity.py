"""Names of what the parsers report of a report's own identity; they raise these findings themselves."""

from __future__ import annotations

from checks.rule import Rule

RULES = (
    Rule("identity.period_differs", "标题年度与统计期限不一致", "Title and statistics period name different years"),
)
