"""The printed layout of the three tables as grids of merged cells, shared by all renderers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from parsers import forms
from parsers.report import Reading, Report

BALANCE_SENTENCE = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"


@dataclass(frozen=True, slots=True)
class GridCell:
    """A cell of a grid: position from 0 and spans; ``head`` marks labels, ``vertical`` narrow ones."""

    text: str
    row: int
    column: int
    row_span: int = 1
    column_span: int = 1
    head: bool = False
    vertical: bool = False


@dataclass(slots=True)
class Grid:
    """A table as printed: ``widths`` are the columns' shares of the width."""

    widths: tuple[float, ...]
    cells: list[GridCell] = field(default_factory=list)

    @property
    def row_count(self) -> int:
        """Number of rows."""
        return max(cell.row + cell.row_span for cell in self.cells)

    def rows(self) -> Iterator[list[GridCell]]:
        """Yield each row's cells that begin in it, in column order."""
        by_row: list[list[GridCell]] = [[] for _ in range(self.row_count)]
        for cell in self.cells:
            by_row[cell.row].append(cell)
        yield from (sorted(row, key=lambda cell: cell.column) for row in by_row)

    def cut(self, at: int) -> tuple[Grid, Grid]:
        """Cut before row ``at``, as a page break does.

        A cell cut through keeps its text above where it fits there, and is empty in the other part.
        """
        above, below = Grid(self.widths), Grid(self.widths)
        for cell in self.cells:
            end = cell.row + cell.row_span
            start = max(cell.row, at)
            capacity = (at - cell.row) * (2 if cell.vertical else 4)
            fits_above = end <= at or capacity >= max(1, len(cell.text))
            if cell.row < at:
                text = cell.text if fits_above else ""
                above.cells.append(replace(cell, text=text, row_span=min(end, at) - cell.row))
            if end > at:
                text = "" if fits_above else cell.text
                below.cells.append(replace(cell, text=text, row=start - at, row_span=end - start))
        return above, below

    def add_row(self, row: int, texts: Sequence[tuple[str, int]], head: bool = False, column: int = 0) -> None:
        """Add cells (text, column span) side by side in ``row``, from ``column`` on."""
        for text, span in texts:
            self.cells.append(GridCell(text, row, column, column_span=span, head=head))
            column += span


def disclosures_grid(report: Report, misaligned: bool = False) -> Grid:
    """Lay out table 二.

    ``misaligned`` gives the heads of edition 2019 other column spans than the numbers below
    them, as some published pages have: only the order within a row tells which is which.
    """
    edition = forms.editions()[report.disclosures_edition or "2021"]
    grid = Grid((1.0,) * (5 if misaligned else 4))
    width = len(grid.widths)
    row = 0
    for group in edition.disclosures:
        grid.add_row(row, [(group.article, width)], head=True)
        heads = ["信息内容", *(_measure(measure, edition.name) for measure in group.measures)]
        grid.add_row(row + 1, _spread(heads, width, (1, 1, 2, 1) if misaligned else None), head=True)
        row += 2
        for item in group.items:
            texts = [
                _item(item, edition.name),
                *(report.disclosures[item][measure].printed for measure in group.measures),
            ]
            grid.add_row(row, _spread(texts, width, (1, 2, 1, 1) if misaligned else None))
            row += 1
    return grid


