"""Organs in full: named by real divisions, told by all evidence in turn, never by a guess."""

import json

import pytest

from archive.organs import Portals
from archive.places import Evidence, completed, locate
from parsers.divisions import by_code
from tests.parsers.test_cases import CASES, lines


def found(name, url=None, portal=None, named=(), year=2024, archive=None):
    located = locate(name, Evidence(named, by_code(portal), (), year))
    return (located.name, located.area.code, located.level) if located else None


@pytest.mark.parametrize(
    ("name", "full", "code", "level"),
    [
        ("北关区信访局", "安阳市北关区信访局", "410503", "county"),
        ("安阳市北关区信访局", "安阳市北关区信访局", "410503", "county"),
        ("河南省安阳市北关区信访局", "河南省安阳市北关区信访局", "410503", "county"),
        ("安阳北关区信访局", "安阳市北关区信访局", "410503", "county"),
        ("安阳市", "安阳市人民政府", "410500", "city"),
        ("安阳市北关区", "安阳市北关区人民政府", "410503", "county"),
        ("安阳市林州市民政局", "安阳市林州市民政局", "410581", "county"),
        ("安阳市市场监督管理局", "安阳市市场监督管理局", "410500", "city"),
        ("恩施州教育局", "恩施土家族苗族自治州教育局", "422800", "city"),
        ("清水县白驼镇", "清水县白驼镇人民政府", "620521", "township"),
        ("广州市越秀区人民政府北京街道办事处", "广州市越秀区人民政府北京街道办事处", "440104", "township"),
        ("东莞市石龙镇人民政府", "东莞市石龙镇人民政府", "441900", "township"),
        ("莆田市公安局城厢分局", "莆田市公安局城厢分局", "350302", "county"),
        ("遂宁市公安局船山区分局", "遂宁市公安局船山区分局", "510903", "county"),
        ("遂宁市公安局高新分局", "遂宁市公安局高新分局", "510900", None),
        ("武汉市东湖新技术开发区教育局", "武汉市东湖新技术开发区教育局", "420100", None),
        ("郑州市航空港经济综合实验区教育局", "郑州市航空港经济综合实验区教育局", "410100", None),
        ("安阳市高新区管理委员会", "安阳市高新区管理委员会", "410500", None),
        ("国家税务总局清水县税务局", "国家税务总局清水县税务局", "620521", "county"),
        ("四川省教育厅", "四川省教育厅", "510000", "province"),
        ("永定县教育局", "永定县教育局", "350822", "county"),
    ],
)
def test_the_name_itself_tells(name, full, code, level):
    assert found(name) == (full, code, level)


@pytest.mark.parametrize(
    "name", ["民政局", "县民政局", "牛华镇", "朝阳区民政局", "鼓楼区", "城关镇人民政府", "高新区教育局", "明川市林业局"]
)
def test_what_no_evidence_decides_is_left_open(name):
    assert found(name) is None


@pytest.mark.parametrize(
    ("name", "evidence", "full"),
    [
        ("朝阳区民政局", {"named": ["长春市朝阳区"]}, "长春市朝阳区民政局"),
        ("朝阳区民政局", {"named": ["北京市民政局"]}, "北京市朝阳区民政局"),
        ("朝阳区民政局", {"portal": "220104"}, "长春市朝阳区民政局"),
        ("朝阳区民政局", {"portal": "110000"}, "北京市朝阳区民政局"),
        ("鼓楼区", {"portal": "350100"}, "福州市鼓楼区人民政府"),
        # 河北 has three of them, and Zhejiang none.
        ("桥西区民政局", {"portal": "130000"}, None),
        ("桥西区民政局", {"portal": "330000"}, None),
        ("民政局", {"named": ["清水县民政局"]}, "清水县民政局"),
        ("县民政局", {"named": ["清水县民政局"]}, "清水县民政局"),
        ("市民政局", {"named": ["清水县民政局"]}, None),
        ("民政局", {"named": ["清水县水务局"]}, "清水县民政局"),
        ("民政局", {"named": ["天水市水务局"]}, None),
        ("市民政局", {"named": ["天水市水务局"]}, "天水市民政局"),
        ("市民政局", {"portal": "620521"}, "天水市民政局"),
        ("省民政厅", {"portal": "620521"}, "甘肃省民政厅"),
        ("县民政局", {"portal": "620521"}, "清水县民政局"),
        ("民政局", {"portal": "620521"}, "清水县民政局"),
        ("教育厅", {"portal": "510000"}, "四川省教育厅"),
        ("省教育厅", {"portal": "510000"}, "四川省教育厅"),
        ("自治区教育厅", {"portal": "450000"}, "广西壮族自治区教育厅"),
        ("教育局", {"portal": "510000"}, None),
        ("牛华镇", {"portal": "511100"}, "乐山市五通桥区牛华镇人民政府"),
        ("牛华镇", {"named": ["五通桥区人民政府"]}, "乐山市五通桥区牛华镇人民政府"),
        ("柳溪镇", {"named": ["五通桥区人民政府"]}, None),
        # 牛华镇 is in another county of the city; on this county's portal it must be a town unknown to the data.
        ("牛华镇", {"portal": "511102"}, None),
        ("民政局", {"portal": "620521", "named": ["天水市秦州区水务局"]}, "清水县民政局"),
    ],
)
def test_what_the_name_leaves_open_other_evidence_decides(name, evidence, full):
    located = found(name, **evidence)
    assert (located and located[0]) == full


