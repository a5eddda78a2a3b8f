"""Forms printed in many ways: what is read equals what was printed, or is absent, never wrong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers import forms
from parsers.document import Table
from parsers.readers.grid import SpanningCell
from parsers.tables import TableReadings, disclosures_edition, read_tables, requests_edition
from tests.parsers.printed_forms import (
    Figures,
    Rows,
    all_rows,
    cell,
    cut,
    disclosure_rows,
    document,
    flattened,
    grid,
    items,
    request_rows,
    review_rows,
    unaligned,
    zero_figures,
)

EDITIONS = ["2019", "2021"]
NAMES = ("disclosures", "requests", "reviews")
PATIENT = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
slow = settings(max_examples=100, **PATIENT)  # type: ignore[arg-type]

figures_printed = st.one_of(
    st.just("0"),
    st.integers(1, 99).map(str),
    st.integers(100, 11_398_889).map(str),
)
printed = st.one_of(figures_printed, figures_printed, st.sampled_from(["", "", "/", "—", "无"]))


@st.composite
def figures(draw: st.DrawFn, value: st.SearchStrategy[str] = printed) -> tuple[str, str, dict[str, Figures]]:
    """Editions of tables 二 and 三, and what stands in every cell."""
    two, three = draw(st.sampled_from(EDITIONS)), draw(st.sampled_from(EDITIONS))

    def table(columns: Iterable[tuple[str, Iterable[str]]]) -> Figures:
        return {row: {code: draw(value) for code in codes} for row, codes in columns}

    return (
        two,
        three,
        {
            "disclosures": table(items(two)),
            "requests": table((row, forms.APPLICANTS) for row in forms.editions()[three].request_rows()),
            "reviews": table((proceeding, forms.OUTCOMES) for proceeding in forms.PROCEEDINGS),
        },
    )


def expected(text: str) -> tuple[str, float | None]:
    if text == "":
        return "blank", None
    return ("number", float(text)) if text[0].isdigit() else ("placeholder", None)


def differences(read: TableReadings, truth: dict[str, Figures]) -> list[str]:
    """Fields read as something else than printed; what is absent or given up is no difference."""
    wrong = []
    for name in NAMES:
        for row, cells in getattr(read, name).items():
            for column, reading in cells.items():
                if reading.kind == "unreadable":
                    assert reading.number is None
                    continue
                text = truth[name].get(row, {}).get(column)
                if text is None or (reading.kind, reading.number) != expected(text):
                    wrong.append(f"{name}.{row}.{column}: {text!r} read as {reading.kind} {reading.number}")
    return wrong


def assert_all_read(read: TableReadings, truth: dict[str, Figures]) -> None:
    assert differences(read, truth) == []
    for name in NAMES:
        got = {(row, column) for row, cells in getattr(read, name).items() for column in cells}
        assert got == {(row, column) for row, cells in truth.get(name, {}).items() for column in cells}
        assert all(r.kind != "unreadable" for cells in getattr(read, name).values() for r in cells.values())


# Whole tables ---------------------------------------------------------------------------


@slow
@given(figures())
def test_aligned_tables_are_read_completely(form: tuple[str, str, dict[str, Figures]]) -> None:
    two, three, truth = form
    read = read_tables(document(*(grid(rows) for rows in all_rows(truth, two, three))))
    assert_all_read(read, truth)
    assert read.problems == []
    assert disclosures_edition(read.disclosures) == two
    assert requests_edition(read.requests) == three


@slow
@given(figures(), st.data())
def test_page_breaks_change_nothing(form: tuple[str, str, dict[str, Figures]], data: st.DataObject) -> None:
    two, three, truth = form
    tables: list[Table] = []
    for rows in all_rows(truth, two, three):
        start = 3 if rows[0][0].row_span == 3 or rows[0][0].column_span == 5 else 1
        at = data.draw(st.integers(start, len(rows) - 1))
        tables += [grid(part) for part in cut(rows, at)]
    read = read_tables(document(*tables))
    assert_all_read(read, truth)


@slow
@given(figures(), st.sampled_from(["", " ", "\n", "\u3000", "\xa0", "\u200b"]), st.booleans())
def test_space_and_width_of_labels_do_not_matter(
    form: tuple[str, str, dict[str, Figures]], space: str, half_width: bool
) -> None:
    two, three, truth = form
    narrow = str.maketrans("（）、：“”", '(),:""') if half_width else {}

    def respaced(spanning: SpanningCell) -> SpanningCell:
        if len(spanning.text) < 2 or (spanning.text[0].isdigit() and spanning.text.isdigit()):
            return spanning
        text = space.join(spanning.text.translate(narrow))
        return SpanningCell(text, spanning.row_span, spanning.column_span)

    read = read_tables(
        document(*(grid([[respaced(c) for c in row] for row in rows]) for rows in all_rows(truth, two, three)))
    )
    assert_all_read(read, truth)


@slow
@given(figures())
def test_all_tables_in_one(form: tuple[str, str, dict[str, Figures]]) -> None:
    two, three, truth = form
    rows = [row for table in all_rows(truth, two, three) for row in table]
    assert_all_read(read_tables(document(grid(rows))), truth)


@slow
@given(figures(), st.booleans())
def test_whole_text_rows(form: tuple[str, str, dict[str, Figures]], pad_spans: bool) -> None:
    """Text renderings that lose no cell: nothing is read wrong, and full tables are read whole."""
    two, three, truth = form
    read = read_tables(
        document(*(unaligned(flattened(rows, pad_spans=pad_spans)) for rows in all_rows(truth, two, three)))
    )
    assert differences(read, truth) == []


@slow
@given(figures(figures_printed), st.booleans())
def test_text_rows_without_blanks_are_read_completely(
    form: tuple[str, str, dict[str, Figures]], pad_spans: bool
) -> None:
    two, three, truth = form
    lines = [flattened(rows, pad_spans=pad_spans) for rows in all_rows(truth, two, three)]
    read = read_tables(document(*(unaligned(table) for table in lines)))
    assert_all_read(read, truth)


@st.composite
def damaged(draw: st.DrawFn, line: Sequence[str]) -> list[str]:
    """A line that lost some blank cells at either end of its figures, or gained some."""
    values = next((i for i in range(len(line), 0, -1) if not _value(line[i - 1])), 0)
    label, rest = list(line[:values]), list(line[values:])
    if label:
        lost = draw(st.integers(0, len([text for text in label[:-1] if not text])))
        for _ in range(lost):
            label.remove("")
        label = [""] * draw(st.integers(0, 2)) + label + [""] * draw(st.integers(0, 2))
    while rest and rest[0] == "" and draw(st.booleans()):
        rest.pop(0)
    while rest and rest[-1] == "" and draw(st.booleans()):
        rest.pop()
    return [*label, *rest, *[""] * draw(st.integers(0, 2))]


def _value(text: str) -> bool:
    return text == "" or text[0].isdigit() or text in ("/", "—", "无")


@settings(max_examples=300, **PATIENT)
@given(figures(st.one_of(st.sampled_from(["", "", "0", "7"]), figures_printed)), st.booleans(), st.data())
def test_lost_and_added_cells_of_text_never_misplace_a_figure(
    form: tuple[str, str, dict[str, Figures]], pad_spans: bool, data: st.DataObject
) -> None:
    two, three, truth = form
    tables = []
    for rows in all_rows(truth, two, three):
        lines = flattened(rows, pad_spans=pad_spans)
        chosen = data.draw(st.sets(st.integers(0, len(lines) - 1), max_size=6))
        tables.append(unaligned([data.draw(damaged(line)) if i in chosen else line for i, line in enumerate(lines)]))
    assert differences(read_tables(document(*tables)), truth) == []


# Particular shapes -------------------------------------------------------------------------


def distinct(edition: str) -> dict[str, Figures]:
    """Figures that are all different, so that no mix-up goes unseen."""
    truth = zero_figures(edition)
    count = 100
    for table in truth.values():
        for cells in table.values():
            for column in cells:
                count += 1
                cells[column] = str(count)
    return truth


def test_spans_of_heads_and_figures_that_disagree_are_read_in_order() -> None:
    truth = distinct("2019")
    rows = disclosure_rows("2019", truth["disclosures"])
    crooked: Rows = []
    for row in rows:
        if len(row) == 4 and row[0].text == "信息内容":
            crooked.append([row[0], row[1], cell(row[2].text, 1, 2), row[3]])
        elif len(row) == 4:
            crooked.append([row[0], cell(row[1].text, 1, 2), row[2], row[3]])
        else:
            crooked.append([cell(c.text, 1, c.column_span + (c is row[-1])) for c in row])
    read = read_tables(document(grid(crooked)))
    assert differences(read, truth) == []
    assert read.disclosures.keys() == truth["disclosures"].keys()


def test_heads_cut_to_the_same_words() -> None:
    truth = distinct("2019")
    rows = disclosure_rows("2019", truth["disclosures"])
    rows[1] = [cell("信息内容"), cell("本年新"), cell("本年新"), cell("对外公开总数量")]
    read = read_tables(document(grid(rows)))
    assert differences(read, truth) == []
    assert set(read.disclosures["regulations"]) == {"made", "disclosed", "total_disclosed"}


def test_no_heads_no_figures() -> None:
    rows = [[cell("规章"), cell("1"), cell("2"), cell("3")], [cell("行政规范性文件"), cell("4"), cell("5"), cell("6")]]
    assert read_tables(document(grid(rows))).disclosures == {}


def test_change_in_words() -> None:
    truth = distinct("2019")
    truth["disclosures"]["administrative_permits"]["change"] = "增1558"
    truth["disclosures"]["other_services"]["change"] = "减38"
    truth["disclosures"]["administrative_penalties"]["change"] = "未增未减"
    read = read_tables(document(grid(disclosure_rows("2019", truth["disclosures"])))).disclosures
    assert [read[i]["change"].number for i in list(truth["disclosures"])[2:5]] == [1558, -38, 0]
    assert read["administrative_permits"]["change"].printed == "增1558"


def test_units_of_table_two() -> None:
    truth = zero_figures("2019")
    truth["disclosures"]["procurement"] = {"items": "31批次", "amount": "251000元"}
    read = read_tables(document(grid(disclosure_rows("2019", truth["disclosures"])))).disclosures
    assert [(r.number, r.unit) for r in read["procurement"].values()] == [(31, "批次"), (251000, "元")]
    assert read["administrative_permits"]["decisions"].unit == "件"
    fees = read_tables(document(grid(disclosure_rows("2021", zero_figures("2021", "2.5")["disclosures"])))).disclosures
    assert (fees["administrative_fees"]["amount"].number, fees["administrative_fees"]["amount"].unit) == (2.5, "万元")


def test_procurement_amount_without_unit_gets_none() -> None:
    truth = zero_figures("2019", "8040")
    read = read_tables(document(grid(disclosure_rows("2019", truth["disclosures"])))).disclosures
    assert read["procurement"]["amount"].unit is None


@pytest.mark.parametrize("row", [row for row in forms.REQUEST_ROWS if row != "other"])
def test_a_row_whose_label_is_lost_is_reported_not_guessed(row: str) -> None:
    truth = distinct("2021")
    rows = request_rows("2021", truth["requests"])
    index = list(forms.editions()["2021"].request_rows()).index(row) + 3
    label = len(rows[index]) - 8
    rows[index][label] = cell("", 1, rows[index][label].column_span)
    read = read_tables(document(grid(rows)))
    assert differences(read, truth) == []
    assert row not in read.requests
    assert {"extraction.unmatched_row", "extraction.row_missing"} & {problem.rule for problem in read.problems}


def test_the_row_of_other_handling_is_reported_where_nothing_of_it_was_found() -> None:
    truth = distinct("2019")
    rows = [row for row in request_rows("2019", truth["requests"]) if not any("其他处理" in c.text for c in row)]
    read = read_tables(document(grid(rows)))
    assert requests_edition(read.requests) is None
    assert "requests.other" in {name for problem in read.problems for name in problem.cells}


def test_a_group_beside_words_and_figures_in_one_cell_is_no_row_of_the_older_edition() -> None:
    truth = distinct("2021")
    rows = request_rows("2021", truth["requests"])
    [row] = [row for row in rows if any("其他处理" in c.text for c in row)]
    figures = row[-7:]
    # The rule between the label and the first figure lacks, and the group has only this row on the page.
    row[-9:] = [cell("（六）其他处理"), cell(f"1.申请人无正当理由逾\n{figures[0].text}"), *figures[1:]]
    read = read_tables(document(grid(rows[: rows.index(row) + 1])))
    assert requests_edition(read.requests) is None
    assert differences(read, truth) == []


@pytest.mark.parametrize(
    ("torn", "read_at_all"),
    [("尚审\ufffd", True), ("\ufffd审结", True), ("\ufffd", False), ("审尚\ufffd", False), ("尚审", False)],
)
def test_a_head_of_table_four_that_is_torn_is_known_by_its_place(torn: str, read_at_all: bool) -> None:
    truth = distinct("2021")
    rows = review_rows(truth["reviews"])
    rows[2][8] = cell(torn)
    read = read_tables(document(grid(rows)))
    assert differences(read, truth) == []
    numbers = {cell.number for cells in read.reviews.values() for cell in cells.values()}
    assert (None not in numbers and len(numbers) == 15) == read_at_all


def test_a_torn_head_of_table_four_in_the_place_of_another_is_not_taken() -> None:
    truth = distinct("2021")
    rows = review_rows(truth["reviews"])
    rows[2][7], rows[2][8] = cell("尚审\ufffd"), cell("其他结果")
    read = read_tables(document(grid(rows)))
    assert {cell.number for cells in read.reviews.values() for cell in cells.values()} <= {None}


@pytest.mark.parametrize("group", ["不予公开", "无法提供", "不予处理", "（三）不予公开", "（五）不予处理"])
def test_a_group_head_alone_never_becomes_a_row(group: str) -> None:
    truth = distinct("2021")
    rows = request_rows("2021", truth["requests"])[:5]
    rows.append([cell(group, 1, 3), *(cell(str(n)) for n in range(7))])
    read = read_tables(document(grid(rows)))
    assert set(read.requests) == {"new", "carried_in"}


def test_other_handling_printed_both_ways_is_withdrawn() -> None:
    truth = distinct("2021")
    rows = request_rows("2021", truth["requests"])
    at = next(i for i, row in enumerate(rows) if row[0].text.startswith("（六）"))
    rows[at] = rows[at][1:]
    rows.insert(at, [cell("（六）其他处理", 1, 2), *(cell("5") for _ in range(7))])
    rows[3 + 2] = [cell("三、本年度办理结果", 1, 1), *rows[5][1:]]
    read = read_tables(document(unaligned(flattened(rows, pad_spans=False))))
    assert differences(read, truth) == []
    assert all(reading.number is None for reading in read.requests.get("other", {}).values())
    assert "extraction.conflicting_rows" in {problem.rule for problem in read.problems}


def test_the_same_row_with_other_figures_is_withdrawn() -> None:
    truth = distinct("2021")
    rows = request_rows("2021", truth["requests"])
    rows.append([rows[3][0], *(cell("1") for _ in range(7))])
    read = read_tables(document(grid(rows)))
    assert {reading.kind for reading in read.requests["new"].values()} == {"unreadable"}
    assert "extraction.conflicting_rows" in {problem.rule for problem in read.problems}


def test_the_same_table_twice_is_read_once() -> None:
    truth = distinct("2021")
    tables = [grid(rows) for rows in all_rows(truth, "2021", "2021")]
    assert_all_read(read_tables(document(*tables, *tables)), truth)


def test_two_different_forms_in_one_document_yield_no_figure() -> None:
    truth, other = distinct("2021"), zero_figures("2021", "9")
    tables = [grid(rows) for form in (truth, other) for rows in all_rows(form, "2021", "2021")]
    read = read_tables(document(*tables))
    kinds = {r.kind for name in NAMES for cells in getattr(read, name).values() for r in cells.values()}
    assert kinds == {"unreadable"}


def test_a_figure_that_spans_rows_belongs_to_none() -> None:
    rows: Rows = disclosure_rows("2021", distinct("2021")["disclosures"])
    rows[2] = [cell("规章"), cell("4", 2, 1), cell("0"), cell("6")]
    rows[3] = [cell("行政规范性文件"), cell("0"), cell("8")]
    read = read_tables(document(grid(rows)))
    assert "regulations" not in read.disclosures
    assert "normative_documents" not in read.disclosures
    assert "extraction.ambiguous_position" in {problem.rule for problem in read.problems}


def test_permuted_applicants_are_read_by_their_heads() -> None:
    truth = distinct("2021")
    rows = request_rows("2021", truth["requests"])
    rows[2] = [rows[2][1], rows[2][0], *rows[2][2:]]
    read = read_tables(document(grid(rows)))
    assert read.requests["new"]["research"].number == int(truth["requests"]["new"]["business"])
    assert read.requests["new"]["business"].number == int(truth["requests"]["new"]["research"])


def test_litigation_columns_that_changed_places_are_read_by_their_heads() -> None:
    truth = distinct("2021")
    rows = review_rows(truth["reviews"])
    rows[1][-2], rows[1][-1] = rows[1][-1], rows[1][-2]
    read = read_tables(document(grid(rows))).reviews
    assert read["litigation_direct"]["upheld"].number == int(
        truth["reviews"]["litigation_after_reconsideration"]["upheld"]
    )


def test_unreadable_cells_are_reported_with_their_print() -> None:
    truth = distinct("2021")
    truth["requests"]["new"]["total"] = "3 5"
    read = read_tables(document(grid(request_rows("2021", truth["requests"]))))
    assert (read.requests["new"]["total"].kind, read.requests["new"]["total"].number) == ("unreadable", None)
    [problem] = [p for p in read.problems if p.rule == "extraction.unreadable_cell"]
    assert problem.cells == ("requests.new.total",)
    assert problem.evidence == "3 5"


def test_misspelt_label_is_read_and_reported() -> None:
    rows = request_rows("2021", distinct("2021")["requests"])
    at = next(i for i, row in enumerate(rows) if row[0].text.endswith("属于四类过程性信息"))
    rows[at][0] = cell("6.属于四类过程性信思")
    read = read_tables(document(grid(rows)))
    assert not read.requests["denied_process_information"]["total"].sure
    assert "extraction.close_match" in {problem.rule for problem in read.problems}


def test_every_figure_keeps_its_place() -> None:
    rows = request_rows("2021", distinct("2021")["requests"])
    read = read_tables(document(grid(rows, number=1)))
    place = read.requests["carried_out"]["total"].place
    assert (place.table, place.row, place.column) == (1, len(rows), 10)


def test_tables_of_other_kinds_are_left_alone() -> None:
    rows = [
        [cell("指标"), cell("数量"), cell("总计")],
        [cell("公开条数"), cell("12"), cell("30")],
        [cell("其他"), cell("3"), cell("4")],
        [cell("总计"), cell("15"), cell("34")],
    ]
    assert read_tables(document(grid(rows))).cell_count == 0


@settings(max_examples=300, **PATIENT)  # type: ignore[arg-type]
@given(figures(st.sampled_from(["", "0", "7", "35"])), st.integers(4, 20), st.data())
def test_continuation_on_another_grid_never_misplaces_a_figure(
    form: tuple[str, str, dict[str, Figures]], at: int, data: st.DataObject
) -> None:
    """A page's own rules may give the rest of a table columns that the first page does not have."""
    _two, three, truth = form
    head, tail = cut(request_rows(three, truth["requests"]), at)
    added = data.draw(st.integers(0, 2)), data.draw(st.integers(0, 2))
    for row in tail:
        values = len(row) - 7
        row[values:values] = [cell("")] * added[0]
        row += [cell("")] * added[1]
    read = read_tables(document(grid(head), grid(tail, 2)))
    assert differences(read, {**truth, "disclosures": {}, "reviews": {}}) == []
