"""pdfplumber's table finder, its cells looked up along the rules.

The finder compares each crossing of rules with all others and gathers the rules through both
anew each time, which for a page full of cells is most of the time of finding its tables. The
same cells in the same order come from following each rule from crossing to crossing.
"""

from __future__ import annotations

from collections import defaultdict
from types import SimpleNamespace
from typing import Any

from pdfplumber.table import Table, TableFinder, TableSettings, cells_to_tables, edges_to_intersections

from parsers.readers.pdf_view import Box

Point = tuple[float, float]
Crossings = dict[Point, dict[str, list[dict[str, Any]]]]
"""By (x, top), the rules that cross there: vertical ones under ``v``, horizontal ones under ``h``."""


class Finder(TableFinder):
    """Finds the tables that ``edges`` make on a page of a size, as pdfplumber does."""

    def __init__(self, edges: list[dict[str, Any]], size: tuple[float, float], settings: dict[str, Any]) -> None:
        self.page = SimpleNamespace(edges=edges, bbox=(0, 0, *size), chars=[])
        self.settings = TableSettings.resolve(settings)
        self.edges = self.get_edges()
        self.intersections = edges_to_intersections(
            self.edges, self.settings.intersection_x_tolerance, self.settings.intersection_y_tolerance
        )
        self.cells = cells_between(self.intersections)
        self.tables = [Table(self.page, group) for group in cells_to_tables(self.cells)]


def cells_between(crossings: Crossings) -> list[Box]:
    """The smallest box of rules right below each crossing: what ``intersections_to_cells`` of pdfplumber gives."""
    vertical = {point: _boxes(rules["v"]) for point, rules in crossings.items()}
    horizontal = {point: _boxes(rules["h"]) for point, rules in crossings.items()}
    columns: dict[float, list[float]] = defaultdict(list)
    rows: dict[float, list[float]] = defaultdict(list)
    points = sorted(crossings)
    for x, y in points:
        columns[x].append(y)
        rows[y].append(x)
    passed: dict[float, int] = defaultdict(int)
    cells = []
    for x, y in points:
        # Crossings come by columns, each from top to bottom, so those before it in its row are counted up.
        passed[y] += 1
        column = columns[x]
        down, along = vertical[x, y], horizontal[x, y]
        right = [other for other in rows[y][passed[y] :] if not along.isdisjoint(horizontal[other, y])]
        cell = None
        if right:
            for below in column[column.index(y) + 1 :]:
                if down.isdisjoint(vertical[x, below]):
                    continue
                foot = horizontal[x, below]
                cell = next(
                    (
                        (x, y, other, below)
                        for other in right
                        if (other, below) in crossings
                        and not vertical[other, below].isdisjoint(vertical[other, y])
                        and not horizontal[other, below].isdisjoint(foot)
                    ),
                    None,
                )
                if cell:
                    break
        if cell:
            cells.append(cell)
    return cells


def _boxes(rules: list[dict[str, Any]]) -> frozenset[Box]:
    return frozenset((rule["x0"], rule["top"], rule["x1"], rule["bottom"]) for rule in rules)
