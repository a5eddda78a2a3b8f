"""Renderings with one cell per line: rows where nothing is lost, else no figures at all."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.readers.text import read_text
from parsers.tables import TableReadings, read_tables
from tests.parsers.printed_forms import Rows, all_rows, flattened, zero_figures
from tests.parsers.test_tables import PATIENT, assert_all_read, differences, distinct, figures

# Between cells and after each of them: the dialects met.
DIALECTS = {"blank lines": ("\n\n", ""), "lines": ("\n", ""), "bars": ("\n", " |"), "lone bars": ("\n", "\n|")}


def printed(rows: Rows, dialect: str, *, keep_blanks: bool = False) -> str:
    between, after = DIALECTS[dialect]
    cells = [text for row in flattened(rows, pad_spans=False) for text in row if text or keep_blanks]
    return "".join(f"{text}{after}{between}" for text in cells)


def report(form: dict, two: str, three: str, dialect: str, *, keep_blanks: bool = False) -> str:  # type: ignore[type-arg]
    names = ("二、主动公开政府信息情况", "三、收到和处理政府信息公开申请情况", "四、政府信息公开行政复议、行政诉讼情况")
    tables = (printed(rows, dialect, keep_blanks=keep_blanks) for rows in all_rows(form, two, three))
    parts = (f"{name}\n{table}" for name, table in zip(names, tables, strict=True))
    return "一、总体情况\n无。\n" + "\n".join(parts) + "\n五、存在的主要问题及改进情况\n无。\n"


def read(text: str) -> TableReadings:
    return read_tables(read_text(text.encode()))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_forms_without_blanks(edition: str, dialect: str) -> None:
    truth = distinct(edition)
    assert_all_read(read(report(truth, edition, edition, dialect)), truth)


def test_prose_between_the_tables_stays_prose() -> None:
    document = read_text(report(distinct("2021"), "2021", "2021", "blank lines").encode())
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "一、总体情况",
        "无。",
        "二、主动公开政府信息情况",
        "三、收到和处理政府信息公开申请情况",
        "四、政府信息公开行政复议、行政诉讼情况",
        "五、存在的主要问题及改进情况",
        "无。",
    ]


@settings(max_examples=80, **PATIENT)  # type: ignore[arg-type]
@given(figures(), st.sampled_from(list(DIALECTS)), st.booleans())
def test_lost_and_kept_blanks_are_never_wrong(form: tuple, dialect: str, keep_blanks: bool) -> None:  # type: ignore[type-arg]
    two, three, truth = form
    assert differences(read(report(truth, two, three, dialect, keep_blanks=keep_blanks)), truth) == []


@settings(max_examples=80, **PATIENT)  # type: ignore[arg-type]
@given(st.data())
def test_any_lines_lost_or_broken_are_never_wrong(data: st.DataObject) -> None:
    truth = distinct("2021")
    lines = report(truth, "2021", "2021", data.draw(st.sampled_from(list(DIALECTS)))).split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        # A cell is lost or a page break widens the space; figures are all different and not a row's.
        at = data.draw(st.integers(0, len(lines) - 1))
        if data.draw(st.booleans()):
            lines.insert(at, data.draw(st.sampled_from(["", "\n\n", "- 3 -"])))
        elif any(character.isdigit() for character in lines[at][:1]):
            lines.pop(at)
            if lines[at] == "|":
                lines.pop(at)
    assert differences(read("\n".join(lines)), truth) == []


def test_a_wider_space_within_a_row_is_a_lost_cell() -> None:
    row = "一、本年新收政府信息公开申请数量"
    first = "1\n\n2\n\n3\n\n\n\n5\n\n6\n\n7\n\n8"
    second = "\n\n".join("4" * 7)
    text = f"申请人情况\n\n{row}\n\n{first}\n\n二、上年结转政府信息公开申请数量\n\n{second}\n"
    found = read(text)
    assert "new" not in found.requests
    assert found.requests["carried_in"]["total"].number == 4
    assert any("requests.new.total" in problem.cells for problem in found.problems)


def test_labels_broken_over_lines() -> None:
    text = report(zero_figures("2021", "7"), "2021", "2021", "lines")
    for label in ("（二）部分公开（区分处理的，只计", "行政规范", "1.本机关不掌握", "逾期不补正、"):
        assert label in text
        text = text.replace(label, f"{label}\n", 1)
    assert_all_read(read(text), zero_figures("2021", "7"))


def test_labels_in_prose_make_no_table() -> None:
    text = "行政许可\n行政处罚\n本年办理行政许可3件。\n规章\n0是起点。\n2\n"
    assert read_text(text.encode()).tables == []
    assert "2" in [paragraph.text for paragraph in read_text(text.encode()).paragraphs]
