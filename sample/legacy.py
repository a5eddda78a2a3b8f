"""Reports from before the form of 2019: free sections and the statistics appendix of 2014."""

from __future__ import annotations

import random
import tomllib
from importlib import resources
from typing import Any

from parsers.report import Section
from sample.organs import Organ

FIRST_YEAR = 2014
"""First reporting year whose reports carry the statistics appendix."""
_CAPTION = "政府信息公开情况统计表"

Indicator = tuple[str, str | None, float | int | None]

_TEXTS: dict[str, Any] = tomllib.loads(resources.files("sample").joinpath("legacy.toml").read_text("utf-8"))


def sections(organ: Organ, year: int, rng: random.Random) -> list[Section]:
    """Write the sections, numbered in their own order; the last ends with the appendix's caption."""
    facts = {"year": year, "myself": organ.myself, "topics": "、".join(organ.topics[:3]), **_figures(organ, rng)}
    written = [
        (part["heading"], [text.format_map(facts) for text in part["paragraphs"]]) for part in _TEXTS["sections"]
    ]
    if year >= FIRST_YEAR:
        written[-1][1].append(f"{_CAPTION}（{year}年度）")
    return [Section(number, heading, "\n".join(texts)) for number, (heading, texts) in enumerate(written, start=1)]


def indicators(organ: Organ, rng: random.Random) -> list[Indicator]:
    """Draw the appendix: (label, unit, value) in printed order; a head has neither unit nor value.

    Drawn with a copy of ``rng``, so that prose written with it afterwards has the same figures.
    """
    twin = random.Random()
    twin.setstate(rng.getstate())
    figures = _figures(organ, twin)
    return [
        (row["label"], row.get("unit"), figures[row["from"]] if "from" in row else None) for row in _TEXTS["indicators"]
    ]


def _figures(organ: Organ, rng: random.Random) -> dict[str, int | float]:
    size = {"city": 40, "district": 12, "office": 4, "busy": 3, "small": 1}[organ.scale]
    by_channel = {
        "website": rng.randint(30, 300) * size,
        "microblog": rng.randint(0, 20) * size,
        "chat": rng.randint(0, 30) * size,
        "elsewhere": rng.randint(0, 25) * size,
    }
    by_way = {"in_person": rng.randint(0, size), "online": rng.randint(0, 2 * size), "by_letter": rng.randint(0, size)}
    return {
        **by_channel,
        **by_way,
        "none": 0,
        "disclosed": sum(by_channel.values()),
        "received": sum(by_way.values()),
        "documents": rng.randint(0, 4) * size,
        "answered": rng.randint(1, 9),
        "conferences": rng.randint(0, 6),
        "offices": rng.randint(1, 3),
        "people": rng.randint(2, 30),
        "budget": round(rng.uniform(0, 2) * size, 1),
    }
