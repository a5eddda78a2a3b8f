import pytest

from parsers.divisions import level_of, province_of
from parsers.organs import classify, named_city, normalise_name


@pytest.mark.parametrize(
    ("name", "level", "kind"),
    [
        ("国家税务总局", "national", "department"),
        ("浙江省", "province", "government"),
        ("浙江省市场监督管理局", "province", "department"),
        ("内蒙古自治区", "province", "government"),
        ("北京市民政局", "province", "department"),
        ("北京市朝阳区民政局", "county", "department"),
        ("恩施土家族苗族自治州人民政府", "city", "government"),
        ("大兴安岭地区行政公署", "city", "department"),
        ("锡林郭勒盟", "city", "government"),
        ("安阳市北关区信访局", "county", "department"),
        ("云溪县退役军人事务局", "county", "department"),
        ("正蓝旗人民政府", "county", "government"),
        ("云溪县清水镇人民政府", "township", "township"),
        ("正阳街道办事处", "township", "township"),
        ("清水乡", "township", "township"),
        ("高平市", None, "government"),
        ("高平市人民政府办公室", None, "department"),
        ("景德镇市", None, "government"),
        ("上海市浦东新区", None, "government"),
        ("高新区教育局", None, "department"),
        ("郑州航空港经济综合实验区教育局", None, "department"),
        ("明川旅游度假区管理委员会", None, "government"),
        ("新城区教育局", "county", "department"),
        ("国家税务总局清水县税务局", "county", "department"),
        ("国家税务总局明川市税务局", None, "department"),
        ("明川市林业局(绿化委员会办公室)", None, "department"),
        ("南京市城市管理局", None, "department"),
    ],
)
def test_level_and_kind_follow_from_the_name(name, level, kind):
    assert classify(name) == (level, kind)


def test_names_are_folded():
    assert normalise_name(" 云溪　县\u200b民政局（Ａ）\n") == "云溪县民政局(A)"


def test_city_is_the_one_named():
    assert named_city("河南省平川市民政局") == "平川市"
    assert named_city("云溪县城市管理局") is None
    assert named_city("市民政局") is None


def test_codes_tell_province_and_level():
    assert [province_of(code) for code in ("410503", "110000", "990000", None)] == [
        "河南省",
        "北京市",
        None,
        None,
    ]
    assert [level_of(code) for code in ("410000", "410500", "410503", "410503001", "41", None)] == [
        "province",
        "city",
        "county",
        "county",
        None,
        None,
    ]
