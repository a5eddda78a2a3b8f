"""Printed text of a value cell → number, or the class that says why there is none.

A number is only ever what is printed. Whatever would need a guess (two numbers in one
cell, a space between digits, a footnote mark glued to a figure) is ``unreadable``.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from parsers.document import Cell
from parsers.normalise import fold, squeeze, tidy
from parsers.report import Reading, ValueKind

PLACEHOLDERS = frozenset(
    {
        "/",
        "\\",
        "-",
        "--",
        "---",
        "—",
        "——",
        "―",
        "–",
        "一",
        "无",
        "不适用",
        "不涉及",
        "没有",
        "N/A",
        "NA",
        "n/a",
        "*",
        "…",
        "......",
    }
)
UNITS = ("万元", "亿元", "元", "万", "件", "项", "批次", "条", "个", "次", "宗", "起", "份", "部")
_NUMBER = r"\d+(?:\.\d+)?|[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?"
_PLAIN = re.compile(rf"(?P<sign>[+-]?)(?P<number>{_NUMBER})\s*(?P<unit>{'|'.join(UNITS)})?")
_IN_WORDS = re.compile(rf"(?P<word>增加|增长|减少|增|减)[:+]?\s*(?P<number>{_NUMBER})\s*(?P<unit>{'|'.join(UNITS)})?")
_UNCHANGED = re.compile(r"(?:0/0|\+0/-0|增0/?减0|未增未减|不增不减|无增减|未增减)")
_UNIT_IN_LABEL = re.compile(rf"单位\s*[:：]?\s*({'|'.join(UNITS)})|[(（]({'|'.join(UNITS)})[)）]")
_SPREAD = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_MAX_LENGTH = 40


def read_value(cell: Cell, *, unit: str | None = None, change: bool = False, sure: bool = True) -> Reading:
    """Read a value cell.

    ``unit`` is the unit of the column, used where the cell prints none. ``change`` admits
    the wordings of the column 本年增/减 (增1558, 减38, 0/0).
    """
    kind, printed, number, own_unit = _read(cell.text, change)
    return Reading(kind, printed, number, own_unit or unit, sure, cell.place, cell.recognition)


def kind_of(cell: Cell) -> ValueKind:
    """What :func:`read_value` says of a cell of any column but that of changes: a number, or why it is none."""
    return _read(cell.text, False)[0]


def _read(text: str, change: bool) -> tuple[ValueKind, str, int | float | None, str | None]:
    """Kind, text without superfluous white space, number and printed unit."""
    return _read_short(text, change) if len(text) <= _SHORT else _read_text(text, change)


def _read_text(text: str, change: bool) -> tuple[ValueKind, str, int | float | None, str | None]:
    printed = tidy(text)
    if len(printed) > _MAX_LENGTH:
        return "unreadable", printed, None, None
    kind, number, unit = _classify(printed, change)
    return kind, printed, number, unit


# Most cells of most reports print the same few.
_SHORT = 100
_read_short = lru_cache(maxsize=4096)(_read_text)


def _classify(printed: str, change: bool) -> tuple[ValueKind, int | float | None, str | None]:
    """Kind, number and printed unit of a short text."""
    if not printed:
        return "blank", None, None
    if any(unicodedata.category(character) == "No" for character in printed):
        return "unreadable", None, None
    text = _SPREAD.sub("", fold(printed).replace("−", "-").strip())
    if text in PLACEHOLDERS or printed in PLACEHOLDERS:
        return "placeholder", None, None
    if change and _UNCHANGED.fullmatch(text):
        return "number", 0, None
    if match := _PLAIN.fullmatch(text):
        number = _number(match["number"], negative=match["sign"] == "-")
        return ("unreadable", None, None) if number is None else ("number", number, match["unit"])
    if change and (match := _IN_WORDS.fullmatch(text)):
        number = _number(match["number"], negative=match["word"].startswith("减"))
        return ("unreadable", None, None) if number is None else ("number", number, match["unit"])
    return "unreadable", None, None


def unit_in_label(text: str) -> str | None:
    """Unit that a column head states, as in 本年收费金额（单位：万元）."""
    match = _UNIT_IN_LABEL.search(squeeze(text))
    return (match[1] or match[2]) if match else None


def _number(digits: str, *, negative: bool) -> int | float | None:
    """The number of these digits; None for a fraction of more digits than a number in binary keeps."""
    plain = digits.replace(",", "")
    value: int | float = float(plain) if "." in plain else int(plain)
    if isinstance(value, float) and Decimal(repr(value)) != Decimal(plain):
        return None
    return -value if negative and value else value
