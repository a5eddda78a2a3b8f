"""Full-text search over Chinese: one Han character per token, queries rewritten to phrases."""

from __future__ import annotations

import re

from parsers.normalise import nfkc

_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f\U00030000-\U000323af]+")
_NOTHING = '""'
_BIT = re.compile(r'(-?)(?:"([^"]*)"|([^\s"]+))(\*?)')


def segment(text: str) -> str:
    """Return ``text`` as it is indexed: NFKC, each Han character a word of its own."""
    return _HAN.sub(lambda run: f" {' '.join(run.group())} ", nfkc(text))


def rewrite_query(query: str) -> str:
    """Return what people type as an FTS5 expression over segmented text; valid whatever is typed.

    Words are joined by AND, quoted phrases kept, a trailing ``*`` searches by prefix, a
    leading ``-`` excludes. What holds no letter or digit matches nothing.
    """
    query = nfkc(query).replace("\0", " ")
    if query.count('"') % 2:
        query += '"'
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, quoted, bare, star in _BIT.findall(query):
        bit = quoted or bare
        prefix = bool(star) or bit.endswith("*")
        words = segment(bit.rstrip("*")).split()
        if not any(char.isalnum() for char in bit):
            continue
        phrase = f'"{" ".join(words)}"' + ("*" if prefix else "")
        (unwanted if minus else wanted).append(phrase)
    if not wanted:
        return _NOTHING
    expression = " AND ".join(wanted)
    # Not one NOT within another: FTS5 reads only so deep.
    return f"({expression}) NOT ({' OR '.join(unwanted)})" if unwanted else expression
