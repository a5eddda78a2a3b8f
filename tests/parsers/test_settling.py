"""Rows in doubt: kept where their sums bear them out, given up with a finding where they do not."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers import forms
from parsers.readers.html import read_html
from parsers.report import Reading, Readings
from parsers.settling import Doubt, labels_in_doubt, settle
from parsers.tables import TableReadings, read_tables
from tests.parsers.damaged_forms import DAMAGES, Form, damaged, sound_form, to_page, wrong_cells
from tests.parsers.printed_forms import cell, document, grid, request_rows, review_rows, zero_figures

APPLICANTS = list(forms.APPLICANTS)


def row(*numbers: int | None) -> dict[str, Reading]:
    return {
        code: Reading("blank") if number is None else Reading("number", str(number), number)
        for code, number in zip(APPLICANTS, numbers, strict=True)
    }


def settled(readings: dict[str, Reading], **about: bool) -> tuple[dict[str, Reading], int]:
    tables: dict[str, Readings] = {"disclosures": {}, "requests": {"granted": readings}, "reviews": {}}
    findings = settle(tables, [Doubt("requests", "granted", "与列标题未能逐格对齐", "…", **about)])
    return tables["requests"]["granted"], len(findings)


def test_a_sum_that_holds_bears_a_row_out() -> None:
    read, findings = settled(row(1, 2, 3, 4, 5, 6, 21))
    assert [reading.number for reading in read.values()] == [1, 2, 3, 4, 5, 6, 21]
    assert not any(reading.sure for reading in read.values())
    assert findings == 0


def test_a_sum_that_fails_withdraws_a_row_in_doubt() -> None:
    read, findings = settled(row(1, 2, 3, 4, 5, 6, 22))
    assert {reading.kind for reading in read.values()} == {"unreadable"}
    assert [reading.printed for reading in read.values()] == ["1", "2", "3", "4", "5", "6", "22"]
    assert findings == 1


def test_no_order_of_the_same_figures_is_wrong() -> None:
    assert settled(row(*[0] * 7))[1] == 0


def test_blanks_count_only_where_none_is_lost() -> None:
    sparse = row(3, None, None, None, 4, None, 7)
    assert settled(sparse)[1] == 1
    assert settled(sparse, counted=True)[1] == 0


def test_sums_do_not_settle_whose_label_it_is() -> None:
    assert settled(row(1, 2, 3, 4, 5, 6, 21), decidable=False)[1] == 1


def test_a_column_contradicts_what_the_row_bears_out() -> None:
    tables: dict[str, Readings] = {
        "disclosures": {},
        "requests": {
            "new": row(5, 0, 0, 0, 0, 0, 5),
            "carried_in": row(*[0] * 7),
            "handled_total": row(0, 5, 0, 0, 0, 0, 5),
            "carried_out": row(*[0] * 7),
        },
        "reviews": {},
    }
    [finding] = settle(tables, [Doubt("requests", "handled_total", "与列标题未能逐格对齐", "…")])
    assert "requests.handled_total.business" in finding.cells
    assert {reading.kind for reading in tables["requests"]["handled_total"].values()} == {"unreadable"}
    assert tables["requests"]["new"]["total"].number == 5


ORDER = list("abcdefgh")


@pytest.mark.parametrize(
    ("printed", "doubtful"),
    [
        ("abcdefgh", ""),
        ("abc-efgh", ""),  # d lost its label in its own place
        ("abcefgh", ""),  # d is missing with its figures
        ("abc-defgh", ""),  # a row of another kind
        ("ab-cdfgh", "cd"),  # c and d slipped down a row, e is lost
        ("abdef-gh", "def"),  # d to f slipped up a row, c is lost
        ("-abcdefg", "abcdefg"),
        ("bcdefgh-", "bcdefgh"),
    ],
)
def test_labels_that_slipped(printed: str, doubtful: str) -> None:
    rows = [None if letter == "-" else letter for letter in printed]
    assert labels_in_doubt(rows, ORDER) == set(doubtful)


def test_labels_out_of_order_leave_no_place_certain() -> None:
    assert labels_in_doubt(["a", None, "g", "b", "c", "d", "f", "h"], ORDER)


# On whole tables --------------------------------------------------------------------------


def read(*tables: list[list[object]]) -> TableReadings:
    return read_tables(document(*(grid(rows) for rows in tables)))  # type: ignore[arg-type]


def test_a_plain_row_keeps_the_sources_own_error() -> None:
    figures = zero_figures("2021", "7")["requests"]
    requests = read(request_rows("2021", figures)).requests
    assert requests["new"]["total"].number == 7
    assert requests["new"]["total"].sure


def test_a_column_too_many_in_heads_and_figures_of_table_four() -> None:
    figures = zero_figures("2021")["reviews"]
    for proceeding, count in zip(figures, (3, 5, 8), strict=True):
        figures[proceeding] |= {"upheld": str(count), "pending": "1", "total": str(count + 1)}
    for shift in (2, 7, 12):
        rows = review_rows(figures)
        rows[1].insert(2, cell("", 2, 1))
        rows[3].insert(shift, cell("0"))
        found = read(rows).reviews
        for proceeding, outcomes in found.items():
            for outcome, reading in outcomes.items():
                assert reading.number in (None, int(figures[proceeding][outcome]))


def test_a_blank_column_from_head_to_foot_is_no_doubt() -> None:
    rows = review_rows(zero_figures("2021", "7")["reviews"])
    rows[0][0] = cell("行政复议", 1, 6)
    rows[1].insert(2, cell("", 2, 1))
    rows[3].insert(2, cell(""))
    assert {reading.number for outcomes in read(rows).reviews.values() for reading in outcomes.values()} == {7}


def test_missing_heads_are_made_up_for_by_sums() -> None:
    figures = zero_figures("2021")["requests"]
    figures["new"] |= {"business": "4", "total": "4"}
    figures["carried_in"] |= {"business": "2", "total": "3"}
    requests = read(request_rows("2021", figures)[3:]).requests
    assert requests["new"]["business"].number == 4
    assert {reading.kind for reading in requests["carried_in"].values()} == {"unreadable"}


# Damaged at random ------------------------------------------------------------------------


def cells_read(form: Form) -> dict[str, dict[str, dict[str, tuple[str, str]]]]:
    found = read_tables(read_html(to_page(form)))
    return {
        table: {
            row: {column: (reading.kind, reading.printed) for column, reading in cells.items()}
            for row, cells in rows.items()
        }
        for table, rows in found.by_name.items()
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(1, 5))
def test_damage_makes_no_figure_wrong(seed: int, count: int) -> None:
    rng = random.Random(seed)
    form = damaged(sound_form(rng), rng, count)
    assert wrong_cells(form, cells_read(form)) == []


@pytest.mark.parametrize(
    ("seed", "damages"),
    [
        pytest.param(704596, ["column_added", "tables_merged", "labels_shifted"], id="label of one table in another"),
        pytest.param(705611, ["wide_head_split", "value_added", "labels_shifted"], id="one row tells no spare column"),
    ],
)
def test_once_read_wrong(seed: int, damages: list[str]) -> None:
    rng = random.Random(seed)
    form = sound_form(rng)
    form = damaged(form, rng, rng.randint(1, 5))
    assert form.damages == damages
    assert wrong_cells(form, cells_read(form)) == []


@pytest.mark.parametrize("seed", range(6))
def test_sound_forms_are_read_whole(seed: int) -> None:
    form = sound_form(random.Random(seed))
    for table, rows in cells_read(form).items():
        assert {r: {c: printed for c, (_kind, printed) in cells.items()} for r, cells in rows.items()} == form.truth[
            table
        ]


@pytest.mark.parametrize("name", sorted(DAMAGES))
def test_every_damage_changes_the_page(name: str) -> None:
    for seed in range(20):
        rng = random.Random(seed)
        form = sound_form(rng)
        before = to_page(form)
        if DAMAGES[name](form, rng) and to_page(form) != before:
            return
    pytest.fail(f"{name} never did anything")
