"""Organs of the simulated places, and their reports."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from importlib import resources

from sample.generator import History, SampleReport
from sample.organs import Kind, Organ, Region, Scale

_MYSELF = {
    "局": "我局",
    "厅": "我厅",
    "委员会": "我委",
    "镇人民政府": "我镇",
    "乡人民政府": "我乡",
    "街道办事处": "本街道",
}


def organ(region: Region, short: str, scale: Scale | None = None) -> Organ:
    """Return the organ called ``short`` (教育局, 柳溪镇人民政府) of ``region``.

    Township governments and street offices stand under a county and keep its name before theirs.
    """
    kind = _kind(short)
    scales: dict[Kind, Scale] = {
        "government": "district" if region.county else "city",
        "office": "office",
        "department": "busy",
    }
    return Organ(
        key=f"{region.full_name}/{short}",
        name=region.full_name + short,
        short=short,
        host="",
        kind=kind,
        scale=scale or scales.get(kind, "small"),
        myself=next((myself for end, myself in _MYSELF.items() if short.endswith(end)), "本机关"),
        topics=_topics(short),
        region=region,
    )


def reports(
    seed: int, organ: Organ, years: Iterable[int], position: int = 0, title: str | None = None, full: bool = False
) -> dict[int, SampleReport]:
    """Write ``organ``'s reports of ``years``, by year.

    ``title`` is a wording with places for ``organ`` and ``year``, else it varies. The title names
    the organ as its own portal does, or in ``full``.
    """
    history = History(organ, seed, position)
    printed = organ.name if full else organ.local_name
    return {year: history.report(year, printed, title) for year in sorted(years)}


def retitled(sample: SampleReport, title: str) -> SampleReport:
    """Return the report under another title."""
    return replace(sample, report=replace(sample.report, title=title))


def _kind(short: str) -> Kind:
    if short == "人民政府":
        return "government"
    if short.endswith(("镇人民政府", "乡人民政府")):
        return "township"
    if short.endswith("街道办事处"):
        return "street"
    return "office" if short.endswith(("人民政府办公室", "人民政府办公厅")) else "department"


def _topics(short: str) -> tuple[str, ...]:
    by_name = _departments()
    return tuple(by_name[max((end for end in by_name if short.endswith(end)), key=len, default="other")])


@cache
def _departments() -> dict[str, list[str]]:
    return tomllib.loads(resources.files("sample").joinpath("departments.toml").read_text("utf-8"))
