"""Last year's figures beside this year's, for the page of one report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from parsers import forms
from publish import layout
from publish.comparison import CellPair, compare_table, pair_cells
from publish.reading import Reader
from publish.report_cells import ReportCells, report_cells


@dataclass(frozen=True, slots=True)
class CarriedOver:
    """What last year's report carried out, and this year's carried in, of one kind of applicant."""

    applicant: str
    pair: CellPair


@dataclass(frozen=True, slots=True)
class PreviousYear:
    """The report of the year before; ``requests`` are the totals of table 三, ``reviews`` all of table 四."""

    report: dict[str, Any]
    requests: list[CellPair]
    reviews: list[CellPair]
    carried: list[CarriedOver]

    def of_table(self, key: str) -> list[CellPair]:
        """Return the pairs shown beneath a table of the form; none for table 二."""
        return {"requests": self.requests, "reviews": self.reviews}.get(key, [])


def _pairs(
    key: str,
    last: tuple[dict[str, Any], ReportCells],
    this: tuple[dict[str, Any], ReportCells],
    column: str | None = None,
) -> list[CellPair]:
    table = compare_table(key, last, this, column)
    return list(table.cells.values()) if table else []


def previous_year(read: Reader, report: dict[str, Any], cells: ReportCells) -> PreviousYear | None:
    """Gather the organ's report of the year before ``report``; None where the archive has none."""
    last = read.first("select * from reports where organ_id = ? and year = ?", report["organ_id"], report["year"] - 1)
    if last is None:
        return None
    before = report_cells(read, last["id"])
    sides = (last, before), (report, cells)
    requests = _pairs("requests", *sides, "total")
    carried = [
        CarriedOver(
            layout.words(label),
            pair_cells((before, f"requests.carried_out.{code}"), (cells, f"requests.carried_in.{code}")),
        )
        for code, label in forms.APPLICANTS.items()
    ]
    return PreviousYear(last, requests, _pairs("reviews", *sides), carried if requests else [])
