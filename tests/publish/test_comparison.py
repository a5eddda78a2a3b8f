from typing import Any

import pytest

from parsers import forms
from publish.comparison import compare_table, pair_cells
from publish.report_cells import ReportCells


def _cells(
    values: dict[str, Any], kinds: dict[str, str] | None = None, units: dict[str, str] | None = None
) -> ReportCells:
    known = {field: {"value": value, "unit": (units or {}).get(field)} for field, value in values.items()}
    return ReportCells(known, {field: {"kind": kind, "printed": ""} for field, kind in (kinds or {}).items()})


NEW = "requests.new.total"


@pytest.mark.parametrize(
    ("old", "new", "state", "difference"),
    [
        (7, 9, "differs", "+2"),
        (9, 7, "differs", "−2"),
        (0.1, 0.3, "differs", "+0.2"),
        (12.5, 100, "differs", "+87.5"),
        (7, 7, "same", ""),
        (0, 0, "same", ""),
        (None, 0, "incomparable", ""),
        (5, None, "incomparable", ""),
        (None, None, "nothing", ""),
    ],
)
def test_only_numbers_are_subtracted(old: float | None, new: float | None, state: str, difference: str) -> None:
    pair = pair_cells((_cells({NEW: old}), NEW), (_cells({NEW: new}), NEW))
    assert (pair.state, pair.difference) == (state, difference)


def test_figures_in_different_units_are_not_subtracted() -> None:
    field = "disclosures.procurement.amount"
    one, other = _cells({field: 3}, units={field: "元"}), _cells({field: 3}, units={field: "万元"})
    assert pair_cells((one, field), (other, field)).state == "incomparable"


def _report(edition: str) -> dict[str, Any]:
    return {"edition": edition, "requests_edition": edition, "disclosures_edition": edition}


def test_editions_that_differ_are_lined_up_by_code() -> None:
    old = _report("2019"), _cells({"requests.other.total": 2, NEW: 4})
    new = _report("2021"), _cells({"requests.other_reasons.total": 2, NEW: 4})
    table = compare_table("requests", old, new)
    assert table is not None
    rows = {field.split(".")[1] for field in table.cells}
    assert rows == set(forms.REQUEST_ROWS)
    assert table.cells[NEW].state == "same"
    for field, side in (("requests.other.total", "second"), ("requests.other_reasons.total", "first")):
        pair = table.cells[field]
        assert (pair.state, getattr(pair, side).kind) == ("unprinted", "unprinted")
        assert pair not in table.differing


def test_measures_of_both_editions_stand_in_one_table() -> None:
    old = _report("2019"), _cells({"disclosures.regulations.made": 1})
    new = _report("2021"), _cells({"disclosures.regulations.issued": 1})
    table = compare_table("disclosures", old, new)
    assert table is not None
    fields = set(table.cells)
    assert {"disclosures.regulations.made", "disclosures.regulations.issued"} <= fields
    assert "disclosures.administrative_fees.amount" in fields
    assert table.editions == ("2019", "2021")


def test_a_missing_table_lacks_cells_not_rows() -> None:
    with_table = _report("2019"), _cells({NEW: 4})
    without = _report("2021"), _cells({})
    table = compare_table("requests", with_table, without)
    assert table is not None
    assert table.editions == ("2019", "2019")
    assert table.cells[NEW].second.kind == "absent"
    assert table.cells[NEW].state == "incomparable"
    assert compare_table("reviews", with_table, without) is None


def test_cells_outside_the_form_are_compared_too() -> None:
    field = "requests.unforeseen.total"
    table = compare_table("requests", (_report("2021"), _cells({field: 1})), (_report("2021"), _cells({field: 2})))
    assert table is not None
    assert [(pair.field, pair.difference) for pair in table.loose] == [(field, "+1")]
    assert table.loose[0] in table.differing
