"""The administrative divisions of the People's Republic of China since 2007, by code and by name.

The data stand in ``divisions.tsv`` and ``townships.tsv`` beside this file, which say where they
come from; ``make divisions`` renews them. Where a name stands for several divisions, all are
returned: which one is meant is for the caller to decide, or to leave open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Literal, NamedTuple

Level = Literal["province", "city", "county"]

# What follows shows that the characters before it are part of a longer word: 市场, 芒市镇, 城区街道.
_WORD_GOES_ON = re.compile(r"[镇乡村路街]|苏木|社区|(?<=市)(?:场|容|政(?![府务协研法数]))|(?<=县)域|(?<=区)[域划块]")
_LONGEST_FORM = 16


class Division(NamedTuple):
    """A province, city or county under one name and code.

    ``code`` has the six digits of GB/T 2260. ``since`` is the first year at whose end it stood
    (None: 2007 or before), ``until`` the last (None: it stands). ``became`` is the code of the
    division that followed it, where exactly one did. ``readings`` are pinyin of ``short``.
    """

    code: str
    name: str
    short: str
    since: int | None
    until: int | None
    became: str | None
    readings: tuple[str, ...]

    @property
    def level(self) -> Level:
        """Province, city (of the prefecture level) or county."""
        return "province" if self.code.endswith("0000") else "city" if self.code.endswith("00") else "county"

    @property
    def province(self) -> Division:
        """The province in which it lies, itself if it is one."""
        return _latest(_load().by_code[self.code[:2] + "0000"])

    @property
    def city(self) -> Division | None:
        """The city in which it lies, itself if it is one; None directly under a province."""
        found = _load().by_code.get(self.code[:4] + "00") if self.level != "province" else None
        return _latest(found) if found else None

    @property
    def full_name(self) -> str:
        """Name as organs bear it: that of a 区 after its city's, every other by itself."""
        if self.level != "county" or not self.name.endswith("区"):
            return self.name
        return (self.city or self.province).name + self.name

    def within(self, code: str) -> bool:
        """Whether it is the division of ``code`` or lies in it."""
        significant = code[:6].rstrip("0") if len(code) >= 6 else code
        return self.code.startswith(significant + "0" * (len(significant) % 2))

    def stood(self, year: int) -> bool:
        """Whether it may have been so called in ``year``: a change comes a year late or early to print."""
        return (self.since is None or self.since <= year + 1) and (self.until is None or self.until >= year - 1)


class Prefix(NamedTuple):
    """A division named at the beginning of a text, with the divisions above it or without."""

    division: Division
    length: int


class _Data(NamedTuple):
    by_code: dict[str, tuple[Division, ...]]
    by_form: dict[str, tuple[Division, ...]]
    by_short: dict[str, tuple[Division, ...]]
    by_reading: dict[str, tuple[Division, ...]]


@cache
def _load() -> _Data:
    by_code: dict[str, list[Division]] = {}
    by_form: dict[str, list[Division]] = {}
    by_short: dict[str, list[Division]] = {}
    by_reading: dict[str, list[Division]] = {}
    for code, name, short, since, until, became, readings in _table("divisions.tsv"):
        division = Division(
            code,
            name,
            short,
            int(since) if since else None,
            int(until) if until else None,
            became or None,
            tuple(readings.split("/")),
        )
        by_code.setdefault(code, []).append(division)
        for form in dict.fromkeys(_forms(division)):
            by_form.setdefault(form, []).append(division)
        if division.level != "county":
            by_short.setdefault(short, []).append(division)
        for reading in division.readings:
            by_reading.setdefault(reading, []).append(division)
    indexes = (by_code, by_form, by_short, by_reading)
    return _Data(*({key: tuple(found) for key, found in index.items()} for index in indexes))


def _forms(division: Division) -> Iterator[str]:
    """The names that stand for a division by themselves: 恩施州 as well as 恩施土家族苗族自治州."""
    yield division.name
    for kind in ("自治州", "自治县", "自治旗"):
        if division.name.endswith(kind):
            yield division.short.removesuffix(kind) + kind[-1]
    if division.level == "province" and division.name.endswith("自治区"):
        yield division.short + "自治区"


def _table(name: str) -> Iterator[list[str]]:
    text = resources.files("parsers").joinpath(name).read_text("utf-8")
    return (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))


def _latest(divisions: tuple[Division, ...]) -> Division:
    return max(divisions, key=lambda division: (division.until is None, division.until or 0))


PROVINCES = {code[:2]: _latest(found).name for code, found in _load().by_code.items() if code.endswith("0000")}
"""Province-level divisions by the first two digits of their codes."""


def province_of(division_code: str | None) -> str | None:
    """Return the province in which a GB/T 2260 code lies, None if the code says none."""
    return PROVINCES.get(division_code[:2]) if division_code else None


def level_of(division_code: str | None) -> Level | None:
    """Return 'province', 'city' or 'county' for a six-digit (or longer) code, else None."""
    if division_code is None or len(division_code) < 6 or not division_code[:6].isdigit():
        return None
    if division_code[2:6] == "0000":
        return "province"
    return "city" if division_code[4:6] == "00" else "county"


def by_code(division_code: str | None) -> Division | None:
    """Return the division of a six-digit (or longer) code, the latest that bore it; None if none did."""
    found = _load().by_code.get(division_code[:6]) if division_code else None
    return _latest(found) if found else None


