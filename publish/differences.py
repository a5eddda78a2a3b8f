"""Where two versions of a text differ, cut to the part worth reading."""

from __future__ import annotations

from dataclasses import dataclass

_CONTEXT = 30
_SHORT = 80


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A changed part of a text between what stands ``before`` and ``after`` it."""

    before: str
    changed: str
    after: str


def _common(first: str, second: str) -> int:
    """Length of what both begin with."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(first), len(second)))


def excerpts(old: str | None, new: str | None) -> tuple[Excerpt, Excerpt]:
    """Return the differing parts of ``old`` and ``new`` with some context.

    What both begin and end with is cut to a few characters; short texts, and those of
    which one is missing, are returned whole.
    """
    first, second = old or "", new or ""
    if old is None or new is None or max(len(first), len(second)) <= _SHORT:
        return Excerpt("", first, ""), Excerpt("", second, "")
    start = _common(first, second)
    end = _common(first[start:][::-1], second[start:][::-1])
    before = first[max(0, start - _CONTEXT) : start]
    after = first[len(first) - end :][:_CONTEXT]
    before = f"…{before}" if start > _CONTEXT else before
    after = f"{after}…" if end > _CONTEXT else after
    return (
        Excerpt(before, first[start : len(first) - end], after),
        Excerpt(before, second[start : len(second) - end], after),
    )
