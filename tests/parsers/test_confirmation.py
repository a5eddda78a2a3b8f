from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import forms
from parsers.confirmation import LEAST_SCORE, confirm
from parsers.document import Recognition
from parsers.report import Reading, Report
from parsers.tables import TableReadings
from sample.generator import generate

SURE = Recognition(0.99, agreed=True)
CITY = generate().reports
SOUND = next(
    item.report for item in CITY if item.report.requests_edition == "2021" and not item.wrong_sums
    and all(reading.kind == "number" for _name, reading in item.report.readings())
    and item.organ.scale == "city"
)  # fmt: skip


def recognised(report: Report = SOUND, seen: Recognition | None = SURE) -> TableReadings:
    copy = Report.from_json(report.to_json())
    for table in (copy.disclosures, copy.requests, copy.reviews):
        for cells in table.values():
            for column, reading in cells.items():
                cells[column] = replace(reading, recognition=seen)
    return TableReadings(copy.disclosures, copy.requests, copy.reviews)


def numbers(tables: TableReadings) -> dict[str, object]:
    return {
        f"{table}.{row}.{column}": reading.number
        for table, rows in (
            ("disclosures", tables.disclosures), ("requests", tables.requests), ("reviews", tables.reviews),
        )
        for row, cells in rows.items()
        for column, reading in cells.items()
        if reading.kind == "number"
    }  # fmt: skip


def misread(tables: TableReadings, row: str, column: str, number: int, seen: Recognition = SURE) -> None:
    cells = tables.requests[row]
    cells[column] = replace(cells[column], number=number, printed=str(number), recognition=seen)


@pytest.mark.parametrize("edition", ["2019", "2021"])
def test_figures_whose_sums_hold_are_kept(edition):
    report = next(
        item.report for item in CITY if item.report.requests_edition == edition and item.organ.scale == "district"
    )
    tables = recognised(report)
    confirm(tables)
    kept = numbers(tables)
    assert {name for name in kept if name.startswith("requests")} == {
        f"requests.{row}.{applicant}"
        for row in forms.editions()[edition].request_rows()
        for applicant in forms.APPLICANTS
    }
    assert sum(name.startswith("reviews") for name in kept) == 15


def test_table_two_is_withdrawn_as_a_whole_with_its_readings_in_one_finding():
    tables = recognised()
    printed = tables.disclosures["administrative_permits"]["decisions"].printed
    (finding,) = confirm(tables)
    assert finding.rule == "extraction.ocr_unconfirmed"
    assert len(finding.cells) == 10
    assert printed in (finding.evidence or "")
    withdrawn = tables.disclosures["administrative_permits"]["decisions"]
    assert (withdrawn.kind, withdrawn.number, withdrawn.printed) == ("unreadable", None, "")


@given(
    row=st.sampled_from(forms.editions()["2021"].request_rows()),
    column=st.sampled_from(list(forms.APPLICANTS)),
    number=st.integers(0, 999),
)
def test_a_single_misread_figure_is_never_kept(row, column, number):
    tables = recognised()
    truth = numbers(tables)
    misread(tables, row, column, number)
    confirm(tables)
    kept = numbers(tables)
    assert all(value == truth[name] for name, value in kept.items())
    if number != truth[f"requests.{row}.{column}"]:
        assert f"requests.{row}.{column}" not in kept
        assert f"requests.{row}.total" not in kept


UNSURE = Recognition(0.99, agreed=False)
ROWS = forms.editions()["2021"].request_rows()
CELLS = st.tuples(st.sampled_from(ROWS), st.sampled_from(list(forms.APPLICANTS)))


def doubt(tables: TableReadings, row: str, column: str, printed: str = "1\ufffd") -> None:
    tables.requests[row][column] = Reading("unreadable", printed, recognition=UNSURE)


@pytest.mark.parametrize("column", ["business", "total"])
@pytest.mark.parametrize("row", ["new", "granted", "handled_total", "carried_out"])
def test_one_figure_that_is_not_sure_costs_itself_only(row, column):
    tables = recognised()
    truth = numbers(recognised())
    doubt(tables, row, column)
    confirm(tables)
    kept = {name: value for name, value in numbers(tables).items() if name.startswith("requests")}
    lost = {name for name in truth if name.startswith("requests")} - set(kept)
    assert lost == {f"requests.{row}.{column}"}
    assert all(truth[name] == value for name, value in kept.items())


def test_a_figure_that_is_not_sure_is_not_kept_though_both_sums_agree():
    tables = recognised()
    tables.requests["granted"]["business"] = replace(tables.requests["granted"]["business"], recognition=UNSURE)
    confirm(tables)
    kept = numbers(tables)
    assert "requests.granted.business" not in kept
    assert "requests.granted.total" in kept


