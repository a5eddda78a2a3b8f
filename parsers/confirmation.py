"""Which figures recognised in pictures may be kept: those that the form's own sums bear out.

A recogniser is sometimes wrong and sure of it, and takes the same sign for the same wrong
one all over a page, which no sum notices. So a figure is kept only where it was recognised
surely and alike at two looks, and where every relation needed to check it holds: in table 三
the sum of its row and a sum of its column, in table 四 the sum of its proceeding. What is not
kept is null, with the reading in a finding.

A blank or a stroke in place of a figure adds nothing to a sum, and stays what it is: where all
that is printed adds up to a printed sum, the figures bear each other out, whatever the blanks
mean. A sum that is blank bears out none, nor in table 四, where there is no second relation, one of
nothing but blanks; a row that was not found leaves its relations unchecked.

A figure of table 三 that was not surely read is never kept, and need not cost all others of its row
and column: both sums together say that, whatever it is, the others agree. So do both sums of a column
where the row of its totals was not found.

Table 二 has no relation at all. That a sentence of the report prints the same figure bears none out:
signs misread alike are equal too, small figures meet others by chance, and sentences count what they
please (文件 of all kinds, for several years, with those of subordinate bodies).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from parsers import forms
from parsers.report import Finding, Reading, Readings
from parsers.tables import TableReadings, requests_edition

LEAST_SCORE = 0.6
"""Below it a recognised figure confirms nothing; two looks that agree are rarely below it and right."""

_MOST_MISSING = 2  # cells of one relation that others may stand in for
_KEPT_WHEN_AGREED = "placeholder"
_NOTHING = ("blank", _KEPT_WHEN_AGREED)
_PARTS = tuple(code for code in forms.APPLICANTS if code != "total")
_OUTCOMES = tuple(code for code in forms.OUTCOMES if code != "total")
_BALANCE = ("new", "carried_in"), ("handled_total", "carried_out")


def confirm(tables: TableReadings) -> list[Finding]:
    """Withdraw, in place, every recognised figure that nothing confirms; return what was withdrawn.

    Cells that a format states as text stay as they are, and count in the relations.
    """
    printed = (row for table in tables.by_name.values() for row in table.values())
    if not any(reading.recognition for row in printed for reading in row.values()):
        return []
    findings = []
    confirmed = borne_out(tables.requests, tables.reviews)
    withdrawn = _withdraw("disclosures", tables.disclosures, confirmed)
    if withdrawn:
        findings.append(_finding("表二没有可核对的勾稽关系", withdrawn))
    for name, title, readings, rows in (
        ("requests", "表三", tables.requests, forms.REQUEST_ROWS),
        ("reviews", "表四", tables.reviews, forms.PROCEEDINGS),
    ):
        for row in readings:
            if withdrawn := _withdraw(name, {row: readings[row]}, confirmed):
                findings.append(_finding(f"{title}“{rows[row].zh}”行未得到勾稽关系印证", withdrawn))
    return findings


def borne_out(requests: Readings, reviews: Readings) -> set[str]:
    """Fields of tables 三 and 四, like ``requests.new.total``, that the relations through them bear out."""
    return {*_confirmed_requests(requests), *_confirmed_reviews(reviews)}


def _confirmed_requests(requests: Readings) -> Iterator[str]:
    edition = requests_edition(requests)
    if edition is None:
        return
    rows = forms.editions()[edition].request_rows()
    results = tuple(row for row in rows if forms.REQUEST_ROWS[row].group and row != "handled_total")
    across = {row: _Relation(tuple((row, part) for part in _PARTS), ((row, "total"),)) for row in rows}
    down: dict[str, list[_Relation]] = {
        applicant: [
            _Relation(tuple((row, applicant) for row in left), tuple((row, applicant) for row in right))
            for left, right in ((results, ("handled_total",)), _BALANCE)
        ]
        for applicant in forms.APPLICANTS
    }
    level = {
        row
        for row, relation in across.items()
        if relation.holds(requests, [other for column in down.values() for other in column])
    }
    for relations in down.values():
        # Where the row of the sums is missing, each of the column's relations says what it must be for the other.
        upright = {
            cell
            for relation in relations
            if relation.holds(requests, [*across.values(), *(other for other in relations if other is not relation)])
            for cell in (*relation.left, *relation.right)
        }
        yield from (
            f"requests.{row}.{applicant}"
            for row, applicant in upright
            if row in level and _is_sure(_reading(requests, (row, applicant)))
        )


@dataclass(frozen=True, slots=True)
class _Relation:
    """Cells of table 三, as (row, applicant), whose sums the form demands to be equal."""

    left: tuple[tuple[str, str], ...]
    right: tuple[tuple[str, str], ...]

    def holds(self, requests: Readings, crossing: Iterable[_Relation]) -> bool:
        """Whether both sides are equal and the right one prints a figure.

        Cells that were not surely read count as the relations that cross this one there demand. Both
        together then make up one relation between all their other cells.
        """
        missing = self._missing(requests)
        if len(missing) > _MOST_MISSING:
            return False
        values = {}
        for cell in missing:
            demanded = {
                value
                for other in crossing
                if cell in (*other.left, *other.right) and (value := other.demands(requests, cell)) is not None
            }
            if len(demanded) != 1:
                return False
            (values[cell],) = demanded
        left, right = (self._sum(requests, side, values) for side in (self.left, self.right))
        return left == right and self._sums_up(requests, values)

    def demands(self, requests: Readings, cell: tuple[str, str]) -> Decimal | None:
        """What ``cell`` must print for this relation to hold; None where others lack too, or it reads otherwise."""
        if self._missing(requests) != [cell]:
            return None
        nothing = {cell: Decimal(0)}
        left, right = (self._sum(requests, side, nothing) for side in (self.left, self.right))
        value = right - left if cell in self.left else left - right
        reading = _reading(requests, cell)
        contradicted = reading is not None and _is_figure(reading) and _sum([reading]) != value
        return value if value >= 0 and self._sums_up(requests, nothing) and not contradicted else None

    def _sums_up(self, requests: Readings, values: Mapping[tuple[str, str], Decimal]) -> bool:
        """Whether a figure stands where the sum does."""
        return any(cell in values or _is_figure(_reading(requests, cell)) for cell in self.right)

    def _missing(self, requests: Readings) -> list[tuple[str, str]]:
        return [cell for cell in (*self.left, *self.right) if not _is_sure(_reading(requests, cell))]

    @staticmethod
    def _sum(
        requests: Readings, cells: Iterable[tuple[str, str]], values: Mapping[tuple[str, str], Decimal]
    ) -> Decimal:
        return sum((values[cell] if cell in values else _sum([_reading(requests, cell)]) for cell in cells), Decimal(0))


def _reading(requests: Readings, cell: tuple[str, str]) -> Reading | None:
    row, applicant = cell
    return requests.get(row, {}).get(applicant)


def _confirmed_reviews(reviews: Readings) -> Iterator[str]:
    for proceeding in reviews:
        outcomes = _cells(reviews, proceeding, _OUTCOMES)
        if any(map(_is_figure, outcomes)) and _holds(outcomes, _cells(reviews, proceeding, ("total",))):
            yield from (f"reviews.{proceeding}.{outcome}" for outcome in forms.OUTCOMES)


def _cells(table: Readings, row: str, columns: Iterable[str]) -> list[Reading | None]:
    return [table.get(row, {}).get(column) for column in columns]


def _column(table: Readings, rows: Iterable[str], column: str) -> list[Reading | None]:
    return [table.get(row, {}).get(column) for row in rows]


def _holds(left: Sequence[Reading | None], right: Sequence[Reading | None]) -> bool:
    """Whether both sides are complete and surely read, the right one prints a figure, and they are equal."""
    return all(map(_is_sure, (*left, *right))) and any(map(_is_figure, right)) and _sum(left) == _sum(right)


def _is_sure(reading: Reading | None) -> bool:
    if reading is None or not (reading.kind in _NOTHING or _is_figure(reading)):
        return False
    seen = reading.recognition
    return seen is None or (seen.agreed and seen.score >= LEAST_SCORE)


def _is_figure(reading: Reading | None) -> bool:
    return reading is not None and reading.kind == "number" and reading.number is not None


def _sum(readings: Sequence[Reading | None]) -> Decimal:
    """What the figures add up to; Decimal, since fees and their sums need not be exact as floats."""
    return sum((Decimal(str(item.number)) for item in readings if item is not None and _is_figure(item)), Decimal(0))


def _withdraw(table: str, rows: Readings, confirmed: set[str]) -> dict[str, Reading]:
    """Make unreadable what was recognised and not confirmed; return the readings withdrawn by field."""
    withdrawn = {}
    for row, cells in rows.items():
        for column, reading in cells.items():
            name = f"{table}.{row}.{column}"
            if reading.recognition is None or reading.kind == "blank" or name in confirmed:
                continue
            if reading.kind == _KEPT_WHEN_AGREED and reading.recognition.agreed:
                continue
            if reading.kind != "unreadable":
                withdrawn[name] = reading
            # What may be misread is not published as what is printed.
            cells[column] = replace(reading, kind="unreadable", printed="", number=None)
    return withdrawn


def _finding(why: str, withdrawn: dict[str, Reading]) -> Finding:
    read = "；".join(f"{_name(field)} {reading.printed}" for field, reading in withdrawn.items())
    return Finding(
        "extraction.ocr_unconfirmed",
        "warning",
        "extraction",
        f"{why}，扫描件识读的{len(withdrawn)}格未采用",
        tuple(withdrawn),
        evidence=read,
    )


def _name(field: str) -> str:
    table, row, column = field.split(".")
    if table == "disclosures":
        return f"{forms.ITEMS[row].zh}／{forms.MEASURES[column].zh}"
    return (forms.APPLICANTS if table == "requests" else forms.OUTCOMES)[column].zh
