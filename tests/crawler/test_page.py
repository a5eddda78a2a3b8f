from crawler.page import Page, decode, looks_like_html
from tests.crawler.lanxi import page

URL = "http://www.lanxi.gov.cn/xxgk/"


def _page(body: str, head: str = "") -> Page:
    return Page(URL, page(body, head))


def test_bytes_beat_the_declaration() -> None:
    text = "朱镕喆€𠮷"
    assert decode(text.encode("gb18030")) == text
    assert decode(text.encode()) == text
    assert decode(b"\xef\xbb\xbf" + text.encode()) == text
    declared = page(f"<p>{text}</p>", '<meta charset="gb2312">')
    assert Page(URL, declared).visible_text == text


def test_a_page_cut_within_a_character_is_still_utf8() -> None:
    assert decode("政府信息公开".encode()[:-1]).startswith("政府信息公")


def test_a_link_takes_the_whole_title_and_the_date_of_its_row() -> None:
    link, other = _page(
        '<ul><li><a href="./202401/t20240120_1.html" title="岚溪县2023年政府信息公开工作年度报告">'
        "岚溪县2023年..."
        "<span>2024-01-20</span></a></li>"
        '<li><a href="b.html">其他</a><i>2024年2月3日</i></li></ul>'
    ).links
    assert link.url == f"{URL}202401/t20240120_1.html"
    assert link.label == "岚溪县2023年政府信息公开工作年度报告"
    assert (link.text, link.date) == ("岚溪县2023年...", "2024-01-20")
    assert (other.label, other.date) == ("其他", "2024-02-03")


def test_a_date_beside_another_link_is_not_taken() -> None:
    first, _ = _page('<div><a href="a.html">甲</a><a href="b.html">乙</a> 2024-01-20</div>').links
    assert first.date is None


def test_an_impossible_date_is_none() -> None:
    assert _page('<li><a href="a.html">甲</a> 2024-13-41</li>').links[0].date is None


def test_addresses_in_scripts_options_and_images_are_links() -> None:
    links = _page(
        '<option value="/nb/2023n/">2023年</option><option value="3">三</option>'
        "<a href=\"javascript:void(0)\" onclick=\"window.open('/nb/')\"><img alt='政府信息公开年报'></a>"
        '<a href="javascript:go(1)">x</a><a href="#top">顶部</a>'
    ).links
    assert [(link.url[-10:], link.label) for link in links] == [
        ("/nb/2023n/", "2023年"),
        ("gov.cn/nb/", "政府信息公开年报"),
    ]


def test_redirects_of_scripts_and_metas() -> None:
    assert Page(URL, b"<script>location.replace('./index.shtml')</script>").redirect == f"{URL}index.shtml"
    assert Page(URL, b'<script>window.location.href = "/a/";</script>').redirect == "http://www.lanxi.gov.cn/a/"
    assert _page("", '<meta http-equiv=refresh content="0;URL=/b/">').redirect == "http://www.lanxi.gov.cn/b/"
    assert _page("<a href='/c/'>c</a><script>function f(){location.href='/d/'}</script>").redirect is None


def test_date_publisher_and_breadcrumb_of_an_article() -> None:
    article = _page(
        '<div>当前位置：<a href="/">首页</a> &gt; <a href="/x/">信息公开</a> > 政府信息公开年报</div>'
        "<span>发布日期：2021-\r\n 01-20</span><span>来源：岚溪县水务局 点击</span><p>自2020年1月1日起</p>"
    )
    assert article.published_on == "2021-01-20"
    assert article.publisher == "岚溪县水务局"
    assert article.breadcrumb == ["首页", "信息公开", "政府信息公开年报"]
    metas = _page("", '<meta name="PubDate" content="2024-03-31 18:46"><meta name="ContentSource" content="null">')
    assert (metas.published_on, metas.publisher) == ("2024-03-31", None)


def test_a_page_that_says_that_it_is_missing() -> None:
    assert _page("您访问的页面不存在").is_missing
    assert not _page("您访问的页面不存在" + "文" * 500).is_missing


def test_hostile_markup_ends() -> None:
    deep = Page(URL, b"<div>" * 50_000 + b"<a href='a.html'>x</a>")
    assert isinstance(deep.links, list)
    same = Page(URL, b"<p>" + b"<a href='a.html'>x</a>" * 5000 + b"y" * 100_000)
    assert len(same.links) == 4000
    assert Page(URL, b"").links == []
    assert Page(URL, b"\x00\x00<!-- -->").visible_text == ""


