"""Articles that a portal divides over several pages, of which this is one."""

from __future__ import annotations

import re

from parsers.normalise import squeeze
from parsers.readers.page_index import PageIndex

# createPageHTML(3, 0, "t20250109_67430", "html") in a script; lists page as index, list and the like.
_PAGER = re.compile(
    r"createPage(?:HTML)?\(\s*(?:[\"'][\w-]*[\"']\s*,\s*)?(?P<count>\d{1,3})\s*,\s*\d{1,3}\s*,\s*[\"'](?P<name>[\w-]+)[\"']"
)
_ARTICLE = re.compile(r"(?:t|c|content|post|art|article|info|detail)?_?\d{3,}(?:_\d+)*", re.I)
# t20250109_67430_1.html is the second page of t20250109_67430.html.
_PART = re.compile(
    r"(?:^|/)(?:t\d{6,8}_\d{3,}|(?:content|post|art|article)_\d+(?:_\d+)?)_(?P<number>\d{1,2})\.s?html?$", re.I
)
_TO_OTHER_PAGES = frozenset(
    [
        "下一页",
        "下页",
        "后一页",
        "末页",
        "尾页",
        "余下全文",
        "阅读全文",
        "显示全文",
        "查看全文",
        "全文",
        ">",
        ">>",
        "»",
        "2",
        "[2]",
        "第2页",
    ]
)


def further_pages(markup: str, page: PageIndex) -> str | None:
    """What on the page says that its article goes on elsewhere, None where nothing does."""
    for match in _PAGER.finditer(markup):
        if int(match["count"]) > 1 and _ARTICLE.fullmatch(match["name"]):
            return match.group()
    for link in page.named("a"):
        address = str(link.attrs.get("href") or "").split("?")[0].split("#")[0]
        if "_" in address and _PART.search(address) and squeeze(link.get_text()) in _TO_OTHER_PAGES:
            return address
    return None
