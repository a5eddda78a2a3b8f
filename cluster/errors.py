"""The cluster's own error."""

from __future__ import annotations

from archive.errors import ArchiveError


class ClusterError(ArchiveError):
    """A foreseeable failure of the cluster or its storage; one line: what was wrong, where, what to do."""
