"""Each rule: silent on a sound report, loud on a broken one, honest about what it cannot try."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks import RULES, run
from parsers import forms
from parsers.report import Finding, Report
from tests.checks.builders import INNER, blank, change, number, result_rows, sound_report

EDITIONS = ["2019", "2021"]
ARITHMETIC = {code for code, rule in RULES.items() if rule.formula}


def full_report(edition: str = "2021") -> Report:
    return sound_report(
        edition,
        results={
            "granted": [20, 2, 0, 0, 1, 0],
            "denied_third_party": [3, 0, 0, 0, 0, 0],
            "unavailable_not_held": [4, 1, 0, 0, 0, 0],
            "other" if edition == "2019" else "other_reasons": [1, 0, 0, 0, 0, 2],
        },
        carried_in=[5, 0, 0, 0, 0, 0],
        carried_out=[2, 0, 0, 0, 0, 1],
        reviews={"reconsideration": [10, 1, 0, 2], "litigation_direct": [0, 0, 1, 0]},
    )


def of(report: Report, rule: str, severity: str | None = None) -> list[Finding]:
    return [f for f in run(report) if f.rule == rule and severity in (None, f.severity)]


def arithmetic(report: Report) -> list[Finding]:
    """Findings of the form's relations; other rules may doubt the size of the figures drawn here."""
    return [finding for finding in run(report) if finding.rule in ARITHMETIC]


@pytest.mark.parametrize("edition", EDITIONS)
def test_sound_report_has_no_findings(edition: str) -> None:
    assert run(full_report(edition)) == []


def test_report_without_tables_has_no_findings() -> None:
    assert run(Report("明川市林业局", 2012, "明川市林业局2012年政府信息公开工作年度报告")) == []


def test_problems_of_the_parsers_come_first() -> None:
    report = full_report()
    problem = Finding("extraction.unmatched_row", "warning", "extraction", "第1个表格第3行未能与表式对应")
    report.problems.append(problem)
    change(report, "reviews.reconsideration.total", number=0)
    assert run(report)[0] is problem
    assert [finding.rule for finding in run(report)[1:]] == ["reviews.total"]


def test_identity_names_cells_and_both_figures() -> None:
    report = sound_report(results={"granted": [30, 0, 0, 0, 0, 0]}, carried_out=[2, 0, 0, 0, 0, 0])
    change(report, "requests.new.total", number=35, printed="35")
    [finding] = of(report, "requests.identity")
    assert finding.message == "表三“总计”列：新收35＋上年结转0＝35，与办理结果总计30＋结转下年度2＝32不符"
    assert (finding.expected, finding.actual) == ("35", "32")
    assert (finding.severity, finding.cause) == ("error", "source")
    assert finding.cells == (
        "requests.new.total",
        "requests.carried_in.total",
        "requests.handled_total.total",
        "requests.carried_out.total",
    )


def test_handled_sum_names_the_results_that_are_not_zero() -> None:
    report = sound_report(results={"granted": [3, 0, 0, 0, 0, 0], "other_reasons": [4, 0, 0, 0, 0, 0]})
    change(report, "requests.handled_total.natural_person", number=8)
    [finding] = of(report, "requests.handled_sum")
    assert finding.message == "表三“自然人”列：（一）予以公开3＋（六）3.其他4（其余各行为0）＝7，与（七）总计8不符"
    assert (finding.expected, finding.actual) == ("7", "8")
    assert len(finding.cells) == len(result_rows("2021")) + 1
    assert "requests.other.natural_person" not in finding.cells


def test_handled_sum_of_zeros() -> None:
    report = sound_report("2019")
    change(report, "requests.handled_total.total", number=9)
    [finding] = of(report, "requests.handled_sum")
    assert finding.message == "表三“总计”列：（一）予以公开至（六）其他处理各行均为0，合计0，与（七）总计9不符"


