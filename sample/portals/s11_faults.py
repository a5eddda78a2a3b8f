"""S11: one small portal for each fault, and two that change between their two phases."""

from __future__ import annotations

from functools import partial

from sample.portals import small
from sample.portals.faults import FAULTS
from sample.portals.site import Build, Setting, Site

LETTERS = {
    "a": "jsl",
    "b": "rs412",
    "b2": "rs200",
    "b3": "rs202",
    "c": "cookie",
    "d": "robots_all",
    "d2": "robots_403",
    "d3": "robots_500",
    "d4": "robots_silent",
    "e": "late",
    "f": "drip",
    "g": "truncated_once",
    "g2": "truncated",
    "h": "gzip",
    "h2": "gzip_broken",
    "i": "login",
    "j": "busy_429",
    "j2": "busy_503",
    "j3": "down",
    "k": "tls_expired",
    "k2": "tls_mismatched",
    "k3": "tls_old",
    "l": "loop",
    "m": "large",
    "n": "reset",
    "o": None,
    "o2": None,
    "p": "acw",
    "p2": "yunsuo",
    "p3": "wzws",
    "q": "silent",
    "r": "moved",
    "s": "promised",
    "k4": "tls_old_named",
}
"""Faults by letter; ``o`` and ``o2`` only change."""


def _build(setting: Setting, letter: str, number: int) -> Site:
    # In o the renamed report moves to another address, in o2 it gets another title.
    site = small.build(f"S11{letter}", f"www.fault-{letter}", number, setting, retitle=letter == "o2")
    fault = LETTERS[letter]
    if fault:
        FAULTS[fault].strike(site)
    return site


SITES: dict[str, Build] = {
    f"S11{letter}": partial(_build, letter=letter, number=number) for number, letter in enumerate(LETTERS, start=1)
}
