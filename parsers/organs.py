"""What an organ's name says of its level and kind, by one list of suffixes."""

from __future__ import annotations

import re
import unicodedata

from parsers.divisions import PROVINCES

_TOWNSHIP = re.compile(
    r"(?:街道办事处|街道办|街道|(?<!城)镇|乡|苏木)(?:人民政府|党政办公室|党政综合办公室|综合办公室|政府)?(?:办公室)?$"
)
_DEPARTMENT = re.compile(
    r"(?:局|厅|委员会|委|办公室|办公厅|办|部|署|院|中心|总队|支队|大队|总社|社|联合会|学会|馆|台|站|所|处|公司|集团|会)$"
)
_GOVERNMENT = re.compile(r"(?:人民政府|省|自治区|自治州|自治县|自治旗|县|市|区|盟|旗)$")
# The committee that governs a zone stands in for a government there.
_ZONE = re.compile(r"(?:区|园|城|港|岛)管理?委员会$|管委会$")
# 林业局(绿化委员会办公室): one body under two names.
_SECOND_NAME = re.compile(r"(?<=\w)\([^()]*\)$")
_NATIONAL_BRANCH = re.compile(
    r"^国家(?:税务总局|统计局|金融监督管理总局|粮食和物资储备局)(?=\w{2,}(?:局|队|办事处|办|所)$)"
)
_NATIONAL = re.compile(r"^(?:中华人民共和国|国务院|国家|中国)")
_PROVINCE = re.compile("|".join(sorted(PROVINCES.values(), key=len, reverse=True)))
# Words that contain a division's suffix and name none; 新区 may be of any level.
_ZONE_WORDS = (
    r"(?:开发|高新|技术|产业|工业|示范|保护|试验|实验|合作|保税|管理|名胜|风景|旅游|度假|经济|集聚|聚集|功能|物流"
    r"|贸易|自贸|先行|生态|创新|科技|空港|临港|航空港|园|景)区|新区|经济特区|新城(?!区)"
)
_NAMES_ZONE = re.compile(_ZONE_WORDS)
_NO_DIVISION = re.compile(
    rf"自治区|{_ZONE_WORDS}|社区|小区|辖区"
    r"|市场|市政|市容|城市|县域|区域|红旗"
)
_COUNTY = re.compile(r"县|旗|区")
_NAMED_CITY = re.compile(r"\w{2,}?市")
_CITY = re.compile(r"自治州|地区|盟")


def normalise_name(name: str) -> str:
    """Fold width and drop all white space and invisible characters of an organ's name."""
    folded = unicodedata.normalize("NFKC", name)
    return "".join(char for char in folded if not char.isspace() and unicodedata.category(char)[0] != "C")


_LEVEL_WORD = re.compile(
    r"^(?:自治[区州县旗]|市(?!场|容|政(?![府务协研法数]))|区(?!域|划|块)|县(?!域)|旗|州|盟|省)(?=\w{2})"
)


def level_word(name: str) -> str | None:
    """Return the 县 of 县教育局, None for 教育局 and for 市场监督管理局."""
    word = _LEVEL_WORD.match(name)
    return word.group() if word else None


def without_level_word(name: str) -> str:
    """Return 教育局 for 县教育局."""
    return _LEVEL_WORD.sub("", name)


def strip_national(name: str) -> tuple[str, str]:
    """Return (name, national body before it): a branch bears its body's name before its place's."""
    national = _NATIONAL_BRANCH.match(name)
    return (name[national.end() :], national.group()) if national else (name, "")


def classify(name: str) -> tuple[str | None, str]:
    """Return (level, kind) of the organ ``name``.

    Level is 'national', 'province', 'city', 'county', 'township' or None where the name
    alone does not tell (a 市 is a city or a county); kind is 'government', 'department',
    'township' or 'other'.
    """
    name = _SECOND_NAME.sub("", normalise_name(name))
    if _TOWNSHIP.search(name):
        return "township", "township"
    if _ZONE.search(name):
        kind = "government"
    elif _DEPARTMENT.search(name):
        kind = "department"
    elif _GOVERNMENT.search(name):
        kind = "government"
    else:
        kind = "other"
    return _level(name), kind


def names_zone(name: str) -> bool:
    """Return whether a name holds that of a zone, such as 高新区, which is no division and may be of any level."""
    return bool(_NAMES_ZONE.search(name))


def named_city(name: str) -> str | None:
    """Return the 市 that an organ's name states, of whatever level; None if it states none."""
    rest = _NO_DIVISION.sub("", _after_province(normalise_name(name)))
    city = _NAMED_CITY.match(rest)
    return city.group() if city else None


def _after_province(name: str) -> str:
    province = _PROVINCE.match(name)
    return name[province.end() :] if province else name


def _level(name: str) -> str | None:
    name, _national = strip_national(name)
    if _NATIONAL.match(name):
        return "national"
    rest = _after_province(name)
    place = _NO_DIVISION.sub("", rest)
    if _CITY.search(place) and not _COUNTY.search(place.replace("地区", "")):
        return "city"
    if _COUNTY.search(place):
        return "county"
    if rest != name and "市" not in place and "新区" not in rest:
        return "province"
    return None