def test_a_figure_that_is_not_sure_stands_in_for_no_other_than_it_reads():
    tables = recognised()
    misread(tables, "granted", "business", tables.requests["granted"]["business"].number + 1, UNSURE)
    confirm(tables)
    kept = numbers(tables)
    assert not [name for name in kept if name.startswith("requests.granted.")]
    assert "requests.rejected_petition.business" not in kept
    assert "requests.rejected_petition.research" in kept


def test_of_a_sum_that_is_wrong_where_a_figure_is_missing_nothing_is_kept():
    tables = recognised()
    doubt(tables, "granted", "business")
    misread(tables, "granted", "total", tables.requests["granted"]["total"].number + 1)
    confirm(tables)
    kept = numbers(tables)
    assert not [name for name in kept if name.startswith("requests.granted.")]
    assert "requests.rejected_petition.business" not in kept
    assert "requests.new.business" in kept


def test_three_missing_figures_of_a_column_leave_it_unchecked():
    tables = recognised()
    for row in ("granted", "denied_state_secret", "rejected_petition"):
        doubt(tables, row, "business")
    confirm(tables)
    kept = numbers(tables)
    assert "requests.denied_third_party.business" not in kept
    assert "requests.denied_third_party.research" in kept
    assert "requests.new.business" in kept


def test_two_missing_figures_of_a_row_leave_their_columns_unchecked():
    tables = recognised()
    for column in ("business", "research"):
        doubt(tables, "granted", column)
    confirm(tables)
    kept = numbers(tables)
    # What their columns demand adds up with the row's other figures; the row demands neither by itself.
    assert {name for name in kept if name.startswith("requests.granted.")} == {
        f"requests.granted.{applicant}" for applicant in forms.APPLICANTS if applicant not in ("business", "research")
    }
    assert "requests.denied_third_party.business" not in kept
    assert "requests.denied_third_party.public_welfare" in kept


@given(CELLS, st.integers(0, 999), st.lists(CELLS, max_size=4), st.booleans())
def test_a_misread_figure_is_never_kept_whatever_else_is_missing(wrong, number, missing, unreadable):
    tables = recognised()
    truth = numbers(tables)
    misread(tables, *wrong, number)
    for row, column in missing:
        if unreadable:
            doubt(tables, row, column)
        else:
            tables.requests[row][column] = replace(tables.requests[row][column], recognition=UNSURE)
    confirm(tables)
    assert all(value == truth[name] for name, value in numbers(tables).items())


@pytest.mark.parametrize("seen", [Recognition(0.99, agreed=False), Recognition(LEAST_SCORE - 0.01, agreed=True)])
def test_the_same_misreading_everywhere_satisfies_the_sums_and_is_not_kept_unless_sure(seen):
    tables = recognised()
    for row in tables.requests:
        for column in forms.APPLICANTS:
            misread(tables, row, column, 0)
    for row in ("new", "granted", "handled_total"):
        for column in ("natural_person", "total"):
            misread(tables, row, column, 7, seen)
    confirm(tables)
    assert not {
        name for name in numbers(tables) if name.endswith(("natural_person", ".total")) and name.startswith("requests")
    }
    assert "requests.denied_third_party.business" in numbers(tables)


BLANK = Reading("blank", recognition=SURE)
SLASH = Reading("placeholder", "/", recognition=SURE)


@pytest.mark.parametrize("nothing", [BLANK, SLASH], ids=["blank", "slash"])
def test_a_blank_or_slash_adds_nothing_and_stays_what_it_is(nothing):
    tables = recognised()
    zeros = [
        (row, column)
        for row, cells in tables.requests.items()
        for column, reading in cells.items()
        if reading.number == 0 and column != "total" and row not in ("handled_total", "carried_out")
    ]
    assert len(zeros) > 20
    for row, column in zeros:
        tables.requests[row][column] = nothing
    confirm(tables)
    kept = numbers(tables)
    assert all(tables.requests[row][column] == nothing for row, column in zeros)
    assert "requests.new.natural_person" in kept
    assert "requests.granted.natural_person" in kept


def test_a_blank_where_a_figure_is_due_leaves_its_sums_unconfirmed():
    tables = recognised()
    assert tables.requests["new"]["research"].number
    tables.requests["new"]["research"] = BLANK
    confirm(tables)
    kept = numbers(tables)
    assert tables.requests["new"]["research"].kind == "blank"
    assert not any(name.startswith("requests.new.") for name in kept)
    assert "requests.carried_out.research" not in kept
    assert "requests.granted.research" in kept


