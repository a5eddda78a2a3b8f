"""Writes the tables of reason codes in docs/operations.md from archive/reasons.toml.

Usage: python tools/operations.py docs/operations.md
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from archive import reasons

_TABLE = re.compile(r"<!-- table: (\w+) -->\n.*?<!-- end -->", re.DOTALL)


def table(kind: reasons.Kind) -> str:
    """The table of every code of ``kind``."""
    lines = ["| code | means | what to do |", "|---|---|---|"]
    for reason in reasons.all_reasons(kind):
        codes = ", ".join(f"`{spelling}`" for spelling in reason.spellings)
        meaning = f"{reason.zh}<br>{reason.en}" if kind != "monitor" else _plain(f"{reason.zh}<br>{reason.en}")
        lines.append(f"| {codes} | {meaning} | {reason.do_zh}<br>{reason.do_en} |")
    return "\n".join(lines)


def renewed(text: str) -> str:
    """``text`` with its tables as they are to be."""
    return _TABLE.sub(lambda match: f"<!-- table: {match[1]} -->\n{table(match[1])}\n<!-- end -->", text)  # type: ignore[arg-type]


def _plain(text: str) -> str:
    """The words of a monitor with … where values stand."""
    return re.sub(r"\{\w+\}", "…", text)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renewed(path.read_text(encoding="utf-8")), encoding="utf-8")
