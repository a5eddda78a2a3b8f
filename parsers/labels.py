"""Matching of printed labels to the form's codes.

Exact after normalisation, then the form's aliases, then a close match, and that only
with a clear margin over every other label and every decoy (group heads, column heads):
a lost sub-label must never turn 不予公开 into 予以公开.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from parsers.forms import Label
from parsers.normalise import label_key

CLOSE_SCORE = 80.0
CLOSE_MARGIN = 15.0
_LONGEST_LABEL = 60
_SHORTEST_CLOSE = 3
_SHORTEST_LABEL = 2
_MOST_MATCHED = 4096
_LONGEST_KNOWN = 100


@dataclass(frozen=True, slots=True)
class Match:
    """A matched label: its code, likeness 0–100, and whether it matched word for word."""

    code: str
    score: float
    exact: bool


class Vocabulary:
    """The labels that may stand in one place of a table, with the words that may not match."""

    def __init__(self, labels: Mapping[str, Label], decoys: Iterable[str] = ()) -> None:
        self._exact: dict[str, str] = {}
        self._close: list[tuple[str, str | None]] = []
        # The same words stand in every report, and likeness is dear.
        self._known = lru_cache(maxsize=_MOST_MATCHED)(self._match)
        for code, label in labels.items():
            for wording in label.wordings:
                key = label_key(wording)
                self._exact.setdefault(key, code)
                # An enumerator that lost its mark, as 四结转下年度继续办理 for 四、结转…
                self._exact.setdefault(label_key(label.enumerator + wording), code)
                self._close.append((key, None if label.exact else code))
        self._close.extend((label_key(decoy), None) for decoy in decoys)

    def exact(self, text: str) -> str | None:
        """Code whose official label or alias is printed, None where there is none."""
        return self._exact.get(label_key(text))

    def match(self, text: str) -> Match | None:
        """Best match of a printed label, None where none is safe."""
        return self._known(text) if len(text) <= _LONGEST_KNOWN else self._match(text)

    def _match(self, text: str) -> Match | None:
        key = label_key(text)
        if not key or len(key) > _LONGEST_LABEL:
            return None
        if code := self._exact.get(key):
            return Match(code, 100.0, exact=True)
        if len(key) < _SHORTEST_CLOSE:
            return None
        return self._closest(key)

    def _closest(self, key: str) -> Match | None:
        best: dict[str | None, float] = {}
        for wording, code in self._close:
            score = fuzz.ratio(key, wording)
            if score > best.get(code, 0.0):
                best[code] = score
        ranked = sorted(best.items(), key=lambda entry: -entry[1])
        code, score = ranked[0] if ranked else (None, 0.0)
        if code is None or score < CLOSE_SCORE:
            return None
        runner_up = ranked[1][1] if len(ranked) > 1 else 0.0
        if score - runner_up < CLOSE_MARGIN or not _same_numbers(key, wording_of=self._close, code=code):
            return None
        if self._holds_another(key, code):
            return None
        return Match(code, score, exact=False)

    def _holds_another(self, key: str, code: str) -> bool:
        """Whether a key also prints another label whole: then it is two labels in one cell."""
        own = [wording for wording, other in self._close if other == code]
        return any(
            len(wording) >= _SHORTEST_LABEL and wording in key and not any(wording in mine for mine in own)
            for wording, other in self._exact.items()
            if other != code
        )


def _same_numbers(key: str, *, wording_of: list[tuple[str, str | None]], code: str | None) -> bool:
    """Whether digits in the key also stand in the label: a value glued to a label is no label."""
    digits = {character for character in key if character.isdigit()}
    return any(digits <= set(wording) for wording, other in wording_of if other == code)
