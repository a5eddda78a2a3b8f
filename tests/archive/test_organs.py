import pytest

from archive.organs import Portal, Portals, identify, trusted_host

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
