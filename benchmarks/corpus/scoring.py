"""What was read against what is true: exact, null though printed, silently wrong, refused rightly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import checks
from benchmarks.corpus.truth import Number, Truth
from parsers import forms
from parsers.confirmation import borne_out
from parsers.extract import Refusal
from parsers.report import Finding, Reading, Readings, Report


def confirmable(truth: Truth) -> set[str]:
    """Fields through which the relations of tables 三 and 四 hold in what is printed."""
    tables: dict[str, Readings] = {}
    for name, value in truth.cells.items():
        table, row, column = name.split(".")
        reading = Reading("blank") if value is None else Reading("number", str(value), value)
        tables.setdefault(table, {}).setdefault(row, {})[column] = reading
    return borne_out(tables.get("requests", {}), tables.get("reviews", {}))


@dataclass(slots=True)
class Score:
    """Counts over documents.

    ``reports`` were found of ``reports_due``; ``exact`` of ``cells`` came back as printed (a blank
    as none); ``null`` were printed and are absent, ``unexplained`` of them without a finding;
    ``lossy_null`` where the rendering destroyed information; ``wrong`` are numbers that differ from
    the printed ones or stand where none is printed, wrong organs, years and editions, and reports
    where there is none. ``confirmable`` counts the figures of tables 三 and 四 through which complete
    relations hold as printed, ``confirmable_exact`` and ``confirmable_null`` what became of them;
    ``unconfirmable`` counts all other printed figures, which nothing bears out once they were recognised
    in a picture, and ``withheld`` those of them that are null. ``sections_lost`` are reports without all
    six sections. ``sums_found`` are errors found in the form's sums, ``sums_due`` those printed.
    """

    documents: int = 0
    reports_due: int = 0
    reports: int = 0
    cells: int = 0
    exact: int = 0
    null: int = 0
    unexplained: int = 0
    wrong: int = 0
    refusals_due: int = 0
    refused: int = 0
    sections_lost: int = 0
    lossy_null: int = 0
    sums_due: int = 0
    sums_found: int = 0
    confirmable: int = 0
    confirmable_exact: int = 0
    confirmable_null: int = 0
    unconfirmable: int = 0
    withheld: int = 0
    seconds: float = 0.0
    details: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add another score's counts."""
        for name in self.__slots__:
            if name != "details":
                setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def failed(self) -> bool:
        """Whether anything fell short of what the document's truth expects."""
        short = self.reports < self.reports_due or self.refused < self.refusals_due
        sums = self.sums_due != self.sums_found
        return bool(self.wrong or self.null or self.unexplained or self.sections_lost or sums or short)


def score(outcome: Report | Refusal, truth: Truth, seconds: float = 0.0) -> Score:
    """Score what was read of one document."""
    result = Score(documents=1, seconds=seconds)
    if truth.expect == "refused":
        _score_refusal(outcome, truth, result)
        return result
    result.reports_due = 1
    if isinstance(outcome, Refusal):
        if truth.expect == "right_or_null" and outcome.reason in truth.reasons:
            result.reports_due, result.refusals_due, result.refused = 0, 1, 1
            return result
        result.cells = len(truth.cells) + len(truth.indicators)
        printed = {name for name, value in truth.cells.items() if value is not None}
        result.null = len(printed)
        result.confirmable = result.confirmable_null = len(printed & confirmable(truth))
        result.unconfirmable = result.withheld = result.null - result.confirmable
        result.details.append(f"refused: {outcome.reason}: {outcome.detail[:150]}")
        return result
    result.reports = 1
    _score_identity(outcome, truth, result)
    _score_cells(outcome, truth, result)
    if truth.expect == "exact" and truth.cells:
        _score_sections(outcome, result)
        if not result.null and not result.wrong:
            _score_sums(outcome, truth, result)
    _score_indicators(outcome, truth, result)
    if truth.expect == "right_or_null":
        result.lossy_null = result.null
    return result


def _score_refusal(outcome: Report | Refusal, truth: Truth, result: Score) -> None:
    result.refusals_due = 1
    if isinstance(outcome, Report):
        result.wrong = 1
        result.details.append(f"WRONG taken as a report: {outcome.organ} {outcome.year} {outcome.title}")
    elif outcome.reason not in truth.reasons:
        result.details.append(f"refused as {outcome.reason}, due: {' or '.join(truth.reasons)}: {outcome.detail[:150]}")
    elif truth.names and truth.names not in outcome.detail:
        result.details.append(f"the refusal does not name {truth.names}: {outcome.detail[:150]}")
    else:
        result.refused = 1


