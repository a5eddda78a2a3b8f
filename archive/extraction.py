"""Extracts what the archive has captured and not yet read with the present parsers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from archive import scans
from archive.errors import ArchiveError
from archive.organs import Portals
from archive.reports import Extracted, rebuild_outdated, store_extractions
from archive.sandbox import Extractor, Limits, Sandbox
from archive.store import Archive
from parsers import extract as parser
from parsers.extract import Origin, Refusal
from parsers.readers import ocr
from parsers.report import Report

_BATCH_DOCUMENTS = 50
_BATCH_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one document: a report, a refusal, or an error that left it unread."""

    sha256: str
    url: str
    report: Report | None = None
    report_id: str | None = None
    refusal: Refusal | None = None
    error: str | None = None


@dataclass(slots=True)
class Summary:
    """Counts of one extraction. ``refused`` counts by reason, ``errors`` are one line each.

    ``rebuilt`` counts reports that had only new captures of known documents.
    """

    documents: int = 0
    reports: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)
    rebuilt: int = 0


def pending(archive: Archive) -> list[tuple[str, str]]:
    """Return (sha256, url) of every document not yet read by the present parsers, in a fixed order.

    A scan that was left unread is one of them as soon as the extra ``ocr`` is installed.
    """
    versions = archive.db.conn.execute("SELECT DISTINCT parser_version FROM _extractions").fetchall()
    present = [version for (version,) in versions if scans.present(version)]
    return archive.db.conn.execute(
        "SELECT DISTINCT c.sha256, c.url FROM captures c "
        "LEFT JOIN _extractions e ON e.sha256 = c.sha256 AND e.url = c.url "
        "WHERE c.sha256 IS NOT NULL "
        "AND NOT EXISTS (SELECT 1 FROM _page_captures WHERE capture_id = c.id) "
        f"AND (e.sha256 IS NULL OR e.parser_version NOT IN ({', '.join('?' * len(present))}) OR e.stale) "
        "ORDER BY c.url, c.sha256",
        present,
    ).fetchall()


def extract_pending(
    archive: Archive,
    run_id: str,
    *,
    reparse: bool = False,
    workers: int = 2,
    progress: Callable[[Outcome], None] | None = None,
    extractor: Extractor | None = None,
    scan_extractor: Extractor | None = None,
    limits: Limits | None = None,
) -> Summary:
    """Extract every pending document, all of them again with ``reparse``, and update the reports.

    Documents are read in ``workers`` processes under ``limits`` and stored in batches; scans are
    then read again with the recogniser, if it is installed, under limits of their own. A command
    that is interrupted continues where it stopped. ``progress`` is called for each document once
    it is stored. A document whose payload cannot be read from its WARC file stays pending and is
    named in the summary.
    """
    if reparse:
        archive.db.execute("UPDATE _extractions SET stale = 1")
    summary = Summary()
    batch: list[Extracted] = []
    started = time.monotonic()

    def report(outcome: Outcome) -> None:
        if progress:
            progress(outcome)

    def store() -> None:
        nonlocal started
        for item, report_id in zip(batch, store_extractions(archive, batch, run_id), strict=True):
            if isinstance(item.result, Report):
                summary.reports += 1
                report(Outcome(item.sha256, item.url, report=item.result, report_id=report_id))
            else:
                summary.refused[item.result.reason] += 1
                report(Outcome(item.sha256, item.url, refusal=item.result))
        batch.clear()
        started = time.monotonic()

    readable: list[tuple[str, str]] = []

    def documents(keys: list[tuple[str, str]]) -> Iterator[tuple[bytes, Origin]]:
        portals = Portals(archive)
        for sha256, url in keys:
            try:
                payload = archive.payload(sha256)
            except ArchiveError as error:
                summary.errors.append(str(error))
                report(Outcome(sha256, url, error=str(error)))
                continue
            readable.append((sha256, url))
            # What the crawler fetched for a portal passed its rules on hosts.
            trusted = portals.trusts(url) or archive.is_crawled(url)
            yield payload, replace(archive.origin(url), trusted=trusted)

    def keep(item: Extracted) -> None:
        batch.append(item)
        if len(batch) >= _BATCH_DOCUMENTS or time.monotonic() - started > _BATCH_SECONDS:
            store()

    todo = pending(archive)
    summary.documents = len(todo)
    again: dict[tuple[str, str], Report | Refusal] = {}
    if todo:
        with Sandbox(extractor or parser.extract, workers, limits or Limits()) as sandbox:
            for result in sandbox.results(documents(todo)):
                key = readable.pop(0)
                if scans.is_scan(result) and ocr.available():
                    again[key] = result
                else:
                    keep(Extracted(*key, result, scans.version_of(result)))
            store()
    if again:
        with Sandbox(scan_extractor or parser.extract_scan, workers, scans.limits()) as sandbox:
            for result in sandbox.results(documents(list(again))):
                key = readable.pop(0)
                before = again[key]
                # A report whose pictures defeat the recogniser is still one without them.
                kept = before if isinstance(before, Report) and isinstance(result, Refusal) else result
                keep(Extracted(*key, kept, scans.version_recognised()))
            store()
    summary.rebuilt = rebuild_outdated(archive)
    return summary
