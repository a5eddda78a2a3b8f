"""Archives of many fictional reports, written straight into the database, with all that import and checks leave there.

Organs are those of the whole country, their figures follow from year to year, their prose has phrases that
everybody uses, templates of a city, an organ's own text, and now and then somebody else's. Every row is as the
program writes it, search index and bookkeeping included; only the documents themselves are not there, so that
nothing can be read again. The same number of reports and seed give the same rows.
"""

from __future__ import annotations

import hashlib
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from archive import rows, successions
from archive.checking import rules_version
from archive.coverage import Coverage
from archive.neighbours import pack_passages
from archive.packing import unpack
from archive.reports import index_sections, rebuild_reports
from archive.store import Archive
from benchmarks.corpus import synthetic_organs
from benchmarks.corpus.synthetic_figures import Year, histories
from benchmarks.corpus.synthetic_organs import Body
from benchmarks.corpus.synthetic_prose import Prose, Told
from checks.passages import names_of, names_pattern, passages
from parsers import forms
from parsers.extract import PARSER_VERSION
from parsers.report import Report, Section
from sample.generator import SampleReport
from sample.organs import Organ as SampleOrgan

YEARS = range(2019, 2025)
NEXT_YEAR = YEARS.stop
"""The year whose reports are still to come: :func:`coming` writes them."""
TODAY = date(2025, 4, 10)
"""The day on which the archive is as it is."""
_MEAN_YEARS = 5.2
_BATCH = 1_000
_LENGTHS = {"small": 1.0, "busy": 1.25, "office": 1.4, "district": 1.9, "city": 2.4}
_REASONS = {"ok": None, "partial": "partial:declared_total", "blocked": "blocked:412", "failed": "failed:timeout"}
_NUMERALS = "一二三四五六"
_TITLES = (
    "{organ}{year}年政府信息公开工作年度报告",
    "{year}年{organ}政府信息公开工作年度报告",
    "{organ}{year}年度政府信息公开工作年度报告",
)
_NOW = "2025-04-10T08:00:00Z"

Progress = Callable[[int], None]
"""Told how many more reports are written."""


@dataclass(slots=True)
class Made:
    """A report with the figures of its year and its prose by section."""

    body: Body
    year: int
    figures: Year
    texts: dict[int, str]
    title: str
    published_on: str

    @property
    def report_id(self) -> str:
        """The id under which the archive has it."""
        return f"{self.body.organ.id}-{self.year}"

    @property
    def sections(self) -> list[Section]:
        """The six sections as printed."""
        return [
            Section(number, f"{_NUMERALS[number - 1]}、{label.zh}", self.texts.get(number, ""))
            for number, label in forms.SECTIONS.items()
        ]


