"""Folding of printed text for comparison. What is stored stays as printed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\ufeff\u200b-\u200f\u202a-\u202e\u2060-\u206f]+")
# The only one of these that str.isprintable takes for printable.
_JOINER = "\u034f"
# What nearly every sentence has of compatibility forms, with the forms that NFKC gives them.
_COMMON_FORMS = (("，", ","), ("：", ":"), ("；", ";"), ("（", "("), ("）", ")"), ("\u3000", " "), ("\u00a0", " "))
_ENUMERATOR = re.compile(
    r"^(?:第?[一二三四五六七八九十]{1,3}[、.,:]|\([一二三四五六七八九十]{1,3}\)|\(?\d{1,2}[.、,:)]|\d{1,2}(?=[^\d.]))"
)
_PUNCTUATION = re.compile(r"[^\w]|_")


def fold(text: str) -> str:
    """Fold width and compatibility forms (NFKC) and drop invisible characters."""
    # Text without any such form is recognised as normal a hundred times faster than it is made so.
    for printed, folded in _COMMON_FORMS:
        text = text.replace(printed, folded)
    if _JOINER in text or not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFKC", text)


def squeeze(text: str) -> str:
    """Fold and remove all white space."""
    if text.isascii() and text.isalnum():
        return text
    return _short_squeezed(text) if len(text) <= _SHORT else _squeezed(text)


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def tidy(text: str) -> str:
    """Drop invisible characters and collapse white space to single spaces, otherwise as printed."""
    if text.isascii() and text.isalnum():
        return text
    if _JOINER in text or not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def enumerator(text: str) -> str:
    """Return the leading enumerator such as ``三、``, ``(七)`` or ``1.``, '' where there is none."""
    match = _ENUMERATOR.match(squeeze(text))
    return match.group() if match else ""


def label_key(text: str) -> str:
    """Key under which labels compare: folded, without white space, enumerator and punctuation."""
    return _short_label_key(text) if len(text) <= _SHORT else _label_key(text)


def _label_key(text: str) -> str:
    key = squeeze(text)
    for _ in range(2):
        key = _ENUMERATOR.sub("", key, count=1)
    return _PUNCTUATION.sub("", key)


# The same labels come in every report; essays do not, and would only fill the memory.
_SHORT = 100
_short_label_key = lru_cache(maxsize=4096)(_label_key)
_short_squeezed = lru_cache(maxsize=4096)(_squeezed)
