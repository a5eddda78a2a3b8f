"""What editors made of findings: what they dismissed counts nowhere and stands in no list unless asked for."""

from __future__ import annotations

DISMISSED = "(select finding_id from finding_notes where state = 'dismissed')"
OPEN = "open"
"""What stands for everything that was not dismissed, where a state is asked for."""


def not_dismissed(finding: str = "f") -> str:
    """SQL condition that the finding of the table or alias ``finding`` was not dismissed."""
    return f"{finding}.id not in {DISMISSED}"


def condition(parameter: str, finding: str = "findings") -> str:
    """SQL condition on the table or alias ``finding`` for the state named by ``parameter``."""
    return (
        f"case :{parameter} when '{OPEN}' then {not_dismissed(finding)} "
        f"else {finding}.id in (select finding_id from finding_notes where state = :{parameter}) end"
    )
