"""A slice of the figures, ``/-/slice``: one measure over years, for a place, a kind of organ or named organs.

The page shows what there is of how much, offers the rows as files, and gives an address to cite. That address
carries a digest of the rows, so that whoever follows it later sees whether they are still the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import BadRequest, Request, Response

from publish import figures, layout
from publish.connection import open_readonly, prepare
from publish.dictionary import dictionary
from publish.errors import SiteError
from publish.language import CHINESE, ENGLISH, Said, either, speaking
from publish.memory import remembered
from publish.metadata import DATABASE
from publish.organs_compare import DEFAULT_MEASURE, RATE, is_measure, measures
from publish.publication import Publication
from publish.rates import Rate, rates

QUERY = "slice"
"""The canned query behind the page, which gives the same rows as a file."""
ORGANS = 100
"""Organs on one page."""
MAX_ROWS = 50_000
"""Rows of a slice that is added up and digested while a reader waits."""
READING_MS = 3_000
DIGEST = 16
FINDINGS = ("error", "warning")
_YEAR = re.compile(r"[12]\d{3}")
_DIGEST = re.compile(rf"[0-9a-f]{{{DIGEST}}}")
_TEXTS = ("province", "city", "county", "level", "kind")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a slice is of; empty where it is not narrowed. ``organs`` are ids with blanks between."""

    measure: str = DEFAULT_MEASURE
    first: str = ""
    last: str = ""
    province: str = ""
    city: str = ""
    county: str = ""
    level: str = ""
    kind: str = ""
    organs: str = ""

    def arguments(self) -> str:
        """The query string that asks for this slice, always written the same way."""
        return urlencode({name: value for name, value in asdict(self).items() if value})


@dataclass(slots=True)
class Total:
    """Of one year, scope and unit: how many reports, how many with a number, and what these add up to.

    Of a rate numerators and denominators are added, over the reports for which it can be computed.
    """

    reports: int = 0
    numbers: int = 0
    amount: float = 0
    numerator: float = 0
    denominator: float = 0


@dataclass(slots=True)
class Summary:
    """The whole slice: rows and organs, organs without a report by year, totals, and the digest of its rows."""

    rows: int = 0
    organs: int = 0
    missing: dict[int, int] = field(default_factory=dict)
    totals: dict[tuple[int, str, str], Total] = field(default_factory=dict)
    digest: str = ""

    @property
    def reports(self) -> int:
        """Reports in the slice."""
        return self.rows - sum(self.missing.values())


def asked(request: Request) -> Asked:
    """Return the slice that ``request`` asks for. Raises BadRequest where a measure, year or code is none."""
    given = {name: (request.args.get(name) or "").strip() for name in asdict(Asked())}
    given["measure"] = given["measure"] or DEFAULT_MEASURE
    given["organs"] = " ".join(dict.fromkeys(given["organs"].split()))
    severity = given["measure"].removeprefix("findings.")
    if not is_measure(given["measure"]) and not (given["measure"] != severity and severity in FINDINGS):
        raise BadRequest(Said("没有这个指标", "no such measure"))
    for name in ("first", "last"):
        if given[name] and not _YEAR.fullmatch(given[name]):
            raise BadRequest(Said(f"{name} 应为四位年份", f"{name} must be a year of four digits"))
    for name in ("level", "kind"):
        if given[name] and given[name] not in dictionary().values[name]:
            codes = ", ".join(dictionary().values[name])
            raise BadRequest(Said(f"{name} 应为：{codes}", f"{name} must be one of: {codes}"))
    return Asked(**given)


def measure_label(measure: str) -> str:
    """Words for a measure in the page's language."""
    if measure.startswith(RATE):
        return rates()[measure.removeprefix(RATE)].name
    if measure.startswith("findings."):
        word = dictionary().word("severity", measure.removeprefix("findings."))
        return either(f"疑点数：{word}", f"Number of findings: {word}")
    return layout.field_label(measure)


def _choices() -> dict[str, dict[str, str]]:
    found = measures()
    found[either("疑点数", "Findings")] = {f"findings.{code}": measure_label(f"findings.{code}") for code in FINDINGS}
    return found


