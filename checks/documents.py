"""Names of what the archive reports when it brings the documents of one report together."""

from __future__ import annotations

from checks.rule import Rule

RULES = (
    Rule(
        "documents.disagree",
        "同一机关同一年度的两份文件数字不一致",
        "Two documents of one organ and year give different figures",
    ),
)
