"""Pages of a known report drawn as pictures, as a scanner would deliver them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from sample.generator import SampleReport
from sample.layout import Grid, grids

WIDTH, HEIGHT = 1240, 1754
"""Pixels of a page of A4 at 150 dpi."""

_MARGIN = 90
_FONTS = (
    "*CJK*Regular*.tt[cf]",
    "*CJK*Regular*.otf",
    "wqy*.tt[cf]",
    "*Song*.ttf",
    "simsun*.tt[cf]",
    "*Droid*Fallback*.ttf",
)


def font_file() -> Path | None:
    """A font of this machine that has Chinese characters."""
    folders = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path("/Library/Fonts"))
    return next((path for pattern in _FONTS for folder in folders for path in folder.rglob(pattern)), None)


def font(size: int) -> ImageFont.FreeTypeFont:
    path = font_file()
    assert path is not None
    return ImageFont.truetype(path, size)


def page() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (WIDTH, HEIGHT), "white")
    return picture, ImageDraw.Draw(picture)


def draw_grid(draw: ImageDraw.ImageDraw, grid: Grid, top: int, size: int = 17) -> int:
    """Draw a ruled table; return where it ends."""
    type_ = font(size)
    unit = (WIDTH - 2 * _MARGIN) / sum(grid.widths)
    xs = [_MARGIN, *(_MARGIN + round(unit * share) for share in accumulate(grid.widths))]
    lines = {id(cell): _wrapped(cell.text, xs[cell.column + cell.column_span] - xs[cell.column] - 8, type_)
             for cell in grid.cells}  # fmt: skip
    heights = [30] * grid.row_count
    for cell in grid.cells:
        if cell.row_span == 1:
            heights[cell.row] = max(heights[cell.row], len(lines[id(cell)]) * (size + 5) + 8)
    ys = [top, *(top + height for height in accumulate(heights))]
    for cell in grid.cells:
        box = (xs[cell.column], ys[cell.row], xs[cell.column + cell.column_span], ys[cell.row + cell.row_span])
        draw.rectangle(box, outline="black", width=2)
        text = lines[id(cell)]
        y = (box[1] + box[3]) / 2 - len(text) * (size + 5) / 2
        for line in text:
            draw.text(((box[0] + box[2]) / 2 - type_.getlength(line) / 2, y), line, fill="black", font=type_)
            y += size + 5
    return ys[-1]


def _wrapped(text: str, width: float, type_: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for character in text:
        if type_.getlength(lines[-1] + character) > width and lines[-1]:
            lines.append("")
        lines[-1] += character
    return lines


def write(draw: ImageDraw.ImageDraw, text: str, top: int, size: int = 26, centred: bool = False) -> int:
    """Write a line; return where the next may begin."""
    type_ = font(size)
    x = (WIDTH - type_.getlength(text)) / 2 if centred else _MARGIN
    draw.text((x, top), text, fill="black", font=type_)
    return top + 2 * size


def draw_short(sample: SampleReport) -> list[Image.Image]:
    """Two small pages, quickly read: title and headings; the last headings and table 四."""
    headings = {section.number: section.heading for section in sample.report.sections}
    first, draw = page()
    y = write(draw, sample.report.title, 60, 40, centred=True)
    for number in (1, 2, 3):
        y = write(draw, headings[number], y, 22)
    end = y
    second, draw = page()
    y = draw_grid(draw, grids(sample.report)[4], write(draw, headings[4], 30, 22)) + 20
    for number in (5, 6):
        y = write(draw, headings[number], y, 22)
    return [first.crop((0, 0, WIDTH, end)), second.crop((0, 0, WIDTH, y))]


def on_one_page(pages: Sequence[Image.Image]) -> Image.Image:
    """Pages one below the other."""
    joined = Image.new("RGB", (WIDTH, sum(picture.height for picture in pages)), "white")
    for picture, top in zip(pages, accumulate((picture.height for picture in pages), initial=0), strict=False):
        joined.paste(picture, (0, top))
    return joined


def draw_report(sample: SampleReport) -> list[Image.Image]:
    """Two pages: title, a sentence and table 二; tables 三 and 四."""
    tables = grids(sample.report)
    headings = {section.number: section.heading for section in sample.report.sections}
    first, draw = page()
    y = write(draw, sample.report.title, 120, 40, centred=True)
    y = write(draw, headings[1], y)
    y = write(draw, f"{sample.report.year}年，本机关认真做好政府信息公开工作。", y)
    y = draw_grid(draw, tables[2], write(draw, headings[2], y))
    second, draw = page()
    y = draw_grid(draw, tables[3], write(draw, headings[3], 60, 22))
    draw_grid(draw, tables[4], write(draw, headings[4], y + 10, 22))
    return [first, second]
