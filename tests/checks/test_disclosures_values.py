"""Values of table 二: silent on sound figures, loud on impossible ones, silent where one is missing."""

from __future__ import annotations

import pytest

from checks import run
from parsers import forms
from parsers.report import Finding, Reading, Report
from tests.checks.builders import blank, change
from tests.checks.prose_reports import report_with

SOUND = {
    "2021": {
        "regulations": (0, 0, 0),
        "normative_documents": (3, 1, 20),
        "administrative_permits": (11_398_889,),
        "administrative_penalties": (16,),
        "administrative_coercion": (0,),
        "administrative_fees": (730.25,),
    },
    "2019": {
        "regulations": (0, 0, 0),
        "normative_documents": (3, 3, 20),
        "administrative_permits": (71, -11, 93),
        "other_services": (117, 0, 165),
        "administrative_penalties": (90, 0, 22),
        "administrative_coercion": (4, 4, 0),
        "administrative_fees": (0, 0),
        "procurement": (31, 2601.95),
    },
}


def report_of(edition: str, organ: str = "明川市林业局") -> Report:
    report = Report(organ, 2020, f"{organ}2020年政府信息公开工作年度报告", disclosures_edition=edition)
    for group in forms.editions()[edition].disclosures:
        for item in group.items:
            report.disclosures[item] = {
                measure: Reading("number", str(value), value, "万元" if measure == "amount" else "件")
                for measure, value in zip(group.measures, SOUND[edition][item], strict=True)
            }
    return report


def found(report: Report) -> list[Finding]:
    return [finding for finding in run(report) if finding.rule.startswith(("disclosures.", "tables."))]


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_sound_tables_have_no_findings(edition: str) -> None:
    assert found(report_of(edition)) == []


CASES = [
    ("2021", {"administrative_permits.decisions": -3}, "tables.count"),
    ("2021", {"administrative_penalties.decisions": 1.5}, "tables.count"),
    ("2021", {"administrative_permits.decisions": 2_024_000_123}, "tables.large"),
    ("2021", {"normative_documents.in_force": 20_260}, "tables.large"),
    ("2021", {"administrative_fees.amount": -0.5}, "disclosures.amount"),
    ("2021", {"regulations.in_force": 6}, "disclosures.regulations_power"),
    ("2019", {"regulations.total_disclosed": 17}, "disclosures.regulations_power"),
    ("2021", {"normative_documents.issued": 22}, "disclosures.in_force"),
    ("2019", {"normative_documents.disclosed": 21}, "disclosures.disclosed"),
    ("2019", {"normative_documents.made": 82, "normative_documents.disclosed": 0}, "disclosures.disclosed"),
    ("2019", {"administrative_permits.change": -72}, "disclosures.items_or_cases"),
    ("2019", {"other_services.prior_items": 15_600}, "disclosures.items_or_cases"),
    ("2019", {"other_services.prior_items": 165}, "disclosures.items_or_cases"),
    ("2019", {"procurement.items": 1, "procurement.amount": 23_600}, "disclosures.procurement"),
    ("2019", {"procurement.items": 31, "procurement.amount": 0.26}, "disclosures.procurement"),
    ("2019", {"procurement.amount": 0}, "disclosures.procurement"),
]


@pytest.mark.parametrize(("edition", "figures", "rule"), CASES)
def test_each_rule_fires_and_no_other(edition: str, figures: dict[str, float], rule: str) -> None:
    report = report_of(edition)
    for field, value in figures.items():
        change(report, f"disclosures.{field}", number=value, printed=str(value))
    [finding] = found(report)
    assert finding.rule == rule
    assert finding.cause == "source"
    assert {f"disclosures.{field}" for field in figures} & set(finding.cells)
    assert all(
        str(value) in finding.message for field, value in figures.items() if f"disclosures.{field}" in finding.cells
    )


@pytest.mark.parametrize(("edition", "figures", "rule"), CASES)
def test_doubtful_readings_leave_the_cause_open(edition: str, figures: dict[str, float], rule: str) -> None:
    report = report_of(edition)
    for field, value in figures.items():
        change(report, f"disclosures.{field}", number=value, printed=str(value), sure=False)
    assert [finding.cause for finding in found(report)] == ["unknown"]


@pytest.mark.parametrize(("edition", "figures", "rule"), CASES)
def test_nothing_is_said_where_the_figures_are_missing(edition: str, figures: dict[str, float], rule: str) -> None:
    report = report_of(edition)
    for field in figures:
        blank(report, f"disclosures.{field}")
    assert [finding for finding in found(report) if finding.rule == rule] == []


def test_governments_that_make_regulations_may_report_them() -> None:
    report = report_of("2021", "淮安市人民政府")
    change(report, "disclosures.regulations.in_force", number=11)
    assert found(report) == []


def test_amounts_without_a_unit_are_not_judged() -> None:
    report = report_of("2019")
    change(report, "disclosures.procurement.amount", number=153_103.83, unit=None)
    assert found(report) == []


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 10**400, -(10**400), 1e300])
def test_numbers_beyond_all_measure_break_no_rule(value: float) -> None:
    report = report_with(
        "2024年收到政府信息公开申请24件，制发规范性文件5件，因政府信息公开被申请行政复议9件，均已办结。"
    )
    for edition in ("2019", "2021"):
        report.disclosures |= report_of(edition).disclosures
    for field, _reading in list(report.readings()):
        change(report, field, number=value, printed=str(value)[:20])
    run(report)
