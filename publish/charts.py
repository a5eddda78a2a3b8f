"""Small charts as SVG, drawn on the server: lines over years, and shares of a whole by year.

Colours come from the stylesheet; every series also has its own dash and mark or hatching, so that
neither colour nor a screen is needed. The figures themselves belong in a table beneath.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from publish.language import either

_WIDTH, _HEIGHT = 640, 290
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 16, 56, 44
_WORDS, _PER_ROW, _ROW = 190, 3, 22
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Series:
    """A line or a part: its name and a value for each year, None where there is none."""

    name: str
    values: Sequence[float | None]


def _tag(name: str, content: Markup | str = "", **attributes: object) -> Markup:
    """An element; names of attributes with _ for -, all values escaped."""
    given = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items()
    )
    return Markup("<{0}{1}>{2}</{0}>").format(Markup(name), given, content)


def _figure(identity: str, title: str, description: str, parts: Sequence[Markup]) -> Markup:
    return _tag(
        "svg",
        _tag("title", title, id=f"{identity}-title")
        + _tag("desc", description, id=f"{identity}-desc")
        + Markup("").join(parts),
        class_="chart",
        role="img",
        viewBox=f"0 0 {_WIDTH} {_HEIGHT}",
        aria_labelledby=f"{identity}-title {identity}-desc",
    )


def _ceiling(highest: float) -> float:
    """The least round number not below ``highest``, and at least 1."""
    step = 1.0
    while step * 10 < highest:
        step *= 10
    return next(step * factor for factor in _STEPS if step * factor >= highest or factor == _STEPS[-1])


def _centres(count: int) -> list[float]:
    width = (_WIDTH - _LEFT - _RIGHT) / max(count, 1)
    return [_LEFT + width * (position + 0.5) for position in range(count)]


def _height(value: float, top: float) -> float:
    return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * value / top


def _axes(years: Sequence[int], centres: Sequence[float], labels: Mapping[float, str], top: float) -> list[Markup]:
    made = []
    for value, label in labels.items():
        y = f"{_height(value, top):.1f}"
        made.append(_tag("line", class_="grid", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y))
        made.append(_tag("text", label, class_="scale", x=_LEFT - 6, y=f"{_height(value, top) + 4:.1f}"))
    every = max(1, -(-len(years) // 12))
    for position, (year, x) in enumerate(zip(years, centres, strict=True)):
        if position % every == 0:
            made.append(_tag("text", str(year), class_="year", x=f"{x:.1f}", y=_HEIGHT - _BOTTOM + 18))
    return made


def _gaps(years: Sequence[int], centres: Sequence[float], gaps: Mapping[int, str]) -> list[Markup]:
    """A shaded column with its word for every year that has no report."""
    width = (_WIDTH - _LEFT - _RIGHT) / max(len(years), 1)
    made = []
    for year, x in zip(years, centres, strict=True):
        if year in gaps:
            made.append(
                _tag("rect", class_="gap", x=f"{x - width / 2:.1f}", y=_TOP, width=f"{width:.1f}",
                     height=_HEIGHT - _TOP - _BOTTOM)
            )  # fmt: skip
            made.append(_tag("text", gaps[year], class_="year gap-word", x=f"{x:.1f}", y=_HEIGHT - _BOTTOM + 36))
    return made


def _legend(names: Sequence[str], kind: str) -> list[Markup]:
    """Names with their keys, three to a row; the second of two rows stands right above the chart."""
    made: list[Markup] = []
    for number, name in enumerate(names):
        x, y = _LEFT + _WORDS * (number % _PER_ROW), 12 + _ROW * (number // _PER_ROW)
        if kind == "line":
            made.append(_tag("line", class_=f"line line-{number}", x1=x, x2=x + 22, y1=y, y2=y))
            made.append(_mark(number, x + 11, y))
        else:
            made.append(_tag("rect", class_=f"part part-{number}", x=x, y=y - 7, width=14, height=14))
        made.append(_tag("text", name, class_="legend-word", x=x + 28, y=y + 5))
    return made


def _mark(number: int, x: float, y: float) -> Markup:
    """Circle, square or triangle."""
    if number % 3 == 0:
        return _tag("circle", class_=f"mark mark-{number}", cx=f"{x:.1f}", cy=f"{y:.1f}", r=4)
    if number % 3 == 1:
        return _tag("rect", class_=f"mark mark-{number}", x=f"{x - 3.5:.1f}", y=f"{y - 3.5:.1f}", width=7, height=7)
    points = f"{x:.1f},{y - 5:.1f} {x + 4.5:.1f},{y + 3.5:.1f} {x - 4.5:.1f},{y + 3.5:.1f}"
    return _tag("polygon", class_=f"mark mark-{number}", points=points)


def line_chart(
    identity: str, title: str, years: Sequence[int], series: Sequence[Series], gaps: Mapping[int, str]
) -> Markup:
    """Lines over ``years``, broken where a value is None; ``gaps`` are the years without a report, with a word.

    ``identity`` is unique on the page. Negative values are not drawn.
    """
    centres = _centres(len(years))
    values = [value for one in series for value in one.values if value is not None and value >= 0]
    top = _ceiling(max(values, default=1))
    parts = [
        *_gaps(years, centres, gaps),
        *_axes(years, centres, {part: _short(part) for part in (0, top / 2, top)}, top),
    ]
    parts += _legend([one.name for one in series], "line")
    for number, one in enumerate(series):
        points = [
            None if value is None or value < 0 else (x, _height(value, top))
            for x, value in zip(centres, one.values, strict=True)
        ]
        for run in _runs(points):
            if len(run) > 1:
                joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in run)
                parts.append(_tag("polyline", class_=f"line line-{number}", points=joined))
            parts += [_mark(number, x, y) for x, y in run]
    description = either("；", "; ").join(
        f"{one.name}{either('：', ': ')}{_spoken(years, one.values)}" for one in series
    )
    return _figure(identity, title, description, parts)


def share_chart(
    identity: str, title: str, years: Sequence[int], series: Sequence[Series], gaps: Mapping[int, str]
) -> Markup:
    """A column for each year, divided by the shares of ``series``; no column where a part is None or all are 0."""
    centres = _centres(len(years))
    width = min(44.0, 0.7 * (_WIDTH - _LEFT - _RIGHT) / max(len(years), 1))
    parts = [*_gaps(years, centres, gaps), *_axes(years, centres, {0: "0%", 50: "50%", 100: "100%"}, 100)]
    parts += _legend([one.name for one in series], "part")
    for position, x in enumerate(centres):
        values = [one.values[position] for one in series]
        known = [value for value in values if value is not None and value >= 0]
        if len(known) < len(values) or not sum(known):
            continue
        below = 0.0
        for number, value in enumerate(known):
            share = 100 * value / sum(known)
            if share:
                y, height = _height(below + share, 100), _height(0, 100) - _height(share, 100)
                parts.append(
                    _tag("rect", _tag("title", f"{years[position]} {series[number].name} {share:.1f}%"),
                         class_=f"part part-{number}", x=f"{x - width / 2:.1f}", y=f"{y:.1f}", width=f"{width:.1f}",
                         height=f"{height:.1f}")
                )  # fmt: skip
            below += share
    description = either("；", "; ").join(
        f"{one.name}{either('：', ': ')}{_spoken(years, one.values)}" for one in series
    )
    return _figure(identity, title, description, parts)


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _short(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def _spoken(years: Sequence[int], values: Sequence[float | None]) -> str:
    return either("，", ", ").join(
        either(f"{year} 年 {spoken}", f"{year} {spoken}")
        for year, value in zip(years, values, strict=True)
        for spoken in (either("无", "none") if value is None else _short(value),)
    )
