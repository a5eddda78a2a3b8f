"""Reports drawn on PDF pages in every way that keeps them legible, and in some that do not.

Each document is drawn by a seed: its page, rules, fills, type, page breaks and what else stands on
the page are chosen independently, so that faults of one trait show beside all others. Prints for
each trait how many printed cells were read exactly, are absent, and are silently wrong; the exit
status is 1 if any is wrong. Run from the checkout: ``python -m benchmarks.drawn_pdfs --count 300 --seed 1``.
"""

from __future__ import annotations

import io
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import click
import pypdf
from pypdf.generic import ArrayObject, FloatObject, NameObject
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from benchmarks.corpus.reports import EDITIONS, FilledReport, fill
from benchmarks.corpus.scoring import Score, score
from benchmarks.corpus.truth import CorpusDocument
from parsers import forms
from parsers.document import Cell
from parsers.extract import Origin, extract
from parsers.readers.grid import lay_out
from parsers.report import Reading, Readings
from sample.figures import number
from tests.parsers.printed_forms import Rows

HAN = "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(HAN))
LOSSY = {
    "a vertical rule lacks",
    "a horizontal rule lacks",
    "no rules",
    "horizontal rules",
    "stamped figures",
    "row cut",
    "figures spread",
    "stamp",
    "white text",
    "covered text",
    "no rules between rows",
    "figures wrapped",
    "two figures in one",
}
"""Traits with which a cell may be absent."""

_SIZES = {"A4": (595, 842), "A3": (842, 1191), "letter": (612, 792), "landscape": (842, 595)}
_WIDTHS = {10: (38, 46, 110, *(34,) * 7), 4: (150, 110, 110, 110), 15: (32,) * 15}
_WRAPPED_DIGITS = 4
_HEAD_ROWS = {10: 3, 15: 3, 4: 0}


@dataclass(slots=True)
class Dialect:
    """How one document is drawn; every field but the size is a trait by its value."""

    page: str
    turned: str
    rules: str
    lacking: str
    fills: str
    figures_font: str
    writing: str
    align: str
    breaks: str
    beside: str
    frame: str
    cells: str
    size: float
    pad: float
    share: float

    def traits(self) -> list[str]:
        """The traits by name, what is plain left out."""
        names = [
            self.page,
            self.turned,
            self.rules,
            self.lacking,
            self.fills,
            self.figures_font,
            self.writing,
            self.align,
            self.breaks,
            self.beside,
            self.frame,
            self.cells,
        ]
        return [name for name in names if name]


def draw_dialect(rng: random.Random) -> Dialect:
    """Choose every trait by itself, mostly plain."""

    def one(*choices: str, plain: float = 0.5) -> str:
        return "" if rng.random() < plain else rng.choice(choices)

    rules = one(
        "long rules",
        "thin boxes",
        "short pieces",
        "dashed",
        "double rules",
        "rules that fall short",
        "frames",
        "horizontal rules",
        "no rules",
        plain=0.3,
    )
    lacking = ""
    if rules not in ("horizontal rules", "no rules"):
        lacking = one(
            "no rule at breaks",
            "no rule below breaks",
            "no rule above breaks",
            "no outer rules",
            "no last rule",
            "a vertical rule lacks",
            "a horizontal rule lacks",
            plain=0.4,
        )
    return Dialect(
        page=one(*_SIZES, plain=0.4),
        turned=one("rotated 90", "rotated 180", "rotated 270", "sideways", "user unit", "crop box", plain=0.6),
        rules=rules,
        lacking=lacking,
        fills=one("head filled", "stripes", "filled behind text", "page filled"),
        figures_font=one("Helvetica", "Times-Roman", "Courier", HAN),
        writing=one(
            "one by one",
            "spaced 0.4",
            "spaced 1",
            "condensed",
            "widened",
            "twice",
            "outlined",
            "in halves",
            "figures spread",
            "spaces between words",
        ),
        align=one("left", "right"),
        breaks=one("short pages", "heads again", "row cut", "very short pages"),
        beside=one(
            "watermark",
            "stamp",
            "stamped figures",
            "running head",
            "invisible text",
            "letter before",
            "white text",
            "covered text",
        ),
        frame=one("form", "form in form", plain=0.8),
        cells=one("figures wrapped", "two figures in one", plain=0.85),
        size=rng.choice((6.0, 7.0, 8.0, 9.0, 10.5)),
        pad=rng.choice((1.0, 2.0, 4.0)),
        share=rng.uniform(0.85, 1.15),
    )