class Writer:
    """Makes up the reports of organs, one organ after the other."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._rng = random.Random(f"reports {seed}")
        self._prose = Prose(seed)
        self._histories = histories(seed, range(YEARS.start, NEXT_YEAR + 1))
        self._cities: dict[str, list[str]] = {}
        self._told: list[list[str]] = []

    def reports(self, body: Body, years: Iterable[int]) -> Iterator[Made]:
        """The reports of one organ for ``years``."""
        rng, prose = self._rng, self._prose
        # What lasts is the organ's or the city's, whatever other reports are asked for.
        own_rng = random.Random(f"{self._seed}/{body.organ.id}")
        city = self._cities.get(body.city)
        if city is None:
            city = self._cities[body.city] = prose.own(12, random.Random(f"{self._seed}/{body.city}"))
        lasting = prose.own(20, own_rng)
        history = own_rng.choice(self._histories[body.scale])
        length = _LENGTHS[body.scale] * own_rng.uniform(0.7, 1.4)
        count = round(16 * length)
        for year in years:
            own = prose.own(count, rng)
            for number in range(count):
                if rng.random() < 0.3:
                    own[number] = rng.choice(lasting)
            if self._told and rng.random() < 0.02:
                own = rng.choice(self._told)
            elif rng.random() < 0.01 and len(self._told) < 2_000:
                self._told.append(own)
            figures = history[year - YEARS.start]
            texts = prose.sections(Told(body.organ.name, year, figures.totals), city, own, length)
            title = _TITLES[int(rng.random() * len(_TITLES))].format(organ=body.organ.name, year=year)
            month, last = (1, 31) if rng.random() < 0.85 else (3, 30)
            yield Made(body, year, figures, texts, title, f"{year + 1}-{month:02}-{rng.randint(4, last):02}")


def build(
    path: Path, count: int, seed: int = 1, *, checked: bool = True, progress: Progress = lambda _more: None
) -> None:
    """Write an archive of ``count`` reports to ``path``, which must not exist.

    ``checked`` archives hold what the checks across reports keep; others have all of it to do.
    Raises ValueError where the country has not so many organs.
    """
    with Archive.open(path) as archive:
        execute = archive.db.conn.execute
        archive.sync_portals(synthetic_organs.portals())
        rng = random.Random(f"archive {seed}")
        bodies = synthetic_organs.bodies(archive, max(1, round(count / _MEAN_YEARS)))
        if count > len(bodies) * len(YEARS):
            raise ValueError(f"at most {len(bodies) * len(YEARS):,} reports of the organs that are known")
        _begin(archive)
        indexes = execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND name NOT LIKE 'idx_%'"
        ).fetchall()
        triggers = execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _sql in indexes:
            execute(f"DROP INDEX {name}")
        for name, _sql in triggers:
            execute(f"DROP TRIGGER {name}")
        rows_of = _Rows(archive, count, seed, checked=checked)
        writer = Writer(seed)
        left, made = count, []
        for place, body in enumerate(bodies):
            # What is left is spread over the organs left.
            wished = left / (len(bodies) - place)
            number = min(left, len(YEARS), max(1, int(wished + rng.random())))
            made += writer.reports(body, range(YEARS.stop - number, YEARS.stop))
            left -= number
            if len(made) >= _BATCH or place == len(bodies) - 1:
                rows_of.write(made)
                progress(len(made))
                made = []
        for _name, sql in [*indexes, *triggers]:
            execute(sql)
        if checked:
            # As if the checks had run on the last day of the crawl, and every command before had ended as usual.
            successions.rebuild(archive)
            with archive.db.atomic():
                Coverage(archive, TODAY, {}).enqueue()
                execute("DELETE FROM _uncovered")
        index_sections(archive)
        archive.db.conn.commit()
        execute("ANALYZE")
        execute("PRAGMA synchronous=NORMAL")
        execute("PRAGMA journal_mode=WAL")


def _begin(archive: Archive) -> None:
    # Whoever kills this begins again: a journal of what is written once would only take time.
    for pragma in ("foreign_keys=OFF", "synchronous=OFF", "journal_mode=OFF", "cache_size=-1000000"):
        archive.db.conn.execute(f"PRAGMA {pragma}")


class _Rows:
    """Turns reports into rows, table by table."""

    def __init__(self, archive: Archive, count: int, seed: int, *, checked: bool) -> None:
        self._archive = archive
        self._checked = checked
        self._count = count
        self._rng = random.Random(f"rows {seed}")
        self._number = 0
        self._organs = 0
        self._last_organ = ""
        self._lines: dict[str, list[tuple[object, ...]]] = defaultdict(list)
        with archive.db.atomic():
            archive.db.conn.executemany(
                "INSERT INTO runs VALUES (?, 'crawl', ?, ?, '1')",
                [(f"{year}", f"{year + 1}-04-01T00:00:00Z", f"{year + 1}-04-09T00:00:00Z") for year in YEARS],
            )
            portals = [row[0] for row in archive.db.conn.execute("SELECT id FROM portals ORDER BY id")]
            for portal in portals:
                status = "ok" if self._rng.random() < 0.93 else self._rng.choice(("partial", "blocked", "failed"))
                reason = _REASONS[status]
                archive.db.conn.execute(
                    "UPDATE portals SET status = ?, status_reason = ?, last_run_at = ? WHERE id = ?",
                    (status, reason, _NOW, portal),
                )
                archive.db.conn.executemany(
                    "INSERT INTO portal_runs VALUES (?, ?, ?, ?, 60, 55, 40, 0, 0, 0, 120, 2400000)",
                    [(str(year), portal, status, reason) for year in YEARS],
                )
            if checked:
                archive.db.conn.execute("INSERT INTO _checked VALUES ('rules', ?)", (rules_version(),))
                archive.db.conn.execute("INSERT INTO _checked VALUES ('many organs', '1')")

    def write(self, made: Sequence[Made]) -> None:
        """Write the rows of these reports in one transaction."""
        for one in made:
            self._add(one)
        with self._archive.db.atomic():
            for table, values in self._lines.items():
                marks = ", ".join("?" * len(values[0]))
                self._archive.db.conn.executemany(f"INSERT INTO {table} VALUES ({marks})", values)
        self._lines.clear()

    def _add(self, made: Made) -> None:
        lines, rng = self._lines, self._rng
        organ, key = made.body.organ, made.report_id
        if organ.id != self._last_organ:
            self._add_organ(made)
        portal = made.body.portal_id
        folder = f"http://www.d{portal[1:]}.example/zwgk/zfxxgk/nb/{made.year + 1}01"
        url = f"{folder}/t{made.year + 1}0120_{self._number:07}.html"
        moment = f"{made.year + 1}-04-0{rng.randint(1, 9)}T0{rng.randint(0, 9)}:{rng.randint(10, 59)}:12Z"
        # Digests in order are written at the end of their tables, which tells nothing of their size.
        tail = hashlib.sha256(key.encode()).hexdigest()
        digest = f"{self._number * 16**12 // max(self._count, self._number + 1):012x}{tail[12:]}"
        content = tail[::-1]
        self._number += 1
        media_type = "application/pdf" if rng.random() < 0.2 else "text/html"
        size, warc = rng.randint(40_000, 140_000), f"{made.year}-1.warc.gz"
        lines["documents"].append((digest, media_type, size, warc, self._number * 9000, 9000, moment))
        lines["captures"].append((None, str(made.year), portal, url, 200, digest, moment, f'"{tail[:12]}"', None))
        lines["_origins"].append((url, made.title, made.published_on, organ.name, None, None))
        edition = made.figures.report.edition
        scope = "area" if made.body.whole_area else "office"
        lines["reports"].append((
            key, organ.id, made.year, edition, edition, edition, scope, made.title, url, made.published_on, "complete",
            digest, content, moment, PARSER_VERSION,
        ))  # fmt: skip
        packed = made.figures.packed({
            "organ": organ.name, "year": made.year, "title": made.title, "published_on": made.published_on,
            "scope": scope, "named": [], "preamble": "", "problems": [],
            "sections": [
                {"number": one.number, "heading": one.heading, "text": one.text} for one in made.sections
            ],
        })  # fmt: skip
        lines["_extractions"].append((
            digest, url, PARSER_VERSION, str(made.year), organ.id, portal, key, packed, 0, organ.name, content,
            "complete", made.figures.figure_count,
        ))  # fmt: skip
        for section in made.sections:
            number = section.number
            lines["sections"].append((rows.section_id(key, number), key, number, section.heading, section.text))
        for table in ("disclosures", "requests", "reviews"):
            lines[table] += [(key, *row) for row in getattr(made.figures, table)]
        lines["evidence"].append((key, *made.figures.evidence))
        lines["findings"] += rows.findings(key, made.figures.findings)
        lines["versions"].append((key, digest, content, moment, moment, 1))
        if rng.random() < 0.01:
            lines["changes"].append((key, "requests.new.total", "3", "4", moment))
            lines["changes"].append((key, "sections.5", "原有文字", made.texts[5][:200], moment))
        if rng.random() < 0.08:
            lines["refusals"].append((hashlib.sha256(url.encode()).hexdigest(), url + "?blank", "blank_form", None))
        if self._checked:
            self._add_facts(made)
        else:
            lines["_unchecked"].append((key, 1))

    def _add_organ(self, made: Made) -> None:
        organ, lines = made.body.organ, self._lines
        self._last_organ = organ.id
        self._organs += 1
        row = organ.row()
        names = ("id", "name", "division_code", "province", "city", "county", "level", "kind")
        lines["organs"].append((*(row[name] for name in names), made.body.portal_id))
        late = self._rng.random() < 0.04
        lines["coverage"] += [
            (organ.id, year, "missing" if late and year == made.year else "complete", f"{year + 1}-04-09")
            for year in range(made.year - late, YEARS.stop)
        ]
        lines["coverage"].append((organ.id, NEXT_YEAR, "not_due_yet", None))
        if self._checked:
            lines["_passage_organs"].append((self._organs, organ.id))

    def _add_facts(self, made: Made) -> None:
        organ, key = made.body.organ, made.report_id
        names = names_of(organ.name, (organ.province, organ.city, organ.county))
        found = passages(((one.number, one.text) for one in made.sections), names_pattern(names))
        content = {
            "cells": made.figures.compared,
            "earlier": [],
            "corrections": [],
            "names": "\x1f".join(names),
        }
        data = json.dumps(content, ensure_ascii=False, sort_keys=True)
        packed = pack_passages(found)
        digest = hashlib.sha256(data.encode() + packed).hexdigest()
        self._lines["_facts"].append((key, organ.id, made.year, digest, data, packed))
        hashes = {one.hash for one in found}
        self._lines["_passages"] += [(one, self._organs, made.year) for one in hashes]


def coming(archive: Archive, count: int, seed: int = 7) -> Iterator[SampleReport]:
    """Next year's reports of ``count`` organs of ``archive``, from all over it, to be printed and imported."""
    known = dict(archive.db.conn.execute("SELECT id, name FROM organs"))
    bodies = [one for one in synthetic_organs.bodies(archive, len(known)) if one.organ.id in known]
    chosen = random.Random(f"coming {seed}").sample(bodies, min(count, len(bodies)))
    writer = Writer(1)
    for number, body in enumerate(chosen):
        made = next(iter(writer.reports(body, (NEXT_YEAR,))))
        organ = body.organ
        report = replace(
            made.figures.report, organ=organ.name, title=made.title, published_on=made.published_on,
            scope="area" if body.whole_area else "office", sections=made.sections,
        )  # fmt: skip
        printed = SampleOrgan(
            organ.id, organ.name, body.short, f"www.d{body.portal_id[1:]}.example", "department", body.scale, "", ()
        )
        yield SampleReport(printed, report, organ.name, (), "page", style=number % 4)


def alter(archive: Archive, report_ids: list[str], seed: int = 2) -> None:
    """Alter a figure and a clause of these reports, as a portal would, and build them again."""
    rng = random.Random(seed)
    prose = Prose(seed)
    execute = archive.db.conn.execute
    for report_id in report_ids:
        ((packed,),) = execute("SELECT report FROM _extractions WHERE report_id = ?", (report_id,)).fetchall()
        data = json.loads(unpack(packed).to_json())
        cell = data["requests"]["carried_out"]["total"]
        cell["kind"], cell["number"] = "number", (cell["number"] or 0) + rng.randint(1, 3)
        cell["printed"] = str(cell["number"])
        data["sections"][0]["text"] += prose.clause(rng) + "。"
        report = Report.from_json(json.dumps(data))
        changed = zlib.compress(report.to_json().encode(), 1)
        with archive.db.atomic():
            execute(
                "UPDATE _extractions SET report = ?, content_sha256 = ? WHERE report_id = ?",
                (changed, report.content_sha256(), report_id),
            )
    for start in range(0, len(report_ids), 50):
        rebuild_reports(archive, report_ids[start : start + 50])
