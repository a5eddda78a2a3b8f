"""How the archive keeps what was read of a document: as zlib-compressed JSON."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from archive.errors import DamagedArchiveError
from parsers.report import Report

MAX_BYTES = 16 * 1024 * 1024
"""The longest report, or evidence of one, that is kept, as JSON; those published take about 40,000 bytes."""


class ReportTooBigError(Exception):
    """Raised for a report longer than MAX_BYTES."""


class Evidence(NamedTuple):
    """What the cells of a report print and where, as the table ``evidence`` keeps it: their number, and packed JSON."""

    cell_count: int
    cells: bytes


def pack(report: Report) -> bytes:
    """Return ``report`` as ``_extractions`` keeps it. Raises ReportTooBigError."""
    serialised = report.to_json().encode()
    if len(serialised) > MAX_BYTES:
        raise ReportTooBigError(f"what was read takes {len(serialised):,} bytes; at most {MAX_BYTES:,} are kept")
    return zlib.compress(serialised)


def unpack(packed: bytes) -> Report:
    """Restore the report that :func:`pack` was given. Raises DamagedArchiveError where it is no longer what it was."""
    try:
        return Report.from_json(zlib.decompress(packed).decode())
    except (zlib.error, UnicodeDecodeError, ValueError, TypeError, KeyError) as error:
        raise DamagedArchiveError(f"what was read of a document is damaged ({error})") from error


def pack_evidence(cells: Mapping[str, Any]) -> Evidence:
    """Return what the cells print and where, by field, as the table ``evidence`` keeps it."""
    return Evidence(len(cells), zlib.compress(json.dumps(cells, ensure_ascii=False, sort_keys=True).encode()))


def evidence_json(packed: bytes | None) -> str | None:
    """Return the JSON of ``evidence.cells``; None for null. Raises ValueError for anything that is not packed so."""
    if packed is None:
        return None
    if not isinstance(packed, bytes):
        raise ValueError("evidence_json() takes the column cells of the table evidence")
    # Whoever writes SQL for the site may hand over any bytes: a few of them may unpack to gigabytes.
    reader = zlib.decompressobj()
    try:
        text = reader.decompress(packed, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"not packed as evidence is: {error}") from error
    if not reader.eof:
        raise ValueError("cut short, or longer than any evidence")
    return text.decode()


def unpack_evidence(packed: bytes | None) -> dict[str, Any]:
    """Return what the cells print and where, by field; nothing for null. Raises ValueError as :func:`evidence_json`."""
    text = evidence_json(packed)
    return json.loads(text) if text else {}


def register(conn: sqlite3.Connection, *, strict: bool = True) -> None:
    """Let SQL on ``conn`` read packed evidence by ``evidence_json``.

    What is no evidence is an error, or null where it is anybody who writes the SQL: not ``strict``.
    """
    conn.create_function("evidence_json", 1, evidence_json if strict else _evidence_or_null, deterministic=True)


def _evidence_or_null(packed: bytes | None) -> str | None:
    try:
        return evidence_json(packed)
    except ValueError:
        return None