def test_a_county_that_became_a_city_is_told_by_the_year():
    assert found("毕节市教育局", year=2009)[1:] == ("522401", "county")
    assert found("毕节市教育局", year=2020)[1:] == ("520500", "city")


@pytest.mark.parametrize(
    ("name", "url", "full"),
    [
        ("会仪镇人民政府", "http://suijiang.gov.cn/a", "绥江县会仪镇人民政府"),
        ("团结乡", "http://xxgk.tongyu.gov.cn/a", "通榆县团结乡人民政府"),
        ("民政局", "http://www.suijiang.gov.cn/a", "绥江县民政局"),
        ("县民政局", "http://www.suijiang.gov.cn/a", "绥江县民政局"),
        ("鼓楼区民政局", "http://www.nanjing.gov.cn/a", "南京市鼓楼区民政局"),
        # The host may stand for three counties, for a city in which any county has a 民政局,
        # or for a county that has no such township.
        ("民政局", "http://www.xifeng.gov.cn/a", None),
        ("民政局", "http://www.hangzhou.gov.cn/a", None),
        ("柳溪镇", "http://www.suijiang.gov.cn/a", None),
        ("市民政局", "http://www.suijiang.gov.cn/a", None),
        ("市民政局", "http://www.anyang.gov.cn/a", "安阳市民政局"),
        ("区民政局", "http://www.suijiang.gov.cn/a", None),
        # Only government's own hosts are named after divisions.
        ("民政局", "http://www.suijiang.com/a", None),
        ("民政局", "http://suijiang.gov.cn.example.com/a", None),
        ("民政局", None, None),
    ],
)
def test_a_host_tells_only_together_with_the_name(archive, name, url, full):
    organ, _owner = Portals(archive).organ(name, url, None)
    assert organ.name == (full or completed(name))
    assert (organ.province is not None) == (full is not None)


REGISTERED = [
    {"id": "suijiang", "name": "绥江县人民政府", "start": ["http://sj.example/"], "division": "530626"},
    {"id": "zhaotong", "name": "昭通市人民政府", "start": ["http://zt.example/"], "division": "530600"},
    {"id": "chaoyang", "name": "朝阳区人民政府", "start": ["http://cy.example/"], "division": "110105"},
]


