import re

import pytest
from bs4 import BeautifulSoup, Tag

from publish.charts import Series, line_chart, share_chart

SCRIPT = "<script>alert(1)</script>\" onload='x'"


def _svg(text: str) -> Tag:
    found = BeautifulSoup(text, "lxml-xml").svg
    assert found is not None
    return found


def test_a_line_breaks_where_there_is_no_value() -> None:
    years = [2019, 2020, 2021, 2022, 2023]
    chart = _svg(line_chart("c", "标题", years, [Series("新收", [1, 2, None, 4, 5])], {2021: "缺"}))
    assert [len(str(line["points"]).split()) for line in chart.find_all("polyline")] == [2, 2]
    # Four values and the one in the legend.
    assert len(chart.find_all("circle")) == 5
    gap = chart.find("rect", class_="gap")
    assert isinstance(gap, Tag)
    assert "2021 年 无" in chart.find("desc").get_text()  # type: ignore[union-attr]
    assert chart["aria-labelledby"] == "c-title c-desc"


@pytest.mark.parametrize("highest", [0, 1, 3, 10, 99, 100, 101, 999_999])
def test_everything_lies_within_the_picture(highest: int) -> None:
    chart = _svg(line_chart("c", "t", [2020, 2021], [Series("a", [0, highest])], {}))
    _, _, width, height = map(float, str(chart["viewBox"]).split())
    for line in chart.find_all("polyline"):
        for point in str(line["points"]).split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


def test_shares_fill_the_column_and_need_every_part() -> None:
    chart = _svg(share_chart("c", "t", [2020, 2021, 2022], [Series("a", [1, None, 0]), Series("b", [3, 2, 0])], {}))
    columns = [rect for rect in chart.find_all("rect") if rect.title]
    assert [rect.title.get_text() for rect in columns if rect.title] == ["2020 a 25.0%", "2020 b 75.0%"]
    heights = [float(str(rect["height"])) for rect in columns]
    assert heights[1] == pytest.approx(3 * heights[0], abs=0.2)
    assert float(str(columns[1]["y"])) + heights[1] == pytest.approx(float(str(columns[0]["y"])), abs=0.2)


def test_words_are_escaped() -> None:
    text = str(line_chart("c", SCRIPT, [2020], [Series(SCRIPT, [1])], {2020: SCRIPT}))
    assert "<script" not in text
    assert not re.search(r"<[^>]+ onload=", text)
