"""The command ``verify``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from archive.errors import ArchiveError, DamagedArchiveError
from archive.store import Archive
from archive.verification import Fault, Summary, salvage, verify
from nianbao import console

_LISTED = 200


def run(path: Path, read_again: Callable[[], None], *, repair: bool, quick: bool) -> bool:
    """Verify, tell what was found, and return whether the archive is whole (or was made so).

    A database whose pages are damaged is rebuilt first, where ``repair`` asks for it; documents of
    which the reading was lost are then read again by ``read_again``. Raises ArchiveError if there
    is no archive or another command is writing.
    """
    gone = not path.exists() and any((path.parent / "captures").glob("*.warc.gz"))
    if gone and not repair:
        raise ArchiveError(
            f"{path} is gone, its captures are there: restore it from a copy, or run 'nianbao verify --repair' to"
            " build it anew from them"
        )
    try:
        summary = Summary() if gone else _verify(path, repair=repair, quick=quick)
        damaged = gone or any(fault.part == "database" and fault.where == str(path) for fault in summary.faults)
    except DamagedArchiveError as error:
        if not repair:
            raise ArchiveError(f"{error}; or run 'nianbao verify --repair' to rebuild it") from error
        damaged = True
    if damaged and repair:
        with console.steps("rebuilding") as stage:
            salvaged = salvage(path, stage.advance)
        told = f"was damaged and is rebuilt; the damaged file is kept as {salvaged.kept.name}"
        console.err.print(f"{path} {'was gone and is built anew' if gone else told}", markup=False)
        if salvaged.lost:
            what = "; ".join(salvaged.lost)
            console.err.print(f"captures do not tell all of it, some may be lost: {what}; a copy has it", markup=False)
        summary = _verify(path, repair=repair, quick=quick)
    if repair and (damaged or (summary.faults and _unread(path))):
        mended = [fault for fault in summary.faults if fault.mended]
        read_again()
        summary = _verify(path, repair=repair, quick=quick)
        summary.faults = [*mended, *summary.left]
    _tell(path, summary)
    return not summary.left


def _verify(path: Path, *, repair: bool, quick: bool) -> Summary:
    with (
        Archive.open(path, create=False) as archive,
        archive.write_lock(),
        console.steps("verifying") as stage,
    ):
        return verify(archive, repair=repair, quick=quick, advance=stage.advance)


def _unread(path: Path) -> int:
    from archive.extraction import pending

    with Archive.open(path, create=False) as archive:
        return len(pending(archive))


def _tell(path: Path, summary: Summary) -> None:
    for fault in summary.faults[:_LISTED]:
        _tell_fault(fault)
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


def _tell_fault(fault: Fault) -> None:
    console.err.print(f"{'mended' if fault.mended else 'fault'}: {fault.part}: {fault}", markup=False)
