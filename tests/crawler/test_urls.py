import pytest

from crawler import urls

BASE = "http://www.lanxi.gov.cn/xxgk/nb/index.html"


@pytest.mark.parametrize(
    ("link", "joined"),
    [
        ("./202401/t1.html", "http://www.lanxi.gov.cn/xxgk/nb/202401/t1.html"),
        ("//xxgk.lanxi.gov.cn/a", "http://xxgk.lanxi.gov.cn/a"),
        ("HTTP://WWW.LANXI.GOV.CN:80/a#b", "http://www.lanxi.gov.cn/a"),
        ("http://www.lanxi.gov.cn./a", "http://www.lanxi.gov.cn/a"),
        ("a.jsp;jsessionid=0AB?x=1", "http://www.lanxi.gov.cn/xxgk/nb/a.jsp?x=1"),
        (
            "附件：报告.pdf",
            "http://www.lanxi.gov.cn/xxgk/nb/%E9%99%84%E4%BB%B6%EF%BC%9A%E6%8A%A5%E5%91%8A.pdf",
        ),
        ("a.aspx?id=7&sid=9f86d081884c7d65&PHPSESSID=x", "http://www.lanxi.gov.cn/xxgk/nb/a.aspx?id=7"),
        ("/api/all/20765?page=1&sid=755041", "http://www.lanxi.gov.cn/api/all/20765?page=1&sid=755041"),
        ("javascript:go()", None),
        ("#", None),
        ("", None),
        ("ftp://www.lanxi.gov.cn/a", None),
        ("http://user:secret@www.lanxi.gov.cn/", "http://www.lanxi.gov.cn/"),
        ("http://[bad/", None),
        ("http://www.lanxi.gov.cn:99999/", None),
        ("/" + "a" * 3000, None),
    ],
)
def test_joining(link: str, joined: str | None) -> None:
    assert urls.join(BASE, link) == joined


def test_spellings_of_one_page_have_one_key() -> None:
    spellings = (
        "http://www.lanxi.gov.cn/nb",
        "https://lanxi.gov.cn/nb/index.shtml",
        "http://lanxi.gov.cn:80/nb/index.html",
    )
    keys = {urls.key(spelling) for spelling in spellings[1:]}
    assert keys == {"lanxi.gov.cn/nb/"}
    assert urls.key("http://lanxi.gov.cn/nb/index_1.html") not in keys
    assert urls.key("http://lanxi.gov.cn:8080/nb/") not in keys
    assert urls.key("http://lanxi.gov.cn/nb/?page=2") not in keys
    assert urls.key("http://lanxi.gov.cn/nb/?_=0.5169706870968473") in keys
    assert urls.key("http://lanxi.gov.cn/nb/?t=2") not in keys


def test_files_are_told_by_path_or_query() -> None:
    assert urls.is_file("http://a.gov.cn/x/P0202.PDF")
    assert urls.is_file("http://a.gov.cn/module/download/downfile.jsp?classid=0&filename=0a1b.pdf")
    assert urls.is_file("http://a.gov.cn/system/_content/download.jsp?urltype=news.DownloadAttachUrl&owner=1")
    assert not urls.is_file("http://a.gov.cn/x/t1.html")
