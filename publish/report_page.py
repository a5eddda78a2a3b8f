"""What the page of one report shows, gathered from the archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from publish import layout
from publish.dictionary import dictionary
from publish.differences import excerpts
from publish.language import Address, Language, either, speaking
from publish.noted import not_dismissed
from publish.previous_year import PreviousYear, previous_year
from publish.rates import RateView, compute_all
from publish.reading import Reader
from publish.report_cells import CellView, ReportCells, edition_for, parsed, report_cells

_LISTED = 200


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
    rates: list[RateView]
    previous: PreviousYear | None
    captured_url: str | None
    first_captured_at: str | None

    def citations(self, addresses: Mapping[Language, Address]) -> dict[Language, str]:
        """The words by which the report is cited, in each language, with its address there."""
        site, organ, report = dictionary(), self.organ["name"], self.report
        sha256, day = report["document_sha256"], str(report["captured_at"] or "")[:10]
        made: dict[Language, str] = {}
        for code, known in addresses.items():
            address = known.absolute.partition("?")[0]
            with speaking(code):
                source = report["url"] or either("无原网址", "no address")
                made[code] = either(
                    f"{organ}：《{report['title']}》，{source}；{site.site_words('label')}，{address}，"
                    f"抓取于 {day}，原件 SHA-256 {sha256}。",
                    f"{organ}, “{report['title']}”, {source}; {site.site_words('label')}, {address}, "
                    f"captured {day}, SHA-256 of the original {sha256}.",
                )
        return made


def _finding_cells(text: str) -> list[str]:
    cells = parsed(text, None)
    if isinstance(cells, list):
        return [str(cell) for cell in cells]
    return [part for part in text.replace(",", " ").split() if part]


def _tables(
    report: dict[str, Any],
    cells: ReportCells,
    findings: list[FindingView],
) -> list[TableView]:
    by_cell: dict[str, list[int]] = {}
    for finding in findings:
        for name, _label in finding.cells if finding.row["noted"] != "dismissed" else ():
            by_cell.setdefault(name, []).append(finding.number)
    stated = {
        "disclosures": report["disclosures_edition"] or report["edition"],
        "requests": report["requests_edition"] or report["edition"],
    }
    views: list[TableView] = []
    for key in ("disclosures", "requests", "reviews"):
        own = {name for name in cells.fields if name.startswith(f"{key}.")}
        if not own:
            continue
        edition = edition_for(stated.get(key), own)
        printed = layout.table(key, edition)
        view = TableView(printed, {}, [], edition.name if key != "reviews" else "")
        units = printed.units()
        for name in (*units, *sorted(own - units.keys())):
            cell = cells.view(name, units.get(name))
            cell.findings = by_cell.get(name, [])
            if name in units:
                view.cells[name] = cell
            else:
                view.loose.append(cell)
        views.append(view)
    return views


def report_view(read: Reader, report_id: str) -> ReportView | None:
    """Gather the page of ``report_id``; None where the archive has no such report."""
    report = read.first("select * from reports where id = ?", report_id)
    if report is None:
        return None
    organ = read.first("select * from organs where id = ?", report["organ_id"])
    rows = read.rows(
        "select f.*, u.label as rule_label, u.label_en as rule_label_en, n.state as noted, n.note, "
        "n.noted_on, other.title as other_title "
        "from findings as f left join rules as u on u.code = f.rule "
        "left join finding_notes as n on n.finding_id = f.id "
        "left join reports as other on other.id = f.other_report_id "
        "where f.report_id = ? "
        "order by n.state is 'dismissed', "
        "case f.severity when 'error' then 0 when 'warning' then 1 else 2 end, f.rule, f.id",
        report_id,
    )
    findings = [
        FindingView(number, row, [(name, layout.field_label(name)) for name in _finding_cells(row["cells"])])
        for number, row in enumerate(rows, start=1)
    ]
    cells = report_cells(read, report_id)
    tables = _tables(report, cells, findings)
    sections = read.rows("select number, heading, text from sections where report_id = ? order by number", report_id)
    numbers = {section["number"] for section in sections}
    changes = read.rows(
        f"select * from changes where report_id = ? order by detected_at desc, field limit {_LISTED}",
        report_id,
    )
    for change in changes:
        change["label"] = layout.field_label(change["field"])
        change["old_part"], change["new_part"] = excerpts(change["old"], change["new"])
    # The document's record is that of its first capture.
    first = read.first(
        "select url, fetched_at from captures where sha256 = ? order by fetched_at, id limit 1",
        report["document_sha256"],
    )
    return ReportView(
        report=report,
        organ=organ or {"id": report["organ_id"], "name": report["organ_id"]},
        sections=sections,
        tables={view.printed.section: view for view in tables if view.printed.section in numbers},
        indicators=read.rows("select * from indicators where report_id = ? order by position", report_id),
        findings=findings,
        versions=read.rows(
            "select v.*, d.media_type, d.bytes from versions as v "
            "left join documents as d on d.sha256 = v.document_sha256 "
            f"where v.report_id = ? order by v.first_captured_at limit {_LISTED}",
            report_id,
        ),
        changes=changes,
        captures=read.rows(
            "select id, url, fetched_at, http_status from captures where sha256 = ? order by fetched_at desc limit 10",
            report["document_sha256"],
        ),
        document=read.first("select * from documents where sha256 = ?", report["document_sha256"]),
        years=read.rows("select id, year, status from reports where organ_id = ? order by year", report["organ_id"]),
        other_tables=[view for view in tables if view.printed.section not in numbers],
        rates=compute_all(cells.value) if tables else [],
        previous=previous_year(read, report, cells),
        captured_url=first["url"] if first else None,
        first_captured_at=first["fetched_at"] if first else None,
    )


def organ_view(read: Reader, organ_id: str) -> list[dict[str, Any]]:
    """Return the reports of an organ, the newest first, with their new requests and findings."""
    return read.rows(
        "select r.id, r.year, r.title, r.status, r.edition, r.published_on, n.total as new_requests, "
        f"(select count(*) from findings as f where f.report_id = r.id and {not_dismissed()}) as findings "
        "from reports as r left join requests as n on n.report_id = r.id and n.item = 'new' "
        "where r.organ_id = ? order by r.year desc",
        organ_id,
    )


def coverage_view(read: Reader, organ_id: str) -> list[dict[str, Any]]:
    """Return the years for which the organ ought to have a report and has none, the latest first."""
    return read.rows(
        "select year, state, since from coverage where organ_id = ? "
        "and state in ('missing', 'vanished', 'unread', 'crawl_short', 'not_due_yet') order by year desc",
        organ_id,
    )


def succession_view(read: Reader, organ_id: str) -> dict[str, list[dict[str, Any]]]:
    """Return the organs that this one likely continues, and those that likely continue it."""
    columns = "o.id, o.name, s.basis, s.year, s.note, s.note_en"
    return {
        "predecessors": read.rows(
            f"select {columns} from organ_successions as s join organs as o on o.id = s.predecessor_id "
            "where s.successor_id = ? order by s.year, o.name",
            organ_id,
        ),
        "successors": read.rows(
            f"select {columns} from organ_successions as s join organs as o on o.id = s.successor_id "
            "where s.predecessor_id = ? order by s.year, o.name",
            organ_id,
        ),
    }
