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
_LONGEST_NUMBER = 18  # digits, so that any database can hold it
_PUNCTUATION = re.compile(r"[^\w]|_")


def nfkc(text: str) -> str:
    """Fold width and compatibility forms: Unicode's NFKC, some times faster on Chinese prose."""
    # Nothing is composed with a line feed.
    return "\n".join(map(_nfkc_of_line, text.split("\n"))) if "\n" in text else _nfkc_of_line(text)


def _nfkc_of_line(text: str) -> str:
    # A line without any such form is recognised as normal a hundred times faster than it is made so.
    return unicodedata.normalize("NFKC", _common_folded(text))


def _common_folded(text: str) -> str:
    for printed, folded in _COMMON_FORMS:
        text = text.replace(printed, folded)
    return text


def fold(text: str) -> str:
    """Fold width and compatibility forms (NFKC) and drop invisible characters."""
    return "\n".join(map(_folded_line, text.split("\n"))) if "\n" in text else _folded_line(text)


def _folded_line(text: str) -> str:
    text = _common_folded(text)
    if _JOINER in text or not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return unicodedata.normalize("NFKC", text)


def squeeze(text: str) -> str:
    """Fold and remove all white space."""
    if text.isascii() and text.isalnum():
        return text
    if len(text) <= _SHORT:
        return _short_squeezed(text)
    return _long_squeezed(text) if len(text) <= _LONG else _squeezed(text)


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def tidy(text: str) -> str:
    """Drop invisible characters and collapse white space to single spaces, otherwise as printed."""
    if text.isascii() and text.isalnum():
        return text
    if _JOINER in text or not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return " ".join(text.split())


def join_surrogates(text: str) -> str:
    """``text`` with pairs of surrogates as the characters that they stand for, and each one alone replaced."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def whole_number(text: str) -> int | None:
    """The number that ``text`` consists of, None where it is anything else or longer than any count.

    ``str.isdigit`` also holds for ² and ①, which ``int`` refuses, as it does very long numbers.
    """
    return int(text) if text.isdecimal() and len(text) <= _LONGEST_NUMBER else None


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


# The same labels come in every report. Essays do not, and would only fill the memory; but each
# is asked about several times while its document is read.
_SHORT = 100
_LONG = 2000
_short_label_key = lru_cache(maxsize=4096)(_label_key)
_short_squeezed = lru_cache(maxsize=4096)(_squeezed)
_long_squeezed = lru_cache(maxsize=128)(_squeezed)
