"""The phrases of ``phrases.toml``, compiled."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def _data() -> dict[str, dict[str, Any]]:
    text = resources.files("crawler").joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def words(section: str, key: str) -> frozenset[str]:
    """The phrases listed under ``key`` of ``section``."""
    return frozenset(_data()[section][key])


@cache
def pattern(section: str, key: str) -> re.Pattern[str]:
    """The regular expression under ``key`` of ``section``; a list is an alternation."""
    value = _data()[section][key]
    return re.compile("|".join(value) if isinstance(value, list) else value)


@cache
def text(section: str, key: str) -> str:
    """The text under ``key`` of ``section``."""
    return str(_data()[section][key])


@cache
def patterns(section: str) -> dict[str, re.Pattern[str]]:
    """Every regular expression of ``section`` by its key."""
    return {key: pattern(section, key) for key in _data()[section]}
