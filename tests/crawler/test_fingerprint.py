from crawler.fingerprint import fingerprint, reads_alike
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


def test_only_counters_and_addresses_leave_the_reading_as_it_is() -> None:
    plain = article(
        title(2023), "2024-01-20", '<table><tr><td>15</td></tr></table><a href="/a?sid=1">x</a><p>浏览次数：7 次</p>'
    )
    assert reads_alike(plain, plain.replace(b"sid=1", b"sid=2").replace("浏览次数：7".encode(), "浏览次数：8".encode()))
    for old, new in (
        (b"<td>15", b"<td>16"),
        (b"<td>", b'<td colspan="2">'),
        (b"<tr>", b"<tr><!-- a --><th></th>"),
        (b"2024-01-20", b"2024-01-21"),
    ):
        assert old in plain
        assert not reads_alike(plain, plain.replace(old, new))
    assert not reads_alike(plain, b"%PDF-1.4")
