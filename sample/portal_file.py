"""Writes a portals file that points a crawl at the sample."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from sample.organs import CITY, CITY_DIVISION, CITY_HOST, COUNTY, DISTRICT_DIVISION, DISTRICT_HOST, PROVINCE

_PORTALS: tuple[tuple[str, dict[str, str]], ...] = (
    (CITY_HOST, {"id": "yunting", "name": f"{CITY}人民政府", "division": CITY_DIVISION}),
    (
        DISTRICT_HOST,
        {"id": "qingyan", "name": f"{CITY}{COUNTY}人民政府", "division": DISTRICT_DIVISION, "county": COUNTY},
    ),
)


def write_portal_file(path: Path, bases: Mapping[str, str]) -> Path:
    """Write the two portals, reached at ``bases`` (root URLs by host), as TOML to ``path``."""
    tables = []
    for host, facts in _PORTALS:
        lines = ["[[portal]]"]
        for key, value in {**facts, "province": PROVINCE, "city": CITY}.items():
            # A JSON string is a TOML basic string.
            lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        lines += [f'start = ["{bases[host]}/"]', "delay = 0"]
        tables.append("\n".join(lines))
    path.write_text("\n\n".join(tables) + "\n", "utf-8")
    return path
