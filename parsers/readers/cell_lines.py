"""Tables whose renderings print one cell per line → rows.

Some renderings of pages put every cell on a line of its own, with or without a bar after it.
Which cells make a row is then only told by the form's own words: a row is its labels and the
values up to the next label. Blank cells are mostly lost, so a row is only worth something
where it keeps exactly as many values as the form has columns; that is decided later, in
:mod:`parsers.placing`. What shows that a cell was lost within a row is handed on as a gap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, pairwise

from parsers import forms
from parsers.document import Cell
from parsers.normalise import label_key, tidy
from parsers.sections import match_heading
from parsers.values import read_value

_LONGEST_CELL = 60
_MOST_CELLS = 1000  # the whole form has about 350
_MOST_PARTS = 3
_MOST_UNKNOWN = 4
# Wider than any row of the form, so that no placing reaches over it.
_GAP = ("",) * 16
_PAGE_NUMBER = re.compile(r"[-—–]\s*\d{1,3}\s*[-—–]|第\s*\d+\s*页.*")


@dataclass(frozen=True, slots=True)
class CellLine:
    """A cell on its own line: its text, the line's number, the lines since the cell before."""

    text: str
    line: int
    gap: int = 1
    kind: str = ""


@dataclass(slots=True)
class _Row:
    cells: list[CellLine] = field(default_factory=list)
    open: bool = True
    """Whether labels may still follow."""
    heads: bool = False


def take(lines: Sequence[str], start: int, *, goes_on: bool = False) -> tuple[list[list[CellLine]], int] | None:
    """Read the table of cell lines that begins at index ``start``.

    ``goes_on`` says that it follows a table, so that a single row will do. Returns its
    rows and the index of the first line after it; None where no such table begins there. Cells
    with an empty text stand for blanks and gaps.
    """
    if _kind(_words(lines[start])) not in _STARTS:
        return None
    cells = _joined(list(islice(_cells(lines, start), _MOST_CELLS)))
    while cells and cells[-1].kind in ("unknown", "blank"):
        cells.pop()
    # Alone on their line, labels without figures of their own are prose.
    labels = sum(cell.kind not in ("value", "blank", "unknown") for cell in cells)
    values = sum(cell.kind == "value" for cell in cells)
    if labels < 1 or values < 1 or (labels + values < 3 and not goes_on):
        return None
    if not any(left.kind != "value" and right.kind in ("value", "blank") for left, right in pairwise(cells)):
        return None
    return _rows(cells), cells[-1].line


def _words(line: str) -> str:
    return tidy(line.strip().strip("|"))


@cache
def _vocabulary() -> dict[str, str]:
    kinds: dict[str, str] = {}
    tables: tuple[tuple[str, dict[str, forms.Label]], ...] = (
        ("item", forms.ITEMS),
        ("row", forms.REQUEST_ROWS),
        ("group", forms.REQUEST_GROUPS),
        ("measure", forms.MEASURES),
        ("proceeding", forms.PROCEEDINGS),
        ("outcome", forms.OUTCOMES),
        ("applicant", forms.APPLICANTS),
    )
    for kind, labels in tables:
        for label in labels.values():
            for wording in label.wordings:
                kinds.setdefault(label_key(wording), kind)
    kinds |= {label_key(word): "applicants" for word in forms.DECOYS["requests"][:3]}
    kinds[label_key("行政诉讼")] = "proceeding"
    kinds[label_key("信息内容")] = "heads"
    return kinds


_STARTS = {"item", "row", "group", "applicants", "heads", "article", "proceeding"}


@cache
def _heads_after(kind: str) -> frozenset[str]:
    """Words that belong to the same row of column heads as a first one of ``kind``."""
    if kind == "applicants":
        labels = [*forms.APPLICANTS.values()]
        more = forms.DECOYS["requests"][:3]
    elif kind == "proceeding":
        labels = [*forms.PROCEEDINGS.values(), *forms.OUTCOMES.values()]
        more = ("行政诉讼",)
    else:
        labels, more = [*forms.MEASURES.values()], ()
    return frozenset(label_key(word) for label in labels for word in label.wordings) | {label_key(w) for w in more}


