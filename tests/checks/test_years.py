"""Reports against the organ's own reports of other years."""

from __future__ import annotations

from dataclasses import replace

import pytest

from checks import years_carried_over, years_jump, years_restated, years_sums
from checks.neighbours import EarlierFigure, Neighbour
from parsers import forms
from tests.checks.neighbours import known

IN, OUT = "requests.carried_in", "requests.carried_out"


def without(report: Neighbour, prefix: str) -> Neighbour:
    return replace(report, cells={name: cell for name, cell in report.cells.items() if not name.startswith(prefix)})


def test_what_is_handed_over_is_taken_up() -> None:
    before = known(2023, {f"{OUT}.total": 3, f"{OUT}.natural_person": 3})
    report = known(2024, {f"{IN}.total": 3, f"{IN}.natural_person": 3})
    assert years_carried_over.check_year(report, before) == []


@pytest.mark.parametrize("applicant", list(forms.APPLICANTS))
def test_a_difference_in_any_column_is_an_error(applicant: str) -> None:
    before, report = known(2023, {f"{OUT}.{applicant}": 3}), known(2024, {f"{IN}.{applicant}": 2})
    (found,) = years_carried_over.check_year(report, before)
    assert (found.severity, found.cause, found.expected, found.actual) == ("error", "source", "3", "2")
    assert (found.cells, found.other_cells) == ((f"{IN}.{applicant}",), (f"{OUT}.{applicant}",))
    assert found.other_report_id == "o-2023"
    assert "2023年" in found.message
    assert "2024年" in found.message


@pytest.mark.parametrize("side", ["report", "before"])
def test_carry_over_with_a_blank_is_not_checkable_and_never_zero(side: str) -> None:
    before = known(2023, {f"{OUT}.total": None if side == "before" else 3})
    report = known(2024, {f"{IN}.total": None if side == "report" else 3})
    (found,) = years_carried_over.check_year(report, before)
    assert (found.severity, found.cause) == ("note", "source")
    assert found.cells == (f"{IN}.total",)
    assert "无法核对" in found.message


def test_nothing_is_said_where_a_table_is_absent() -> None:
    before = known(2023, {f"{OUT}.total": 3})
    assert years_carried_over.check_year(without(known(2024), "requests."), before) == []
    assert years_carried_over.check_year(known(2024), without(before, "requests.")) == []


def test_an_office_is_not_compared_with_its_area() -> None:
    before = known(2023, {f"{OUT}.total": 3, "disclosures.regulations.in_force": 9}, scope="area")
    report = known(2024)
    assert years_carried_over.check_year(report, before) == []
    assert years_sums.check_year(report, before) == []
    assert years_carried_over.check_year(replace(report, scope=None), before) != []


def test_a_doubtful_cell_leaves_the_cause_open() -> None:
    before = known(2023, {f"{OUT}.total": 3}, unsure=(f"{OUT}.total",))
    (found,) = years_carried_over.check_year(known(2024), before)
    assert found.cause == "unknown"


def test_what_the_report_itself_corrects_is_a_warning() -> None:
    before = known(2023, {f"{OUT}.total": 3})
    report = known(2024, corrections=("上年结转数更正为0件",))
    (found,) = years_carried_over.check_year(report, before)
    assert (found.severity, found.evidence) == ("warning", "上年结转数更正为0件")


FORCE = "disclosures.normative_documents"


def test_documents_in_force_follow_from_the_year_before() -> None:
    before = known(2023, {f"{FORCE}.in_force": 10})
    report = known(2024, {f"{FORCE}.issued": 3, f"{FORCE}.repealed": 2, f"{FORCE}.in_force": 11})
    assert years_sums.check_year(report, before) == []


def test_a_difference_of_documents_in_force_is_unexplained_not_wrong() -> None:
    before = known(2023, {f"{FORCE}.in_force": 10})
    report = known(2024, {f"{FORCE}.issued": 3, f"{FORCE}.repealed": 2, f"{FORCE}.in_force": 12})
    (found,) = years_sums.check_year(report, before)
    assert (found.rule, found.severity, found.expected, found.actual) == ("years.in_force", "warning", "11", "12")
    assert "未见说明" in found.message


@pytest.mark.parametrize("measure", ["issued", "repealed", "in_force"])
def test_documents_in_force_need_every_figure(measure: str) -> None:
    before = known(2023, {f"{FORCE}.in_force": 10})
    report = known(2024, {f"{FORCE}.issued": 3, f"{FORCE}.in_force": 99, f"{FORCE}.{measure}": None})
    assert years_sums.check_year(report, before) == []
    assert years_sums.check_year(known(2024), known(2023, {f"{FORCE}.in_force": None})) == []


