"""The form's tables as a portal might print them, from figures that the test knows.

Rows are lists of spanning cells; :func:`grid` lays them out as HTML and Word do,
:func:`flattened` as text renderings do, :func:`to_html` and :func:`to_text` print them.
Figures are given as printed text, '' for a blank, by row and column code.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

from parsers import forms
from parsers.document import Cell, Document, Table
from parsers.readers.grid import SpanningCell, lay_out

Rows = list[list[SpanningCell]]
Figures = dict[str, dict[str, str]]


def cell(text: str, down: int = 1, right: int = 1) -> SpanningCell:
    return SpanningCell(text, down, right)


def items(edition: str) -> list[tuple[str, tuple[str, ...]]]:
    """Items of table 二 with their measures, in printed order."""
    return [(item, group.measures) for group in forms.editions()[edition].disclosures for item in group.items]


def zero_figures(edition: str, value: str = "0") -> dict[str, Figures]:
    """Figures of all three tables, all the same."""
    return {
        "disclosures": {item: dict.fromkeys(measures, value) for item, measures in items(edition)},
        "requests": {row: dict.fromkeys(forms.APPLICANTS, value) for row in forms.editions()[edition].request_rows()},
        "reviews": {proceeding: dict.fromkeys(forms.OUTCOMES, value) for proceeding in forms.PROCEEDINGS},
    }


def measure_label(measure: str, item: str) -> str:
    if measure == "amount":
        return "采购总金额" if item == "procurement" else "本年收费金额（单位：万元）"
    if measure == "decisions" and item in ("other_services",):
        return "处理决定数量"
    return forms.MEASURES[measure].zh


def disclosure_rows(edition: str, figures: Figures) -> Rows:
    """Table 二 on four columns; blocks with fewer measures stretch the last one."""
    rows: Rows = []
    for group in forms.editions()[edition].disclosures:
        last = 4 - len(group.measures)
        spans = [1] * (len(group.measures) - 1) + [last]
        rows.append([cell(group.article, 1, 4)])
        heads = [measure_label(measure, group.items[0]) for measure in group.measures]
        rows.append([cell("信息内容"), *(cell(head, 1, span) for head, span in zip(heads, spans, strict=True))])
        for item in group.items:
            values = [figures[item][measure] for measure in group.measures]
            rows.append(
                [cell(forms.ITEMS[item].zh), *(cell(value, 1, span) for value, span in zip(values, spans, strict=True))]
            )
    return rows


def request_rows(edition: str, figures: Figures) -> Rows:
    """Table 三 on ten columns: three for labels, seven for applicants."""
    applicants = [forms.APPLICANTS[code].zh for code in forms.APPLICANTS]
    rows: Rows = [
        [
            cell("（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）", 3, 3),
            cell("申请人情况", 1, 7),
        ],
        [cell(applicants[0], 2, 1), cell("法人或其他组织", 1, 5), cell(applicants[6], 2, 1)],
        [cell(text) for text in applicants[1:6]],
    ]
    wanted = forms.editions()[edition].request_rows()
    results = [row for row in wanted if forms.REQUEST_ROWS[row].group]
    seen: set[str] = set()
    for row in wanted:
        label = forms.REQUEST_ROWS[row]
        values = [cell(figures[row][applicant]) for applicant in forms.APPLICANTS]
        if label.group is None:
            rows.append([cell(f"{label.enumerator}、{label.zh}", 1, 3), *values])
            continue
        leading = [cell("三、本年度办理结果", len(results), 1)] if "results" not in seen else []
        seen.add("results")
        if label.group == "results":
            leading.append(cell(f"{label.enumerator}{label.zh}", 1, 2))
        else:
            if label.group not in seen:
                seen.add(label.group)
                group = forms.REQUEST_GROUPS[label.group]
                size = sum(forms.REQUEST_ROWS[other].group == label.group for other in wanted)
                leading.append(cell(f"{group.enumerator}{group.zh}", size, 1))
            leading.append(cell(f"{label.enumerator}{label.zh}"))
        rows.append([*leading, *values])
    return rows


def review_rows(figures: Figures) -> Rows:
    """Table 四 on fifteen columns."""
    outcomes = [label.zh for label in forms.OUTCOMES.values()]
    names = [label.zh for label in forms.PROCEEDINGS.values()]
    return [
        [cell(names[0], 1, 5), cell("行政诉讼", 1, 10)],
        [*(cell(text, 2, 1) for text in outcomes), cell(names[1], 1, 5), cell(names[2], 1, 5)],
        [cell(text) for text in outcomes * 2],
        [cell(figures[p][outcome]) for p in forms.PROCEEDINGS for outcome in forms.OUTCOMES],
    ]


def all_rows(figures: dict[str, Figures], disclosures_edition: str, requests_edition: str) -> list[Rows]:
    """The three tables."""
    return [
        disclosure_rows(disclosures_edition, figures["disclosures"]),
        request_rows(requests_edition, figures["requests"]),
        review_rows(figures["reviews"]),
    ]


def grid(rows: Rows, number: int = 1) -> Table:
    """An aligned table."""
    return lay_out(rows, number)


def unaligned(rows: Sequence[Sequence[str]]) -> Table:
    """A table of a text rendering: cells in the order of the line, columns meaningless."""
    cells = [Cell(text, row, column) for row, texts in enumerate(rows) for column, text in enumerate(texts)]
    return Table(cells, aligned=False)


def flattened(rows: Rows, *, pad_spans: bool) -> list[list[str]]:
    """Lines of cell texts: spanned positions dropped, or kept as blanks."""
    if not pad_spans:
        return [[spanning.text for spanning in row] for row in rows]
    table = grid(rows)
    lines = [[""] * table.column_count for _ in range(table.row_count)]
    for placed in table.cells:
        lines[placed.row][placed.column] = placed.text
    return lines


def cut(rows: Rows, at: int) -> tuple[Rows, Rows]:
    """Cut a table before row ``at`` as a page break does: spans go on in blank cells."""
    table = grid(rows)
    head: Rows = []
    tail: Rows = []
    for index, placed in enumerate(table.rows()):
        if index < at:
            head.append([cell(c.text, min(c.row_span, at - c.row), c.column_span) for c in placed if c.row == index])
        else:
            tail.append(
                [
                    cell(c.text if c.row == index else "", c.row + c.row_span - index, c.column_span)
                    for c in placed
                    if c.row == index or (index == at and c.row < at)
                ]
            )
    return head, tail


def to_html(rows: Rows) -> str:
    """A table element."""
    lines = [
        "<tr>"
        + "".join(f'<td rowspan="{c.row_span}" colspan="{c.column_span}">{html.escape(c.text)}</td>' for c in row)
        + "</tr>"
        for row in rows
    ]
    return f'<table border="1">{"".join(lines)}</table>'


def to_text(lines: Sequence[Sequence[str]]) -> str:
    """Pipe-separated lines."""
    return "".join(f"| {' | '.join(texts)} |\n" for texts in lines)


def document(*tables: Table) -> Document:
    return Document("text/html", blocks=list(tables))


def page(title: str, figures: dict[str, Figures], edition: str = "2021", *, published: str = "2025-01-20") -> bytes:
    """A whole HTML report in six sections with the three tables."""
    two, three, four = (to_html(rows) for rows in all_rows(figures, edition, edition))
    prose = "本机关依照条例主动公开政府信息，办理公开申请，回应社会关切。"
    bodies = [f"<p>{prose}</p>", two, three, four, "<p>公开的及时性有待提高，下一步加强培训。</p>", "<p>无。</p>"]
    sections = "".join(
        f"<p>{numeral}、{forms.SECTIONS[number].zh}</p>{body}"
        for number, (numeral, body) in enumerate(zip("一二三四五六", bodies, strict=True), start=1)
    )
    text = (
        f'<html><head><meta charset="utf-8"><title>{html.escape(title)}</title>'
        f'<meta name="ArticleTitle" content="{html.escape(title)}"><meta name="PubDate" content="{published} 09:00">'
        f"</head><body><div id='nav'><a>首页</a></div><div id='content'><h1>{html.escape(title)}</h1>{sections}</div>"
        "</body></html>"
    )
    return text.encode()