@pytest.mark.parametrize("row", ["other", "other_not_corrected", "other_fee_unpaid", "other_reasons"])
def test_handled_sum_counts_row_six_in_either_form(row: str) -> None:
    report = full_report("2019" if row == "other" else "2021")
    cell = report.requests[row]["business"]
    assert cell.number is not None
    change(report, f"requests.{row}.business", number=cell.number + 1)
    [finding] = of(report, "requests.handled_sum")
    assert f"requests.{row}.business" in finding.cells


def test_handled_sum_is_not_tried_where_row_six_was_not_found() -> None:
    report = full_report("2019")
    del report.requests["other"]
    [note] = of(report, "requests.handled_sum")
    assert (note.severity, note.cause) == ("note", "extraction")
    assert note.cells == tuple(f"requests.other.{applicant}" for applicant in forms.APPLICANTS)


def test_handled_sum_is_not_tried_where_row_six_is_printed_in_both_forms() -> None:
    report = full_report("2021")
    report.requests["other"] = {applicant: number(3) for applicant in forms.APPLICANTS}
    [note] = of(report, "requests.handled_sum")
    assert note.severity == "note"
    assert {cell.split(".")[1] for cell in note.cells} == {"other"}


def test_row_total_names_the_row() -> None:
    report = full_report()
    change(report, "requests.unavailable_not_held.total", number=6)
    [finding] = of(report, "requests.row_total")
    assert finding.message == (
        "表三“（四）1.本机关不掌握相关政府信息”行："
        "自然人4＋商业企业1＋科研机构0＋社会公益组织0＋法律服务机构0＋其他0＝5，与总计6不符"
    )
    assert finding.cells == tuple(f"requests.unavailable_not_held.{applicant}" for applicant in forms.APPLICANTS)


def test_reviews_total_names_the_proceeding() -> None:
    report = full_report()
    change(report, "reviews.reconsideration.total", number=0)
    [finding] = of(report, "reviews.total")
    assert finding.message == "表四“行政复议”：结果维持10＋结果纠正1＋其他结果0＋尚未审结2＝13，与总计0不符"
    assert finding.cells == tuple(f"reviews.reconsideration.{outcome}" for outcome in forms.OUTCOMES)


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("requests.carried_in.research", "requests.identity"),
        ("requests.rejected_petition.total", "requests.handled_sum"),
        ("requests.granted.other_organisation", "requests.row_total"),
        ("reviews.litigation_direct.pending", "reviews.total"),
    ],
)
class TestOneCell:
    def test_unsure_reading_leaves_the_cause_open(self, field: str, rule: str) -> None:
        report = full_report()
        change(report, field, number=77, sure=False)
        assert [f.cause for f in of(report, rule, "error")] == ["unknown"]

    def test_blank_is_not_zero(self, field: str, rule: str) -> None:
        report = full_report()
        blank(report, field)
        [note] = of(report, rule)
        assert (note.severity, note.cause, note.cells) == ("note", "source", (field,))
        assert note.message.startswith(("无法核对：", "把原文的空白读作0才成立："))
        assert "1处" in note.message
        assert (note.expected, note.actual) == (None, None)

    @pytest.mark.parametrize("kind", ["placeholder", "unreadable"])
    def test_cause_tells_print_from_reading(self, field: str, rule: str, kind: str) -> None:
        report = full_report()
        change(report, field, kind=kind, number=None)
        [note] = of(report, rule)
        assert note.cause == ("source" if kind == "placeholder" else "extraction")

    def test_cell_not_found(self, field: str, rule: str) -> None:
        report = full_report()
        table, row, column = field.split(".")
        del getattr(report, table)[row][column]
        [note] = of(report, rule)
        assert (note.severity, note.cause, note.cells) == ("note", "extraction", (field,))


