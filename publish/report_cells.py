"""The cells of one report: their values with what is known of them in the source."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from archive.packing import unpack_evidence
from parsers import forms
from publish import layout
from publish.language import Said, either
from publish.reading import Reader

_PLACES = (
    ("page", Said("第{}页", "page {}")),
    ("table", Said("第{}个表", "table {}")),
    ("row", Said("第{}行", "row {}")),
    ("column", Said("第{}列", "column {}")),
    ("line", Said("文本第{}行", "line {} of the text")),
)
_RECOGNISED = Said("（扫描件识读）", " (recognised from a scan)")


@dataclass(slots=True)
class CellView:
    """A printed cell as shown.

    ``kind`` is 'number', 'blank', 'placeholder', 'unreadable' or 'absent' (no such cell was
    found in the source). ``text`` is what stands in the cell, ``printed`` the source's text
    where it differs. ``findings`` are the numbers of the findings that name the cell.
    """

    field: str
    kind: str
    text: str
    printed: str = ""
    unit: str = ""
    place: str = ""
    sure: bool = True
    findings: list[int] = attribute(default_factory=list)


def place_words(place: dict[str, Any] | None) -> str:
    """Say where a cell stands in its source; empty where that is not known."""
    known = [words.here().format(place[key]) for key, words in _PLACES if place and place.get(key) is not None]
    return either("", ", ").join(known)


def number_text(value: float) -> str:
    """Return a number as it is shown: whole numbers without a fraction."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain(text: str) -> str:
    return "".join(text.split()).replace(",", "").replace("，", "")


def cell_view(name: str, known: dict[str, Any], evidence: dict[str, Any], form_unit: str | None) -> CellView:
    """Return the cell ``name`` as shown; ``form_unit`` is the unit that need not be repeated."""
    seen = evidence.get(name)
    seen = seen if isinstance(seen, dict) else None
    entry = known.get(name)
    place = seen.get("place") if seen else None
    printed = str((seen or {}).get("printed") or (entry or {}).get("printed") or "").strip()
    cell = CellView(
        name,
        "absent",
        "",
        place=place_words(place if isinstance(place, dict) else None)
        + (_RECOGNISED.here() if seen and seen.get("ocr") else ""),
        sure=bool(seen.get("sure", True)) if seen else True,
    )
    value = entry["value"] if entry else None
    if value is not None:
        cell.kind, cell.text = "number", number_text(value)
        cell.printed = printed if _plain(printed) != _plain(cell.text) else ""
        unit = str((entry or {}).get("unit") or "")
        cell.unit = unit if unit != (form_unit or "") else ""
        return cell
    if entry is None and seen is None:
        return cell
    kind = str(seen.get("kind")) if seen else ("unreadable" if printed else "blank")
    # A cell read as a number that the archive holds no number for must not look blank.
    cell.kind = kind if kind in ("blank", "placeholder") else "unreadable"
    cell.text = printed if cell.kind == "placeholder" else ""
    cell.printed = printed if cell.kind == "unreadable" else ""
    return cell


def parsed(text: str | None, empty: Any) -> Any:
    """Return stored JSON as a value; ``empty`` where there is none or it is damaged."""
    try:
        return json.loads(text) if text else empty
    except ValueError:
        return empty


def edition_for(name: str | None, fields: Iterable[str]) -> forms.Edition:
    """Return the edition to lay a table out by: the stated one, else the one that fits most cells."""
    editions = forms.editions()
    if name in editions:
        return editions[name]
    present = set(fields)

    def fit(edition: forms.Edition) -> int:
        printed = (*layout.disclosures(edition).fields(), *layout.requests(edition).fields())
        return len(present.intersection(printed))

    return max(editions.values(), key=fit)


@dataclass(frozen=True, slots=True)
class ReportCells:
    """The cells of one report by field: ``known`` are the archive's rows, ``evidence`` what was seen in the source."""

    known: dict[str, dict[str, Any]]
    evidence: dict[str, Any]

    @property
    def fields(self) -> set[str]:
        """Every field of which anything is known."""
        return {*self.known, *self.evidence}

    def view(self, field: str, form_unit: str | None = None) -> CellView:
        """Return the cell as shown."""
        return cell_view(field, self.known, self.evidence, form_unit)

    def value(self, field: str) -> float | None:
        """Return the number in the cell; None where there is no such cell or no number in it."""
        value = self.known.get(field, {}).get("value")
        return value if isinstance(value, int | float) else None


def report_cells(read: Reader, report_id: str) -> ReportCells:
    """Gather the cells of tables 二, 三 and 四 of a report."""
    known: dict[str, dict[str, Any]] = {}
    for row in read.rows("select * from disclosures where report_id = ?", report_id):
        known[f"disclosures.{row['item']}.{row['measure']}"] = row
    for row in read.rows("select * from requests where report_id = ?", report_id):
        known |= {f"requests.{row['item']}.{code}": {"value": row[code]} for code in forms.APPLICANTS}
    for row in read.rows("select * from reviews where report_id = ?", report_id):
        known |= {f"reviews.{row['proceeding']}.{code}": {"value": row[code]} for code in forms.OUTCOMES}
    stored = read.first("select cells from evidence where report_id = ?", report_id)
    try:
        evidence = unpack_evidence(stored["cells"] if stored else None)
    except ValueError:
        # What the tables say is shown also where nobody can say any more where it stands.
        evidence = {}
    return ReportCells(known, evidence)
