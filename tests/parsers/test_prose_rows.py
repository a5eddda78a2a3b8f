"""Rows of a table that are prose: headings, titles, long lines and what stands between them."""

from __future__ import annotations

import pytest

from parsers.readers.prose_rows import prose_rows

LONG = "本机关依照条例主动公开政府信息，规范办理公开申请，回应社会关切，公开及时准确，公众满意度进一步提高。"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["一、总体情况", LONG, "（一）主动公开", LONG], [True, True, True, True]),
        (["二、主动公开政府信息情况", "第二十条第（一）项", None, None], [True, False, False, False]),
        ([None, "第二十条第（五）项", None], [False, False, False]),
        ([None, "（三）不予公开", "1.属于国家秘密", None], [False, False, False, False]),
        ([None, "六、其他需要报告的事项", "无。"], [False, True, True]),
        (["明川市林业局2024年政府信息公开工作年度报告", None], [True, False]),
        (["六、其他需要报告的事项\n无。", None], [True, False]),
        ([], []),
    ],
)
def test_prose_rows(lines: list[str | None], expected: list[bool]) -> None:
    assert prose_rows(lines) == expected
