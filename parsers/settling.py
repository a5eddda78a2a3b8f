"""What becomes of rows whose place in the form is in doubt, once the whole form is read.

Doubt and contradiction together withdraw a row; either alone does not. A plain row is kept
though its sums are wrong: that is the source's own error. A row that needed interpretation
is kept where its figures bear it out in the sums that the form demands, and only there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from parsers import forms
from parsers.report import Finding, Reading, Readings

_NAMES = {"disclosures": "表二", "requests": "表三", "reviews": "表四"}
_LABELS: dict[str, Mapping[str, forms.Label]] = {
    "disclosures": forms.ITEMS,
    "requests": forms.REQUEST_ROWS,
    "reviews": forms.PROCEEDINGS,
}
_RESULTS = tuple(code for code, row in forms.REQUEST_ROWS.items() if row.group and code != "handled_total")
_BALANCE = ("new", "carried_in"), ("handled_total", "carried_out")


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a row's figures may not be its own, with the row as printed.

    ``decidable`` is whether sums that hold can lay the doubt to rest. ``counted`` is whether the
    row prints exactly as many cells as there are heads: then its blank ones are in their places.
    """

    table: str
    row: str
    reason: str
    printed: str
    decidable: bool = True
    counted: bool = False


def settle(tables: Mapping[str, Readings], doubts: Iterable[Doubt]) -> list[Finding]:
    """Withdraw in place the rows in doubt that nothing bears out; the others stay, marked as unsure.

    ``tables`` are the readings by table name. Returns a finding per row withdrawn.
    """
    by_row: dict[tuple[str, str], list[Doubt]] = {}
    for doubt in doubts:
        if doubt.row in tables[doubt.table]:
            by_row.setdefault((doubt.table, doubt.row), []).append(doubt)
    withdrawn = {key for key, about in by_row.items() if not all(doubt.decidable for doubt in about)}
    withdrawn |= {
        (table, row)
        for (table, row), about in by_row.items()
        if not _borne_out(table, tables[table][row], counted=all(doubt.counted for doubt in about))
    }
    # The proceedings are printed in one row: a figure that slips out of one slips into the next.
    if any(table == "reviews" for table, _row in withdrawn):
        withdrawn |= {key for key in by_row if key[0] == "reviews"}
    kept = [row for table, row in by_row if table == "requests" and (table, row) not in withdrawn]
    if kept and _columns_fail(tables["requests"], kept, {row for table, row in withdrawn if table == "requests"}):
        withdrawn |= {("requests", row) for row in kept}
    findings = []
    for (table, row), about in by_row.items():
        readings = tables[table][row]
        if (table, row) in withdrawn:
            tables[table][row] = {code: unread(reading) for code, reading in readings.items()}
            findings.append(_finding(table, row, readings, about))
        else:
            tables[table][row] = {code: replace(reading, sure=False) for code, reading in readings.items()}
    return findings


def unread(reading: Reading) -> Reading:
    """The reading of a cell that was given up: its print without a number."""
    return replace(reading, kind="unreadable", number=None, sure=False)


def labels_in_doubt(printed: Sequence[str | None], order: Sequence[str]) -> set[str]:
    """Labels of one table that may stand beside the figures of a neighbouring row.

    ``printed`` are the rows in printed order, None for figures without a label; ``order`` is the
    form's. A label lost in its own place leaves its neighbours alone. Where labels are lost in
    one place and figures are without label in another, all between may have slipped.
    """
    missing = [code for code in order if code not in printed]
    if None not in printed or not missing:
        return set()
    rank = {code: index for index, code in enumerate(order)}
    labelled = [code for code in printed if code is not None and code in rank]
    nameless = [0] * (len(labelled) + 1)
    gap = 0
    for code in printed:
        if code is None:
            nameless[gap] += 1
        elif code in rank:
            gap += 1
    lost = [0] * (len(labelled) + 1)
    for code in missing:
        # In a table out of order, or printed twice, there are several places for one label.
        for index in range(len(lost)):
            after = index == 0 or rank[labelled[index - 1]] < rank[code]
            before = index == len(labelled) or rank[code] < rank[labelled[index]]
            lost[index] += after and before
    if lost == nameless:
        return set()
    gaps = [index for index in range(len(lost)) if lost[index] or nameless[index]]
    return set(labelled[gaps[0] : gaps[-1]])


def _borne_out(table: str, readings: Mapping[str, Reading], *, counted: bool) -> bool:
    """Whether a row's own sum holds, or all its cells print the same, so that no order can be wrong."""
    if table == "disclosures":
        return False
    if len({(reading.kind, reading.number) for reading in readings.values()}) == 1:
        return True
    parts = [reading for code, reading in readings.items() if code != "total"]
    if counted:
        # Nothing is claimed of a blank: it adds nothing to what the others must make up.
        parts = [reading for reading in parts if reading.kind != "blank"]
    return _equal(parts, [readings["total"]]) is True


def _equal(left: Sequence[Reading], right: Sequence[Reading]) -> bool | None:
    """Whether both sides have the same sum, None where a number is missing."""
    sides = [[reading.number for reading in side if reading.number is not None] for side in (left, right)]
    if len(sides[0]) < len(left) or len(sides[1]) < len(right):
        return None
    first, second = (sum((Decimal(str(number)) for number in side), Decimal(0)) for side in sides)
    return first == second


def _columns_fail(requests: Readings, kept: Sequence[str], without: set[str]) -> bool:
    """Whether a column contradicts rows in doubt; columns with a number missing say nothing."""
    results = [row for row in _RESULTS if row in requests]
    complete = any(
        set(results) == {row for row in edition.request_rows() if row in _RESULTS}
        for edition in forms.editions().values()
    )
    sums = [_BALANCE, (tuple(results), ("handled_total",))] if complete else [_BALANCE]
    for left, right in sums:
        rows = (*left, *right)
        if not any(row in rows for row in kept) or any(row in without or row not in requests for row in rows):
            continue
        for applicant in forms.APPLICANTS:
            if _equal([requests[r][applicant] for r in left], [requests[r][applicant] for r in right]) is False:
                return True
    return False


def _finding(table: str, row: str, readings: Mapping[str, Reading], doubts: Sequence[Doubt]) -> Finding:
    label = f"{_NAMES[table]}“{_LABELS[table][row].zh}”"
    reasons = "；".join(dict.fromkeys(doubt.reason for doubt in doubts))
    return Finding(
        "extraction.ambiguous_position",
        "warning",
        "extraction",
        f"{label}行{reasons}，又无合计可以印证，数字未采用",
        tuple(f"{table}.{row}.{code}" for code in readings),
        evidence=doubts[0].printed,
    )
