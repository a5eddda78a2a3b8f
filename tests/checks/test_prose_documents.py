"""Documents and fees that the prose counts."""

from __future__ import annotations

import pytest

from parsers.report import Report, Section
from tests.checks.builders import blank
from tests.checks.prose_reports import findings, report_with


@pytest.mark.parametrize(
    "text",
    [
        "制发行政规范性文件3件，废止1件，现行有效20件。",
        "全年出台行政规范性文件三件，同步解读5件。",
        "建立健全各项规章制度7个。",
        "开展规范性文件备案审查12件，清理规范性文件45件。",
        "2023年制定规范性文件6件。",
        "主动公开信息29条，发布文件18份。",
        "全市各部门制发行政规范性文件60件。",
        "未制定规章。",
    ],
)
def test_documents_that_agree_or_are_other_documents(text: str) -> None:
    assert findings(report_with(text)) == []


@pytest.mark.parametrize(
    ("text", "cell", "said"),
    [
        ("制发规范性文件5件，通过网站公开。", "disclosures.normative_documents.issued", "5"),
        ("对规范性文件逐件登记，制发3件，废止4件，现行有效20件。", "disclosures.normative_documents.repealed", "4"),
        ("公布现行有效的行政规范性文件21件。", "disclosures.normative_documents.in_force", "21"),
        ("2024年未制发行政规范性文件。", "disclosures.normative_documents.issued", "0"),
        ("本年度共制发7件行政规范性文件。", "disclosures.normative_documents.issued", "7"),
        ("制定规章2件。", "disclosures.regulations.issued", "2"),
    ],
)  # fmt: skip
def test_documents_that_differ(text: str, cell: str, said: str) -> None:
    [finding] = findings(report_with(text))
    assert (finding.rule, finding.severity, finding.actual) == ("prose.documents", "warning", said)
    assert finding.cells == ("sections.1", cell)
    assert finding.evidence in text


def test_documents_are_not_compared_with_a_blank() -> None:
    report = report_with("制发规范性文件5件。")
    blank(report, "disclosures.normative_documents.issued")
    assert findings(report) == []


def _with_fees(first: str, sixth: str) -> Report:
    report = report_with(first)
    report.sections = [Section(s.number, s.heading, sixth if s.number == 6 else s.text) for s in report.sections]
    return report


@pytest.mark.parametrize(
    ("first", "sixth"),
    [
        ("本年度收取政府信息公开信息处理费0元。", "2024年我局未收取信息处理费。"),
        ("2023年收取信息处理费200元。", "2024年我局未收取信息处理费。"),
        ("行政事业性收费730万元。", "2024年我局未收取信息处理费。"),
        ("减免信息处理费300元。", "2024年我局未收取信息处理费。"),
        ("全年收取信息处理费3940元。", "2024年收取政府信息公开信息处理费0.394万元。"),
        ("全年收取信息处理费3940元。", "没有其他需要报告的事项，特此报告。"),
    ],
)
def test_fees_that_agree_or_are_other_fees(first: str, sixth: str) -> None:
    assert findings(_with_fees(first, sixth), "prose.fee") == []


def test_two_fees() -> None:
    [finding] = findings(_with_fees("全年收取信息处理费3,940元。", "2024年我局未收取政府信息公开信息处理费。"))
    assert (finding.rule, finding.expected, finding.actual) == ("prose.fee", "3940", "0")
    assert finding.cells == ("sections.1", "sections.6")
    assert finding.evidence == "全年收取信息处理费3,940元。\n2024年我局未收取政府信息公开信息处理费。"
