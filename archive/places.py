"""In which division an organ lies, and what it is called in full there.

Evidence is used in the order of its trustworthiness: the organ's name itself, the names the
document gives elsewhere, the portal that shows it, the host. Where the evidence leaves a choice,
nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from parsers import divisions
from parsers.divisions import Division
from parsers.organs import classify, level_word, names_zone, normalise_name, strip_national, without_level_word

_TOWNSHIP = re.compile(r"^(?:人民政府)?(?P<name>.{1,20}?(?:街道|镇|乡|苏木))(?P<body>人民政府|政府|办事处|办)?$")
_BRANCH = re.compile(r"^(?P<of>.*?(?:局|支队|大队))(?P<place>\w{2,12}?)(?P<kind>分局|大队|分队)$")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of an organ's place besides its name.

    ``named`` are names that the document gives: fuller ones of the organ, and those of bodies
    of its area. ``portal`` is the division of the portal that shows it, ``host`` the divisions
    for which the name of the host may stand.
    """

    named: Sequence[str] = ()
    portal: Division | None = None
    host: Sequence[Division] = ()
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """An organ in its division.

    ``name`` is its name in full, no shorter than it is printed. ``key`` is the same for
    every way to print it, and so is ``level``, None where unknown.
    """

    area: Division
    name: str
    key: str
    level: str | None


def official_rest(rest: str) -> str:
    """What follows the place in an organ's full official name: 人民政府 where nothing does, 镇人民政府 for 镇."""
    if rest in ("", "政府", "人民政府"):
        return "人民政府"
    township = _TOWNSHIP.match(rest)
    if township is None or classify(rest)[1] != "township":
        return rest
    name = township["name"]
    return name + ("办事处" if name.endswith("街道") else "人民政府")


def completed(rest: str) -> str:
    """As :func:`official_rest`, but what is printed stays: an area's bare name stands for its government."""
    official = official_rest(rest)
    return official if official == rest + "人民政府" else rest


def rest_in(name: str, area: Division) -> str | None:
    """What follows the place in the name of an organ of ``area``, None where it does not begin with the place."""
    before, place, rest = name.partition(area.full_name)
    return rest if place and before in _names_above(area) else None


def _names_above(area: Division) -> set[str]:
    province = area.province.name
    city = area.city.name if area.city and area.level == "county" else ""
    return {"", province, city, province + city} if area.level != "province" else {""}


def township_name(rest: str) -> str | None:
    """Name of the township or street whose government ``rest`` names, None if it names none."""
    township = _TOWNSHIP.match(rest)
    return township["name"] if township and classify(rest)[1] == "township" else None


def branch_of(name: str) -> str | None:
    """Name of the bureau whose branch ``name`` is, None if it is no branch."""
    branch = _BRANCH.match(name)
    return branch["of"] if branch else None


def locate(name: str, evidence: Evidence) -> Located | None:
    """Find the one division in which the organ ``name`` lies, None where the evidence does not tell."""
    name = normalise_name(name)
    body, national = strip_national(name)
    found = divisions.read_prefix(body)
    if found:
        division = _chosen([prefix.division for prefix in found], evidence)
        printed, rest = body[: found[0].length], body[found[0].length :]
        return _located(division, rest, printed, national) if division else None
    fuller = _fuller(body, evidence.named)
    if fuller:
        return fuller
    for areas in _areas(body, evidence):
        area = _area_of_bare(body, areas)
        if area:
            return _located(area, without_level_word(body), "", national)
    return None


