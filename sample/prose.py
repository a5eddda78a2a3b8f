"""The prose of the fictional reports: preamble and sections 一, 五 and 六, from ``prose.toml``."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any

from parsers.report import Readings
from sample.organs import Organ

_TEXTS: dict[str, Any] = tomllib.loads(resources.files("sample").joinpath("prose.toml").read_text("utf-8"))
_OVERVIEW = (
    ("主动公开情况", "disclosure"),
    ("依申请公开情况", "requests"),
    ("政府信息管理情况", "management"),
    ("平台建设情况", "platform"),
    ("监督保障情况", "supervision"),
)
_REQUEST_FACTS = {"new": "new", "carried_in": "carried_in", "handled": "handled_total", "carried_out": "carried_out"}


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs of a report; ``preamble`` may be empty."""

    preamble: tuple[str, ...]
    overview: tuple[str, ...]
    problems: tuple[str, ...]
    others: tuple[str, ...]


def write(organ: Organ, year: int, requests: Readings, rng: random.Random, headings: bool) -> Prose:
    """Write the prose of ``organ``'s report; the request figures agree with table 三.

    ``headings`` puts the sub-headings of section 一 in paragraphs of their own, one of them
    worded almost like the heading of section 二. The same ``rng`` state and other figures
    give the same text with those figures.
    """
    facts = _facts(organ, year, requests, rng)
    overview = [rng.choice(_TEXTS["opening"]).format_map(facts)]
    for numeral, (head, part) in zip("一二三四五", _OVERVIEW, strict=True):
        text = rng.choice(_TEXTS[part]).format_map(facts)
        if headings:
            overview += [f"（{numeral}）{head}", text]
        else:
            overview.append(f"（{numeral}）{head.removesuffix('情况')}。{text}")
    return Prose(_preamble(organ, year, rng), tuple(overview), _problems(organ, year, rng), _others(organ, year, rng))


def addition(year: int) -> str:
    """Return the sentence that a later revision of the report of ``year`` adds to section 五."""
    return str(_TEXTS["addition"]).format(next_year=year + 1)


def _facts(organ: Organ, year: int, requests: Readings, rng: random.Random) -> dict[str, object]:
    size = {"city": 40, "district": 12, "office": 4, "busy": 3, "small": 1}[organ.scale]
    return {
        "year": year,
        "myself": organ.myself,
        "place": organ.place,
        "topics": "、".join(rng.sample(organ.topics, 3)),
        "published": rng.randint(60, 420) * size,
        "explained": rng.randint(2, 9) * size,
        "answered": rng.randint(3, 12) * size,
        "visits": rng.randint(2, 4),
        "cleaned": rng.randint(11, 48) * size,
        "points": rng.randint(1, 5) * size,
        "trainings": rng.randint(1, 4),
        "trained": rng.randint(18, 60) * size,
        **{name: requests[row]["total"].number for name, row in _REQUEST_FACTS.items()},
    }


def _preamble(organ: Organ, year: int, rng: random.Random) -> tuple[str, ...]:
    facts = {
        "organ": organ.local_name,
        "full_name": organ.name,
        "year": year,
        "seat": organ.region.city or organ.region.name,
        "house": rng.randint(3, 280),
    }
    basis, contents, span, contact = (
        _TEXTS["preamble"][part].format_map(facts) for part in ("basis", "contents", "span", "contact")
    )
    draw = rng.random()
    if draw < 0.35:
        return ()
    return (basis + span, contact) if draw < 0.65 else (basis, contents + span + contact)


def _problems(organ: Organ, year: int, rng: random.Random) -> tuple[str, ...]:
    chosen = rng.sample(_TEXTS["problems"], 3)
    numbered = list(zip("一二三", chosen, strict=True))
    found = "；".join(f"{numeral}是{one['problem']}" for numeral, one in numbered)
    first = f"{year}年，{organ.myself}政府信息公开工作取得了一定成效，但对照群众期待仍有差距：{found}。"
    if rng.random() < 0.5:
        remedies = "；".join(f"{numeral}是{one['remedy']}" for numeral, one in numbered)
        return (first, f"{year + 1}年，将从以下方面加以改进：{remedies}。")
    remedies_apart = (f"（{numeral}）{one['remedy']}。" for numeral, one in numbered)
    return (first, "针对上述问题，下一步重点做好三项工作：", *remedies_apart)


def _others(organ: Organ, year: int, rng: random.Random) -> tuple[str, ...]:
    # The first wording cites rules that were made in 2020.
    wordings = _TEXTS["fees"] if year >= 2020 else _TEXTS["fees"][1:]
    fee = rng.choice(wordings).format(year=year, myself=organ.myself)
    extra = [text for text in _TEXTS["others"] if rng.random() < 0.4]
    if organ.kind == "government":
        extra.append(_TEXTS["scope"].format(area=organ.region.name))
    return (fee, *extra)
