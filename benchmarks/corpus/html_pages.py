"""HTML dialects: what portals' editors, their programs and their content management make of the form."""

from __future__ import annotations

import html
import itertools
import json
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from benchmarks.corpus import markup
from benchmarks.corpus.dialects import Source, add, dialect
from benchmarks.corpus.markup import Habit, body_html, page_html, plain_page, rows_html, table_html, tables_html
from benchmarks.corpus.reports import FilledReport, fill
from parsers.readers.grid import SpanningCell
from sample.layout import disclosures_grid
from tests.parsers.html_dialects import (
    BLANKS,
    CONTAINERS,
    FIGURES,
    HEADINGS,
    HEADS,
    INLINES,
    LABELS,
    TAILS,
    UNCLOSED,
    WRAPPERS,
)
from tests.parsers.printed_forms import Rows

Damage = Callable[[Rows, random.Random], Rows]


def _exact(report: FilledReport, page: str, encoding: str = "utf-8") -> Source:
    return Source(page.encode(encoding), report.truth())


def _in(renderer_name: str) -> Callable[[Callable[[random.Random], Source]], Callable[[random.Random], Source]]:
    return dialect("hand", renderer_name, ".html")


# Inline markup -----------------------------------------------------------------------------


def _inline(name: str, rng: random.Random) -> Source:
    report = fill(rng)
    habit = Habit(label=LABELS[name], value=INLINES.get(name, INLINES["plain"]))
    return _exact(report, plain_page(report, habit))


for _name in LABELS:
    add("hand", f"html-inline-{_name}", ".html", partial(_inline, _name))


@_in("html-vertical-figures")
def _vertical_figures(rng: random.Random) -> Source:
    """A value that the editor let wrap: each digit in a span of its own, the lines joined by the browser."""
    report = fill(rng)
    return _exact(report, plain_page(report, Habit(value=lambda text: "<wbr>".join(f"<b>{c}</b>" for c in text))))


@_in("html-figures-broken-by-br")
def _broken_figures(rng: random.Random) -> Source:
    """A digit a line: 12 may be one number or two, so nothing may be read that was not printed."""
    report = fill(rng)
    page = plain_page(report, Habit(value=lambda text: "<br>".join(text)))
    return Source(page.encode(), report.truth(expect="right_or_null"))


def _figure(name: str, rng: random.Random) -> Source:
    report = fill(rng)
    # 件 glued to an amount of money is no unit of it.
    truth = report.truth(units={}) if "unit" in name else report.truth()
    return Source(plain_page(report, Habit(figure=FIGURES[name])).encode(), truth)


for _name in FIGURES:
    add("hand", f"html-figure-{_name}", ".html", partial(_figure, _name))

_SEPARATORS = {"space": " ", "nbsp": "&nbsp;", "thin": "&#8201;", "wide": "\u3000"}


def _spaced_thousands(separator: str, rng: random.Random) -> Source:
    """Thousands apart: 1 234 may be one number or two, so right or null."""
    report = fill(rng, scale="city")
    page = plain_page(report, Habit(figure=lambda text: f"{int(text):,}".replace(",", separator)))
    return Source(page.encode(), report.truth(expect="right_or_null"))


for _name, _separator in _SEPARATORS.items():
    add("hand", f"html-thousands-{_name}", ".html", partial(_spaced_thousands, _separator))


@_in("html-thousands-wide-comma")
def _wide_commas(rng: random.Random) -> Source:
    report = fill(rng, scale="city")
    return _exact(report, plain_page(report, Habit(figure=lambda text: f"{int(text):,}".replace(",", "，"))))


@_in("html-padded-zeros")
def _padded_zeros(rng: random.Random) -> Source:
    """Spaces and invisible characters around and inside of figures' cells."""
    report = fill(rng)
    return _exact(report, plain_page(report, Habit(value=lambda text: f"\u200e\u00a0{text}\u2060\u3000\ufeff")))


def _blank(markup_of_blank: str, rng: random.Random) -> Source:
    report = fill(rng)
    return _exact(report, plain_page(report, Habit(blank=markup_of_blank)))


for _number, _markup in enumerate([*BLANKS, "&emsp;", "<span style='display:none'>0</span>", "\u200b", "<p><br/></p>"]):
    add("hand", f"html-blank-{_number}", ".html", partial(_blank, _markup))


