"""Forms drawn on a PDF canvas at known places, so that any way of drawing them can be tried.

:func:`draw` lays rows of :mod:`tests.parsers.printed_forms` out with rules of the wanted kind and
hands each line of text to ``write``, which may draw it in a strange way.
"""

from __future__ import annotations

import io
from collections.abc import Callable

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from parsers.document import Cell
from parsers.readers.grid import lay_out
from tests.parsers.files import FONT
from tests.parsers.printed_forms import Rows

Write = Callable[[Canvas, float, float, str], None]
SIZE = 7.0
LEADING = 9.0
_WIDTHS = {10: [50.0, 60, 130, *[40.0] * 7], 4: [150.0, 110, 110, 110], 15: [34.0] * 15}


def plain(canvas: Canvas, x: float, y: float, text: str) -> None:
    canvas.setFont(FONT, SIZE)
    canvas.drawString(x, y, text)


def one_by_one(spread: float) -> Write:
    """Each character by itself; ``spread`` is added to every advance, in type sizes."""

    def write(canvas: Canvas, x: float, y: float, text: str) -> None:
        canvas.setFont(FONT, SIZE)
        for character in text:
            canvas.drawString(x, y, character)
            x += stringWidth(character, FONT, SIZE) + spread * SIZE

    return write


def is_figure(text: str) -> bool:
    return bool(text) and not any("\u4e00" <= character <= "\u9fff" for character in text)


def _lines(text: str, width: float) -> list[str]:
    if is_figure(text):
        return [text]
    per_line = max(int(width / SIZE), 1)
    return [text[at : at + per_line] for at in range(0, len(text), per_line)] or [""]


def draw(
    canvas: Canvas,
    rows: Rows,
    *,
    left: float = 40,
    top: float = 800,
    rules: str = "all",
    write: Write = plain,
    align: str = "centre",
    pad: float = 2.0,
) -> float:
    """Draw a table from ``top`` down; ``rules`` is 'all', 'horizontal', 'head' or 'none'. Returns its bottom."""
    grid = lay_out(rows, 1)
    widths = _WIDTHS.get(grid.column_count) or [480 / grid.column_count] * grid.column_count
    xs = [left]
    for width in widths:
        xs.append(xs[-1] + width)
    heights = [LEADING + 4.0] * grid.row_count
    texts = {}
    for cell in grid.cells:
        texts[id(cell)] = _lines(cell.text, xs[cell.column + cell.column_span] - xs[cell.column] - 2 * pad)
    for cell in sorted(grid.cells, key=lambda cell: cell.row_span):
        need = len(texts[id(cell)]) * LEADING + 4.0 - sum(heights[cell.row : cell.row + cell.row_span])
        if need > 0:
            heights[cell.row + cell.row_span - 1] += need
    ys = [top]
    for height in heights:
        ys.append(ys[-1] - height)
    for cell in grid.cells:
        _rule(canvas, cell, xs, ys, rules, grid.row_count)
        lines = texts[id(cell)]
        middle = (ys[cell.row] + ys[cell.row + cell.row_span]) / 2 + len(lines) * LEADING / 2
        for number, line in enumerate(lines):
            if not line:
                continue
            x0, x1 = xs[cell.column] + pad, xs[cell.column + cell.column_span] - pad
            width = stringWidth(line, FONT, SIZE)
            x = {"left": x0, "right": x1 - width, "centre": (x0 + x1 - width) / 2}[align if is_figure(line) else "left"]
            write(canvas, x, middle - LEADING * number - SIZE, line)
    return ys[-1]


def _rule(canvas: Canvas, cell: Cell, xs: list[float], ys: list[float], rules: str, count: int) -> None:
    x0, x1 = xs[cell.column], xs[cell.column + cell.column_span]
    y0, y1 = ys[cell.row], ys[cell.row + cell.row_span]
    canvas.setLineWidth(0.5)
    if rules == "all":
        canvas.rect(x0, y1, x1 - x0, y0 - y1)
    elif rules == "horizontal":
        canvas.line(x0, y0, x1, y0)
        canvas.line(x0, y1, x1, y1)
    elif rules == "head" and (cell.row == 0 or cell.row + cell.row_span == count):
        y = y0 if cell.row == 0 else y1
        canvas.line(x0, y, x1, y)


def drawn(draw_pages: Callable[[Canvas], None], size: tuple[float, float] = (595, 842)) -> bytes:
    canvas = Canvas(buffer := io.BytesIO(), pagesize=size)
    draw_pages(canvas)
    canvas.save()
    return buffer.getvalue()