def distinct_report(rng: random.Random) -> FilledReport:
    """A report whose figures are large, differ from each other and add up."""
    report = fill(rng, editions=rng.choice(EDITIONS), blanks=False)

    def value() -> int:
        return rng.choice((rng.randint(0, 9), rng.randint(0, 99), rng.randint(100, 9999), rng.randint(10_000, 999_999)))

    requests: Readings = {row: {} for row in report.readings["requests"]}
    results = [row for row in requests if forms.REQUEST_ROWS[row].group and row != "handled_total"]
    applicants = [code for code in forms.APPLICANTS if code != "total"]
    amounts = {row: {code: value() for code in applicants} for row in (*results, "carried_in", "carried_out")}
    amounts["handled_total"] = {code: sum(amounts[row][code] for row in results) for code in applicants}
    for code in applicants:
        amounts["carried_in"][code] %= amounts["handled_total"][code] + 1
    amounts["new"] = {
        code: amounts["handled_total"][code] + amounts["carried_out"][code] - amounts["carried_in"][code]
        for code in applicants
    }
    for row in requests:
        amounts[row]["total"] = sum(amounts[row].values())
        requests[row] = {code: number(amounts[row][code], "件") for code in forms.APPLICANTS}
    reviews: Readings = {}
    for proceeding in report.readings["reviews"]:
        outcomes = {code: value() % 10_000 for code in forms.OUTCOMES if code != "total"}
        outcomes["total"] = sum(outcomes.values())
        reviews[proceeding] = {code: number(outcomes[code], "件") for code in forms.OUTCOMES}
    disclosures: Readings = {}
    for item, cells in report.readings["disclosures"].items():
        disclosures[item] = {code: _other(reading, rng) for code, reading in cells.items()}
    for rows in (requests, reviews):
        _leave_some_blank(rows, rng)
    return replace(report, readings={"disclosures": disclosures, "requests": requests, "reviews": reviews})


def _other(reading: Reading, rng: random.Random) -> Reading:
    if reading.kind != "number" or isinstance(reading.number, float) or not reading.printed.isdigit():
        return reading
    digits = rng.randint(1, 8)
    value = rng.randint(10 ** (digits - 1), 10**digits - 1)
    return replace(reading, printed=str(value), number=value)


def _leave_some_blank(rows: Readings, rng: random.Random) -> None:
    if rng.random() < 0.5:
        for cells in rows.values():
            for code, reading in cells.items():
                if reading.number == 0:
                    cells[code] = Reading("blank")


def _with_two_in_one(report: FilledReport, rng: random.Random) -> FilledReport:
    """The report with a second figure in some of its cells, beside or below the first: nobody can tell which counts."""
    tables = {}
    for table, rows in report.readings.items():
        tables[table] = {row: dict(cells) for row, cells in rows.items()}
        for cells in tables[table].values():
            for code, reading in cells.items():
                if reading.kind == "number" and rng.random() < 0.1:
                    second = rng.choice((rng.randint(0, 9), rng.randint(10, 9999)))
                    printed = f"{reading.printed}{rng.choice((' ', chr(10)))}{second}"
                    cells[code] = Reading("unreadable", printed)
    return replace(report, readings=tables)


# Drawing ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Band:
    """A row of a table, or the upper or lower part of one that a page break cuts."""

    row: int
    height: float
    part: str = "whole"


