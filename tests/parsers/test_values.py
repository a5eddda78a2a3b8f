"""Printed text of a cell: a number only where one is printed beyond doubt."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.document import Cell, Place
from parsers.report import Reading
from parsers.values import PLACEHOLDERS, UNITS, read_value, unit_in_label

FULL_WIDTH = str.maketrans("0123456789.,+-", "０１２３４５６７８９．，＋－")


def read(text: str, *, change: bool = False, unit: str | None = None) -> Reading:
    return read_value(Cell(text, 0, 0), change=change, unit=unit)


@pytest.mark.parametrize("text", ["", " ", "\xa0", "\u3000", "\u3000 \n", "\u200b", "\ufeff", "\r\n\t"])
def test_blank(text: str) -> None:
    assert (read(text).kind, read(text).number, read(text).printed) == ("blank", None, "")


@pytest.mark.parametrize("text", [*sorted(PLACEHOLDERS), "／", "－", " / ", "\u3000—\u3000", "Ｎ/Ａ"])
def test_placeholder(text: str) -> None:
    assert (read(text).kind, read(text).number) == ("placeholder", None)


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("0", 0, None),
        ("11398889", 11398889, None),
        ("007", 7, None),
        ("-10", -10, None),
        ("+3", 3, None),
        ("−4", -4, None),
        ("153103.83", 153103.83, None),
        ("123456789012.34", 123456789012.34, None),
        ("12.50", 12.5, None),
        ("12345678901234567890", 12345678901234567890, None),
        ("1,234", 1234, None),
        ("1，234，567", 1234567, None),
        ("251000元", 251000, "元"),
        ("31批次", 31, "批次"),
        ("2601.953875万", 2601.953875, "万"),
        ("24.5 万元", 24.5, "万元"),
        ("１２", 12, None),
        ("\u200b5\u200b", 5, None),
        (" 5 \n", 5, None),
    ],
)
def test_number(text: str, number: float, unit: str | None) -> None:
    reading = read(text)
    assert (reading.kind, reading.number, reading.unit) == ("number", number, unit)


@pytest.mark.parametrize(
    "text",
    [
        "1 2",
        "1\n2",
        "3 5",
        "1/2",
        "1、2",
        "5①",
        "5²",
        "5₂",
        "½",
        "⑤",
        "12[1]",
        "12注",
        "约5",
        "5左右",
        "1,23",
        "1,2345",
        "12,34",
        "1.2.3",
        "1.",
        ".5",
        "--5",
        "5-",
        "1e5",
        "0x10",
        "五",
        "零",
        "5件3",
        "2023年",
        "增5",
        "0/0",
        "O",
        "l",
        "\ufffd",
        "1\ufffd",
        "9" * 41,
    ],
)
def test_unreadable(text: str) -> None:
    assert (read(text).kind, read(text).number) == ("unreadable", None)


# A fraction of more digits than a number in binary keeps.
@pytest.mark.parametrize("text", ["1234567890123456789.5", "0.12345678901234567890", "-98765432109876543.21"])
def test_what_would_be_rounded_is_no_number(text: str) -> None:
    assert (read(text, change=True).kind, read(text).number) == ("unreadable", None)
    assert read(f"增{text}", change=True).kind == "unreadable"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("增1558", 1558),
        ("增加5", 5),
        ("增长2", 2),
        ("减38", -38),
        ("减少 3", -3),
        ("减：3", -3),
        ("+3", 3),
        ("-10", -10),
        ("未增未减", 0),
        ("不增不减", 0),
        ("0/0", 0),
        ("＋0/－0", 0),
        ("减0", 0),
        ("12", 12),
    ],
)
def test_change(text: str, number: float) -> None:
    reading = read(text, change=True)
    assert (reading.kind, reading.number) == ("number", number)
    assert str(reading.number) != "-0"


@pytest.mark.parametrize("text", ["增5减3", "5/3", "增", "减-3", "增减5", "+5/-3", "增5/减3", "增 / 减"])
def test_change_that_would_need_a_guess(text: str) -> None:
    assert (read(text, change=True).kind, read(text, change=True).number) == ("unreadable", None)


def test_printed_unit_wins_over_the_column_unit() -> None:
    assert read("5", unit="万元").unit == "万元"
    assert read("5元", unit="万元").unit == "元"


def test_the_print_and_the_place_are_kept() -> None:
    reading = read_value(Cell(" １２\n件 ", 0, 0, place=Place(table=2, row=3, column=4)))
    assert (reading.printed, reading.number, reading.unit) == ("１２ 件", 12, "件")
    assert reading.place == Place(table=2, row=3, column=4)


@pytest.mark.parametrize(
    ("label", "unit"),
    [
        ("本年收费金额（单位：万元）", "万元"),
        ("本年收费金额(单位:元)", "元"),
        ("采购总金额（万元）", "万元"),
        ("采购总金额", None),
        ("现行有效件数", None),
        ("单位 ： 万元", "万元"),
        ("本年收费金额（单\n位：\n万\n元）", "万元"),
    ],
)
def test_unit_in_label(label: str, unit: str | None) -> None:
    assert unit_in_label(label) == unit


@given(st.integers(0, 10**12), st.booleans(), st.sampled_from(["", *UNITS]), st.booleans())
def test_integers_come_back(value: int, grouped: bool, unit: str, wide: bool) -> None:
    text = f"{value:,}" if grouped else str(value)
    reading = read((text.translate(FULL_WIDTH) if wide else text) + unit)
    assert (reading.kind, reading.number, reading.unit) == ("number", value, unit or None)
    assert isinstance(reading.number, int)


@given(st.decimals(0, 10**9, places=4, allow_nan=False, allow_infinity=False))
def test_decimals_come_back(value: object) -> None:
    assert read(str(value)).number == float(str(value))


@given(st.text(max_size=60))
def test_any_text_is_classed_and_numbers_come_only_from_their_own_digits(text: str) -> None:
    for change in (False, True):
        reading = read(text, change=change)
        assert reading.kind in ("number", "blank", "placeholder", "unreadable")
        assert (reading.number is not None) == (reading.kind == "number")


@given(st.text("0123456789.,- /①²增减件元万\n", max_size=12))
def test_digits_of_a_number_are_all_its_printed_digits_in_order(text: str) -> None:
    reading = read(text)
    if reading.kind == "number":
        digits = [character for character in text if character.isdecimal()]
        assert abs(float(reading.number or 0)) == float(
            "".join(character for character in text if character in "0123456789.")
        )
        assert digits


@given(st.integers(0, 999), st.sampled_from(" \n\t\u3000\xa0"), st.integers(0, 999))
def test_two_numbers_in_a_cell_are_never_one(first: int, space: str, second: int) -> None:
    assert read(f"{first}{space}{second}").kind == "unreadable"
