"""Dates as portals print them."""

from __future__ import annotations

import datetime
import re

from parsers.normalise import fold

_DATE = r"(20\d{2})\s*[-./年]\s*(\d{1,2})\s*[-./月]\s*(\d{1,2})(?!\d)"
_ANY = re.compile(rf"(?<!\d){_DATE}")
_LABELLED = re.compile(
    rf"(?:发布|发文|公开|公布|成文|更新|录入|生成|发表|提交|信息)?(?:日期|时间)\s*[:：]?\s*[\[【(]?\s*{_DATE}"
)


def iso_date(text: str) -> str | None:
    """First valid date in the text as YYYY-MM-DD, None where there is none."""
    return _first(_ANY, text)


def labelled_date(text: str) -> str | None:
    """Date that follows a label such as 发布日期： or 日期, as YYYY-MM-DD."""
    return _first(_LABELLED, text)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    for match in pattern.finditer(fold(text)):
        try:
            return datetime.date(*(int(part) for part in match.groups())).isoformat()
        except ValueError:
            continue
    return None
