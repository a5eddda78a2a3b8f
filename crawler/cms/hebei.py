"""The platform of Hebei: columns and articles are named by UUIDs, lists are static tables."""

from __future__ import annotations

import re

from crawler.cms.trs import Trs
from crawler.page import Page

_MARKS = re.compile(r"/columns/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,27}/")


class Hebei(Trs):
    """Columns by UUID; where a script pages, it is TRS's."""

    name = "hebei"
    precedence = 12

    def recognise(self, page: Page) -> bool:
        """By the addresses of its columns and articles."""
        return bool(_MARKS.search(page.url)) or len(_MARKS.findall(page.text)) > 1
