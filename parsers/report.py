"""The typed report: what the parsers hand to checks, archive and site."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, Literal

from parsers.document import NOWHERE, Place, Recognition
from parsers.records import record

ValueKind = Literal["number", "blank", "placeholder", "unreadable"]


@record
class Reading:
    """One cell as read: a number, or the class that says why there is none.

    ``printed`` is the text of the source. ``unit`` is the unit printed in the cell or,
    failing that, in its column head or the form. ``sure`` is false where the label was
    matched by likeness or the position came from a flattened text. ``recognition`` is None unless
    the cell was recognised in a picture.
    """

    kind: ValueKind
    printed: str = ""
    number: int | float | None = None
    unit: str | None = None
    sure: bool = True
    place: Place = NOWHERE
    recognition: Recognition | None = None

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by the fields in order, as :class:`~parsers.document.Place` does."""
        fields = (self.kind, self.printed, self.number, self.unit, self.sure, self.place, self.recognition)
        return type(self), fields


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the report: its canonical number, heading as printed, prose without tables."""

    number: int
    heading: str
    text: str


Severity = Literal["error", "warning", "note"]
Cause = Literal["source", "extraction", "unknown"]


@record
class Finding:
    """Something that deserves a question.

    ``cells`` are fields such as ``requests.new.total`` or ``sections.5``. ``cause`` says whether
    the source contradicts itself ('source') or our reading is in doubt ('extraction').
    ``evidence`` quotes the source. ``key`` tells apart what one rule says more than once of the
    same cells. Where another report is the other side, ``other_report_id`` and ``other_cells``
    name it and its fields.
    """

    rule: str
    severity: Severity
    cause: Cause
    message: str
    cells: tuple[str, ...] = ()
    expected: str | None = None
    actual: str | None = None
    evidence: str | None = None
    key: str = ""
    other_report_id: str | None = None
    other_cells: tuple[str, ...] = ()

    def fingerprint(self, report_id: str) -> str:
        """Return an id that survives reruns: same reports, rule, cells and key give the same id."""
        other = (self.other_report_id, *self.other_cells) if self.other_report_id else ()
        key = "\x1f".join((report_id, self.rule, *self.cells, *other, *([self.key] if self.key else [])))
        return hashlib.sha256(key.encode()).hexdigest()[:16]


Readings = dict[str, dict[str, Reading]]


@dataclass(slots=True)
class Report:
    """One annual report as printed.

    ``disclosures`` maps item to measure, ``requests`` row to applicant, ``reviews``
    proceeding to outcome, in the codes of :mod:`parsers.forms`. What was not found has no
    entry. ``problems`` are findings made while reading. ``indicators`` holds the
    statistics appendix of older forms as (label, unit, value). ``named`` are the names by which
    the document tells where the organ is, most trustworthy first: its own as they stand in
    other titles, signature and preamble, then those of bodies of its area.
    """

    organ: str
    year: int
    title: str
    published_on: str | None = None
    scope: str | None = None
    named: list[str] = field(default_factory=list)
    edition: str = "other"
    disclosures_edition: str | None = None
    requests_edition: str | None = None
    status: str = "text_only"
    preamble: str = ""
    sections: list[Section] = field(default_factory=list)
    disclosures: Readings = field(default_factory=dict)
    requests: Readings = field(default_factory=dict)
    reviews: Readings = field(default_factory=dict)
    indicators: list[tuple[str, str | None, float | int | None]] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """Yield (field, reading) for every printed cell, field like ``requests.new.total``."""
        for table in ("disclosures", "requests", "reviews"):
            for row, cells in getattr(self, table).items():
                for column, reading in cells.items():
                    yield f"{table}.{row}.{column}", reading

    @property
    def figure_count(self) -> int:
        """How many cells print a number."""
        return sum(
            reading.kind == "number"
            for table in (self.disclosures, self.requests, self.reviews)
            for cells in table.values()
            for reading in cells.values()
        )

    def fields(self) -> dict[str, str | int | float | None]:
        """Return all that counts as content, by field: what versions are compared on."""
        content: dict[str, str | int | float | None] = {
            "title": "".join(self.title.split()),
            "published_on": self.published_on,
        }
        for name, reading in self.readings():
            content[name] = reading.number if reading.kind == "number" else reading.printed.strip() or None
        for section in self.sections:
            content[f"sections.{section.number}"] = "".join(section.text.split())
        for position, (label, _unit, value) in enumerate(self.indicators, start=1):
            content[f"indicators.{position}.{label}"] = value
        return content

    def content_sha256(self) -> str:
        """Hash of :meth:`fields`; page counters and timestamps around the report do not count."""
        canonical = json.dumps(self.fields(), ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()

    def to_json(self) -> str:
        """Serialise completely; :meth:`from_json` restores an equal report."""
        return json.dumps(self, ensure_ascii=False, sort_keys=True, default=_attributes)

    @classmethod
    def from_json(cls, text: str) -> Report:
        """Restore a report written by :meth:`to_json`."""
        data: dict[str, Any] = json.loads(text)
        for table in ("disclosures", "requests", "reviews"):
            data[table] = {
                row: {column: _reading(reading) for column, reading in cells.items()}
                for row, cells in data[table].items()
            }
        data["sections"] = [Section(**section) for section in data["sections"]]
        data["indicators"] = [tuple(indicator) for indicator in data["indicators"]]
        data["problems"] = [_finding(problem) for problem in data["problems"]]
        return cls(**data)


def _attributes(part: Report | Section | Finding | Reading | Place | Recognition) -> dict[str, Any]:
    # dataclasses.asdict copies deeply, which takes most of the time of storing a report.
    return {name: getattr(part, name) for name in _NAMES[type(part)]}


_NAMES = {
    kind: tuple(one.name for one in fields(kind)) for kind in (Report, Section, Finding, Reading, Place, Recognition)
}


def _finding(data: dict[str, Any]) -> Finding:
    return Finding(**{**data, "cells": tuple(data["cells"]), "other_cells": tuple(data.get("other_cells", ()))})


def _reading(data: dict[str, Any]) -> Reading:
    at, seen = data["place"], data.get("recognition")
    box = at["box"]
    return Reading(
        data["kind"],
        data["printed"],
        data["number"],
        data["unit"],
        data["sure"],
        Place(at["page"], tuple(box) if box is not None else None, at["table"], at["row"], at["column"], at["line"]),
        Recognition(**seen) if seen else None,
    )
