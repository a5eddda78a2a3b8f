"""What the checks across years and organs are given of each report: a few cells and a few facts.

Whole reports would be too many to hold; what is kept of one here is what any rule compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from parsers import forms
from parsers.report import Reading

_DOCUMENTS = ("regulations", "normative_documents")
_ITEMS = ("administrative_permits", "other_services", "administrative_penalties", "administrative_coercion")
_FEES = "administrative_fees"

CELLS: tuple[str, ...] = (
    *(f"requests.{row}.{applicant}" for row in ("carried_in", "carried_out") for applicant in forms.APPLICANTS),
    *(f"requests.{row}.total" for row in ("new", "handled_total")),
    *(
        f"disclosures.{item}.{measure}"
        for item in _DOCUMENTS
        for measure in ("issued", "repealed", "in_force", "made", "disclosed", "total_disclosed")
    ),
    *(f"disclosures.{item}.{measure}" for item in _ITEMS for measure in ("prior_items", "change", "decisions")),
    *(f"disclosures.{_FEES}.{measure}" for measure in ("prior_items", "change", "amount")),
)
"""The cells that are compared with other years, as fields; kept in this order."""


@dataclass(frozen=True, slots=True)
class EarlierFigure:
    """What the prose of a report says of the year before: a cell's field, the figure, the sentence."""

    field: str
    number: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A report as its neighbours see it.

    ``cells`` has the readings of :data:`CELLS` that were found, ``kind`` and ``level`` are the
    organ's, ``published_on`` is the portal's date (ISO) and ``captured_on`` the day, in China,
    of the current version's first capture. ``earlier`` are figures of the year before in the
    prose, ``corrections`` sentences by which it corrects the report of the year before.
    """

    report_id: str
    organ_id: str
    organ: str
    year: int
    title: str = ""
    kind: str | None = None
    level: str | None = None
    scope: str | None = None
    published_on: str | None = None
    captured_on: str | None = None
    cells: Mapping[str, Reading] = field(default_factory=dict)
    earlier: tuple[EarlierFigure, ...] = ()
    corrections: tuple[str, ...] = ()

    def number(self, name: str) -> Decimal | None:
        """The figure of a cell, exactly; None where there is no number (never 0 for it)."""
        reading = self.cells.get(name)
        if reading is None or reading.kind != "number" or reading.number is None:
            return None
        return Decimal(str(reading.number))

    def sure(self, name: str) -> bool:
        """Whether the cell was found at its own place under its own label."""
        reading = self.cells.get(name)
        return reading is not None and reading.sure

    def comparable(self, other: Neighbour) -> bool:
        """Whether both report on the same: an office's figures are not those of its whole area."""
        return self.scope is None or other.scope is None or self.scope == other.scope


def pack_cells(cells: Mapping[str, Reading]) -> list[Any]:
    """Return the readings of :data:`CELLS`, in their order, as what JSON can hold."""
    return [_packed(cells.get(name)) for name in CELLS]


def unpack_cells(cells: Sequence[Any]) -> dict[str, Reading]:
    """Restore what :func:`pack_cells` was given; ``printed`` and place are not kept."""
    found = {}
    for name, packed in zip(CELLS, cells, strict=True):
        if isinstance(packed, list):
            found[name] = Reading(packed[0], number=packed[1], sure=bool(packed[2]))
        elif packed is not None:
            found[name] = Reading("number", number=packed)
    return found


def _packed(reading: Reading | None) -> Any:
    if reading is None:
        return None
    if reading.kind == "number" and reading.sure and reading.number is not None:
        return reading.number
    return [reading.kind, reading.number, int(reading.sure)]


def text_of(number: Decimal) -> str:
    """A figure as people write it, without an exponent or idle zeros."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
