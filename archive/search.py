"""Full-text search in Chinese: one Han character per token, queries rewritten to phrases.

FTS5's own tokenisers find nothing in Chinese (no spaces between words) or drop words of two
characters. Setting every Han character apart makes any substring a phrase, in an index that
every SQLite can read.
"""

from __future__ import annotations

import re
import unicodedata

_HAN_RUN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f]+")
_BIT = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_NOT_A_TOKEN = re.compile(r"[^\w]+")


def segment(text: str) -> str:
    """Text as it is indexed: folded to NFKC, every Han character a token."""
    return _HAN_RUN.sub(lambda run: f" {' '.join(run.group())} ", unicodedata.normalize("NFKC", text))


def rewrite_query(query: str) -> str:
    """What a user typed → a valid FTS5 query over segmented text.

    Every bit becomes a phrase, all must occur; ``"…"`` keeps a bit with blanks together, a
    trailing ``*`` matches beginnings, a leading ``-`` excludes. Nothing that can be typed
    makes a syntax error; what has no searchable character finds nothing.
    """
    wanted, unwanted = [], []
    for match in _BIT.finditer(unicodedata.normalize("NFKC", query)):
        bit = match["phrase"] if match["phrase"] is not None else match["word"]
        prefix = match["phrase"] is None and bit.endswith("*")
        tokens = _NOT_A_TOKEN.sub(" ", segment(bit)).split()
        if tokens:
            phrase = f'"{" ".join(tokens)}"{"*" if prefix else ""}'
            (unwanted if match["minus"] else wanted).append(phrase)
    if not wanted:
        return '""'
    return " AND ".join(wanted) if not unwanted else f"({' AND '.join(wanted)}) NOT ({' OR '.join(unwanted)})"
