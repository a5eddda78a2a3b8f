"""Cut the words around a search hit, and mark them without trusting the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from markupsafe import Markup, escape

START, END = "\x02", "\x03"
"""Control characters around a match: no source text may contain them, any program can strip them."""

_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_MARKED = re.compile(f"{START}([^{START}{END}]*){END}")
MAX_QUERY = 500
"""Characters of a query that are looked at."""
_CONTEXT = 40
_LENGTH = 160
_MAX_TEXT = 200_000
_MAX_TERMS = 10
_MAX_FOLDS = 50_000
_LONGEST_PATTERN = 100
# What the index takes as words, of which it finds no part: numbers and words in letters.
_INDEXED_WHOLE = re.compile(r"[0-9a-z]")


class _Folds(dict[int, str]):
    """What each character is folded to, by its code point; learnt as texts bring them."""

    def __missing__(self, code: int) -> str:
        folded = unicodedata.normalize("NFKC", chr(code)).casefold()
        if len(self) < _MAX_FOLDS:
            self[code] = folded
        return folded


_folds = _Folds()


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """Return ``text`` folded as the index folds it, and for each folded character its origin."""
    folded = text.translate(_folds)
    # No character folds to nothing, so an equal length means one to one.
    if len(folded) == len(text):
        return folded, range(len(text))
    return folded, [position for position, character in enumerate(text) for _part in _folds[ord(character)]]


def _split(query: str) -> tuple[list[str], list[str]]:
    """Return the folded terms that are wanted, and those that are excluded."""
    wanted: list[str] = []
    unwanted: list[str] = []
    asked = query[:MAX_QUERY].translate(_folds)
    # A phrase whose end is missing goes on to the end, as it does for the index.
    asked += '"' * (asked.count('"') % 2)
    for minus, quoted, bare in _TERM.findall(asked):
        term = (quoted or bare.strip("*")).strip()
        if term:
            (unwanted if minus else wanted).append(term)
    return wanted[:_MAX_TERMS], unwanted[:_MAX_TERMS]


def holds(text: str | None, query: str | None) -> bool:
    """Whether ``text`` has every term of ``query`` as it is written, even within longer words, and none excluded."""
    wanted, unwanted = _split(query or "")
    if not text or not wanted:
        return False
    folded = text[:_MAX_TEXT].translate(_folds)
    return all(term in folded for term in wanted) and not any(term in folded for term in unwanted)


def exact_pattern(query: str | None) -> str | None:
    """Return a LIKE pattern (escape ``\\``) for what holds for some text with digits or Latin letters in ``query``.

    None where no term has any: for Chinese the index finds every substring already.
    """
    terms = [term for term in _split(query or "")[0] if _INDEXED_WHOLE.search(term)]
    if not terms:
        return None
    return _pattern(max(terms, key=len))


def part_pattern(text: str | None) -> str | None:
    """Return a LIKE pattern (escape ``\\``) for what has ``text``, without the blanks around it; None for nothing."""
    part = (text or "").strip()
    return _pattern(part) if part else None


def _pattern(part: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", part[:_LONGEST_PATTERN])
    return f"%{escaped}%"


def _matches(text: str, query: str) -> list[tuple[int, int]]:
    folded, origins = _fold(text)
    spans: list[tuple[int, int]] = []
    for term in _split(query)[0]:
        at = folded.find(term)
        while at >= 0:
            spans.append((origins[at], origins[at + len(term) - 1] + 1))
            at = folded.find(term, at + len(term))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def snippet(text: str | None, query: str | None) -> str | None:
    """Return about 160 characters of ``text`` around the first match of ``query``.

    Matches stand between :data:`START` and :data:`END`; the rest is the text as it is,
    not escaped. Without a match (of a phrase across punctuation, say) it is the beginning.
    """
    if text is None:
        return None
    text = text[:_MAX_TEXT].replace(START, "").replace(END, "")
    spans = _matches(text, query or "")
    begin = max(0, spans[0][0] - _CONTEXT) if spans else 0
    finish = min(len(text), begin + _LENGTH)
    parts = ["…" if begin else ""]
    at = begin
    for start, end in spans:
        if end > finish:
            break
        parts += [text[at:start], START, text[start:end], END]
        at = end
    parts += [text[at:finish], "…" if finish < len(text) else ""]
    return " ".join("".join(parts).split())


def marked(text: str) -> Markup:
    """Return ``text`` as HTML with its matches in ``<mark>``; everything else is escaped first."""
    html = _MARKED.sub(r"<mark>\1</mark>", str(escape(text)))
    return Markup(unmarked(html))


def unmarked(text: str) -> str:
    """Return ``text`` without the control characters around matches."""
    return text.replace(START, "").replace(END, "")
