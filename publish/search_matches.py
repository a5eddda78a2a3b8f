"""Whether a text holds what is searched for, as the archive's index understands it, and how prominently."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from archive.search import HAN, HAN_RANGES, Term, terms
from parsers.normalise import nfkc

# Okapi BM25 with the usual parameters. All results hold all words, so these need no weights by their rarity.
_SATURATION, _LENGTH_SHARE, _USUAL_LENGTH = 1.2, 0.75, 600
_MAX_TERMS = 10
_WORD = re.compile(r"[^\W_]+")
_LATIN_WITH_MARKS = re.compile("[\u00c0-\u024f\u1e00-\u1eff]")
# Between neighbours may be punctuation; between two words there is some.
_BETWEEN, _BETWEEN_WORDS = r"[\W_]*", r"[\W_]+"
_NO_WORD_BEFORE, _NO_WORD_AFTER = rf"(?<![^\W_{HAN_RANGES}])", rf"(?![^\W_{HAN_RANGES}])"


class _Matcher:
    def __init__(self, query: str) -> None:
        self._wanted, self._unwanted = ([_pattern(term) for term in kind] for kind in terms(query))

    def score(self, text: str) -> float | None:
        folded = nfkc(text)
        if _LATIN_WITH_MARKS.search(folded):
            folded = _without_marks(folded)
        if not self._wanted or any(pattern.search(folded) for pattern in self._unwanted):
            return None
        usual = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * len(folded) / _USUAL_LENGTH)
        score = 0.0
        for place, pattern in enumerate(self._wanted):
            if place >= _MAX_TERMS:
                if not pattern.search(folded):
                    return None
                continue
            times = len(pattern.findall(folded))
            if not times:
                return None
            score += times * (_SATURATION + 1) / (times + usual)
        return score


def _without_marks(text: str) -> str:
    """Drop the marks of Latin letters, as the index does."""
    return "".join(char for char in unicodedata.normalize("NFD", text) if not unicodedata.combining(char))


def _pattern(term: Term) -> re.Pattern[str]:
    tokens = [token for word in term.words for token in _WORD.findall(_without_marks(word))]
    made = ""
    before: str | None = None
    for token in tokens:
        han = HAN.fullmatch(token) is not None
        if before is not None:
            made += _BETWEEN if han or HAN.fullmatch(before) else _BETWEEN_WORDS
        made += re.escape(token) if han else f"{_NO_WORD_BEFORE}{re.escape(token)}{_NO_WORD_AFTER}"
        before = token
    if term.prefix and made.endswith(_NO_WORD_AFTER):
        made = made.removesuffix(_NO_WORD_AFTER)
    return re.compile(made, re.IGNORECASE)


@lru_cache(maxsize=500)
def _matcher(query: str) -> _Matcher:
    return _Matcher(query)


def search_score(text: object, query: object) -> float | None:
    """How prominent the words of ``query`` are in ``text``; None where one is missing or an excluded one is there."""
    if not isinstance(text, str) or query is None:
        return None
    return _matcher(str(query)).score(text)
