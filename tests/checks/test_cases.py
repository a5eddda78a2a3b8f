"""The real cases kept beside the repository: their known contradictions are found and nothing else is claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from checks import RULES, run
from parsers.report import Finding
from tests.parsers.test_cases import CASES, case, truths

pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"the real cases are not at {CASES}")

# By case the rule, the figures (expected by the table, actual in the prose) and the severity of each contradiction.
KNOWN: dict[str, list[tuple[str, str | None, str | None, str]]] = {
    "001_12d7c137f1960f71": [("prose.requests_new", "35", "30", "warning")],
    "004_a5beddac6e9ed429": [("text.stale_year", "2024", "2022", "warning")],
    "hongze_2024": [("prose.requests_new", "95", "17", "note")],
    "shanghai_office_2019": [
        ("prose.requests_results", "275", "258", "warning"),
        ("prose.requests_results", "337", "265", "warning"),
        ("prose.reviews_upheld", "3", "0", "warning"),
        ("text.section_empty", None, "无", "note"),
    ],
    "002_6cb374591a00319c": [("text.section_empty", None, "无", "note")],
}


def claims(findings: list[Finding]) -> list[tuple[str, str | None, str | None, str]]:
    """What is claimed of the source: notes of sums only say what cannot be tried."""
    return sorted(
        (f.rule, f.expected, f.actual, f.severity)
        for f in findings
        if not f.rule.startswith("extraction.") and not (RULES[f.rule].formula and f.severity == "note")
    )


@pytest.mark.parametrize("path", truths(), ids=lambda path: path.name)
def test_known_contradictions_and_nothing_else(path: Path) -> None:
    _truth, report = case(path)
    assert claims(run(report)) == sorted(KNOWN.get(path.name.removesuffix(".truth.json"), []))


def test_every_known_case_is_there() -> None:
    assert {path.name.removesuffix(".truth.json") for path in truths()} >= set(KNOWN)


def test_blank_totals_of_shanghai_are_told_from_sums_that_hold_with_blanks_as_zero() -> None:
    _truth, report = case(next(path for path in truths() if path.name.startswith("shanghai")))
    notes = {(finding.rule, finding.key) for finding in run(report) if RULES[finding.rule].formula}
    assert ("requests.handled_sum", "blanks-as-zero") in notes
    assert ("requests.row_total", "") in notes
    assert ("requests.row_total", "blanks-as-zero") in notes
