import pytest

from crawler.portals import Portal
from crawler.superiors import Superiors

COUNTY = Portal("s", "沙岭县人民政府", ("http://www.shaling.gov.cn/",))


@pytest.mark.parametrize(
    "title",
    [
        "塔林市2018年政府信息公开工作年度报告",
        "2018年塔林市人民政府政府信息公开工作年度报告",
        "朔原自治区人民政府办公厅2022\n政府信息公开工作年度报告",
        "自治区2018年政府信息公开年报",
    ],
)
def test_a_report_of_the_area_above_is_told(title: str) -> None:
    assert Superiors(COUNTY).wrote(title)
    province = Portal("p", "朔原自治区人民政府", ("http://www.shuoyuan.gov.cn/",))
    assert not Superiors(province).wrote(title)


@pytest.mark.parametrize(
    "title",
    [
        "沙岭县2018年政府信息公开工作年度报告",
        "塔林市沙岭县人民政府2018年政府信息公开工作年度报告",
        "塔林市生态环境局沙岭分局2018年政府信息公开工作年度报告",
        "塔林市生态环境局2018年政府信息公开工作年度报告",
        "县人民政府办公室2018年政府信息公开工作年度报告",
        "柳溪镇2018年政府信息公开工作年度报告",
        "2018年政府信息公开工作年度报告",
        "",
    ],
)
def test_a_report_of_the_place_itself_or_of_a_department_is_none_of_these(title: str) -> None:
    assert not Superiors(COUNTY).wrote(title)


def test_a_city_that_is_a_county_has_a_city_above_it_if_the_entry_says_so() -> None:
    plain = Portal("l", "临澥市人民政府", ("http://www.linhai.gov.cn/",))
    placed = Portal("l", "临澥市", ("http://www.linhai.gov.cn/",), province="海嶂省", city="澜州市", county="临澥市")
    title = "澜州市2018年政府信息公开工作年度报告"
    assert (Superiors(plain).wrote(title), Superiors(placed).wrote(title)) == (False, True)
    assert Superiors(plain).wrote("海嶂省2018年政府信息公开工作年度报告")
    assert not Superiors(placed).wrote("市财政局2018年政府信息公开工作年度报告")


def test_a_portal_without_a_place_refuses_nothing() -> None:
    assert not Superiors(Portal("x", "sample", ("http://x.gov.cn/",))).wrote("塔林市2018年政府信息公开工作年度报告")
