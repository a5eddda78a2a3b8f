"""What the page of one report shows, gathered from the archive."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as attribute
from typing import Any

from datasette.app import Datasette

from parsers import forms
from publish import layout
from publish.differences import excerpts
from publish.metadata import DATABASE

_LISTED = 200
_PLACES = (
    ("page", "第{}页"),
    ("table", "第{}个表"),
    ("row", "第{}行"),
    ("column", "第{}列"),
    ("line", "文本第{}行"),
)


_RECOGNISED = "（扫描件识读）"


@dataclass(slots=True)
class CellView:
    """A printed cell as shown.

    ``kind`` is 'number', 'blank', 'placeholder', 'unreadable' or 'absent' (no such cell was
    found in the source). ``text`` is what stands in the cell, ``printed`` the source's text
    where it differs. ``findings`` are the numbers of the findings that name the cell.
    """

    field: str
    kind: str
    text: str
    printed: str = ""
    unit: str = ""
    place: str = ""
    sure: bool = True
    findings: list[int] = attribute(default_factory=list)


@dataclass(slots=True)
class FindingView:
    """A finding with its number on the page and links to the cells that it names."""

    number: int
    row: dict[str, Any]
    cells: list[tuple[str, str]]


@dataclass(slots=True)
class TableView:
    """A table of the form with its cells; ``loose`` are cells outside the edition's layout."""

    printed: layout.Printed
    cells: dict[str, CellView]
    loose: list[CellView]
    edition: str = ""

    @property
    def unsure(self) -> bool:
        """Whether any cell's position is in doubt."""
        return any(not cell.sure for cell in (*self.cells.values(), *self.loose))


@dataclass(slots=True)
class ReportView:
    """Everything on the page of one report."""

    report: dict[str, Any]
    organ: dict[str, Any]
    sections: list[dict[str, Any]]
    tables: dict[int, TableView]
    indicators: list[dict[str, Any]]
    findings: list[FindingView]
    versions: list[dict[str, Any]]
    changes: list[dict[str, Any]]
    captures: list[dict[str, Any]]
    document: dict[str, Any] | None
    years: list[dict[str, Any]]
    other_tables: list[TableView]


def place_words(place: dict[str, Any] | None) -> str:
    """Say in Chinese where a cell stands in its source; empty where that is not known."""
    return "".join(words.format(place[key]) for key, words in _PLACES if place and place.get(key) is not None)


