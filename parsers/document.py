"""The document model: what every reader produces and everything after it reads.

A document is a sequence of blocks in reading order. Tables keep for each cell its text
as printed and its place in the source, so that any figure can be traced back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import attrgetter

from parsers.records import record


@record
class Place:
    """Where something stands in its source; only what the format has is filled in.

    ``page`` counts from 1, ``box`` is (x0, top, x1, bottom) in PDF points from the
    page's top left corner, in pixels for picture files. ``table``, ``row`` and ``column`` count from 1 in document
    order, ``line`` counts from 1 in text files.
    """

    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    table: int | None = None
    row: int | None = None
    column: int | None = None
    line: int | None = None

    def __reduce__(self) -> tuple[type, tuple[object, ...]]:
        """Pickle by the fields in order: a dataclass's own way takes longer than anything else about a report."""
        return type(self), (self.page, self.box, self.table, self.row, self.column, self.line)


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Recognition:
    """How surely a text was recognised in a picture; what a format states as text has none.

    ``score`` (0 to 1) is that of the least certain character, ``agreed`` whether a second look at
    another picture of the same print read the same.
    """

    score: float
    agreed: bool


def weakest(*recognitions: Recognition | None) -> Recognition | None:
    """The recognition of a text put together of several; None where all of it was stated as text."""
    known = [item for item in recognitions if item is not None]
    if not known:
        return None
    return Recognition(min(item.score for item in known), all(item.agreed for item in known))


@record
class Cell:
    """A table cell: text as printed, grid position from 0 and spans in grid units."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    place: Place = NOWHERE
    recognition: Recognition | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing visible is printed."""
        return not self.text or self.text.isspace()


_column_of = attrgetter("column")


@dataclass(slots=True)
class Table:
    """A table. ``aligned`` says whether grid columns can be trusted.

    They can in HTML, DOCX and ruled PDF; in text renderings leading and trailing cells
    get lost, so columns of different rows do not correspond. ``addressed`` says that each cell
    has an address of its own, as in a workbook, so that none can push another aside.
    """

    cells: list[Cell]
    aligned: bool = True
    place: Place = NOWHERE
    addressed: bool = False

    @property
    def row_count(self) -> int:
        """Number of grid rows."""
        return max([cell.row + cell.row_span for cell in self.cells], default=0)

    @property
    def column_count(self) -> int:
        """Number of grid columns."""
        return max((cell.column + cell.column_span for cell in self.cells), default=0)

    def rows(self) -> Iterator[list[Cell]]:
        """Yield for each grid row its cells in column order, cells spanning down included."""
        by_row: list[list[Cell]] = [[] for _ in range(self.row_count)]
        for cell in self.cells:
            if cell.row_span == 1:
                by_row[cell.row].append(cell)
                continue
            for row in range(cell.row, cell.row + cell.row_span):
                by_row[row].append(cell)
        for row_cells in by_row:
            row_cells.sort(key=_column_of)
            yield row_cells


@record
class Paragraph:
    """A run of prose. ``heading`` where the markup says that it is one."""

    text: str
    heading: bool = False
    place: Place = NOWHERE
    recognition: Recognition | None = None


Block = Paragraph | Table


@dataclass(slots=True)
class Document:
    """Everything read from one file.

    ``title_candidates`` are titles that the format itself states (``<title>``, metas),
    best first. ``metadata`` holds the portal's own fields where stated: ``published_on``
    (ISO date) and ``publisher``. ``scanned`` numbers the pages that are pictures and were not read.
    """

    media_type: str
    blocks: list[Block] = field(default_factory=list)
    title_candidates: list[str] = field(default_factory=list)
    metadata: dict[str, str] = field(default_factory=dict)
    pages: int | None = None
    warnings: list[str] = field(default_factory=list)
    scanned: list[int] = field(default_factory=list)

    @property
    def tables(self) -> list[Table]:
        """The tables in reading order."""
        return [block for block in self.blocks if isinstance(block, Table)]

    @property
    def paragraphs(self) -> list[Paragraph]:
        """The paragraphs in reading order."""
        return [block for block in self.blocks if isinstance(block, Paragraph)]

    @property
    def text(self) -> str:
        """All prose, a line per paragraph."""
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


class UnreadableDocumentError(Exception):
    """Raised by readers for a file that cannot be read; ``reason`` is a refusal code."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Pickle with both arguments, since documents are read in other processes."""
        return type(self), (self.reason, self.detail)
