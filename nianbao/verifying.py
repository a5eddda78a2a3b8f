"""The command ``verify``."""

from __future__ import annotations

from pathlib import Path

from archive.store import Archive
from archive.verification import Summary, verify
from archive.verification.faults import Fault
from nianbao import console

_LISTED = 200


def run(archive: Archive, *, repair: bool, quick: bool) -> bool:
    """Verify, tell what was found, and return whether the archive is whole (or was made so)."""
    with console.steps("verifying") as stage:
        summary = verify(archive, repair=repair, quick=quick, advance=stage.advance)
    tell(archive.path, summary)
    return not summary.left


def tell(path: Path, summary: Summary) -> None:
    """Print what was looked at, and each fault on a line of its own."""
    for fault in summary.faults[:_LISTED]:
        _tell(fault)
    if len(summary.faults) > _LISTED:
        console.err.print(f"… and {len(summary.faults) - _LISTED} more faults")
    for note in summary.notes:
        console.err.print(f"note: {note}", markup=False)
    console.pairs(
        "Verified",
        {
            str(path): "",
            "WARC files": summary.warc_files,
            "records": summary.records,
            "documents": summary.documents,
            "reports": summary.reports,
            "sections": summary.sections,
            "faults": len(summary.faults),
            "mended": len(summary.faults) - len(summary.left),
        },
    )


def _tell(fault: Fault) -> None:
    console.err.print(f"{'mended' if fault.mended else 'fault'}: {fault.part}: {fault}", markup=False)