ITEMS = "disclosures.administrative_permits"


@pytest.mark.parametrize(("change", "expected"), [(-4, "16"), (5, "25")])
def test_items_follow_from_the_change_of_the_year_before(change: int, expected: str) -> None:
    before = known(2019, {f"{ITEMS}.prior_items": 20, f"{ITEMS}.change": change})
    assert years_sums.check_year(known(2020, {f"{ITEMS}.prior_items": 20 + change}), before) == []
    (found,) = years_sums.check_year(known(2020, {f"{ITEMS}.prior_items": 20}), before)
    assert (found.rule, found.expected, found.actual) == ("years.items", expected, "20")
    assert found.other_cells == (f"{ITEMS}.prior_items", f"{ITEMS}.change")


def test_items_without_a_change_are_not_checkable() -> None:
    before = known(2019, {f"{ITEMS}.prior_items": 20, f"{ITEMS}.change": None})
    assert years_sums.check_year(known(2020, {f"{ITEMS}.prior_items": 3}), before) == []


NEW = "requests.new.total"


def history(*values: float | None) -> list[Neighbour]:
    return [known(2019 + number, {NEW: value}) for number, value in enumerate(values)]


def test_ordinary_years_are_no_jump() -> None:
    assert years_jump.check_history(known(2024, {NEW: 180}), history(100, 140, 90, 120)) == []


@pytest.mark.parametrize("value", [12000, 7100, 60, 0])
def test_a_figure_far_from_all_other_years_is_a_jump(value: int) -> None:
    (found,) = years_jump.check_history(known(2024, {NEW: value}), history(1000, 1400, 900, 1200))
    assert (found.severity, found.cause, found.actual, found.expected) == ("warning", "unknown", str(value), "1100")


@pytest.mark.parametrize("value", [6900, 100])
def test_busy_and_quiet_years_are_no_jump(value: int) -> None:
    assert years_jump.check_history(known(2024, {NEW: value}), history(1000, 1400, 900, 1200)) == []


def test_a_jump_read_in_doubt_is_our_own() -> None:
    (found,) = years_jump.check_history(known(2024, {NEW: 12000}, unsure=(NEW,)), history(100, 140, 90, 120))
    assert found.cause == "extraction"


def test_few_years_blanks_and_small_figures_are_no_history() -> None:
    assert years_jump.check_history(known(2024, {NEW: 12000}), history(100, 140)) == []
    assert years_jump.check_history(known(2024, {NEW: 12000}), history(100, 140, None)) == []
    assert years_jump.check_history(known(2024, {NEW: None}), history(100, 140, 90)) == []
    assert years_jump.check_history(known(2024, {NEW: 40}), history(1, 0, 2)) == []


def test_years_that_vary_widely_expect_no_figure() -> None:
    assert years_jump.check_history(known(2024, {NEW: 9000}), history(3, 1500, 40, 700)) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2023年新收政府信息公开申请12件，均已办结。", 12),
        ("去年共收到申请１２件", 12),
        ("新收政府信息公开申请20件，较上年增加8件。", 12),
        ("2024年受理申请9件，同比减少3件", 12),
    ],
)
def test_the_year_before_in_the_prose(text: str, number: int) -> None:
    assert [one.number for one in years_restated.figures_in([text], 2024)] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "2024年新收政府信息公开申请12件",
        "上年结转3件",
        "发布信息200条，较上年增加20条",
        "12023年收到申请5件",
        "上年收到申请5件次",
        "",
    ],
)
def test_other_figures_are_not_taken_for_the_year_before(text: str) -> None:
    assert years_restated.figures_in([text], 2024) == ()


def test_another_figure_for_the_year_before_is_quoted() -> None:
    said = EarlierFigure(NEW, 12, "2023年新收申请12件")
    report = known(2024, earlier=(said,))
    assert years_restated.check_year(report, known(2023, {NEW: 12})) == []
    (found,) = years_restated.check_year(report, known(2023, {NEW: 15}))
    assert (found.expected, found.actual, found.evidence) == ("15", "12", said.sentence)
    assert "不同" in found.message
    assert years_restated.check_year(report, known(2023, {NEW: None})) == []


def test_a_correction_of_the_year_before_is_noted() -> None:
    texts = ["因填报有误，2023年报告结转数更正为2件。", "今后将及时更正网站错误。"]
    corrections = years_restated.corrections_in(texts, 2024)
    assert len(corrections) == 1
    (found,) = years_restated.check_year(known(2024, corrections=corrections), known(2023))
    assert (found.severity, found.evidence) == ("note", corrections[0])