def of_code(division_code: str | None) -> tuple[Division, ...]:
    """Return every division that has borne a code, the earliest first: 襄樊市, then 襄阳市."""
    found = _load().by_code.get(division_code[:6], ()) if division_code else ()
    return tuple(sorted(found, key=lambda division: division.since or 0))


def successor(division: Division) -> Division | None:
    """Return the division that followed an abolished one, None where none or more than one did."""
    if division.became is None or division.until is None:
        return None
    return next((other for other in of_code(division.became) if other.since == division.until + 1), None)


def lineage(division_code: str | None) -> frozenset[str]:
    """Return a code with those of all divisions that followed its own, preceded it, and so on; nothing for None."""
    code = division_code[:6] if division_code else None
    return _lineages_by_code().get(code, frozenset({code})) if code else frozenset()


def ever_changed(division_code: str | None) -> bool:
    """Whether any division that bore the code followed another or was followed, be it under the same code."""
    return division_code is not None and division_code[:6] in _lineages_by_code()


@cache
def _lineages_by_code() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for code, borne in _load().by_code.items():
        for division in borne:
            following = successor(division)
            if following is not None:
                joined = found.get(code, frozenset({code})) | found.get(following.code, frozenset({following.code}))
                found.update(dict.fromkeys(joined, joined))
    return found


def named(name: str, within: str | None = None) -> tuple[Division, ...]:
    """Return every division that ``name`` stands for, of those within the division of code ``within``.

    Autonomous prefectures and counties are also known by 州 and 县. What bore one name in one
    province under several codes, one after the other, is one division and returned as the latest.
    """
    found = _load().by_form.get(name, ())
    return _lineages(tuple(division for division in found if within is None or division.within(within)))


def by_reading(pinyin: str) -> tuple[Division, ...]:
    """Return every division whose name, with its last character or without, may be read ``pinyin``."""
    found = list(_load().by_reading.get(pinyin, ()))
    for suffix, characters in _SUFFIX_READINGS.items():
        if pinyin.endswith(suffix):
            found += [
                division
                for division in _load().by_reading.get(pinyin.removesuffix(suffix), ())
                if division.name.endswith(characters)
            ]
    return _lineages(tuple(dict.fromkeys(found)))


_SUFFIX_READINGS = {
    "sheng": "省", "shi": "市", "xian": "县", "qu": "区", "qi": "旗", "zhou": "州", "meng": "盟", "diqu": "地区",
}  # fmt: skip


def _lineages(found: tuple[Division, ...]) -> tuple[Division, ...]:
    """Of divisions of one name, level and province that never stood side by side the latest only."""
    groups: dict[tuple[str, str, str], list[Division]] = {}
    for division in found:
        groups.setdefault((division.name, division.level, division.code[:2]), []).append(division)
    kept: list[Division] = []
    for group in groups.values():
        group.sort(key=lambda division: division.since or 0)
        successive = all(old.until is not None and old.until < (new.since or 0) for old, new in pairwise(group))
        kept += [_latest(tuple(group))] if successive else group
    return tuple(kept)


def _successor_in_name(division: Division) -> Division:
    """巢湖市庐江县 of 2010 is 合肥市's 庐江县 of today."""
    found = _load().by_form[division.name]
    namesakes = tuple(other for other in found if other.level == division.level and other.within(division.code[:2]))
    lineage = _lineages(namesakes)
    return lineage[0] if len(lineage) == 1 else division


def read_prefix(text: str) -> tuple[Prefix, ...]:
    """Read the divisions with which ``text`` begins, down to the lowest.

    四川省成都市双流区气象局 begins with 双流区, and so does 成都双流区气象局: the names of
    provinces and cities may be short where a lower one follows. Several results of the same
    length are the divisions of that name between which the text does not decide; none means that
    it begins with no division.
    """
    found = [(end, division) for end, division in _chains(text, 0, None) if not _WORD_GOES_ON.match(text, end)]
    longest = max((end for end, _ in found), default=0)
    lowest = {_successor_in_name(division) for end, division in found if end == longest}
    return tuple(Prefix(division, longest) for division in sorted(lowest))


def _chains(text: str, start: int, above: Division | None) -> Iterator[tuple[int, Division]]:
    data = _load()
    for end in range(min(len(text), start + _LONGEST_FORM), start + 1, -1):
        form = text[start:end]
        for division in data.by_form.get(form, ()):
            if _below(division, above):
                yield end, division
                yield from _chains(text, end, division)
        for division in data.by_short.get(form, ()):
            if _below(division, above):
                yield from _chains(text, end, division)


def _below(division: Division, above: Division | None) -> bool:
    return above is None or (division.code != above.code and division.within(above.code))


@cache
def _townships() -> dict[str, frozenset[str]]:
    return {code: frozenset(names.split()) for code, names in _table("townships.tsv")}


def townships(division_code: str) -> frozenset[str]:
    """Return the names of the townships and streets of a county, abolished ones among them."""
    return _townships().get(division_code[:6], frozenset())


def counties_with(township: str, within: str) -> tuple[Division, ...]:
    """Return the counties within the division of code ``within`` that have a township of this name."""
    codes = [code for code, names in _townships().items() if township in names]
    found = [division for code in codes if (division := by_code(code)) and division.within(within)]
    return tuple(found)
