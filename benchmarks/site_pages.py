"""The addresses of a published archive that its readers ask for, by kind of page; the same seed gives the same."""

from __future__ import annotations

import random
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from urllib.parse import quote, urlencode

from datasette.utils import tilde_encode

from publish.place_page import place_path

PATHS = 2_000
"""Different addresses of one kind, where there are so many, asked for in turn: answers are kept in memory, and under
load hardly any of these is asked for twice. Of kinds with few addresses later answers are kept ones."""

_HAN = re.compile("[\u4e00-\u9fff]{2,}")
_NUMBER = re.compile(r"(?<!\d)\d{3,7}(?!\d)")
_FREQUENT = ("信访", "公开", "政府", "申请", "机关", "工作", "教育", "环保")
_ONE_WORD, _PHRASE, _RARE = 2, 4, 7


class Pages:
    """Draws addresses from what is in the archive."""

    def __init__(self, db: sqlite3.Connection, seed: int) -> None:
        self._db = db
        self._rng = random.Random(seed)
        self._texts = self._some_texts()

    def kinds(self) -> dict[str, list[str]]:
        """Every kind of page with its addresses."""
        found: dict[str, Callable[[], Iterable[str]]] = {
            "home": lambda: ["/"],
            "report": lambda: (f"/archive/reports/{key}" for key in self._keys("reports")),
            "organ": lambda: (f"/archive/organs/{key}" for key in self._keys("organs")),
            "country": lambda: ["/-/place"],
            "province": lambda: self._places("province"),
            "city": lambda: self._places("province", "city"),
            "county": lambda: self._places("province", "city", "county"),
            "findings": self._findings,
            "rule": lambda: (f"/archive/rules/{key}" for key in self._keys("rules", "code")),
            "changes": lambda: self._filtered("/archive/changes?"),
            "altered": lambda: ["/archive/changed?page=1", *self._yearly("/archive/changed?page=1&year={}")],
            "portals": self._portals,
            "about": lambda: ["/-/about"],
            "search, two characters": lambda: self._searches(self._two_characters()),
            "search, several words": lambda: self._searches(self._several_words()),
            "search, quoted": lambda: self._searches(f'"{self._piece(_PHRASE)}"' for _ in range(PATHS)),
            "search, excluding": lambda: self._searches(
                f"{self._piece(_ONE_WORD)} -{self._piece(_ONE_WORD)}" for _ in range(PATHS)
            ),
            "search, rare": lambda: self._searches(self._piece(_RARE) for _ in range(PATHS)),
            "search, digits": lambda: self._searches(self._digits()),
            "search, narrowed": self._narrowed,
            "two reports": self._pairs,
            "organ over years": lambda: (f"/-/organ-years/{key}" for key in self._keys("organs")),
            "organs compared": lambda: self._compared("requests.new.total"),
            "rates": lambda: self._compared("rates.disclosure"),
            "feeds": self._feeds,
            "reports table": lambda: ["/archive/reports", *self._filtered("/archive/reports?")],
            "findings table": lambda: ["/archive/findings", *self._filtered("/archive/findings?")],
            "requests table": lambda: (f"/archive/requests?report_id={key}" for key in self._keys("reports")),
            "reports by text": lambda: (
                f"/archive/reports?_text={quote(self._piece(_ONE_WORD))}" for _ in range(PATHS)
            ),
            "JSON of a table": lambda: self._filtered("/archive/reports.json?_shape=array&_size=100&"),
            "CSV of a slice": lambda: self._slices("csv"),
            "XLSX of a slice": lambda: self._slices("xlsx"),
        }
        return {kind: list(islice(make(), PATHS)) for kind, make in found.items()}

    def _rows(self, sql: str) -> list[tuple[str, ...]]:
        return self._db.execute(sql).fetchall()

    def _keys(self, table: str, key: str = "id") -> list[str]:
        keys = [tilde_encode(str(row[0])) for row in self._rows(f"select {key} from {table} order by {key}")]
        return self._rng.sample(keys, min(PATHS, len(keys)))

    def _some_texts(self) -> list[str]:
        keys = [row[0] for row in self._rows("select id from sections order by id")]
        chosen = self._rng.sample(keys, min(min(PATHS, 1_000), len(keys)))
        marks = ",".join("?" * len(chosen))
        found = self._db.execute(f"select text from sections where id in ({marks}) order by id", chosen).fetchall()
        return [text for (text,) in found if len(text) > 60] or [text for (text,) in found]

    def _piece(self, length: int) -> str:
        """Characters that stand side by side somewhere, so as often as they are printed."""
        runs = [run for run in _HAN.findall(self._rng.choice(self._texts)) if len(run) >= length]
        if not runs:
            return _FREQUENT[0]
        run = self._rng.choice(runs)
        at = self._rng.randrange(len(run) - length + 1)
        return run[at : at + length]

    def _two_characters(self) -> Iterator[str]:
        yield from _FREQUENT
        while True:
            yield self._piece(_ONE_WORD)

    def _several_words(self) -> Iterator[str]:
        yield "5G基站"
        yield "信访 公开"
        while True:
            yield f"{self._piece(_ONE_WORD)} {self._piece(_PHRASE)}"

    def _digits(self) -> Iterator[str]:
        numbers = [number for text in self._texts for number in _NUMBER.findall(text)] or ["2024"]
        while True:
            number = self._rng.choice(numbers)
            # Every other time what stands within a longer number only.
            yield number
            yield number[1:]

    def _searches(self, words: Iterable[str]) -> Iterator[str]:
        return (f"/archive/search?{urlencode({'q': word})}" for word in words)

    def _narrowed(self) -> Iterator[str]:
        years, provinces = self._years(), self._provinces()
        while True:
            asked = {"q": self._piece(_ONE_WORD), "year": self._rng.choice(years)}
            asked |= {"province": self._rng.choice(provinces), "order": self._rng.choice(["", "date"])}
            yield f"/archive/search?{urlencode(asked)}"

    def _years(self) -> list[str]:
        return [str(row[0]) for row in self._rows("select distinct year from reports order by 1")]

    def _provinces(self) -> list[str]:
        return [row[0] for row in self._rows("select distinct province from organs where province <> '' order by 1")]

    def _places(self, *keys: str) -> list[str]:
        known = " and ".join(f"{key} <> ''" for key in keys)
        found = self._rows(f"select distinct {', '.join(keys)} from organs where {known} order by {', '.join(keys)}")
        return [place_path(*row) for row in self._rng.sample(found, min(PATHS, len(found)))]

    def _findings(self) -> Iterator[str]:
        yield "/-/findings"
        for province in self._provinces():
            yield f"/-/findings?{urlencode({'province': province})}"

    def _yearly(self, path: str) -> Iterator[str]:
        return (path.format(year) for year in self._years())

    def _filtered(self, path: str) -> Iterator[str]:
        for year in self._years():
            yield f"{path}_year={year}"
        for province in self._provinces():
            yield f"{path}{urlencode({'_province': province})}"

    def _portals(self) -> Iterator[str]:
        yield "/-/portals"
        for key in self._keys("portals"):
            yield f"/-/portals?{urlencode({'after': key})}"

    def _pairs(self) -> Iterator[str]:
        found = self._rows(
            "select min(id), max(id) from reports group by organ_id having count(*) > 1 order by organ_id limit 5000"
        )
        for one, other in self._rng.sample(found, min(PATHS, len(found))):
            yield f"/-/compare?{urlencode({'a': one, 'b': other})}"

    def _compared(self, measure: str) -> Iterator[str]:
        years = self._years()
        for province in self._provinces():
            asked = {"measure": measure, "year": self._rng.choice(years), "province": province}
            yield f"/-/organs-compare?{urlencode(asked)}"

    def _feeds(self) -> Iterator[str]:
        kinds = ("reports", "changes", "findings")
        yield from (f"/-/feed/{kind}.atom" for kind in kinds)
        for province in self._provinces():
            yield f"/-/feed/{self._rng.choice(kinds)}.atom?{urlencode({'province': province})}"

    def _slices(self, suffix: str) -> Iterator[str]:
        counties = self._rows("select distinct county from organs where county <> '' order by 1")
        for (county,) in self._rng.sample(counties, min(PATHS, len(counties))):
            yield f"/-/export/archive/reports.{suffix}?{urlencode({'_county': county})}"
