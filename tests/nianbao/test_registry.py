"""The registry that comes with Nianbao: whole, without faults, with facts only."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crawler import portals
from crawler.hosts import HostRules
from crawler.portals import Portal
from nianbao.portal_checks import findings
from nianbao.portal_filter import PortalFilter, level
from parsers import divisions
from parsers.divisions import Division

GAPS = Path(__file__).parents[2].joinpath("docs", "registry.md").read_text("utf-8")
REGISTERED = portals.builtin()
MUNICIPALITIES = ("11", "12", "31", "50")

# 国务院组成部门, of which 国家安全部 has no portal.
DEPARTMENTS = """
外交部 国防部 国家发展和改革委员会 教育部 科学技术部 工业和信息化部 国家民族事务委员会 公安部 国家安全部 民政部 司法部
财政部 人力资源和社会保障部 自然资源部 生态环境部 住房和城乡建设部 交通运输部 水利部 农业农村部 商务部 文化和旅游部
国家卫生健康委员会 退役军人事务部 应急管理部 中国人民银行 审计署
""".split()
# 国务院直属特设机构 and 直属机构.
AFFILIATED = """
国务院国有资产监督管理委员会 海关总署 国家税务总局 国家市场监督管理总局 国家金融监督管理总局 中国证券监督管理委员会
国家广播电视总局 国家体育总局 国家信访局 国家统计局 国家知识产权局 国家国际发展合作署 国家医疗保障局 国务院参事室
国家机关事务管理局
""".split()
# 国务院部委管理的国家局.
BUREAUS = """
国家粮食和物资储备局 国家能源局 国家数据局 国家国防科技工业局 国家烟草专卖局 国家移民管理局 国家林业和草原局 国家铁路局
中国民用航空局 国家邮政局 国家文物局 国家中医药管理局 国家疾病预防控制局 国家矿山安全监察局 国家消防救援局
国家外汇管理局 国家药品监督管理局
""".split()


def standing() -> list[Division]:
    """The provinces, the cities, and the counties directly under a province, that stand today."""
    codes = re.findall(r"^(\d{6})\t", Path(divisions.__file__).with_name("divisions.tsv").read_text("utf-8"), re.M)
    every = {one.code: one for code in codes if (one := divisions.by_code(code)) and one.until is None}
    return [
        one
        for one in every.values()
        if one.level != "county" or (one.city is None and one.code[:2] not in MUNICIPALITIES)
    ]


def government(division: Division) -> Portal | None:
    """The portal of a division's government."""
    own = (portal for portal in REGISTERED if portal.division == division.code)
    return next((portal for portal in own if level(portal) == division.level), None)


def test_it_has_no_fault() -> None:
    assert findings(portals.read(portals.builtin_path())) == []


def test_every_entry_says_whether_it_was_verified() -> None:
    assert all(portal.last_verified is not None for portal in REGISTERED)


def test_every_province_and_city_is_in_it_or_said_to_be_missing() -> None:
    assert len(standing()) > 350
    missing = {one.name for one in standing() if government(one) is None}
    assert missing == {one.name for one in standing() if one.name in GAPS}
    assert not any(one.endswith(("省", "盟", "地区", "自治州")) for one in missing - {"台湾省"})


@pytest.mark.parametrize("name", ["国务院办公厅", *DEPARTMENTS, *AFFILIATED, *BUREAUS])
def test_every_body_of_the_state_council_is_in_it_or_said_to_be_missing(name: str) -> None:
    full = (name, f"中华人民共和国{name}")
    assert any(portal.name in full and portal.division is None for portal in REGISTERED) != (name in GAPS)


def test_governments_bear_their_full_names() -> None:
    for division in standing():
        if portal := government(division):
            office = "行政公署" if division.name.endswith(("盟", "地区")) else "人民政府"
            assert portal.name in (division.full_name + office, division.name + office), portal.id


def test_a_government_comes_before_its_departments() -> None:
    """Where several portals are of one division, the first by id is the government's: organs are put to it."""
    for division in standing():
        own = sorted(portal.id for portal in REGISTERED if portal.division == division.code)
        portal = government(division)
        assert not portal or own[0] == portal.id


def test_hosts_are_governments_or_a_note_says_why_not() -> None:
    elsewhere = [portal for portal in REGISTERED if not all(map(HostRules(portal.start).is_government, portal.start))]
    assert elsewhere
    assert all(portal.note for portal in elsewhere)


def test_what_the_division_tells_is_not_said_twice() -> None:
    assert not any(portal.province or portal.city or portal.county for portal in REGISTERED)


def test_it_can_be_chosen_from_by_place_and_level() -> None:
    for wanted, count in (
        (PortalFilter(level="province"), 32),
        (PortalFilter(level="city"), 333),
        (PortalFilter(province="河南省", level="city"), 17),
    ):
        assert len(wanted.choose(REGISTERED)) == count
    assert {"baoding", "xushui"} <= {portal.id for portal in PortalFilter(city="保定").choose(REGISTERED)}
    bodies = {portal.name for portal in PortalFilter(level="national").choose(REGISTERED)}
    assert {"中华人民共和国教育部", "中华人民共和国审计署", "国家数据局", "中国科学院"} <= bodies
    placeless = {portal.name for portal in REGISTERED if portal.division is None}
    assert placeless - bodies == {name for name in placeless if "发布的门户" in name}
