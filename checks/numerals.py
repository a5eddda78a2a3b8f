"""Numbers as prose writes them: 1,234, 十二, 一百零五, 两千, 二〇. The values of the characters are Unicode's."""

from __future__ import annotations

import unicodedata

HAN_DIGITS = "〇零一二两三四五六七八九"
HAN_UNITS = "十百千万"
_LARGE = 10_000


def read_number(text: str) -> int | float | None:
    """Read Arabic figures, with thousands separators or decimals, or a Chinese numeral; None where it is neither."""
    plain = text.replace(",", "")
    if plain.isascii():
        try:
            return float(plain) if "." in plain else int(plain)
        except ValueError:
            return None
    return read_han(plain)


def read_han(text: str) -> int | None:
    """Read a Chinese numeral in words (一百零五) or in digits (二〇二四), None where it is malformed."""
    if not text or any(character not in HAN_DIGITS + HAN_UNITS for character in text):
        return None
    text = text.replace("两", "二")
    if not any(character in HAN_UNITS for character in text):
        # Figures one after another are digits; 二三 for "two or three" is no number.
        if len(text) > 1 and not any(character in "〇零" for character in text):
            return None
        return int("".join(str(_value(character)) for character in text))
    total, section, digit = 0, 0, -1
    last_unit = _LARGE * 10
    for character in text:
        value = _value(character)
        if character in HAN_DIGITS:
            if digit > 0:
                return None
            digit = value
            continue
        if value == _LARGE:
            total, section, digit, last_unit = (total + section + max(digit, 0)) * _LARGE, 0, -1, _LARGE
            continue
        if value >= last_unit or (digit <= 0 and value != 10):
            return None
        section += (digit if digit > 0 else 1) * value
        digit, last_unit = -1, value
    # 一百五 is colloquial for 150, 一百零五 is 105.
    if digit > 0 and text[-2] in "百千万" and len(text) > 1:
        digit *= _value(text[-2]) // 10
    return total + section + max(digit, 0)


def _value(character: str) -> int:
    return int(unicodedata.numeric(character))
