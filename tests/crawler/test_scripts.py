import pytest

from crawler import scripts
from crawler.page import Page
from tests.crawler.lanxi import page

GO = "<script>function getMainData(name) { window.location.href = '/zwgk/' + name + '/index.html'; }</script>"


@pytest.mark.parametrize(
    ("definition", "call", "url"),
    [
        (GO, "javascript:getMainData('ndbg')", "/zwgk/ndbg/index.html"),
        (
            "<script>var go = function(a, b){ window.open(a + '?p=' + b, '_blank') }</script>",
            "go('/x.html', 2)",
            "/x.html?p=2",
        ),
        (
            "<script>function go(n){ document.f.action = 'list_' + n + '.htm'; f.submit() }</script>",
            "go(3);",
            "list_3.htm",
        ),
        ("<script>function go(n){ location.href = secret + n + '.htm' }</script>", "go(3)", None),
        ("<script>function go(n){ location.href = '/a/' + n }</script>", "go(other)", None),
        ("<script>function go(n){ track(n) } function b(n){ location.href='/b/'+n }</script>", "go('1')", None),
        ("", "go('1')", None),
        ("<a href='/zwgk/xxgknb/index.html'>x</a>", "javascript:goXxgkml('xxgknb')", "/zwgk/xxgknb/index.html"),
        ("<a href='/zwgk/xxgknb2/'>x</a>", "javascript:goXxgkml('xxgknb')", None),
    ],
)
def test_calls_lead_where_the_page_shows_it(definition: str, call: str, url: str | None) -> None:
    assert scripts.called(definition, call) == url


def test_menus_in_scripts_are_links() -> None:
    shown = Page(
        "http://www.lanxi.gov.cn/",
        page(
            f"{GO}<a href=\"javascript:getMainData('ndbg')\">政府信息公开年度报告</a>"
            "<script>document.write(\"<a href='/zwgk/' target='_blank'>政务公开</a><a href='/news/'>新闻</a>\");"
            'var menu=[{"name":"政府信息公开年报","url":"\\/zfxxgk\\/nb\\/"},{"name":"部门","url":"/bm/"}]</script>'
        ),
    )
    found = {(link.url.removeprefix("http://www.lanxi.gov.cn"), link.text) for link in shown.links}
    assert found == {
        ("/zwgk/ndbg/index.html", "政府信息公开年度报告"),
        ("/zwgk/", "政务公开"),
        ("/zfxxgk/nb/", "政府信息公开年报"),
    }