@dataclass(slots=True)
class _Sheet:
    """The pages of one document, drawn from top to bottom; heights count down from the page's top."""

    canvas: Canvas
    dialect: Dialect
    rng: random.Random
    width: float
    height: float
    y: float = 60.0
    pages: int = 1
    after: list[Callable[[], None]] = field(default_factory=list)

    @property
    def left(self) -> float:
        return self.width * 0.09

    @property
    def bottom(self) -> float:
        limits = {"short pages": 0.6, "very short pages": 0.36, "row cut": 0.7}
        return self.height * limits.get(self.dialect.breaks, 0.92)

    def begin(self) -> None:
        """Begin a page: transformations, fills and what stands below the text."""
        canvas, dialect = self.canvas, self.dialect
        self.y = 60.0
        if dialect.turned == "sideways":
            canvas.translate(self.height, 0)
            canvas.rotate(90)
        if dialect.fills == "page filled":
            canvas.setFillGray(0.97)
            canvas.rect(0, 0, self.width, self.height, stroke=0, fill=1)
            canvas.setFillGray(0)
        if dialect.beside == "running head":
            self.line("明川市政府信息公开年报", self.left, 40)
        if dialect.frame:
            canvas.beginForm(f"page{self.pages}", 0, 0, 2000, 2000)

    def end(self, last: bool = False) -> None:
        """End a page: what stands above the text, and its number."""
        canvas, dialect = self.canvas, self.dialect
        for draw in self.after:
            draw()
        self.after.clear()
        if dialect.beside == "watermark":
            canvas.saveState()
            canvas.setFillGray(0.85)
            canvas.setFont(HAN, 50)
            canvas.translate(self.width * 0.3, self.height * 0.3)
            canvas.rotate(40)
            canvas.drawString(0, 0, "内部资料2024")
            canvas.restoreState()
        if dialect.frame:
            canvas.endForm()
            if dialect.frame == "form in form":
                canvas.beginForm(f"outer{self.pages}", 0, 0, 2000, 2000)
                canvas.saveState()
                canvas.scale(0.5, 0.5)
                canvas.doForm(f"page{self.pages}")
                canvas.restoreState()
                canvas.endForm()
                canvas.saveState()
                canvas.scale(2, 2)
                canvas.doForm(f"outer{self.pages}")
                canvas.restoreState()
            else:
                canvas.doForm(f"page{self.pages}")
        self.line(f"- {self.pages} -", self.width / 2, self.height - 20)
        canvas.showPage()
        self.pages += 1
        if not last:
            self.begin()

    def line(self, text: str, x: float, y: float, size: float = 10.0) -> None:
        """Print a line plainly, its baseline at ``y``."""
        self.canvas.setFont(HAN, size)
        self.canvas.drawString(x, self.height - y, text)

    def paragraph(self, text: str, size: float = 12.0) -> None:
        """Print prose, breaking lines and pages."""
        per_line = int(self.width * 0.82 / size) - 1
        text = "　　" + text if len(text) > 30 else text
        for at in range(0, len(text), per_line):
            if self.y + size * 1.6 > self.height * 0.92:
                self.end()
            self.y += size * 1.6
            self.line(text[at : at + per_line], self.left, self.y, size)

    def table(self, rows: Rows) -> None:
        """Draw a table over as many pages as it takes."""
        grid = lay_out(rows, 1)
        dialect, rng = self.dialect, self.rng
        shares = _WIDTHS.get(grid.column_count) or (1.0,) * grid.column_count
        unit = self.width * 0.82 / sum(shares)
        widths = [share * unit for share in shares]
        xs = [self.left]
        for width in widths:
            xs.append(xs[-1] + width)
        lines = {id(cell): self._lines(cell, xs) for cell in grid.cells}
        leading = dialect.size * 1.3
        heights = [leading + 2 * dialect.pad] * grid.row_count
        for cell in sorted(grid.cells, key=lambda cell: cell.row_span):
            if cell.row_span == grid.row_count or cell.row_span > 8:
                continue
            missing = len(lines[id(cell)]) * leading + 2 * dialect.pad
            missing -= sum(heights[cell.row : cell.row + cell.row_span])
            if missing > 0:
                heights[cell.row + cell.row_span - 1] += missing
        bands = [_Band(row, height) for row, height in enumerate(heights)]
        heads = _HEAD_ROWS.get(grid.column_count, 0)
        lost = (
            rng.randint(1, grid.column_count - 1),
            rng.randint(min(heads + 1, grid.row_count - 1), grid.row_count - 1),
        )
        printed: set[int] = set()
        first = True
        # In a row cut by a page break, figures of one line stand in one of its parts.
        figures_above = rng.random() < 0.5
        while bands:
            fitting, y = [], self.y + 6
            again = (
                [] if first or dialect.breaks != "heads again" else [_Band(row, heights[row]) for row in range(heads)]
            )
            for band in again:
                y += band.height
            while bands and y + bands[0].height <= self.bottom:
                y += bands[0].height
                fitting.append(bands.pop(0))
            if bands and fitting and bands[0].row < heads:
                # As word processors do, heads stay together.
                bands = [*fitting, *bands]
                fitting = []
            if not fitting and self.y > 80:
                self.end()
                continue
            if not fitting:
                fitting.append(bands.pop(0))
            elif bands and dialect.breaks == "row cut" and bands[0].part == "whole" and bands[0].row >= heads:
                row, height = bands[0].row, bands[0].height
                bands[0] = _Band(row, max(height - leading, leading + 2 * dialect.pad), "lower")
                fitting.append(_Band(row, leading + 2 * dialect.pad, "upper"))
            self._segment(
                grid.cells, [*again, *fitting], xs, lines, lost, printed, figures_above, first, not bands, len(again)
            )
            first = False
            if bands:
                self.end()
        self.y += 8

    def _lines(self, cell: Cell, xs: Sequence[float]) -> list[str]:
        size = self.dialect.size
        room = xs[cell.column + cell.column_span] - xs[cell.column] - 2 * self.dialect.pad
        if not _has_han(cell.text):
            if self.dialect.cells == "figures wrapped" and len(cell.text) >= _WRAPPED_DIGITS:
                fitting = int(room / self._advance("0", self.dialect.figures_font or HAN, size))
                at = fitting if 0 < fitting < len(cell.text) else len(cell.text) // 2
                return [cell.text[:at], cell.text[at:]]
            return cell.text.split("\n")
        per_line = max(int(room / self._advance("规", HAN, size)), 1)
        return [cell.text[at : at + per_line] for at in range(0, len(cell.text), per_line)] or [""]

    def _segment(
        self,
        cells: Sequence[Cell],
        bands: Sequence[_Band],
        xs: Sequence[float],
        lines: dict[int, list[str]],
        lost: tuple[int, int],
        printed: set[int],
        figures_above: bool,
        first: bool,
        last: bool,
        again: int,
    ) -> None:
        """Draw the part of a table that stands on one page."""
        dialect = self.dialect
        ys = [self.y + 6]
        for band in bands:
            ys.append(ys[-1] + band.height)
        self.y = ys[-1]
        across: set[tuple[float, float, float]] = set()
        down: set[tuple[float, float, float]] = set()
        texts: list[tuple[list[str], float, float, float, float]] = []
        boxes: list[tuple[Cell, float, float, float, float]] = []
        for cell in cells:
            at = [
                index
                for index, band in enumerate(bands)
                if cell.row <= band.row < cell.row + cell.row_span and (index >= again or cell.row < again)
            ]
            if again:
                repeated = [index for index in at if index < again]
                at = repeated or at
            if not at:
                continue
            x0, x1 = xs[cell.column], xs[cell.column + cell.column_span]
            y0, y1 = ys[at[0]], ys[at[-1] + 1]
            boxes.append((cell, x0, y0, x1, y1))
            for x_from, x_to in pairwise(xs):
                if x0 <= x_from and x_to <= x1:
                    across |= {(y0, x_from, x_to), (y1, x_from, x_to)}
            for index in at:
                down |= {(x0, ys[index], ys[index + 1]), (x1, ys[index], ys[index + 1])}
            part = bands[at[-1]].part if len(at) == 1 else "whole"
            text = lines[id(cell)]
            if cell.row_span == 1 and part != "whole":
                if _has_han(cell.text) or len(text) > 1:
                    text = text[:1] if part == "upper" else text[1:]
                elif (part == "upper") != figures_above:
                    text = []
            elif cell.row_span > 1 and (index_of := id(cell)) not in printed:
                fits = (y1 - y0) >= len(text) * dialect.size * 1.3
                ends = cell.row + cell.row_span - 1 <= bands[at[-1]].row
                text = text if fits or ends else []
                if text:
                    printed.add(index_of)
            elif cell.row_span > 1 and not (again and at[0] < again):
                text = []
            texts.append((text, x0, y0, x1, y1))
        self._fills(boxes, bands)
        self._rules(across, down, xs, ys, bands, lost, first, last)
        if dialect.beside == "covered text":
            self._covered(boxes)
        for text, x0, y0, x1, y1 in texts:
            self._text(text, x0, y0, x1, y1)
        self._beside(boxes)

    def _fills(self, boxes: Sequence[tuple[Cell, float, float, float, float]], bands: Sequence[_Band]) -> None:
        canvas = self.canvas
        canvas.setFillGray(0.88)
        for cell, x0, y0, x1, y1 in boxes:
            head = self.dialect.fills == "head filled" and _has_han(cell.text)
            stripe = self.dialect.fills == "stripes" and cell.row % 2 and cell.row_span == 1
            if head or stripe:
                canvas.rect(x0, self.height - y1, x1 - x0, y1 - y0, stroke=0, fill=1)
        canvas.setFillGray(0)

    def _rules(
        self,
        across: set[tuple[float, float, float]],
        down: set[tuple[float, float, float]],
        xs: Sequence[float],
        ys: Sequence[float],
        bands: Sequence[_Band],
        lost: tuple[int, int],
        first: bool,
        last: bool,
    ) -> None:
        dialect = self.dialect
        lacking = dialect.lacking
        if dialect.rules == "no rules":
            return
        if dialect.rules == "horizontal rules":
            down = set()
        drop_above = not first and lacking in ("no rule at breaks", "no rule above breaks")
        drop_below = (not last and lacking in ("no rule at breaks", "no rule below breaks")) or (
            last and lacking == "no last rule"
        )
        if drop_above:
            across = {one for one in across if one[0] != ys[0]}
        if drop_below:
            across = {one for one in across if one[0] != ys[-1]}
        if lacking == "no outer rules":
            down = {one for one in down if one[0] not in (xs[0], xs[-1])}
        if lacking == "a vertical rule lacks":
            down = {one for one in down if one[0] != xs[lost[0]]}
        if lacking == "a horizontal rule lacks":
            lost_ys = {ys[index] for index, band in enumerate(bands) if band.row == lost[1]}
            across = {one for one in across if one[0] not in lost_ys}
        self.canvas.setLineWidth(self.rng.choice((0.25, 0.5, 0.75, 1.0)))
        if dialect.rules == "dashed":
            self.canvas.setDash(2, 1.5)
        joined = _joined(across), _joined(down)
        if dialect.rules in ("", "frames", "short pieces"):
            joined = sorted(across), sorted(down)
        for y, x0, x1 in joined[0]:
            self._rule(x0, y, x1, y)
        for x, y0, y1 in joined[1]:
            self._rule(x, y0, x, y1)
        self.canvas.setDash()

    def _rule(self, x0: float, y0: float, x1: float, y1: float) -> None:
        canvas, kind = self.canvas, self.dialect.rules
        y0, y1 = self.height - y0, self.height - y1
        if kind == "rules that fall short":
            short = 0.9
            x0, x1 = (x0 + short, x1 - short) if y0 == y1 else (x0, x1)
            y0, y1 = (y0 - short, y1 + short) if x0 == x1 else (y0, y1)
        if kind == "thin boxes":
            canvas.setFillGray(0)
            canvas.rect(x0 - 0.3, y1 - 0.3, x1 - x0 + 0.6, y0 - y1 + 0.6, stroke=0, fill=1)
        elif kind == "short pieces":
            steps = max(int(max(x1 - x0, y0 - y1) / 5), 1)
            for step in range(steps):
                canvas.line(
                    x0 + (x1 - x0) * step / steps,
                    y0 + (y1 - y0) * step / steps,
                    x0 + (x1 - x0) * (step + 1) / steps,
                    y0 + (y1 - y0) * (step + 1) / steps,
                )
        elif kind == "double rules":
            off = 1.4
            canvas.line(x0, y0, x1, y1)
            canvas.line(x0 + off * (x0 == x1), y0 + off * (y0 == y1), x1 + off * (x0 == x1), y1 + off * (y0 == y1))
        elif kind == "frames":
            canvas.setStrokeGray(0.3)
            canvas.line(x0, y0, x1, y1)
            canvas.setStrokeGray(0)
        else:
            canvas.line(x0, y0, x1, y1)

    def _text(self, lines: Sequence[str], x0: float, y0: float, x1: float, y1: float) -> None:
        size, pad = self.dialect.size, self.dialect.pad
        leading = size * 1.3
        top = max((y0 + y1 - len(lines) * leading) / 2, y0)
        for index, line in enumerate(lines):
            if not line:
                continue
            font = HAN if _has_han(line) else (self.dialect.figures_font or HAN)
            here = size
            while not _has_han(line) and self._advance(line, font, here) > x1 - x0 - 3.0 and here > 3.0:
                here -= 0.5
            width = self._advance(line, font, here)
            x = {"left": x0 + pad, "right": x1 - pad - width}.get(self.dialect.align, (x0 + x1 - width) / 2)
            if _has_han(line) and self.dialect.align == "right":
                x = x0 + pad
            self._write(line, max(x, x0 + 0.5), top + leading * index + size, font, here)

    def _advance(self, text: str, font: str, size: float) -> float:
        width = stringWidth(text, font, size)
        writing = self.dialect.writing
        spread = {"spaced 0.4": 0.4, "spaced 1": 1.0}.get(writing, 0.0) * len(text)
        if writing == "figures spread" and not _has_han(text):
            spread = 0.45 * size * len(text)
        if writing == "spaces between words":
            spread = 0.0
        return width * {"condensed": 0.8, "widened": 1.2}.get(writing, 1.0) + spread

    def _write(self, text: str, x: float, y: float, font: str, size: float) -> None:
        canvas, writing = self.canvas, self.dialect.writing
        y = self.height - y
        if self.dialect.fills == "filled behind text":
            canvas.setFillGray(0.9)
            canvas.rect(x - 0.5, y - 0.2 * size, self._advance(text, font, size) + 1, size * 1.1, stroke=0, fill=1)
            canvas.setFillGray(0)
        canvas.setFont(font, size)
        if writing == "one by one":
            for character in text:
                canvas.drawString(x, y, character)
                x += stringWidth(character, font, size)
        elif writing == "figures spread" and not _has_han(text):
            for character in text:
                canvas.drawString(x, y, character)
                x += stringWidth(character, font, size) + 0.45 * size
        elif writing == "in halves":
            half = len(text) // 2
            canvas.drawString(x, y, text[:half])
            canvas.drawString(x + stringWidth(text[:half], font, size), y, text[half:])
        elif writing == "twice":
            canvas.drawString(x, y, text)
            canvas.drawString(x + 0.3, y, text)
        else:
            line = canvas.beginText(x, y)
            line.setFont(font, size)
            if writing in ("spaced 0.4", "spaced 1"):
                line.setCharSpace(0.4 if writing == "spaced 0.4" else 1.0)
            if writing in ("condensed", "widened"):
                line.setHorizScale(80 if writing == "condensed" else 120)
            if writing == "outlined":
                line.setTextRenderMode(2)
                canvas.setLineWidth(0.2)
            line.textOut(text)
            line.setCharSpace(0)
            line.setHorizScale(100)
            line.setTextRenderMode(0)
            canvas.drawText(line)

    def _covered(self, boxes: Sequence[tuple[Cell, float, float, float, float]]) -> None:
        """Figures under white paint, in cells with figures of their own and in blank ones."""
        canvas, rng = self.canvas, self.rng
        for _cell, x0, y0, x1, y1 in [box for box in boxes if not _has_han(box[0].text)][::5]:
            canvas.setFont("Helvetica", 5)
            x, y = x0 + 1 + rng.random() * max(x1 - x0 - 8, 0.0), self.height - (y0 + y1) / 2 - 2
            canvas.drawString(x, y, rng.choice(("7", "77")))
            canvas.setFillGray(1)
            canvas.rect(x - 0.5, y - 0.5, 6.6, 4.9, stroke=0, fill=1)
            canvas.setFillGray(0)

    def _beside(self, boxes: Sequence[tuple[Cell, float, float, float, float]]) -> None:
        """What stands in or over the cells besides their text."""
        canvas, beside = self.canvas, self.dialect.beside
        values = [box for box in boxes if not _has_han(box[0].text)]
        if beside == "stamp" and boxes:
            x, y = boxes[len(boxes) // 2][1:3]
            canvas.setStrokeColorRGB(0.9, 0.1, 0.1)
            canvas.setFillColorRGB(0.9, 0.1, 0.1)
            canvas.circle(x, self.height - y, 40, stroke=1, fill=0)
            canvas.setFont(HAN, 14)
            canvas.drawString(x - 28, self.height - y, "专用章印")
            canvas.setFillGray(0)
            canvas.setStrokeGray(0)
        elif beside == "stamped figures" and values:
            _cell, x0, _y0, _x1, y1 = values[len(values) // 2]
            canvas.setFillGray(0.6)
            canvas.setFont("Helvetica", 24)
            canvas.drawString(x0, self.height - y1, "2024")
            canvas.setFillGray(0)
        elif beside in ("invisible text", "white text"):
            for _cell, x0, _y0, _x1, y1 in values[::5]:
                line = canvas.beginText(x0 + 1, self.height - y1 + 1)
                line.setFont("Helvetica", 5)
                if beside == "invisible text":
                    line.setTextRenderMode(3)
                else:
                    line.setFillGray(1)
                line.textOut("77")
                line.setTextRenderMode(0)
                line.setFillGray(0)
                canvas.drawText(line)


def _has_han(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def _joined(pieces: set[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Pieces of rules as rules: (place, from, to), those that touch as one."""
    rules: list[tuple[float, float, float]] = []
    for at, start, end in sorted(pieces):
        if rules and rules[-1][0] == at and rules[-1][2] == start:
            rules[-1] = at, rules[-1][1], end
        else:
            rules.append((at, start, end))
    return rules


def draw_document(seed: int, dialect: Dialect | None = None) -> tuple[CorpusDocument, Dialect]:
    """Draw the document of a seed, in its own dialect or the one given."""
    rng = random.Random(seed)
    chosen = draw_dialect(rng)
    dialect = dialect or chosen
    report = distinct_report(rng) if rng.random() < 0.7 else fill(rng)
    if dialect.cells == "two figures in one":
        report = _with_two_in_one(report, rng)
    width, height = _SIZES.get(dialect.page, _SIZES["A4"])
    size = (height, width) if dialect.turned == "sideways" else (width, height)
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=size, invariant=1)
    sheet = _Sheet(canvas, dialect, rng, width, height)
    sheet.begin()
    if dialect.beside == "letter before":
        sheet.paragraph("市政府办公室：")
        sheet.paragraph("按照要求，现将我单位政府信息公开工作年度报告报送贵单位，请予以公开。")
        sheet.end()
    sheet.paragraph(report.title, 16)
    tables, headings = report.rows(), report.headings()
    for section in sorted(headings):
        sheet.paragraph(headings[section])
        for text in report.paragraphs(section):
            sheet.paragraph(text)
        if section in tables:
            sheet.table(tables[section])
    sheet.end(last=True)
    canvas.save()
    payload = _turned(buffer.getvalue(), dialect, size)
    lossy = LOSSY.intersection(dialect.traits())
    truth = report.truth(**({"expect": "right_or_null", "reasons": ("no_tables",)} if lossy else {}))
    return CorpusDocument(payload, f"{seed}.pdf", "drawn", ", ".join(dialect.traits()), truth), dialect


def _turned(payload: bytes, dialect: Dialect, size: tuple[float, float]) -> bytes:
    """The file with the page entries of the dialect."""
    if not dialect.turned or dialect.turned == "sideways":
        return payload
    reader = pypdf.PdfReader(io.BytesIO(payload))
    writer = pypdf.PdfWriter()
    for page in reader.pages:
        if dialect.turned == "user unit":
            page[NameObject("/UserUnit")] = FloatObject(1.5)
        elif dialect.turned == "crop box":
            width, height = size
            page[NameObject("/MediaBox")] = ArrayObject([FloatObject(v) for v in (-40, -30, width + 50, height + 60)])
            page[NameObject("/CropBox")] = ArrayObject([FloatObject(v) for v in (0, 0, width, height)])
        else:
            page.rotate(int(dialect.turned.split()[1]))
        writer.add_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# Scoring ----------------------------------------------------------------------------------


@click.command()
@click.option("--count", type=click.IntRange(min=1), default=200, show_default=True, help="Documents to draw.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the first; the others follow.")
@click.option("--details", is_flag=True, help="Print what fell short in each document.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for the documents that fell short.")
def main(count: int, seed: int, details: bool, keep: Path | None) -> None:
    """Draw documents, read them, and print the score of each trait."""
    by_trait: dict[str, Score] = defaultdict(Score)
    lossless = Score()
    everything = Score()
    for number_ in range(seed, seed + count):
        document, dialect = draw_document(number_)
        result = score(extract(document.payload, Origin(file_name=document.file_name)), document.truth)
        traits = dialect.traits()
        everything.add(result)
        if not LOSSY.intersection(traits):
            lossless.add(result)
        for trait in traits or ["plain"]:
            by_trait[trait].add(result)
        if result.wrong or (result.failed and not LOSSY.intersection(traits)):
            if details:
                click.echo(f"{number_} {', '.join(traits)}: wrong {result.wrong} null {result.null}")
                for line in result.details[:6]:
                    click.echo(f"    {line[:220]}")
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / document.file_name).write_bytes(document.payload)
    click.echo(f"{'trait':<28} documents    cells    exact     null  no why    wrong")
    for trait in sorted(by_trait):
        _print(trait + (" *" if trait in LOSSY else ""), by_trait[trait])
    _print("without a trait marked *", lossless)
    _print("all", everything)
    sys.exit(1 if everything.wrong else 0)


def _print(name: str, one: Score) -> None:
    share = one.exact / one.cells if one.cells else 1.0
    click.echo(
        f"{name:<28} {one.documents:9} {one.cells:8} {share:8.3%} {one.null:8} {one.unexplained:7} {one.wrong:8}"
    )


if __name__ == "__main__":
    main()