@pytest.mark.parametrize(
    ("portal", "names", "full", "place"),
    [
        (
            "suijiang",
            ["民政局", "县民政局", "绥江县民政局", "昭通市绥江县民政局", "云南省绥江县民政局"],
            "绥江县民政局",
            ("云南省", "昭通市", "绥江县", "530626", "county", "department"),
        ),
        (
            "suijiang",
            ["会仪镇", "会仪镇人民政府", "绥江县会仪镇", "绥江县会仪镇人民政府"],
            "绥江县会仪镇人民政府",
            ("云南省", "昭通市", "绥江县", "530626", "township", "township"),
        ),
        (
            "suijiang",
            ["绥江县", "绥江县人民政府"],
            "绥江县人民政府",
            ("云南省", "昭通市", "绥江县", "530626", "county", "government"),
        ),
        (
            "zhaotong",
            ["民政局", "市民政局", "昭通市民政局"],
            "昭通市民政局",
            ("云南省", "昭通市", None, "530600", "city", "department"),
        ),
        (
            "chaoyang",
            ["民政局", "区民政局", "朝阳区民政局", "北京市朝阳区民政局"],
            "北京市朝阳区民政局",
            ("北京市", None, "朝阳区", "110105", "county", "department"),
        ),
        (
            "zhaotong",
            ["绥江县民政局"],
            "绥江县民政局",
            ("云南省", "昭通市", "绥江县", "530626", "county", "department"),
        ),
    ],
)
def test_short_or_in_full_it_is_one_organ_though_the_portal_states_only_its_division(
    archive, portal, names, full, place
):
    archive.sync_portals(REGISTERED)
    portals = Portals(archive)
    organs = [portals.organ(name, f"http://x.example/{i}", portals.get(portal)) for i, name in enumerate(names)]
    assert len({organ.id for organ, _owner in organs}) == 1
    for name, (organ, owner) in zip(names, organs, strict=True):
        assert organ.name.endswith((full, name)), "no shorter than it is printed"
        assert organ.name.endswith((name.removeprefix(name[:1]), f"{name}人民政府"))
        assert (organ.province, organ.city, organ.county, organ.division_code, organ.level, organ.kind) == place
        assert owner == ("suijiang" if organ.county == "绥江县" else portal)
    assert full in {organ.name for organ, _owner in organs}


def test_the_document_names_a_place_that_no_list_has(archive):
    portals = Portals(archive)
    organ, _ = portals.organ("林业局", None, None, ["青禾县林业局"])
    assert organ.name == "青禾县林业局"
    assert (organ.province, organ.division_code, organ.level) == (None, None, "county")
    assert portals.organ("市林业局", None, None, ["青禾县水利局"])[0].name == "市林业局"


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the real cases are not at {CASES}")
@pytest.mark.parametrize("line", lines("titles.jsonl"), ids=lambda line: json.dumps(line["organ"], ensure_ascii=False))
def test_real_titles_right_or_open(archive, line):
    organ, _ = Portals(archive).organ(line["organ"], line["url"], None, (), line["year"])
    kinds = {"部门": "department", "乡镇": "township", "街道": "township", "省": "government", "县": "government"}
    assert organ.kind == kinds[line["level"]]
    assert organ.province is None or organ.province.startswith(line["province"])
    if organ.kind == "township":
        assert organ.level == "township"
    elif organ.province is None:
        assert organ.level in (None, "county"), "a 县教育局 says that it is a county's, and no more"
    else:
        own = by_code(organ.division_code)
        assert own is not None
        assert organ.level == own.level
        assert {"省": "province", "县": "county"}.get(line["level"], organ.level) == organ.level


@pytest.mark.skipif(not CASES.is_dir(), reason=f"the real cases are not at {CASES}")
def test_most_real_titles_are_located(archive):
    portals = Portals(archive)
    located = [portals.organ(line["organ"], line["url"], None)[0].province for line in lines("titles.jsonl")]
    assert sum(province is not None for province in located) >= 35


def test_of_the_portals_on_one_domain_the_one_nearest_to_the_host_speaks(archive):
    archive.sync_portals(
        [
            {"id": "hainan", "name": "海南省人民政府", "start": ["http://www.hainan.gov.cn/"], "division": "460000"},
            {"id": "dingan", "name": "定安县人民政府", "start": ["http://da.hainan.gov.cn/"], "division": "469021"},
            {"id": "tunchang", "name": "屯昌县人民政府", "start": ["http://tc.hainan.gov.cn/"], "division": "469022"},
        ]
    )
    portals = Portals(archive)
    for host, full, owner in [
        ("tc.hainan.gov.cn", "屯昌县民政局", "tunchang"),
        ("xxgk.da.hainan.gov.cn", "定安县民政局", "dingan"),
        ("mz.hainan.gov.cn", "县民政局", None),
    ]:
        organ, owner_id = portals.organ("县民政局", f"http://{host}/a", None)
        assert (organ.name, owner_id) == (full, owner)
