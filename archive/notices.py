"""What was told to whom: so that a message is sent when something changed, not every day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from archive import times
from archive.store import Archive


@dataclass(frozen=True, slots=True)
class Notice:
    """The state of a subject that a channel was last told, and when (UTC ISO 8601)."""

    state: str
    told_at: str


def load(archive: Archive, channel: str) -> dict[str, Notice]:
    """What ``channel`` was last told, by subject."""
    rows = archive.db.conn.execute("SELECT subject, state, told_at FROM _notices WHERE channel = ?", (channel,))
    return {subject: Notice(state, told_at) for subject, state, told_at in rows}


def save(archive: Archive, channel: str, states: Mapping[str, str]) -> None:
    """Note that ``channel`` has just been told ``states``, by subject."""
    now = times.now()
    with archive.db.atomic():
        archive.db.conn.executemany(
            "INSERT OR REPLACE INTO _notices (channel, subject, state, told_at) VALUES (?, ?, ?, ?)",
            [(channel, subject, state, now) for subject, state in states.items()],
        )
