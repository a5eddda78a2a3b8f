"""The form's tables as they are printed: heads, groups, rows and the field of every cell.

Everything comes from :mod:`parsers.forms`; only the words over several columns, which
are no codes of the form, are given here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import ClassVar, Literal

from parsers import forms
from publish.dictionary import unit_en
from publish.language import Language, Said, either, language

Scope = Literal["row", "col", "rowgroup", "colgroup"]

_HEAD_INFORMATION = Said("信息内容", "Content")
_HEAD_APPLICANT = Said("申请人情况", "Applicants")
_HEAD_ORGANISATIONS = Said("法人或其他组织", "Legal persons or other organisations")
_HEAD_RELATION = Said(
    "（本列数据的勾稽关系为：第一项加第二项之和，等于第三项加第四项之和）",
    "(In each column the first item plus the second equals the third plus the fourth)",
)
_HEAD_LITIGATION = Said("行政诉讼", "Administrative litigation")
_TITLES = {
    "disclosures": Said("表二　主动公开政府信息情况", "Table 2: Information disclosed on the body's own initiative"),
    "requests": Said("表三　收到和处理政府信息公开申请情况", "Table 3: Requests received and handled"),
    "reviews": Said(
        "表四　政府信息公开行政复议、行政诉讼情况", "Table 4: Administrative reconsideration and litigation"
    ),
}
_ARTICLE = re.compile(r"第二十条第（(?P<number>.)）项")
_NUMERALS = "一二三四五六七八九十"

# One measure is printed in other words where it belongs to procurement.
_PRINTED = {("procurement", "amount"): Said("采购总金额", "Total spent")}  # and it is printed without a unit
_FORM_UNITS = frozenset({"件", "项"})


@dataclass(frozen=True, slots=True)
class Head:
    """A header cell with its spans in grid units."""

    is_head: ClassVar[bool] = True
    said: Said
    scope: Scope
    columns: int = 1
    rows: int = 1

    @property
    def text(self) -> str:
        """The words as the form prints them."""
        return self.said.zh

    @property
    def words(self) -> str:
        """The words in the page's language."""
        return self.said.here()


@dataclass(frozen=True, slots=True)
class Slot:
    """A data cell: its field, such as ``requests.new.total``, and the unit that the form gives it."""

    is_head: ClassVar[bool] = False
    field: str
    unit: str | None = None
    columns: int = 1


Line = tuple[Head | Slot, ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """One table of the form. ``body`` is in groups of lines that belong together."""

    key: Literal["disclosures", "requests", "reviews"]
    section: int
    head: tuple[Line, ...]
    body: tuple[tuple[Line, ...], ...]

    @property
    def caption(self) -> str:
        """The table's title as the form has it."""
        return _TITLES[self.key].zh

    @property
    def title(self) -> str:
        """The table's title in the page's language."""
        return _TITLES[self.key].here()

    def fields(self) -> Iterator[str]:
        """Yield the field of every data cell."""
        yield from self.units()

    def units(self) -> dict[str, str | None]:
        """Return the unit that the form gives each data cell, by field."""
        return {
            cell.field: cell.unit for lines in self.body for line in lines for cell in line if isinstance(cell, Slot)
        }


def _said(label: forms.Label, mark: str = "") -> Said:
    return Said(f"{mark}{label.zh}", label.en)


def words(label: forms.Label) -> str:
    """A label of the form in the page's language."""
    return either(label.zh, label.en)


def _measure(item: str, code: str) -> Said:
    unit = _unit(item, code)
    said = _PRINTED.get((item, code), _said(forms.MEASURES[code]))
    return (
        said
        if unit is None or unit in _FORM_UNITS
        else Said(f"{said.zh}（单位：{unit}）", f"{said.en} ({unit_en(unit)})")
    )


def _article(text: str) -> Said:
    """An article of the Regulations, such as 第二十条第（一）项."""
    found = _ARTICLE.fullmatch(text)
    return Said(text, f"Article 20 ({_NUMERALS.index(found['number']) + 1})" if found else text)


def _unit(item: str, code: str) -> str | None:
    return None if (item, code) in _PRINTED else forms.MEASURES[code].unit


def _stretched(count: int, width: int) -> list[int]:
    """Spans of ``count`` cells over ``width`` columns, the last one taking what is left."""
    return [1] * (count - 1) + [width - count + 1]


@cache
def disclosures(edition: forms.Edition) -> Printed:
    """Table 二 of ``edition``."""
    width = max(len(group.measures) for group in edition.disclosures)
    body: list[tuple[Line, ...]] = []
    for group in edition.disclosures:
        spans = _stretched(len(group.measures), width)
        lines: list[Line] = [
            (Head(_article(group.article), "rowgroup", columns=width + 1),),
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
            lines.append((Head(_said(forms.ITEMS[item]), "row"), *slots))
        body.append(tuple(lines))
    return Printed("disclosures", 2, (), tuple(body))


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


def _numbered(label: forms.Label) -> Said:
    mark = label.enumerator
    return _said(label, f"{mark}、" if mark and _depth(label) == 0 else mark)


def requests(edition: forms.Edition) -> Printed:
    """Table 三 of ``edition``."""
    return request_table(edition.request_rows())


@cache
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
            Head(_said(applicants[first]), "col", rows=2),
            Head(_HEAD_ORGANISATIONS, "colgroup", columns=len(organisations)),
            Head(_said(applicants[last]), "col", rows=2),
        ),
        tuple(Head(_said(applicants[code]), "col") for code in organisations),
    )
    chains = [_ancestors(forms.REQUEST_ROWS[code]) for code in codes]
    lines: tuple[Line, ...] = tuple(
        (
            *_request_heads(codes, position, chains),
            *(Slot(f"requests.{code}.{applicant}", "件") for applicant in applicants),
        )
        for position, code in enumerate(codes)
    )
    return Printed("requests", 3, head, (lines,))


