"""Which organs can make regulations (规章): departments of the State Council and certain governments.

立法法 (2023) articles 91 and 93: the ministries and commissions, the governments of provinces and
those of cities with districts and of autonomous prefectures.
"""

from __future__ import annotations

import re

from parsers.divisions import Division, read_prefix
from parsers.organs import classify, level_word, named_city, names_zone, normalise_name

_OFFICE = re.compile(r"(?<=政府)办公[室厅]$")


def makes_regulations(organ: str) -> bool | None:
    """Whether the organ can make regulations, None where its name does not tell.

    A government's office counts as the government, for which it keeps the register; of a
    department of justice, with which governments register theirs, nothing is said.
    """
    name = _OFFICE.sub("", normalise_name(organ))
    level, kind = classify(name)
    if level == "national":
        return None
    if kind == "township" or level == "county":
        return False
    places = [prefix.division for prefix in read_prefix(name)]
    if names_zone(name) or (places and all(place.level == "county" for place in places)):
        return False
    local = bool(places) or level_word(name) is not None or named_city(name) is not None
    if kind == "department" and local:
        return None if "司法" in name else False
    return True if kind == "government" and places and _may(places) else None


def _may(places: list[Division]) -> bool:
    return all(place.level in ("province", "city") for place in places)
