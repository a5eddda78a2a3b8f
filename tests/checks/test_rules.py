from pathlib import Path

import pytest

import checks
from checks.documents_disagree import compare
from checks.labels import cell_label
from parsers import forms
from parsers.report import Reading, Report
from tests.archive.factory import blank, reading, sound_report


def found(report, rule):
    return [finding for finding in checks.run(report) if finding.rule == rule]


def report_2019():
    report = sound_report(edition="2019", requests_edition="2019")
    rows = forms.editions()["2019"].request_rows()
    report.requests = {
        row: report.requests.get(row) or report.requests["denied_state_secret"] for row in rows
    }
    return report


# One edit that breaks a rule, by rule: table, row, column, figure in place of the sound one.
BREAKS = {
    "requests.identity": ("requests", "carried_out", "business", 1),
    "requests.handled_sum": ("requests", "denied_third_party", "natural_person", 1),
    "requests.row_total": ("requests", "new", "legal_service", 2),
    "reviews.total": ("reviews", "litigation_direct", "upheld", 3),
}


def broken(rule, value):
    report = sound_report()
    table, row, column, _ = BREAKS[rule]
    getattr(report, table)[row][column] = value
    return report


def test_sound_reports_of_both_editions_have_no_findings():
    assert checks.run(sound_report()) == []
    assert checks.run(report_2019()) == []


def test_report_without_tables_has_no_findings():
    assert checks.run(Report(organ="云溪县民政局", year=2024, title="年报")) == []


@pytest.mark.parametrize("rule", BREAKS)
def test_rule_fires_on_a_broken_report(rule):
    table, row, column, figure = BREAKS[rule]
    (finding,) = found(broken(rule, reading(figure)), rule)
    assert (finding.severity, finding.cause) == ("error", "source")
    assert f"{table}.{row}.{column}" in finding.cells
    assert finding.expected != finding.actual
    assert finding.expected in finding.message
    assert finding.actual in finding.message
    assert "不符" in finding.message


@pytest.mark.parametrize("rule", BREAKS)
def test_unsure_reading_makes_the_cause_unknown(rule):
    (finding,) = found(broken(rule, reading(BREAKS[rule][3], sure=False)), rule)
    assert (finding.severity, finding.cause) == ("error", "unknown")


@pytest.mark.parametrize("rule", BREAKS)
@pytest.mark.parametrize(
    ("value", "cause"),
    [
        (blank(), "source"),
        (Reading("placeholder", "/"), "source"),
        (Reading("unreadable", "l"), "extraction"),
    ],
)
def test_missing_figure_is_not_checkable_and_never_zero(rule, value, cause):
    table, row, column, _ = BREAKS[rule]
    report = broken(rule, value)
    (finding,) = found(report, rule)
    assert (finding.severity, finding.cause, finding.cells) == ("note", cause, (f"{table}.{row}.{column}",))
    assert finding.message.startswith("无法核对：")
    assert cell_label(f"{table}.{row}.{column}") in finding.message
    assert finding.expected is None


@pytest.mark.parametrize("rule", BREAKS)
def test_absent_figure_is_put_down_to_extraction(rule):
    table, row, column, _ = BREAKS[rule]
    report = sound_report()
    del getattr(report, table)[row][column]
    (finding,) = found(report, rule)
    assert (finding.severity, finding.cause) == ("note", "extraction")


def test_other_columns_are_still_checked_beside_a_missing_one():
    report = sound_report()
    report.requests["new"]["research"] = blank()
    report.requests["carried_out"]["business"] = reading(1)
    assert sorted(finding.severity for finding in found(report, "requests.identity")) == ["error", "note"]


def test_message_names_place_and_both_figures():
    report = sound_report()
    report.requests["new"]["total"] = reading(35)
    report.requests["carried_in"]["total"] = reading(0)
    report.requests["handled_total"]["total"] = reading(30)
    (finding,) = found(report, "requests.identity")
    assert finding.message == "表三“总计”列：新收35＋上年结转0＝35，与办理结果总计30＋结转下年度2＝32 不符"
    assert (finding.expected, finding.actual) == ("35", "32")


def test_single_row_of_2019_counts_in_the_sum():
    report = report_2019()
    report.requests["other"] = {column: reading(0) for column in forms.APPLICANTS} | {"business": reading(1)}
    (finding,) = found(report, "requests.handled_sum")
    assert "requests.other.business" in finding.cells
    assert not any("other_reasons" in cell for cell in finding.cells)


def test_printed_sub_rows_decide_over_the_stated_edition():
    report = sound_report(requests_edition="2019")
    report.requests["other_reasons"]["business"] = reading(1)
    (finding,) = found(report, "requests.handled_sum")
    assert "requests.other_reasons.business" in finding.cells


def test_lost_row_is_not_checkable_in_any_column():
    report = sound_report()
    del report.requests["rejected_duplicate"]
    (finding,) = found(report, "requests.handled_sum")
    assert (finding.severity, len(finding.cells)) == ("note", 7)
    assert "7项，其中7项" in finding.message


def test_decimals_add_up_exactly():
    report = sound_report()
    for cell, figure in {"natural_person": 0.1, "business": 0.2, "total": 0.3}.items():
        report.requests["partly_granted"][cell] = reading(figure)
    assert found(report, "requests.row_total") == []


def test_disagreeing_documents_are_named_with_both_figures():
    other = sound_report()
    other.requests["new"]["total"] = reading(9)
    other.requests["granted"]["total"] = blank()
    finding = compare(sound_report(), "http://a.example/", other, "http://b.example/")
    assert finding.cells == ("requests.new.total",)
    assert (finding.expected, finding.actual) == ("5", "9")
    assert "本年新收政府信息公开申请数量／总计”为5与9" in finding.message
    assert compare(sound_report(), "a", sound_report(), "b") is None


def test_every_rule_has_its_module_and_every_code_its_labels():
    for code, rule in checks.RULES.items():
        assert code == rule.code
        assert rule.label
        assert rule.label_en
        if rule.check:
            module = code.replace(".", "_")
            assert (Path(checks.__file__).parent / f"{module}.py").exists()
            assert rule.formula
