"""The archive's own error."""

from __future__ import annotations


class ArchiveError(Exception):
    """A foreseeable failure; the message is one line: what was wrong, where, what to do."""


class DamagedArchiveError(ArchiveError):
    """The database's own pages are damaged, so that it cannot even be opened."""
