"""Faults put into fictional reports are found, and clean ones are left in peace; ``make bench-findings`` tries more."""

from __future__ import annotations

import random

import pytest

import checks
from benchmarks.corpus.findings import INJECTORS, clean, faulty
from benchmarks.findings import ARITHMETIC, false_alarms, recall

FAULTS = 40
CLEAN = 300


def test_every_rule_on_one_report_that_reads_the_source_has_an_injector() -> None:
    mine = {code for code, rule in checks.RULES.items() if code.split(".")[0] in ("prose", "text", "tables")}
    mine |= {code for code in checks.RULES if code.startswith(("disclosures.", "requests.", "reviews."))}
    mine = {code for code in mine if checks.RULES[code].scope == "report"}
    assert mine == set(INJECTORS)


@pytest.mark.parametrize("rule", INJECTORS)
def test_recall(rule: str) -> None:
    found, missed = recall(rule, FAULTS)
    needed = 0.9 if rule.startswith("prose.") else 1.0
    assert found / FAULTS >= needed, missed


def test_false_alarms() -> None:
    by_rule, found = false_alarms(CLEAN)
    assert not any(by_rule[rule] for rule in ARITHMETIC)
    assert all(count <= 1 for count in by_rule.values()), [finding.message for finding in found]


def test_same_seed_gives_the_same_reports() -> None:
    first, second = (clean(random.Random(7)).report for _ in range(2))
    assert first == second
    assert faulty("text.stale_year", random.Random(7)) == faulty("text.stale_year", random.Random(7))


def test_findings_on_faulty_reports_have_distinct_fingerprints() -> None:
    rng = random.Random(11)
    for rule in INJECTORS:
        findings = checks.run(faulty(rule, rng).report)
        assert len({finding.fingerprint("r") for finding in findings}) == len(findings), rule
