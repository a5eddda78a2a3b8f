"""Timestamps of the archive: UTC, ISO 8601, whole seconds, so that they sort as text."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

from archive.errors import ArchiveError


class Clock:
    """The system's clock, but never going back: what came later must not be dated earlier.

    A clock that is set back goes on from the last moment given, at its own pace, until the system's
    clock has caught up.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = datetime.min.replace(tzinfo=UTC)
        self._ticks = time.monotonic()

    def now(self) -> datetime:
        """The present moment, in UTC."""
        with self._lock:
            moment, ticks = datetime.now(UTC), time.monotonic()
            if moment < self._last:
                moment = self._last + timedelta(seconds=ticks - self._ticks)
            self._last, self._ticks = moment, ticks
            return moment

    def go_on_from(self, moment: datetime) -> None:
        """Give no moment before ``moment`` from now on."""
        with self._lock:
            if moment > self._last:
                self._last, self._ticks = moment, time.monotonic()


_clock = Clock()


def now() -> str:
    """Return the present moment, such as ``2026-01-31T08:00:00Z``; in one process it never goes back."""
    return _format(_clock.now())


def go_on_from(moment: str) -> None:
    """Let :func:`now` give nothing before ``moment`` from now on."""
    _clock.go_on_from(datetime.fromisoformat(moment))


def seconds_between(earlier: str, later: str) -> float:
    """Return the seconds from one moment of the archive's form to another."""
    return (datetime.fromisoformat(later) - datetime.fromisoformat(earlier)).total_seconds()


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