def _kind(text: str) -> str:
    """What a cell's text is: a value, a label of the form by its place, or 'unknown'."""
    if not text:
        return "blank"
    key = label_key(text)
    if key.startswith("第二十条第") and len(key) < 20:
        return "article"
    # 一 and 无 stand for no value, 3.其他 for a row.
    if read_value(Cell(text, 0, 0), change=True).kind in ("number", "placeholder"):
        return "value"
    return _vocabulary().get(key, "unknown")


def _cells(lines: Sequence[str], start: int) -> Iterator[CellLine]:
    """Cells from ``start`` on, up to what can be none: prose, a heading, a row of several cells."""
    closed, last = True, start
    unknown = 0
    for index in range(start, len(lines)):
        line = lines[index].strip()
        if not line:
            continue
        text = _words(line)
        if not text:
            if closed or line.count("|") > 1:
                yield CellLine("", index + 1, index - last, "blank")
                last = index
            closed = True
            continue
        if _PAGE_NUMBER.fullmatch(text):
            continue
        if "|" in text or "\t" in line or len(text) > _LONGEST_CELL or "。" in text:
            return
        kind = _kind(text)
        if kind == "unknown" and match_heading(text):
            return
        if not closed and line.startswith("|"):
            closed = True
        if line.startswith("|") and not closed:
            yield CellLine("", index + 1, index - last, "blank")
        cell = CellLine(text, index + 1, index - last, kind)
        closed, last = line.endswith("|"), index
        unknown = unknown + 1 if kind == "unknown" else 0
        if unknown > _MOST_UNKNOWN:
            return
        yield cell


def _joined(cells: Sequence[CellLine]) -> list[CellLine]:
    """Join the parts of labels that were broken over lines."""
    whole: list[CellLine] = []
    index = 0
    while index < len(cells):
        for count in range(_MOST_PARTS, 1, -1):
            parts = cells[index : index + count]
            kinds = {part.kind for part in parts}
            if len(parts) < count or "unknown" not in kinds or kinds & {"value", "blank"}:
                continue
            text = "".join(part.text for part in parts)
            if (kind := _kind(text)) not in ("unknown", "value"):
                whole.append(CellLine(text, parts[-1].line, parts[0].gap, kind))
                index += count
                break
        else:
            whole.append(cells[index])
            index += 1
    return whole


def _rows(cells: Sequence[CellLine]) -> list[list[CellLine]]:
    usual = min((right.gap for left, right in pairwise(cells) if left.kind == right.kind == "value"), default=1)
    rows: list[_Row] = []
    heads: str | None = None
    for cell in cells:
        if cell.kind in ("value", "blank"):
            heads = None
            if not rows:
                continue
            if rows[-1].heads:
                rows.append(_Row())
            row = rows[-1]
            if row.cells and row.cells[-1].kind == "value" and cell.gap > usual:
                row.cells.extend(CellLine(text, cell.line, kind="blank") for text in _GAP)
            row.cells.append(cell)
            row.open = False
            continue
        if heads and (label_key(cell.text) in _heads_after(heads) or (heads == "heads" and cell.kind == "unknown")):
            rows[-1].cells.append(cell)
            continue
        heads = cell.kind if cell.kind in ("applicants", "proceeding", "heads") else None
        labels_go_on = cell.kind in ("row", "group", "unknown", "applicant", "outcome")
        goes_on = rows and rows[-1].open and labels_go_on and rows[-1].cells[-1].kind in ("group", "row", "unknown")
        if not goes_on:
            rows.append(_Row())
        rows[-1].cells.append(cell)
        rows[-1].heads = heads is not None
        rows[-1].open = not (heads or cell.kind == "article")
    return [row.cells for row in rows if row.cells]
