"""Text and Markdown renderings: rows by tabs or bars, everything else prose."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.readers.text import read_text
from parsers.tables import read_tables
from tests.parsers.printed_forms import all_rows, flattened, to_text
from tests.parsers.test_tables import PATIENT, assert_all_read, differences, distinct, figures


def tables(text: str) -> list[list[list[str]]]:
    return [[[cell.text for cell in row] for row in table.rows()] for table in read_text(text.encode()).tables]


def lines(text: str) -> list[str]:
    return [paragraph.text for paragraph in read_text(text.encode()).paragraphs]


@pytest.mark.parametrize("separator", ["bars", "bars without an outer one", "tabs"])
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_forms_without_blanks(edition: str, separator: str) -> None:
    truth = distinct(edition)
    text = ""
    for rows in all_rows(truth, edition, edition):
        for row in flattened(rows, pad_spans=separator == "bars"):
            if separator == "tabs":
                text += "\t".join(row) + ("\t" if len(row) == 1 else "") + "\n"
            elif separator == "bars":
                text += to_text([row])
            else:
                text += " | ".join(row) + " |\n" if len(row) > 1 else f"| {row[0]} |\n"
        text += "\n一段文字。\n"
    assert_all_read(read_tables(read_text(text.encode())), truth)


@settings(max_examples=60, **PATIENT)  # type: ignore[arg-type]
@given(figures(), st.booleans())
def test_forms_with_blanks_are_never_wrong(form: tuple, pad_spans: bool) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    text = "\n".join(to_text(flattened(rows, pad_spans=pad_spans)) for rows in all_rows(truth, two, three))
    assert differences(read_tables(read_text(text.encode())), truth) == []


def test_markdown() -> None:
    text = "# 标题\n\n**一、总体情况**\n\n| 规章 | 0 |\n|:---|---:|\n| 行政许可 | 3 |\n\n正文\n"
    assert tables(text) == [[["规章", "0"], ["行政许可", "3"]]]
    assert lines(text) == ["标题", "一、总体情况", "正文"]
    assert read_text(text.encode()).paragraphs[0].heading


def test_a_blank_line_ends_a_table() -> None:
    assert tables("| 规章 | 0 |\n\n| 行政许可 | 3 |\n") == [[["规章", "0"]], [["行政许可", "3"]]]


def test_rows_without_an_outer_bar() -> None:
    text = "信息内容 | 本年制发件数 | 本年废止件数\n规章 | 0 | 1\n行政许可 | 3 |\n"
    assert tables(text) == [[["信息内容", "本年制发件数", "本年废止件数"], ["规章", "0", "1"], ["行政许可", "3"]]]


@pytest.mark.parametrize(
    "line", ["首页 | 政务公开 | 年报", "明川市林业局 | 2024年政府信息公开工作年度报告", "\t缩进的一段文字。", "甲|乙"]
)
def test_lone_lines_with_separators_are_prose(line: str) -> None:
    assert tables(f"前文。\n{line}\n后文。\n") == []
    assert lines(f"前文。\n{line}\n后文。\n")[1] == line.strip()


def test_cells_know_their_line() -> None:
    [table] = read_text("前文。\n| 规章 | 0 |\n| 行政许可 | 3 |\n".encode()).tables
    place = table.cells[-1].place
    assert (place.line, place.table, place.row, place.column) == (3, 1, 2, 2)
    assert not table.aligned


@given(st.text(st.sampled_from("|\t -:#*一0\n"), max_size=200))
def test_any_text_is_survived(text: str) -> None:
    read_text(text.encode())