@cache
def reviews() -> Printed:
    """Table 四, the same in every edition."""
    first, *litigation = forms.PROCEEDINGS
    width = len(forms.OUTCOMES)
    head: tuple[Line, ...] = (
        (
            Head(_said(forms.PROCEEDINGS[first]), "colgroup", columns=width, rows=2),
            Head(_HEAD_LITIGATION, "colgroup", columns=width * len(litigation)),
        ),
        tuple(Head(_said(forms.PROCEEDINGS[code]), "colgroup", columns=width) for code in litigation),
        tuple(Head(_said(outcome), "col") for _ in forms.PROCEEDINGS for outcome in forms.OUTCOMES.values()),
    )
    line: Line = tuple(
        Slot(f"reviews.{proceeding}.{outcome}", "件") for proceeding in forms.PROCEEDINGS for outcome in forms.OUTCOMES
    )
    return Printed("reviews", 4, head, ((line,),))


def table(key: str, edition: forms.Edition) -> Printed:
    """The table 'disclosures', 'requests' or 'reviews' of ``edition``."""
    if key == "reviews":
        return reviews()
    return disclosures(edition) if key == "disclosures" else requests(edition)


def row_label(table: str, code: str) -> str:
    """Words for a row of table 'disclosures', 'requests' or 'reviews', with its group.

    ``code`` itself where it is none of the form.
    """
    rows = {"disclosures": forms.ITEMS, "requests": forms.REQUEST_ROWS, "reviews": forms.PROCEEDINGS}[table]
    if code not in rows:
        return code
    group = forms.REQUEST_GROUPS.get(rows[code].group or "")
    over = f"{words(group)}{either('：', ': ')}" if group and _depth(group) == 1 else ""
    return f"{over}{words(rows[code])}"


def field_label(name: str) -> str:
    """Words for a field such as ``requests.new.total``; the field itself where unknown."""
    return _field_label(language(), name)


@lru_cache(maxsize=8_192)
def _field_label(_language: Language, name: str) -> str:
    table, _, rest = name.partition(".")
    first, _, second = rest.partition(".")
    tables = {
        "disclosures": (either("表二", "Table 2"), forms.MEASURES),
        "requests": (either("表三", "Table 3"), forms.APPLICANTS),
        "reviews": (either("表四", "Table 4"), forms.OUTCOMES),
    }
    if table in tables:
        title, columns = tables[table]
        column = words(columns[second]) if second in columns else second
        return " · ".join(part for part in (title, row_label(table, first), column) if part)
    if table == "sections" and first.isdigit():
        section = forms.SECTIONS.get(int(first))
        return f"{either(f'第{first}部分', f'Section {first}')} {words(section) if section else ''}".strip()
    if table == "indicators":
        return f"{either(f'统计表 · 第{first}行', f'Statistics · row {first}')} {second}".strip()
    named = {"title": either("标题", "Title"), "published_on": either("发布日期", "Date of publication")}
    return named.get(name, name)
