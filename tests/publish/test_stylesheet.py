"""The stylesheet is whole: a block left open would keep all rules after it from screens of other widths."""

from __future__ import annotations

import re
from importlib import resources


def test_every_block_is_closed_before_the_next_part() -> None:
    css = resources.files("publish").joinpath("static/nianbao.css").read_text("utf-8")
    depth = 0
    for number, line in enumerate(re.sub(r'"[^"]*"', "", css).splitlines(), start=1):
        if line.startswith(("/*", "@media", ".", "#")) or re.match(r"[a-z]", line):
            assert depth == 0, f"line {number} stands within a block that is still open"
        depth += line.count("{") - line.count("}")
    assert depth == 0