def _located(area: Division, rest: str, printed: str = "", national: str = "") -> Located:
    """The organ whose name goes on with ``rest`` after the place, which is ``printed`` so."""
    if national:
        # The name of a national body's branch is complete as it is printed.
        return Located(area, national + (printed or area.name) + rest, national + area.name + rest, area.level)
    place = printed if rest_in(printed, area) == "" else area.full_name
    name, key = place + completed(rest), area.full_name + official_rest(rest)
    if classify(rest)[1] == "township":
        return Located(area, name, key, "township")
    branch = _BRANCH.match(rest)
    if branch and area.level == "city":
        below = _branch_area(branch["place"], area)
        return Located(below or area, name, key, "county" if below else None)
    # All counties are known, so another 区 in the name is a zone's, which may be of any level.
    zone = names_zone(rest) or classify(rest)[0] == "county"
    return Located(area, name, key, None if zone else area.level)


def _branch_area(place: str, city: Division) -> Division | None:
    found = [d for suffix in ("", "区", "县", "市", "新区") for d in divisions.named(place + suffix, city.code)]
    return found[0] if len(found) == 1 else None


def _chosen(candidates: list[Division], evidence: Evidence) -> Division | None:
    """The one of several divisions of one name for which something else speaks."""
    if len({division.level for division in candidates}) > 1 and evidence.year:
        # 毕节市 was a county before it was a city.
        candidates = [division for division in candidates if division.stood(evidence.year)]
    if len(candidates) == 1:
        return candidates[0]
    for text in evidence.named:
        named = {prefix.division for prefix in divisions.read_prefix(text)}
        chosen = [one for one in candidates if any(one.within(other.code) for other in named)]
        if len(named) == 1 and len(chosen) == 1:
            return chosen[0]
    for areas in ([evidence.portal] if evidence.portal else [], evidence.host):
        chosen = [one for one in candidates if any(one.within(area.code) for area in areas)]
        if len(chosen) == 1:
            return chosen[0]
    return None


def _fuller(name: str, named: Iterable[str]) -> Located | None:
    """The organ under a name that ends with ``name`` and begins with its division."""
    bare = official_rest(without_level_word(name))
    for text in named:
        found = divisions.read_prefix(text)
        if len(found) == 1 and official_rest(text[found[0].length :]) == bare:
            word = level_word(name)
            if word is None or found[0].division.name.endswith(word):
                rest = text[found[0].length :]
                return _located(found[0].division, rest, text[: found[0].length])
    return None


def _areas(name: str, evidence: Evidence) -> Iterator[list[Division]]:
    """The areas for which portal, document and host speak, those of the better witness first."""
    if portal := evidence.portal:
        yield [portal]
        # 市民政局 on the portal of a county is that of the city above it.
        if level_word(name):
            yield [above for above in (portal.city, portal.province) if above and above.level != portal.level]
    # On a county's portal, all that does not say otherwise is the county's.
    if evidence.portal is None or evidence.portal.level != "county":
        yield _agreed(evidence)


def _agreed(evidence: Evidence) -> list[Division]:
    """The areas named by the document's other names or by the host; where both name some, those of both."""
    prefixes = next((found for text in evidence.named if (found := divisions.read_prefix(text))), ())
    named = [prefix.division for prefix in prefixes]
    if not named or not evidence.host:
        return named or list(evidence.host)
    return [one for one in named if any(one.within(host.code) or host.within(one.code) for host in evidence.host)]


def _area_of_bare(name: str, areas: Sequence[Division]) -> Division | None:
    """The one of ``areas`` of which an organ that names no place can be.

    A township must be one of the area's; 县民政局 be of a 县; a 厅 of a province; a bare 民政局
    of a county, since in a city it may be that of any county.
    """
    township = township_name(without_level_word(name))
    if township:
        fitting = sorted({county for area in areas for county in divisions.counties_with(township, area.code)})
    elif word := level_word(name):
        fitting = [area for area in areas if area.name.endswith(word)]
    elif name.endswith("厅"):
        fitting = [area for area in areas if area.level == "province"]
    elif classify(name) == (None, "department") and not names_zone(name):
        fitting = [area for area in areas if area.level == "county"] if len(areas) == 1 else []
    else:
        fitting = []
    return fitting[0] if len(fitting) == 1 else None
