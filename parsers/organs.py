"""What kind of organ a name is, and of which level."""

from __future__ import annotations

import re

_TOWNSHIP = re.compile(
    r"(?:镇|乡|街道|苏木)(?:人民政府|政府|办事处|街道办)?$|街道办事处$|(?:镇|乡|苏木)人民政府(?:办公室)?$|街道办$"
)
_GOVERNMENT = re.compile(r"(?:人民政府|(?:省|市|县|区|州|旗|盟)政府|行政公署|管理委员会|管委会)$")
_AREA = re.compile(r"(?:省|自治区|市|县|区|州|旗|盟|林区|新区)$")
_DEPARTMENT = re.compile(
    r"(?:局|委|委员会|厅|部|办|办公室|办公厅|署|总局|院|中心|社|队|大队|支队|站|处|会|所|行|集团|公司|馆|分局|总队|联合社)$"
)


def classify(name: str) -> tuple[str | None, str]:
    """Return (level, kind) as the name alone tells.

    ``level`` is national, province, city, county, township or None where the name does not
    tell; ``kind`` is government, department, township or other.
    """
    if _TOWNSHIP.search(name):
        return "township", "township"
    if _GOVERNMENT.search(name) or _AREA.search(name):
        return _level(name), "government"
    if _DEPARTMENT.search(name):
        return _level(name), "department"
    return _level(name), "other"


def _level(name: str) -> str | None:
    if name.startswith(("国家", "国务院", "中华人民共和国", "中国")):
        return "national"
    if re.search(r"(?:市|县|州|盟|地区).{1,6}(?:区|县|市|旗)(?!域)", name) or re.match(r".{1,6}(?:县|旗)", name):
        return "county"
    if re.match(r".{2,8}?(?:省|自治区)(?!.{1,6}[市县州盟])", name) or re.match(
        r"(?:北京|上海|天津|重庆)市(?!.{1,4}[区县])", name
    ):
        return "province"
    return None
