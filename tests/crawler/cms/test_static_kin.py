"""Families whose lists are static and whose pagers are their own: Hebei, Huilan, SiteFactory, ASP.NET forms."""

from __future__ import annotations

from pathlib import Path

from tests.crawler.cms.site import Answer, Request, Site, crawl, home, name, report
from tests.crawler.lanxi import page

UUID = "40245ed0-9dec-42fa-8883-a97ff9d32500"


def _rows(paths: dict[int, str]) -> str:
    return "".join(
        f'<tr><td><a href="{path}" title="{name("岚溪县", year)}">岚溪县...</a></td><td>{year + 1}-01-20</td></tr>'
        for year, path in paths.items()
    )


def _found(tmp_path: Path, site: Site, years: int) -> None:
    crawled = crawl(tmp_path, site)
    assert (crawled.result.status, crawled.result.found) == ("ok", years)


def test_columns_and_articles_by_uuid(tmp_path: Path) -> None:
    paths = {
        year: f"/columns/{UUID}/{year + 1}01/29/{year:08}-901a-4d62-a036-bfe23c84c6ad.html"
        for year in range(2015, 2025)
    }
    column = f"/columns/{UUID}/index.html"
    pager = '<script>createPageHTML(2, 0, "index", "html")</script>'
    pages: dict[str, Answer] = {
        "/": home((column, "政府信息公开年报")),
        column: page(f"<table>{_rows({y: p for y, p in paths.items() if y > 2019})}</table>{pager}"),
        f"/columns/{UUID}/index_1.html": page(f"<table>{_rows({y: p for y, p in paths.items() if y <= 2019})}</table>"),
    }
    pages |= {path: report("岚溪县", year) for year, path in paths.items()}
    _found(tmp_path, Site(pages), 10)


def test_huilan_pages_by_links_and_by_calls(tmp_path: Path) -> None:
    column = "/lanxi/zwgk/2291822/2291824/index.html"
    paths = {year: f"/lanxi/zwgk/2291822/2291824/{year}9281/index.html" for year in range(2010, 2025)}

    def service(request: Request) -> Answer | None:
        if request.path != "/eportal/ui":
            return None
        assert (request.query["pageId"], request.query["moduleId"]) == ("77", "m9")
        number = int(request.query["currentPage"])
        return page(_rows(dict(list(paths.items())[(number - 1) * 5 : number * 5])))

    turn = "/eportal/ui?pageId=77&amp;currentPage=2&amp;moduleId=m9&amp;staticRequest=yes"
    pages: dict[str, Answer] = {
        "/": home((column, "政府信息公开年报")),
        column: page(
            _rows(dict(list(paths.items())[:5])) + f'<a href="{turn}">下一页</a><a href="javascript:next(3)">3</a>共3页'
        ),
    }
    pages |= {path: report("岚溪县", year) for year, path in paths.items()}
    _found(tmp_path, Site(pages, service), 15)


def test_sitefactory_pages_by_links_beside_post_backs(tmp_path: Path) -> None:
    paths = {year: f"/Item/{year}.aspx" for year in range(2015, 2025)}
    newer, older = ({y: p for y, p in paths.items() if (y > 2019) == flag} for flag in (True, False))
    pager = (
        '<div class="page"><span id="pe100_page" class="pagecss"><b><a href="Index.aspx">1</a></b>'
        "<a href=\"Index_2.aspx\">2</a></span><a href=\"javascript:__doPostBack('pager','2')\">下一页</a></div>"
    )
    pages: dict[str, Answer] = {
        "/": home(("/Category_598/Index.aspx", "政府信息公开年报")),
        "/Category_598/Index.aspx": page(_rows(newer) + pager),
        "/Category_598/Index_2.aspx": page(_rows(older) + pager),
    }
    pages |= {path: report("岚溪县", year) for year, path in paths.items()}
    _found(tmp_path, Site(pages), 10)


def test_a_form_is_posted_where_there_is_no_other_pager(tmp_path: Path) -> None:
    paths = {year: f"/Item/{year}.aspx" for year in range(2012, 2024)}

    def shown(number: int) -> bytes:
        onward = "<a href=\"javascript:__doPostBack('pager$next','')\">下一页</a>" if number < 3 else ""
        rows = _rows(dict(list(paths.items())[(number - 1) * 4 : number * 4]))
        state = f'<input type="hidden" name="__VIEWSTATE" value="state{number}">'
        return page(f'<form action="./list.aspx?cid=1019" method="post">{state}<table>{rows}</table>{onward}</form>')

    def service(request: Request) -> Answer | None:
        if request.path != "/list.aspx":
            return None
        if request.method == "GET":
            return shown(1)
        assert request.form["__EVENTTARGET"] == "pager$next"
        return shown(int(request.form["__VIEWSTATE"].removeprefix("state")) + 1)

    pages: dict[str, Answer] = {"/": home(("/list.aspx?cid=1019", "政府信息公开年报"))}
    pages |= {path: report("岚溪县", year) for year, path in paths.items()}
    _found(tmp_path, Site(pages, service), 12)
