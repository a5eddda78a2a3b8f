"""Which injected faults the checks across reports find, and what they say of clean reports.

``python -m benchmarks.findings_across [--organs 150] [--seed 1]``. From a seed, fictional organs report for six
years; into some reports one fault of a known rule is put. An archive takes all of them, is checked, and what is
found is compared with what was put in.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import click

from archive import checking
from archive.reports import store_extraction
from archive.store import Archive
from benchmarks.corpus.reports import draw_organ
from checks.due import due
from parsers.report import Reading, Report, Section
from sample import prose
from sample.figures import Ledger
from sample.organs import Organ

YEARS = range(2019, 2025)
TODAY = date(2025, 6, 1)
CRAWLED = "2025-05-01T00:00:00Z"
ARITHMETIC = ("years.carried_over", "years.in_force", "years.items")
RULES = (
    *ARITHMETIC, "years.jump", "years.restated", "reuse.other_organ", "reuse.last_year",
    "calendar.late", "calendar.future", "calendar.changed", "calendar.vanished",
    "coverage.missing", "coverage.crawl_short",
)  # fmt: skip
RECALL = dict.fromkeys(RULES, 1.0) | {"reuse.other_organ": 0.95, "reuse.last_year": 0.95, "years.restated": 0.95}
CLEAN_ALLOWED = 1 / 200
_CHARACTERS = (
    "推进规范健全完善落实公开信息政务平台栏目更新维护审核发布流程机制责任分工培训考核监督评议群众企业服务办理答复渠道受理登记"
    "归档台账目录清单梳理指引解读回应关切热线窗口大厅乡村振兴教育医疗养老社保就业住房环保水利交通财政预算决算采购招标项目土地征收"
)
_PLACES = "云溪明川澜州松陵柏河临渡白崖东望沙坪青砚石桥乌柳半山北岸江安平宁丰泽泰和永清长兴"
_KINDS = {"government": "government", "office": "department", "department": "department"}

Key = tuple[int, int]
"""An organ's number and a year."""


@dataclass(slots=True)
class Texts:
    """Where clauses come from, of characters by chance so that no two are alike: the same seed gives the same."""

    rng: random.Random

    def clause(self) -> str:
        return "".join(self.rng.choices(_CHARACTERS, k=self.rng.randint(10, 22)))


@dataclass(slots=True)
class Corpus:
    """Reports by organ and year, the day of each one's capture, and what was put in: (rule, organ, year)."""

    rng: random.Random
    organs: list[Organ] = field(default_factory=list)
    reports: dict[Key, Report] = field(default_factory=dict)
    revised: dict[Key, Report] = field(default_factory=dict)
    captured: dict[Key, date] = field(default_factory=dict)
    vanished: set[Key] = field(default_factory=set)
    removed: set[Key] = field(default_factory=set)
    truth: set[tuple[str, int, int]] = field(default_factory=set)
    touched: set[Key] = field(default_factory=set)
    """Reports that a fault concerns as its other side, too."""
    own_text: dict[Key, dict[int, str]] = field(default_factory=dict)


def make(organs: int, seed: int) -> Corpus:
    """Write clean histories: figures that follow from one another, common prose, and prose of the organ's own."""
    rng = random.Random(seed)
    corpus = Corpus(rng)
    texts = Texts(random.Random(seed))
    names: set[str] = set()
    while len(corpus.organs) < organs:
        scale = rng.choice(("small", "busy", "busy", "office", "district"))
        organ = draw_organ(rng, scale)
        place = "".join(rng.choices(_PLACES, k=2)) + ("县" if organ.kind != "government" else "市")
        name = f"{place}{organ.short}"
        if name in names:
            continue
        names.add(name)
        organ = replace(organ, key=name, name=name)
        number = len(corpus.organs)
        corpus.organs.append(organ)
        ledger = Ledger(organ, rng)
        for year in YEARS:
            corpus.reports[number, year] = _report(corpus, texts, organ, number, year, ledger)
            corpus.captured[number, year] = date(year + 1, 4, 15)
    return corpus


