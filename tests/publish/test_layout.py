import pytest

from parsers import forms
from publish.layout import Head, Printed, Slot, disclosures, field_label, requests, reviews


def _grid(lines: list[tuple[Head | Slot, ...]]) -> list[list[object]]:
    """Expand spans; raise where cells overlap or leave holes."""
    taken: dict[tuple[int, int], Head | Slot] = {}
    for row, line in enumerate(lines):
        column = 0
        for cell in line:
            while (row, column) in taken:
                column += 1
            for down in range(cell.rows if isinstance(cell, Head) else 1):
                for right in range(cell.columns):
                    assert (row + down, column + right) not in taken
                    taken[row + down, column + right] = cell
    width = max(column for _row, column in taken) + 1
    assert len(taken) == width * len(lines)
    return [[taken[row, column] for column in range(width)] for row in range(len(lines))]


TABLES = [
    reviews(),
    *(make(edition) for edition in forms.editions().values() for make in (disclosures, requests)),
]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: f"{table.key}-{len(list(table.fields()))}")
def test_head_and_body_fill_one_grid(table: Printed) -> None:
    _grid([*table.head, *(line for group in table.body for line in group)])


@pytest.mark.parametrize("edition", forms.editions().values(), ids=lambda edition: edition.name)
def test_every_cell_of_the_edition_is_printed_once(edition: forms.Edition) -> None:
    printed = list(requests(edition).fields())
    expected = [f"requests.{row}.{who}" for row in edition.request_rows() for who in forms.APPLICANTS]
    assert printed == expected
    items = [
        f"disclosures.{item}.{measure}"
        for group in edition.disclosures
        for item in group.items
        for measure in group.measures
    ]
    assert list(disclosures(edition).fields()) == items


def test_rows_stand_under_their_groups() -> None:
    table = requests(forms.editions()["2021"])
    grid = _grid([line for group in table.body for line in group])
    by_field = {
        cells[3].field: [cell.text for cell in cells[:3] if isinstance(cell, Head)]
        for cells in grid
        if isinstance(cells[3], Slot)
    }
    assert by_field["requests.rejected_duplicate.natural_person"] == [
        "三、本年度办理结果",
        "（五）不予处理",
        "2.重复申请",
    ]
    assert by_field["requests.handled_total.natural_person"][1:] == ["（七）总计"] * 2
    assert by_field["requests.carried_out.natural_person"] == ["四、结转下年度继续办理"] * 3


def test_procurement_is_no_fee() -> None:
    table = disclosures(forms.editions()["2019"])
    last = table.body[-1]
    head = last[1][-1]
    assert isinstance(head, Head)
    assert (head.text, head.scope, head.columns) == ("采购总金额", "col", 2)


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("requests.new.total", "表三 · 本年新收政府信息公开申请数量 · 总计"),
        ("requests.other_reasons.total", "表三 · 其他处理：其他 · 总计"),
        ("reviews.reconsideration.upheld", "表四 · 行政复议 · 结果维持"),
        ("sections.5", "第5部分 存在的主要问题及改进情况"),
        ("indicators.3.收到申请数", "统计表 · 第3行 收到申请数"),
        ("title", "标题"),
        ("<b>", "<b>"),
    ],
)
def test_field_label(field: str, label: str) -> None:
    assert field_label(field) == label
