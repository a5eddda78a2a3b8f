"""Timestamps of the archive: UTC, ISO 8601, whole seconds, so that they sort as text."""

from __future__ import annotations

from datetime import UTC, datetime

from archive.errors import ArchiveError


def now() -> str:
    """Return the present moment, such as ``2026-01-31T08:00:00Z``."""
    return _format(datetime.now(UTC))


def normalise(moment: str) -> str:
    """Return ``moment`` (any ISO 8601 date or time; UTC where no zone is given) in the archive's form.

    Raises ArchiveError if it is none.
    """
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError as error:
        raise ArchiveError(f"not an ISO 8601 time: {moment!r}; write it like 2026-01-31T08:00:00Z") from error
    if parsed.tzinfo is None:
        parsed = parsed.replace(tzinfo=UTC)
    try:
        return _format(parsed.astimezone(UTC))
    except OverflowError as error:
        raise ArchiveError(f"time out of range: {moment!r}") from error


def _format(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
