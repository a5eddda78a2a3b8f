"""Checks: what in a report does not add up, and what cannot be checked.

A rule is a module with a ``RULE``; list it in ``_CHECKED`` below. Rules without a check
name what the parsers and the archive find.
"""

from __future__ import annotations

from checks import requests_handled_sum, requests_identity, requests_row_total, reviews_total
from checks.rule import Rule
from parsers.report import Finding, Report

_CHECKED = (
    requests_identity.RULE,
    requests_handled_sum.RULE,
    requests_row_total.RULE,
    reviews_total.RULE,
)
_NAMED = (
    Rule("extraction.unmatched_row", "行标签无法识别", "Row label not recognised"),
    Rule("extraction.unreadable_cell", "单元格无法识别", "Cell cannot be read"),
    Rule("extraction.ambiguous_position", "数值位置不能确定", "Position of a figure is ambiguous"),
    Rule("extraction.table_missing", "正文中没有该表", "Table not found in the text"),
    Rule("extraction.conflicting_rows", "同一行出现多次且数值不同", "A row occurs twice with different figures"),
    Rule("extraction.close_match", "标签按近似匹配", "Label matched by likeness"),
    Rule("extraction.field", "年份、机关或日期存疑", "Year, organ or date in doubt"),
    Rule("documents.disagree", "同一报告的不同文件数值不一致", "Documents of one report disagree"),
)
RULES: dict[str, Rule] = {rule.code: rule for rule in (*_CHECKED, *_NAMED)}


def run(report: Report) -> list[Finding]:
    """Hold ``report`` against every rule; problems met while reading are not repeated here."""
    return [finding for rule in _CHECKED if rule.check for finding in rule.check(report)]


__all__ = ["RULES", "Rule", "run"]
