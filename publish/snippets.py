"""Cut the words around a search hit, and mark them without trusting the text."""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

START, END = "\x02", "\x03"
"""Control characters around a match: no source text may contain them, any program can strip them."""

_TERM = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))')
_MARKED = re.compile(f"{START}([^{START}{END}]*){END}")
_CONTEXT = 40
_LENGTH = 160
_MAX_TEXT = 200_000
_MAX_TERMS = 10


def _fold(text: str) -> tuple[str, list[int]]:
    """Return ``text`` folded as the index folds it, and for each folded character its origin."""
    folded: list[str] = []
    origins: list[int] = []
    for position, character in enumerate(text):
        for part in unicodedata.normalize("NFKC", character).casefold():
            folded.append(part)
            origins.append(position)
    return "".join(folded), origins


def _terms(query: str) -> list[str]:
    normal = unicodedata.normalize("NFKC", query).casefold()
    found = (quoted or bare.strip("*") for minus, quoted, bare in _TERM.findall(normal) if not minus)
    return [term.strip() for term in found if term.strip()][:_MAX_TERMS]


def _matches(text: str, query: str) -> list[tuple[int, int]]:
    folded, origins = _fold(text)
    spans: list[tuple[int, int]] = []
    for term in _terms(query):
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
