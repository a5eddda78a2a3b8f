"""The HTML of cells, written without templates.

A page of one report shows some three hundred cells, one of two reports three times as many; as calls of macros they
took longer than all else on the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from datasette.utils import tilde_encode
from markupsafe import Markup, escape

from publish.comparison import CellPair
from publish.dictionary import unit_word
from publish.language import Said
from publish.layout import Head, Line, Slot
from publish.report_cells import CellView

_BLANK = Said("空白", "blank")
_UNREADABLE = Said("无法识别", "unreadable")
_NOT_FOUND = Said("未见", "not found")
_NOT_FOUND_TITLE = Said("原件中没有找到这一格", "Not found in the source")
_NOT_PRINTED = Said("此表式无", "not in this edition")
_BLANK_LINK = Said("空白，看原件", "Blank, see the source")
_PRINTED = Said("原文 {}", "printed {}")
_IN_SOURCE = Said("原件位置：", "In the source: ")
_UNSURE = Said("标签按相似匹配或位置由文字推定", "Matched by likeness, or the position inferred from the text")
_SEE_FINDING = Said("见疑点 {}", "See finding {}")
_INCOMPARABLE = Said("无法比较", "not comparable")
_NO_NUMBERS = Said("两边都没有数字", "No number on either side")
_CELL = Said("格", "Cell")
_DIFFERENCE = Said("差", "Difference")


def evidence_of(path: Callable[[str], str], report_id: str) -> str:
    """Return the address, made by ``path``, below which the evidence of a report's cells stands."""
    return f"{escape(path(f'/-/evidence/{tilde_encode(report_id)}'))}/"


def _unsure(cell: CellView) -> str:
    return "" if cell.sure else f'<sup class="unsure" title="{_UNSURE.here()}">※</sup>'


def _printed(cell: CellView) -> str:
    return f'<small class="printed">{_PRINTED.here().format(escape(cell.printed))}</small>' if cell.printed else ""


def _value(cell: CellView) -> str:
    if cell.kind == "number":
        unit = f"<small> {escape(unit_word(cell.unit))}</small>" if cell.unit else ""
        return f"{escape(cell.text)}{unit}{_printed(cell)}"
    if cell.kind == "unreadable":
        return f"<em>{_UNREADABLE.here()}</em>{_printed(cell)}"
    if cell.kind == "placeholder":
        return str(escape(cell.text))
    if cell.kind == "absent":
        return f'<em class="absent" title="{_NOT_FOUND_TITLE.here()}">{_NOT_FOUND.here()}</em>'
    return ""


def _spans(columns: int, rows: int = 1) -> str:
    return (f' colspan="{columns}"' if columns > 1 else "") + (f' rowspan="{rows}"' if rows > 1 else "")


def _head(cell: Head) -> str:
    return f'<th scope="{cell.scope}"{_spans(cell.columns, cell.rows)}>{escape(cell.words)}</th>'


def _line(line: Line, data_cell: Callable[[Slot], str]) -> str:
    return f"<tr>{''.join(_head(cell) if isinstance(cell, Head) else data_cell(cell) for cell in line)}</tr>"


def _lines(lines: Iterable[Line], data_cell: Callable[[Slot], str]) -> Markup:
    return Markup("".join(_line(line, data_cell) for line in lines))


def _printed_cell(cell: CellView, columns: int, root: str) -> str:
    field = escape(cell.field)
    doubted = described = marks = ""
    if cell.findings:
        doubted = " doubted"
        described = f' aria-describedby="{" ".join(f"finding-{number}" for number in cell.findings)}"'
        marks = "".join(
            f'<sup class="mark"><a href="#finding-{number}" aria-label="{_SEE_FINDING.here().format(number)}">'
            f"⚠{number}</a></sup>"
            for number in cell.findings
        )
    shown = _value(cell)
    if cell.place:
        label = f' aria-label="{_BLANK_LINK.here()}"' if cell.kind == "blank" else ""
        shown = f'<a class="evidence" href="{root}{field}"{label}>{shown}</a>'
        described += f' title="{_IN_SOURCE.here()}{escape(cell.place)}"'
    return (
        f'<td id="{field}" class="kind-{cell.kind}{doubted}"{_spans(columns)}{described}>'
        f"{shown}{_unsure(cell)}{marks}</td>"
    )


