"""A report's prose as passages that can be recognised elsewhere: clauses without figures and names."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

LEAST_CHARACTERS = 8
"""Shorter clauses say too little to be anybody's own."""
MOST_PASSAGES = 3000
"""How many clauses of one report are looked at; what comes after them is no report."""

_BREAKS = "，,。；;：:！!？?\n\r"
_TO_LINES = str.maketrans(_BREAKS, "\n" * len(_BREAKS))
_NUMBERS = re.compile(r"\d+(?:\.\d+)?")
_NOISE = re.compile(r"[^\w□\n]+|_+")
_ENUMERATOR = re.compile(r"^(?:第?[一二三四五六七八九十]+(?:是|要|、)?|0(?:是)?)(?=.)")
_SELF = "(?:我|本|全)(?:[局委办厅院站所镇乡街省市州盟县区旗]|机关|单位|街道|部门|辖区)"


class Passage(NamedTuple):
    """A clause: its section, its hash and text without figures and names, and where it is printed."""

    section: int
    hash: int
    masked: str
    clause: int


@lru_cache(maxsize=4096)
def names_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """A pattern for an organ's names and what it calls itself; the longest are tried first."""
    known = sorted({name for name in names if len(name) > 1}, key=lambda name: (-len(name), name))
    return re.compile("(?:" + "|".join([*map(re.escape, known), _SELF]) + ")+")


def names_of(name: str, places: Iterable[str | None]) -> tuple[str, ...]:
    """The full name, what is left of it without the places before it, and the places."""
    found = [name]
    rest = name
    known = [place for place in places if place]
    for place in known:
        if rest.startswith(place):
            rest = rest.removeprefix(place)
            if rest:
                found.append(rest)
    # 青砚区林业局 calls itself 区林业局, too.
    found += [place[-1] + rest for place in known if rest and rest != name]
    return tuple(dict.fromkeys([*found, *known]))


def passages(sections: Iterable[tuple[int, str]], names: re.Pattern[str]) -> list[Passage]:
    """The clauses of the sections (number, text), figures and ``names`` masked, short ones left out.

    ``clause`` counts the clauses of the section as :func:`printed` does.
    """
    found: list[Passage] = []
    for section, text in sections:
        lines = unicodedata.normalize("NFKC", text.translate(_TO_LINES))
        masked = _NOISE.sub("", names.sub("□", _NUMBERS.sub("0", lines)))
        for index, clause in enumerate(masked.split("\n")):
            clause = _ENUMERATOR.sub("", clause)
            if len(clause) >= LEAST_CHARACTERS:
                found.append(Passage(section, _hash(clause), clause, index))
                if len(found) == MOST_PASSAGES:
                    return found
    return found


def printed(text: str) -> list[str]:
    """The clauses of a section as printed; a clause keeps the mark that ends it."""
    ends = [end for end, mark in enumerate(text, start=1) if mark in _BREAKS]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def _hash(clause: str) -> int:
    # As the database keeps integers: 64 bits with a sign.
    digest = hashlib.blake2b(clause.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
