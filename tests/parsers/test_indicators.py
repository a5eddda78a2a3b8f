"""The statistics appendix of older reports: this year's figures as printed, or none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.document import Document, Table
from parsers.extract import Origin, extract
from parsers.indicators import Statistics, read_statistics
from parsers.readers.text import read_text
from parsers.report import Report
from tests.parsers.files import word
from tests.parsers.printed_forms import Rows, cell, cut, grid, to_html, to_text

# (label, unit, figure); a section's head has dashes.
ROWS = [
    ("一、主动公开情况", "——", "——"),
    ("（一）主动公开政府信息数（不同渠道和方式公开相同信息计1条）", "条", "312"),
    ("其中：主动公开规范性文件数", "条", "4"),
    ("（二）通过不同渠道和方式公开政府信息的情况", "——", ""),
    ("1.政府公报公开政府信息数", "条", "0"),
    ("2.政府网站公开政府信息数", "条", "305"),
    ("3.政务微博公开政府信息数", "条", "17"),
    ("4.政务微信公开政府信息数", "条", "21"),
    ("二、回应解读情况", "———", "———"),
    ("2.政府网站在线访谈次数", "次", ""),
    ("3.政策解读稿件发布数", "篇", "6"),
    ("七、依申请公开信息收取的费用", "万元", "0.35"),
    ("（三）从事政府信息公开工作人员数", "人", "8"),
    ("（三）接受培训人员数", "人次", "120"),
]
EXPECTED = [
    (label, None if set(unit) == {"—"} else unit, float(v) if "." in v else int(v) if v[:1].isdigit() else None)
    for label, unit, v in ROWS
]
HEADS = ["统计指标", "单位", "统计数"]


def rows(heads: list[str], *columns: list[str]) -> Rows:
    """The appendix with the given number columns; labels and units come first."""
    printed = [[label, unit, *values] for (label, unit, _v), *values in zip(ROWS, *columns, strict=True)]
    return [[cell(text) for text in line] for line in [heads, *printed]]


FIGURES = [value for _label, _unit, value in ROWS]


def statistics(*tables: Table, year: int | None = 2016) -> Statistics:
    return read_statistics(Document("text/html", blocks=list(tables)), year)


def test_one_number_column() -> None:
    found = statistics(grid(rows(HEADS, FIGURES)))
    assert found.indicators == EXPECTED
    assert (found.problems, found.edition, found.tables) == ([], "2014", {1})


def test_titles_before_the_heads_and_blank_columns() -> None:
    top = [[cell("政府信息公开情况统计表", 1, 3)], [cell("（2016年度）", 1, 3)], [cell("填报单位：明川市林业局", 1, 3)]]
    assert statistics(grid([*top, *rows(HEADS, FIGURES)])).indicators == EXPECTED


@pytest.mark.parametrize(
    ("heads", "at"),
    [
        (["本期实际", "本年累计"], 0),
        (["2016年度", "历年累计"], 0),
        (["历年累计", "2016年度"], 1),
        (["2016年", "2015年"], 0),
        (["统计数（2016年）", "上年数"], 0),
        (["统计数", "比上年增减"], 0),
        (["本年度", "累计数"], 0),
        (["区直单位统计数", "合计"], 1),
        (["代码", "统计数"], 1),
    ],
)
def test_the_column_of_this_year(heads: list[str], at: int) -> None:
    columns = [["9999"] * len(ROWS)] * 2
    columns[at] = FIGURES
    found = statistics(grid(rows(["指标名称", "计量单位", *heads], *columns)))
    assert found.problems == []
    assert found.indicators == EXPECTED


@pytest.mark.parametrize(
    "heads",
    [
        ["区政府统计数", "区直单位统计数", "乡镇街道统计数"],
        ["2015年", "2014年"],
        ["历年累计", "上年累计"],
        ["统计数", "合计"],
        ["甲", "乙"],
    ],
)
def test_columns_that_do_not_tell_the_year_give_no_figures(heads: list[str]) -> None:
    found = statistics(grid(rows(["统计指标", "单位", *heads], *([FIGURES] * len(heads)))))
    assert [(label, unit) for label, unit, _value in found.indicators] == [(lab, unit) for lab, unit, _v in EXPECTED]
    assert all(value is None for _label, _unit, value in found.indicators)
    assert [problem.rule for problem in found.problems] == ["extraction.ambiguous_position"]


@given(st.integers(2, len(ROWS)), st.booleans())
def test_cut_by_a_page_break(at: int, repeated: bool) -> None:
    head, tail = cut(rows(HEADS, FIGURES), at)
    if repeated:
        tail = [[cell(text) for text in HEADS], *tail]
    found = statistics(grid(head, 1), grid(tail, 2))
    figures = {label: value for label, _unit, value in EXPECTED}
    assert all(figures[label] == value for label, _unit, value in found.indicators)
    if repeated or at < len(ROWS) - 3:
        assert found.indicators == EXPECTED


PRINTED = st.sampled_from(["", "0", "7", "12", "3件", "约5", "1 2", "——"])


@given(st.lists(PRINTED, min_size=len(ROWS), max_size=len(ROWS)))
def test_any_figures_as_text_are_never_wrong(values: list[str]) -> None:
    lines = [[c.text for c in row] for row in rows(HEADS, values)]
    report = read_statistics(_text(to_text(lines)), 2016)
    printed = dict(zip((label for label, _unit, _v in ROWS), values, strict=True))
    for label, _unit, value in report.indicators:
        text = printed[label]
        assert value == (int(text.removesuffix("件")) if text.removesuffix("件").isdigit() else None)
    unreadable = sum(text in ("约5", "1 2") for text in values)
    assert sum(problem.rule == "extraction.unreadable_cell" for problem in report.problems) == unreadable


def _text(text: str) -> Document:
    return read_text(text.encode())


def test_labels_on_two_columns_and_spanning_groups() -> None:
    table = grid(
        [
            [cell("指标", 1, 2), cell("单位"), cell("统计数")],
            [cell("收到申请数", 3), cell("总数"), cell("件"), cell("5")],
            [cell("当面申请数"), cell("件"), cell("2")],
            [cell("网络申请数"), cell("件"), cell("3")],
        ]
    )
    assert statistics(table).indicators == [
        ("收到申请数 总数", "件", 5),
        ("当面申请数", "件", 2),
        ("网络申请数", "件", 3),
    ]


def test_a_figure_over_two_rows_belongs_to_none() -> None:
    table = grid(
        [
            [cell(text) for text in HEADS],
            [cell("（一）收到申请数"), cell("件"), cell("5", 2)],
            [cell("（二）申请办结数"), cell("件")],
        ]
    )
    found = statistics(table)
    assert all(value is None for _label, _unit, value in found.indicators)
    assert [problem.rule for problem in found.problems] == ["extraction.unmatched_row"]


@pytest.mark.parametrize("first", [["信息内容", "本年制发件数"], ["项目", "数量"], ["姓名", "单位", "电话"]])
def test_other_tables_are_left_alone(first: list[str]) -> None:
    table = grid([[cell(text) for text in first], [cell("规章"), *(cell("1") for _ in first[1:])]])
    assert statistics(table) == Statistics()


PROSE = "本机关全年主动公开政府信息，办理公开申请，组织信息公开培训，回应公众关切，公开工作平稳有序。"
HEADINGS = ["概述", "主动公开政府信息情况", "依申请公开情况", "收费及减免情况", "复议和诉讼", "存在问题", "附表"]


def old_report(year: int, *tables: Rows) -> Report:
    numbered = zip("一二三四五六七", HEADINGS, strict=True)
    sections = "".join(f"<p>{n}、{words}</p><p>{words}：{PROSE}</p>" for n, words in numbered)
    body = f"<h1>明川市林业局{year}年政府信息公开年度报告</h1><p>前言。</p>{sections}{''.join(map(to_html, tables))}"
    report = extract(f"<html><body>{body}</body></html>".encode(), Origin())
    assert isinstance(report, Report), report
    return report


def test_report_with_appendix() -> None:
    report = old_report(2016, rows(HEADS, FIGURES))
    assert (report.edition, report.status, report.problems) == ("2014", "complete", [])
    assert report.indicators == EXPECTED
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6, 7]
    assert [section.heading for section in report.sections][2] == "三、依申请公开情况"
    assert report.sections[5].text == f"存在问题：{PROSE}"
    assert dict(report.readings()) == {}


def test_report_of_the_years_before_any_form() -> None:
    older = rows(["指标名称", "计量单位", "2009年度", "历年累计"], FIGURES, ["77"] * len(ROWS))
    kept = [older[0], *(row for row in older[1:] if "政务" not in row[0].text and "解读" not in row[0].text)]
    report = old_report(2009, kept)
    assert (report.edition, report.status, report.problems) == ("other", "complete", [])
    assert ("（三）接受培训人员数", "人次", 120) in report.indicators


def test_free_form_report_has_its_own_sections_and_no_findings() -> None:
    report = old_report(2012)
    assert (report.edition, report.status, report.problems) == ("other", "text_only", [])
    assert len(report.sections) == 7


def test_tables_that_resemble_the_form_are_no_fault_before_it() -> None:
    report = old_report(2012, [[cell("类别"), cell("数量")], [cell("行政许可"), cell("12")], [cell("规章"), cell("1")]])
    assert (report.status, report.problems, dict(report.readings())) == ("text_only", [], {})


def test_appendix_beside_the_form_leaves_its_cells_alone() -> None:
    report = extract(word(["明川市林业局2018年政府信息公开工作报告", PROSE * 20, rows(HEADS, FIGURES)]), Origin())
    assert isinstance(report, Report)
    assert [section.text.count(PROSE) for section in report.sections] == [20]
    assert report.indicators == EXPECTED