@pytest.mark.parametrize("blanks", [Recognition(0.99, agreed=False), Recognition(LEAST_SCORE - 0.01, agreed=True)])
def test_a_blank_that_is_not_sure_confirms_nothing(blanks):
    tables = recognised()
    cells = tables.reviews["reconsideration"]
    cells["other"] = Reading("blank", recognition=blanks)
    cells["total"] = replace(
        cells["total"], number=sum(cells[name].number or 0 for name in forms.OUTCOMES if name != "total")
    )
    confirm(tables)
    assert not any(name.startswith("reviews.reconsideration") for name in numbers(tables))


def test_a_total_of_nothing_but_blanks_is_kept_where_its_column_adds_up():
    tables = recognised()
    row = next(
        code
        for code, cells in tables.requests.items()
        if code.startswith("denied") and not any(reading.number for reading in cells.values())
    )
    for applicant in forms.APPLICANTS:
        if applicant != "total":
            tables.requests[row][applicant] = BLANK
    confirm(tables)
    assert numbers(tables)[f"requests.{row}.total"] == 0
    misread(tables, row, "total", 8)
    confirm(tables)
    assert f"requests.{row}.total" not in numbers(tables)


def test_in_table_four_sums_of_blanks_and_blank_sums_confirm_nothing():
    tables = recognised()
    for outcome in forms.OUTCOMES:
        if outcome != "total":
            tables.reviews["reconsideration"][outcome] = BLANK
    tables.reviews["reconsideration"]["total"] = Reading("number", "0", 0, recognition=SURE)
    tables.reviews["litigation_direct"]["total"] = BLANK
    confirm(tables)
    kept = {name.split(".")[1] for name in numbers(tables) if name.startswith("reviews")}
    assert kept == {"litigation_after_reconsideration"}


def test_a_row_that_was_not_found_leaves_every_result_unchecked():
    tables = recognised()
    del tables.requests["rejected_petition"]
    confirm(tables)
    kept = {name.split(".")[1] for name in numbers(tables) if name.startswith("requests")}
    assert kept == {"new", "carried_in", "handled_total", "carried_out"}
    del tables.requests["carried_out"]
    confirm(tables)
    assert not {name for name in numbers(tables) if name.startswith("requests")}


def test_the_row_of_totals_that_was_not_found_costs_itself_only():
    tables = recognised()
    del tables.requests["handled_total"]
    confirm(tables)
    kept = {name for name in numbers(tables) if name.startswith("requests")}
    assert kept == {f"requests.{row}.{applicant}" for row in tables.requests for applicant in forms.APPLICANTS}


@given(CELLS, st.integers(0, 999))
def test_without_the_row_of_totals_a_misread_figure_is_not_kept(wrong, number):
    tables = recognised()
    truth = numbers(tables)
    misread(tables, *wrong, number)
    del tables.requests["handled_total"]
    confirm(tables)
    assert all(value == truth[name] for name, value in numbers(tables).items())


def test_sums_that_demand_two_different_figures_of_a_missing_one_bear_nothing_out():
    tables = recognised()
    # The balance of the column says another total than the row of totals.
    for row in ("new", "carried_in"):
        misread(tables, row, "business", tables.requests[row]["business"].number + 1)
    doubt(tables, "handled_total", "business")
    confirm(tables)
    kept = numbers(tables)
    assert "requests.granted.research" in kept
    assert "requests.granted.business" not in kept


def test_a_wrong_sum_of_table_four_costs_its_proceeding_only():
    tables = recognised()
    cells = tables.reviews["litigation_direct"]
    cells["total"] = replace(cells["total"], number=(cells["total"].number or 0) + 1)
    confirm(tables)
    kept = {name.split(".")[1] for name in numbers(tables) if name.startswith("reviews")}
    assert kept == {"reconsideration", "litigation_after_reconsideration"}


def test_what_is_stated_as_text_is_left_alone():
    tables = recognised(seen=None)
    tables.requests["new"]["total"] = replace(tables.requests["new"]["total"], number=999_999)
    before = numbers(tables)
    assert confirm(tables) == []
    assert numbers(tables) == before


def test_a_placeholder_is_one_only_if_both_looks_say_so():
    tables = recognised()
    tables.reviews["reconsideration"]["other"] = Reading("placeholder", "/", recognition=SURE)
    tables.reviews["reconsideration"]["pending"] = Reading("placeholder", "/", recognition=Recognition(0.9, False))
    confirm(tables)
    assert [tables.reviews["reconsideration"][outcome].kind for outcome in ("other", "pending")] == [
        "placeholder",
        "unreadable",
    ]


def test_how_a_cell_was_recognised_survives_storing():
    report = Report("某局", 2024, "标题", requests={"new": {"total": Reading("number", "1", 1, recognition=SURE)}})
    assert Report.from_json(report.to_json()) == report
