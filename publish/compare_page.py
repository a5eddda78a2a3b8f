"""Two reports beside each other: the page ``/-/compare?a=<report>&b=<report>``."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datasette.app import Datasette
from datasette.utils.asgi import NotFound, Request, Response

from parsers import forms
from publish.comparison import TablePair, compare_table
from publish.language import either
from publish.reading import Reader, gathered
from publish.report_cells import ReportCells, report_cells
from publish.text_differences import TextDifference, compare_texts

TABLES = ("disclosures", "requests", "reviews")
CHOICES = 30
"""Reports offered by a search for the other one."""


@dataclass(frozen=True, slots=True)
class SectionPair:
    """A section of both reports; a heading is None where the report has no such section."""

    number: int
    headings: tuple[str | None, str | None]
    texts: TextDifference


@dataclass(frozen=True, slots=True)
class Side:
    """A report with its cells, and the short name by which the page tells it from the other."""

    report: dict[str, Any]
    cells: ReportCells
    name: str


def _report(read: Reader, report_id: str | None) -> dict[str, Any] | None:
    if not report_id:
        return None
    found = read.first(
        "select r.*, o.name as organ, o.province from reports as r left join organs as o on o.id = r.organ_id "
        "where r.id = ?",
        report_id,
    )
    if found is None:
        raise NotFound("No such report")
    return found


def _names(first: dict[str, Any], second: dict[str, Any]) -> tuple[str, str]:
    """Short names: the years where they differ, else 甲 and 乙, or A and B."""
    if first["year"] != second["year"]:
        return str(first["year"]), str(second["year"])
    return either("甲", "A"), either("乙", "B")


def _sections(read: Reader, report_id: str) -> dict[int, dict[str, Any]]:
    rows = read.rows("select number, heading, text from sections where report_id = ? order by number", report_id)
    return {row["number"]: row for row in rows}


def _compare_sections(first: dict[int, dict[str, Any]], second: dict[int, dict[str, Any]]) -> list[SectionPair]:
    pairs = []
    for number in sorted({*first, *second}):
        one, other = first.get(number), second.get(number)
        if one and other and not one["text"].strip() and not other["text"].strip():
            continue  # a section of both that is only a table
        texts = compare_texts(one["text"] if one else "", other["text"] if other else "")
        pairs.append(SectionPair(number, (one["heading"] if one else None, other["heading"] if other else None), texts))
    return pairs


_NAMED = "(r.title like part_pattern(?) escape '\\' or o.name like part_pattern(?) escape '\\')"


def _choices(read: Reader, known: dict[str, Any] | None, words: str) -> list[dict[str, Any]]:
    """Reports to compare with: those that have all the words in title or organ, else the organ's others."""
    columns = "r.id, r.title, r.year, o.name as organ, o.province"
    source = "reports as r join organs as o on o.id = r.organ_id"
    terms = words.split()[:5]
    if terms:
        condition = " and ".join([_NAMED] * len(terms))
        return read.rows(
            f"select {columns} from {source} where {condition} and r.id <> ? "
            f"order by r.year desc, o.name limit {CHOICES}",
            *(term for term in terms for _twice in range(2)),
            known["id"] if known else "",
        )
    if known is None:
        return []
    return read.rows(
        f"select {columns} from {source} where r.organ_id = ? and r.id <> ? order by r.year desc limit {CHOICES}",
        known["organ_id"],
        known["id"],
    )


def _tables(sides: Sequence[Side]) -> list[TablePair]:
    one, other = ((side.report, side.cells) for side in sides)
    return [table for key in TABLES if (table := compare_table(key, one, other))]


@dataclass(frozen=True, slots=True)
class _Choice:
    """What there is to compare the report with that is ``known``, if any; it is ``a`` or ``b`` of the address."""

    known: dict[str, Any] | None
    known_as: str
    choices: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Both:
    """Both reports and the sections of each."""

    sides: list[Side]
    texts: list[dict[int, dict[str, Any]]]


def _gather(read: Reader, a: str | None, b: str | None, words: str) -> _Choice | _Both:
    first, second = _report(read, a), _report(read, b)
    if first is None or second is None:
        known = first or second
        return _Choice(known, "a" if first else "b", _choices(read, known, words))
    names = _names(first, second)
    return _Both(
        [
            Side(report, report_cells(read, report["id"]), name)
            for report, name in zip((first, second), names, strict=True)
        ],
        [_sections(read, report["id"]) for report in (first, second)],
    )


async def compare(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/compare``: tables and texts of reports ``a`` and ``b``, or a choice of the one that lacks."""
    words = (request.args.get("q") or "").strip()
    found = await gathered(datasette, _gather, request.args.get("a"), request.args.get("b"), words)
    if isinstance(found, _Choice):
        page = await datasette.render_template(
            "compare-choose.html",
            {
                "known": found.known,
                "known_as": found.known_as,
                "wanted_as": "b" if found.known_as == "a" else "a",
                "q": words,
                "choices": found.choices,
                "limit": CHOICES,
            },
            request=request,
        )
        return Response.html(page)
    page = await datasette.render_template(
        "compare.html",
        {
            "sides": found.sides,
            "tables": _tables(found.sides),
            "sections": await asyncio.to_thread(_compare_sections, *found.texts),
            "form_sections": forms.SECTIONS,
        },
        request=request,
    )
    return Response.html(page)