def test_one_note_per_rule_however_much_is_missing() -> None:
    report = full_report()
    for applicant in INNER:
        blank(report, f"requests.granted.{applicant}")
        blank(report, f"requests.denied_state_secret.{applicant}")
    notes = [finding for finding in run(report) if finding.severity == "note"]
    assert sorted({note.rule for note in notes}) == ["requests.handled_sum", "requests.row_total"]
    [row_total] = [note for note in of(report, "requests.row_total") if not note.key]
    assert row_total.message == (
        "无法核对：表三各行：总计等于六类申请人之和（1处）；缺少数字的单元格："
        "表三“（一）予以公开”行“自然人”列、表三“（一）予以公开”行“商业企业”列、"
        "表三“（一）予以公开”行“科研机构”列、表三“（一）予以公开”行“社会公益组织”列、"
        "表三“（一）予以公开”行“法律服务机构”列等6格，原文为空"
    )


def test_relation_that_holds_with_blanks_read_as_zero_says_so() -> None:
    report = full_report()
    for applicant in INNER[1:]:
        blank(report, f"requests.carried_in.{applicant}")
    notes = {finding.rule: finding for finding in run(report)}
    row_total = notes["requests.row_total"]
    assert (row_total.severity, row_total.key) == ("note", "blanks-as-zero")
    assert row_total.message.startswith("把原文的空白读作0才成立：表三各行：总计等于六类申请人之和（1处）")
    assert row_total.cells == tuple(f"requests.carried_in.{applicant}" for applicant in INNER[1:])
    assert report.requests["carried_in"]["business"].number is None


def test_blank_total_leaves_the_sum_open() -> None:
    report = full_report()
    blank(report, "requests.granted.total")
    [note] = of(report, "requests.row_total")
    assert note.message.startswith("无法核对：")


def test_parts_beyond_the_total_are_an_error_whatever_the_blanks() -> None:
    report = full_report()
    blank(report, "reviews.reconsideration.other")
    change(report, "reviews.reconsideration.total", number=9)
    [finding] = of(report, "reviews.total")
    assert finding.severity == "error"
    assert finding.message == (
        "表四“行政复议”：结果维持10＋结果纠正1＋其他结果空白＋尚未审结2＝13，与总计9不符（空白格不论为何数）"
    )


def test_blanks_on_both_sides_are_never_an_error() -> None:
    report = full_report()
    blank(report, "requests.new.natural_person")
    blank(report, "requests.carried_out.natural_person")
    change(report, "requests.handled_total.natural_person", number=900)
    assert [f.severity for f in of(report, "requests.identity")] == ["note"]


def test_rows_not_found_make_no_row_total_finding() -> None:
    report = full_report()
    del report.requests["denied_state_secret"]
    assert of(report, "requests.row_total") == []
    assert [note.severity for note in of(report, "requests.handled_sum")] == ["note"]


def test_failing_and_untried_relations_stand_side_by_side() -> None:
    report = full_report()
    blank(report, "reviews.litigation_direct.total")
    change(report, "reviews.reconsideration.total", number=99)
    assert sorted(finding.severity for finding in of(report, "reviews.total")) == ["error", "note"]


def test_fractions_add_up_as_printed() -> None:
    report = sound_report()
    for field, value in (("upheld", 0.1), ("corrected", 0.2), ("total", 0.3)):
        change(report, f"reviews.litigation_direct.{field}", number=value)
    assert of(report, "reviews.total") == []


def test_findings_of_one_report_have_distinct_fingerprints() -> None:
    report = full_report()
    for applicant in forms.APPLICANTS:
        change(report, f"requests.new.{applicant}", number=500)
    blank(report, "requests.granted.total")
    findings = run(report)
    assert len({finding.fingerprint("r") for finding in findings}) == len(findings) > 7


# Properties -------------------------------------------------------------------------------

counts = st.integers(0, 10**7)
columns = st.lists(counts, min_size=6, max_size=6)
sparse_columns = st.lists(st.one_of(st.just(0), counts), min_size=6, max_size=6)


