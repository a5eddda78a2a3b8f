"""What verification finds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Part = Literal["database", "captures", "documents", "reports", "search"]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something of an archive that is not as it should be.

    ``where`` names the file and offset, or the table and row; ``what`` says what is wrong with
    it, ``remedy`` what to do. ``mended`` is true once it has been put right.
    """

    part: Part
    where: str
    what: str
    remedy: str
    mended: bool = False

    def __str__(self) -> str:
        state = "mended" if self.mended else self.remedy
        return f"{self.where}: {self.what}; {state}"


@dataclass(slots=True)
class Summary:
    """What was looked at and what was found; ``notes`` are no faults but worth knowing."""

    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warc_files: int = 0
    records: int = 0
    documents: int = 0
    reports: int = 0
    sections: int = 0

    @property
    def left(self) -> list[Fault]:
        """Faults that were not mended."""
        return [fault for fault in self.faults if not fault.mended]
