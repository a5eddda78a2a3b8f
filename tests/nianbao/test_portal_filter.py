import click
import pytest

from archive.store import Archive
from crawler import portals
from crawler.portals import Portal
from nianbao.portal_filter import PortalFilter, level


def portal(name: str, division: str | None = None, **more: str) -> Portal:
    return Portal(more.pop("id", name), name, ("http://www.lan.gov.cn/zwgk/",), division, **more)


@pytest.mark.parametrize(
    ("name", "division", "expected"),
    [
        ("河南省人民政府", "410000", "province"),
        ("新疆生产建设兵团", "650000", "province"),
        ("锡林郭勒盟行政公署", "152500", "city"),
        ("安阳市人民政府", "410500", "city"),
        ("安阳市政府信息公开", "410500", "city"),
        ("济源市人民政府", "419001", "county"),
        ("天津市滨海新区人民政府", "120116", "county"),
        ("安阳市北关区信访局", "410503", "department"),
        ("淄博高新技术产业开发区管理委员会", "370300", "department"),
        ("国家数据局", None, "national"),
        ("中华人民共和国审计署", None, "national"),
        ("某处", None, None),
    ],
)
def test_the_level_is_that_of_the_body(name: str, division: str | None, expected: str | None) -> None:
    assert level(portal(name, division)) == expected


BODIES = [
    portal("河南省人民政府", "410000", cms="trs"),
    portal("安阳市人民政府", "410500", last_verified="2026-01-31"),
    portal("安阳市北关区人民政府", "410503", last_verified=""),
    portal("济源市人民政府", "419001"),
    portal("北京市人民政府", "110000"),
    portal("北京市朝阳区人民政府", "110105"),
    portal("恩施土家族苗族自治州人民政府", "422800"),
    portal("国家数据局", id="nda"),
]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (PortalFilter(), [0, 1, 2, 3, 4, 5, 6, 7]),
        (PortalFilter(province="河南省"), [0, 1, 2, 3]),
        (PortalFilter(province="河南"), [0, 1, 2, 3]),
        (PortalFilter(province="41"), [0, 1, 2, 3]),
        (PortalFilter(province="410000"), [0, 1, 2, 3]),
        (PortalFilter(city="安阳市"), [1, 2]),
        (PortalFilter(city="安阳"), [1, 2]),
        (PortalFilter(city="4105"), [1, 2]),
        (PortalFilter(city="济源"), [3]),
        (PortalFilter(city="北京市"), [4, 5]),
        (PortalFilter(city="恩施州"), [6]),
        (PortalFilter(city="恩施土家族苗族自治州"), [6]),
        (PortalFilter(province="河南", level="county"), [2, 3]),
        (PortalFilter(level="national"), [7]),
        (PortalFilter(text="北关"), [2]),
        (PortalFilter(text="NDA"), [7]),
        (PortalFilter(text="/zwgk/"), [0, 1, 2, 3, 4, 5, 6, 7]),
        (PortalFilter(cms="trs"), [0]),
        (PortalFilter(verified=True), [1]),
        (PortalFilter(verified=False), [0, 2, 3, 4, 5, 6, 7]),
    ],
)
def test_portals_are_chosen(wanted: PortalFilter, expected: list[int]) -> None:
    assert wanted.choose(BODIES) == [BODIES[index] for index in expected]


@pytest.mark.parametrize(
    "wanted",
    [PortalFilter(province="河西省"), PortalFilter(city="43"), PortalFilter(text="xyz"), PortalFilter(cms="x")],
)
def test_a_choice_that_fits_nothing_is_wrong_usage(wanted: PortalFilter) -> None:
    with pytest.raises(click.UsageError, match="no portal fits"):
        wanted.choose(BODIES)


def test_an_archive_is_chosen_from_by_what_it_knows(archive: Archive) -> None:
    archive.sync_portals(
        {"id": one.id, "name": one.name, "start": one.start, "division": one.division, "cms": one.cms} for one in BODIES
    )
    assert PortalFilter().ids(archive) is None
    assert PortalFilter(city="安阳").ids(archive) == {"安阳市人民政府", "安阳市北关区人民政府"}
    with pytest.raises(click.UsageError):
        PortalFilter(city="鹤壁").ids(archive)


def test_an_unknown_id_is_answered_with_like_ones() -> None:
    with pytest.raises(portals.PortalFileError, match=r"alike are: anyang, .*lists all \d{3}"):
        portals.select(portals.builtin(), ["anyan"], "the registry")
    with pytest.raises(portals.PortalFileError, match="alike are: zhumadian, "):
        portals.select(portals.builtin(), ["zhumadien"], "the registry")
    with pytest.raises(portals.PortalFileError) as error:
        portals.select(portals.builtin(), ["0"], "the registry")
    assert len(str(error.value)) < 200
