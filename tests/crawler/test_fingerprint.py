from crawler.fingerprint import fingerprint
from tests.crawler.lanxi import article, title


def test_counters_clocks_and_markup_are_no_content() -> None:
    plain = article(title(2023), "2024-01-20")
    counted = plain.replace(b"</h1>", "</h1><b>浏览次数： 1,234 次</b><i>12:30:59</i><script>var t=1</script>".encode())
    assert fingerprint(plain) == fingerprint(counted)
    assert fingerprint(plain) == fingerprint(plain.decode().encode("gb18030"))


def test_a_number_in_the_text_is_content() -> None:
    plain = article(title(2023), "2024-01-20", "<td>15</td>")
    assert fingerprint(plain) != fingerprint(plain.replace(b"15", b"16"))
    assert fingerprint(b"%PDF-1.4 1") != fingerprint(b"%PDF-1.4 2")
