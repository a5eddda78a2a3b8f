"""Cells looked up along the rules are those that pdfplumber finds among all crossings."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from pdfplumber.table import edges_to_intersections, intersections_to_cells

from parsers.readers.pdf_cells import Finder, cells_between
from parsers.readers.pdf_rules import Edge, edge

_AT = st.integers(0, 5).map(lambda place: 20.0 * place)


@st.composite
def _rules(draw: st.DrawFn) -> list[Edge]:
    rules = []
    for level, start, end in draw(st.lists(st.tuples(_AT, _AT, _AT), max_size=24)):
        if start != end:
            rules.append(edge(start, level, end, level) if draw(st.booleans()) else edge(level, start, level, end))
    return rules


@given(_rules())
def test_same_cells_in_the_same_order_as_pdfplumber(rules: list[Edge]) -> None:
    crossings = edges_to_intersections(rules, 3, 3)
    assert cells_between(crossings) == intersections_to_cells(crossings)


def test_finder_gives_a_table_for_each_group_of_cells() -> None:
    grid = [edge(x, top, x, top + 40) for top in (0, 100) for x in (0, 50, 100)]
    grid += [edge(0, y, 100, y) for top in (0, 100) for y in (top, top + 20, top + 40)]
    found = Finder(grid, (200, 200), {}).tables
    assert [(table.bbox, len(table.cells)) for table in found] == [((0, 0, 100, 40), 4), ((0, 100, 100, 140), 4)]
