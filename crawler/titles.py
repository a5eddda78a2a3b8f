"""Whether a title may be that of an annual report on information disclosure."""

from __future__ import annotations

import re

from crawler import phrases
from crawler.page import squeeze

_YEAR = re.compile(r"(?<!\d)(20[0-3]\d)(?!\d)")


def accept(title: str) -> bool:
    """Whether ``title`` names a report rather than a notice, an interpretation or news about one."""
    text = squeeze(title)
    core = list(phrases.pattern("titles", "core").finditer(text))
    if not core or phrases.pattern("titles", "reject_always").search(text):
        return False
    if phrases.pattern("titles", "reject_unless_ending").search(text):
        return bool(phrases.pattern("titles", "tail").match(text[core[-1].end() :]))
    return True


def is_about(title: str) -> bool:
    """Whether ``title`` names a report and yet is that of something else: a notice about it, an interpretation."""
    return bool(phrases.pattern("titles", "core").search(squeeze(title))) and not accept(title)


def year(title: str) -> int | None:
    """The year that stands nearest before the core phrase of ``title``, or inside it, if any."""
    text = squeeze(title)
    core = phrases.pattern("titles", "core").search(text)
    years = [match for match in _YEAR.finditer(text) if core is None or match.start() < core.end()]
    return int(years[-1][1]) if years else None
