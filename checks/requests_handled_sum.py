"""Table 三: the total handled is the sum of the results above it, in each column."""

from __future__ import annotations

from checks.relations import Relation, Term, evaluate, holds, request_row_name, request_term
from checks.rule import rule
from parsers import forms
from parsers.report import Finding, Reading, Readings, Report

RULE = rule("requests.handled_sum")
RULES = (RULE,)

_OTHER = "other"
_OTHER_PARTS = tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group == "other_handling")
_RESULTS = tuple(
    code
    for code, row in forms.REQUEST_ROWS.items()
    if row.group and code not in ("handled_total", _OTHER, *_OTHER_PARTS)
)


def check(report: Report) -> list[Finding]:
    """Try the sum on all seven columns, with row （六） in whichever form this table prints it."""
    if not report.requests:
        return []
    return evaluate(
        RULE,
        [
            _column(report.requests, applicant)
            for applicant in forms.APPLICANTS
            if not _holds(report.requests, applicant)
        ],
    )


def relations(report: Report) -> list[Relation]:
    """The relation of each column."""
    return [_column(report.requests, applicant) for applicant in forms.APPLICANTS]


def _holds(requests: Readings, applicant: str) -> bool:
    rows = (*_RESULTS, *_other(requests))
    if _OTHER in requests and len(rows) > len(_RESULTS) + 1:
        return False
    nothing: dict[str, Reading] = {}
    return holds(
        [requests.get(row, nothing).get(applicant) for row in rows],
        [requests.get("handled_total", nothing).get(applicant)],
    )


def _column(requests: Readings, applicant: str) -> Relation:
    parts = [request_term(requests, row, applicant, request_row_name(row)) for row in (*_RESULTS, *_other(requests))]
    if _OTHER in requests and any(row in requests for row in _OTHER_PARTS):
        # Head and parts both carry figures: which of them count cannot be told.
        parts = [
            Term(part.field, part.label, part.name, None) if part.field.startswith(f"requests.{_OTHER}.") else part
            for part in parts
        ]
    total = request_term(requests, "handled_total", applicant, "（七）总计")
    return Relation(f"表三“{forms.APPLICANTS[applicant].zh}”列", tuple(parts), (total,))


def _other(requests: Readings) -> tuple[str, ...]:
    """The rows of （六） that this table prints; the single row stands for it where none was found."""
    parts = _OTHER_PARTS if any(row in requests for row in _OTHER_PARTS) else ()
    return (_OTHER, *parts) if _OTHER in requests or not parts else parts
