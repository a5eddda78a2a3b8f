import pytest
from scrapy.http import HtmlResponse

from crawler.middlewares import challenge


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (521, "<script>document.cookie=('_')+('_')</script>", "521"),
        (521, "<script>document.cookie=('_')+('_')+('j')+('s')</script>", "jsl"),
        (412, "<html></html>", "412"),
        (412, "", "412"),
        (412, "<html><script r='m'>$_ts=window['$_ts'];</script></html>", "rs"),
        (202, "<html><script>$_ts=window['$_ts'];</script></html>", "rs"),
        (200, "<html><script>var a='__jsl_clearance_s'</script></html>", "jsl"),
        (200, "<html><script>acw_sc__v2</script></html>", "acw"),
        (200, "<html>security_session_verify</html>", "yunsuo"),
        (200, "<html>访问过于频繁，请稍后再试</html>", "verify"),
        (403, "<html>wzwsconfirm</html>", "403"),
        (403, "<html>Forbidden</html>", None),
        (404, "<html>安全验证</html>", None),
        (
            200,
            "<html><noscript>Please enable JavaScript</noscript><a href='/'>首页</a>" + "文" * 500 + "</html>",
            None,
        ),
        (200, "<html>关于安全验证的通知" + "文" * 500 + "</html>", None),
    ],
)
def test_challenges(status: int, body: str, kind: str | None) -> None:
    response = HtmlResponse("http://www.lanxi.gov.cn/nb/", status=status, body=body, encoding="utf-8")
    assert challenge(response) == kind


def test_a_home_page_that_is_forbidden_is_a_block() -> None:
    assert challenge(HtmlResponse("http://www.lanxi.gov.cn/", status=403, body=b"<html>no</html>")) == "403"


def test_a_challenge_may_show_in_its_cookie_only() -> None:
    headers = {"Set-Cookie": "__jsluid_h=4f; path=/"}
    body = b"<html><script>location.href=location.pathname+location.search</script></html>"
    assert challenge(HtmlResponse("http://www.lanxi.gov.cn/", status=521, headers=headers, body=body)) == "jsl"
    ordinary = HtmlResponse("http://www.lanxi.gov.cn/", headers=headers, body="<html>政务公开</html>", encoding="utf-8")
    assert challenge(ordinary) is None
