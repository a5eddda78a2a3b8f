"""From a cell to its place in the source: the pages ``/-/evidence/<report>/<field>``."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from datasette.app import Datasette
from datasette.utils import tilde_decode
from datasette.utils.asgi import NotFound, Request, Response
from pebble import ProcessExpired, ProcessPool

from archive.errors import ArchiveError
from archive.packing import unpack_evidence
from archive.sandbox import confine
from archive.store import Archive
from parsers import media
from parsers.document import Place, UnreadableDocumentError
from publish import evidence_source
from publish.evidence_source import SourceLines, SourceTable
from publish.language import Said, either
from publish.layout import field_label
from publish.metadata import DATABASE

_logger = logging.getLogger(__name__)

SECONDS = 15.0
MEMORY_BYTES = 1_500_000_000
WAITING = 8
"""Requests that may wait for the one process; more are asked to come again."""
KEPT_PICTURES = 48
_PICTURES = {media.PDF, media.PNG, media.JPEG, media.GIF, media.TIFF, media.BMP, media.WEBP}
_BUSY = f"{Said('请稍后再试', 'Too many readers at the moment, try again shortly')}\n"
_T = TypeVar("_T")


class BusyError(Exception):
    """As many requests are waiting as may."""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell of a report with what the archive knows of its source."""

    report: dict[str, Any]
    field: str
    seen: dict[str, Any]
    media_type: str

    @property
    def place(self) -> Place:
        known = self.seen.get("place") or {}
        box = known.get("box")
        return Place(**{**known, "box": tuple(box) if box else None})

    @property
    def on_a_page(self) -> bool:
        return self.place.box is not None

    @property
    def source(self) -> str:
        return str(self.report["document_sha256"])


class _Worker:
    """One process that reads sources under limits, started when first needed."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._waiting = 0
        self._pictures: OrderedDict[tuple[str, Place], bytes] = OrderedDict()

    async def picture(self, datasette: Datasette, cell: _Cell) -> bytes:
        key = (cell.source, cell.place)
        if key not in self._pictures:
            self._pictures[key] = await self.run(datasette, evidence_source.picture, cell)
            while len(self._pictures) > KEPT_PICTURES:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return self._pictures[key]

    async def run(self, datasette: Datasette, work: Callable[[bytes, Place], _T], cell: _Cell) -> _T:
        """Do ``work`` on the cell's source; raises BusyError, ArchiveError, LookupError or UnreadableDocumentError."""
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            return await asyncio.to_thread(self._run, Path(datasette.get_database(DATABASE).path), work, cell)
        finally:
            self._waiting -= 1

    def _run(self, path: Path, work: Callable[[bytes, Place], _T], cell: _Cell) -> _T:
        with Archive.read_only(path) as archive:
            payload = archive.payload(cell.source)
        if self._pool is None or not self._pool.active:
            context = get_context("forkserver")
            self._pool = ProcessPool(max_workers=1, initializer=confine, initargs=(MEMORY_BYTES,), context=context)
        try:
            result: _T = self._pool.schedule(work, args=(payload, cell.place), timeout=SECONDS).result()
        except (FutureTimeoutError, TimeoutError) as error:
            raise UnreadableDocumentError("timeout", f"longer than {SECONDS:g} seconds") from error
        except (ProcessExpired, MemoryError) as error:
            raise UnreadableDocumentError("crashed", str(error)) from error
        return result


_worker = _Worker()


async def evidence(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/evidence/<report>/<field>``: what is printed, where, and the source with the cell marked."""
    cell = await _cell(datasette, request)
    shown: SourceTable | SourceLines | None = None
    missing: str | None = None
    pictured = cell.on_a_page and cell.media_type in {*_PICTURES, media.ZIP, media.RAR}
    if not pictured:
        try:
            shown = await _worker.run(datasette, evidence_source.excerpt, cell)
        except BusyError:
            return Response.text(_BUSY, status=503, headers={"Retry-After": "5"})
        except (ArchiveError, UnreadableDocumentError, LookupError) as error:
            _logger.warning("no evidence of %s %s: %s", cell.report["id"], cell.field, error)
            missing = either(
                "原件中的这一处现在显示不了，请下载原件查看。",
                "This part of the source cannot be shown at the moment: download the original.",
            )
    findings = await datasette.get_database(DATABASE).execute(
        "select f.id, f.message, f.severity, n.state as noted, n.note from findings as f "
        "left join finding_notes as n on n.finding_id = f.id, json_each(f.cells) as c "
        "where f.report_id = ? and c.value = ? order by n.state is 'dismissed', f.id",
        (cell.report["id"], cell.field),
    )
    page = await datasette.render_template(
        "evidence.html",
        {
            "report": cell.report,
            "field": cell.field,
            "label": field_label(cell.field),
            "seen": cell.seen,
            "pictured": pictured,
            "table": shown if isinstance(shown, SourceTable) else None,
            "lines": shown if isinstance(shown, SourceLines) else None,
            "missing": missing,
            "findings": [dict(row) for row in findings.rows],
        },
        request=request,
    )
    return Response.html(page)


async def picture(datasette: Datasette, request: Request) -> Response:
    """Answer ``/-/evidence/<report>/<field>.png``: the page of the source with the cell outlined."""
    cell = await _cell(datasette, request)
    if not cell.on_a_page:
        raise NotFound("No page of this cell")
    try:
        content = await _worker.picture(datasette, cell)
    except BusyError:
        return Response.text(_BUSY, status=503, headers={"Retry-After": "5"})
    except (ArchiveError, UnreadableDocumentError, LookupError) as error:
        _logger.warning("no picture of %s %s: %s", cell.report["id"], cell.field, error)
        raise NotFound("No picture of this page") from error
    # The address names the document, which never changes.
    lasting = request.args.get("document") == cell.source
    caching = "public, max-age=31536000, immutable" if lasting else "no-cache"
    return Response(content, content_type="image/png", headers={"cache-control": caching})


async def _cell(datasette: Datasette, request: Request) -> _Cell:
    report_id, name = tilde_decode(request.url_vars["report"]), request.url_vars["field"]
    found = await datasette.get_database(DATABASE).execute(
        "select r.id, r.title, r.url, r.year, r.document_sha256, r.captured_at, e.cells, d.media_type "
        "from reports as r join evidence as e on e.report_id = r.id "
        "join documents as d on d.sha256 = r.document_sha256 where r.id = ?",
        (report_id,),
    )
    row = found.first()
    seen = unpack_evidence(row["cells"]).get(name) if row is not None else None
    if seen is None:
        raise NotFound("No such cell")
    return _Cell(dict(row), name, seen, row["media_type"])
