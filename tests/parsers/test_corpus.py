"""Reports made, rendered in any dialect and read back: each cell as printed, or null with a finding."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.corpus import archives, html_pages, lookalikes, older, texts, word, word_habits, workbooks
from benchmarks.corpus.dialects import Dialect, registered
from benchmarks.corpus.scoring import score
from benchmarks.corpus.truth import Truth
from parsers.extract import Origin, Refusal, extract
from parsers.report import Finding, Reading, Report

MODULES = (archives, html_pages, lookalikes, older, texts, word, word_habits, workbooks)
"""Importing them registers their dialects."""
DIALECTS = {one.key: one for one in registered() if one.renderer == "hand" and one.suffix != ".rar"}
brief = settings(
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)


def read_back(dialect: Dialect, seed: int) -> None:
    source = dialect.make(random.Random(seed))
    outcome = extract(source.payload, Origin(file_name=f"000{dialect.suffix}"))
    result = score(outcome, source.truth)
    assert result.wrong == 0, (dialect.key, seed, result.details)
    assert result.unexplained == 0, (dialect.key, seed, result.details)
    if source.truth.expect == "exact":
        assert result.null == 0, (dialect.key, seed, result.details)
        assert result.reports == 1, (dialect.key, seed, result.details)
        assert result.sections_lost == 0, (dialect.key, seed, result.details)
        assert result.sums_found == result.sums_due, (dialect.key, seed, result.details)
    if source.truth.expect == "refused":
        assert result.refused == 1, (dialect.key, seed, result.details)


@pytest.mark.parametrize("key", sorted(DIALECTS))
def test_every_dialect(key: str) -> None:
    read_back(DIALECTS[key], 2021)


@brief
@given(st.sampled_from(sorted(DIALECTS)), st.integers(0, 2**32))
def test_a_report_in_a_random_dialect(key: str, seed: int) -> None:
    read_back(DIALECTS[key], seed)


# The score itself ----------------------------------------------------------------------------

TRUTH = Truth(
    organs=("明川市林业局",), year=2024, cells={"requests.new.total": 3, "requests.new.business": None}, units={}
)


def read(total: Reading | None, business: Reading | None, *problems: Finding, **changes: object) -> Report:
    cells = {"total": total, "business": business}
    requests = {"new": {column: reading for column, reading in cells.items() if reading}}
    report = Report("明川市林业局", 2024, "", requests=requests, problems=list(problems))
    for name, value in changes.items():
        setattr(report, name, value)
    return report


def number(value: int) -> Reading:
    return Reading("number", str(value), value)


@pytest.mark.parametrize(
    ("outcome", "exact", "null", "unexplained", "wrong"),
    [
        (read(number(3), Reading("blank")), 2, 0, 0, 0),
        (read(number(3), None), 2, 0, 0, 0),
        (read(number(4), None), 1, 0, 0, 1),
        (read(number(3), number(0)), 1, 0, 0, 1),
        (read(None, None), 1, 1, 1, 0),
        (read(None, None, Finding("x", "warning", "extraction", "why", ("requests.new",))), 1, 1, 0, 0),
        (read(None, None, Finding("x", "note", "extraction", "converted")), 1, 1, 1, 0),
        (read(number(3), None, organ="明川市财政局"), 2, 0, 0, 1),
        (read(number(3), None, year=2023), 2, 0, 0, 1),
        (Refusal("organ_unknown", "x"), 0, 1, 0, 0),
    ],
)
def test_what_counts(outcome: Report | Refusal, exact: int, null: int, unexplained: int, wrong: int) -> None:
    result = score(outcome, TRUTH)
    assert (result.exact, result.null, result.unexplained, result.wrong) == (exact, null, unexplained, wrong)


def test_a_number_where_the_form_has_no_cell_is_wrong() -> None:
    report = read(number(3), None)
    report.reviews = {"litigation_direct": {"total": number(1)}}
    assert score(report, TRUTH).wrong == 1


def test_refusals_are_right_for_their_reason_only() -> None:
    due = Truth(expect="refused", reasons=("attachment_only",), names="P1.pdf")
    assert score(Refusal("attachment_only", "./P1.pdf"), due).refused == 1
    assert score(Refusal("attachment_only", "./P2.pdf"), due).refused == 0
    assert score(Refusal("no_content", "./P1.pdf"), due).refused == 0
    assert score(read(number(3), None), due).wrong == 1
