"""Faults put into fictional histories are found, and clean reports are let be."""

from __future__ import annotations

import pytest

from benchmarks.findings_across import ARITHMETIC, RULES, inject, judge, make


@pytest.fixture(scope="module")
def judged():
    corpus = make(60, seed=4)
    inject(corpus, each=3)
    return judge(corpus)


def test_every_fault_is_found(judged) -> None:
    table, _clean, problems = judged
    assert set(table) == set(RULES)
    for rule, (put, found, _false) in table.items():
        assert put > 0, rule
        assert found == put, problems


def test_nothing_is_said_of_clean_reports(judged) -> None:
    table, clean, problems = judged
    assert clean > 250
    assert sum(table[rule][2] for rule in ARITHMETIC) == 0, problems
    assert sum(false for _, _, false in table.values()) <= clean / 200, problems
