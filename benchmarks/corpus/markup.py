"""Reports as HTML: the inline habits of editors' programs, shared with the parsers' tests, on filled reports."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from benchmarks.corpus.reports import FilledReport
from parsers.readers.grid import SpanningCell
from tests.parsers.html_dialects import FIGURES, INLINES, LABELS, escape
from tests.parsers.printed_forms import Rows

Inline = Callable[[str], str]
_FIGURE = re.compile(r"[增减+-]?\d+(?:\.\d+)?(?:万元|元)?")
MASK = "<style>.mask{display:none}</style>"


@dataclass(frozen=True, slots=True)
class Habit:
    """How an editor's program marks up a table.

    ``label``, ``value`` and ``figure`` name entries of the tests' ``LABELS``, ``INLINES`` and
    ``FIGURES``; ``blank`` is the markup of an empty cell. ``paragraph`` wraps a line of prose.
    """

    label: Inline = LABELS["plain"]
    value: Inline = INLINES["plain"]
    figure: Inline = FIGURES["plain"]
    blank: str = "&nbsp;"
    table: str = 'border="1" cellspacing="0"'
    close_cells: bool = True
    sections: str = "tbody"
    spans: bool = True
    quotes: bool = True
    paragraph: Inline = lambda text: f"<p>{escape(text)}</p>"


def is_figure(text: str) -> bool:
    """Whether the text of a cell is a number as printed, with sign or unit."""
    return _FIGURE.fullmatch(text) is not None


def cell_html(cell: SpanningCell, habit: Habit, tag: str = "td") -> str:
    """One cell."""
    text = cell.text
    if not text.strip():
        inner = habit.blank
    elif is_figure(text):
        inner = habit.value(habit.figure(text) if text.isdigit() else text)
    elif len(text) == 1:
        inner = habit.value(text)
    else:
        inner = habit.label(text)
    spans = ""
    if habit.spans:
        quote = '"' if habit.quotes else ""
        for name, value in (("rowspan", cell.row_span), ("colspan", cell.column_span)):
            if value != 1:
                spans += f" {name}={quote}{value}{quote}"
    return f"<{tag}{spans}>{inner}" + (f"</{tag}>" if habit.close_cells else "")


def rows_html(rows: Rows, habit: Habit, tag: str = "td") -> str:
    """The ``tr`` elements."""
    end = "</tr>\n" if habit.close_cells else "\n"
    return "".join(f"<tr>{''.join(cell_html(cell, habit, tag) for cell in row)}{end}" for row in rows)


def heads_of(rows: Rows) -> int:
    """How many rows of heads a table of the form has."""
    return 3 if rows[0][0].row_span == 3 or rows[0][0].column_span == 5 else 2


def table_html(rows: Rows, habit: Habit) -> str:
    """A ``table`` element; ``habit.sections`` is 'tbody', 'thead' (heads apart, as ``th``), or ''."""
    if habit.sections == "thead":
        at = heads_of(rows)
        body = f"<thead>{rows_html(rows[:at], habit, 'th')}</thead><tbody>{rows_html(rows[at:], habit)}</tbody>"
    elif habit.sections:
        body = f"<tbody>{rows_html(rows, habit)}</tbody>"
    else:
        body = rows_html(rows, habit)
    return f"<table {habit.table}>{body}</table>"


def split(rows: Rows, at: int) -> list[Rows]:
    """A table cut in two by an editor: what spans over the cut is cut off, not repeated."""
    head = [[replace(c, row_span=min(c.row_span, at - index)) for c in row] for index, row in enumerate(rows[:at])]
    return [head, [list(row) for row in rows[at:]]]


def tables_html(report: FilledReport, habit: Habit) -> dict[int, str]:
    """The three tables by section."""
    return {section: table_html(rows, habit) for section, rows in report.rows().items()}


def body_html(
    report: FilledReport,
    tables: dict[int, str],
    *,
    heading: Inline = lambda text: f"<p><strong>{escape(text)}</strong></p>",
    paragraph: Inline = lambda text: f"<p>{escape(text)}</p>",
    preamble: bool = True,
) -> str:
    """The report's body: preamble, headings, prose and tables."""
    parts = [paragraph(text) for text in report.text.preamble] if preamble else []
    for section, text in report.headings().items():
        parts.append(heading(text))
        if section in tables:
            parts.append(tables[section])
        parts += [paragraph(line) for line in report.paragraphs(section)]
    return "\n".join(parts)


def page_html(
    report: FilledReport,
    body: str,
    *,
    charset: str | None = "utf-8",
    title: str | None = None,
    head: str = "",
    metas: bool = True,
) -> str:
    """A whole page; ``title`` is the markup of the visible title, '' for none."""
    declared = f'<meta charset="{charset}">' if charset else ""
    name = escape(report.title)
    stated = f'<meta name="ArticleTitle" content="{name}"><meta name="PubDate" content="{published(report)} 09:30">'
    visible = f"<h1>{name}</h1>" if title is None else title
    return (
        f"<!DOCTYPE html><html><head>{declared}<title>{name}</title>{stated if metas else ''}{MASK}{head}</head>"
        f"<body>{visible}{body}</body></html>"
    )


def published(report: FilledReport) -> str:
    """A date of publication that fits the report's year."""
    return f"{report.year + 1}-01-20"


def plain_page(report: FilledReport, habit: Habit | None = None, charset: str | None = "utf-8") -> str:
    """A whole page in one habit."""
    habit = habit or Habit()
    return page_html(report, body_html(report, tables_html(report, habit), paragraph=habit.paragraph), charset=charset)


def ragged(rows: Sequence[Sequence[SpanningCell]]) -> Rows:
    """The rows without any span, as converters leave them."""
    return [[SpanningCell(cell.text) for cell in row] for row in rows]
