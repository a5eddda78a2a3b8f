"""Full-text search over Chinese: one Han character per token, queries rewritten to phrases."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsers.normalise import nfkc

HAN_RANGES = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U000323af"
HAN = re.compile(f"[{HAN_RANGES}]+")
NOTHING = '""'
"""An FTS5 expression that matches nothing."""
_BIT = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))(\*?)')


def segment(text: str) -> str:
    """Return ``text`` as it is indexed: NFKC, each Han character a word of its own."""
    return HAN.sub(lambda run: f" {' '.join(run.group())} ", nfkc(text))


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand side by side, as the index has them; the last one is the beginning of a word if ``prefix``."""

    words: tuple[str, ...]
    prefix: bool


def terms(query: str) -> tuple[list[Term], list[Term]]:
    """Return what people ask for and what they exclude.

    Words are separated by blanks, quoted phrases kept, a trailing ``*`` searches by prefix, a
    leading ``-`` excludes. What holds no letter or digit is left out.
    """
    query = nfkc(query).replace("\0", " ")
    if query.count('"') % 2:
        query += '"'
    wanted: list[Term] = []
    unwanted: list[Term] = []
    for minus, quoted, bare, star in _BIT.findall(query):
        bit = quoted or bare
        if not any(char.isalnum() for char in bit):
            continue
        term = Term(tuple(segment(bit.rstrip("*")).split()), bool(star) or bit.endswith("*"))
        (unwanted if minus else wanted).append(term)
    return wanted, unwanted


def rewrite_query(query: str) -> str:
    """Return what people type as an FTS5 expression over segmented text; valid whatever is typed.

    The :func:`terms` are joined by AND; without one that is wanted, nothing matches.
    """
    wanted, unwanted = ([_phrase(term) for term in kind] for kind in terms(query))
    if not wanted:
        return NOTHING
    expression = " AND ".join(wanted)
    # Not one NOT within another: FTS5 reads only so deep.
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression


def _phrase(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + ("*" if term.prefix else "")
