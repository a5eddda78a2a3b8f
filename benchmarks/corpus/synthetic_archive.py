"""Archives of many fictional reports, written straight into the database: years that follow from one another,
phrases that everybody uses, templates of a city, text of an organ's own, and now and then somebody else's.
"""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from archive import rows
from archive.packing import unpack
from archive.reports import rebuild_reports
from archive.store import Archive
from parsers import forms
from parsers.report import Reading, Report, Section

YEARS = range(2019, 2025)
_NOW = "2025-02-10T08:00:00Z"
_PORTAL = "synthetic"
_CITY_ORGANS = 25
_OFFICES = ("民政局", "林业局", "财政局", "教育局", "信访局", "水务局", "审计局", "统计局", "司法局", "商务局")
_SYLLABLES = "云溪明川澜州松陵柏河临渡白崖东望沙坪青砚石桥乌柳半山北岸江安平宁丰泽泰和永清长兴"
_CHARACTERS = (
    "推进规范健全完善落实公开信息政务平台栏目更新维护审核发布流程机制责任分工培训考核监督评议群众企业服务办理答复渠道受理登记"
    "归档台账目录清单梳理指引解读回应关切热线窗口大厅乡村振兴教育医疗养老社保就业住房环保水利交通财政预算决算采购招标项目土地征收"
)
# Figures of the one report that all are printed from; no other number in it looks like these.
_MARKS = ("new", "carried_in", "handled_total", "carried_out", "issued", "repealed", "in_force", "decisions")
_NUMBERS = {name: 77700001 + 10 * place for place, name in enumerate(_MARKS)}


@dataclass(slots=True)
class Texts:
    """Where clauses come from: the same seed gives the same."""

    rng: random.Random
    common: list[str]

    @classmethod
    def of(cls, seed: int) -> Texts:
        rng = random.Random(seed)
        texts = cls(rng, [])
        texts.common = [texts.clause() for _ in range(200)]
        return texts

    def clause(self) -> str:
        return "".join(self.rng.choices(_CHARACTERS, k=self.rng.randint(10, 22)))


def template() -> tuple[str, str]:
    """The JSON of a report and of its evidence, with marks in place of what differs."""

    def figure(number: int) -> Reading:
        return Reading("number", str(number), number, "件")

    requests = {
        row: {column: figure(0) for column in forms.APPLICANTS} for row in forms.editions()["2021"].request_rows()
    }
    for row in ("new", "carried_in", "handled_total", "carried_out"):
        requests[row]["natural_person"] = requests[row]["total"] = figure(_NUMBERS[row])
    requests["granted"] = dict(requests["handled_total"])
    report = Report(
        organ="@organ@",
        year=77777777,
        title="@title@",
        published_on="@published@",
        scope="office",
        edition="2021",
        disclosures_edition="2021",
        requests_edition="2021",
        status="complete",
        sections=[Section(number, heading, f"@text{number}@") for number, heading in _headings().items()],
        disclosures={
            "normative_documents": {name: figure(_NUMBERS[name]) for name in ("issued", "repealed", "in_force")},
            "administrative_penalties": {"decisions": figure(_NUMBERS["decisions"])},
        },
        requests=requests,
        reviews={proceeding: {outcome: figure(0) for outcome in forms.OUTCOMES} for proceeding in forms.PROCEEDINGS},
    )
    return report.to_json(), rows.evidence(report)


def _headings() -> dict[int, str]:
    numerals = "一二三四五六"
    return {number: f"{numerals[number - 1]}、{forms.SECTIONS[number].zh}" for number in (1, 5, 6)}


@dataclass(slots=True)
class Made:
    """A report as it goes into the database."""

    organ_id: str
    organ: str
    year: int
    figures: dict[str, int]
    texts: dict[int, str]

    @property
    def report_id(self) -> str:
        return f"{self.organ_id}-{self.year}"


def reports(count: int, seed: int) -> Iterator[Made]:
    """Make ``count`` reports, organ by organ."""
    rng = random.Random(seed)
    texts = Texts.of(seed)
    city: list[str] = []
    told: list[list[str]] = []
    made = 0
    number = 0
    while made < count:
        if number % _CITY_ORGANS == 0:
            city = [texts.clause() for _ in range(12)]
        place = "".join(rng.choices(_SYLLABLES, k=2))
        organ_id = f"{number:012x}"
        organ = f"{place}市{''.join(rng.choices(_SYLLABLES, k=2))}区{rng.choice(_OFFICES)}"
        lasting = [texts.clause() for _ in range(20)]
        carried, in_force, usual = rng.randint(0, 9), rng.randint(3, 40), rng.randint(5, 300)
        for year in YEARS:
            new = max(0, int(usual * rng.uniform(0.7, 1.4)))
            out = rng.randint(0, 4)
            issued, repealed = rng.randint(0, 5), rng.randint(0, 3)
            figures = {
                "new": new,
                "carried_in": carried,
                "handled_total": max(new + carried - out, 0),
                "carried_out": min(out, new + carried),
                "issued": issued,
                "repealed": repealed,
                "in_force": in_force + issued - repealed,
                "decisions": int(usual * 7 * rng.uniform(0.8, 1.2)),
            }
            carried, in_force = figures["carried_out"], figures["in_force"]
            own = [rng.choice(lasting) if rng.random() < 0.3 else texts.clause() for _ in range(13)]
            if told and rng.random() < 0.02:
                own = rng.choice(told)
            if rng.random() < 0.01:
                told.append(own)
            yield Made(organ_id, organ, year, figures, _prose(rng, texts.common, city, own))
            made += 1
            if made == count:
                return
        number += 1


