import pytest

from crawler import cms
from crawler.cms.base import NextPage, Paging
from crawler.page import Page
from tests.crawler.lanxi import page, row

FIRST = "http://www.lanxi.gov.cn/xxgk/nb/"


def _paging(script: str, url: str = FIRST) -> Paging:
    listed = Page(url, page(row("./202401/t20240120_1.html", "甲", "2024-01-20") + f"<script>{script}</script>"))
    family = cms.family_for(listed)
    assert family.name == "trs"
    return family.paging(listed, FIRST)


def _names(paging: Paging) -> list[tuple[str, bool]]:
    return [(further.url.removeprefix(FIRST), further.optional) for further in paging.next_pages]


@pytest.mark.parametrize(
    "script",
    [
        'createPageHTML(3, 0, "index", "html");',
        "createPageHTML(3,0,'index','html','3')",
        'createPage(3, 0, "index", "html")',
        'createPageHTML(parseInt(3), 0, "index", "html")',
        'var currentPage = 0; var countPage = 3; document.write("<a href=\\"index_"+nextPage + ".html\\">");',
        'var currentPage=0;var countPage = 3;document.write(\'<a href="\'+"index_"+(i)+".html">\')',
        'var currentPage=0;var countPage = 3;document.write("<a class=p href=\'./index_"+i+".html\'>")',
        "var currentPage=0;var countPage = 3;writePager()",
        """var currentPage=0;var countPage = 3;document.write('<a href="index'+'_' + nextPage + "."+'html">')""",
        'var total = 3; createPageHTML(total, 0, "index", "html")',
        'createPageHTML(3, 0, "index", ".html", "black2", 1)',
    ],
)
def test_pages_counted_from_0_and_the_one_beyond_as_a_proof(script: str) -> None:
    paging = _paging(script)
    assert _names(paging) == [("index_1.html", False), ("index_2.html", False), ("index_3.html", True)]
    assert paging.pages == 3


def test_pages_counted_from_1() -> None:
    paging = _paging("createPageHTML('page_div',4,1,'common_list','shtml',57)")
    assert _names(paging) == [
        ("common_list_2.shtml", False),
        ("common_list_3.shtml", False),
        ("common_list_4.shtml", False),
        ("common_list_1.shtml", True),
    ]
    assert (paging.pages, paging.total) == (4, 57)


def test_a_single_page_and_a_later_page_lead_nowhere() -> None:
    assert _paging('createPageHTML(1, 0, "index", "html")').next_pages == ()
    assert _paging('createPageHTML(3, 1, "index", "html")', f"{FIRST}index_1.html").next_pages == ()


def test_an_absurd_number_of_pages_is_bounded() -> None:
    assert len(_paging('createPageHTML(999999, 0, "index", "html")').next_pages) <= 400


def test_the_fallback_reads_dated_links_and_follows_next() -> None:
    listed = Page(
        FIRST,
        page(
            row("/a/1.html", "岚溪县召开会议", "2024-01-20")
            + '<p><a href="/b.html">岚溪县2023年政府信息公开工作年度报告</a></p>'
            '<p><a href="/c.html">首页</a></p>'
            '<a href="list2.html">下一页</a><a href="list2.html">2</a><a href="/other/3.html">3</a>共 12 条'
        ),
    )
    family = cms.family_for(listed)
    assert family.name == "static"
    assert [link.url[-7:] for link in family.rows(listed)] == ["/1.html", "/b.html"]
    assert family.paging(listed, FIRST) == Paging((NextPage(f"{FIRST}list2.html"),), None, 12)


def test_a_family_given_by_name_is_taken() -> None:
    assert cms.family_for(Page(FIRST, page("x")), "trs").name == "trs"
    assert cms.family_for(Page(FIRST, page("x")), "unknown").name == "static"


def test_a_list_named_in_pieces_keeps_its_name() -> None:
    paging = _paging("""var currentPage=0;var countPage=2;document.write('<a href="list'+"_"+nextPage+"."+"shtml">')""")
    assert _names(paging) == [("list_1.shtml", False), ("list_2.shtml", True)]


def test_a_further_argument_is_a_total_only_where_it_can_be_one() -> None:
    assert _paging('createPageHTML(1, 0, "index", "shtml", "3")').total is None
    assert _paging('createPageHTML(3, 0, "index", "shtml", "black2", 23)').total == 23
    assert _paging('createPageHTML(3, 0, "index", "shtml", "black2")').total is None


@pytest.mark.parametrize(
    "said", ['<div id="pageDec" pagecount="3"></div>', "<script>var pageCount = 3;</script>", "共 3 页"]
)
def test_the_usual_names_are_tried_where_only_the_number_of_pages_is_said(said: str) -> None:
    listed = Page(FIRST, page(row("./202401/t20240120_1.shtml", "甲", "2024-01-20").replace("t2024", "2024") + said))
    paging = cms.family_for(listed).paging(listed, FIRST)
    assert paging.pages == 3
    assert _names(paging) == [(f"index_{number}.shtml", True) for number in (1, 2, 3)]
