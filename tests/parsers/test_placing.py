"""Placing a row's cells under the heads: the one true placing, or none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from parsers.document import Cell
from parsers.placing import Head, place


def cells(*texts: str, start: int = 0) -> list[Cell]:
    return [Cell(text, 0, start + index) for index, text in enumerate(texts)]


def heads(count: int, start: int = 0) -> list[Head]:
    return [Head(str(index), start + index, start + index + 1) for index in range(count)]


def texts(placed: list[Cell] | None) -> list[str] | None:
    return None if placed is None else [cell.text for cell in placed]


values = st.lists(st.sampled_from(["", "0", "1", "2", "35"]), min_size=1, max_size=15)
pads = st.integers(0, 4)


@given(values, pads, pads, st.data())
def test_text_pads_and_losses_never_misplace(row: list[str], before: int, after: int, data: st.DataObject) -> None:
    """Blank figures may be lost at either end, and blanks added there."""
    leading = next((i for i, text in enumerate(row) if text), len(row))
    trailing = next((i for i, text in enumerate(reversed(row)) if text), len(row))
    lost_before = data.draw(st.integers(0, leading))
    lost_after = data.draw(st.integers(0, min(trailing, len(row) - lost_before)))
    kept = row[lost_before : len(row) - lost_after]
    printed = [""] * before + kept + [""] * after
    placed = texts(place(cells(*printed), heads(len(row)), aligned=False))
    assert placed is None or placed == row


@given(st.lists(st.sampled_from(["0", "1", "35"]), min_size=1, max_size=15), pads, pads)
def test_full_rows_are_placed_whatever_the_pads(row: list[str], before: int, after: int) -> None:
    printed = [""] * before + row + [""] * after
    for aligned in (False, True):
        assert texts(place(cells(*printed), heads(len(row), start=before), aligned=aligned)) == row


@given(values, pads, pads)
def test_aligned_rows_are_placed_by_their_columns(row: list[str], before: int, after: int) -> None:
    printed = [""] * before + row + [""] * after
    assert texts(place(cells(*printed), heads(len(row), start=before), aligned=True)) == row


@given(values, st.integers(-2, 2), pads, pads)
def test_aligned_rows_off_by_a_column_lose_no_figure(row: list[str], off: int, before: int, after: int) -> None:
    """Heads of another grid: a figure outside their columns forbids the placing."""
    printed = [""] * before + row + [""] * after
    placed = place(cells(*printed), heads(len(row), start=before + off), aligned=True)
    if placed is not None:
        assert [text for text in texts(placed) or [] if text] == [text for text in row if text]


def test_too_few_cells_are_undecidable() -> None:
    assert place(cells("1", "2"), heads(3), aligned=False) is None
    assert place(cells("1", "2", start=5), heads(3), aligned=True) is None


def test_more_figures_than_heads_are_undecidable() -> None:
    for aligned in (False, True):
        assert place(cells("1", "2", "3", "4"), heads(3, start=9), aligned=aligned) is None


def test_a_cell_wide_enough_for_two_heads_is_undecidable() -> None:
    row = [Cell("1", 0, 0, 1, 2), Cell("2", 0, 2)]
    assert place(row, heads(3), aligned=True) is None


def test_two_figures_under_one_head_are_undecidable() -> None:
    row = cells("1", "2", "3")
    assert place(row, [Head("a", 0, 2), Head("b", 2, 3)], aligned=True) is None


def test_as_many_cells_as_heads_go_by_order_whatever_the_columns() -> None:
    row = [Cell("1", 0, 0, 1, 2), Cell("2", 0, 2), Cell("3", 0, 3)]
    crooked = [Head("a", 0, 1), Head("b", 1, 2), Head("c", 2, 4)]
    assert texts(place(row, crooked, aligned=True)) == ["1", "2", "3"]


def test_a_figure_that_spans_rows_is_not_placed() -> None:
    assert place([Cell("1", 0, 0, 2, 1), Cell("2", 0, 1)], heads(2), aligned=True) is None


def test_an_all_blank_row_is_blank() -> None:
    assert texts(place(cells("", "", "", ""), heads(3), aligned=False)) == ["", "", ""]