def _number(value: float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _plain(text: str) -> str:
    return "".join(text.split()).replace(",", "").replace("，", "")


def _cell(name: str, known: dict[str, Any], evidence: dict[str, Any], form_unit: str | None) -> CellView:
    seen = evidence.get(name)
    seen = seen if isinstance(seen, dict) else None
    entry = known.get(name)
    place = seen.get("place") if seen else None
    printed = str((seen or {}).get("printed") or (entry or {}).get("printed") or "").strip()
    cell = CellView(
        name,
        "absent",
        "",
        place=place_words(place if isinstance(place, dict) else None)
        + (_RECOGNISED if seen and seen.get("ocr") else ""),
        sure=bool(seen.get("sure", True)) if seen else True,
    )
    value = entry["value"] if entry else None
    if value is not None:
        cell.kind, cell.text = "number", _number(value)
        cell.printed = printed if _plain(printed) != _plain(cell.text) else ""
        unit = str((entry or {}).get("unit") or "")
        cell.unit = unit if unit != (form_unit or "") else ""
        return cell
    if entry is None and seen is None:
        return cell
    kind = str(seen.get("kind")) if seen else ("unreadable" if printed else "blank")
    # A cell read as a number that the archive holds no number for must not look blank.
    cell.kind = kind if kind in ("blank", "placeholder") else "unreadable"
    cell.text = printed if cell.kind == "placeholder" else ""
    cell.printed = printed if cell.kind == "unreadable" else ""
    return cell


def _json(text: str | None, empty: Any) -> Any:
    try:
        return json.loads(text) if text else empty
    except ValueError:
        return empty


def _finding_cells(text: str) -> list[str]:
    cells = _json(text, None)
    if isinstance(cells, list):
        return [str(cell) for cell in cells]
    return [part for part in text.replace(",", " ").split() if part]


def _edition(name: str | None, fields: Iterable[str]) -> forms.Edition:
    """Return the edition to lay a table out by: the stated one, else the one that fits most cells."""
    editions = forms.editions()
    if name in editions:
        return editions[name]
    present = set(fields)

    def fit(edition: forms.Edition) -> int:
        printed = (*layout.disclosures(edition).fields(), *layout.requests(edition).fields())
        return len(present.intersection(printed))

    return max(editions.values(), key=fit)


class _Reader:
    def __init__(self, datasette: Datasette) -> None:
        self._db = datasette.get_database(DATABASE)

    async def rows(self, sql: str, *params: object) -> list[dict[str, Any]]:
        return [dict(row) for row in await self._db.execute(sql, params)]

    async def first(self, sql: str, *params: object) -> dict[str, Any] | None:
        return next(iter(await self.rows(sql, *params)), None)


async def _cells(read: _Reader, report_id: str) -> dict[str, dict[str, Any]]:
    known: dict[str, dict[str, Any]] = {}
    for row in await read.rows("select * from disclosures where report_id = ?", report_id):
        known[f"disclosures.{row['item']}.{row['measure']}"] = row
    for row in await read.rows("select * from requests where report_id = ?", report_id):
        known |= {f"requests.{row['item']}.{code}": {"value": row[code]} for code in forms.APPLICANTS}
    for row in await read.rows("select * from reviews where report_id = ?", report_id):
        known |= {f"reviews.{row['proceeding']}.{code}": {"value": row[code]} for code in forms.OUTCOMES}
    return known


def _tables(
    report: dict[str, Any],
    known: dict[str, dict[str, Any]],
    evidence: dict[str, Any],
    findings: list[FindingView],
) -> list[TableView]:
    by_cell: dict[str, list[int]] = {}
    for finding in findings:
        for name, _label in finding.cells:
            by_cell.setdefault(name, []).append(finding.number)
    stated = {
        "disclosures": report["disclosures_edition"] or report["edition"],
        "requests": report["requests_edition"] or report["edition"],
    }
    fields = {*known, *evidence}
    views: list[TableView] = []
    for key in ("disclosures", "requests", "reviews"):
        own = {name for name in fields if name.startswith(f"{key}.")}
        if not own:
            continue
        edition = _edition(stated.get(key), own)
        if key == "disclosures":
            printed = layout.disclosures(edition)
        else:
            printed = layout.requests(edition) if key == "requests" else layout.reviews()
        view = TableView(printed, {}, [], edition.name if key != "reviews" else "")
        units = {
            slot.field: slot.unit
            for lines in printed.body
            for line in lines
            for slot in line
            if isinstance(slot, layout.Slot)
        }
        for name in (*units, *sorted(own - units.keys())):
            cell = _cell(name, known, evidence, units.get(name))
            cell.findings = by_cell.get(name, [])
            if name in units:
                view.cells[name] = cell
            else:
                view.loose.append(cell)
        views.append(view)
    return views


async def report_view(datasette: Datasette, report_id: str) -> ReportView | None:
    """Gather the page of ``report_id``; None where the archive has no such report."""
    read = _Reader(datasette)
    report = await read.first("select * from reports where id = ?", report_id)
    if report is None:
        return None
    organ = await read.first("select * from organs where id = ?", report["organ_id"])
    stored = await read.first("select cells from evidence where report_id = ?", report_id)
    evidence = _json(stored["cells"] if stored else None, {})
    evidence = evidence if isinstance(evidence, dict) else {}
    rows = await read.rows(
        "select f.*, u.label as rule_label, n.state as noted, n.note, n.noted_on, other.title as other_title "
        "from findings as f left join rules as u on u.code = f.rule "
        "left join finding_notes as n on n.finding_id = f.id "
        "left join reports as other on other.id = f.other_report_id "
        "where f.report_id = ? "
        "order by case f.severity when 'error' then 0 when 'warning' then 1 else 2 end, f.rule, f.id",
        report_id,
    )
    findings = [
        FindingView(number, row, [(name, layout.field_label(name)) for name in _finding_cells(row["cells"])])
        for number, row in enumerate(rows, start=1)
    ]
    tables = _tables(report, await _cells(read, report_id), evidence, findings)
    sections = await read.rows(
        "select number, heading, text from sections where report_id = ? order by number", report_id
    )
    numbers = {section["number"] for section in sections}
    changes = await read.rows(
        f"select * from changes where report_id = ? order by detected_at desc, field limit {_LISTED}",
        report_id,
    )
    for change in changes:
        change["label"] = layout.field_label(change["field"])
        change["old_part"], change["new_part"] = excerpts(change["old"], change["new"])
    return ReportView(
        report=report,
        organ=organ or {"id": report["organ_id"], "name": report["organ_id"]},
        sections=sections,
        tables={view.printed.section: view for view in tables if view.printed.section in numbers},
        indicators=await read.rows("select * from indicators where report_id = ? order by position", report_id),
        findings=findings,
        versions=await read.rows(
            "select v.*, d.media_type, d.bytes from versions as v "
            "left join documents as d on d.sha256 = v.document_sha256 "
            f"where v.report_id = ? order by v.first_captured_at limit {_LISTED}",
            report_id,
        ),
        changes=changes,
        captures=await read.rows(
            "select id, url, fetched_at, http_status from captures where sha256 = ? order by fetched_at desc limit 10",
            report["document_sha256"],
        ),
        document=await read.first("select * from documents where sha256 = ?", report["document_sha256"]),
        years=await read.rows(
            "select id, year, status from reports where organ_id = ? order by year", report["organ_id"]
        ),
        other_tables=[view for view in tables if view.printed.section not in numbers],
    )


async def organ_view(datasette: Datasette, organ_id: str) -> list[dict[str, Any]]:
    """Return the reports of an organ, the newest first, with their new requests and findings."""
    return await _Reader(datasette).rows(
        "select r.id, r.year, r.title, r.status, r.edition, r.published_on, n.total as new_requests, "
        "(select count(*) from findings as f where f.report_id = r.id) as findings "
        "from reports as r left join requests as n on n.report_id = r.id and n.item = 'new' "
        "where r.organ_id = ? order by r.year desc",
        organ_id,
    )


async def coverage_view(datasette: Datasette, organ_id: str) -> list[dict[str, Any]]:
    """Return the years for which the organ ought to have a report and has none, the latest first."""
    return await _Reader(datasette).rows(
        "select year, state, since from coverage where organ_id = ? "
        "and state in ('missing', 'vanished', 'unread', 'crawl_short', 'not_due_yet') order by year desc",
        organ_id,
    )


async def succession_view(datasette: Datasette, organ_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the organs that this one likely continues, and those that likely continue it."""
    read = _Reader(datasette)
    columns = "o.id, o.name, s.basis, s.year, s.note, s.note_en"
    return {
        "predecessors": await read.rows(
            f"select {columns} from organ_successions as s join organs as o on o.id = s.predecessor_id "
            "where s.successor_id = ? order by s.year, o.name",
            organ_id,
        ),
        "successors": await read.rows(
            f"select {columns} from organ_successions as s join organs as o on o.id = s.successor_id "
            "where s.predecessor_id = ? order by s.year, o.name",
            organ_id,
        ),
    }