def slice_label(asked: Asked) -> str:
    """What the slice is of, in the page's language."""
    words = dictionary()
    years = either("全部年度", "all years")
    if asked.first or asked.last:
        years = f"{asked.first or '…'}–{asked.last or '…'}" if asked.first != asked.last else asked.first
    place = " ".join(name for name in (asked.province, asked.city, asked.county) if name)
    parts = [
        measure_label(asked.measure),
        years,
        place or either("全国", "China"),
        words.word("level", asked.level) if asked.level else "",
        words.word("kind", asked.kind) if asked.kind else "",
        either("指定的机关", "chosen organs") if asked.organs else "",
    ]
    return either("，", ", ").join(part for part in parts if part)


async def slice_page(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/slice``; ``as_of`` is the digest in a citation, ``page`` the page of organs."""
    wanted = asked(request)
    as_of = (request.args.get("as_of") or "").strip()
    if as_of and not _DIGEST.fullmatch(as_of):
        raise BadRequest(Said("as_of 不是本站引用中的摘要", "as_of is no digest of a citation of this site"))
    number = request.args.get("page") or "1"
    if not (number.isascii() and number.isdigit() and 1 <= int(number) <= 10_000):
        raise BadRequest(Said("page 应为页码", "page must be the number of a page"))
    summary = await remembered(datasette, ("slice", wanted), lambda: summarise(datasette, wanted))
    organs, count = await _organs(datasette, wanted, int(number))
    rows = await figures.rows(
        datasette,
        dictionary().queries[QUERY].sql,
        asdict(wanted) | {"organs": " ".join(organ["id"] for organ in organs or ()) or "-"},
    )
    by_organ: dict[str, dict[int, dict[str, Any]]] = {}
    for row in rows or ():
        by_organ.setdefault(row["organ_id"], {})[row["year"]] = row
    years = await figures.rows(datasette, "select distinct year from reports order by year desc")
    provinces = await figures.rows(datasette, "select distinct province from organs where province <> '' order by 1")
    rate: Rate | None = rates().get(wanted.measure.removeprefix(RATE)) if wanted.measure.startswith(RATE) else None
    page = await datasette.render_template(
        "slice.html",
        {
            "asked": wanted,
            "label": slice_label(wanted),
            "measure": measure_label(wanted.measure),
            "rate": rate,
            "measures": _choices(),
            "all_years": [row["year"] for row in years or ()],
            "provinces": [row["province"] for row in provinces or ()],
            "summary": summary,
            "years": sorted({row["year"] for row in rows or ()}, reverse=True),
            "organs": organs,
            "by_organ": by_organ,
            "count": count,
            "page": int(number),
            "pages": -(-(count or 0) // ORGANS),
            "as_of": as_of,
            "citations": citations(datasette, request, wanted, summary) if summary else {},
            "formats": formats(),
            "max_rows": MAX_ROWS,
        },
        request=request,
    )
    return Response.html(page)


def formats() -> list[str]:
    """Formats in which a slice can be taken away here; Parquet needs its extra."""
    return ["csv", "xlsx", "json", *(["parquet"] if importlib.util.find_spec("pyarrow") else [])]


async def _organs(datasette: Datasette, asked: Asked, page: int) -> tuple[list[dict[str, Any]] | None, int | None]:
    """The organs on ``page`` in the order of the slice, and how many there are."""
    clauses = [f"{name} = :{name}" for name in _TEXTS if getattr(asked, name)]
    if asked.organs:
        clauses.append("id in (select value from json_each(:ids))")
    where = " and ".join(clauses) or "1"
    parameters = asdict(asked) | {"ids": json.dumps(asked.organs.split()), "skip": (page - 1) * ORGANS}
    found = await figures.rows(
        datasette,
        f"select id, name, province, city, county from organs where {where} "
        f"order by province, city, county, name, id limit {ORGANS} offset :skip",
        parameters,
    )
    counted = await figures.rows(datasette, f"select count(*) as number from organs where {where}", parameters)
    return found, counted[0]["number"] if counted else None


async def summarise(datasette: Datasette, asked: Asked) -> Summary | None:
    """Add up and digest every row of the slice; None where there are too many or it takes too long."""
    db = datasette.get_database(DATABASE)
    # A line for each organ and year: how many is known without making them.
    _organs_shown, count = await _organs(datasette, asked, 1)
    years = await figures.rows(datasette, "select distinct year from reports")
    if count is None or years is None:
        return None
    wanted = [row["year"] for row in years if int(asked.first or 0) <= row["year"] <= int(asked.last or 9999)]
    if count * len(wanted) > MAX_ROWS:
        return None

    def read() -> Summary | None:
        with closing(open_readonly(Path(db.path), immutable=not db.is_mutable)) as conn:
            prepare(conn)
            conn.row_factory = sqlite3.Row
            try:
                with sqlite_timelimit(conn, READING_MS):
                    found = conn.execute(f"{dictionary().queries[QUERY].sql} limit {MAX_ROWS + 1}", asdict(asked))
                    return _summary(dict(row) for row in found)
            except sqlite3.OperationalError:
                return None

    return await asyncio.to_thread(read)


def _summary(rows: Iterator[dict[str, Any]]) -> Summary | None:
    made, organs, digest = Summary(), set(), hashlib.sha256()
    for row in rows:
        made.rows += 1
        if made.rows > MAX_ROWS:
            return None
        organs.add(row["organ_id"])
        digest.update(json.dumps(list(row.values()), ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
        if row["report_id"] is None:
            made.missing[row["year"]] = made.missing.get(row["year"], 0) + 1
            continue
        made.missing.setdefault(row["year"], 0)
        # A report of a whole area counts what the offices in it count too.
        scope = "area" if row["scope"] == "area" else "office"
        total = made.totals.setdefault((row["year"], scope, row["unit"] or ""), Total())
        total.reports += 1
        if row["value"] is not None:
            total.numbers += 1
            total.amount += row["value"]
            total.numerator += row["numerator"] or 0
            total.denominator += row["denominator"] or 0
    made.organs, made.digest = len(organs), digest.hexdigest()[:DIGEST]
    _spread(made)
    return made


def _spread(summary: Summary) -> None:
    """Count reports without a number beside those with one, where all numbers of their year have one unit."""
    for year, scope, unit in [key for key in summary.totals if not key[2]]:
        others = [key for key in summary.totals if key[:2] == (year, scope) and key[2]]
        if len(others) == 1:
            summary.totals[others[0]].reports += summary.totals.pop((year, scope, unit)).reports


@dataclass(frozen=True, slots=True)
class Citation:
    """The words and the address by which a slice is cited."""

    text: str
    address: str


def citations(datasette: Datasette, request: Request, asked: Asked, summary: Summary) -> dict[str, Citation]:
    """Return the citation in each language; the address carries the digest of the rows as they are now."""
    made = {}
    for code in (CHINESE, ENGLISH):
        with speaking(code):
            path = datasette.urls.path(f"/-/slice?{asked.arguments()}&as_of={summary.digest}")
            address = datasette.absolute_url(request, path)
            made[str(code)] = Citation(_citation(datasette, asked, summary, address), address)
    return made


def _citation(datasette: Datasette, asked: Asked, summary: Summary, address: str) -> str:
    site, today = dictionary().site_words("label"), datetime.now(UTC).date().isoformat()
    label, source = slice_label(asked), identity(datasette)
    return either(
        f"{site}：{label}（{summary.organs} 个机关，{summary.reports} 份报告），{source}，"
        f"数据摘要 {summary.digest}，{address}，查阅于 {today}。",
        f"{site}: {label} ({summary.organs} organs, {summary.reports} reports), {source}, "
        f"digest of the data {summary.digest}, {address}, accessed {today}.",
    )


def identity(datasette: Datasette) -> str:
    """Say which state of the archive is being read: the publication with its hash, or that it is still written."""
    path = Path(datasette.get_database(DATABASE).path)
    try:
        manifest = Publication.load(path)
    except SiteError:
        return either("未发布的工作档案", "a working archive that is not published")
    return either(
        f"发布版 {manifest.created_at}（SHA-256 {manifest.sha256[:12]}…）",
        f"publication of {manifest.created_at} (SHA-256 {manifest.sha256[:12]}…)",
    )
