"""Reports whose figures satisfy every relation of the form, for tests to break."""

from __future__ import annotations

from dataclasses import replace

from parsers import forms
from parsers.report import Reading, Readings, Report

INNER = [code for code in forms.APPLICANTS if code != "total"]
OUTCOMES = [code for code in forms.OUTCOMES if code != "total"]


def number(value: float, *, sure: bool = True) -> Reading:
    return Reading("number", str(value), value, "件", sure)


def result_rows(edition: str) -> list[str]:
    rows = forms.editions()[edition].request_rows()
    return [row for row in rows if row not in ("new", "carried_in", "handled_total", "carried_out")]


def sound_report(
    edition: str = "2021",
    results: dict[str, list[int]] | None = None,
    carried_in: list[int] | None = None,
    carried_out: list[int] | None = None,
    reviews: dict[str, list[int]] | None = None,
) -> Report:
    """A report built from the free figures: results and carry-overs by applicant, outcomes by proceeding.

    ``carried_in`` may not exceed what is handled and carried out, column by column.
    """
    results = results or {}
    counts = {row: results.get(row, [0] * 6) for row in result_rows(edition)}
    counts["handled_total"] = [sum(column) for column in zip(*counts.values(), strict=True)]
    counts["carried_in"] = carried_in or [0] * 6
    counts["carried_out"] = carried_out or [0] * 6
    counts["new"] = [
        handled + out - before
        for handled, out, before in zip(
            counts["handled_total"], counts["carried_out"], counts["carried_in"], strict=True
        )
    ]
    requests: Readings = {
        row: {code: number(value) for code, value in zip(forms.APPLICANTS, [*values, sum(values)], strict=True)}
        for row, values in counts.items()
    }
    proceedings: Readings = {}
    for proceeding in forms.PROCEEDINGS:
        values = (reviews or {}).get(proceeding, [0] * 4)
        proceedings[proceeding] = {
            code: number(value) for code, value in zip(forms.OUTCOMES, [*values, sum(values)], strict=True)
        }
    return Report(
        "明川市林业局",
        2024,
        "明川市林业局2024年政府信息公开工作年度报告",
        requests_edition=edition,
        requests=requests,
        reviews=proceedings,
    )


def change(report: Report, field: str, **changes: object) -> None:
    """Alter one reading of the report in place."""
    table, row, column = field.split(".")
    cells = getattr(report, table)[row]
    cells[column] = replace(cells[column], **changes)


def blank(report: Report, field: str) -> None:
    change(report, field, kind="blank", printed="", number=None)
