"""The form's tables as they are printed: heads, groups, rows and the field of every cell.

Everything comes from :mod:`parsers.forms`; only the words over several columns, which
are no codes of the form, are given here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from parsers import forms

Scope = Literal["row", "col", "rowgroup", "colgroup"]

_HEAD_INFORMATION = "信息内容"
_HEAD_APPLICANT = "申请人情况"
_HEAD_ORGANISATIONS = "法人或其他组织"
_HEAD_RELATION = "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）"
_HEAD_LITIGATION = "行政诉讼"

# One measure is printed in other words where it belongs to procurement.
_PRINTED = {("procurement", "amount"): "采购总金额"}  # and it is printed without a unit
_FORM_UNITS = frozenset({"件", "项"})


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell with its spans in grid units."""

    text: str
    scope: Scope
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """A data cell: its field, such as ``requests.new.total``, and the unit that the form gives it."""

    field: str
    unit: str | None = None
    columns: int = 1


Line = tuple[Head | Slot, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """One table of the form. ``body`` is in groups of lines that belong together."""

    key: Literal["disclosures", "requests", "reviews"]
    caption: str
    section: int
    head: tuple[Line, ...]
    body: tuple[tuple[Line, ...], ...]

    def fields(self) -> Iterator[str]:
        """Yield the field of every data cell."""
        yield from self.units()

    def units(self) -> dict[str, str | None]:
        """Return the unit that the form gives each data cell, by field."""
        return {
            cell.field: cell.unit for lines in self.body for line in lines for cell in line if isinstance(cell, Slot)
        }


def _measure(item: str, code: str) -> str:
    unit = _unit(item, code)
    text = _PRINTED.get((item, code), forms.MEASURES[code].zh)
    return text if unit is None or unit in _FORM_UNITS else f"{text}（单位：{unit}）"


def _unit(item: str, code: str) -> str | None:
    return None if (item, code) in _PRINTED else forms.MEASURES[code].unit


def _stretched(count: int, width: int) -> list[int]:
    """Spans of ``count`` cells over ``width`` columns, the last one taking what is left."""
    return [1] * (count - 1) + [width - count + 1]


def disclosures(edition: forms.Edition) -> Printed:
    """Table 二 of ``edition``."""
    width = max(len(group.measures) for group in edition.disclosures)
    body: list[tuple[Line, ...]] = []
    for group in edition.disclosures:
        spans = _stretched(len(group.measures), width)
        lines: list[Line] = [
            (Head(group.article, "rowgroup", columns=width + 1),),
            (
                Head(_HEAD_INFORMATION, "col"),
                *(
                    Head(_measure(group.items[0], code), "col", columns=span)
                    for code, span in zip(group.measures, spans, strict=True)
                ),
            ),
        ]
        for item in group.items:
            slots = (
                Slot(f"disclosures.{item}.{code}", _unit(item, code), span)
                for code, span in zip(group.measures, spans, strict=True)
            )
            lines.append((Head(forms.ITEMS[item].zh, "row"), *slots))
        body.append(tuple(lines))
    return Printed("disclosures", "表二　主动公开政府信息情况", 2, (), tuple(body))


def _depth(label: forms.Label) -> int:
    """Column of a label in table 三, told by its enumerator: 一 is 0, （一） is 1, 1. is 2."""
    if label.enumerator.startswith("（"):
        return 1
    return 2 if label.enumerator[:1].isdigit() and label.enumerator[:1].isascii() else 0


def _ancestors(label: forms.Label) -> tuple[str, ...]:
    """Codes of the groups over a row of table 三, the outermost first."""
    chain: list[str] = []
    for code, group in forms.REQUEST_GROUPS.items():
        if _depth(group) < _depth(label):
            chain = [*chain[: _depth(group)], code]
        if code == label.group:
            break
    return tuple(chain)


def _request_heads(codes: tuple[str, ...], position: int, chains: list[tuple[str, ...]]) -> Iterator[Head]:
    """Yield the header cells that start on this line: groups over several rows, then the row's own."""
    chain = chains[position]
    for depth, code in enumerate(chain):
        key = chain[: depth + 1]
        if position and chains[position - 1][: depth + 1] == key:
            continue
        rows = 1
        while position + rows < len(codes) and chains[position + rows][: depth + 1] == key:
            rows += 1
        group = forms.REQUEST_GROUPS[code]
        yield Head(_numbered(group), "rowgroup", rows=rows)
    row = forms.REQUEST_ROWS[codes[position]]
    yield Head(_numbered(row), "row", columns=3 - len(chain))


def _numbered(label: forms.Label) -> str:
    mark = label.enumerator
    return f"{mark}、{label.zh}" if mark and _depth(label) == 0 else f"{mark}{label.zh}"


def requests(edition: forms.Edition) -> Printed:
    """Table 三 of ``edition``."""
    return request_table(edition.request_rows())


def request_table(codes: tuple[str, ...]) -> Printed:
    """Table 三 with the rows ``codes``, which stand in printed order."""
    first, *organisations, last = forms.APPLICANTS
    applicants = forms.APPLICANTS
    head: tuple[Line, ...] = (
        (
            Head(_HEAD_RELATION, "col", columns=3, rows=3),
            Head(_HEAD_APPLICANT, "colgroup", columns=len(applicants)),
        ),
        (
            Head(applicants[first].zh, "col", rows=2),
            Head(_HEAD_ORGANISATIONS, "colgroup", columns=len(organisations)),
            Head(applicants[last].zh, "col", rows=2),
        ),
        tuple(Head(applicants[code].zh, "col") for code in organisations),
    )
    chains = [_ancestors(forms.REQUEST_ROWS[code]) for code in codes]
    lines: tuple[Line, ...] = tuple(
        (
            *_request_heads(codes, position, chains),
            *(Slot(f"requests.{code}.{applicant}", "件") for applicant in applicants),
        )
        for position, code in enumerate(codes)
    )
    return Printed("requests", "表三　收到和处理政府信息公开申请情况", 3, head, (lines,))


def reviews() -> Printed:
    """Table 四, the same in every edition."""
    first, *litigation = forms.PROCEEDINGS
    width = len(forms.OUTCOMES)
    head: tuple[Line, ...] = (
        (
            Head(forms.PROCEEDINGS[first].zh, "colgroup", columns=width, rows=2),
            Head(_HEAD_LITIGATION, "colgroup", columns=width * len(litigation)),
        ),
        tuple(Head(forms.PROCEEDINGS[code].zh, "colgroup", columns=width) for code in litigation),
        tuple(Head(outcome.zh, "col") for _ in forms.PROCEEDINGS for outcome in forms.OUTCOMES.values()),
    )
    line: Line = tuple(
        Slot(f"reviews.{proceeding}.{outcome}", "件") for proceeding in forms.PROCEEDINGS for outcome in forms.OUTCOMES
    )
    return Printed("reviews", "表四　政府信息公开行政复议、行政诉讼情况", 4, head, ((line,),))


def row_label(table: str, code: str) -> str:
    """Chinese words for a row of table 'disclosures', 'requests' or 'reviews', with its group.

    ``code`` itself where it is none of the form.
    """
    rows = {"disclosures": forms.ITEMS, "requests": forms.REQUEST_ROWS, "reviews": forms.PROCEEDINGS}[table]
    if code not in rows:
        return code
    group = forms.REQUEST_GROUPS.get(rows[code].group or "")
    over = f"{group.zh}：" if group and _depth(group) == 1 else ""
    return f"{over}{rows[code].zh}"


def field_label(name: str) -> str:
    """Chinese words for a field such as ``requests.new.total``; the field itself where unknown."""
    table, _, rest = name.partition(".")
    first, _, second = rest.partition(".")
    tables = {
        "disclosures": ("表二", forms.MEASURES),
        "requests": ("表三", forms.APPLICANTS),
        "reviews": ("表四", forms.OUTCOMES),
    }
    if table in tables:
        title, columns = tables[table]
        column = columns[second].zh if second in columns else second
        return " · ".join(part for part in (title, row_label(table, first), column) if part)
    if table == "sections" and first.isdigit():
        section = forms.SECTIONS.get(int(first))
        return f"第{first}部分 {section.zh if section else ''}".strip()
    if table == "indicators":
        return f"统计表 · 第{first}行 {second}".strip()
    return {"title": "标题", "published_on": "发布日期"}.get(name, name)
