"""How long a reader waits for the place of a cell in its source, the first time that anybody asks for it."""

from __future__ import annotations

import json
import sqlite3
import statistics
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import click

from archive.packing import evidence_json
from benchmarks.bare_queries import percentile
from benchmarks.import_documents import write_documents
from parsers import media

AT_MOST_MS = 300.0
DOCUMENTS = 30
KINDS = {"HTML": media.HTML, "PDF": media.PDF, "DOCX": media.DOCX}


@dataclass(frozen=True, slots=True)
class Wait:
    """Milliseconds until the evidence of cells was there, each of another document of one kind."""

    kind: str
    documents: int
    p50: float
    p95: float

    def __str__(self) -> str:
        over = "" if self.p95 <= AT_MOST_MS else f"  over {AT_MOST_MS:g} ms"
        waited = f"p50 {self.p50:6.0f} ms  p95 {self.p95:6.0f} ms"
        return f"evidence, {self.kind:<6} {self.documents:>3} documents  {waited}{over}"


def make_archive(folder: Path) -> Path:
    """Import documents of every kind; returns the archive."""
    documents = folder / "documents"
    documents.mkdir()
    write_documents(documents, DOCUMENTS)
    archive = folder / "archive.db"
    done = subprocess.run(
        [sys.executable, "-m", "nianbao", "import", str(documents), "--archive", str(archive)],
        capture_output=True,
        text=True,
        check=False,
    )
    if not archive.exists():
        raise click.ClickException(f"the documents were not imported: {done.stderr.strip()}")
    return archive


def waits(address: str, archive: Path) -> list[Wait]:
    """Ask for one cell of each document, which nobody asked for before."""
    found: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with closing(sqlite3.connect(archive)) as db:
        rows = db.execute(
            "select d.media_type, e.report_id, e.cells, r.document_sha256 from evidence as e "
            "join reports as r on r.id = e.report_id join documents as d on d.sha256 = r.document_sha256 order by 2"
        ).fetchall()
    _ask(address, *rows[0][1:])  # the process that reads sources is up
    for media_type, *cell in rows[1:]:
        for kind, of_kind in KINDS.items():
            if media_type == of_kind:
                found[kind].append(_ask(address, *cell))
    return [
        Wait(kind, len(times), statistics.median(times), percentile(times, 95))
        for kind, times in found.items()
        if times
    ]


def _ask(address: str, report: str, packed: bytes, sha256: str) -> float:
    """Seconds of the page, and of its picture where it has one."""
    field = sorted(_cells(packed))[-1]
    path = f"{address}/-/evidence/{report}/{field}"
    began = time.perf_counter()
    page = _read(path)
    if f"{field}.png".encode() in page:
        _read(f"{path}.png?document={sha256}")
    return (time.perf_counter() - began) * 1000


def _cells(packed: bytes) -> list[str]:
    return [name for name in json.loads(evidence_json(packed) or "{}") if name.count(".") == 2]


def _read(address: str) -> bytes:
    with urlopen(address) as response:
        content: bytes = response.read()
    return content
