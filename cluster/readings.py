"""What workers read of documents, as rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from archive.attempts import Key
from archive.derived import Derived
from archive.errors import ArchiveError
from archive.packing import Evidence, unpack
from archive.sandbox import Kept, Result
from cluster.tables import Rows
from parsers.extract import Refusal
from parsers.report import Finding, Report

Read = tuple[Key, Report | Refusal | ArchiveError, Kept | None]
"""What became of one document, as :class:`archive.elsewhere.Elsewhere` gives it."""

_COLUMNS = {
    "sha256": "TEXT",
    "url": "TEXT",
    "error": "TEXT",
    "reason": "TEXT",
    "detail": "TEXT",
    "report": "BLOB",
    "content_sha256": "TEXT",
    "findings": "TEXT",
    "cell_count": "INTEGER",
    "evidence": "BLOB",
}
_NOTHING_KEPT = (None,) * 5


def table(rows: Sequence[tuple[Any, ...]]) -> Rows:
    """The rows that :func:`row` gave, with their columns."""
    return Rows(_COLUMNS, rows)


def row(sha256: str, url: str, result: Result | str) -> tuple[Any, ...]:
    """The row of one document; a text says why its payload could not be had."""
    if isinstance(result, str):
        return (sha256, url, result, None, None, *_NOTHING_KEPT)
    read, kept = result
    if isinstance(read, Refusal):
        return (sha256, url, None, read.reason, read.detail, *_NOTHING_KEPT)
    if kept is None:
        raise ValueError("a report comes with what is kept of it")
    packed, derived = kept
    findings = json.dumps([asdict(finding) for finding in derived.findings], ensure_ascii=False)
    return (sha256, url, None, None, None, packed, derived.content_sha256, findings, *derived.evidence)


def read(rows: Rows) -> Iterator[Read]:
    """What the rows of :func:`table` say."""
    for sha256, url, error, reason, detail, packed, content_sha256, findings, *evidence in rows.rows:
        if error is not None:
            yield (sha256, url), ArchiveError(error), None
        elif packed is None:
            yield (sha256, url), Refusal(reason, detail), None
        else:
            derived = Derived(content_sha256, tuple(map(_finding, json.loads(findings))), Evidence(*evidence))
            yield (sha256, url), unpack(packed), (packed, derived)


def _finding(values: dict[str, Any]) -> Finding:
    lists = {name: tuple(values[name]) for name in ("cells", "other_cells")}
    return Finding(**{**values, **lists})
