"""The cells of two reports lined up by their codes, whatever the editions of their tables."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Literal

from parsers import forms
from publish import layout
from publish.report_cells import CellView, ReportCells, edition_for, number_text

State = Literal["same", "differs", "incomparable", "unprinted", "nothing"]
"""'incomparable': only one side has a number, or their units differ; 'unprinted': the edition of one side
has no such cell; 'nothing': no side has a number."""


@dataclass(frozen=True, slots=True)
class CellPair:
    """A cell of both reports. ``difference`` is the second minus the first, signed, where both are numbers."""

    field: str
    first: CellView
    second: CellView
    state: State
    difference: str = ""

    @property
    def label(self) -> str:
        """Chinese words for the cell."""
        return layout.field_label(self.field)


@dataclass(frozen=True, slots=True)
class TablePair:
    """A table of the form with the cells of both reports; ``loose`` are cells outside its layout."""

    printed: layout.Printed
    cells: dict[str, CellPair]
    loose: list[CellPair]
    editions: tuple[str, str]

    @property
    def differing(self) -> list[CellPair]:
        """Pairs worth a look, in printed order; cells that one of the editions does not print are none."""
        return [pair for pair in (*self.cells.values(), *self.loose) if pair.state in ("differs", "incomparable")]


def signed(difference: Decimal) -> str:
    """Return a difference with its sign, such as ``+3`` or ``−0.5``."""
    shown = format(abs(difference).normalize(), "f")
    return f"{'−' if difference < 0 else '+'}{shown}"


def _unit(cells: ReportCells, field: str, form_unit: str | None) -> str:
    return str(cells.known.get(field, {}).get("unit") or form_unit or "")


def pair_cells(
    first: tuple[ReportCells, str], second: tuple[ReportCells, str], form_unit: str | None = None
) -> CellPair:
    """Pair a cell of one report with a cell of another, each given as the report's cells and the field."""
    (one, field), (other, other_field) = first, second
    views = one.view(field, form_unit), other.view(other_field, form_unit)
    old, new = one.value(field), other.value(other_field)
    if old is None and new is None:
        return CellPair(field, *views, "nothing")
    if old is None or new is None or _unit(one, field, form_unit) != _unit(other, other_field, form_unit):
        return CellPair(field, *views, "incomparable")
    if old == new:
        return CellPair(field, *views, "same")
    return CellPair(field, *views, "differs", signed(Decimal(number_text(new)) - Decimal(number_text(old))))


def _united(orders: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for order in orders for code in order))


def disclosures_of(editions: Iterable[forms.Edition]) -> layout.Printed:
    """Table 二 with the items and measures of every edition, article by article."""
    groups: dict[str, list[forms.DisclosureGroup]] = {}
    for edition in editions:
        for group in edition.disclosures:
            groups.setdefault(group.article, []).append(group)
    united = tuple(
        forms.DisclosureGroup(article, _united(g.items for g in same), _united(g.measures for g in same))
        for article, same in groups.items()
    )
    return layout.disclosures(forms.Edition("", "", united))


def requests_of(editions: Iterable[forms.Edition]) -> layout.Printed:
    """Table 三 with the rows of every edition."""
    present = set(_united(edition.request_rows() for edition in editions))
    return layout.request_table(tuple(code for code in forms.REQUEST_ROWS if code in present))


def table_edition(report: dict[str, Any], cells: ReportCells, key: str) -> forms.Edition:
    """Return the edition of a report's table ``key``: the stated one, else the one that fits its cells."""
    own = [field for field in cells.fields if field.startswith(f"{key}.")]
    return edition_for(report.get(f"{key}_edition") or report["edition"], own)


def printed_fields(edition: forms.Edition, key: str) -> set[str]:
    """Return the fields that ``edition`` prints in table ``key``."""
    return set(layout.table(key, edition).fields())


def _mark_unprinted(pair: CellPair, printed: tuple[set[str], ...]) -> CellPair:
    """Say of a cell that an edition does not print that it is not there to be found."""
    for view, fields in zip((pair.first, pair.second), printed, strict=True):
        if view.kind == "absent" and pair.field not in fields:
            view.kind = "unprinted"
            pair = replace(pair, state="unprinted")
    return pair


def compare_table(
    key: str,
    first: tuple[dict[str, Any], ReportCells],
    second: tuple[dict[str, Any], ReportCells],
    column: str | None = None,
) -> TablePair | None:
    """Line up table ``key`` ('disclosures', 'requests' or 'reviews') of two reports, given with their cells.

    ``column`` asks for the cells of one column only. None where neither report has any cell of the table.
    """
    sides = (first, second)
    own = {field for _report, cells in sides for field in cells.fields if field.startswith(f"{key}.")}
    if not own:
        return None
    # A report without the table takes the other's edition: it lacks the table, not its rows.
    present = [side for side in sides if any(field.startswith(f"{key}.") for field in side[1].fields)]
    known = {id(cells): table_edition(report, cells, key) for report, cells in present}
    fallback = next(iter(known.values()))
    one, other = (known.get(id(cells), fallback) for _report, cells in sides)
    if key == "disclosures":
        printed = disclosures_of((one, other))
    else:
        printed = requests_of((one, other)) if key == "requests" else layout.reviews()
    printed_in = printed_fields(one, key), printed_fields(other, key)
    units = printed.units()
    if column is not None:
        own, units = (
            {field for field in own if field.endswith(f".{column}")},
            {field: unit for field, unit in units.items() if field.endswith(f".{column}")},
        )

    def pair(field: str) -> CellPair:
        found = pair_cells((first[1], field), (second[1], field), units.get(field))
        return _mark_unprinted(found, printed_in) if field in units else found

    return TablePair(
        printed,
        {field: pair(field) for field in units},
        [pair(field) for field in sorted(own - units.keys())],
        (one.name, other.name) if key != "reviews" else ("", ""),
    )
