"""From bytes to report: the one entry point of the parsers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urljoin

from parsers import forms, recognise, trust
from parsers.confirmation import confirm
from parsers.document import Block, Document, Table, UnreadableDocumentError
from parsers.indicators import Statistics, read_statistics
from parsers.readers import read
from parsers.readers.encoding import decode
from parsers.report import Finding, Report
from parsers.sections import read_free_sections, read_prose
from parsers.tables import TableReadings, disclosures_edition, read_tables, requests_edition

PARSER_VERSION = "4"
"""Raised whenever the parsers may read a document differently; stored with every report."""

SCANNED_PAGES = "extraction.scanned_pages"
"""Rule of the finding that some pages are pictures and were not read."""

FIRST_YEAR_OF_THE_FORM = 2019
# What is said of a document only once all its pages are read.
_TOLD_BY_ALL_PAGES = frozenset(
    {"not_report", "no_content", "attachment_only", "blank_form", "organ_unknown", "year_unknown"}
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from and what the pages that led to it said of it.

    ``url`` is None for a local file without a manifest. ``title`` is the text of the link
    that led here, ``published_on`` (ISO date) and ``publisher`` what the list or the landing
    page stated. ``trusted`` is whether the host belongs to a registered portal; hosts under
    gov.cn need no registration.
    """

    url: str | None = None
    title: str | None = None
    published_on: str | None = None
    publisher: str | None = None
    landing_url: str | None = None
    file_name: str | None = None
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a document is not taken as a report: a stable code and a sentence for people."""

    reason: str
    detail: str


@dataclass(slots=True)
class Explanation:
    """Everything seen on the way from bytes to report, for people who ask why."""

    outcome: Report | Refusal
    document: Document | None = None
    tables: TableReadings = field(default_factory=TableReadings)


def extract_scan(payload: bytes, origin: Origin) -> Report | Refusal:
    """Do what :func:`extract` does and recognise the pages that are pictures.

    Needs the extra ``ocr``, some seconds a page and a gigabyte of memory.
    """
    return explain(payload, origin, scans=True).outcome


def extract(payload: bytes, origin: Origin) -> Report | Refusal:
    """Read ``payload`` (a whole file, format told by its content) into a report, or say why not.

    Pure: no network, no database. May abort the process on hostile PDFs, so callers run it
    in a process pool under limits.
    """
    return explain(payload, origin).outcome


def explain(payload: bytes, origin: Origin, *, scans: bool = False) -> Explanation:
    """Do what :func:`extract` or, with ``scans``, :func:`extract_scan` does and keep what was seen on the way."""
    host = recognise.foreign_host(origin.url, trusted=origin.trusted)
    if host:
        return Explanation(
            Refusal("foreign_mirror", f"{host} 不是政府域名，也不属于已登记的门户；如确为官方站点，请先登记该门户")
        )
    try:
        document = read(payload, scans=scans)
    except UnreadableDocumentError as error:
        return Explanation(Refusal(error.reason, error.detail))
    if origin.url and (file := document.metadata.get("attachment")):
        document.metadata["attachment"] = _joined(origin.url, file)
    if document.media_type == "text/html":
        refused = recognise.refusal_by_page(lambda: decode(payload)[0], document)
        if refused:
            return Explanation(Refusal(*refused), document)
    preamble, sections = read_prose(document.blocks)
    stated = [origin.title, origin.file_name]
    publisher = document.metadata.get("publisher") or origin.publisher
    identity = recognise.identify(document, sections, stated, publisher)
    statistics = read_statistics(document, identity.year)
    tables = read_tables(document, skip=statistics.tables)
    refused = recognise.refusal_by_content(identity, document, sections, tables, stated)
    if refused and document.scanned and refused[0] in _TOLD_BY_ALL_PAGES:
        pages = "、".join(map(str, document.scanned))
        refused = "scanned", f"the pages {pages} are pictures; install nianbao[ocr] to read scans"
    refused = refused or trust.doubt(identity, document, stated, publisher)
    if refused:
        return Explanation(Refusal(*refused), document, tables)
    tables.problems += confirm(tables)
    _withdraw_recognised(statistics, document)
    assert identity.organ is not None
    assert identity.year is not None
    report = Report(
        organ=identity.organ,
        year=identity.year,
        title=identity.title,
        published_on=document.metadata.get("published_on") or origin.published_on,
        scope=recognise.scope(identity.organ, document),
        named=list(identity.named),
        preamble=preamble,
        sections=sections,
        disclosures=tables.disclosures,
        requests=tables.requests,
        reviews=tables.reviews,
        indicators=statistics.indicators,
        problems=[
            *identity.doubts,
            *tables.problems,
            *statistics.problems,
            *_reader_findings(document),
            *_page_findings(document),
        ],
    )
    _settle(report, document, statistics)
    return Explanation(report, document, tables)


def _joined(base: str, link: str) -> str:
    """``link`` on the page ``base``; as it is written where it is no address."""
    try:
        return urljoin(base, link)
    except ValueError:
        return link


def _page_findings(document: Document) -> list[Finding]:
    """That a page is only one of those over which a portal divides the report."""
    further = document.metadata.get("further_pages")
    if not further:
        return []
    message = f"报告在门户上分多页刊登（{further[:80]}），本页之外的内容未读"
    return [Finding("extraction.further_pages", "warning", "extraction", message, evidence=further)]


def _reader_findings(document: Document) -> list[Finding]:
    """What the reader could not read; warnings other than the PDF reader's say how a file was opened."""
    warnings = document.warnings if document.media_type == "application/pdf" else []
    findings = [Finding("extraction.unreadable_text", "warning", "extraction", warning) for warning in warnings]
    if document.scanned:
        pages = "、".join(map(str, document.scanned))
        message = f"第{pages}页是图片（扫描件），未读取；安装 nianbao[ocr] 后可识读"
        findings.append(Finding("extraction.scanned_pages", "warning", "extraction", message))
    recognised = sorted({block.place.page for block in document.blocks if _is_recognised(block) and block.place.page})
    if recognised:
        message = (
            f"第{'、'.join(map(str, recognised))}页由扫描件识读；数字仅在勾稽关系印证时采用，文字可能有误，以原文件为准"
        )
        findings.append(Finding("extraction.ocr", "note", "extraction", message))
    return findings


