"""The calendar: published late, dated impossibly, altered after publication, vanished."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from checks.due import due
from checks.labels import cell_label
from checks.neighbours import Neighbour
from checks.rule import rule
from parsers.report import Finding

LATE = rule("calendar.late")
FUTURE = rule("calendar.future")
CHANGED = rule("calendar.changed")
VANISHED = rule("calendar.vanished")
RULES = (LATE, FUTURE, CHANGED, VANISHED)

_FIGURES = ("disclosures.", "requests.", "reviews.", "indicators.")
_LISTED = 5
_LONGEST = 40
_PLAIN_NAMES = {"title": "标题", "published_on": "发布日期"}


@dataclass(frozen=True, slots=True)
class Alteration:
    """A field that was found altered on a day (ISO, China); None for absent."""

    day: str
    field: str
    old: str | None
    new: str | None


def check_late(report: Neighbour) -> list[Finding]:
    """Compare the portal's date with the day on which the report was due; without a date nothing is said."""
    published = _day(report.published_on)
    last = due(report.year, report.kind, report.scope)
    if published is None or published <= last.day:
        return []
    return [
        Finding(
            rule=LATE.code,
            severity="warning" if last.statutory else "note",
            cause="unknown",
            message=f"{report.year}年报告应在{last.day}前公布，门户标明的发布日期为{published}，"
            f"晚{(published - last.day).days}天",
            cells=("published_on",),
            expected=f"{last.day}前",
            actual=str(published),
        )
    ]


def check_future(report: Neighbour) -> list[Finding]:
    """Compare the portal's date with the day on which the report was captured."""
    published, captured = _day(report.published_on), _day(report.captured_on)
    if published is None or captured is None or published <= captured:
        return []
    return [
        Finding(
            rule=FUTURE.code,
            severity="warning",
            cause="unknown",
            message=f"门户标明的发布日期{published}晚于抓取日期{captured}，日期不可能属实",
            cells=("published_on",),
            expected=f"不晚于{captured}",
            actual=str(published),
        )
    ]


def check_changed(alterations: Sequence[Alteration]) -> list[Finding]:
    """One finding for each day on which alterations were found: a warning where figures are among them."""
    by_day: dict[str, list[Alteration]] = defaultdict(list)
    for alteration in alterations:
        by_day[alteration.day].append(alteration)
    return [_changed(day, by_day[day]) for day in sorted(by_day)]


def check_vanished(report: Neighbour, last_seen: str, missed: str) -> list[Finding]:
    """Say that the report was last seen and first missed on these days (ISO)."""
    return [
        Finding(
            rule=VANISHED.code,
            severity="warning",
            cause="source",
            message=f"门户曾刊登的{report.year}年报告，{missed}抓取时已不在，最后一次见到是{last_seen}",
            expected=last_seen,
            actual=missed,
        )
    ]


def _changed(day: str, alterations: list[Alteration]) -> Finding:
    # Figures first: they are what a reader looks for.
    ordered = sorted(alterations, key=lambda one: (not one.field.startswith(_FIGURES), one.field, one.old or ""))
    figures = sum(one.field.startswith(_FIGURES) for one in ordered)
    named = "；".join(_altered(one) for one in ordered[:_LISTED])
    more = f"等{len(ordered)}处" if len(ordered) > _LISTED else ""
    return Finding(
        rule=CHANGED.code,
        severity="warning" if figures else "note",
        cause="source",
        message=f"{day}发现报告在发布后有修改：{named}{more}",
        cells=tuple(dict.fromkeys(one.field for one in ordered)),
        key=day,
    )


def _altered(one: Alteration) -> str:
    name = _PLAIN_NAMES.get(one.field) or cell_label(one.field)
    if one.field.startswith("sections."):
        return f"{name}文字"
    return f"{name}由{_short(one.old)}改为{_short(one.new)}"


def _short(text: str | None) -> str:
    return "空" if text is None else text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
