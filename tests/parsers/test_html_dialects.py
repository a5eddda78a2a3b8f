"""Reports in the markup of many editors: what is read equals what was printed, or is absent, never wrong."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from parsers import forms
from parsers.extract import Origin, extract
from parsers.readers.html import read_html
from parsers.report import Report
from parsers.tables import TableReadings, read_tables
from tests.parsers.html_dialects import (
    NOISE,
    ORGAN,
    PROSE,
    PUBLISHED,
    TITLE,
    body_html,
    cell_html,
    dialects,
    in_config,
    page_html,
    rendered_tables,
    table_html,
    whole_page,
)
from tests.parsers.printed_forms import all_rows
from tests.parsers.test_tables import NAMES, assert_all_read, differences, figures

patient = settings(
    max_examples=60,
    # A page takes many choices: shrinking one would take minutes and tell little.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
Form = tuple  # type: ignore[type-arg]


def readings(report: Report) -> TableReadings:
    return TableReadings(report.disclosures, report.requests, report.reviews, report.problems)


def report_of(payload: bytes) -> Report:
    report = extract(payload, Origin())
    assert isinstance(report, Report), report
    return report


def assert_whole(report: Report, truth: dict) -> None:  # type: ignore[type-arg]
    assert_all_read(readings(report), truth)
    assert (report.organ, report.year) == (ORGAN, 2024)
    assert {section.number: section.text.split("\n") for section in report.sections} == {
        number: lines or [""] for number, lines in PROSE.items()
    }


@patient
@given(figures(), dialects, st.data())
def test_any_dialect_comes_back_whole(form: Form, dialect, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    two, three, truth = form
    tables = rendered_tables(data.draw, truth, two, three, dialect)
    page = whole_page(page_html(data.draw, tables))
    report = report_of(page.encode())
    assert_whole(report, truth)
    assert report.published_on in (PUBLISHED, None)


@patient
@given(figures(), dialects, st.data(), st.booleans())
def test_a_report_in_the_scripts_configuration(  # type: ignore[no-untyped-def]
    form: Form, dialect, data: st.DataObject, escaped: bool
) -> None:
    two, three, truth = form
    body = body_html(data.draw, rendered_tables(data.draw, truth, two, three, dialect))
    assert_whole(report_of(in_config(body, escape_markup=escaped).encode()), truth)


@patient
@given(figures(), dialects, st.data())
def test_spans_that_are_wrong_never_make_a_wrong_figure(  # type: ignore[no-untyped-def]
    form: Form, dialect, data: st.DataObject
) -> None:
    two, three, truth = form
    tables = []
    for rows in all_rows(truth, two, three):
        damaged = []
        for row in rows:
            cells = []
            for spanning in row:
                kind = data.draw(st.sampled_from(["keep"] * 12 + ["down", "right", "none", "zero"]))
                down, right = spanning.row_span, spanning.column_span
                if kind == "down":
                    down = max(1, down + data.draw(st.sampled_from([-1, 1, 2])))
                elif kind == "right":
                    right = max(1, right + data.draw(st.sampled_from([-1, 1, 2])))
                elif kind == "none":
                    down = right = 1
                elif kind == "zero":
                    down = 0
                cells.append(type(spanning)(spanning.text, down, right))
            damaged.append(cells)
        tables.append(table_html(damaged, dialect))
    read = read_tables(read_html(whole_page(body_html(data.draw, tables)).encode()))
    assert differences(read, truth) == []
    assert_absence_explained(read, truth)


@patient
@given(figures(), dialects, st.data())
def test_rows_and_cells_that_are_missing_never_make_a_wrong_figure(  # type: ignore[no-untyped-def]
    form: Form, dialect, data: st.DataObject
) -> None:
    two, three, truth = form
    tables = []
    for rows in all_rows(truth, two, three):
        damaged = []
        for row in rows:
            kind = data.draw(st.sampled_from(["keep"] * 15 + ["no row", "no first", "no cell", "one more", "doubled"]))
            cells = list(row)
            if kind == "no row":
                continue
            if kind == "no first":
                cells = cells[1:]
            elif kind == "no cell":
                del cells[data.draw(st.integers(0, len(cells) - 1))]
            elif kind == "one more":
                cells.insert(data.draw(st.integers(0, len(cells))), type(cells[0])("", 1, 1))
            damaged.append(cells)
            if kind == "doubled":
                damaged.append(cells)
        tables.append(table_html(damaged, dialect))
    read = read_tables(read_html(whole_page(body_html(data.draw, tables)).encode()))
    assert differences(read, truth) == []
    assert_absence_explained(read, truth)


def assert_absence_explained(read: TableReadings, truth: dict) -> None:  # type: ignore[type-arg]
    """Every table of which a cell is missing has a finding that says so."""
    blamed = [cell for problem in read.problems for cell in problem.cells]
    for name in NAMES:
        table = getattr(read, name)
        if not table:
            continue
        for row, cells in truth[name].items():
            if any(column not in table.get(row, {}) for column in cells):
                assert any(cell.startswith(f"{name}.{row}") or cell == name for cell in blamed), (name, row)


@patient
@given(figures(), dialects, st.data())
def test_headings_and_prose_in_the_one_table(form: Form, dialect, data: st.DataObject) -> None:  # type: ignore[no-untyped-def]
    two, three, truth = form
    lines = []
    for number, numeral in enumerate("一二三四五六", 1):
        lines.append(f"<tr><td colspan=15>{numeral}、{forms.SECTIONS[number].zh}</td></tr>")
        if PROSE[number]:
            prose = "".join(f"<p>{line}</p>" for line in PROSE[number])
            lines.append(f"<tr><td colspan=15>{prose}</td></tr>")
        if 2 <= number <= 4:
            for row in all_rows(truth, two, three)[number - 2]:
                lines.append("<tr>" + "".join(cell_html(spanning, dialect) for spanning in row) + "</tr>")
    report = report_of(whole_page(f"<h1>{TITLE}</h1><table border=1>{''.join(lines)}</table>").encode())
    assert_all_read(readings(report), truth)
    assert [section.number for section in report.sections] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("declared", ["gb2312", "utf-8", "gbk", "iso-8859-1", None])
@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-8-sig", "utf-16"])
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(figures(), st.data())
def test_content_beats_declaration(declared: str | None, encoding: str, form: Form, data: st.DataObject) -> None:
    two, three, truth = form
    tables = rendered_tables(data.draw, truth, two, three, data.draw(dialects))
    page = whole_page(page_html(data.draw, tables), charset=declared)
    assert_whole(report_of(page.encode(encoding)), truth)


@patient
@given(figures(), st.data())
def test_no_noise_in_sections(form: Form, data: st.DataObject) -> None:
    two, three, truth = form
    page = whole_page(page_html(data.draw, rendered_tables(data.draw, truth, two, three, data.draw(dialects))))
    report = report_of(page.encode())
    assert NOISE not in "".join(section.text for section in report.sections)
    assert report.sections[-1].text.endswith("2025年1月15日")