def _is_recognised(block: Block) -> bool:
    if isinstance(block, Table):
        return any(cell.recognition for cell in block.cells)
    return block.recognition is not None


def _withdraw_recognised(statistics: Statistics, document: Document) -> None:
    """Keep no recognised figure of the older forms' statistics: they have no sums that bear it out."""
    if not statistics.indicators or not any(_is_recognised(table) for table in document.tables):
        return
    read = "；".join(f"{label} {value}" for label, _unit, value in statistics.indicators if value is not None)
    statistics.indicators = [(label, unit, None) for label, unit, _value in statistics.indicators]
    message = "统计表没有可核对的勾稽关系，扫描件识读的数字未采用"
    statistics.problems.append(Finding("extraction.ocr_unconfirmed", "warning", "extraction", message, evidence=read))


def _settle(report: Report, document: Document, statistics: Statistics) -> None:
    """Derive edition and status from the tables, and say which tables are missing."""
    if "converted" in document.warnings:
        message = "原文件为旧版文字处理格式，经转换后读取；数字以原文件为准"
        report.problems.append(Finding("extraction.converted", "note", "extraction", message))
    if not _has_tables(report) and (report.year < FIRST_YEAR_OF_THE_FORM or _is_free_form(report)):
        report.sections = read_free_sections(document.blocks)
        report.edition = statistics.edition or "other"
        # There was no form to keep to, so what only resembles its tables is no fault.
        report.problems = [
            p
            for p in report.problems
            if p in statistics.problems
            or p.severity == "note"
            or p.rule == SCANNED_PAGES
            or not p.rule.startswith("extraction.")
        ]
        report.status = "text_only" if not report.indicators else "partial" if statistics.problems else "complete"
        return
    report.disclosures_edition = disclosures_edition(report.disclosures)
    report.requests_edition = requests_edition(report.requests)
    editions = {edition for edition in (report.disclosures_edition, report.requests_edition) if edition}
    report.edition = "other" if not editions else editions.pop() if len(editions) == 1 else "mixed"
    missing = [
        name
        for name, table in (("二", report.disclosures), ("三", report.requests), ("四", report.reviews))
        if not table
    ]
    if missing and report.year >= FIRST_YEAR_OF_THE_FORM:
        report.problems.append(
            Finding(
                "extraction.table_missing",
                "warning",
                "extraction",
                f"正文中没有可读的表{'、表'.join(missing)}（可能是图片或附件），相应数字缺失",
            )
        )
    complete = _complete(report) and "further_pages" not in document.metadata
    report.status = "text_only" if len(missing) == 3 else "complete" if complete else "partial"


def _has_tables(report: Report) -> bool:
    """Whether any of the form's tables was read."""
    return bool(report.disclosures or report.requests or report.reviews)


def _is_free_form(report: Report) -> bool:
    """Whether the report has hardly any of the form's headings."""
    numbers = {section.number for section in report.sections}
    return len(numbers) < 3 and len(numbers & {2, 3, 4}) < 2


def _complete(report: Report) -> bool:
    """Whether every cell of the form was found and none is unreadable; blanks count as found."""
    if report.disclosures_edition not in forms.editions() or report.requests_edition not in forms.editions():
        return False
    wanted = _cells_of(report.disclosures_edition, report.requests_edition)
    return wanted <= {name for name, reading in report.readings() if reading.kind != "unreadable"}


@cache
def _cells_of(disclosures_edition: str, requests_edition: str) -> frozenset[str]:
    """Names of all cells of the form."""
    disclosures = forms.editions()[disclosures_edition]
    wanted = {
        f"disclosures.{item}.{measure}"
        for group in disclosures.disclosures
        for item in group.items
        for measure in group.measures
    }
    wanted |= {
        f"requests.{row}.{applicant}"
        for row in forms.editions()[requests_edition].request_rows()
        for applicant in forms.APPLICANTS
    }
    wanted |= {f"reviews.{proceeding}.{outcome}" for proceeding in forms.PROCEEDINGS for outcome in forms.OUTCOMES}
    return frozenset(wanted)