def _report(corpus: Corpus, texts: Texts, organ: Organ, number: int, year: int, ledger: Ledger) -> Report:
    rng = corpus.rng
    edition = "2019" if year < 2021 else "2021"
    requests = ledger.requests(edition)
    written = prose.write(organ, year, requests, rng, headings=False)
    own = {section: _sentences(texts, rng) for section in (1, 5)}
    corpus.own_text[number, year] = own
    first = "\n".join(written.overview)
    before = corpus.reports.get((number, year - 1))
    if before and rng.random() < 0.3:
        # Said rightly, the year before is no finding.
        first += f"\n{year - 1}年新收政府信息公开申请{before.requests['new']['total'].number}件。"
    kind = "township" if organ.kind in ("township", "street") else _KINDS[organ.kind]
    scope = "area" if kind in ("government", "township") else "office"
    last = due(year, kind, scope).day
    return Report(
        organ=organ.name,
        year=year,
        title=f"{organ.name}{year}年政府信息公开工作年度报告",
        published_on=(last - timedelta(days=rng.randint(0, 20))).isoformat() if rng.random() < 0.9 else None,
        scope=scope,
        edition=edition,
        disclosures_edition=edition,
        requests_edition=edition,
        status="complete",
        sections=[
            Section(1, "一、总体情况", f"{first}\n{own[1]}"),
            Section(5, "五、存在的主要问题及改进情况", "\n".join([*written.problems, own[5]])),
            Section(6, "六、其他需要报告的事项", "\n".join(written.others)),
        ],
        disclosures=ledger.disclosures(edition),
        requests=requests,
        reviews=ledger.reviews(),
    )


def _sentences(texts: Texts, rng: random.Random) -> str:
    return "。".join("，".join(texts.clause() for _ in range(3)) for _ in range(rng.randint(4, 7))) + "。"


# Faults ---------------------------------------------------------------------------------


def _set(report: Report, table: str, row: str, column: str, number: int) -> None:
    cells = getattr(report, table)[row]
    cells[column] = Reading("number", str(number), number, cells[column].unit)


def _number(report: Report, table: str, row: str, column: str) -> int:
    number = getattr(report, table)[row][column].number
    assert isinstance(number, int)
    return number


def _append(report: Report, section: int, text: str) -> None:
    report.sections = [
        replace(one, text=f"{one.text}\n{text}") if one.number == section else one for one in report.sections
    ]


def carried_over(corpus: Corpus, key: Key) -> bool:
    report = corpus.reports[key]
    column = corpus.rng.choice(sorted(report.requests["carried_in"]))
    number = _number(report, "requests", "carried_in", column)
    _set(report, "requests", "carried_in", column, number + corpus.rng.choice((1, 2, 9)))
    return True


def in_force(corpus: Corpus, key: Key) -> bool:
    report = corpus.reports[key]
    if report.edition != "2021" or key[1] == 2021:
        return False
    number = _number(report, "disclosures", "normative_documents", "in_force")
    _set(report, "disclosures", "normative_documents", "in_force", number + corpus.rng.choice((1, 5)))
    corpus.touched.add((key[0], key[1] + 1))
    return True


def items(corpus: Corpus, key: Key) -> bool:
    if key[1] != 2020:
        return False
    number = _number(corpus.reports[key], "disclosures", "administrative_penalties", "prior_items")
    _set(corpus.reports[key], "disclosures", "administrative_penalties", "prior_items", number + 2)
    return True


def jump(corpus: Corpus, key: Key) -> bool:
    number = _number(corpus.reports[key], "requests", "new", "total")
    others = [_number(corpus.reports[key[0], year], "requests", "new", "total") for year in YEARS if year != key[1]]
    if min(others) < 3:
        return False
    factor = 100 if max(others) > 8 * min(others) else 20
    _set(corpus.reports[key], "requests", "new", "total", max(number, max(others)) * factor)
    corpus.touched.add((key[0], key[1] + 1))
    return True


def restated(corpus: Corpus, key: Key) -> bool:
    number = _number(corpus.reports[key[0], key[1] - 1], "requests", "new", "total")
    own = _number(corpus.reports[key], "requests", "new", "total")
    wrong = number + corpus.rng.choice((1, 3, 10))
    wording = corpus.rng.choice(
        (
            f"{key[1] - 1}年共收到政府信息公开申请{wrong}件。",
            f"上年新收申请{wrong}件，主要集中在征地补偿领域。",
            f"新收政府信息公开申请{own}件，较上年增加{own - wrong}件。"
            if own > wrong
            else f"新收政府信息公开申请{own}件，同比减少{wrong - own}件。",
        )
    )
    _append(corpus.reports[key], 1, wording)
    return True


