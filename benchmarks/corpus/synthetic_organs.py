"""Organs of the whole country in any number: governments, departments and townships of real divisions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archive.organs import Organ, Portals
from archive.store import Archive
from parsers import divisions
from parsers.divisions import Division
from sample.organs import Scale

# Provinces, cities and counties have these; a county shows fewer of them.
_DEPARTMENTS = (
    "人民政府办公室", "发展和改革局", "教育局", "科学技术局", "工业和信息化局", "公安局", "民政局", "司法局",
    "财政局", "人力资源和社会保障局", "自然资源局", "生态环境局", "住房和城乡建设局", "交通运输局", "水利局",
    "农业农村局", "商务局", "文化和旅游局", "卫生健康委员会", "退役军人事务局", "应急管理局", "审计局",
    "市场监督管理局", "统计局", "医疗保障局", "信访局", "林业局", "城市管理局", "行政审批局", "乡村振兴局", "体育局",
    "机关事务管理局", "地方金融监督管理局", "人民防空办公室", "政务服务数据管理局", "投资促进局",
    "国有资产监督管理委员会", "气象局", "税务局", "粮食和物资储备局", "档案局", "供销合作社联合社",
    "民族宗教事务局", "外事办公室", "大数据管理局", "园林绿化局", "公路管理局",
    "住房公积金管理中心", "畜牧兽医局", "地震局",
)  # fmt: skip
_COUNTY_DEPARTMENTS = 46
_TOWNSHIPS = 60


@dataclass(frozen=True, slots=True)
class Body:
    """An organ with its scale, and the city whose organs share a template."""

    organ: Organ
    portal_id: str
    short: str
    scale: Scale
    city: str

    @property
    def whole_area(self) -> bool:
        """Whether its reports speak for all organs of its area."""
        return self.organ.kind in ("government", "township")


def standing() -> list[Division]:
    """Every division that stands, by code."""
    found = {division.code: division for code in _codes() if (division := divisions.by_code(code))}
    return [division for _code, division in sorted(found.items()) if division.until is None]


def _codes() -> Iterator[str]:
    for province in divisions.PROVINCES:
        for city in range(100):
            for county in range(100):
                yield f"{province}{city:02}{county:02}"


def portals() -> list[dict[str, object]]:
    """A portal for each division, as a portal file has it."""
    return [
        {
            "id": f"s{division.code}",
            "name": f"{division.full_name}人民政府",
            "start": [f"http://www.d{division.code}.example/"],
            "division": division.code,
        }
        for division in standing()
    ]


def _names(division: Division) -> Iterator[tuple[str, Scale]]:
    yield "人民政府", {"province": "city", "city": "city", "county": "district"}[division.level]  # type: ignore[misc]
    departments = _DEPARTMENTS[:_COUNTY_DEPARTMENTS] if division.level == "county" else _DEPARTMENTS
    for number, name in enumerate(departments):
        yield name, "office" if name.endswith("办公室") else ("small", "busy", "small")[number % 3]  # type: ignore[misc]
    if division.level == "county":
        for township in sorted(divisions.townships(division.code))[:_TOWNSHIPS]:
            yield township + ("办事处" if township.endswith("街道") else "人民政府"), "small"


def bodies(archive: Archive, count: int) -> list[Body]:
    """``count`` organs spread evenly over the country, in order of their ids; the archive has :func:`portals`.

    Fewer where there are not so many.
    """
    every = [(division, name, scale) for division in standing() for name, scale in _names(division)]
    registered = Portals(archive)
    found: dict[str, Body] = {}
    # Multiples of the golden ratio fall evenly wherever one stops.
    order = sorted(range(len(every)), key=lambda number: (number * 0.6180339887498949) % 1.0)
    for number in order:
        division, name, scale = every[number]
        portal = registered.get(f"s{division.code}")
        organ, _owner = registered.organ(division.full_name + name, portal.start_url if portal else None, portal)
        city = division.city or division.province
        found.setdefault(organ.id, Body(organ, f"s{division.code}", name, scale, city.code))
        if len(found) == count:
            break
    return [body for _id, body in sorted(found.items())]