def test_markup_is_told_by_its_beginning() -> None:
    assert looks_like_html(b"\xef\xbb\xbf\r\n<!DOCTYPE html><html>")
    assert not looks_like_html(b"%PDF-1.4 <html>"[:8])
    assert not looks_like_html("年报".encode())


def test_a_parameter_that_most_links_carry_is_a_session() -> None:
    def links(name: str, count: int) -> list[str]:
        anchors = "".join(f'<a href="/a{number}.aspx?id={number}&{name}={number}77">x</a>' for number in range(count))
        shown = Page("http://www.lanxi.gov.cn/", page(anchors + '<a href="/b.aspx">y</a>'))
        return [link.url.rpartition("/")[2] for link in shown.links]

    assert links("sid", 4) == ["a0.aspx?id=0", "a1.aspx?id=1", "a2.aspx?id=2", "a3.aspx?id=3", "b.aspx"]
    assert links("sid", 2)[0] == "a0.aspx?id=0&sid=077"
    assert links("page", 4)[0] == "a0.aspx?id=0&page=077"


def test_a_missing_page_may_say_so_in_its_title_amid_a_menu() -> None:
    menu = "岚溪新闻" * 200
    assert Page("http://a.gov.cn/", page(menu, "<title>您访问的页面不存在</title>")).is_missing
    assert not Page("http://a.gov.cn/", page(menu + "关于页面不存在问题的答复", "<title>答复</title>")).is_missing


def test_what_a_click_opens_is_a_link_too() -> None:
    shown = _page(
        '<a href="javascript:void(0)" onclick="window.open(\'/a.pdf\')">甲</a>'
        "<a href=\"javascript:open('/b.html','_blank')\">乙</a><li onclick=\"location.href='/c.html'\">丙</li>"
        '<a href="#" data-url="/d.html">丁</a><a onclick="window.open(\'/e.html?id=\' + id)">戊</a>'
    )
    assert [(link.url.rpartition("/")[2], link.text) for link in shown.links] == [
        ("a.pdf", "甲"),
        ("b.html", "乙"),
        ("d.html", "丁"),
        ("c.html", "丙"),
    ]


def test_links_of_one_list_belong_together() -> None:
    groups = [
        link.group for link in _page('<ul><li><a href="a">甲</a><li><a href="b">乙</a></ul><a href="c">丙</a>').links
    ]
    assert groups[0] is not None
    assert (groups[0] == groups[1], groups[2]) == (True, None)


def test_prose_is_what_is_no_link() -> None:
    assert (
        _page("<a href=a>菜单</a><select><option>选择</option></select><p>全文 如下</p><script>x</script>").prose
        == "全文 如下"
    )


def test_scripts_of_the_page_itself_are_told_from_libraries() -> None:
    sources = ("/js/jquery.min.js", "/js/menu.js", "http://other.gov.cn/js/menu.js", "../js/list.js?v=2")
    shown = _page("".join(f'<script src="{source}"></script>' for source in sources))
    assert [url.removeprefix("http://www.lanxi.gov.cn") for url in shown.scripts] == ["/js/menu.js", "/js/list.js?v=2"]


def test_a_body_may_send_on_when_it_loads() -> None:
    assert (
        Page(URL, b"<html><body onload=\"location.replace('index.shtml')\"></body></html>").redirect
        == f"{URL}index.shtml"
    )


def test_a_query_on_a_page_in_gbk_is_gbk() -> None:
    body = page('<a href="/down.jsp?f=报告.doc">报告</a>', encoding="gb18030")
    assert Page(URL, body).links[0].url.endswith("?f=%B1%A8%B8%E6.doc")


def test_a_number_that_differs_from_link_to_link_is_no_address() -> None:
    bearers = "".join(f'<a href="/{number}.aspx?sid={number * 7919}">甲</a>' for number in range(1, 5))
    others = "".join(f'<a href="/{number}.html">乙</a>' for number in range(9))
    assert not any("sid" in link.url for link in _page(bearers + others).links)
    sites = "".join(f'<a href="/{number}.aspx?sid=7550">甲</a>' for number in range(1, 5))
    assert sum("sid=7550" in link.url for link in _page(sites + others).links) == 4
