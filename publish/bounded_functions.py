"""SQLite's functions on text whose own versions take quadratic time within one step that no limit interrupts."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

_MOST_TRIMMED = 100
"""Longest set of characters to trim."""


def _text(value: object) -> str:
    return (
        value
        if isinstance(value, str)
        else value.decode("utf-8", "replace")
        if isinstance(value, bytes)
        else str(value)
    )


def _instr(text: Any, part: Any) -> int | None:
    if text is None or part is None:
        return None
    if isinstance(text, bytes) and isinstance(part, bytes):
        return text.find(part) + 1
    return _text(text).find(_text(part)) + 1


def _replace(longest: int, text: Any, old: Any, new: Any) -> Any:
    if text is None or old is None:
        return None
    if not _text(old):
        return text
    if new is None:
        return None
    text, old, new = _text(text), _text(old), _text(new)
    if len(text) + text.count(old) * (len(new) - len(old)) > longest:
        raise ValueError("string or blob too big")
    return text.replace(old, new)


def _trimmed(strip: Callable[..., str], text: Any, characters: Any = " ") -> str | None:
    if text is None or characters is None:
        return None
    if len(_text(characters)) > _MOST_TRIMMED:
        raise ValueError("too many characters to trim")
    return strip(_text(text), _text(characters))


def install(conn: sqlite3.Connection, longest: int) -> None:
    """Put functions of the same names and results in their place on ``conn``; no text exceeds ``longest`` bytes."""
    conn.create_function("instr", 2, _instr, deterministic=True)
    conn.create_function("replace", 3, partial(_replace, longest), deterministic=True)
    for name, strip in (("trim", str.strip), ("ltrim", str.lstrip), ("rtrim", str.rstrip)):
        for arguments in (1, 2):
            conn.create_function(name, arguments, partial(_trimmed, strip), deterministic=True)
