"""How the archive keeps what was read of a document: as zlib-compressed JSON."""

from __future__ import annotations

import zlib

from archive.errors import DamagedArchiveError
from parsers.report import Report

MAX_BYTES = 16 * 1024 * 1024
"""The longest report kept, as JSON; those published take about 40,000 bytes."""


class ReportTooBigError(Exception):
    """Raised for a report longer than MAX_BYTES."""


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