def requests_grid(report: Report) -> Grid:
    """Lay out table 三: three label columns, seven value columns, three rows of heads."""
    grid = Grid((0.7, 1.5, 3.6, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.8))
    applicants = [label.zh for code, label in forms.APPLICANTS.items()]
    grid.cells += [
        GridCell(BALANCE_SENTENCE, 0, 0, 3, 3, head=True),
        GridCell("申请人情况", 0, 3, 1, 7, head=True),
        GridCell(applicants[0], 1, 3, 2, 1, head=True),
        GridCell("法人或其他组织", 1, 4, 1, 5, head=True),
        GridCell(applicants[-1], 1, 9, 2, 1, head=True),
    ]
    grid.add_row(2, [(text, 1) for text in applicants[1:-1]], head=True, column=4)
    rows = list(forms.editions()[report.requests_edition or "2021"].request_rows())
    labels = forms.REQUEST_ROWS
    in_results = [code for code in rows if labels[code].group]
    for row, code in enumerate(rows, start=3):
        label = labels[code]
        text = f"{label.enumerator}{'' if label.group else '、'}{label.zh}"
        column = 0
        if label.group:
            if code == in_results[0]:
                head = forms.REQUEST_GROUPS["results"]
                grid.cells.append(
                    GridCell(f"{head.enumerator}、{head.zh}", row, 0, len(in_results), 1, head=True, vertical=True)
                )
            column = 1
            if label.group != "results":
                members = [other for other in rows if labels[other].group == label.group]
                if code == members[0]:
                    group = forms.REQUEST_GROUPS[label.group]
                    group_text = group.enumerator + group.zh
                    grid.cells.append(GridCell(group_text, row, 1, len(members), 1, head=True))
                column = 2
        grid.cells.append(GridCell(text, row, column, 1, 3 - column, head=True))
        grid.add_row(row, [(_printed(report.requests[code][applicant]), 1) for applicant in forms.APPLICANTS], column=3)
    return grid


def reviews_grid(report: Report) -> Grid:
    """Lay out table 四: fifteen columns, three rows of heads, one row of numbers."""
    grid = Grid((1.0,) * 15)
    proceedings = [label.zh for label in forms.PROCEEDINGS.values()]
    outcomes = [label.zh for label in forms.OUTCOMES.values()]
    grid.add_row(0, [(proceedings[0], 5), ("行政诉讼", 10)], head=True)
    grid.cells += [GridCell(text, 1, column, 2, 1, head=True) for column, text in enumerate(outcomes)]
    grid.add_row(1, [(text, 5) for text in proceedings[1:]], head=True, column=5)
    grid.add_row(2, [(text, 1) for text in outcomes * 2], head=True, column=5)
    grid.add_row(
        3,
        [
            (_printed(report.reviews[proceeding][outcome]), 1)
            for proceeding in forms.PROCEEDINGS
            for outcome in forms.OUTCOMES
        ],
    )
    return grid


def statistics_grid(report: Report) -> Grid:
    """Lay out the statistics appendix of reports from before the form: label, unit, figure."""
    grid = Grid((6.0, 1.0, 1.4))
    grid.add_row(0, [("统计指标", 1), ("单位", 1), ("统计数", 1)], head=True)
    for row, (label, unit, value) in enumerate(report.indicators, start=1):
        grid.add_row(row, [(label, 1), (unit or "——", 1), ("——" if value is None else str(value), 1)])
    return grid


def grids(report: Report, misaligned: bool = False) -> dict[int, Grid]:
    """All three tables by the number of the section in which they stand; none before the form of 2019."""
    if not report.requests:
        return {}
    return {
        2: disclosures_grid(report, misaligned),
        3: requests_grid(report),
        4: reviews_grid(report),
    }


def _printed(reading: Reading) -> str:
    return reading.printed


def _measure(code: str, edition: str) -> str:
    label = forms.MEASURES[code]
    if edition == "2021":
        return f"{label.zh}（单位：{label.unit}）" if code == "amount" else label.zh
    return {"decisions": "处理决定数量", "amount": "采购总金额"}.get(code, label.zh)


def _item(code: str, edition: str) -> str:
    return "规范性文件" if code == "normative_documents" and edition == "2019" else forms.ITEMS[code].zh


def _spread(texts: Sequence[str], width: int, spans: tuple[int, ...] | None) -> list[tuple[str, int]]:
    """Pair the texts with column spans that fill ``width``: ``spans`` if it fits, else the last is wide."""
    if spans is None or len(spans) != len(texts):
        spans = (*(1 for _ in texts[1:]), width - len(texts) + 1)
    return list(zip(texts, spans, strict=True))
