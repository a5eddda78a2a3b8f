"""Extracts what the archive has captured and not yet read with the present parsers."""

from __future__ import annotations

import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from archive import attempts, scans
from archive.attempts import Key
from archive.capacity import default_workers
from archive.elsewhere import Elsewhere, Placed
from archive.errors import ArchiveError
from archive.organs import Portals
from archive.reports import Extracted, rebuild_outdated, store_extractions
from archive.sandbox import Extractor, Kept, Limits, Sandbox
from archive.store import Archive
from archive.warc import Location
from parsers import extract as parser
from parsers.extract import Origin, Refusal
from parsers.readers import ocr
from parsers.report import Report

_BATCH_DOCUMENTS = 50
_BATCH_SECONDS = 5.0
# Of all that was being read when two commands were killed, each is read by itself; what was being
# read by itself when two more were killed is given up.
_READ_ALONE = 2
_GIVE_UP = 4
_DETAIL_CHARACTERS = 300
_Accept = Callable[[Key, Report | Refusal, Kept | None], None]
_NOT_STORABLE = (sqlite3.IntegrityError, sqlite3.DataError, ValueError, TypeError, KeyError, OverflowError)


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
    others = [version for version in _versions(archive) if not scans.present(version)]
    return archive.db.conn.execute(
        "SELECT sha256, url FROM (SELECT sha256, url FROM _unread"
        " UNION SELECT sha256, url FROM _extractions WHERE stale"
        f" UNION SELECT sha256, url FROM _extractions WHERE parser_version IN ({', '.join('?' * len(others))})) AS due"
        " WHERE EXISTS (SELECT 1 FROM captures c WHERE c.sha256 = due.sha256 AND c.url = due.url"
        " AND NOT EXISTS (SELECT 1 FROM _page_captures WHERE capture_id = c.id)) ORDER BY url, sha256",
        others,
    ).fetchall()


def _versions(archive: Archive) -> Iterator[str]:
    """The parser versions by which anything was read, each found by a step in their index."""
    (version,) = archive.db.conn.execute("SELECT min(parser_version) FROM _extractions").fetchone()
    while version is not None:
        yield version
        (version,) = archive.db.conn.execute(
            "SELECT min(parser_version) FROM _extractions WHERE parser_version > ?", (version,)
        ).fetchone()


def extract_pending(
    archive: Archive,
    run_id: str,
    *,
    reparse: bool = False,
    workers: int | None = None,
    progress: Callable[[Outcome], None] | None = None,
    extractor: Extractor | None = None,
    scan_extractor: Extractor | None = None,
    limits: Limits | None = None,
    elsewhere: Elsewhere | None = None,
) -> Summary:
    """Extract every pending document, all of them again with ``reparse``, and update the reports.

    Documents are read in ``workers`` processes (as many as the machine has room for) under
    ``limits`` and stored in batches; scans are then read again with the recogniser, if it is
    installed, under limits of their own. A command that is interrupted continues where it
    stopped. ``progress`` is called for each document once it is stored. A document whose payload
    cannot be read from its WARC file stays pending and is named in the summary. A document that
    was being read whenever a command was killed is at last read alone, then refused. With
    ``elsewhere`` other machines read, and ``workers`` says nothing.
    """
    if reparse:
        archive.db.execute("UPDATE _extractions SET stale = 1")
    extraction = _Extraction(archive, run_id, progress, elsewhere)
    todo = pending(archive)
    extraction.summary.documents = len(todo)
    with extraction.unwinding():
        extraction.read(todo, extractor or parser.extract, workers, limits or Limits())
        extraction.read_scans(scan_extractor or parser.extract_scan, workers)
    extraction.summary.rebuilt = rebuild_outdated(archive)
    return extraction.summary