# Containers and pages ----------------------------------------------------------------------

_MORE_CONTAINERS: dict[str, Callable[[str], str]] = {
    "jpaas": lambda body: f'<div class="article-content wzzw-article" id="ivs_content">{body}</div>',
    "hanweb": lambda body: (
        f'<div class="artile_zw"><div id="zoom"><!--ZJEG_RSS.content.begin-->{body}'
        "<!--ZJEG_RSS.content.end--></div></div>"
    ),
    "hanweb-old": lambda body: (
        f'<table id="c" width="800"><tr><td><div class="bt_content">{body}</div></td></tr></table>'
    ),
    "epoint": lambda body: f'<div class="ewb-article"><div class="ewb-article-info" id="con">{body}</div></div>',
    "ucap-raw": lambda body: f'<div id="zoomcon"><UCAPCONTENT>{body}</UCAPCONTENT></div>',
    "gkmlpt-article": lambda body: f'<div class="content"><div class="article-content"><div>{body}</div></div></div>',
}


def _container(name: str, rng: random.Random) -> Source:
    report = fill(rng)
    hold = {**CONTAINERS, **_MORE_CONTAINERS}[name]
    inner = body_html(report, tables_html(report, Habit()), heading=rng.choice(HEADINGS[:5]))
    tail = "".join(rng.sample(TAILS, 3))
    head = "".join(rng.sample(HEADS, 2))
    held = hold(inner + (tail if name in UNCLOSED else ""))
    closing = "" if name in _MORE_CONTAINERS else "</div></div>" if name == "unknown" else "</div>"
    title = f"<h1>{html.escape(report.title)}</h1>"
    body = f"{head}{title}{held}{closing}{'' if name in UNCLOSED else tail}"
    return _exact(report, page_html(report, body, title=""))


for _name in (*CONTAINERS, *_MORE_CONTAINERS):
    add("hand", f"html-container-{_name}", ".html", partial(_container, _name))


def _heading(number: int, rng: random.Random) -> Source:
    report = fill(rng)
    return _exact(report, page_html(report, body_html(report, tables_html(report, Habit()), heading=HEADINGS[number])))


for _number in range(len(HEADINGS)):
    add("hand", f"html-heading-{_number}", ".html", partial(_heading, _number))


