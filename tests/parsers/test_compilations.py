"""Several reports in one file are refused, one report with much around it is not."""

from __future__ import annotations

import pytest

from parsers import forms
from parsers.compilations import several_reports
from parsers.document import Block, Cell, Document, Paragraph, Table
from parsers.extract import Origin, Refusal, extract
from parsers.report import Report
from tests.parsers.files import pdf, pdf_table
from tests.parsers.printed_forms import all_rows
from tests.parsers.test_tables import assert_all_read, distinct

TITLE = "明川市林业局2024年政府信息公开工作年度报告"
HEADINGS = [f"{numeral}、{forms.SECTIONS[n].zh}" for n, numeral in enumerate("一二三四五六", start=1)]


def parts(title: str, *, tables: bool = True) -> list[object]:
    flow: list[object] = [title]
    grids = dict(zip((1, 2, 3), all_rows(distinct("2021"), "2021", "2021"), strict=True))
    for number, heading in enumerate(HEADINGS):
        flow += [heading, "本机关依照条例主动公开政府信息，办理公开申请，回应社会关切。"]
        if tables and number in grids:
            flow.append(pdf_table(grids[number]))
    return flow


def outcome(*flow: object) -> Report | Refusal:
    return extract(pdf(flow), Origin())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "other", ["明川市水务局2024年政府信息公开工作年度报告", "明川市林业局2023年政府信息公开工作年度报告", TITLE]
)
def test_two_reports_are_refused(other: str) -> None:
    refused = outcome(*parts(TITLE), None, *parts(other))
    assert isinstance(refused, Refusal)
    assert refused.reason == "several_reports"


def test_a_report_whose_tables_are_missing_lends_none_from_the_next() -> None:
    refused = outcome(*parts(TITLE, tables=False), None, *parts("明川市水务局2024年政府信息公开工作年度报告"))
    assert isinstance(refused, Refusal)
    assert refused.reason == "several_reports"


@pytest.mark.parametrize(
    "before",
    [
        ["关于报送2024年政府信息公开工作年度报告的函", "明川市人民政府办公室：", "现将我局年度报告报上。", None],
        [TITLE, "目录", *HEADINGS, None],
        ["本年度报告由明川市林业局根据条例编制，包括总体情况、主动公开政府信息情况等六个部分。"],
    ],
)
def test_what_stands_before_a_report_changes_nothing(before: list[object]) -> None:
    report = outcome(*before, *parts(TITLE))
    assert isinstance(report, Report)
    assert (report.organ, report.year) == ("明川市林业局", 2024)
    assert_all_read(report, distinct("2021"))  # type: ignore[arg-type]


def test_the_name_of_the_report_at_its_end_is_no_second_report() -> None:
    report = outcome(*parts(TITLE), "附件：明川市2023年政府信息公开工作年度报告")
    assert isinstance(report, Report)


def test_titles_broken_over_lines() -> None:
    def blocks(year: int) -> list[Block]:
        table = Table([Cell("0", 0, 0)])
        lines = ["明川市林业局", f"{year}年政府信息公开", "工作年度报告", *HEADINGS[:3]]
        return [*(Paragraph(line) for line in lines), table]

    assert several_reports(Document("application/pdf", blocks=blocks(2023))) is None
    assert several_reports(Document("application/pdf", blocks=[*blocks(2023), *blocks(2024)]))
