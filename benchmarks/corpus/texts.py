"""Plain text and Markdown: what converters and people's copying leave of the form."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable
from functools import partial

from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.reports import FilledReport, fill
from parsers.document import Cell
from tests.parsers.printed_forms import Rows, flattened, grid

TableText = Callable[[Rows], str]


def text_of(report: FilledReport, table: TableText, heading: str = "{}", title: str = "{}") -> str:
    """The whole report with its tables in one manner."""
    lines = [title.format(report.title), "", *report.text.preamble]
    rows = report.rows()
    for section, words in report.headings().items():
        lines += ["", heading.format(words), ""]
        if section in rows:
            lines += [table(rows[section]), ""]
        lines += report.paragraphs(section)
    return "\n".join(lines) + "\n"


def _bars(pad_spans: bool, rows: Rows) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in flattened(rows, pad_spans=pad_spans))


def _markdown(rows: Rows) -> str:
    lines = flattened(rows, pad_spans=True)
    rule = "|".join(["---"] * len(lines[0]))
    return "\n".join([f"| {' | '.join(lines[0])} |", f"|{rule}|", *(f"| {' | '.join(line)} |" for line in lines[1:])])


def _tabs(pad_spans: bool, rows: Rows) -> str:
    return "\n".join("\t".join(line) for line in flattened(rows, pad_spans=pad_spans))


def tab_separated(rows: Rows) -> str:
    """A line for each row, its cells divided by tabs."""
    return _tabs(False, rows)


def _repeated(rows: Rows) -> str:
    """What spreads over several positions printed in each of them, as some converters do."""
    return "\n".join("| " + " | ".join(cell.text for cell in _spread(line)) + " |" for line in grid(rows).rows())


def _spread(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells for _ in range(cell.column_span)]


def _cell_a_line(rows: Rows) -> str:
    return "\n".join(cell.text for row in rows for cell in row)


def _cell_a_paragraph(rows: Rows) -> str:
    return "\n\n".join(cell.text for row in rows for cell in row)


def _by_spaces(rows: Rows) -> str:
    """Columns held apart by spaces, as programs that keep a page's layout print them."""
    lines = flattened(rows, pad_spans=True)
    widths = [min(max(_width(line[column]) for line in lines), 40) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(text + " " * max(0, width - _width(text)) for text, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _make(table: TableText, expect: str, encoding: str, heading: str, title: str, rng: random.Random) -> Source:
    # Converters drop blank cells and fill lines up at their ends: a line with blanks may be shifted.
    report = fill(rng, blanks=expect == "right_or_null")
    return Source(text_of(report, table, heading, title).encode(encoding), report.truth(expect=expect))


_TEXTS: dict[str, tuple[TableText, str]] = {
    "bars-padded": (partial(_bars, True), "exact"),
    "bars": (partial(_bars, False), "exact"),
    "tabs-padded": (partial(_tabs, True), "exact"),
    "tabs": (partial(_tabs, False), "exact"),
    "bars-blanks": (partial(_bars, True), "right_or_null"),
    "tabs-blanks": (partial(_tabs, False), "right_or_null"),
    "repeated": (_repeated, "right_or_null"),
    "cell-a-line": (_cell_a_line, "right_or_null"),
    "cell-a-paragraph": (_cell_a_paragraph, "right_or_null"),
    "by-spaces": (_by_spaces, "right_or_null"),
}
for _name, (_table, _expect) in _TEXTS.items():
    add("hand", f"text-{_name}", ".txt", partial(_make, _table, _expect, "utf-8", "{}", "{}"))
add("hand", "text-tabs-gb18030", ".txt", partial(_make, partial(_tabs, False), "exact", "gb18030", "{}", "{}"))
add("hand", "text-tabs-bom", ".txt", partial(_make, partial(_tabs, True), "exact", "utf-8-sig", "{}", "{}"))
add("hand", "markdown", ".md", partial(_make, _markdown, "exact", "utf-8", "## {}", "# {}"))
add("hand", "markdown-bold", ".md", partial(_make, _markdown, "exact", "utf-8", "**{}**", "**{}**"))
