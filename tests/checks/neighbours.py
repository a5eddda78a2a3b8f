"""Reports of one organ as their neighbours see them, for tests to break."""

from __future__ import annotations

from checks.neighbours import CELLS, Neighbour
from parsers.report import Reading


def known(year: int, figures: dict[str, float | None] | None = None, unsure: tuple[str, ...] = (), **more) -> Neighbour:
    """A report in which all cells print 0 except ``figures``; None there for a blank."""
    values: dict[str, float | None] = dict.fromkeys(CELLS, 0) | (figures or {})
    cells = {
        name: Reading("blank", sure=name not in unsure)
        if value is None
        else Reading("number", str(value), value, sure=name not in unsure)
        for name, value in values.items()
    }
    facts = {"organ": "明川市林业局", "kind": "department", "level": "city", "scope": "office", "cells": cells} | more
    return Neighbour(f"o-{year}", "o", year=year, title=f"{year}年报告", **facts)