def other_organ(corpus: Corpus, key: Key) -> bool:
    donors = [other for other in corpus.reports if other[0] != key[0] and other[1] in (key[1], key[1] - 1)]
    donor = corpus.rng.choice(donors)
    if donor in corpus.touched or donor[0] in {organ for _, organ, _ in corpus.truth}:
        return False
    section = corpus.rng.choice((1, 5))
    _replace_own(corpus, key, section, _edited(corpus.rng, corpus.own_text[donor][section]))
    corpus.touched.add(donor)
    return True


def last_year(corpus: Corpus, key: Key) -> bool:
    section = corpus.rng.choice((1, 5))
    _replace_own(corpus, key, section, _edited(corpus.rng, corpus.own_text[key[0], key[1] - 1][section]))
    return True


def _replace_own(corpus: Corpus, key: Key, section: int, text: str) -> None:
    report = corpus.reports[key]
    mine = corpus.own_text[key][section]
    report.sections = [
        replace(one, text=one.text.replace(mine, text)) if one.number == section else one for one in report.sections
    ]
    corpus.own_text[key][section] = text


def _edited(rng: random.Random, text: str) -> str:
    """One clause in six has a word exchanged, as who copies does."""
    clauses = text.split("，")
    for place, clause in enumerate(clauses):
        if rng.random() < 1 / 6 and len(clause) > 8:
            at = rng.randrange(len(clause) - 2)
            clauses[place] = f"{clause[:at]}有序{clause[at + 2 :]}"
    return "，".join(clauses)


def late(corpus: Corpus, key: Key) -> bool:
    report, organ = corpus.reports[key], corpus.organs[key[0]]
    if organ.kind in ("township", "street"):
        return False
    last = due(key[1], _KINDS[organ.kind], report.scope).day
    report.published_on = (last + timedelta(days=corpus.rng.randint(1, 14))).isoformat()
    return True


def future(corpus: Corpus, key: Key) -> bool:
    report = corpus.reports[key]
    report.published_on = date(key[1] + 1, 1, corpus.rng.randint(11, 25)).isoformat()
    corpus.captured[key] = date.fromisoformat(report.published_on) - timedelta(days=corpus.rng.randint(1, 9))
    return True


def changed(corpus: Corpus, key: Key) -> bool:
    revised = Report.from_json(corpus.reports[key].to_json())
    number = _number(revised, "requests", "granted", "total")
    _set(revised, "requests", "granted", "total", number + 1)
    corpus.revised[key] = revised
    return True


def vanished(corpus: Corpus, key: Key) -> bool:
    corpus.vanished.add(key)
    return True


def missing(corpus: Corpus, key: Key) -> bool:
    if key[1] in (YEARS[0],) or key[0] % 3 == 0:
        return False
    corpus.removed.add(key)
    return True


def crawl_short(corpus: Corpus, key: Key) -> bool:
    # The portal of every third organ was never crawled to its end.
    if key[1] in (YEARS[0],) or key[0] % 3:
        return False
    corpus.removed.add(key)
    return True


FAULTS: dict[str, Callable[[Corpus, Key], bool]] = {
    "years.carried_over": carried_over,
    "years.in_force": in_force,
    "years.items": items,
    "years.jump": jump,
    "years.restated": restated,
    "reuse.other_organ": other_organ,
    "reuse.last_year": last_year,
    "calendar.late": late,
    "calendar.future": future,
    "calendar.changed": changed,
    "calendar.vanished": vanished,
    "coverage.missing": missing,
    "coverage.crawl_short": crawl_short,
}


def inject(corpus: Corpus, each: int) -> None:
    """Put up to ``each`` faults of every rule in, at most one into an organ's history."""
    free = list(range(len(corpus.organs)))
    corpus.rng.shuffle(free)
    for rule, fault in FAULTS.items():
        put = 0
        for organ in list(free):
            if put == each:
                break
            if any(key[0] == organ for key in corpus.touched):
                continue
            key = (organ, corpus.rng.choice(YEARS[1:]))
            if rule == "years.items":
                key = (organ, 2020)
            if fault(corpus, key):
                corpus.truth.add((rule, *key))
                free.remove(organ)
                put += 1


# Judging --------------------------------------------------------------------------------


