import pytest

from archive.organs import Portal, Portals, full_name, identify, trusted_host

COUNTY = Portal("yunxi", "http://www.yunxi.example/", "419921", None, "平川市", "云溪县")
CITY = Portal("pingchuan", "http://www.pingchuan.example/", "419900", None, "平川市", None)
PROVINCE = Portal("province", "http://www.province.example/", "410000", None, None, None)


def test_same_name_in_the_same_area_is_the_same_organ():
    there = Portal("yunxi-data", "http://data.yunxi.example/", "419921", None, None, None)
    first = identify("云溪县 民政局", "http://www.yunxi.example/1", COUNTY)
    assert first.id == identify("云溪县民政局", "http://data.yunxi.example/2", there).id
    assert len(first.id) == 12
    assert first.id != identify("云溪县民政局", None, CITY).id


def test_without_a_portal_the_government_domain_tells_areas_apart():
    first = identify("民政局", "http://www.yunxi.gov.cn/a", None)
    assert first.id == identify("民政局", "https://xxgk.yunxi.gov.cn:8080/b", None).id
    assert first.id != identify("民政局", "http://www.pingchuan.gov.cn/a", None).id
    assert first.id != identify("民政局", None, None).id
    assert (first.division_code, first.province, first.level) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "portal", "level"),
    [
        ("民政局", COUNTY, "county"),
        ("清水镇", COUNTY, "township"),
        ("平川市民政局", CITY, "city"),
        ("新河市民政局", CITY, None),
        ("云溪县民政局", CITY, "county"),
        ("平川市民政局", PROVINCE, None),
        ("民政厅", PROVINCE, "province"),
        ("平川市民政局", None, None),
    ],
)
def test_portal_gives_the_level_where_the_name_does_not(name, portal, level):
    assert identify(name, None, portal).level == level


def test_portal_gives_the_places():
    organ = identify("云溪县民政局", None, COUNTY)
    assert (organ.province, organ.city, organ.county) == ("河南省", "平川市", "云溪县")


def test_trusted_hosts_are_those_of_government_and_of_registered_portals(archive):
    for url, trusted in {
        "http://www.yunxi.gov.cn/a": True,
        "https://xxgk.yunxi.gov.cn:8443/a": True,
        "http://www.yunxi.example/a": True,
        "http://data.yunxi.example/a": True,
        "http://yunxi.example.spam.example/a": False,
        "http://notyunxi.example/a": False,
        "http://yunxi-gov.cn/a": False,
        "http://gov.cn.spam.example/": False,
        "ftp://www.yunxi.gov.cn/a": False,
        "urn:sha256:00": False,
        "http://[": False,
    }.items():
        assert trusted_host(archive, url) is trusted, url


def test_portal_of_a_url_is_that_of_its_host_and_folder(archive):
    archive.sync_portals(
        [
            {"id": "bureau", "name": "民政局", "start": ["http://www.yunxi.example/zwgk/mzj/index.html"]},
            {"id": "other", "name": "其他", "start": ["http://other.example/"]},
        ]
    )
    portals = Portals(archive)
    assert portals.of_url("http://www.yunxi.example/zwgk/mzj/2024/1.html").id == "bureau"
    assert portals.of_url("http://yunxi.example/zwgk/czj/1.html").id == "yunxi"
    assert portals.of_url("http://www.yunxi.example/elsewhere") is None
    assert portals.of_url("http://other.example/x").id == "other"
    assert portals.of_url("http://sub.other.example/x") is None


DISTRICT = Portal("qingyan", "http://www.qingyan.example/", "990102", "沧岚省", "云汀市", "青砚区")
WHOLE_CITY = Portal("yunting", "http://www.yunting.example/", "990100", "沧岚省", "云汀市", None)


@pytest.mark.parametrize(
    ("name", "portal", "full"),
    [
        ("青砚区民政局", DISTRICT, "云汀市青砚区民政局"),
        ("云汀市青砚区民政局", DISTRICT, "云汀市青砚区民政局"),
        ("区民政局", DISTRICT, "云汀市青砚区民政局"),
        ("民政局", DISTRICT, "云汀市青砚区民政局"),
        ("鹿汀镇人民政府", DISTRICT, "云汀市青砚区鹿汀镇人民政府"),
        ("青砚区", DISTRICT, "云汀市青砚区人民政府"),
        ("云汀市", DISTRICT, "云汀市人民政府"),
        ("云汀市", WHOLE_CITY, "云汀市人民政府"),
        ("市教育局", WHOLE_CITY, "云汀市教育局"),
        ("市场监督管理局", WHOLE_CITY, "云汀市市场监督管理局"),
        ("市政府办公室", WHOLE_CITY, "云汀市政府办公室"),
        ("青砚区民政局", WHOLE_CITY, "云汀市青砚区民政局"),
        ("新河市民政局", WHOLE_CITY, "新河市民政局"),
        ("云溪县民政局", WHOLE_CITY, "云溪县民政局"),
        ("县民政局", COUNTY, "云溪县民政局"),
        ("云溪县", COUNTY, "云溪县人民政府"),
        ("民政局", None, "民政局"),
        ("鹿汀镇人民政府", WHOLE_CITY, "鹿汀镇人民政府"),
    ],
)
def test_an_organ_is_named_in_full_as_far_as_its_portal_tells(name, portal, full):
    assert full_name(name, portal) == full


def test_an_organ_on_two_portals_of_one_city_is_one_organ_of_its_own_area(archive):
    entries = [WHOLE_CITY, DISTRICT]
    archive.sync_portals(
        {"id": p.id, "name": p.id, "start": [p.start_url], "division": p.division_code, "province": p.province}
        | {"city": p.city, "county": p.county}
        for p in entries
    )
    portals = Portals(archive)
    for name in ("云汀市青砚区民政局", "青砚区民政局"):
        organ, owner = portals.organ(name, "http://www.yunting.example/1", portals.get("yunting"))
        assert (organ.name, organ.county, owner) == ("云汀市青砚区民政局", "青砚区", "qingyan")
        assert organ == portals.organ(name, "http://www.qingyan.example/1", portals.get("qingyan"))[0]
    city, owner = portals.organ("云汀市", "http://www.qingyan.example/2", portals.get("qingyan"))
    assert (city.name, city.county, city.level, owner) == ("云汀市人民政府", None, "city", "yunting")
    elsewhere, _owner = portals.organ("新河市民政局", "http://www.yunting.example/3", portals.get("yunting"))
    assert (elsewhere.city, elsewhere.county, elsewhere.division_code) == (None, None, None)
