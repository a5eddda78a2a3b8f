import pytest

from crawler import attachments
from crawler.page import Page
from tests.crawler.lanxi import page

URL = "http://www.lanxi.gov.cn/nb/202401/t20240120_1.html"


def _found(body: str) -> list[tuple[str, str]]:
    return [
        (attachment.url.removeprefix("http://www.lanxi.gov.cn"), attachment.name)
        for attachment in attachments.find(Page(URL, page(body)))
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a href="./P0.pdf" title="报告.pdf">附件</a>', ("/nb/202401/P0.pdf", "报告.pdf")),
        (
            '<a appendix="true" needdownload="true" href="./P1" download="报告.wps">x</a>',
            ("/nb/202401/P1", "报告.wps"),
        ),
        (
            '<a href="/module/download/downfile.jsp?filename=0a.pdf&amp;x=1">报告</a>',
            ("/module/download/downfile.jsp?filename=0a.pdf&x=1", "报告"),
        ),
        ('<iframe src="/pdfjs/web/viewer.html?file=%2Fattach%2F1.pdf"></iframe>', ("/attach/1.pdf", "1.pdf")),
        (
            '<a href="/downfile.jsp?filename=0a.pdf&showname=%E5%B9%B4%E6%8A%A5.pdf"><img src="i.gif"></a>',
            ("/downfile.jsp?filename=0a.pdf&showname=%E5%B9%B4%E6%8A%A5.pdf", "年报.pdf"),
        ),
        ('<iframe src="/attach/2.pdf"></iframe>', ("/attach/2.pdf", "2.pdf")),
        ('<div id="pdfshow" data-value="/attach/3.pdf"></div>', ("/attach/3.pdf", "3.pdf")),
        ('<embed src="4.ofd">', ("/nb/202401/4.ofd", "4.ofd")),
        ('<a href="5.DOCX"> 附件 1 </a>', ("/nb/202401/5.DOCX", "附件 1")),
        ('<a href="javascript:;" onclick="window.open(\'6.doc\')">报告</a>', ("/nb/202401/6.doc", "报告")),
        ("<span onclick=\"window.open('/v.html?file=/7.pdf')\">看</span>", ("/7.pdf", "看")),
        ('<a href="/fj/20230101">附件：报告</a>', ("/fj/20230101", "附件：报告")),
        ('<a href="/get.do?id=8">报告全文.pdf</a>', ("/get.do?id=8", "报告全文.pdf")),
        ('<a data-url="/down.ashx?f=9">下载</a>', ("/down.ashx?f=9", "下载")),
    ],
)
def test_attachments_are_found(body: str, expected: tuple[str, str]) -> None:
    assert _found(body) == [expected]


def test_what_surrounds_the_article_is_left_out() -> None:
    assert (
        _found(
            '<div class="page-header"><a href="/a.pdf">手册</a></div><footer><a href="/b.doc">b</a></footer>'
            '<div id="nav"><a href="/c.pdf">c</a></div><a href="t2.html">下一篇</a>'
            '<a download href="/d.html">d</a><a href="/e.html">附件说明</a><a href="/f/">下载</a>'
        )
        == []
    )


def test_one_file_linked_twice_is_one_and_their_number_is_bounded() -> None:
    assert len(_found('<a href="a.pdf">a</a><p data-url="a.pdf"></p>')) == 1
    assert len(_found("".join(f'<a href="{number}.pdf">x</a>' for number in range(500)))) == attachments.MAX_ATTACHMENTS


def test_pictures_are_taken_where_there_is_no_table_and_no_file() -> None:
    def pictures(body: str) -> list[str]:
        return [one.url.rpartition("/")[2] for one in attachments.pictures(Page(URL, page(body)))]

    images = '<img src="a.jpg"><img src="b.PNG"><img src="/images/icon_1.png"><img src="c.gif">'
    article = f'<div class="TRS_Editor">{images}</div><div class="header"><img src="logo.jpg"></div><img src="x.jpg">'
    assert pictures(article) == ["a.jpg", "b.PNG"]
    assert pictures(article + "<table>" + "<tr><td>1</td><td>2</td></tr>" * 10 + "</table>") == []
    assert pictures(article + '<div class="TRS_Editor"><a href="r.pdf">报告</a></div>') == []


def test_a_form_of_hidden_fields_gives_a_file_when_it_is_posted() -> None:
    fields = '<input type="hidden" name="id" value="7"><input type="hidden" name="n" value="报告.doc">'
    (found,) = attachments.find(
        Page(URL, page(f'<form method="post" action="/get">{fields}<input type=submit value="下载"></form>'))
    )
    assert (found.url, found.form) == ("http://www.lanxi.gov.cn/get", "id=7&n=%E6%8A%A5%E5%91%8A.doc")
    for other in (
        f'<form action="/get">{fields}下载</form>',
        f'<form method="post" action="/get">{fields}<input name="q">下载</form>',
        f'<form method="post" action="/get">{fields}<p>{"正文" * 100}</p>下载</form>',
        f'<form method="post" action="/login">{fields}登录</form>',
    ):
        assert attachments.find(Page(URL, page(other))) == []


def test_pictures_may_have_no_name_load_late_or_stand_behind_small_ones() -> None:
    def pictures(body: str) -> list[str]:
        shown = Page(URL, page(f'<div class="content">{body}</div>'))
        return [one.url.removeprefix("http://www.lanxi.gov.cn") for one in attachments.pictures(shown)]

    assert pictures('<img src="/Common/ShowPicture.aspx?id=1"><img src="/count.aspx?id=2">') == [
        "/Common/ShowPicture.aspx?id=1"
    ]
    assert pictures('<img src="/loading.gif" data-original="/W0201.jpg">') == ["/W0201.jpg"]
    assert pictures('<a href="/whole.jpg"><img src="/small.jpg"></a>') == ["/whole.jpg"]
    assert pictures('<img src="/a.png" width="24" height="24px"><img src="/b.png" width="100%">') == ["/b.png"]
    assert pictures('<img src="/a.jpg"><a href="/get.do?id=8">点击下载</a>') == ["/a.jpg"]