@_in("html-page-break-in-table")
def _page_break_in_table(rng: random.Random) -> Source:
    """Pages split for the reader by ``#PAGE_BREAK#``, table 三 in the middle."""
    report = fill(rng)
    tables = tables_html(report, Habit())
    rows = report.rows()[3]
    tables[3] = "<p>#PAGE_BREAK#</p>".join(table_html(part, Habit()) for part in markup.split(rows, len(rows) // 2))
    return _exact(report, page_html(report, body_html(report, tables)))


def _in_config(escaped: bool, rng: random.Random) -> Source:
    report = fill(rng)
    body = body_html(report, tables_html(report, Habit(value=INLINES["word"], label=LABELS["word"])))
    stated = {"id": 1, "title": report.title, "publisher": report.printed_organ, "content": body}
    detail = json.dumps(stated, ensure_ascii=escaped)
    if escaped:
        detail = detail.replace("<", "\\u003C").replace(">", "\\u003E").replace("&", "\\u0026")
    detail = detail.replace("</script", "<\\/script")
    script = f"<script>window._CONFIG = {{ APP_URL:'http://x', SID: '755041', DETAIL: {detail}, X: 1 }}</script>"
    return _exact(report, page_html(report, "<div id='app'></div>", title="", head=script, metas=False))


add("hand", "html-config-detail", ".html", partial(_in_config, False))
add("hand", "html-config-detail-escaped", ".html", partial(_in_config, True))

_VIEWERS = {
    "iframe": '<iframe src="./{file}" width="100%" height="900"></iframe>',
    "pdfjs": '<iframe src="/pdfjs/web/viewer.html?file=%2Fattach%2F{file}"></iframe>',
    "data-value": '<div id="pdfshow" data-value="/attach/0/{file}"></div>',
    "object": '<object data="{file}" type="application/pdf"><p>您的浏览器不支持</p></object>',
    "embed": '<embed src="{file}" type="application/pdf">',
    "link": '<p>附件：<a href="./{file}" title="{title}.pdf">{title}.pdf</a></p>',
    "script": "<script>var pdf = '/attach/{file}'; PDFObject.embed(pdf, '#show');</script><div id='show'></div>",
}


def _only_shows_file(name: str, rng: random.Random) -> Source:
    report = fill(rng)
    file = f"P0{report.year + 1}01{rng.randint(10**10, 10**11)}.pdf"
    viewer = _VIEWERS[name].format(file=file, title=html.escape(report.title))
    page = page_html(
        report, f"<div class='info'>发布时间：{markup.published(report)}</div><div id='zoom'>{viewer}</div>"
    )
    return Source(page.encode(), report.truth(expect="refused", reasons=("attachment_only",), names=file, cells={}))


for _name in _VIEWERS:
    add("hand", f"html-shows-file-{_name}", ".html", partial(_only_shows_file, _name))


# Tables among tables -----------------------------------------------------------------------


def _wrapped(number: int, rng: random.Random) -> Source:
    report = fill(rng)
    tables = {section: WRAPPERS[number](table) for section, table in tables_html(report, Habit()).items()}
    return _exact(report, page_html(report, body_html(report, tables)))


for _number in range(len(WRAPPERS)):
    add("hand", f"html-layout-{_number}", ".html", partial(_wrapped, _number))


@_in("html-layout-page")
def _layout_page(rng: random.Random) -> Source:
    """Nested layout tables, as pages were built: navigation in one cell, the article in another."""
    report = fill(rng)
    inner = body_html(report, tables_html(report, Habit(quotes=False, close_cells=False, sections="")))
    menu = "".join(
        f"<tr><td><a href='/{n}/'>{text}</a></td></tr>" for n, text in enumerate(("首页", "公开指南", "年报"))
    )
    page = (
        f"<table width=1000><tr><td colspan=2><table><tr><td>您的位置：首页 > 年报</td></tr></table></td></tr>"
        f"<tr><td width=200><table>{menu}</table></td><td><table width=98%><tr><td align=center>"
        f"<b>{html.escape(report.title)}</b></td></tr><tr><td>{inner}</td></tr></table></td></tr>"
        "<tr><td colspan=2>主办单位：某某市　备案号：00000000</td></tr></table>"
    )
    return _exact(report, page_html(report, page, title=""))


@_in("html-split-tables")
def _split_tables(rng: random.Random) -> Source:
    """Each table cut in two at any row below its heads."""
    report = fill(rng)
    tables = {}
    for section, rows in report.rows().items():
        parts = markup.split(rows, rng.randint(markup.heads_of(rows), len(rows) - 1))
        tables[section] = "<p>&nbsp;</p>".join(table_html(part, Habit()) for part in parts)
    return _exact(report, page_html(report, body_html(report, tables)))


@_in("html-split-in-many")
def _split_in_many(rng: random.Random) -> Source:
    """Table 二 as one table for each article, table 三 as one for heads and one for each three rows."""
    report = fill(rng)
    rows = report.rows()
    starts = [index for index, row in enumerate(rows[2]) if len(row) == 1] + [len(rows[2])]
    blocks = [rows[2][start:end] for start, end in itertools.pairwise(starts)]
    tables = tables_html(report, Habit())
    tables[2] = "".join(table_html(block, Habit()) for block in blocks)
    rest = rows[3]
    parts: list[Rows] = []
    while len(rest) > 6:
        head, rest = markup.split(rest, 3 if parts else 6)
        parts.append(head)
    tables[3] = "\n".join(table_html(part, Habit()) for part in [*parts, rest])
    return _exact(report, page_html(report, body_html(report, tables)))


def _repeated_heads(blanks: bool, rng: random.Random) -> Source:
    """Table 三 printed by pages: its heads again in the middle, without the groups that the cut took away.

    The row below the cut has lost its first cells; with blanks in it, it may have lost others.
    """
    report = fill(rng, blanks=blanks)
    rows = report.rows()[3]
    above, below = markup.split(rows, rng.randint(8, len(rows) - 4))
    tables = tables_html(report, Habit())
    tables[3] = table_html(above, Habit()) + table_html([*rows[:3], *below], Habit())
    page = page_html(report, body_html(report, tables))
    return Source(page.encode(), report.truth(expect="right_or_null" if blanks else "exact"))


add("hand", "html-heads-repeated", ".html", partial(_repeated_heads, False))
add("hand", "html-heads-repeated-blanks", ".html", partial(_repeated_heads, True))


@_in("html-merged-tables")
def _merged_tables(rng: random.Random) -> Source:
    """All three tables as one, each on its own columns."""
    report = fill(rng)
    rows = report.rows()
    merged = table_html([*rows[2], *rows[3], *rows[4]], Habit())
    return _exact(report, page_html(report, body_html(report, {2: merged})))


@_in("html-all-in-one-table")
def _all_in_one_table(rng: random.Random) -> Source:
    """Headings, prose and tables as rows of one table."""
    report = fill(rng)
    lines = []
    rows = report.rows()
    for section, text in report.headings().items():
        lines.append(f"<tr><td colspan=15>{text}</td></tr>")
        if prose := "".join(f"<p>{html.escape(line)}</p>" for line in report.paragraphs(section)):
            lines.append(f"<tr><td colspan=15>{prose}</td></tr>")
        if section in rows:
            lines.append(rows_html(rows[section], Habit()))
    return _exact(report, page_html(report, f"<table border=1>{''.join(lines)}</table>"))


@_in("html-thead")
def _thead(rng: random.Random) -> Source:
    report = fill(rng)
    return _exact(report, plain_page(report, Habit(sections="thead")))


@_in("html-cells-unclosed")
def _unclosed(rng: random.Random) -> Source:
    report = fill(rng)
    return _exact(report, plain_page(report, Habit(close_cells=False, sections="", quotes=False)))


@_in("html-blank-columns")
def _blank_columns(rng: random.Random) -> Source:
    """A column without text between labels and figures, spanned by none, as pasted from spreadsheets."""
    report = fill(rng)
    rows = report.rows()
    gap = SpanningCell("")
    body = [[*row[:-7], gap, *row[-7:]] for row in rows[3][3:]]
    wide = [[replace(rows[3][0][0], column_span=4), *rows[3][0][1:]], *rows[3][1:3], *body]
    tables = tables_html(report, Habit())
    tables[3] = table_html(wide, Habit())
    return _exact(report, page_html(report, body_html(report, tables)))


@_in("html-2019-misaligned")
def _misaligned(rng: random.Random) -> Source:
    """Heads of table 二 on other columns than the numbers below: their order alone tells."""
    report = fill(rng, editions=("2019", rng.choice(("2019", "2021"))))
    from parsers.report import Report

    stub = Report("", 0, "", disclosures_edition="2019", disclosures=report.readings["disclosures"])
    rows = [
        [SpanningCell(cell.text, cell.row_span, cell.column_span) for cell in row]
        for row in disclosures_grid(stub, misaligned=True).rows()
    ]
    tables = tables_html(report, Habit())
    tables[2] = table_html(rows, Habit())
    return _exact(report, page_html(report, body_html(report, tables)))


@_in("html-word-ghost-rows")
def _ghost_rows(rng: random.Random) -> Source:
    """Word's own pages: comments for its browsers, below each table a row without height that sets widths."""
    report = fill(rng)
    tables = {}
    for section, rows in report.rows().items():
        width = sum(cell.column_span for cell in rows[0])
        ghost = "".join(f'<td width={rng.randint(20, 90)} style="border:none"></td>' for _ in range(width))
        habit = Habit(label=LABELS["word"], value=INLINES["word"], blank="<p class=MsoNormal><o:p>&nbsp;</o:p></p>")
        table = table_html(rows, habit)
        end = f"<![if !supportMisalignedColumns]><tr height=0>{ghost}</tr><![endif]></tbody></table>"
        tables[section] = table.replace("</tbody></table>", end)
    head = "<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]-->"
    return _exact(report, page_html(report, body_html(report, tables), head=head))


def _jittered_columns(blanks: bool, rng: random.Random) -> Source:
    """Rows whose columns miss those of other rows by a little: the order of the cells tells, their columns do not.

    Read by order they are right, unless a cell is missing and another one too many, so null is no fault.
    """
    report = fill(rng, blanks=blanks)
    tables = {}
    for section, rows in report.rows().items():
        heads = markup.heads_of(rows)
        wide = [[replace(cell, column_span=2 * cell.column_span) for cell in row] for row in rows]
        for row in wide[heads:]:
            at = rng.randrange(1, max(len(row), 2))
            if len(row) > 2 and row[at].row_span == row[at - 1].row_span == 1:
                row[at - 1] = replace(row[at - 1], column_span=row[at - 1].column_span + 1)
                row[at] = replace(row[at], column_span=row[at].column_span - 1)
        tables[section] = table_html(wide, Habit())
    page = page_html(report, body_html(report, tables))
    return Source(page.encode(), report.truth(expect="right_or_null"))


add("hand", "html-columns-jittered", ".html", partial(_jittered_columns, False))
add("hand", "html-columns-jittered-blanks", ".html", partial(_jittered_columns, True))


# Damage: information is lost, so right or null ------------------------------------------------


def _damaged(damage: Damage, rng: random.Random) -> Source:
    report = fill(rng)
    tables = {section: table_html(damage(rows, rng), Habit()) for section, rows in report.rows().items()}
    page = page_html(report, body_html(report, tables))
    return Source(page.encode(), report.truth(expect="right_or_null"))


def _each_cell(change: Callable[[SpanningCell, random.Random], SpanningCell]) -> Damage:
    def damage(rows: Rows, rng: random.Random) -> Rows:
        return [[change(cell, rng) if rng.random() < 0.08 else cell for cell in row] for row in rows]

    return damage


def _other_rowspan(cell: SpanningCell, rng: random.Random) -> SpanningCell:
    return replace(cell, row_span=rng.choice((0, 1, cell.row_span + 1, cell.row_span + 2)))


def _other_colspan(cell: SpanningCell, rng: random.Random) -> SpanningCell:
    return replace(cell, column_span=max(1, cell.column_span + rng.choice((-1, 1, 2))))


def _without_heads(rows: Rows, rng: random.Random) -> Rows:
    gone = rng.randrange(markup.heads_of(rows))
    return rows[:gone] + rows[gone + 1 :]


def _without_any_heads(rows: Rows, rng: random.Random) -> Rows:
    return rows[markup.heads_of(rows) :]


def _without_cells(rows: Rows, rng: random.Random) -> Rows:
    damaged = []
    for row in rows:
        cells = list(row)
        if rng.random() < 0.12:
            del cells[rng.randrange(len(cells))]
        damaged.append(cells)
    return damaged


def _without_first_cells(rows: Rows, rng: random.Random) -> Rows:
    return [row[1:] if rng.random() < 0.15 else row for row in rows]


def _without_group_cells(rows: Rows, rng: random.Random) -> Rows:
    return [[cell for cell in row if cell.row_span < 2 or index < 3] for index, row in enumerate(rows)]


def _with_more_cells(rows: Rows, rng: random.Random) -> Rows:
    damaged = []
    for row in rows:
        cells = list(row)
        if rng.random() < 0.12:
            cells.insert(rng.randint(0, len(cells)), SpanningCell(""))
        damaged.append(cells)
    return damaged


def _rows_doubled(rows: Rows, rng: random.Random) -> Rows:
    return [row for row in rows for _ in range(2 if rng.random() < 0.08 else 1)]


def _rows_swapped(rows: Rows, rng: random.Random) -> Rows:
    heads = markup.heads_of(rows)
    at = rng.randrange(heads, max(heads + 1, len(rows) - 1))
    swapped = list(rows)
    swapped[at : at + 2] = reversed(swapped[at : at + 2])
    return swapped


def _figures_shifted_down(rows: Rows, rng: random.Random) -> Rows:
    """Labels of a group in one cell with line breaks, and so the figures of each column."""
    return [[replace(cell, text=f"{cell.text}\n") for cell in row] for row in rows]


_DAMAGES: dict[str, Damage] = {
    "rowspans": _each_cell(_other_rowspan),
    "colspans": _each_cell(_other_colspan),
    "no-spans": lambda rows, rng: markup.ragged(rows),
    "head-row-missing": _without_heads,
    "heads-missing": _without_any_heads,
    "cells-missing": _without_cells,
    "first-cells-missing": _without_first_cells,
    "group-cells-missing": _without_group_cells,
    "cells-added": _with_more_cells,
    "rows-doubled": _rows_doubled,
    "rows-swapped": _rows_swapped,
}
for _name, _damage in _DAMAGES.items():
    add("hand", f"html-damaged-{_name}", ".html", partial(_damaged, _damage))


@_in("html-blanks-dropped")
def _blanks_dropped(rng: random.Random) -> Source:
    """Empty cells lost by a converter: what is left has no known column."""
    report = fill(rng)
    tables = {
        section: table_html([[cell for cell in row if cell.text] for row in rows], Habit())
        for section, rows in report.rows().items()
    }
    page = page_html(report, body_html(report, tables))
    return Source(page.encode(), report.truth(expect="right_or_null"))


# Encodings ---------------------------------------------------------------------------------


def _encoded(encoding: str, declared: str | None, rng: random.Random) -> Source:
    report = fill(rng)
    return _exact(report, plain_page(report, charset=declared), encoding)


for _encoding, _declared in (
    ("gb18030", "gb2312"),
    ("gb18030", "utf-8"),
    ("gb18030", None),
    ("utf-8", "gb2312"),
    ("utf-8-sig", None),
    ("utf-16", "utf-8"),
):
    add("hand", f"html-encoded-{_encoding}-as-{_declared}", ".html", partial(_encoded, _encoding, _declared))


def _byte_cut_off(encoding: str, rng: random.Random) -> Source:
    """A page that ends in the middle of a character, after the report."""
    report = fill(rng)
    page = plain_page(report, charset=encoding).removesuffix("</body></html>") + "<p>版权所有</p>"
    payload = page.encode(encoding)
    return Source(payload[: payload.rindex("有".encode(encoding)) + 1], report.truth())


def _byte_lost(encoding: str, rng: random.Random) -> Source:
    """A byte lost in the prose, as by a template that shortens summaries by bytes."""
    report = fill(rng)
    payload = plain_page(report, charset=encoding).encode(encoding)
    lines = payload.split(b"\n")
    at = next(index for index, line in enumerate(lines) if "成效".encode(encoding) in line and b"<td" not in line)
    line = lines[at]
    middle = line.index("成效".encode(encoding))
    lines[at] = line[:middle] + line[middle + 1 :]
    return Source(b"\n".join(lines), report.truth())


add("hand", "html-byte-lost-utf-8", ".html", partial(_byte_lost, "utf-8"))
add("hand", "html-byte-lost-gb18030", ".html", partial(_byte_lost, "gb18030"))
add("hand", "html-byte-cut-off-utf-8", ".html", partial(_byte_cut_off, "utf-8"))
add("hand", "html-byte-cut-off-gb18030", ".html", partial(_byte_cut_off, "gb18030"))


# Everything at once ---------------------------------------------------------------------------


def mixed_page(rng: random.Random, report: FilledReport) -> str:
    """A page in a random mixture of habits none of which loses anything."""
    name = rng.choice(sorted(INLINES))
    habit = Habit(
        label=LABELS[rng.choice(sorted(LABELS))],
        value=INLINES[name],
        figure=FIGURES[rng.choice(sorted(FIGURES))],
        blank=rng.choice(BLANKS),
        close_cells=rng.random() < 0.8,
        sections=rng.choice(("tbody", "", "thead")),
        quotes=rng.random() < 0.5,
    )
    tables = {}
    for section, rows in report.rows().items():
        parts = [rows]
        if rng.random() < 0.3:
            parts = markup.split(rows, rng.randint(markup.heads_of(rows), len(rows) - 1))
        wrap = rng.choice(WRAPPERS)
        tables[section] = "<p>&nbsp;</p>".join(wrap(table_html(part, habit)) for part in parts)
    body = body_html(report, tables, heading=rng.choice(HEADINGS))
    hold = CONTAINERS[rng.choice(sorted(set(CONTAINERS) - UNCLOSED))]
    return page_html(report, f"<h1>{html.escape(report.title)}</h1>{hold(body)}</div>", title="")


@_in("html-mixed")
def _mixed(rng: random.Random) -> Source:
    report = fill(rng)
    return Source(mixed_page(rng, report).encode(), report.truth(units={}))
