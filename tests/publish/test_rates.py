import json

import pytest

from parsers import forms
from publish import layout
from publish.rates import compute, compute_all, rate_json, rates


def _fields() -> set[str]:
    tables = [layout.reviews(), *(layout.requests(edition) for edition in forms.editions().values())]
    return {field for table in tables for field in table.fields()}


@pytest.mark.parametrize("rate", rates().values(), ids=lambda rate: rate.code)
def test_rates_are_of_cells_that_the_form_prints(rate) -> None:  # type: ignore[no-untyped-def]
    assert set(rate.fields) <= _fields()
    assert rate.numerator
    assert rate.denominator
    assert len(set(rate.fields)) == len(rate.fields)
    assert rate.label
    assert rate.formula
    assert rate.formula_en


def test_shares_take_every_row_of_their_group() -> None:
    for code in ("denied", "unavailable", "rejected"):
        rows = [row for row, label in forms.REQUEST_ROWS.items() if label.group == code]
        assert [term.field for term in rates()[code].numerator] == [f"requests.{row}.total" for row in rows]


def test_disclosure_is_granted_and_partly_granted_over_all_handled() -> None:
    cells = {"requests.granted.total": 5, "requests.partly_granted.total": 3, "requests.handled_total.total": 13}
    view = compute(rates()["disclosure"], cells.get)
    assert (view.numerator, view.denominator, view.percent) == (8, 13, "61.5%")


def test_corrections_leave_out_what_is_pending() -> None:
    cells = {
        "reviews.reconsideration.corrected": 1,
        "reviews.reconsideration.pending": 2,
        "reviews.reconsideration.total": 6,
    }
    view = compute(rates()["reconsideration_corrected"], cells.get)
    assert (view.numerator, view.denominator, view.value) == (1, 4, 0.25)


@pytest.mark.parametrize(
    ("granted", "partly", "handled", "lacking"),
    [
        (5, None, 13, "cell"),
        (5, 3, None, "cell"),
        (0, 0, 0, "zero"),
        (5, 3, 7, "contradiction"),
        (5, 3, 0, "contradiction"),
    ],
)
def test_no_rate_without_every_figure(
    granted: int | None, partly: int | None, handled: int | None, lacking: str
) -> None:
    cells = {
        "requests.granted.total": granted,
        "requests.partly_granted.total": partly,
        "requests.handled_total.total": handled,
    }
    view = compute(rates()["disclosure"], cells.get)
    assert (view.value, view.percent, view.lacking) == (None, "", lacking)


def test_a_report_without_cells_has_no_rates() -> None:
    assert {view.lacking for view in compute_all({}.get)} == {"cell"}


def test_queries_get_per_cent_with_both_parts() -> None:
    cells = {"requests.granted.total": 1, "requests.partly_granted.total": 0, "requests.handled_total.total": 3}
    found = json.loads(rate_json("disclosure", json.dumps(cells)) or "")
    assert found == {"value": 33.33, "numerator": 1, "denominator": 3}
    assert rate_json("nothing", "{}") is None
    assert json.loads(rate_json("disclosure", "{}") or "")["value"] is None