def _prose(rng: random.Random, common: list[str], city: list[str], own: list[str]) -> dict[int, str]:
    first = [*rng.sample(common, 10), *rng.sample(city, 6), *own[:9]]
    fifth = [*rng.sample(common, 4), *rng.sample(city, 3), *own[9:]]
    return {1: "，".join(first) + "。", 5: "，".join(fifth) + "。", 6: "，".join(rng.sample(common, 3)) + "。"}


def build(path: Path, count: int, seed: int = 1) -> None:
    """Write an archive of ``count`` reports to ``path``, with all public rows but the search index."""
    report_json, evidence = template()
    with Archive.open(path) as archive:
        archive.sync_portals([{"id": _PORTAL, "name": "虚构门户", "start": ["http://synthetic.example/"]}])
        with archive.db.atomic():
            archive.db.conn.execute("INSERT INTO runs VALUES ('1', 'crawl', ?, ?, '')", (_NOW, _NOW))
        batch: list[Made] = []
        for made in reports(count, seed):
            batch.append(made)
            if len(batch) == 500:
                _write(archive, batch, report_json, evidence)
                batch = []
        _write(archive, batch, report_json, evidence)


def _filled(text: str, made: Made) -> str:
    for name, mark in _NUMBERS.items():
        text = text.replace(str(mark), str(made.figures[name]))
    for number, prose in made.texts.items():
        text = text.replace(f"@text{number}@", prose)
    return (
        text.replace("@organ@", made.organ)
        .replace("77777777", str(made.year))
        .replace("@title@", f"{made.organ}{made.year}年政府信息公开工作年度报告")
        .replace("@published@", f"{made.year + 1}-01-20")
    )


def _write(archive: Archive, batch: list[Made], report_json: str, evidence: str) -> None:
    lines: dict[str, list[tuple[object, ...]]] = {}

    def add(table: str, *row: object) -> None:
        lines.setdefault(table, []).append(row)

    zeros = (0,) * (len(forms.APPLICANTS) - 2)
    for made in batch:
        key, url = made.report_id, f"http://synthetic.example/{made.report_id}.html"
        digest = f"{made.organ_id}{made.year:052d}"
        figures = made.figures
        place = made.organ.partition("市")[0] + "市"
        title = f"{made.organ}{made.year}年政府信息公开工作年度报告"
        add("organs", made.organ_id, made.organ, None, None, place, None, "county", "department", _PORTAL)
        add("documents", digest, "text/html", 1, "synthetic.warc.gz", 0, 1, _NOW)
        add("captures", None, "1", _PORTAL, url, 200, digest, _NOW, None, None)
        packed = zlib.compress(_filled(report_json, made).encode(), 1)
        # What documents are compared by is worked out when it is missing, as in an archive of an older program.
        compared = (None, None, None)
        add("_extractions", digest, url, "1", "1", made.organ_id, _PORTAL, key, packed, 0, made.organ, *compared)
        add(
            "reports", key, made.organ_id, made.year, "2021", "2021", "2021", "office", title, url,
            f"{made.year + 1}-01-20", "complete", digest, digest, _NOW, "1",
        )  # fmt: skip
        for number, prose in made.texts.items():
            add("sections", rows.section_id(key, number), key, number, _headings()[number], prose)
        for measure in ("issued", "repealed", "in_force"):
            add("disclosures", key, "normative_documents", measure, figures[measure], "件", str(figures[measure]))
        for row in forms.editions()["2021"].request_rows():
            value = figures.get("handled_total" if row == "granted" else row, 0)
            add("requests", key, row, value, *zeros, value)
        for proceeding in forms.PROCEEDINGS:
            add("reviews", key, proceeding, *(0,) * len(forms.OUTCOMES))
        add("evidence", key, _filled(evidence, made))
        add("versions", key, digest, digest, _NOW, _NOW, 1)
    with archive.db.atomic():
        for table, values in lines.items():
            archive.db.conn.executemany(
                f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * len(values[0]))})", values
            )


def alter(archive: Archive, report_ids: list[str], seed: int = 2) -> None:
    """Alter a figure and a clause of these reports, as a portal would, and build them again."""
    rng = random.Random(seed)
    texts = Texts.of(seed)
    execute = archive.db.conn.execute
    for report_id in report_ids:
        ((packed,),) = execute("SELECT report FROM _extractions WHERE report_id = ?", (report_id,)).fetchall()
        data = json.loads(unpack(packed).to_json())
        cell = data["requests"]["carried_out"]["total"]
        cell["number"] += rng.randint(1, 3)
        cell["printed"] = str(cell["number"])
        data["sections"][0]["text"] += texts.clause() + "。"
        changed = zlib.compress(json.dumps(data, ensure_ascii=False).encode(), 1)
        with archive.db.atomic():
            execute("UPDATE _extractions SET report = ? WHERE report_id = ?", (changed, report_id))
    for start in range(0, len(report_ids), 50):
        rebuild_reports(archive, report_ids[start : start + 50])