def _score_identity(report: Report, truth: Truth, result: Score) -> None:
    for name, got, due in (
        ("organ", report.organ, truth.organs),
        ("year", report.year, (truth.year,)),
        ("edition of 二", report.disclosures_edition, (truth.disclosures_edition, None)),
        ("edition of 三", report.requests_edition, (truth.requests_edition, None)),
    ):
        if got not in due:
            result.wrong += 1
            result.details.append(f"WRONG {name}: {got}, true: {' or '.join(map(str, due))}")


def _score_sections(report: Report, result: Score) -> None:
    """Whether all six headings were found; what they print is not compared."""
    found = [section.number for section in report.sections]
    if found != sorted(forms.SECTIONS):
        result.sections_lost = 1
        result.details.append(f"sections found: {found}")


def _score_sums(report: Report, truth: Truth, result: Score) -> None:
    """Whether each broken relation, and no other, is found."""
    errors = [finding for finding in checks.run(report) if finding.severity == "error"]
    result.sums_due, result.sums_found = len(truth.wrong_sums), len(errors)
    if len(errors) != len(truth.wrong_sums):
        names = "; ".join(truth.wrong_sums) or "none"
        result.details.append(f"wrong sums printed: {names}; found: {[finding.message[:60] for finding in errors]}")


def _score_cells(report: Report, truth: Truth, result: Score) -> None:
    read = dict(report.readings())
    explained = _explained(report.problems)
    sure = confirmable(truth)
    for name, due in truth.cells.items():
        result.cells += 1
        reading = read.pop(name, None)
        got = reading.number if reading is not None else None
        if due is not None:
            result.confirmable += name in sure
            result.confirmable_null += name in sure and got is None
            result.unconfirmable += name not in sure
            result.withheld += name not in sure and got is None
        if _same(got, due):
            unit = truth.units.get(name)
            if got is not None and unit and reading is not None and reading.unit != unit:
                result.wrong += reading.unit is not None
                result.null += reading.unit is None
                verdict = "WRONG unit" if reading.unit else "no unit though printed"
                result.details.append(f"{verdict} of {name}: {reading.unit}, printed: {unit}")
            else:
                result.exact += 1
                result.confirmable_exact += due is not None and name in sure
        elif got is None:
            result.null += 1
            why = explained(name)
            result.unexplained += not why
            result.details.append(f"null though printed: {name}: {due} ({why or 'NO FINDING'})")
        else:
            result.wrong += 1
            result.details.append(f"WRONG {name}: {got}, printed: {'nothing' if due is None else due}")
    for name, reading in read.items():
        if reading.number is not None:
            result.wrong += 1
            result.details.append(f"WRONG {name}: {reading.number}, which the form does not print")


def _score_indicators(report: Report, truth: Truth, result: Score) -> None:
    if not truth.indicators:
        for label, _unit, value in report.indicators:
            if value is not None:
                result.wrong += 1
                result.details.append(f"WRONG indicator {label}: {value}, of no statistics")
        return
    got = [("".join(label.split()), value) for label, _unit, value in report.indicators]
    position = 0
    explained = bool(report.problems)
    for label, due in truth.indicators:
        result.cells += 1
        at = next((index for index in range(position, len(got)) if got[index][0] == label), None)
        value = got[at][1] if at is not None else None
        position = at + 1 if at is not None else position
        if _same(value, due):
            result.exact += 1
        elif value is None:
            result.null += 1
            result.unexplained += not explained
            result.details.append(f"null though printed: indicator {label}: {due}")
        else:
            result.wrong += 1
            result.details.append(f"WRONG indicator {label}: {value}, printed: {'nothing' if due is None else due}")
    labels = {label for label, _due in truth.indicators}
    for label, read in got:
        if read is not None and label not in labels:
            result.wrong += 1
            result.details.append(f"WRONG indicator {label}: {read}, a label that is not printed")


def _same(got: Number | None, due: Number | None) -> bool:
    if got is None or due is None:
        return got is due
    return abs(got - due) < 1e-9


def _explained(problems: list[Finding]) -> Callable[[str], str]:
    """A function from a field to the message of a finding that explains why it is null."""
    by_cell = {cell: problem for problem in problems for cell in problem.cells}
    loose = [
        problem
        for problem in problems
        if (not problem.cells and problem.severity != "note") or problem.rule == "extraction.table_missing"
    ]

    def message(name: str) -> str:
        table, row, _column = name.split(".")
        found = by_cell.get(name) or by_cell.get(f"{table}.{row}") or by_cell.get(table)
        if found is None and loose:
            found = loose[0]
        return found.message[:110] if found else ""

    return message
