"""The divisions: by code, by name and by what an organ's name begins with; what is ambiguous stays so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers import divisions
from parsers.divisions import by_code, by_reading, counties_with, named, read_prefix, townships


def full_names(text: str) -> set[str]:
    return {prefix.division.full_name for prefix in read_prefix(text)}


@pytest.mark.parametrize(
    ("code", "name", "level", "province", "city"),
    [
        ("410503", "北关区", "county", "河南省", "安阳市"),
        ("410503001", "北关区", "county", "河南省", "安阳市"),
        ("410500", "安阳市", "city", "河南省", "安阳市"),
        ("410000", "河南省", "province", "河南省", None),
        ("110105", "朝阳区", "county", "北京市", None),
        ("419001", "济源市", "county", "河南省", None),
        ("659012", "白杨市", "county", "新疆维吾尔自治区", None),
        ("330113", "临平区", "county", "浙江省", "杭州市"),
        ("330114", "钱塘区", "county", "浙江省", "杭州市"),
        ("650521", "巴里坤哈萨克自治县", "county", "新疆维吾尔自治区", "哈密市"),
        ("152921", "阿拉善左旗", "county", "内蒙古自治区", "阿拉善盟"),
        ("420600", "襄阳市", "city", "湖北省", "襄阳市"),
    ],
)
def test_a_code_tells_the_division_and_those_above_it(code, name, level, province, city):
    division = by_code(code)
    assert division is not None
    assert (division.name, division.level, division.province.name) == (name, level, province)
    assert (division.city and division.city.name) == city


def test_unknown_codes_tell_nothing():
    assert [by_code(code) for code in (None, "", "41", "999999", "abcdef")] == [None] * 5


@pytest.mark.parametrize(
    ("text", "full_name", "length"),
    [
        ("北关区信访局", "安阳市北关区", 3),
        ("安阳市北关区信访局", "安阳市北关区", 6),
        ("河南省安阳市北关区信访局", "安阳市北关区", 9),
        ("安阳北关区信访局", "安阳市北关区", 5),
        ("甘肃清水县水务局", "清水县", 5),
        ("天水市清水县水务局", "清水县", 6),
        ("林州市民政局", "林州市", 3),
        ("津市市民政局", "津市市", 3),
        ("吉林市民政局", "吉林市", 3),
        ("吉林省吉林市船营区", "吉林市船营区", 9),
        ("恩施州教育局", "恩施土家族苗族自治州", 3),
        ("石柱县教育局", "石柱土家族自治县", 3),
        ("阿拉善盟阿拉善左旗人民政府办公室", "阿拉善左旗", 9),
        ("长春市朝阳区民政局", "长春市朝阳区", 6),
        ("北京市朝阳区民政局", "北京市朝阳区", 6),
        ("乐山市市中区民政局", "乐山市市中区", 6),
        ("襄樊市樊城区民政局", "襄阳市樊城区", 6),
        ("巢湖市庐江县民政局", "庐江县", 6),
        ("永定县民政局", "永定县", 3),
        ("东莞市石龙镇", "东莞市", 3),
        ("新星市", "新星市", 3),
        ("广西自治区民政厅", "广西壮族自治区", 5),
    ],
)
def test_an_organs_name_begins_with_its_division(text, full_name, length):
    assert {(prefix.division.full_name, prefix.length) for prefix in read_prefix(text)} == {(full_name, length)}


@pytest.mark.parametrize(
    ("text", "full"),
    [
        ("朝阳区民政局", {"北京市朝阳区", "长春市朝阳区"}),
        ("鼓楼区", {"南京市鼓楼区", "徐州市鼓楼区", "福州市鼓楼区", "开封市鼓楼区"}),
        ("新城区教育局", {"呼和浩特市新城区", "西安市新城区"}),
        ("桥西区教育局", {"石家庄市桥西区", "邢台市桥西区", "张家口市桥西区"}),
        ("永定区教育局", {"张家界市永定区", "龙岩市永定区"}),
        ("河北桥西区教育局", {"石家庄市桥西区", "邢台市桥西区", "张家口市桥西区"}),
    ],
)
def test_namesakes_are_all_returned(text, full):
    assert full_names(text) == full


def test_a_name_of_two_levels_in_turn_is_two_divisions_told_apart_by_year():
    before, now = sorted((prefix.division for prefix in read_prefix("毕节市教育局")), key=lambda d: d.since or 0)
    assert (before.level, now.level) == ("county", "city")
    assert [before.stood(2009), now.stood(2009)] == [True, False]
    assert [before.stood(2014), now.stood(2014)] == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "民政局",
        "县民政局",
        "中山市场监督管理局",
        "芒市镇人民政府",
        "北京街道办事处",
        "上海路街道",
        "高新区教育局",
        "开发区管委会",
        "明川市林业局",
        "青禾县柳溪镇",
        "解放路街道",
        "国家税务总局",
    ],
)
def test_what_begins_with_no_division(text):
    assert read_prefix(text) == ()


def test_lookup_by_name_within_a_division():
    assert {division.code for division in named("鼓楼区", within="350000")} == {"350102"}
    assert {division.code for division in named("鼓楼区", within="320100")} == {"320106"}
    assert named("鼓楼区", within="330000") == ()
    assert [division.code for division in named("庐江县")] == ["340124"], "one county, whatever city it came to"


@pytest.mark.parametrize(
    ("pinyin", "full"),
    [
        ("suijiang", {"绥江县"}),
        ("tielingxian", {"铁岭县"}),
        ("yueqing", {"乐清市"}),
        ("xifeng", {"息烽县", "西丰县", "庆阳市西峰区"}),
        ("shanxi", {"山西省", "陕西省"}),
        ("nowhere", set()),
    ],
)
def test_divisions_by_pinyin(pinyin, full):
    assert {division.full_name for division in by_reading(pinyin)} == full


def test_townships():
    assert {"会仪镇"} <= townships("530626")
    assert [county.name for county in counties_with("会仪镇", "530000")] == ["绥江县"]
    assert len(counties_with("城关镇", "610000")) > 1
    assert counties_with("会仪镇", "110000") == ()


def test_what_followed_an_abolished_division():
    assert {code: by_code(code).became for code in ("350822", "511721", "371202")} == {
        "350822": "350803",
        "511721": "511703",
        "371202": None,
    }


def test_the_data_hold_together():
    data = divisions._load()
    rows = [division for found in data.by_code.values() for division in found]
    standing = [division for division in rows if division.until is None]
    counts = {level: sum(d.level == level for d in standing) for level in ("province", "city", "county")}
    assert counts["province"] == 34
    assert 330 <= counts["city"] <= 340
    assert 2840 <= counts["county"] <= 2860
    for division in rows:
        assert division.name.startswith(division.short) or division.short in division.name
        assert division.province.level == "province"
        assert division.became is None or by_code(division.became) is not None
        if division.level == "county" and not division.code[2:4].startswith("9") and division.province.name[-1] != "市":
            assert division.city is not None, division


@given(st.sampled_from(sorted(divisions._load().by_code)), st.sampled_from(["民政局", "教育局", "人民政府", "水务局"]))
def test_every_division_is_read_from_the_name_of_an_organ_in_it(code, body):
    division = by_code(code)
    assert division is not None
    found = read_prefix(f"{division.province.name}{division.name}{body}")
    assert division.name in {prefix.division.name for prefix in found}
    above = (division.city.name if division.city and division.level == "county" else "") + division.name
    one = read_prefix(f"{above}{body}")
    assert all(prefix.length == len(above) for prefix in one)
