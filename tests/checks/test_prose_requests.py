"""Prose against tables 三 and 四: what a sentence states, what it does not, and what is said of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.checks.builders import blank, change
from tests.checks.prose_reports import findings, report_with

# The tables: 22 new, 3 carried in, 21 handled, 4 carried out (see report_with).
SOUND = [
    "2024年，我局共收到政府信息公开申请22件，上年结转3件，办结21件，结转下年度继续办理4件。",
    "受理政府信息公开申请 22 件，答复 21 件（含上年结转 3 件，另有 4 件申请顺延至下年度答复）。",
    "（二）依申请公开。受理22件，答复21件（含结转3件，另有4件顺延）。",
    "全年收到信息公开申请二十二件，比2023年（31件）下降29%，其中网上申请15件、信函申请7件。",
    "本年新收政府信息公开申请数量22，2023年度结转数量3，结转至2025年4件。",
    "从办理结果看，政府信息公开申请予以公开12件，部分公开3件，不予公开1件，无法提供4件，不予处理0件，其他处理1件。",
    "政府信息公开申请中予以公开和部分公开15件，占比71%。",
    "因政府信息公开被申请行政复议3件，被提起行政诉讼2件，其中复议后起诉1件。",
    "共处理依申请公开22件，全部按期答复。",
    "2024年共办理政府信息公开申请25件。",
]
TRAPS = [
    "全年收到政府信息公开申请30余件。",
    "共收到自然人提出的政府信息公开申请12件、商业企业申请3件。",
    "2023年收到政府信息公开申请31件，数量较多。",
    "上半年收到政府信息公开申请9件。",
    "自2019年以来累计收到政府信息公开申请312件。",
    "全市各部门共收到政府信息公开申请1499件，我局积极参加会商。",
    "县水利局收到政府信息公开申请8件，抄送我局。",
    "受理12345热线工单47件，办理人大建议12件、政协提案9件，均已答复。",
    "受理行政许可申请257件，办结73件，办结率100%。",
    "主动公开信息504条，其中工作动态140条。",
    "（二）依申请公开。接待群众来电咨询126人次，答复网民留言35件。",
    "办理政府信息公开类行政复议案件45件，审理行政诉讼案件6件。",
    "政府信息公开申请答复满意率100%，平均用时9天。",
    "11 件办结，8 件申请人主动撤销。",
    "申请量比上年增加5件，增长12%。",
    "下一步，将确保收到的政府信息公开申请100%按期答复，力争办结300件。",
    "未发生因政府信息公开被纠错的行政复议、行政诉讼案件。",
    "除网络申请外，未收到其他政府信息公开申请。",
    "延期答复政府信息公开申请6件。",
    f"收到政府信息公开申请{'9' * 400}.5件。",
]


@pytest.mark.parametrize("text", SOUND)
def test_prose_that_agrees_is_silent(text: str) -> None:
    assert findings(report_with(text)) == []


@pytest.mark.parametrize("text", TRAPS)
def test_numbers_of_other_things_are_no_statement(text: str) -> None:
    assert [finding for finding in findings(report_with(text)) if finding.rule.startswith("prose.")] == []


DIFFERING = [
    ("2024年，我局共收到政府信息公开申请24件。", "prose.requests_new", "24", "22"),
    ("本年度，共接到社会公众依申请公开二十四件，均已登记。", "prose.requests_new", "24", "22"),
    ("（二）依申请公开。接待群众咨询12人次，收到申请24件。", "prose.requests_new", "24", "22"),
    ("2024年收到24份政府信息公开申请，均为自然人申请。", "prose.requests_new", "24", "22"),
    ("2024年度，我局未收到政府信息公开申请。", "prose.requests_new", "0", "22"),
    ("我局没有收到任何公民、法人和其他组织提出的公开政府信息的申请。", "prose.requests_new", "0", "22"),
    ("本年度接收政府信息公开申请数量为零。", "prose.requests_new", "0", "22"),
    ("共处理依申请公开政府信息30件，均予以及时答复。", "prose.requests_handled", "30", "21"),
    ("收到政府信息公开申请22件，2023年结转5件。", "prose.requests_carried_in", "5", "3"),
    ("结转上年度继续办理1件，收到本年度依申请公开事项22件。", "prose.requests_carried_in", "1", "3"),
    ("收到政府信息公开申请22件，上年结转3件，共办结19件。", "prose.requests_handled", "19", "21"),
    ("办结政府信息公开申请26件（含上年结转3件）。", "prose.requests_handled", "26", "21"),
    ("收到政府信息公开申请22件，其余6件转入2025年度办理。", "prose.requests_carried_out", "6", "4"),
    ("收到政府信息公开申请22件，无结转下年度办理的申请。", "prose.requests_carried_out", "0", "4"),
    ("政府信息公开申请中，不予公开5件。", "prose.requests_results", "5", "1"),
    ("收到政府信息公开申请22件。其中，予以公开9件，部分公开3件。", "prose.requests_results", "9", "12"),
    ("因政府信息公开被申请行政复议6件。", "prose.reviews", "6", "3"),
    ("全年未发生因政府信息公开被提起行政诉讼的情况。", "prose.reviews", "0", "2"),
    ("因政府信息公开工作未经复议直接起诉4件。", "prose.reviews", "4", "1"),
    ("因政府信息公开被申请行政复议3件，均获维持。", "prose.reviews_upheld", "0", "1"),
    ("收到政府信息公开申请22件，均已办结。", "prose.requests_done", "0", "4"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "rule", "said", "printed"), DIFFERING)
def test_prose_that_differs_is_quoted_with_both_figures(text: str, rule: str, said: str, printed: str) -> None:
    [finding] = findings(report_with(text))
    assert (finding.rule, finding.actual, finding.expected, finding.cause) == (rule, said, printed, "source")
    assert finding.evidence
    assert finding.evidence in text
    assert finding.cells[0] == "sections.1"
    assert finding.cells[1].startswith(("requests.", "reviews."))
    assert "误" not in finding.message


@pytest.mark.parametrize(("text", "rule", "said", "printed"), DIFFERING)
def test_nothing_is_said_without_the_table(text: str, rule: str, said: str, printed: str) -> None:
    report = report_with(text)
    report.requests, report.reviews = {}, {}
    assert findings(report) == []


@pytest.mark.parametrize(("text", "rule", "said", "printed"), DIFFERING)
def test_doubtful_readings_leave_the_cause_open(text: str, rule: str, said: str, printed: str) -> None:
    report = report_with(text)
    for field, _reading in list(report.readings()):
        change(report, field, sure=False)
    assert {finding.cause for finding in findings(report, rule)} == {"unknown"}


def test_blank_total_leaves_what_its_row_prints() -> None:
    report = report_with("政府信息公开申请中，予以公开9件，部分公开3件。")
    blank(report, "requests.granted.total")
    [finding] = findings(report)
    assert "至少12件" in finding.message
    assert finding.cells[1:] == tuple(
        f"requests.granted.{code}" for code in report.requests["granted"] if code != "total"
    )
    assert findings(report_with("政府信息公开申请中，予以公开12件，部分公开3件。")) == []


def test_more_than_a_row_with_a_blank_total_prints_is_left_open() -> None:
    report = report_with("政府信息公开申请中，予以公开19件，部分公开3件。")
    blank(report, "requests.granted.total")
    assert findings(report) == []


def test_unreadable_total_is_not_compared() -> None:
    report = report_with("2024年收到政府信息公开申请24件。")
    change(report, "requests.new.total", kind="unreadable", number=None)
    assert findings(report) == []


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        ("区政府办代表区政府受理政府信息公开申请17件。", "note"),
        ("全年收到政府信息公开申请17件。", "note"),
        ("全区共收到政府信息公开申请17件。", "warning"),
        ("全年收到政府信息公开申请97件。", "warning"),
        ("全市各部门共收到政府信息公开申请1700件。", None),
    ],
)
def test_a_governments_prose_may_count_its_office_alone(text: str, severity: str | None) -> None:
    report = report_with(text, organ="明川市东望区人民政府", scope="area")
    found = findings(report)
    assert [finding.severity for finding in found] == ([severity] if severity else [])
    if severity == "note":
        assert "范围不同" in found[0].message
        assert found[0].cause == "unknown"


def test_same_sentence_gives_the_same_fingerprint_whatever_the_message() -> None:
    text = "2024年收到政府信息公开申请24件，未发生因政府信息公开被申请行政复议的情况。"
    first, second = findings(report_with(text)), findings(report_with("一些别的话。" + text))
    assert [f.fingerprint("r") for f in first] == [f.fingerprint("r") for f in second]
    assert len({f.fingerprint("r") for f in first}) == len(first) == 2


@given(st.integers(0, 99_999), st.sampled_from(["件", " 件", "起", "份"]), st.booleans())
def test_any_other_number_of_new_requests_is_found(value: int, counter: str, formatted: bool) -> None:
    printed = f"{value:,}" if formatted else str(value)
    found = findings(report_with(f"本年新收政府信息公开申请{printed}{counter}。"), "prose.requests_new")
    assert [finding.actual for finding in found] == ([] if value == 22 else [str(value)])
