"""Cells written as HTML: whatever a source printed is text there, never markup, and reads as it was printed."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from publish import cell_html
from publish.comparison import CellPair
from publish.language import ENGLISH, Said, speaking
from publish.layout import Head, Slot
from publish.report_cells import CellView

EVIDENCE = "/-/evidence/abc/"
# Control characters are no text of a page, and a parser of HTML takes spaces together.
_LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
TEXT = st.lists(st.sampled_from(["<b>", "&amp;", '">', "'"]) | _LETTERS, min_size=1, max_size=9).map("".join)


def _cell(html: Markup) -> Tag:
    row = BeautifulSoup(f"<table><tr>{html}</tr></table>", "html.parser").tr
    assert isinstance(row, Tag)
    [cell] = [child for child in row.children if isinstance(child, Tag)]
    return cell


@given(TEXT, TEXT, TEXT, TEXT)
def test_what_was_printed_reads_as_printed(field: str, printed: str, unit: str, place: str) -> None:
    view = CellView(field, "number", "12", printed=printed, unit=unit, place=place, findings=[1, 3])
    cell = _cell(cell_html.printed_cell(view, EVIDENCE))
    assert (cell["id"], cell["class"]) == (field, ["kind-number", "doubted"])
    assert cell["aria-describedby"] == "finding-1 finding-3"
    assert str(cell["title"]).endswith(place)
    link = cell.find("a", class_="evidence")
    assert isinstance(link, Tag)
    assert link["href"] == EVIDENCE + field
    assert link.get_text("|") == f"12| {unit}|原文 {printed}"
    assert {tag.name for tag in cell.find_all(True)} == {"a", "small", "sup"}


@given(TEXT, TEXT, TEXT)
def test_a_pair_reads_as_printed(name: str, placeholder: str, difference: str) -> None:
    one = CellView("f", "placeholder", placeholder, place="第1页", sure=False)
    other = CellView("f", "number", "3", unit=name, place=difference)
    pair = CellPair("requests.new.total", one, other, "differs", difference)
    line = (Head(Said(name, name), "row", rows=2), Slot("f", columns=3))
    html = cell_html.paired_lines([line], {"f": pair}, [name, "B"], [EVIDENCE, EVIDENCE])
    row = BeautifulSoup(html, "html.parser").tr
    assert isinstance(row, Tag)
    head, cell = (tag for tag in row.children if isinstance(tag, Tag))
    assert (head.text, head["rowspan"], cell["colspan"]) == (name, "2", "3")
    assert [part.get_text() for part in cell.find_all("span", class_="side")] == [
        f"{name} {placeholder}※",
        f"B 3 {name}",
    ]
    assert [str(link["title"]) for link in cell.find_all("a")] == ["原件位置：第1页", f"原件位置：{difference}"]
    assert cell.find("strong").get_text() == f"≠ {difference}"  # type: ignore[union-attr]
    assert len(cell.find_all(True)) == 9


def test_a_blank_is_told_apart_from_what_was_not_found_and_from_what_cannot_be_read() -> None:
    shown = {
        kind: _cell(cell_html.printed_cell(CellView("f", kind, "", printed=printed), EVIDENCE)).get_text("|")
        for kind, printed in (("blank", ""), ("absent", ""), ("unreadable", "l2"))
    }
    assert shown == {"blank": "", "absent": "未见", "unreadable": "无法识别|原文 l2"}
    with speaking(ENGLISH):
        row = cell_html.pair_rows(
            [CellPair("reviews.review.total", CellView("f", "blank", ""), CellView("f", "unprinted", ""), "unprinted")],
            [2023, 2024],
            [EVIDENCE, EVIDENCE],
        )
    assert [cell.get_text() for cell in BeautifulSoup(row, "html.parser").find_all("td")] == [
        "blank", "not in this edition", "not comparable",
    ]  # fmt: skip