def printed_cell(cell: CellView, evidence: str) -> Markup:
    """Return a cell of a report as the data cell of a table; ``evidence`` as of :func:`evidence_of`."""
    return Markup(_printed_cell(cell, 1, evidence))


def printed_lines(lines: Iterable[Line], cells: Mapping[str, CellView], evidence: str) -> Markup:
    """Return lines of a form's table as rows of a report's ``cells``; ``evidence`` as of :func:`evidence_of`."""
    return _lines(lines, lambda slot: _printed_cell(cells[slot.field], slot.columns, evidence))


def _words(cell: CellView) -> str:
    if cell.kind == "number":
        unit = f" <small>{escape(unit_word(cell.unit))}</small>" if cell.unit else ""
        return f"{escape(cell.text)}{unit}"
    if cell.kind == "placeholder":
        return str(escape(cell.text))
    if cell.kind == "unreadable":
        return f"<em>{_UNREADABLE.here()}</em>"
    why = {"blank": _BLANK, "unprinted": _NOT_PRINTED}.get(cell.kind, _NOT_FOUND)
    return f'<em class="absent">{why.here()}</em>'


def _side(cell: CellView, evidence: str) -> str:
    words = _words(cell)
    if cell.place:
        words = (
            f'<a class="source-of" href="{evidence}{escape(cell.field)}" '
            f'title="{_IN_SOURCE.here()}{escape(cell.place)}">{words}</a>'
        )
    return words + _unsure(cell)


def side(cell: CellView, evidence: str) -> Markup:
    """Return what stands in a cell, in words where it is no number, with the way to its source."""
    return Markup(_side(cell, evidence))


def _outcome(pair: CellPair) -> str:
    if pair.state == "differs":
        return f'<strong class="delta">≠ {escape(pair.difference)}</strong>'
    if pair.state == "incomparable":
        return f'<em class="delta">{_INCOMPARABLE.here()}</em>'
    if pair.state == "unprinted":
        return f'<span class="delta quiet">{_INCOMPARABLE.here()}</span>'
    if pair.state == "same":
        return '<span class="delta quiet">＝</span>'
    return f'<span class="delta quiet" title="{_NO_NUMBERS.here()}">—</span>'


def paired_lines(
    lines: Iterable[Line], pairs: Mapping[str, CellPair], names: Sequence[Any], evidence: Sequence[str]
) -> Markup:
    """Return lines of a form's table as rows with the cells of two reports in each data cell.

    ``names`` are what the two are called, ``evidence`` is that of each, as of :func:`evidence_of`.
    """
    one, other = (escape(name) for name in names)

    def data_cell(slot: Slot) -> str:
        pair = pairs[slot.field]
        return (
            f'<td class="pair state-{pair.state}"{_spans(slot.columns)}>'
            f'<span class="side"><small>{one}</small> {_side(pair.first, evidence[0])}</span>'
            f'<span class="side"><small>{other}</small> {_side(pair.second, evidence[1])}</span>{_outcome(pair)}</td>'
        )

    return _lines(lines, data_cell)


def pair_rows(pairs: Iterable[CellPair], names: Sequence[Any], evidence: Sequence[str]) -> Markup:
    """Return a row for each pair: the cell's name, what stands on either side, and the difference."""
    one, other = (escape(name) for name in names)
    cell, difference = _CELL.here(), _DIFFERENCE.here()
    return Markup(
        "".join(
            f'<tr class="pair state-{pair.state}"><th scope="row" data-label="{cell}">{escape(pair.label)}</th>'
            f'<td class="number" data-label="{one}">{_side(pair.first, evidence[0])}</td>'
            f'<td class="number" data-label="{other}">{_side(pair.second, evidence[1])}</td>'
            f'<td class="number" data-label="{difference}">{_outcome(pair)}</td></tr>'
            for pair in pairs
        )
    )
