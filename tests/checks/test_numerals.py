"""Numbers as prose writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.numerals import read_han, read_number

DIGITS = "零一二三四五六七八九"


def in_words(number: int) -> str:
    """The standard reading of a number below 100 million, written out independently of the reader."""
    if number >= 10_000:
        high, low = divmod(number, 10_000)
        rest = in_words(low) if low else ""
        return in_words(high) + "万" + ("零" if 0 < low < 1_000 else "") + rest
    words, gap = "", False
    for unit, name in ((1_000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + name
        gap = not digit
    return words or DIGITS[0]


@given(st.integers(0, 99_999_999))
def test_every_number_in_words_is_read(number: int) -> None:
    assert read_han(in_words(number)) == number


@given(st.integers(0, 10**9))
def test_figures_with_and_without_separators(number: int) -> None:
    assert read_number(str(number)) == number
    assert read_number(f"{number:,}") == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("十", 10), ("十二", 12), ("二十", 20), ("两", 2), ("两百", 200), ("一百五", 150), ("一百零五", 105),
     ("一千二", 1200),
     ("二〇二四", 2024), ("〇", 0), ("零", 0), ("一万两千", 12000), ("两万零五十", 20050), ("3.5", 3.5)],
)  # fmt: skip
def test_colloquial_forms(text: str, number: float) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "三五", "百", "十百", "二三十", "一二", "几", "三十几", "abc", "1.2.3", "零百"])
def test_what_is_no_number_is_not_read(text: str) -> None:
    assert read_number(text) is None