def _fill(archive: Archive, corpus: Corpus) -> dict[str, Key]:
    archive.sync_portals(
        {"id": name, "name": name, "start": [f"http://{name}.example/"]} for name in ("whole", "short")
    )
    run_id = archive.begin_run("crawl")
    with archive.db.atomic():
        archive.db.conn.execute("UPDATE runs SET started_at = ? WHERE id = ?", (CRAWLED, run_id))
        archive.db.conn.executemany(
            "INSERT INTO portal_runs (run_id, portal_id, status) VALUES (?, ?, ?)",
            [(run_id, "whole", "ok"), (run_id, "short", "partial")],
        )
    keys: dict[str, Key] = {}
    for key, report in corpus.reports.items():
        portal = "whole" if key[0] % 3 else "short"
        url = f"http://{portal}.example/{key[0]}/{key[1]}.html"
        day = corpus.captured[key]
        versions = [(report, day)]
        if key in corpus.revised:
            versions.append((corpus.revised[key], day + timedelta(days=30)))
        for version, at in versions:
            moment = f"{at.isoformat()}T04:00:00Z"
            if key in corpus.removed:
                continue
            sha256 = archive.record_capture(
                run_id, url, version.to_json().encode(), fetched_at=moment, portal_id=portal, http_status=200
            )
            assert sha256 is not None
            report_id = store_extraction(archive, sha256, url, version, "1", run_id)
            assert report_id is not None
            keys[report_id] = key
        gone = (day + timedelta(days=60)).isoformat() if key in corpus.vanished else None
        with archive.db.atomic():
            archive.db.conn.execute(
                "INSERT INTO _sightings VALUES (?, ?, ?, 1, ?, ?, ?, ?)",
                (portal, url, url, day.isoformat(), day.isoformat(), gone and f"{gone}T04:00:00Z", gone and "gone"),
            )
    return keys


def judge(corpus: Corpus) -> tuple[dict[str, tuple[int, int, int]], int, list[str]]:
    """Return by rule (injected, found, false alarms), the number of clean reports, and what went wrong."""
    with tempfile.TemporaryDirectory() as folder, Archive.open(Path(folder) / "archive.db") as archive:
        keys = _fill(archive, corpus)
        checking.check(archive, today=TODAY)
        said: set[tuple[str, int, int]] = set()
        messages: dict[tuple[str, int, int], str] = {}
        for report_id, rule, severity, message in archive.db.conn.execute(
            "SELECT report_id, rule, severity, message FROM findings"
        ):
            if rule in RULES and (severity != "note" or rule.startswith("reuse.")):
                said.add((rule, *keys[report_id]))
                messages[rule, *keys[report_id]] = message
        organs = {report_id.rpartition("-")[0]: key[0] for report_id, key in keys.items()}
        for organ_id, year, state in archive.db.conn.execute("SELECT organ_id, year, state FROM coverage"):
            if state in ("missing", "crawl_short"):
                said.add((f"coverage.{state}", organs[organ_id], year))
    # A gap leaves its neighbours without one; a figure altered is altered for the next year, too.
    concerned = {(organ, year) for _, organ, year in corpus.truth} | corpus.touched
    table: dict[str, tuple[int, int, int]] = {}
    problems: list[str] = []
    for rule in RULES:
        put = {one for one in corpus.truth if one[0] == rule}
        found = put & said
        false = {one for one in said if one[0] == rule and one[1:] not in concerned}
        table[rule] = (len(put), len(found), len(false))
        problems += [f"not found: {one}" for one in sorted(put - said)]
        problems += [f"false: {one} {messages.get(one, '')}" for one in sorted(false)]
    return table, len(keys.keys()) - len({key for key in concerned if key in keys.values()}), problems


@click.command()
@click.option("--organs", default=200, show_default=True)
@click.option("--each", default=14, show_default=True, help="Faults of every rule.")
@click.option("--seed", default=1, show_default=True)
def main(organs: int, each: int, seed: int) -> None:
    """Print a table by rule; exit status 1 if a rule falls short of what is asked of it."""
    corpus = make(organs, seed)
    inject(corpus, each)
    table, clean, problems = judge(corpus)
    short: Counter[str] = Counter()
    print(f"{len(corpus.reports):,} reports of {organs} organs, {clean:,} of them clean\n")
    print(f"{'rule':24} injected  found  recall  false alarms")
    totals: dict[str, int] = defaultdict(int)
    for rule, (put, found, false) in table.items():
        recall = found / put if put else 1.0
        print(f"{rule:24} {put:8} {found:6} {recall:7.1%} {false:13}")
        short[rule] += recall < RECALL[rule]
        short[rule] += false > (0 if rule in ARITHMETIC else clean * CLEAN_ALLOWED)
        totals["false"] += false
    print(f"\n{totals['false']} false alarms on {clean:,} clean reports")
    for problem in problems[:20]:
        print(problem)
    sys.exit(int(short.total() > 0))


if __name__ == "__main__":
    main()