@st.composite
def sound_reports(draw: st.DrawFn) -> Report:
    edition = draw(st.sampled_from(EDITIONS))
    results = {row: draw(sparse_columns) for row in result_rows(edition)}
    available = [sum(column) for column in zip(*results.values(), strict=True)]
    carried_in = [draw(st.integers(0, total)) for total in available]
    reviews = {p: draw(st.lists(counts, min_size=4, max_size=4)) for p in forms.PROCEEDINGS}
    return sound_report(edition, results, carried_in, draw(columns), reviews)


@given(sound_reports())
def test_relations_that_hold_are_never_reported(report: Report) -> None:
    assert arithmetic(report) == []


@given(sound_reports(), st.data())
def test_one_altered_cell_is_always_reported(report: Report, data: st.DataObject) -> None:
    field, reading = data.draw(st.sampled_from(list(report.readings())))
    assert reading.number is not None
    change(report, field, number=data.draw(counts.filter(lambda value: value != reading.number)))
    errors = [finding for finding in arithmetic(report) if finding.severity == "error"]
    assert errors
    assert all(field in finding.cells and finding.expected != finding.actual for finding in errors)


@given(sound_reports(), st.data())
def test_blanks_never_make_an_error(report: Report, data: st.DataObject) -> None:
    fields = [field for field, _reading in report.readings()]
    blanked = data.draw(st.sets(st.sampled_from(fields), min_size=1, max_size=40))
    for field in blanked:
        blank(report, field)
    findings = arithmetic(report)
    assert {finding.severity for finding in findings} == {"note"}
    assert {finding.cause for finding in findings} == {"source"}
    assert {cell for finding in findings for cell in finding.cells} == blanked
    assert {finding.rule for finding in findings} <= ARITHMETIC


@pytest.mark.parametrize(
    ("published", "severity"),
    [
        ("2025-01-20", None),
        ("2030-01-20", None),
        (None, None),
        ("2024-12-31", "note"),
        ("2024-03-01", "note"),
        ("2012-03-01", "warning"),
    ],
)
def test_publication_before_the_year_ended(published: str | None, severity: str | None) -> None:
    report = full_report()
    report.year, report.published_on = 2024, published
    found = of(report, "identity.published_early")
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    assert all(published in finding.message for finding in found if published)


class TestOneCellExplains:
    """The hint at one cell that would explain all failures of table 三."""

    def test_wrong_total_fails_its_row_and_its_column(self) -> None:
        report = full_report()
        change(report, "requests.granted.total", number=32)
        [hint] = of(report, "requests.one_cell")
        assert (hint.severity, hint.cause) == ("note", "unknown")
        assert hint.cells == ("requests.granted.total",)
        assert (hint.expected, hint.actual) == ("23", "32")
        assert "推测" in hint.message

    def test_one_case_filed_under_another_applicant(self) -> None:
        report = full_report()
        change(report, "requests.new.natural_person", number=report.requests["new"]["natural_person"].number - 1)
        change(report, "requests.new.business", number=report.requests["new"]["business"].number + 1)
        assert len(of(report, "requests.identity", "error")) == 2
        assert of(report, "requests.row_total") == []
        [hint] = of(report, "requests.one_cell")
        assert hint.key == "misfiled"
        assert "1件归入了不同的申请人类别" in hint.message

    def test_a_single_failure_or_several_explanations_say_nothing(self) -> None:
        report = full_report()
        change(report, "requests.carried_in.natural_person", number=50)
        change(report, "requests.carried_in.total", number=50)
        assert len(of(report, "requests.identity", "error")) == 2
        assert of(report, "requests.one_cell") == []

    def test_sums_that_cannot_be_tried_take_no_part(self) -> None:
        report = full_report()
        change(report, "requests.granted.total", number=32)
        blank(report, "requests.handled_total.total")
        assert of(report, "requests.one_cell") == []
