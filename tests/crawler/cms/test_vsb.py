"""VSB: pages numbered from the end, one article under two addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler import cms
from tests.crawler.cms.site import Answer, Site, crawl, home, name, report
from tests.crawler.lanxi import page

TOTAL = 43


def _article(number: int) -> str:
    return f"/info/1648/{47000 + number}.htm"


def _rows(numbers: range) -> str:
    rows = ""
    for number in numbers:
        again = f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1648&wbnewsid={47000 + number}"
        link = again if number % 5 == 4 else _article(number)
        title = name(f"岚溪县第{number}局", 2023)
        rows += f'<li><a href="{link}" title="{title}">{title}</a><span>2024-01-20</span></li>'
    return rows


@pytest.mark.parametrize("dynamic", [True, False])
def test_pages_are_followed_to_the_first_number(tmp_path: Path, dynamic: bool) -> None:
    def address(number: int) -> str:
        if dynamic:
            return f"/zwgk/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1154&a1154p={5 - number}&a1154t=4"
        return f"/zwgk/zfxxgknb/{number}.htm"

    first = "/zwgk/list.jsp?urltype=tree.TreeTempUrl&wbtreeid=1154" if dynamic else "/zwgk/zfxxgknb.htm"
    pages: dict[str, Answer] = {"/": home((first, "政府信息公开年报"))}
    for number in (4, 3, 2, 1):
        rows = range((4 - number) * 12, min((5 - number) * 12, TOTAL))
        onward = f'<a href="{address(number - 1)}">下页</a>' if number > 1 else ""
        pager = f'共{TOTAL}条 <a href="{first}">首页</a>{onward}<a href="{address(1)}">尾页</a>'
        pages[first if number == 4 else address(number)] = page(f"<ul>{_rows(rows)}</ul>{pager}")
    pages |= {_article(number): report(f"岚溪县第{number}局", 2023) for number in range(TOTAL)}
    pages |= {
        f"/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1648&wbnewsid={47000 + number}": report(
            f"岚溪县第{number}局", 2023
        )
        for number in range(TOTAL)
    }
    crawled = crawl(tmp_path, Site(pages))
    assert (crawled.result.status, crawled.result.found) == ("ok", TOTAL)


def test_both_addresses_of_an_article_are_one() -> None:
    dynamic = "http://www.lanxi.gov.cn/content.jsp?urltype=news.NewsContentUrl&wbtreeid=1648&wbnewsid=47211"
    assert cms.key(dynamic) == cms.key("https://lanxi.gov.cn/info/1648/47211.htm")
    assert cms.key(dynamic.replace("47211", "x")) != cms.key("https://lanxi.gov.cn/info/1648/x.htm")
