"""Prose of fictional reports in any number: phrases that everybody uses, templates of a city, an organ's own words.

Every clause is put together from words of published reports (``vocabulary.toml``). ``TOPICS`` are spread over
the reports with the shares given there, so that a search for 信访 or 征地 finds as many as in a real archive.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, NamedTuple


class _Words(NamedTuple):
    adverbs: list[str]
    verbs: list[str]
    nouns: list[str]
    means: list[str]
    surnames: str
    given_names: str
    villages: str


_VOCABULARY: dict[str, Any] = tomllib.loads(
    resources.files("benchmarks.corpus").joinpath("vocabulary.toml").read_text("utf-8")
)
_WORDS = _Words(
    *(_VOCABULARY[name].split() for name in ("adverbs", "verbs", "nouns", "means")),
    *("".join(_VOCABULARY[name].split()) for name in ("surnames", "given_names", "villages")),
)
TOPICS: dict[str, float] = _VOCABULARY["topics"]
"""Words that people look for, and the share of reports with them."""
_TOPIC_SETS = 4096


@dataclass(slots=True)
class Told:
    """What a report tells in its prose: whose it is, the year, and the totals of its requests (None: blank)."""

    organ: str
    year: int
    requests: Mapping[str, int | None] = field(default_factory=dict)


class Prose:
    """Writes prose; the same seed and the same calls give the same words."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"prose {seed}")
        self.common = [self.clause(self.rng) for _ in range(400)]
        words, shares = list(TOPICS), list(TOPICS.values())
        self._topics = [
            [word for word, share in zip(words, shares, strict=True) if self.rng.random() < share]
            for _ in range(_TOPIC_SETS)
        ]

    def clause(self, rng: random.Random) -> str:
        """A clause of 8 to 20 characters."""
        pick = rng.random
        first = _WORDS.adverbs[int(pick() * len(_WORDS.adverbs))] + _WORDS.verbs[int(pick() * len(_WORDS.verbs))]
        first += _WORDS.nouns[int(pick() * len(_WORDS.nouns))]
        if pick() < 0.25:
            return _WORDS.means[int(pick() * len(_WORDS.means))] + _WORDS.nouns[int(pick() * len(_WORDS.nouns))] + first
        return first + _WORDS.verbs[int(pick() * len(_WORDS.verbs))] + _WORDS.nouns[int(pick() * len(_WORDS.nouns))]

    def own(self, count: int, rng: random.Random) -> list[str]:
        """``count`` clauses that nobody else is likely to have."""
        return [self._rare(rng) if rng.random() < 0.04 else self.clause(rng) for _ in range(count)]

    def _rare(self, rng: random.Random) -> str:
        """A clause with a person's or a village's name, or a figure of the organ's own."""
        kind = rng.random()
        if kind < 0.3:
            name = rng.choice(_WORDS.surnames) + "".join(rng.choices(_WORDS.given_names, k=2))
            return f"由{name}同志负责日常{rng.choice(_WORDS.nouns)}"
        if kind < 0.7:
            village = "".join(rng.choices(_WORDS.villages, k=rng.randint(2, 3)))
            return f"在{village}村开展{rng.choice(_WORDS.nouns)}宣传活动"
        return f"阅读量累计{rng.uniform(1, 99):.1f}万次，较上年增长{rng.uniform(1, 60):.1f}%"

    def sections(self, told: Told, city: Sequence[str], own: Sequence[str], length: float = 1.0) -> dict[int, str]:
        """The text of sections 一, 五 and 六; ``length`` 1 gives about 1,100 characters in all.

        ``city`` are the clauses of the city's template, ``own`` those of the organ.
        """
        rng, pick = self.rng, self.rng.random
        common = self.common
        topics = self._topics[int(pick() * _TOPIC_SETS)]

        def one_of(kind: str) -> str:
            wordings: list[str] = _VOCABULARY[kind]
            return wordings[int(pick() * len(wordings))]

        def some(clauses: Sequence[str], count: float) -> list[str]:
            size = len(clauses)
            return [clauses[int(pick() * size)] for _ in range(round(count * length))] if size else []

        about = [one_of("topic_clauses").format(topic=topic, x=int(pick() * 90) + 1) for topic in topics]
        half = len(own) * 2 // 3
        body = [*some(common, 12), *some(city, 8), *own[:half], *about]
        rng.shuffle(body)
        third = max(1, len(body) // 3)
        opening = one_of("openings").format(year=told.year, organ=told.organ)
        figures = told.requests
        wording = "requests" if figures.get("new") else "no_requests"
        known = all(figures.get(name) is not None for name in ("new", "carried_in", "handled_total", "carried_out"))
        requests = one_of(wording).format(year=told.year, **figures) if known else ""
        first = [
            f"{opening}，{'，'.join(body[:third])}。全年通过门户网站主动公开政府信息{int(pick() * 900) + 9}条。",
            f"{requests}{'，'.join(body[third : 2 * third])}。",
            "，".join(body[2 * third :]) + "。",
        ]
        problems = [*some(common, 4), *some(city, 4), *own[half:]]
        middle = max(1, len(problems) // 2)
        fifth = [
            f"存在的主要问题：一是{'，'.join(problems[:middle])}；二是公开内容的针对性有待增强。",
            f"{told.year + 1}年，将{'，'.join(problems[middle:])}。",
        ]
        sixth = one_of("fees").format(year=told.year)
        return {1: "\n".join(first), 5: "\n".join(fifth), 6: f"{sixth}\n{common[int(pick() * len(common))]}。"}