class _Extraction:
    """One pass over the pending documents: what is being read, what waits to be stored, what became of it."""

    def __init__(
        self,
        archive: Archive,
        run_id: str,
        progress: Callable[[Outcome], None] | None,
        elsewhere: Elsewhere | None,
    ) -> None:
        self.summary = Summary()
        self._archive = archive
        self._run_id = run_id
        self._progress = progress
        self._elsewhere = elsewhere
        self._portals = Portals(archive)
        self._reading: deque[Key] = deque()
        self._marked: set[Key] = set()
        self._scans: dict[Key, Report | Refusal] = {}
        self._batch: list[Extracted] = []
        self._stored_at = time.monotonic()

    @contextmanager
    def unwinding(self) -> Iterator[None]:
        """Whatever the reason for leaving, documents without an outcome count as not tried."""
        try:
            yield
        except BaseException:
            self._take_back(list(self._marked))
            raise

    def read(self, keys: Sequence[Key], extractor: Extractor, workers: int | None, limits: Limits) -> None:
        """Read and store documents, in order; scans wait for :meth:`read_scans`, if they can be recognised."""

        def accept(key: Key, result: Report | Refusal, kept: Kept | None) -> None:
            if scans.is_scan(result) and ocr.available():
                self._take_back([key])
                self._scans[key] = result
            else:
                self._add(Extracted(*key, result, scans.version_of(result), *(kept or ())))

        self._read(keys, extractor, workers, limits, accept)

    def read_scans(self, extractor: Extractor, workers: int | None) -> None:
        """Read the scans again, as pictures."""

        def accept(key: Key, result: Report | Refusal, kept: Kept | None) -> None:
            before = self._scans[key]
            # A report whose pictures defeat the recogniser is still one without them.
            if isinstance(before, Report) and isinstance(result, Refusal):
                result, kept = before, None
            self._add(Extracted(*key, result, scans.version_recognised(), *(kept or ())))

        self._read(list(self._scans), extractor, workers, scans.limits(), accept)

    def _read(
        self, keys: Sequence[Key], extractor: Extractor, workers: int | None, limits: Limits, accept: _Accept
    ) -> None:
        if not keys:
            return
        if self._elsewhere is not None:
            self._read_elsewhere(self._elsewhere, keys, extractor, limits, accept)
            return
        killed = attempts.left_over(self._archive, parser.PARSER_VERSION)
        with Sandbox(extractor, workers or default_workers(limits.memory_bytes), limits) as sandbox:
            self._read_through(sandbox, [key for key in keys if killed.get(key, 0) < _READ_ALONE], accept)
            for key in keys:
                if killed.get(key, 0) >= _GIVE_UP:
                    refusal = Refusal("crashed", f"{killed[key]} commands were ended while reading it")
                    self._add(Extracted(*key, refusal, parser.PARSER_VERSION))
                elif killed.get(key, 0) >= _READ_ALONE:
                    self._read_through(sandbox, [key], accept)
        self._store()

    def _read_elsewhere(
        self, elsewhere: Elsewhere, keys: Sequence[Key], extractor: Extractor, limits: Limits, accept: _Accept
    ) -> None:
        """Take in what other machines read; a document that ends one of them is their concern."""
        for key, result, kept in elsewhere.results(self._placed(keys), extractor, limits):
            if isinstance(result, ArchiveError):
                self._leave_unread(key, result)
            else:
                accept(key, result, kept)
        self._store()

    def _placed(self, keys: Sequence[Key]) -> Iterator[Placed]:
        query = "SELECT warc, offset, length, bytes FROM documents WHERE sha256 = ?"
        for sha256, url in keys:
            *location, size = self._archive.db.conn.execute(query, (sha256,)).fetchone()
            yield Placed(sha256, url, Location(*location), size, self._origin(url))

    def _read_through(self, sandbox: Sandbox, keys: Sequence[Key], accept: _Accept) -> None:
        for result, kept in sandbox.kept_results(self._documents(keys)):
            accept(self._reading.popleft(), result, kept)
        self._store()

    def _documents(self, keys: Sequence[Key]) -> Iterator[tuple[bytes, Origin]]:
        for start in range(0, len(keys), _BATCH_DOCUMENTS):
            marked = keys[start : start + _BATCH_DOCUMENTS]
            attempts.begin(self._archive, marked, parser.PARSER_VERSION)
            self._marked.update(marked)
            for sha256, url in marked:
                try:
                    payload = self._archive.payload(sha256)
                except ArchiveError as error:
                    self._leave_unread((sha256, url), error)
                    continue
                self._reading.append((sha256, url))
                yield payload, self._origin(url)

    def _origin(self, url: str) -> Origin:
        # What the crawler fetched for a portal passed its rules on hosts.
        trusted = self._portals.trusts(url) or self._archive.is_crawled(url)
        return replace(self._archive.origin(url), trusted=trusted)

    def _leave_unread(self, key: Key, error: ArchiveError) -> None:
        self._take_back([key])
        self.summary.errors.append(str(error))
        self._tell(Outcome(*key, error=str(error)))

    def _take_back(self, keys: Sequence[Key]) -> None:
        attempts.take_back(self._archive, keys)
        self._marked.difference_update(keys)

    def _add(self, item: Extracted) -> None:
        self._batch.append(item)
        if len(self._batch) >= _BATCH_DOCUMENTS or time.monotonic() - self._stored_at > _BATCH_SECONDS:
            self._store()

    def _store(self) -> None:
        batch, self._batch = self._batch, []
        try:
            stored = list(zip(batch, self._keep(batch), strict=True))
        except _NOT_STORABLE:
            # One document of the batch cannot be stored; the others are not to suffer for it.
            stored = [self._keep_alone(item) for item in batch]
        self._stored_at = time.monotonic()
        for item, report_id in stored:
            if isinstance(item.result, Report):
                self.summary.reports += 1
                self._tell(Outcome(item.sha256, item.url, report=item.result, report_id=report_id))
            else:
                self.summary.refused[item.result.reason] += 1
                self._tell(Outcome(item.sha256, item.url, refusal=item.result))

    def _keep(self, items: Sequence[Extracted]) -> list[str | None]:
        with self._archive.db.atomic():
            report_ids = store_extractions(self._archive, items, self._run_id)
            keys = [(item.sha256, item.url) for item in items]
            attempts.finish(self._archive, keys)
        self._marked.difference_update(keys)
        return report_ids

    def _keep_alone(self, item: Extracted) -> tuple[Extracted, str | None]:
        try:
            return item, self._keep([item])[0]
        except _NOT_STORABLE as error:
            detail = f"what was read cannot be stored: {type(error).__name__}: {error}"[:_DETAIL_CHARACTERS]
            refused = Extracted(item.sha256, item.url, Refusal("crashed", detail), item.parser_version)
            return refused, self._keep([refused])[0]

    def _tell(self, outcome: Outcome) -> None:
        if self._progress:
            self._progress(outcome)
