"""Whether a report is that of an area above the portal's own, which counties' columns like to repeat.

It is kept from the portal of that area. A title counts only where it names the area's government,
or its office, and nothing of the portal's own place.
"""

from __future__ import annotations

import re

from crawler import phrases
from crawler.page import squeeze
from crawler.portals import Portal

_GOVERNMENT = re.compile(r"(?:人民政府|人民政府办公[室厅]|政府办公[室厅]|门户网站|政府网)$")


class Superiors:
    """The areas above that of ``portal``, as far as its entry names its place."""

    def __init__(self, portal: Portal) -> None:
        named = _GOVERNMENT.sub("", squeeze(portal.organ or portal.name))
        self._own = portal.county or portal.city or portal.province or named
        self._level = _level(self._own)
        if portal.county:
            self._level = "county"
        above = (portal.city if portal.county else None, portal.province if portal.county or portal.city else None)
        self._above = {area for area in above if area and area != self._own}

    def wrote(self, title: str) -> bool:
        """Whether ``title`` is that of a report of one of these areas' governments."""
        if self._level in (None, "province"):
            return False
        text = squeeze(title)
        stem = re.sub(r"(?:自治县|自治旗|自治州|地区|县|区|旗|市|盟|州)$", "", self._own)
        match = phrases.pattern("titles", "of_an_area").search(text)
        if match is None or (stem and stem in text):
            return False
        area = match["area"]
        if area in self._above:
            return True
        level = _level(area)
        return level == "province" or (level == "city" and self._level == "county" and not self._own.endswith("市"))


def _level(area: str) -> str | None:
    if area.endswith(("省", "自治区")):
        return "province"
    if area.endswith(("市", "自治州", "州", "盟", "地区")):
        return "city"
    return "county" if area.endswith(("县", "区", "旗")) else None
