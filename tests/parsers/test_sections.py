"""Sections: headings are told from the same words in preambles, lists and prose."""

from __future__ import annotations

import pytest

from parsers import forms
from parsers.document import Block, Cell, Paragraph, Table
from parsers.report import Section
from parsers.sections import match_heading, read_prose, read_sections

HEADINGS = [f"{numeral}、{forms.SECTIONS[n].zh}" for n, numeral in enumerate("一二三四五六", start=1)]


def read(*lines: str | Table) -> list[Section]:
    blocks: list[Block] = [Paragraph(line) if isinstance(line, str) else line for line in lines]
    return read_sections(blocks)


def report(*, preamble: list[str] | None = None) -> list[str]:
    lines = preamble or []
    for number, heading in enumerate(HEADINGS, start=1):
        lines = [*lines, heading, f"第{number}段正文。"]
    return lines


def test_six_sections_without_their_tables() -> None:
    table = Table([Cell("规章", 0, 0), Cell("0", 0, 1)])
    sections = read(HEADINGS[0], "甲。", "乙。", HEADINGS[1], table, HEADINGS[2], "丙。")
    assert [(s.number, s.heading, s.text) for s in sections] == [
        (1, HEADINGS[0], "甲。\n乙。"),
        (2, HEADINGS[1], ""),
        (3, HEADINGS[2], "丙。"),
    ]


def test_preamble_that_names_the_headings() -> None:
    preamble = [
        "本报告由总体情况、主动公开政府信息情况、收到和处理政府信息公开申请情况、政府信息公开行政复议、行政诉讼情况、"
        "存在的主要问题及改进情况、其他需要报告的事项六部分组成。",
        "报告包括：一、总体情况；二、主动公开政府信息情况；三、收到和处理政府信息公开申请情况。",
    ]
    sections = read(*report(preamble=preamble))
    assert [section.text for section in sections] == [f"第{number}段正文。" for number in range(1, 7)]


def test_table_of_contents_before_the_report() -> None:
    sections = read(*report(preamble=list(HEADINGS)))
    assert [section.text for section in sections] == [f"第{number}段正文。" for number in range(1, 7)]


def test_enumerated_lines_inside_a_section_are_prose() -> None:
    sections = read(
        HEADINGS[0],
        "一、主动公开扎实推进。",
        "二、依申请公开规范有序。",
        "三、政府信息管理不断加强。",
        "（三）收到和处理政府信息公开申请情况。",
        "四、平台建设",
        HEADINGS[1],
        "正文。",
    )
    assert [section.number for section in sections] == [1, 2]
    assert sections[0].text.count("\n") == 4


@pytest.mark.parametrize(
    ("line", "number", "heading", "rest"),
    [
        ("六、其他需要报告的事项：无。", 6, "六、其他需要报告的事项", "无。"),
        ("六、其他需要报告的事项 本年度未收取信息处理费。", 6, "六、其他需要报告的事项", "本年度未收取信息处理费。"),
        ("一、总体情况　明川市林业局认真落实条例要求，主动公开各类政府信息，稳步推进平台建设。", 1, "一、总体情况",
         "明川市林业局认真落实条例要求，主动公开各类政府信息，稳步推进平台建设。"),
    ],
)  # fmt: skip
def test_heading_and_body_on_one_line(line: str, number: int, heading: str, rest: str) -> None:
    found = match_heading(line)
    assert found is not None
    assert (found.number, found.text, found.rest) == (number, heading, rest)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("一、总体情况", 1),
        ("1、 总体情况", 1),
        ("1.总体情况", 1),
        ("总体情况", 1),
        ("一、工作概述", 1),
        ("一、工作基本情况", 1),
        ("一、2023年政务公开总体情况", 1),
        ("一 、总 体 情 况", 1),
        ("二、主动公开政府信息情况", 2),
        ("主动公开政府信息情况", 2),
        ("四、政府信息公开行政复议行政诉讼情况", 4),
        ("四、因政府信息公开工作被申请行政复议、提起行政诉讼情况", 4),
        ("五、存在问题及改进情况", 5),
        ("五、政府信息公开工作存在的主要问题及改进情况", 5),
        ("五、存在的主要问题及改进措施", 5),
        ("六、其它需要报告的事项", 6),
        ("六、其他需要报告的事项。", 6),
        ("三、收到和处理政府信息公开申请情况（单位：件）", 3),
    ],
)
def test_variants(line: str, number: int) -> None:
    found = match_heading(line)
    assert found is not None
    assert found.number == number


@pytest.mark.parametrize(
    "line",
    [
        "（一）总体情况",
        "（1）总体情况",
        "总体情况如下。",
        "工作概述",
        "总体情况良好，公开及时。",
        "二、总体情况如下：主动公开政府信息情况良好",
        "第二十条第（一）项",
        "一、本年新收政府信息公开申请数量",
        "",
        "六",
        "目录",
    ],
)
def test_what_is_no_heading(line: str) -> None:
    assert match_heading(line) is None


def test_a_heading_that_comes_too_early_does_not_swallow_the_others() -> None:
    lines = report()
    lines.insert(2, HEADINGS[5])
    assert [section.number for section in read(*lines)] == [1, 2, 3, 4, 5, 6]
    assert read(*lines)[5].text == "第6段正文。"


def test_no_headings_no_sections() -> None:
    assert read("2009年我局主动公开信息共42条。", "特此报告。") == []


def preamble_of(*lines: str | Table) -> str:
    blocks: list[Block] = [Paragraph(line) if isinstance(line, str) else line for line in [*lines, *HEADINGS]]
    return read_prose(blocks)[0]


def test_preamble_is_what_stands_before_the_first_section() -> None:
    basis = "根据《中华人民共和国政府信息公开条例》规定，现公布本机关2024年政府信息公开工作年度报告。"
    contact = "如对本报告有疑问，请与明川市林业局办公室联系（地址：滨河路12号）。"
    assert preamble_of("首页 > 政府信息公开年报", "明川市林业局2024年政府信息公开工作年度报告", basis, contact) == (
        f"{basis}\n{contact}"
    )


def test_what_stands_above_the_title_or_a_table_is_no_preamble() -> None:
    notice = "本网站由明川市人民政府办公室主办，如需转载请注明出处和来源。"
    title = "明川市林业局2024年政府信息公开工作年度报告"
    basis = "根据《中华人民共和国政府信息公开条例》规定，编制本报告并向社会公布。"
    assert preamble_of(notice, title, basis) == basis
    assert preamble_of(basis, Table([Cell("索引号", 0, 0)])) == ""
    assert preamble_of(title) == ""


def test_preamble_without_sections() -> None:
    assert read_prose([Paragraph("根据《中华人民共和国政府信息公开条例》规定，编制本报告。")]) == ("", [])
