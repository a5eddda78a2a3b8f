"""Province-level divisions of the People's Republic of China (GB/T 2260, two-digit prefixes)."""

from __future__ import annotations

PROVINCES = {
    "11": "北京市", "12": "天津市", "13": "河北省", "14": "山西省", "15": "内蒙古自治区",
    "21": "辽宁省", "22": "吉林省", "23": "黑龙江省",
    "31": "上海市", "32": "江苏省", "33": "浙江省", "34": "安徽省", "35": "福建省", "36": "江西省",
    "37": "山东省",
    "41": "河南省", "42": "湖北省", "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "46": "海南省",
    "50": "重庆市", "51": "四川省", "52": "贵州省", "53": "云南省", "54": "西藏自治区",
    "61": "陕西省", "62": "甘肃省", "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
    "71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区",
}  # fmt: skip


def province_of(division_code: str | None) -> str | None:
    """Return the province in which a GB/T 2260 code lies, None if the code says none."""
    return PROVINCES.get(division_code[:2]) if division_code else None


def level_of(division_code: str | None) -> str | None:
    """Return 'province', 'city' or 'county' for a six-digit (or longer) code, else None."""
    if division_code is None or len(division_code) < 6 or not division_code[:6].isdigit():
        return None
    if division_code[2:6] == "0000":
        return "province"
    return "city" if division_code[4:6] == "00" else "county"
