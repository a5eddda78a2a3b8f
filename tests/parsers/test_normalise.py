"""Folding gives just what Unicode's own normalisation gives."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from parsers.normalise import fold, join_surrogates, nfkc, squeeze, tidy, whole_number

_TEXT = st.text(
    st.one_of(st.characters(), st.sampled_from("，：；（）％①\u3000\u00a0 \t\n\r年1e\u0301\u034f\u00ad\u200b\ufeff"))
)
_INVISIBLE = "\u00ad\u034f\u061c\u180e\ufeff\u200b\u200f\u202a\u202e\u2060\u206f"


@given(_TEXT)
def test_nfkc_is_that_of_unicode(text: str) -> None:
    assert nfkc(text) == unicodedata.normalize("NFKC", text)


@given(st.text("，：（）％①年1\u3000\n", min_size=1), st.sampled_from(_INVISIBLE))
def test_invisible_characters_are_dropped_before_folding(text: str, invisible: str) -> None:
    woven = invisible.join(text) + invisible
    assert fold(woven) == unicodedata.normalize("NFKC", text)
    assert squeeze(woven) == "".join(unicodedata.normalize("NFKC", text).split())
    assert tidy(woven) == " ".join(text.split())


@given(st.one_of(st.integers(0, 10**20).map(str), _TEXT, st.text("0123456789²①٣５-+_ .")))
def test_whole_numbers_are_numbers_that_any_database_holds(text: str) -> None:
    number = whole_number(text)
    if number is None:
        assert not text.isdecimal() or len(text) > 18
    else:
        assert number == int(text)
        assert 0 <= number < 2**63


@given(st.text(st.characters(exclude_categories=())))
def test_joined_text_can_be_kept(text: str) -> None:
    joined = join_surrogates(text)
    joined.encode()
    assert joined == text or any("\ud800" <= character <= "\udfff" for character in text)


def test_pairs_are_joined_and_halves_replaced() -> None:
    assert join_surrogates("a\ud83d\ude00b") == "a😀b"
    assert join_surrogates("\ude00\ud83d") == "\ufffd\ufffd"
