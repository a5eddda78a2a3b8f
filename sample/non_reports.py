"""Pages that stand near the reports and are none: what a crawl must tell apart."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from importlib import resources
from typing import Any

from parsers import forms
from sample.generator import YEARS


@dataclass(frozen=True, slots=True)
class NonReport:
    """A page that is no report; ``body`` is HTML, ``carries_form`` asks for the blank form beside it."""

    title: str
    published_on: str
    reason: str
    body: str
    carries_form: bool


def pages(place: str, group: str) -> list[NonReport]:
    """Return the pages of a group of ``non_reports.toml``, as the portal of ``place`` has them."""
    text = resources.files("sample").joinpath("non_reports.toml").read_text("utf-8")
    return [
        page for entry in tomllib.loads(text)["pages"] if entry["group"] == group for page in _instances(entry, place)
    ]


def _instances(entry: dict[str, Any], place: str) -> Iterator[NonReport]:
    for year in YEARS if entry.get("every_year") else (None,):
        facts: dict[str, Any] = {
            "place": place,
            "year": year,
            "sections": "；".join(label.zh for label in forms.SECTIONS.values()),
        }
        date = entry["date"]
        if year is not None:
            date = f"{year + 1}-{date}"
            facts |= {"a": year * 137 % 90_000, "b": year * 911 % 700_000, "c": year * 29 % 9_000, "d": year * 7 % 300}
        else:
            facts["d"] = 17
        yield NonReport(
            title=entry["title"].format_map(facts),
            published_on=date,
            reason=entry["reason"],
            body=_body(entry, facts),
            carries_form=entry.get("form", False),
        )


def _body(entry: dict[str, Any], facts: dict[str, Any]) -> str:
    if "rows" in entry:
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(text.format_map(facts))}</td>" for text in row) + "</tr>"
            for row in entry["rows"]
        )
        return f'<table border="1"><tbody>{rows}</tbody></table>'
    return "\n".join(f"<p>{escape(text.format_map(facts))}</p>" for text in entry["paragraphs"])
