"""Which organs can make regulations, by their names alone."""

from __future__ import annotations

import pytest

from parsers.powers import makes_regulations


@pytest.mark.parametrize(
    "organ",
    [
        "上海市人民政府",
        "上海市人民政府办公厅",
        "孝感市人民政府办公室",
        "广东省",
        "大理白族自治州人民政府",
        "淮安市人民政府",
    ],
)
def test_governments_of_provinces_and_cities_with_districts(organ: str) -> None:
    assert makes_regulations(organ) is True


@pytest.mark.parametrize(
    "organ",
    [
        "上海市黄浦区人民政府", "上海市浦东新区人民政府", "赤壁市人民政府", "县退役军人事务局", "市应急管理局",
        "明川市林业局", "江苏省水利厅", "微山县两城镇人民政府", "卫东区北环路街道办事处", "东湖高新区教育局",
        "武汉东湖新技术开发区管理委员会", "莆田市公安局城厢分局",
    ],
)  # fmt: skip
def test_all_others_of_known_level_have_no_such_power(organ: str) -> None:
    assert makes_regulations(organ) is False


@pytest.mark.parametrize(
    "organ",
    ["水利部", "国家林业和草原局", "中国气象局", "应急管理局", "明川市人民政府", "武威市司法局", "江苏省司法厅"],
)
def test_where_the_name_does_not_tell_nothing_is_said(organ: str) -> None:
    assert makes_regulations(organ) is None
