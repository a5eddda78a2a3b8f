"""Pages printed to PDF by browsers' engines: rules, breaks, directions and fills of many sorts."""

from __future__ import annotations

import html
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.corpus import markup
from benchmarks.corpus.dialects import Source, add
from benchmarks.corpus.markup import Habit, body_html, page_html, table_html
from benchmarks.corpus.reports import FilledReport, fill
from tests.parsers.printed_forms import cut

_BASE = """
@page { size: A4; margin: 25mm 22mm; }
body { font-family: 'Noto Serif CJK SC', 'WenQuanYi Zen Hei', serif; font-size: 12pt; line-height: 1.5; }
h1 { text-align: center; font-size: 18pt; }
table { border-collapse: collapse; width: 100%; font-size: 9pt; }
td, th { border: 0.75pt solid black; padding: 2pt; text-align: center; font-weight: normal; }
"""
Tables = Callable[[FilledReport, Habit], dict[int, str]]


@dataclass(frozen=True, slots=True)
class Printing:
    """One way to print: CSS beyond the usual, habits of the tables, and what stands before the report."""

    css: str = ""
    habit: Habit = field(default_factory=Habit)
    before: str = ""
    tables: Tables = markup.tables_html
    expect: str = "exact"


def _cut_at_pages(report: FilledReport, habit: Habit) -> dict[int, str]:
    """Each table goes on, on a new page, as another table that lacks its top rule."""
    tables = {}
    for section, rows in report.rows().items():
        at = max(markup.heads_of(rows), len(rows) // 2)
        if at >= len(rows):
            tables[section] = table_html(rows, habit)
            continue
        above, below = (table_html(part, habit) for part in cut(rows, at))
        tables[section] = f"{above}<div style='break-before: page'></div>{below}"
    return tables


_SMALL_PAGE = "@page { size: A4; margin: 30mm 20mm 90mm 20mm; }"
_LETTER = (
    "<p>关于报送政府信息公开工作年度报告的函</p><p>市政务公开办：</p>"
    "<p>　　现将我单位政府信息公开工作年度报告随函报送，请审阅。</p><div style='break-after: page'></div>"
)
PRINTINGS: dict[str, Printing] = {
    "plain": Printing(),
    "short-pages": Printing(_SMALL_PAGE),
    "short-pages-heads": Printing(_SMALL_PAGE, Habit(sections="thead")),
    "rows-split": Printing(_SMALL_PAGE + "tr { break-inside: auto; } td { padding: 6pt 2pt; }"),
    "rows-whole": Printing(_SMALL_PAGE + "tr { break-inside: avoid; }"),
    "no-last-rule": Printing("table { border-bottom: none; } tr:last-child td { border-bottom: none; }"),
    "cut-at-pages": Printing(tables=_cut_at_pages),
    "cut-open": Printing("tr:last-child td { border-bottom: none; }", tables=_cut_at_pages),
    "horizontal-rules": Printing("td, th { border-left: none; border-right: none; }"),
    "no-rules": Printing("td, th { border: none; }"),
    "outer-rule": Printing("td, th { border: none; } table { border: 1pt solid black; }"),
    "fills": Printing(
        "tr:nth-child(odd) td { background: #eee; } p { background: #ffd; } td { background-clip: border-box; }"
    ),
    "fills-text": Printing(habit=Habit(value=lambda text: f"<span style='background:#fff'>{text}</span>")),
    "fills-for-rules": Printing(
        "table { border-collapse: separate; border-spacing: 0.75pt; background: black; }"
        "td, th { border: none; background: white; }"
    ),
    "dashed": Printing("td, th { border: 0.5pt dashed #555; }"),
    "dotted": Printing("td, th { border: 0.75pt dotted black; }"),
    "double": Printing("table { border: 3pt double black; } td, th { border: 0.75pt solid black; }"),
    "separate-borders": Printing("table { border-collapse: separate; border-spacing: 2pt; }"),
    "hairlines": Printing("td, th { border-width: 0.1pt; border-color: #bbb; }"),
    "landscape": Printing("@page { size: A4 landscape; }"),
    "vertical-groups": Printing("td[rowspan] { writing-mode: vertical-rl; }"),
    "letter-spacing": Printing("td { letter-spacing: 2pt; }"),
    "tight": Printing("table { font-size: 6pt; } td { padding: 0; line-height: 1; }"),
    "justified": Printing("td { text-align: justify; text-align-last: justify; }"),
    "right-aligned": Printing("td { text-align: right; }"),
    "left-aligned": Printing("td { text-align: left; }"),
    "top-aligned": Printing("td { vertical-align: top; }"),
    # Wide digits are broken over lines in narrow columns, and then look like figures below each other.
    "wide-digits": Printing(
        habit=Habit(figure=lambda text: text.translate(str.maketrans("0123456789", "０１２３４５６７８９"))),
        expect="right_or_null",
    ),
    "hidden-text": Printing(
        habit=Habit(value=lambda text: f"{text}<span style='color:white;font-size:1pt'>7</span>"),
        expect="right_or_null",
    ),
    "covering-letter": Printing(before=_LETTER),
    "page-numbers": Printing(
        _SMALL_PAGE + "@page { @bottom-center { content: '— ' counter(page) ' —'; font-size: 10pt; } }"
    ),
    "watermark": Printing(
        "body::before { content: '内部资料'; position: fixed; top: 40%; left: 20%; font-size: 60pt;"
        " color: rgba(200,0,0,.2); transform: rotate(-30deg); }"
    ),
}


def source_page(report: FilledReport, printing: Printing) -> str:
    """The page that is printed."""
    tables = printing.tables(report, printing.habit)
    body = f"{printing.before}<h1>{html.escape(report.title)}</h1>{body_html(report, tables)}"
    return page_html(report, body, title="", head=f"<style>{_BASE}{printing.css}</style>")


def _make(printing: Printing) -> Callable[[random.Random], Source]:
    def make(rng: random.Random) -> Source:
        report = fill(rng)
        return Source(source_page(report, printing).encode(), report.truth(expect=printing.expect))

    return make


def _two_reports(rng: random.Random) -> Source:
    first, second = fill(rng), fill(rng)
    while second.organ.name == first.organ.name:
        second = fill(rng)
    pages = [
        f"<h1>{html.escape(report.title)}</h1>{body_html(report, markup.tables_html(report, Habit()))}"
        for report in (first, second)
    ]
    body = "<div style='break-after: page'></div>".join(pages)
    page = page_html(first, body, title="", head=f"<style>{_BASE}</style>")
    return Source(page.encode(), first.truth(expect="refused", reasons=("several_reports",), cells={}))


for _engine in ("chromium", "weasyprint"):
    for _name, _printing in PRINTINGS.items():
        add(_engine, f"pdf-{_name}", ".pdf", _make(_printing))
    add(_engine, "pdf-two-reports", ".pdf", _two_reports)
