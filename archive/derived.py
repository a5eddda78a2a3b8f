"""What follows from a report alone: worked out where it was read, as the one process that stores has enough to do."""

from __future__ import annotations

from dataclasses import dataclass

import checks
from archive import rows
from archive.packing import Evidence
from parsers.report import Finding, Report


@dataclass(frozen=True, slots=True)
class Derived:
    """The hash of a report's content, its own findings, and what its cells print and where."""

    content_sha256: str
    findings: tuple[Finding, ...]
    evidence: Evidence


def derive(report: Report) -> Derived:
    """Work out what follows from ``report``."""
    return Derived(report.content_sha256(), (*checks.run(report), *rows.out_of_range(report)), rows.evidence(report))
