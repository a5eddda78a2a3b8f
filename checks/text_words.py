"""The words of ``texts.toml``, compiled once."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any


@cache
def words() -> dict[str, Any]:
    """The contents of ``texts.toml``."""
    return tomllib.loads(resources.files("checks").joinpath("texts.toml").read_text("utf-8"))


@cache
def pattern(table: str, key: str) -> re.Pattern[str]:
    """A pattern of ``texts.toml``; a list of patterns is one of alternatives."""
    value = words()[table][key]
    return re.compile("|".join(value) if isinstance(value, list) else value)
