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


def test_what_stands_in_a_query_is_escaped_in_the_pages_encoding() -> None:
    assert urls.join(BASE, "/d.jsp?n=报告", "gb18030") == "http://www.lanxi.gov.cn/d.jsp?n=%B1%A8%B8%E6"
    assert urls.join(BASE, "/报告.doc?n=1", "gb18030") == "http://www.lanxi.gov.cn/%E6%8A%A5%E5%91%8A.doc?n=1"


def test_file_names_in_another_encoding_stay_apart() -> None:
    one, other = "http://a.gov.cn/%B1%A8%B8%E6.doc", "http://a.gov.cn/%C4%EA%B1%A8.doc"
    assert urls.key(one) != urls.key(other)
    assert urls.in_gbk("http://a.gov.cn/f/%E6%8A%A5%E5%91%8A.doc?x=1") == "http://a.gov.cn/f/%B1%A8%B8%E6.doc?x=1"
    assert urls.in_gbk("http://a.gov.cn/f/report.doc") is None
    assert urls.in_gbk(one) is None


@pytest.mark.parametrize(
    "path",
    [
        "/hebdlq/c112289c/202602/c01_1108994.shtml",
        "/daqing/c2025niandu5/202601/c05_401805.shtml",
        "/zwgk/123456.jhtml",
        "/show.php?id=385009",
    ],
)
def test_articles_of_every_family_are_known_by_their_address(path: str) -> None:
    assert urls.is_article(f"http://www.lanxi.gov.cn{path}")
